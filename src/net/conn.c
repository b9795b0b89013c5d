/* SPDX-License-Identifier: MIT */
/* A connection's life: reading, gathering output and writing it once a turn, deadlines, and its end. */
#include "net/conn.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>

#include "net/stack.h"
#include "obs/log.h"
#include "obs/metrics.h"

/* What sealing may add to the plaintext: record overhead, a handshake's last flight, alerts. */
enum { SEAL_OVERHEAD_MAX = 65536 };

static void reading_set(struct conn *conn, bool on);

static uv_stream_t *stream_of(struct conn *conn)
{
	return (uv_stream_t *)&conn->tcp;
}

static struct conn *conn_of(void *stream)
{
	return container_of((uv_tcp_t *)stream, struct conn, tcp);
}

/* ── The end ── */

static void freed(uv_handle_t *handle)
{
	struct conn *conn = conn_of(handle);
	struct conn_host *host = conn->host;

	if (conn->state)
		conn->protocol->closed(conn->state);
	conn->layer->closed(conn);
	spares_return(&host->spares, &conn->plain);
	spares_return(&host->spares, &conn->wire);
	spares_return(&host->spares, &conn->sending);
	list_remove(&conn->link);
	struct peer *peer = conn->peer;
	free(conn);
	host->conn_gone(host, peer);
}

void conn_abort(struct conn *conn)
{
	if (conn->stage == CONN_GONE)
		return;
	conn->stage = CONN_GONE;
	flusher_forget(&conn->flusher);
	deadline_forget(&conn->host->deadlines, &conn->deadline);
	uv_close((uv_handle_t *)&conn->tcp, freed);
}

/* ── Deadlines ── */

static void deadline_arm(struct conn *conn)
{
	uint64_t due = conn->stage_due;
	if (conn->stall_due && (!due || conn->stall_due < due))
		due = conn->stall_due;
	deadline_set(&conn->host->deadlines, &conn->deadline, due);
}

static uint64_t due_in(const struct conn *conn, unsigned ms)
{
	return ms ? uv_now(&conn->host->loop->uv) + ms : 0;
}

void conn_deadline(struct conn *conn, unsigned ms)
{
	if (conn->stage != CONN_OPEN)
		return;
	conn->stage_due = due_in(conn, ms);
	deadline_arm(conn);
}

/* How many of the bytes given to libuv the peer has acknowledged. */
static uint64_t acknowledged(struct conn *conn)
{
	int fd, in_kernel = 0;
	if (uv_fileno((uv_handle_t *)&conn->tcp, &fd) || ioctl(fd, SIOCOUTQ, &in_kernel))
		in_kernel = 0;
	return conn->given - uv_stream_get_write_queue_size(stream_of(conn)) - (uint64_t)in_kernel;
}

static void stall_watch(struct conn *conn)
{
	conn->acknowledged = acknowledged(conn);
	conn->stall_due = due_in(conn, conn->host->write_stall_ms);
	deadline_arm(conn);
}

/* What waits was not taken in a whole span of time: the peer must at least have taken its share. */
static void stall_checked(struct conn *conn)
{
	uint64_t before = conn->acknowledged;
	uint64_t share = (uint64_t)conn->host->write_min_rate * conn->host->write_stall_ms / 1000;
	stall_watch(conn);
	if (conn->acknowledged > before && conn->acknowledged - before >= share)
		return;
	metric_add(METRIC_CONNECTIONS_TIMED_OUT, 1);
	log_debug("client reads too little", LOG_TEXT("peer", conn_peer(conn)));
	conn_abort(conn);
}

static void stage_timed_out(struct conn *conn)
{
	conn->stage_due = 0;
	if (conn->stage == CONN_LINGERING) {
		conn_abort(conn);
		return;
	}
	if (conn->stage == CONN_OPEN) {
		metric_add(METRIC_CONNECTIONS_TIMED_OUT, conn->protocol->timed_out(conn->state));
		return;
	}
	metric_add(METRIC_CONNECTIONS_TIMED_OUT, 1);
	if (conn->stage == CONN_SHAKING_HANDS)
		conn_handshake_lost(conn, TLS_FAILURE_TIMEOUT);
	conn_abort(conn);
}

static void deadline_passed(struct deadline *deadline)
{
	struct conn *conn = container_of(deadline, struct conn, deadline);
	uint64_t now = uv_now(&conn->host->loop->uv);

	if (conn->stall_due && conn->stall_due <= now)
		stall_checked(conn);
	if (conn->stage != CONN_GONE && conn->stage_due && conn->stage_due <= now)
		stage_timed_out(conn);
	if (conn->stage != CONN_GONE)
		deadline_arm(conn);
}

int conn_host_init(struct conn_host *host)
{
	list_init(&host->conns);
	list_init(&host->shaking);
	return deadlines_init(&host->deadlines, host->loop, deadline_passed);
}

/* ── Output ── */

static size_t queued(const struct conn *conn)
{
	return conn->plain.len + conn->wire.len + uv_stream_get_write_queue_size((const uv_stream_t *)&conn->tcp);
}

size_t conn_room(const struct conn *conn)
{
	size_t used = queued(conn), max = conn->host->output_high_water;
	return conn->stage == CONN_OPEN && used < max ? max - used : 0;
}

void conn_write(struct conn *conn, struct str bytes)
{
	if (conn->stage != CONN_OPEN)
		return;
	spares_lend(&conn->host->spares, &conn->plain);
	buf_add(&conn->plain, bytes);
	if (unlikely(buf_failed(&conn->plain))) {
		log_error("connection lost: more output than there is room for", LOG_TEXT("peer", conn_peer(conn)));
		conn_abort(conn);
		return;
	}
	if (queued(conn) >= conn->host->output_high_water)
		conn->starved = true;
	loop_flush_later(conn->host->loop, &conn->flusher);
}

void conn_pump_later(struct conn *conn)
{
	if (conn->stage != CONN_OPEN)
		return;
	conn->pump_asked = true;
	loop_flush_later(conn->host->loop, &conn->flusher);
}

/* The peer has taken what was sent: the protocol may go on, but at its next turn. */
static void relieve(struct conn *conn)
{
	if (conn->stage == CONN_OPEN && conn->starved && queued(conn) < conn->host->output_high_water / 2) {
		conn->starved = false;
		conn->pump_asked = true;
	}
}

static void write_done(uv_write_t *request, int status)
{
	struct conn *conn = container_of(request, struct conn, request.write);

	spares_return(&conn->host->spares, &conn->sending);
	if (conn->stage == CONN_GONE)
		return;
	if (status) {
		conn_abort(conn);
		return;
	}
	conn->stall_due = 0;
	relieve(conn);
	loop_flush_later(conn->host->loop, &conn->flusher);
}

/*
 * An answer usually fits the socket's buffer and costs one system call here. When the protocol has more to say
 * than there is room for, libuv tells when it may go on: a fast reader of a long answer must not keep the loop.
 */
static void wire_send(struct conn *conn)
{
	size_t n = 0;
	if (!conn->starved) {
		uv_buf_t all = uv_buf_init(conn->wire.at, (unsigned)conn->wire.len);
		int taken = uv_try_write(stream_of(conn), &all, 1);
		if (taken < 0 && taken != UV_EAGAIN) {
			conn_abort(conn);
			return;
		}
		n = taken > 0 ? (size_t)taken : 0;
		conn->given += n;
		if (n == conn->wire.len) {
			spares_return(&conn->host->spares, &conn->wire);
			return;
		}
	}
	conn->sending = conn->wire;
	conn->wire = buf_of(conn->wire.max);
	uv_buf_t rest = uv_buf_init(conn->sending.at + n, (unsigned)(conn->sending.len - n));
	conn->given += rest.len;
	if (uv_write(&conn->request.write, stream_of(conn), &rest, 1, write_done))
		conn_abort(conn);
	else
		stall_watch(conn);
}

static void shutdown_done(uv_shutdown_t *request, int status)
{
	(void)request;
	(void)status; /* the linger deadline ends it in any case */
}

static void shut(struct conn *conn)
{
	if (conn->peer_shut || uv_shutdown(&conn->request.shutdown, stream_of(conn), shutdown_done)) {
		conn_abort(conn);
		return;
	}
	conn->stage = CONN_LINGERING;
	conn->stage_due = due_in(conn, conn->host->linger_ms);
	deadline_arm(conn);
}

static void transmit(struct conn *conn)
{
	if (conn->stage >= CONN_LINGERING || conn->sending.len)
		return;
	if (conn->plain.len && conn->layer->seal(conn)) {
		conn_abort(conn);
		return;
	}
	if (conn->stage == CONN_ENDING && !conn->said_farewell) {
		conn->said_farewell = true;
		conn->layer->farewell(conn);
	}
	if (conn->wire.len)
		wire_send(conn);
	if (conn->stage == CONN_ENDING && !conn->sending.len)
		shut(conn);
}

static void flush(struct flusher *flusher)
{
	struct conn *conn = container_of(flusher, struct conn, flusher);

	if (conn->pump_asked) {
		conn->pump_asked = false;
		if (conn->stage == CONN_OPEN)
			conn->protocol->pump(conn->state);
	}
	transmit(conn);
}

void conn_close(struct conn *conn)
{
	if (conn->stage >= CONN_ENDING)
		return;
	conn->stage = CONN_ENDING;
	conn->stage_due = 0;
	conn->pump_asked = false;
	deadline_arm(conn);
	reading_set(conn,
		    true); /* what comes is dropped: unread, it would make the peer lose our last words to a reset */
	if (conn->stage == CONN_ENDING)
		loop_flush_later(conn->host->loop, &conn->flusher);
}

/* ── Input ── */

static void socket_ended(struct conn *conn, ssize_t error)
{
	conn->peer_shut = true;
	if (conn->stage == CONN_SHAKING_HANDS)
		conn_handshake_lost(conn, TLS_FAILURE_GONE);
	if (error != UV_EOF || conn->stage == CONN_LINGERING || conn->stage == CONN_SHAKING_HANDS)
		conn_abort(conn);
	else
		conn_input_over(conn);
}

static void read_done(uv_stream_t *stream, ssize_t n, const uv_buf_t *into)
{
	struct conn *conn = conn_of(stream);

	if (n < 0)
		socket_ended(conn, n);
	else if (n > 0 && conn->stage <= CONN_OPEN)
		conn->layer->input(conn, (struct str){ into->base, (size_t)n });
}

static void lend_read_buffer(uv_handle_t *handle, size_t suggested, uv_buf_t *into)
{
	struct conn_host *host = conn_of(handle)->host;
	(void)suggested;
	*into = uv_buf_init(host->read, sizeof(host->read));
}

static void reading_set(struct conn *conn, bool on)
{
	if (conn->paused == !on || conn->peer_shut)
		return;
	conn->paused = !on;
	if (!on)
		uv_read_stop(stream_of(conn));
	else if (uv_read_start(stream_of(conn), lend_read_buffer, read_done))
		conn_abort(conn);
}

void conn_pause(struct conn *conn, bool paused)
{
	if (conn->stage == CONN_OPEN)
		reading_set(conn, !paused);
}

void conn_deliver(struct conn *conn, struct str bytes)
{
	if (conn->stage == CONN_OPEN && !conn->input_over)
		conn->protocol->input(conn->state, bytes);
}

void conn_input_over(struct conn *conn)
{
	if (conn->stage != CONN_OPEN || conn->input_over)
		return;
	conn->input_over = true;
	conn->protocol->input_ended(conn->state);
}

/* ── The beginning ── */

void conn_ready(struct conn *conn, const struct protocol *protocol)
{
	conn->stage = CONN_OPEN;
	conn->protocol = protocol;
	conn_deadline(conn, 0);
	conn->state = protocol->open(conn, conn->host->server);
	if (!conn->state)
		conn_abort(conn);
}

void conn_start(struct conn *conn)
{
	struct conn_host *host = conn->host;

	list_push_back(&host->conns, &conn->link);
	conn->layer = host->tls ? &layer_tls : &layer_clear;
	conn->flusher.run = flush;
	conn->plain = buf_of(host->output_high_water + CONN_SLACK);
	conn->wire = conn->sending = buf_of(conn->plain.max + SEAL_OVERHEAD_MAX);
	conn->stage_due = due_in(conn, host->handshake_ms);
	deadline_arm(conn);
	uv_tcp_nodelay(&conn->tcp, 1);
	uv_tcp_keepalive(&conn->tcp, 1, conn->host->keepalive_s);
	conn->paused = true;
	reading_set(conn, true);
	if (conn->stage != CONN_GONE && conn->layer->open(conn))
		conn_abort(conn);
}

void conn_drain(struct conn *conn)
{
	if (conn->stage == CONN_OPEN)
		conn->protocol->drain(conn->state);
	else if (conn->stage == CONN_SHAKING_HANDS)
		conn_abort(conn);
}

/* ── Without a layer between ── */

static const struct protocol *protocol_last(const struct conn *conn)
{
	const struct protocol *const *row = conn->host->protocols;
	while (row[1])
		row++;
	return *row;
}

static int clear_open(struct conn *conn)
{
	conn_ready(conn, protocol_last(conn));
	return 0;
}

/* Nothing is on the wire's way when this is asked for, so that the buffers just change places. */
static int clear_seal(struct conn *conn)
{
	struct buf plain = conn->plain, wire = conn->wire;
	check(wire.len == 0);
	conn->plain = wire;
	conn->plain.max = plain.max;
	conn->wire = plain;
	conn->wire.max = wire.max;
	return 0;
}

static void clear_nothing(struct conn *conn)
{
	(void)conn;
}

const struct layer layer_clear = {
	.open = clear_open,
	.input = conn_deliver,
	.seal = clear_seal,
	.farewell = clear_nothing,
	.closed = clear_nothing,
};

/* ── What a protocol may ask ── */

bool conn_secure(const struct conn *conn)
{
	return conn->layer == &layer_tls;
}

bool conn_loopback(const struct conn *conn)
{
	return conn->loopback;
}

struct str conn_peer(const struct conn *conn)
{
	return str_of(conn->peer_text);
}

struct str conn_server_name(const struct conn *conn)
{
	return conn->tls ? tls_session_server_name(conn->tls) : STR_ABSENT;
}

struct str conn_client_subject(const struct conn *conn)
{
	return conn->tls ? tls_session_client_subject(conn->tls) : STR_ABSENT;
}
