/* SPDX-License-Identifier: MIT */
/*
 * The inside of a connection, for the files of this folder that make it up.
 *
 * host      what the connections of one `struct listeners` share: loop, settings, buffers, deadlines
 * layer     what lies between the socket and the protocol: clear (conn.c) or tls (layer_tls.c), a constant table
 * protocol  what the connection is for, chosen when the layer is ready (conn.h)
 *
 * Bytes in:  socket → host->read → layer->input → conn_deliver → protocol->input
 * Bytes out: conn_write → plain → layer->seal → wire → socket, once a turn; what the socket does not take at
 *            once is `sending` until it has, and nothing else is sealed meanwhile.
 */
#ifndef NET_STACK_H
#define NET_STACK_H

#include <netinet/in.h>

#include "base/buf.h"
#include "net/conn.h"
#include "net/deadlines.h"
#include "net/spares.h"
#include "net/tls_session.h"

struct peer;

struct conn_host {
	struct loop *loop;
	struct tls_context *tls; /* for the next connection; NULL: cleartext */
	const struct protocol *const *protocols;
	void *server;
	unsigned handshake_ms, write_stall_ms, linger_ms;
	unsigned keepalive_s; /* silence after which TCP asks whether the peer is still there */
	size_t write_min_rate;
	size_t output_high_water;
	struct deadlines deadlines;
	struct spares spares;
	struct link conns;
	struct link shaking; /* of those, whose TLS handshake has begun; the first begun first */
	size_t n_shaking, max_shaking;
	/* A connection is over and its memory released. */
	void (*conn_gone)(struct conn_host *host, struct peer *peer);
	char read[CONN_READ_MAX];   /* what a read of any socket brought, during the read */
	char plain[TLS_RECORD_MAX]; /* one opened record, while it is delivered */
};

struct layer {
	/* The socket is there. 0, or negative: the connection is closed at once. */
	int (*open)(struct conn *conn);
	/* Bytes from the socket; calls conn_ready once, conn_deliver for plaintext. */
	void (*input)(struct conn *conn, struct str bytes);
	/* Moves all of conn->plain into conn->wire. 0 or negative. */
	int (*seal)(struct conn *conn);
	/* Appends what is to be said last to conn->wire. */
	void (*farewell)(struct conn *conn);
	void (*closed)(struct conn *conn);
};

extern const struct layer layer_clear, layer_tls;

enum conn_stage {
	CONN_SHAKING_HANDS, /* the layer is not ready */
	CONN_OPEN,	    /* the protocol's */
	CONN_ENDING,	    /* the last output is on its way */
	CONN_LINGERING,	    /* our FIN is out; waiting for the peer's, so that it reads all we said */
	CONN_GONE,	    /* waits for libuv to let go */
};

struct conn {
	uv_tcp_t tcp;
	union {
		uv_write_t write;
		uv_shutdown_t shutdown;
	} request; /* one at a time: nothing is written after the shutdown */
	struct conn_host *host;
	struct link link;    /* in host->conns */
	struct link shaking; /* in host->shaking */
	const struct layer *layer;
	struct tls_session *tls; /* of the TLS layer, once it has been spoken to */
	const struct protocol *protocol;
	void *state; /* the protocol's; NULL until open returned */
	enum conn_stage stage;

	struct buf plain;   /* written by the protocol */
	struct buf wire;    /* sealed */
	struct buf sending; /* libuv's until write_done */
	struct flusher flusher;
	struct deadline deadline;      /* the earlier of the two below */
	uint64_t stage_due, stall_due; /* by the loop's clock, 0: off */
	uint64_t given;		       /* bytes handed to libuv */
	uint64_t acknowledged;	       /* of those, by the peer, when last looked at */

	bool starved; /* room was 0: the protocol waits for pump */
	bool pump_asked;
	bool paused;
	bool said_farewell;
	bool input_over; /* of plaintext: input_ended was called */
	bool peer_shut;	 /* the peer's FIN has come */

	struct peer *peer; /* the listener's */
	bool loopback;
	char peer_text[INET6_ADDRSTRLEN];
};

/* Of a host whose fields above `deadlines` are filled: 0 or a negative uv error. */
must_use int conn_host_init(struct conn_host *host);
/* Starts the accepted connection in conn->tcp, of which the listener has filled host, peer, loopback and peer_text. */
void conn_start(struct conn *conn);
/* Asks the protocol to finish; one that is still shaking hands is aborted. */
void conn_drain(struct conn *conn);

/* For layers: the stack is complete, `protocol` takes over. */
void conn_ready(struct conn *conn, const struct protocol *protocol);
/* A TLS handshake that has begun ends for a reason from without; nothing if none has. */
void conn_handshake_lost(struct conn *conn, enum tls_failure failure);

/* For layers: plaintext for the protocol; nothing unless open. */
void conn_deliver(struct conn *conn, struct str bytes);
/* For layers: the peer will send no more plaintext. */
void conn_input_over(struct conn *conn);

#endif
