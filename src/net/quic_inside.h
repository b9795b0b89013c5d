/* SPDX-License-Identifier: MIT */
/*
 * The inside of the endpoint, for the files that make it up.
 *
 * quic_endpoint.c  sockets, dispatch of datagrams to whom they belong, the turn, start and stop
 * quic_accept.c    a client's first packet: limits, address validation, the new connection
 * quic_shake.c     its TLS handshake: the certificates of tls.h by the library in quic/
 * quic_conn.c      a connection's life: what ngtcp2 tells it, and its end
 * quic_ask.c       what a protocol may ask of it
 * quic_write.c     its output: from the protocol's streams into trains of datagrams
 * quic_ending.c    what is left of it when it is over
 * quic_reply.c     answers that need no connection: version negotiation, Retry, refusal, stateless reset
 *
 * In:  socket → received → (connection id) → connection | ending | accept | reply
 * Out: whoever has something to do is put on `dirty` and gets its turn at the end of the loop's; all that it writes leaves
 *      by one system call per socket.
 */
#ifndef NET_QUIC_INSIDE_H
#define NET_QUIC_INSIDE_H

#include <ngtcp2/ngtcp2.h>
#include <ngtcp2/ngtcp2_crypto.h>

#include "net/deadlines.h"
#include "net/peers.h"
#include "net/quic.h"
#include "net/quic/quic_tls.h"
#include "net/quic_cids.h"
#include "net/quic_secrets.h"
#include "net/quic_timers.h"
#include "net/tls_shake.h"
#include "net/udp.h"
#include "obs/log.h"
#include "obs/metrics.h"

enum {
	QUIC_MAX_SOCKETS = 16,
	QUIC_MAX_PROTOCOLS = 4,
	QUIC_CLOSE_PACKET_MAX = NGTCP2_MAX_UDP_PAYLOAD_SIZE,
};

/* So many at once, then so many a second: replies to strangers, which must not become a weapon. */
struct quic_allowance {
	double left, most, per_second;
	uint64_t at;
};

struct quic_endpoint {
	struct loop *loop;
	struct quic_settings settings;	     /* with the defaults filled in; addresses, tls and reset_secret are not kept */
	struct tls_context *tls;	     /* of the next handshake */
	struct quic_tls_context *handshakes; /* made of it */
	const char *alpn[QUIC_MAX_PROTOCOLS + 1];
	struct udp_socket sockets[QUIC_MAX_SOCKETS];
	size_t n_sockets;
	int port;
	struct udp_inbox *inbox;

	struct quic_cids cids;	 /* ours → connection or ending */
	struct quic_cids resets; /* stateless reset tokens of peers → connection */
	struct quic_secrets secrets;
	struct quic_timers timers;
	struct deadlines deadlines;
	struct peers own_peers, *peers;
	struct quic_allowance stateless;

	struct link conns, endings;
	size_t n_connections, n_half_open, n_endings;
	struct flusher flusher;
	struct link dirty; /* connections that have something to do this turn */
	uint64_t now;	   /* nanoseconds, read at each datagram and each turn */
	bool draining;
};

enum quic_stage {
	QUIC_SHAKING_HANDS,
	QUIC_OPEN,   /* the protocol's */
	QUIC_ENDING, /* to be closed at the end of the turn */
};

/* How a connection that is QUIC_ENDING goes. */
enum quic_exit {
	QUIC_EXIT_CLOSE,  /* tell the peer `error`, and again if it does not listen */
	QUIC_EXIT_DRAIN,  /* the peer has closed: not a word more */
	QUIC_EXIT_SILENT, /* nobody is there (idle), or it never began */
};

struct quic_conn {
	struct quic_owner owner;
	struct quic_endpoint *endpoint;
	ngtcp2_conn *ngtcp2;
	struct tls_context *context; /* as it was when the handshake began */
	struct quic_tls *tls;
	struct tls_shake shake; /* what the handshake found out */
	const struct quic_protocol *protocol;
	void *state; /* the protocol's; NULL until open returned */
	enum quic_stage stage;
	enum quic_exit exit;
	ngtcp2_ccerr error;

	struct link link;  /* in endpoint->conns */
	struct link dirty; /* in endpoint->dirty, or in no list */
	struct quic_due due;
	struct deadline deadline;
	bool pump_asked;
	uint64_t allowed;   /* bidirectional streams */
	unsigned bidi_over; /* of those, since the peer was last told that it may open more */

	struct peer *peer;	      /* as it was counted */
	struct udp_address validated; /* where it is known to be */
	bool counted_open;	      /* no longer half open */
	char peer_text[INET6_ADDRSTRLEN];
};

/* ── quic_endpoint.c ── */

/* The conn (or ending) gets a turn at the end of this one. */
void quic_turn_later(struct quic_conn *conn);
bool quic_allowed(struct quic_allowance *allowance, uint64_t now);
struct udp_socket *quic_socket_of(const ngtcp2_path *path);

static inline ngtcp2_path quic_path_of(struct udp_socket *socket, const struct udp_path *path)
{
	/* ngtcp2 copies what it keeps; its type has no const. */
	struct udp_path *at = (struct udp_path *)(uintptr_t)path;
	return (ngtcp2_path){ .local = { &at->local.any, at->local.len },
			      .remote = { &at->remote.any, at->remote.len },
			      .user_data = socket };
}

/* ── quic_accept.c ── */

void quic_accept(struct quic_endpoint *endpoint, struct udp_socket *socket, const struct udp_datagram *datagram);

/* ── quic_shake.c ── */

/* New handshakes are by this certificate. 0, or negative without memory: then nothing changed. */
must_use int quic_shake_use(struct quic_endpoint *endpoint, struct tls_context *tls);
/* quic_tls_self_test with what is used. */
must_use int quic_shake_try(struct quic_endpoint *endpoint, struct arena *arena, struct str *said);
void quic_shake_close(struct quic_endpoint *endpoint);
/* Gives the connection its part in ngtcp2's handshake. 0 or negative. */
must_use int quic_shake_begin(struct quic_conn *conn);
void quic_shake_end(struct quic_conn *conn);

/* ── quic_conn.c ── */

/* What ngtcp2 calls. */
extern const ngtcp2_callbacks quic_callbacks;
/* A datagram for it: 0, or ngtcp2's error, by which it goes. */
int quic_conn_read(struct quic_conn *conn, struct udp_socket *socket, const struct udp_datagram *datagram);
/* ngtcp2's error: decides how the connection goes. */
void quic_conn_failed(struct quic_conn *conn, int error);
void quic_conn_leave(struct quic_conn *conn, enum quic_exit exit);
/* Closes and releases it. Outside of its callbacks only. */
void quic_conn_end(struct quic_conn *conn);
/* Sets the timer to what ngtcp2 wants next. */
void quic_conn_rearm(struct quic_conn *conn);
void quic_conn_drain(struct quic_conn *conn);
void quic_conn_deadline_passed(struct deadline *deadline);
void quic_conn_due(struct quic_due *due);

/* ── quic_write.c ── */

/* Writes what it has and may. False: no room in the socket; it is to be asked again when there is. */
bool quic_conn_write(struct quic_conn *conn);

/* ── quic_ending.c ── */

/* Takes over what is left of a connection: its ids, and the packet that says why (empty: it is only kept quiet). */
void quic_ending_begin(struct quic_conn *conn, struct udp_socket *socket, const struct udp_path *path,
		       struct str close_packet);
void quic_ending_received(struct quic_owner *owner, struct udp_socket *socket, const struct udp_datagram *datagram);
void quic_endings_drop(struct quic_endpoint *endpoint);

/* ── quic_reply.c ── */

void quic_reply_versions(struct udp_socket *socket, const struct udp_datagram *datagram, const ngtcp2_version_cid *ids);
void quic_reply_retry(struct quic_endpoint *endpoint, struct udp_socket *socket, const struct udp_datagram *datagram,
		      const ngtcp2_pkt_hd *head);
void quic_reply_refusal(struct quic_endpoint *endpoint, struct udp_socket *socket, const struct udp_datagram *datagram,
			const ngtcp2_pkt_hd *head, uint64_t code);
void quic_reply_reset(struct quic_endpoint *endpoint, struct udp_socket *socket, const struct udp_datagram *datagram,
		      const ngtcp2_version_cid *ids);
/* The versions we speak, preferred first. */
extern const uint32_t quic_versions[2];

#endif
