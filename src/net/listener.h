/* SPDX-License-Identifier: MIT */
/* Listening sockets: from addresses and a stack to connections; limits and stages' deadlines. */
#ifndef NET_LISTENER_H
#define NET_LISTENER_H

#include "net/conn.h"
#include "net/tls.h"

struct listeners;
struct peers;

struct listener_settings {
	struct str_list addresses; /* "127.0.0.1", "::1", "0.0.0.0", "::" */
	int port;		   /* 0: ephemeral, the same one for every address */
	bool with_udp;		   /* an ephemeral one whose UDP twin was free at that moment, for QUIC */
	struct tls_context *tls;   /* NULL: cleartext */
	/* NULL-terminated, preferred first; the last serves when no ALPN was offered, and in clear. */
	const struct protocol *const *protocols;
	void *server; /* handed to protocol->open */
	/* Limits; 0 takes the default. */
	unsigned max_connections; /* over all listeners of this object; 10,000 */
	unsigned max_per_peer;	  /* of one IPv4 address or one IPv6 /64; no cap */
	unsigned max_handshakes;  /* TLS handshakes under way; the first begun gives way to one more; 1,024 */
	unsigned handshake_ms;	  /* TLS handshake deadline; 10 s */
	unsigned keepalive_ms;	  /* silence after which TCP asks whether the peer is still there; 60 s */
	unsigned write_stall_ms;  /* the peer acknowledged too little of what is queued for it; 30 s */
	size_t write_min_rate;	  /* too little: less than so many bytes a second; 0: nothing */
	unsigned linger_ms;	  /* for the peer's FIN after ours; 2 s */
	size_t output_high_water; /* bytes queued below a protocol before conn_room is 0; 128 KB */
};

/*
 * Binds and listens on every address, or on none: 0, or a negative uv error with *said naming address, port and
 * cause ("port 8443 on 127.0.0.1 is in use (by pid 123 recordd); …"). An IPv6 address on a machine without IPv6 is
 * left out, with a warning in the log, as long as another address is there.
 * Takes a reference to the TLS context; `protocols` and `server` must outlive the listeners. Ignores SIGPIPE.
 */
must_use int listeners_open(struct loop *loop, const struct listener_settings *settings, struct arena *arena,
			    struct listeners **out, struct str *said);
int listeners_port(const struct listeners *listeners);
/* Where its clients are counted by address, for others to count with; theirs must have left before it is closed. */
struct peers *listeners_peers(struct listeners *listeners);
/* New connections get this context from now on; live ones keep theirs. Only where TLS was given at open. */
void listeners_set_tls(struct listeners *listeners, struct tls_context *tls);
/*
 * From now on these limits, up to and with write_min_rate, hold. A live connection keeps the deadline it has; one that is
 * over a limit stays, but of the handshakes under way those begun first give way when the next one comes.
 */
void listeners_set_limits(struct listeners *listeners, const struct listener_settings *settings);
/* Stops accepting and asks every connection's protocol to drain. */
void listeners_drain(struct listeners *listeners);
size_t listeners_n_connections(const struct listeners *listeners);
/* Aborts what is left; `closed` runs when all is gone and the object freed. */
void listeners_close(struct listeners *listeners, void (*closed)(void *arg), void *arg);

#endif
