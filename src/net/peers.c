/* SPDX-License-Identifier: MIT */
/* A chained hash table of peers, keyed so that nobody can choose where he lands. */
#include "net/peers.h"

#include <netinet/in.h>
#include <string.h>

#include "base/hash.h"

enum { FEWEST_BUCKETS = 64, MOST_BUCKETS = 65536, KEY_BYTES = 8, IPV6_NETWORK_BYTES = 8 };

struct peer {
	struct peer *next;
	unsigned n;
	bool v6;
	unsigned char network[KEY_BYTES];
};

static const struct in6_addr *ipv6_of(const struct sockaddr *address)
{
	return &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
}

/* The IPv4 address, also one mapped into IPv6; NULL if it is none. Network byte order. */
static const unsigned char *ipv4_of(const struct sockaddr *address)
{
	if (address->sa_family == AF_INET)
		return (const unsigned char *)&((const struct sockaddr_in *)(const void *)address)->sin_addr;
	return IN6_IS_ADDR_V4MAPPED(ipv6_of(address)) ? ipv6_of(address)->s6_addr + 12 : NULL;
}

bool address_is_loopback(const struct sockaddr *address)
{
	const unsigned char *ipv4 = ipv4_of(address);
	return ipv4 ? ipv4[0] == 127 : IN6_IS_ADDR_LOOPBACK(ipv6_of(address));
}

static struct peer key_of(const struct sockaddr *address)
{
	struct peer key = { 0 };
	const unsigned char *ipv4 = ipv4_of(address);
	if (ipv4)
		memcpy(key.network, ipv4, sizeof(struct in_addr));
	else
		memcpy(key.network, ipv6_of(address)->s6_addr, IPV6_NETWORK_BYTES);
	key.v6 = !ipv4;
	return key;
}

static bool same(const struct peer *a, const struct peer *b)
{
	return a->v6 == b->v6 && memcmp(a->network, b->network, sizeof(a->network)) == 0;
}

static struct peer **slot_of(struct peers *peers, const struct peer *key)
{
	uint64_t hash = hash_str((struct str){ (const char *)key->network, sizeof(key->network) });
	struct peer **slot = &peers->buckets[hash & (peers->n_buckets - 1)];
	while (*slot && !same(*slot, key))
		slot = &(*slot)->next;
	return slot;
}

int peers_init(struct peers *peers, size_t expected)
{
	size_t n = FEWEST_BUCKETS;
	while (n < expected && n < MOST_BUCKETS)
		n *= 2;
	*peers = (struct peers){ .buckets = calloc(n, sizeof(struct peer *)), .n_buckets = n };
	return peers->buckets ? 0 : -1;
}

void peers_deinit(struct peers *peers)
{
	check(peers->n == 0);
	free(take(peers->buckets));
}

struct peer *peers_join(struct peers *peers, const struct sockaddr *address, unsigned max)
{
	struct peer key = key_of(address), **slot = slot_of(peers, &key);
	struct peer *peer = *slot;

	if (peer && max && peer->n >= max)
		return NULL;
	if (!peer) {
		peer = malloc(sizeof(*peer));
		if (!peer)
			return NULL;
		*peer = key;
		*slot = peer;
		peers->n++;
	}
	peer->n++;
	return peer;
}

void peers_leave(struct peers *peers, struct peer *peer)
{
	if (--peer->n)
		return;
	*slot_of(peers, peer) = peer->next;
	peers->n--;
	free(peer);
}
