/* SPDX-License-Identifier: MIT */
/*
 * How often each user's data has changed, as far as this process knows, in a fixed amount of memory.
 *
 * Users share a counter when the keyed hashes of their ids fall together: then one's write makes the other's entries
 * invalid too. That costs a miss now and then; a stale answer it can never give.
 */
#ifndef CACHE_VERSIONS_H
#define CACHE_VERSIONS_H

#include "cache/entries.h"

enum { CACHE_VERSION_SLOTS = 8192, CACHE_KNOWN_SLOTS = 256 };

struct cache_versions {
	uint32_t all;
	uint32_t users[CACHE_VERSION_SLOTS];
	/* The newest version of one user of each slot that has been taken notice of. */
	struct {
		struct uuid user;
		int64_t version;
	} known[CACHE_KNOWN_SLOTS];
};

/* What is true for the user now. */
struct cache_stamp cache_versions_now(const struct cache_versions *versions, const struct uuid *user);
static inline bool cache_stamp_equal(struct cache_stamp a, struct cache_stamp b)
{
	return a.user == b.user && a.all == b.all;
}
/* Notes a version of the user's data; false when that or a newer one is known already. */
must_use bool cache_versions_learn(struct cache_versions *versions, const struct uuid *user, int64_t version);
/* Whether a later version of the user's data is known. */
bool cache_versions_outdated(const struct cache_versions *versions, const struct uuid *user, int64_t version);
void cache_versions_move(struct cache_versions *versions, const struct uuid *user);
/* Forgets what it knew, too: a database that was away may come back older. */
void cache_versions_move_all(struct cache_versions *versions);

#endif
