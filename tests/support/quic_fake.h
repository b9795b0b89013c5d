/* SPDX-License-Identifier: MIT */
/*
 * A QUIC connection without packets: what a protocol over net/quic.h writes is handed on, what it holds for a
 * retransmission is looked at again when it is acknowledged.
 *
 * To be included by one file of a test program, after http_fake.h: it defines what net/quic_*.c would.
 */
#ifndef SUPPORT_QUIC_FAKE_H
#define SUPPORT_QUIC_FAKE_H

#include "net/quic.h"

enum { FAKE_STREAMS = 2048, FAKE_CHUNKS = 4096 };

/* A stream, by its id. */
struct fake_stream {
	uint64_t sent, window;	 /* by the server; what the client lets it send */
	uint64_t credit;	 /* given back to the client */
	uint64_t reset, stopped; /* by the server: the code, or QUIC_NO_CODE */
	bool server_done, client_done, closed, blocked, seen;
};

/* Bytes that the server may be asked for again. */
struct fake_chunk {
	int64_t stream;
	const uint8_t *at;
	uint8_t *copy;
	size_t len;
};

struct quic_conn {
	struct loop *loop;
	const struct quic_protocol *protocol;
	void *state;
	struct fake_stream streams[FAKE_STREAMS];
	int64_t next_uni;
	uint64_t allowed; /* bidirectional streams */
	unsigned deadline_ms;
	bool pump_asked, closing;
	uint64_t code;		 /* that it was closed with */
	uint64_t credit, now_ns; /* of the connection */
	size_t window;		 /* of the client's streams that begin */
	bool acks_wait;
	struct fake_chunk chunks[FAKE_CHUNKS];
	size_t n_chunks;
	/* The client. */
	void (*got)(struct quic_conn *conn, int64_t stream, struct str bytes, bool fin);
};

static inline struct fake_stream *fake_stream_of(struct quic_conn *conn, int64_t id)
{
	check(id >= 0 && id < FAKE_STREAMS);
	struct fake_stream *stream = &conn->streams[id];
	if (!stream->seen)
		*stream = (struct fake_stream){ .window = id & 3 ? SIZE_MAX : conn->window,
						.reset = QUIC_NO_CODE,
						.stopped = QUIC_NO_CODE,
						.seen = true,
						.client_done = id & 1,
						.server_done = (id & 3) == 2 };
	return stream;
}

int64_t quic_conn_open_uni(struct quic_conn *conn)
{
	conn->next_uni += 4;
	return conn->next_uni - 4;
}

void quic_stream_reset(struct quic_conn *conn, int64_t id, uint64_t code)
{
	struct fake_stream *stream = fake_stream_of(conn, id);
	if (!stream->server_done)
		stream->reset = code;
	stream->server_done = true;
}

void quic_stream_stop(struct quic_conn *conn, int64_t id, uint64_t code)
{
	struct fake_stream *stream = fake_stream_of(conn, id);
	if (!stream->client_done && stream->stopped == QUIC_NO_CODE)
		stream->stopped = code;
}

void quic_stream_shut(struct quic_conn *conn, int64_t id, uint64_t code)
{
	quic_stream_reset(conn, id, code);
	quic_stream_stop(conn, id, code);
}

void quic_stream_credit(struct quic_conn *conn, int64_t id, size_t n)
{
	fake_stream_of(conn, id)->credit += n;
}

void quic_conn_credit(struct quic_conn *conn, size_t n)
{
	conn->credit += n;
}

void quic_conn_consumed(struct quic_conn *conn, int64_t id, size_t n)
{
	quic_stream_credit(conn, id, n);
	quic_conn_credit(conn, n);
}

size_t quic_stream_window(const struct quic_conn *conn, int64_t id)
{
	const struct fake_stream *stream = &conn->streams[id];
	return (size_t)(stream->window - stream->sent);
}

void quic_conn_allow_bidi(struct quic_conn *conn)
{
	conn->allowed++;
	conn->protocol->streams_allowed(conn->state, conn->allowed);
}

void quic_conn_allow_uni(struct quic_conn *conn)
{
	(void)conn;
}

void quic_conn_pump_later(struct quic_conn *conn)
{
	conn->pump_asked = true;
}

void quic_conn_close(struct quic_conn *conn, uint64_t code)
{
	check(!conn->closing);
	conn->closing = true;
	conn->code = code;
}

void quic_conn_deadline(struct quic_conn *conn, unsigned ms)
{
	conn->deadline_ms = ms;
}

uint64_t quic_conn_streams_allowed(const struct quic_conn *conn)
{
	return conn->allowed;
}

uint64_t quic_conn_now(const struct quic_conn *conn)
{
	return conn->now_ns;
}

bool quic_conn_settled(const struct quic_conn *conn)
{
	return conn->n_chunks == 0;
}

bool quic_conn_loopback(const struct quic_conn *conn)
{
	(void)conn;
	return false;
}

struct str quic_conn_peer(const struct quic_conn *conn)
{
	(void)conn;
	return STR("192.0.2.9");
}

struct str quic_conn_subject(const struct quic_conn *conn)
{
	(void)conn;
	return STR_ABSENT;
}

/* ── The wire ── */

static inline void fake_close_if_done(struct quic_conn *conn, int64_t id)
{
	struct fake_stream *stream = fake_stream_of(conn, id);
	if (!stream->server_done || !stream->client_done || stream->closed || conn->closing)
		return;
	for (size_t i = 0; i < conn->n_chunks; i++)
		if (conn->chunks[i].stream == id && stream->reset == QUIC_NO_CODE)
			return;
	stream->closed = true;
	conn->protocol->stream_closed(conn->state, id, stream->reset);
}

static inline void fake_sweep(struct quic_conn *conn)
{
	for (int64_t id = 0; id < FAKE_STREAMS; id++)
		if (conn->streams[id].seen)
			fake_close_if_done(conn, id);
}

/* The client acknowledges all it has; the bytes must be what they were. */
static inline void fake_ack(struct quic_conn *conn)
{
	size_t n = conn->n_chunks;
	conn->n_chunks = 0;
	for (size_t i = 0; i < n; i++) {
		struct fake_chunk *chunk = &conn->chunks[i];
		if (!conn->streams[chunk->stream].closed && !conn->closing) {
			check(memcmp(chunk->at, chunk->copy, chunk->len) == 0);
			conn->protocol->acked(conn->state, chunk->stream, chunk->len);
		}
		free(chunk->copy);
	}
	fake_sweep(conn);
}

static inline void fake_keep(struct quic_conn *conn, int64_t id, const uint8_t *at, size_t len)
{
	if (conn->n_chunks == FAKE_CHUNKS)
		fake_ack(conn);
	uint8_t *copy = malloc(len);
	check(copy);
	memcpy(copy, at, len);
	conn->chunks[conn->n_chunks++] = (struct fake_chunk){ id, at, copy, len };
}

/* As much of one offer as the client's window lets through. */
static inline void fake_carry(struct quic_conn *conn, const struct quic_output *output)
{
	struct fake_stream *stream = fake_stream_of(conn, output->stream);
	size_t left = (size_t)(stream->window - stream->sent), taken = 0, total = 0;

	for (size_t i = 0; i < output->n; i++) {
		size_t n = output->vec[i].len < left ? output->vec[i].len : left;
		total += output->vec[i].len;
		if (n == 0)
			continue;
		fake_keep(conn, output->stream, output->vec[i].at, n);
		conn->got(conn, output->stream, (struct str){ (const char *)output->vec[i].at, n }, false);
		left -= n;
		taken += n;
	}
	if (total && !taken) {
		stream->blocked = true;
		conn->protocol->blocked(conn->state, output->stream);
		return;
	}
	stream->sent += taken;
	if (output->fin && taken == total) {
		stream->server_done = true;
		conn->got(conn, output->stream, STR(""), true);
	}
	conn->protocol->taken(conn->state, output->stream, taken);
}

static inline void fake_quic_pull(struct quic_conn *conn)
{
	struct quic_output output;
	while (!conn->closing && conn->protocol->output(conn->state, &output)) {
		if (fake_stream_of(conn, output.stream)->reset != QUIC_NO_CODE)
			conn->protocol->write_shut(conn->state, output.stream);
		else
			fake_carry(conn, &output);
	}
	if (!conn->acks_wait)
		fake_ack(conn);
	fake_sweep(conn);
}

/* Lets calls take their turns and the connection write, until nothing more happens by itself. */
static inline void fake_quic_run(struct quic_conn *conn)
{
	for (int turns = 0; turns < 1000; turns++) {
		bool idle = list_empty(&conn->loop->calls.ready) && !conn->pump_asked;
		calls_run(&conn->loop->calls);
		if (conn->pump_asked && !conn->closing) {
			conn->pump_asked = false;
			conn->protocol->pump(conn->state);
			fake_quic_pull(conn);
		}
		if (idle || conn->closing)
			return;
	}
}

static inline void fake_quic_open(struct quic_conn *conn, struct loop *loop, const struct quic_protocol *protocol,
				  struct http_server *server)
{
	memset(conn->streams, 0, sizeof(conn->streams));
	conn->loop = loop;
	conn->protocol = protocol;
	conn->next_uni = 3;
	conn->allowed = 10;
	conn->closing = conn->acks_wait = conn->pump_asked = false;
	conn->n_chunks = 0;
	conn->code = conn->credit = 0;
	conn->now_ns = 1;
	conn->state = protocol->open(conn, server);
	check(conn->state);
}

/* The client's bytes. */
static inline void fake_quic_send(struct quic_conn *conn, int64_t id, struct str bytes, bool fin)
{
	struct fake_stream *stream = fake_stream_of(conn, id);
	if (conn->closing || stream->closed || stream->client_done)
		return;
	stream->client_done = fin;
	if (stream->stopped == QUIC_NO_CODE)
		conn->protocol->stream_data(conn->state, id, bytes, fin);
	fake_quic_run(conn);
	if (!conn->closing)
		fake_close_if_done(conn, id);
}

/* RESET_STREAM of the client. */
static inline void fake_quic_reset(struct quic_conn *conn, int64_t id, uint64_t code)
{
	struct fake_stream *stream = fake_stream_of(conn, id);
	if (conn->closing || stream->closed || stream->client_done)
		return;
	stream->client_done = true;
	conn->protocol->stream_reset(conn->state, id, code);
	fake_quic_run(conn);
	if (!conn->closing)
		fake_close_if_done(conn, id);
}

/* STOP_SENDING of the client, which QUIC answers by RESET_STREAM. */
static inline void fake_quic_stop(struct quic_conn *conn, int64_t id, uint64_t code)
{
	struct fake_stream *stream = fake_stream_of(conn, id);
	if (conn->closing || stream->closed || stream->server_done)
		return;
	stream->server_done = true;
	stream->reset = code;
	conn->protocol->write_shut(conn->state, id);
	fake_quic_run(conn);
	if (!conn->closing)
		fake_close_if_done(conn, id);
}

static inline void fake_quic_open_window(struct quic_conn *conn, int64_t id, size_t n)
{
	struct fake_stream *stream = fake_stream_of(conn, id);
	stream->window += n;
	if (!conn->closing)
		conn->protocol->writable(conn->state, id);
	stream->blocked = false;
	fake_quic_run(conn);
}

static inline void fake_quic_hang_up(struct quic_conn *conn)
{
	conn->protocol->closed(conn->state);
	conn->closing = true;
	do {
		calls_run(&conn->loop->calls);
		uv_run(&conn->loop->uv, UV_RUN_NOWAIT);
	} while (conn->loop->calls.n_running);
	fake_ack(conn);
}

#endif
