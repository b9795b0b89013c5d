/* SPDX-License-Identifier: MIT */
/*
 * The inside of HTTP/3 (RFC 9114), for the files that make it up.
 *
 * h3.c         a connection: streams in and out, deadlines, the way down
 * h3_stream.c  a request stream: its exchange, and the bytes of its reply until the client has them
 *
 * nghttp3 frames and schedules (RFC 9218), and compresses (RFC 9204). Bodies are not copied into its buffers: it is
 * given the reply's pieces, whose blobs are held until they were acknowledged. An exchange is over when the last byte
 * of its reply was sent; its stream lives on until QUIC says that it is closed.
 */
#ifndef HTTP_H3_H
#define HTTP_H3_H

#include <nghttp3/nghttp3.h>

#include "base/list.h"
#include "http/exchange.h"
#include "http/outflow.h"
#include "http/pace.h"
#include "net/quic.h"

/* Which deadline runs: the connection's, the regular look at its streams, or the pause between our two GOAWAYs. */
enum h3_stage { H3_NOTHING_DUE, H3_IDLE, H3_BUSY, H3_NOTICE };

struct h3 {
	struct quic_conn *conn;
	struct http_server *server;
	nghttp3_conn *session;
	struct link streams; /* open, oldest first */
	struct outflow outflow;
	struct link spare; /* to be used again */
	size_t n_spare;
	size_t n_cut; /* streams whose exchange ends with this turn */
	enum h3_stage stage;
	struct guards guards;
	struct pace download; /* of all replies: what the client acknowledged */
	int64_t live_us;      /* when a stream was last seen to have a request, or bytes that the client lacks */
	struct {
		int64_t stream;
		size_t len;
		bool fin;
	} offered;	     /* by the last output */
	bool draining, last; /* GOAWAY was sent; so was the one that says which stream was the last */
	bool over;	     /* closed by us: nothing but closed may follow, nghttp3 is not to be touched */
};

/* A part of a blob that the client may not have yet. */
struct h3_held {
	struct blob *blob;
	size_t left;
};

enum { H3_FEW_HELD = 4 };

struct h3_stream {
	struct link link;
	struct h3 *h3;
	int64_t id;
	struct exchange *exchange; /* NULL when it is over */
	struct pace download;	   /* of its reply, while the client holds it back */
	struct h3_held *held;	   /* a ring, at first `few` */
	size_t first, n_held, room;
	bool blocked; /* by the client's flow control */
	bool cut;     /* reset by us; the exchange ends with this turn */
	struct h3_held few[H3_FEW_HELD];
};

/* ── h3.c ── */
/* Ends the connection with an error code of RFC 9114, 8.1. */
void h3_fail(struct h3 *h3, uint64_t code);
/* The same for nghttp3's error. */
void h3_fail_for(struct h3 *h3, int error);
/* One more of what only a bad client does often. */
void h3_count(struct h3 *h3, enum guard guard);

/* ── h3_stream.c ── */
extern const nghttp3_callbacks h3_callbacks;
/* The open stream of that id, or NULL. */
struct h3_stream *h3_stream_find(const struct h3 *h3, int64_t id);
/* Resets and stops the stream. Its exchange goes by h3_stream_sweep: this may be called from within it. */
void h3_stream_cut(struct h3_stream *stream, uint64_t code);
/* Ends the exchanges of all streams that were cut. */
void h3_stream_sweep(struct h3 *h3);
/* The client's flow control holds the stream back; it opened the stream's window. */
void h3_stream_blocked(struct h3_stream *stream);
void h3_stream_writable(struct h3_stream *stream);
/* All of the reply is on its way. */
void h3_stream_sent(struct h3_stream *stream);
/* The client sent RESET_STREAM, or STOP_SENDING. */
void h3_stream_was_reset(struct h3_stream *stream);
void h3_stream_was_stopped(struct h3_stream *stream);
/* Refuses or cuts a stream whose client neither sends nor takes what it should. True when it has output that waits
 * for nothing but its turn and the connection. */
bool h3_stream_check_pace(struct h3_stream *stream, int64_t now_us);
/* The stream is closed: its exchange ends, its memory may be used again. */
void h3_stream_end(struct h3_stream *stream);
void h3_stream_free_spare(struct h3 *h3);

#endif
