/* SPDX-License-Identifier: MIT */
/*
 * The inside of an HTTP/2 connection, for its files:
 *
 * h2.c          the protocol: session, deadlines, drain
 * h2_request.c  frames to requests
 * h2_reply.c    replies to frames
 * h2_guard.c    what a client must not do too often (guard.def)
 */
#ifndef HTTP_H2_H
#define HTTP_H2_H

#include <nghttp2/nghttp2.h>

#include "http/guard.h"
#include "http/h2_frames.h"
#include "http/inside.h"
#include "http/outflow.h"

/* Which deadline runs: the connection's, the regular look at its streams, or the answer to a notice of the end. */
enum h2_stage { H2_NOTHING_DUE, H2_IDLE, H2_BUSY, H2_PARTING };

struct h2 {
	struct conn *conn;
	struct http_server *server;
	nghttp2_session *session;
	struct link streams; /* exchanges */
	struct outflow outflow;
	enum h2_stage stage;
	bool grpc_only; /* its port is for nothing else */
	bool grpc;	/* a call of gRPC came: its rules of pings hold */
	bool parting; /* the end was announced: streams that are on their way are still taken */

	struct guards guards;
	struct h2_frames frames;
	enum guard fired;	/* N_GUARDS: none has */
	size_t n_continuations; /* in a row */
	size_t list_bytes;	/* of the header list that arrives */
	struct pace download;	/* while the connection's window is closed */
};

static inline struct h2 *h2_of(const struct exchange *exchange)
{
	return exchange->owner;
}

static inline int32_t h2_id(const struct exchange *exchange)
{
	return (int32_t)exchange->stream_id;
}

static inline struct str h2_text(const uint8_t *at, size_t len)
{
	return (struct str){ (const char *)at, len };
}

/* ── h2.c ── */
/* The client knows that the end is near: no stream after those it has opened by now. Nothing unless that was announced. */
void h2_part(struct h2 *h2);

/* ── h2_request.c ── */
void h2_request_callbacks(nghttp2_session_callbacks *table);

/* ── h2_reply.c ── */
extern const struct transport h2_transport;
void h2_reply_callbacks(nghttp2_session_callbacks *table);
/* Ends the stream before its time. */
void h2_reset(struct exchange *exchange, uint32_t error);
/* More of the reply is wanted: its stream could send, and has nothing. */
void h2_invite(struct exchange *exchange);

/* ── h2_guard.c ── */
void h2_guard_callbacks(nghttp2_session_callbacks *table);
/* Counts n; when it is too much, h2->fired is set and the connection ends once nghttp2 has returned. */
void h2_guard_count(struct h2 *h2, enum guard guard, double n);
/* A frame of n bytes of body was sent: those that answer it are not held against the client. */
void h2_guard_sent(struct h2 *h2, size_t n, bool ends);
/* A field of a header list; false: the list is too large to read on. */
must_use bool h2_guard_field(struct h2 *h2, size_t name, size_t value);
/* Looks at what arrived, before nghttp2 does. */
void h2_guard_input(struct h2 *h2, struct str bytes);
/* After nghttp2 has taken it, with this outcome. */
void h2_guard_outcome(struct h2 *h2, nghttp2_ssize outcome);
/* A client that neither sends nor takes what it should: streams, then the connection. */
void h2_guard_paces(struct h2 *h2);
/* When a guard has fired: says goodbye with its word and closes. Whether it was so. */
bool h2_guard_expel(struct h2 *h2);

#endif
