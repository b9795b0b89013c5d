/* SPDX-License-Identifier: MIT */
/*
 * A client connection as a protocol sees it: plaintext in, plaintext out, whatever lies below (TCP, TCP+TLS).
 *
 * Stacks are tables: tcp → h1; tcp → tls → (ALPN) → h2 | h1. A protocol is chosen by name when the connection is
 * ready (after the handshake, or at once for cleartext) and from then on is fed and asked, never threaded through.
 * Output is gathered during a turn of the loop and written once, at its end. Flow control: a protocol writes only
 * while conn_room says so; when room returns, `pump` is called.
 */
#ifndef NET_CONN_H
#define NET_CONN_H

#include "base/str.h"
#include "loop/loop.h"

struct conn;

/*
 * Whatever the protocol calls from within its callbacks, its state stays valid until `closed`, which never runs inside
 * another callback. After conn_close or conn_abort only `closed` is called.
 */

/* An application protocol, a constant table row. Start here to add one. */
struct protocol {
	const char *alpn; /* "h2", "http/1.1" */
	/* The connection is ready; returns the protocol's state, or NULL (no memory: the connection is closed). */
	void *(*open)(struct conn *conn, void *server);
	/*
	 * Plaintext arrived. It must be taken whole (copied or parsed); use conn_pause for back-pressure. What one
	 * read of the socket brought is still delivered after conn_pause: at most CONN_READ_MAX bytes.
	 */
	void (*input)(void *state, struct str bytes);
	/* The peer ended its sending side (close_notify, or FIN: requests frame themselves, so a missing close_notify
	 * cannot pass a cut one off as whole). Once at most. It may still be reading. */
	void (*input_ended)(void *state);
	/* There is room to write again, or loop work was asked for by conn_pump_later. */
	void (*pump)(void *state);
	/* The server is stopping: finish what runs, take no more, then conn_close. */
	void (*drain)(void *state);
	/* The deadline of conn_deadline passed. True: the client was too slow, and is counted as such; false: it was
	 * only a look at the clock. */
	bool (*timed_out)(void *state);
	/* The connection is gone; free the state. Last call. */
	void (*closed)(void *state);
};

/* How many plaintext bytes may be written now; 0: wait for pump. */
size_t conn_room(const struct conn *conn);
/* Queues plaintext; never more than conn_room + CONN_SLACK (small control answers may exceed the room by that). */
enum { CONN_SLACK = 16384, CONN_READ_MAX = 65536 };
void conn_write(struct conn *conn, struct str bytes);
/* Asks for one pump at the end of this turn. */
void conn_pump_later(struct conn *conn);
/* Stops and resumes reading from the socket. */
void conn_pause(struct conn *conn, bool paused);
/* Writes what is queued, then close_notify and FIN, waits (bounded) for the peer, closes. */
void conn_close(struct conn *conn);
/* At once. */
void conn_abort(struct conn *conn);
/* One deadline per connection, the stage's: 0 switches it off. Cheap enough for every request; coarse (100 ms). */
void conn_deadline(struct conn *conn, unsigned ms);

bool conn_secure(const struct conn *conn);
bool conn_loopback(const struct conn *conn);
/* Peer address without port, "127.0.0.1" or "::1"; lives as long as the connection. */
struct str conn_peer(const struct conn *conn);
/* The TLS server name the client asked for, or absent. */
struct str conn_server_name(const struct conn *conn);
/*
 * The subject of the client's certificate, which one of tls.client_ca's authorities vouches for: "O=Shop, CN=till 1".
 * Absent: the client showed none. Lives as long as the connection.
 */
struct str conn_client_subject(const struct conn *conn);

#endif
