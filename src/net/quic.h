/* SPDX-License-Identifier: MIT */
/*
 * QUIC (RFC 9000, 9369) as a protocol over it sees it: what conn.h is for one stream of bytes, for many streams.
 *
 * endpoint    the UDP sockets of a port, and all connections that live on them
 * connection  a peer that has completed the handshake; streams, flow control, one deadline
 * protocol    what a connection is for, a constant table row chosen by ALPN (HTTP/3)
 *
 * Input is pushed: the connection tells the protocol what came. Output is pulled: when the congestion window and the
 * pacer let it send, the connection asks for the bytes of one stream at a time and says how many of them it took.
 * Those bytes are not copied until they go into a packet, and may be sent again later: they must stay where they are
 * until `acked` has told of them, or their stream was closed.
 *
 * Stream ids are QUIC's (RFC 9000, 2.1): the client's bidirectional ones are 0, 4, 8…; all application error codes
 * are the protocol's own numbers.
 */
#ifndef NET_QUIC_H
#define NET_QUIC_H

#include "base/arena.h"
#include "loop/loop.h"

struct peers;
struct quic_conn;
struct quic_endpoint;
struct tls_context;

/* A run of bytes to be sent, laid out like nghttp3's and ngtcp2's own vectors, so that a pointer to one may be cast. */
struct quic_vec {
	uint8_t *at;
	size_t len;
} __attribute__((may_alias));

enum { QUIC_MAX_VECTORS = 16 };

/* What one stream has to send next. No bytes and `fin`: only its end. */
struct quic_output {
	int64_t stream;
	bool fin; /* the stream ends with the last of these bytes */
	size_t n;
	struct quic_vec vec[QUIC_MAX_VECTORS];
};

/* In place of an error code: the stream ended in good order. */
#define QUIC_NO_CODE UINT64_MAX

/*
 * An application protocol. Start here to add one.
 *
 * Whatever it calls from within these functions, its state stays valid until `closed`, which never runs inside another
 * of them. After quic_conn_close or quic_conn_abort only `closed` is called.
 */
struct quic_protocol {
	const char *alpn;  /* "h3" */
	uint64_t no_error; /* the code of an end in good order; said when the endpoint is closed */
	/* The handshake is done: the protocol's state, or NULL (no memory: the connection is closed). Streams may be
	 * opened from here on. */
	void *(*open)(struct quic_conn *conn, void *server);

	/* Bytes of a stream, in order; all are to be looked at now. `fin`: the last ones (there may be none). Each
	 * byte is a credit the peer has used: give it back with quic_conn_consumed once it is off our hands. */
	void (*stream_data)(void *state, int64_t stream, struct str bytes, bool fin);
	/* The peer will send no more on the stream and what was missing is lost (RESET_STREAM). */
	void (*stream_reset)(void *state, int64_t stream, uint64_t code);
	/* Both directions are over; the id is never heard of again. Also for streams that the protocol never saw. */
	void (*stream_closed)(void *state, int64_t stream, uint64_t code);
	/* The peer may open bidirectional streams up to this many, counted since the connection's beginning. */
	void (*streams_allowed)(void *state, uint64_t max);

	/* Fills in what to send next, and from which stream. False: nothing now; quic_conn_pump_later asks again.
	 * A packet is half made while this and the next five run: of the functions below, they may call those that
	 * shut a stream, quic_conn_close and quic_conn_pump_later only. */
	bool (*output)(void *state, struct quic_output *output);
	/* Of what `output` gave, n bytes (and, with the last one, the end) are on their way. Also called with 0 for an
	 * end without bytes. */
	void (*taken)(void *state, int64_t stream, size_t n);
	/* The peer has got the next n bytes of the stream, in order: their memory may go. */
	void (*acked)(void *state, int64_t stream, size_t n);
	/* The stream's flow-control window is used up: offer nothing of it until `writable`. */
	void (*blocked)(void *state, int64_t stream);
	void (*writable)(void *state, int64_t stream);
	/* The stream takes no more from us (the peer's STOP_SENDING, or it is gone): never offer it again. */
	void (*write_shut)(void *state, int64_t stream);

	/* Loop work asked for by quic_conn_pump_later, once, right before output is pulled. */
	void (*pump)(void *state);
	/* The server is stopping: finish what runs, take no more, then quic_conn_close. */
	void (*drain)(void *state);
	/* The deadline of quic_conn_deadline passed; true and false as for conn.h's. */
	bool (*timed_out)(void *state);
	/* The connection is gone; free the state. Last call. */
	void (*closed)(void *state);
};

/* ── Streams ── */

/* A new stream for us to write on: its id, or negative when the peer allows no more, or without memory. */
must_use int64_t quic_conn_open_uni(struct quic_conn *conn);
/* Resets what we send on the stream (RESET_STREAM); tells the peer to stop what it sends (STOP_SENDING); or both. */
void quic_stream_reset(struct quic_conn *conn, int64_t stream, uint64_t code);
void quic_stream_stop(struct quic_conn *conn, int64_t stream, uint64_t code);
void quic_stream_shut(struct quic_conn *conn, int64_t stream, uint64_t code);
/* n bytes of the stream have been dealt with: the peer may send as many more, on this stream and in all. */
void quic_conn_consumed(struct quic_conn *conn, int64_t stream, size_t n);
/* The two halves of the former, for one stream whose body waits while others must go on. */
void quic_stream_credit(struct quic_conn *conn, int64_t stream, size_t n);
void quic_conn_credit(struct quic_conn *conn, size_t n);
/* How many bytes the peer lets us send on the stream by now; 0 too when it is gone. */
size_t quic_stream_window(const struct quic_conn *conn, int64_t stream);
/* A stream of the peer's is over for the protocol: it may open another one. To be called once for each bidirectional
 * (or unidirectional) stream of the peer's, at or after `stream_closed`. */
void quic_conn_allow_bidi(struct quic_conn *conn);
void quic_conn_allow_uni(struct quic_conn *conn);

/* ── The connection ── */

/* Asks for one `pump` and for output to be pulled, at the end of this turn. */
void quic_conn_pump_later(struct quic_conn *conn);
/* CONNECTION_CLOSE with the application's code at the end of this turn. What was not acknowledged yet may be lost. */
void quic_conn_close(struct quic_conn *conn, uint64_t code);
/* The same for a fault of our own: INTERNAL_ERROR of the transport. */
void quic_conn_abort(struct quic_conn *conn);
/* One deadline per connection, as conn_deadline: 0 switches it off; coarse (100 ms). The transport's own idle timeout
 * ends a silent connection in any case. */
void quic_conn_deadline(struct quic_conn *conn, unsigned ms);
/* Bidirectional streams the peer may open from the beginning: what streams_allowed would have said first. */
uint64_t quic_conn_streams_allowed(const struct quic_conn *conn);
/* Nanoseconds of a clock that never goes back, read when this datagram or turn began: for nghttp3's timestamps. */
uint64_t quic_conn_now(const struct quic_conn *conn);
/* Everything we sent has been acknowledged. */
bool quic_conn_settled(const struct quic_conn *conn);

bool quic_conn_loopback(const struct quic_conn *conn);
/* The peer's address without port, the one it last proved to be at; valid until it moves or the connection ends. */
struct str quic_conn_peer(const struct quic_conn *conn);
/* The server name the client asked for, or absent. */
struct str quic_conn_server_name(const struct quic_conn *conn);
/* The subject of the client's verified certificate, or absent. */
struct str quic_conn_subject(const struct quic_conn *conn);

/* ── The endpoint ── */

enum quic_congestion { QUIC_CUBIC, QUIC_BBR };

struct quic_settings {
	struct str_list addresses; /* as the TCP listeners' */
	int port;		   /* the TCP listeners' own, so that Alt-Svc need not name another; 0: ephemeral */
	struct tls_context *tls;
	const struct quic_protocol *const *protocols; /* NULL-terminated, preferred first */
	void *server;				      /* handed to protocol->open */
	/* Where connections are counted by address, the TCP listeners' (they must outlive it); NULL: its own. */
	struct peers *peers;
	enum quic_congestion congestion;
	/* Limits; 0 takes the default. */
	unsigned max_connections;	/* established and half open; 10,000 */
	unsigned max_half_open;		/* of those, whose handshake is not done; 1,000 */
	unsigned max_per_peer;		/* of one IPv4 address or one IPv6 /64; no cap */
	/* Half-open connections from which addresses must be validated first; 0: always. At most half of max_per_peer. */
	unsigned retry_threshold;
	unsigned handshake_ms;		/* 10 s */
	unsigned idle_ms;		/* max_idle_timeout; 30 s */
	unsigned max_streams;		/* bidirectional streams of the peer's at a time; 100 */
	size_t stream_window;		/* what a peer may send on a stream ahead of us; 256 KB */
	size_t connection_window;	/* on all of them; 1 MB */
	size_t max_window;		/* up to which both grow for a fast sender; 6 MB */
	size_t receive_memory;		/* the n-th connection's window is an n-th of it at most, but 64 KB; 64 MB */
	/* Any secret that outlives the process, so that it can reset what it has forgotten; absent: a random one. */
	struct str reset_secret;
};

/* As listeners_open: 0, or a negative uv error with *said naming address, port and cause. References `tls`. */
must_use int quic_endpoint_open(struct loop *loop, const struct quic_settings *settings, struct arena *arena,
				struct quic_endpoint **out, struct str *said);
int quic_endpoint_port(const struct quic_endpoint *endpoint);
/* New handshakes get this context from now on; live connections keep theirs. Negative without memory: nothing changed. */
must_use int quic_endpoint_set_tls(struct quic_endpoint *endpoint, struct tls_context *tls);
/*
 * From now on `congestion` and the limits are these, for connections to come; those that are there keep what they began
 * with, and stay if they are over a limit.
 */
void quic_endpoint_set_limits(struct quic_endpoint *endpoint, const struct quic_settings *settings);
/* Takes no new connection and asks every connection's protocol to drain. */
void quic_endpoint_drain(struct quic_endpoint *endpoint);
/* Without those that are closed and only linger. */
size_t quic_endpoint_n_connections(const struct quic_endpoint *endpoint);
/* Closes what is left, telling each peer once; `closed` runs when all is gone and the object freed. */
void quic_endpoint_close(struct quic_endpoint *endpoint, void (*closed)(void *arg), void *arg);

#endif
