/* SPDX-License-Identifier: MIT */
/* What a protocol may ask of its connection (quic.h). Errors are no answer: a stream that is gone needs nothing any more. */
#include "net/quic_inside.h"

enum { STREAM_PORTIONS = 4 };

/* ── Streams ── */

int64_t quic_conn_open_uni(struct quic_conn *conn)
{
	int64_t stream;
	return ngtcp2_conn_open_uni_stream(conn->ngtcp2, &stream, NULL) ? -1 : stream;
}

void quic_stream_reset(struct quic_conn *conn, int64_t stream, uint64_t code)
{
	if (ngtcp2_conn_shutdown_stream_write(conn->ngtcp2, 0, stream, code) == NGTCP2_ERR_NOMEM)
		quic_conn_abort(conn);
	quic_turn_later(conn);
}

void quic_stream_stop(struct quic_conn *conn, int64_t stream, uint64_t code)
{
	if (ngtcp2_conn_shutdown_stream_read(conn->ngtcp2, 0, stream, code) == NGTCP2_ERR_NOMEM)
		quic_conn_abort(conn);
	quic_turn_later(conn);
}

void quic_stream_shut(struct quic_conn *conn, int64_t stream, uint64_t code)
{
	if (ngtcp2_conn_shutdown_stream(conn->ngtcp2, 0, stream, code) == NGTCP2_ERR_NOMEM)
		quic_conn_abort(conn);
	quic_turn_later(conn);
}

void quic_stream_credit(struct quic_conn *conn, int64_t stream, size_t n)
{
	if (ngtcp2_conn_extend_max_stream_offset(conn->ngtcp2, stream, n) == NGTCP2_ERR_NOMEM)
		quic_conn_abort(conn);
	quic_turn_later(conn);
}

void quic_conn_credit(struct quic_conn *conn, size_t n)
{
	ngtcp2_conn_extend_max_offset(conn->ngtcp2, n);
	quic_turn_later(conn);
}

void quic_conn_consumed(struct quic_conn *conn, int64_t stream, size_t n)
{
	quic_stream_credit(conn, stream, n);
	quic_conn_credit(conn, n);
}

size_t quic_stream_window(const struct quic_conn *conn, int64_t stream)
{
	uint64_t left = ngtcp2_conn_get_max_stream_data_left(conn->ngtcp2, stream);
	return left < SIZE_MAX ? (size_t)left : SIZE_MAX;
}

/* Told in portions: each time is a frame, and mostly a packet of its own. */
void quic_conn_allow_bidi(struct quic_conn *conn)
{
	unsigned portion = conn->endpoint->settings.max_streams / STREAM_PORTIONS;

	if (++conn->bidi_over < portion)
		return;
	ngtcp2_conn_extend_max_streams_bidi(conn->ngtcp2, conn->bidi_over);
	conn->bidi_over = 0;
	quic_turn_later(conn);
}

void quic_conn_allow_uni(struct quic_conn *conn)
{
	ngtcp2_conn_extend_max_streams_uni(conn->ngtcp2, 1);
	quic_turn_later(conn);
}

/* ── The connection ── */

void quic_conn_pump_later(struct quic_conn *conn)
{
	conn->pump_asked = true;
	quic_turn_later(conn);
}

uint64_t quic_conn_streams_allowed(const struct quic_conn *conn)
{
	return conn->allowed;
}

uint64_t quic_conn_now(const struct quic_conn *conn)
{
	return conn->endpoint->now;
}

bool quic_conn_settled(const struct quic_conn *conn)
{
	ngtcp2_conn_info info;
	ngtcp2_conn_get_conn_info(conn->ngtcp2, &info);
	return info.bytes_in_flight == 0;
}

bool quic_conn_loopback(const struct quic_conn *conn)
{
	return address_is_loopback(&conn->validated.any);
}

struct str quic_conn_peer(const struct quic_conn *conn)
{
	return str_of(conn->peer_text);
}

struct str quic_conn_server_name(const struct quic_conn *conn)
{
	return str_of(conn->shake.server_name);
}

struct str quic_conn_subject(const struct quic_conn *conn)
{
	return tls_shake_subject(&conn->shake);
}
