/* SPDX-License-Identifier: MIT */
/* Counters of writes. */
#include "cache/versions.h"

#include "base/hash.h"

static size_t slot_of(const struct uuid *user)
{
	return hash_str((struct str){ (const char *)user->bytes, sizeof(user->bytes) }) % CACHE_VERSION_SLOTS;
}

struct cache_stamp cache_versions_now(const struct cache_versions *versions, const struct uuid *user)
{
	return (struct cache_stamp){ .user = versions->users[slot_of(user)], .all = versions->all };
}

void cache_versions_move(struct cache_versions *versions, const struct uuid *user)
{
	versions->users[slot_of(user)]++;
}

void cache_versions_move_all(struct cache_versions *versions)
{
	versions->all++;
}
