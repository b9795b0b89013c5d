/* SPDX-License-Identifier: MIT */
/* What is known of writes, and so which entries may answer. */
#include "cache/inside.h"
#include "obs/metrics.h"

static bool is_current(const struct cache *cache, const struct cache_entry *entry)
{
	return cache_stamp_equal(entry->stamp, cache_versions_now(&cache->versions, &entry->user));
}

bool cache_is_fresh(const struct cache *cache, const struct cache_entry *entry)
{
	return entry->expires_ms > cache_now_ms(cache) && is_current(cache, entry);
}

/*
 * The user has written nothing since, as far as this node has heard. It has heard everything, or it was the silence of now
 * that made the entry doubtful: one that an earlier silence made doubtful stays so.
 */
static bool is_of_no_known_write(const struct cache *cache, const struct cache_entry *entry)
{
	struct cache_stamp now = cache_versions_now(&cache->versions, &entry->user);

	if (cache_stamp_equal(entry->stamp, now))
		return true;
	return !cache->trusted && entry->stamp.user == now.user && entry->stamp.all == cache->all_when_trusted &&
	       now.all == cache->all_when_trusted + 1;
}

bool cache_may_stand_in(const struct cache *cache, const struct cache_entry *entry)
{
	return cache->settings.stale_ms && entry->expires_ms + cache->settings.stale_ms > cache_now_ms(cache) &&
	       is_of_no_known_write(cache, entry);
}

void cache_invalidate(struct cache *cache, const struct uuid *user)
{
	metric_add(METRIC_CACHE_INVALIDATIONS, 1);
	cache_versions_move(&cache->versions, user);
}

void cache_invalidate_to(struct cache *cache, const struct uuid *user, int64_t version)
{
	if (cache_versions_learn(&cache->versions, user, version))
		cache_invalidate(cache, user);
}

void cache_invalidate_all(struct cache *cache)
{
	metric_add(METRIC_CACHE_INVALIDATIONS, 1);
	cache_versions_move_all(&cache->versions);
}

void cache_set_trusted(struct cache *cache, bool trusted)
{
	if (cache->trusted == trusted)
		return;
	cache->all_when_trusted = cache->versions.all;
	cache->trusted = trusted;
	cache_invalidate_all(cache);
}
