/* SPDX-License-Identifier: MIT */
/* Counters of writes. */
#include "cache/versions.h"

#include <string.h>

#include "base/hash.h"

static size_t slot_of(const struct uuid *user)
{
	return hash_str((struct str){ (const char *)user->bytes, sizeof(user->bytes) }) % CACHE_VERSION_SLOTS;
}

struct cache_stamp cache_versions_now(const struct cache_versions *versions, const struct uuid *user)
{
	return (struct cache_stamp){ .user = versions->users[slot_of(user)], .all = versions->all };
}

bool cache_versions_learn(struct cache_versions *versions, const struct uuid *user, int64_t version)
{
	size_t slot = slot_of(user) % CACHE_KNOWN_SLOTS;

	if (uuid_equal(&versions->known[slot].user, user) && version <= versions->known[slot].version)
		return false;
	versions->known[slot].user = *user;
	versions->known[slot].version = version;
	return true;
}

bool cache_versions_outdated(const struct cache_versions *versions, const struct uuid *user, int64_t version)
{
	size_t slot = slot_of(user) % CACHE_KNOWN_SLOTS;

	return uuid_equal(&versions->known[slot].user, user) && version < versions->known[slot].version;
}

void cache_versions_move(struct cache_versions *versions, const struct uuid *user)
{
	versions->users[slot_of(user)]++;
}

void cache_versions_move_all(struct cache_versions *versions)
{
	versions->all++;
	memset(versions->known, 0, sizeof(versions->known));
}
