/* SPDX-License-Identifier: MIT */
/* Listening sockets: from addresses and a stack to connections; limits and stages' deadlines. */
#ifndef NET_LISTENER_H
#define NET_LISTENER_H

#include "net/conn.h"
#include "net/tls.h"

struct listeners;

struct listener_settings {
	struct str_list addresses; /* "127.0.0.1", "::1", "0.0.0.0", "::" */
	int port;		   /* 0: ephemeral, the same one for every address */
	struct tls_context *tls;   /* NULL: cleartext */
	const struct protocol *const *protocols; /* NULL-terminated, preferred first; the last serves when no ALPN was offered */
	void *server;		   /* handed to protocol->open */
	unsigned max_connections;  /* over all listeners of this object */
	unsigned max_per_peer;
	unsigned handshake_ms;	   /* TLS handshake deadline */
	unsigned write_stall_ms;   /* no progress of a non-empty output queue */
	size_t output_high_water;  /* bytes queued below a protocol before conn_room is 0 */
};

/*
 * Binds and listens on every address, or on none: 0, or a negative uv error with *said naming address, port and
 * cause ("port 8443 on 127.0.0.1 is in use (by pid 123 recordd); …").
 */
must_use int listeners_open(struct loop *loop, const struct listener_settings *settings, struct arena *arena,
			    struct listeners **out, struct str *said);
int listeners_port(const struct listeners *listeners);
/* Stops accepting and asks every connection's protocol to drain. */
void listeners_drain(struct listeners *listeners);
size_t listeners_n_connections(const struct listeners *listeners);
/* Aborts what is left; `closed` runs when all is gone and the object freed. */
void listeners_close(struct listeners *listeners, void (*closed)(void *arg), void *arg);

#endif
