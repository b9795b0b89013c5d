/* SPDX-License-Identifier: MIT */
/* Fetching: from memory, or by a flight that all who ask for the same wait for. */
#include "cache/cache.h"

#include "cache/inside.h"
#include "obs/metrics.h"

/* ── Those who fetch ── */

static void waiter_release(void *arg)
{
	struct waiter *waiter = arg;
	blob_unref(waiter->answer.body);
	blob_unref(waiter->answer.note);
	if (waiter->answer.entry)
		cache_entry_unref(waiter->answer.entry);
}

static struct waiter *waiter_new(struct call *call)
{
	struct waiter *waiter = arena_new_of(call->arena, struct waiter);
	if (!waiter || !call_defer(call, waiter_release, waiter))
		return NULL;
	waiter->call = call;
	return waiter;
}

static bool waiter_cancelled(struct call *call, void *source)
{
	(void)call;
	flight_leave(source);
	return true;
}

static struct turn answer_with(struct waiter *waiter, const struct cache_answer *answer, struct step next)
{
	struct call *call = waiter->call;

	waiter->answer = *answer;
	blob_ref(answer->body);
	if (answer->note)
		blob_ref(answer->note);
	cache_entry_ref(answer->entry);
	call->blob = answer->body;
	struct turn turn = call_wait(call, next, NULL, waiter);
	call_wake(call);
	return turn;
}

static struct turn hit(const struct cache *cache, struct waiter *waiter, struct cache_entry *entry, struct step next)
{
	const struct cache_answer answer = {
		.status = CACHE_HIT,
		.ttl_ms = (int64_t)(entry->expires_ms - cache_now_ms(cache)),
		.tag = entry->tag,
		.body = entry->body,
		.note = entry->note,
		.entry = entry,
	};

	metric_add(METRIC_CACHE_HITS, 1);
	cache_entry_used(entry);
	return answer_with(waiter, &answer, next);
}

/* Too much is under way: what is kept may have to do here, too. */
static struct turn refuse(const struct cache *cache, struct waiter *waiter, struct cache_entry *entry,
			  const struct cache_key *key, struct step next)
{
	static const struct problem busy = { .kind = PROBLEM_UNAVAILABLE,
					     .error = STR("too many searches are under way"),
					     .retry_after_s = 1 };

	if (!entry || key->kind->never_stale || !cache_may_stand_in(cache, entry))
		return call_fail(waiter->call, &busy);
	const struct cache_answer answer = cache_stale_answer(cache, entry);
	return answer_with(waiter, &answer, next);
}

struct turn cache_fetch(struct call *call, struct cache *cache, const struct cache_key *key, struct step next)
{
	uint64_t hash = cache_key_hash(key);
	struct waiter *waiter = waiter_new(call);

	if (!waiter)
		return call_fail_with(call, PROBLEM_INTERNAL, "out of memory");
	struct cache_entry *entry = cache_entries_find(&cache->entries, key, hash);
	if (entry && cache_is_fresh(cache, entry)) {
		if (entry->refresh_at_ms <= cache_now_ms(cache))
			flight_refresh(cache, key, hash, entry);
		return hit(cache, waiter, entry, next);
	}
	struct flight *flight = flight_find(cache, key, hash);
	if (!flight && cache->n_flights >= cache->settings.max_flights)
		return refuse(cache, waiter, entry, key, next);
	metric_add(flight ? METRIC_CACHE_COLLAPSED : METRIC_CACHE_MISSES, 1);
	if (!flight) {
		waiter->began_flight = true;
		flight = flight_begin(cache, key, hash);
	}
	if (!flight)
		return call_fail_with(call, PROBLEM_INTERNAL, "out of memory");
	flight_join(flight, waiter);
	return call_wait(call, next, waiter_cancelled, waiter);
}

struct cache_answer cache_answer_of(struct call *call)
{
	const struct waiter *waiter = call->wait.source; /* stays until the next wait */
	return waiter->answer;
}

struct blob *cache_twin_made(struct cache *cache, const struct cache_answer *answer, enum cache_coding coding,
			     struct blob *(*make)(void *arg), void *arg)
{
	struct cache_entry *entry = answer->entry;

	if (!entry)
		return NULL;
	if (!entry->tried[coding]) {
		entry->tried[coding] = true;
		struct blob *twin = make(arg);
		if (twin)
			cache_entries_add_twin(&cache->entries, entry, coding, twin);
	}
	return entry->twins[coding];
}

/* A body to be encoded. */
struct encoding {
	enum cache_coding coding;
	struct str body;
	struct blob *(*encode)(enum cache_coding coding, struct str body);
};

static struct blob *make_encoded(void *arg)
{
	const struct encoding *encoding = arg;
	return encoding->encode(encoding->coding, encoding->body);
}

struct blob *cache_twin(struct cache *cache, const struct cache_answer *answer, enum cache_coding coding,
			struct blob *(*encode)(enum cache_coding coding, struct str body))
{
	struct encoding encoding = { coding, blob_str(answer->body), encode };
	return cache_twin_made(cache, answer, coding, make_encoded, &encoding);
}

/* ── What clients are told ── */

struct str cache_status_text(const struct cache_answer *answer, struct arena *arena)
{
	char digits[STR_INT];

	switch (answer->status) {
	case CACHE_HIT: {
		struct str parts[] = { STR("recordd; hit; ttl="), str_of_int(answer->ttl_ms / 1000, digits) };
		return arena_concat(arena, parts, countof(parts));
	}
	case CACHE_STALE: {
		/* It was asked for, in vain: no hit, as the RFC has it. */
		struct str parts[] = { STR("recordd; fwd=stale; fwd-status=503; ttl="),
				       str_of_int(answer->ttl_ms / 1000, digits), STR("; detail=stale-if-error") };
		return arena_concat(arena, parts, countof(parts));
	}
	case CACHE_MISS_STORED: return STR("recordd; fwd=miss; stored");
	case CACHE_MISS_COLLAPSED: return STR("recordd; fwd=miss; collapsed");
	case CACHE_MISS_NOT_STORED: break;
	}
	return STR("recordd; fwd=miss");
}

struct str cache_etag_text(const struct cache_answer *answer, struct arena *arena)
{
	static const char digits[] = "0123456789abcdef";
	char *text = arena_alloc(arena, CACHE_ETAG);

	if (!text)
		return STR_ABSENT;
	text[0] = text[CACHE_ETAG - 1] = '"';
	for (int i = 0; i < CACHE_ETAG - 2; i++)
		text[CACHE_ETAG - 2 - i] = digits[answer->tag >> 4 * i & 15];
	return (struct str){ text, CACHE_ETAG };
}

/* ── Life ── */

/* What has expired goes when room is needed, unless it is all there is while writes are not heard of. */
static bool still_useful(const struct cache_entries *entries, const struct cache_entry *entry)
{
	const struct cache *cache = container_of(entries, struct cache, entries);

	return cache->trusted ? cache_is_fresh(cache, entry) : cache_may_stand_in(cache, entry);
}

struct cache *cache_new(struct loop *loop, const struct cache_settings *settings)
{
	struct cache *cache = calloc(1, sizeof(*cache));

	if (!cache)
		return NULL;
	cache->loop = loop;
	cache->settings = *settings;
	cache->trusted = true;
	list_init(&cache->flights);
	for (size_t i = 0; i < FLIGHT_BUCKETS; i++)
		list_init(&cache->flight_buckets[i]);
	if (!cache_entries_init(&cache->entries, settings->max_bytes, sizeof(*cache), still_useful) ||
	    timer_open(&cache->deadline, loop, flights_expire)) {
		cache_free(cache);
		return NULL;
	}
	return cache;
}

void cache_free(struct cache *cache)
{
	if (!cache)
		return;
	check(cache->n_flights == 0);
	cache_waiting_over(cache);
	cache_entries_deinit(&cache->entries);
	timer_close(&cache->deadline);
	free(cache);
}

void cache_configure(struct cache *cache, const struct cache_settings *settings)
{
	cache->settings = *settings;
	cache_entries_resize(&cache->entries, settings->max_bytes);
}
