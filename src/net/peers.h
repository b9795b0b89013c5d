/* SPDX-License-Identifier: MIT */
/* How many connections each peer has: an IPv4 address, or an IPv6 network of 64 bits, since that is what one host gets. */
#ifndef NET_PEERS_H
#define NET_PEERS_H

#include <sys/socket.h>

#include "base/str.h"

struct peer;

struct peers {
	struct peer **buckets;
	size_t n_buckets; /* a power of two */
	size_t n;
};

/* Buckets for about that many peers. 0, or negative without memory. */
must_use int peers_init(struct peers *peers, size_t expected);
/* Asserts that all have left. */
void peers_deinit(struct peers *peers);

/* One more connection of that address: its peer, or NULL when it has `max` already (0: no cap), or without memory. */
must_use struct peer *peers_join(struct peers *peers, const struct sockaddr *address, unsigned max);
void peers_leave(struct peers *peers, struct peer *peer);

/* Whether the address is this machine's own: 127.0.0.0/8, ::1, or the former mapped into IPv6. */
bool address_is_loopback(const struct sockaddr *address);

#endif
