/* SPDX-License-Identifier: MIT */
/* Fetching: from memory, or by a flight that all who ask for the same wait for. */
#include "cache/cache.h"

#include <string.h>

#include "base/random.h"
#include "cache/entries.h"
#include "cache/versions.h"
#include "obs/metrics.h"

enum { FLIGHT_BUCKETS = 256 };

struct cache {
	struct loop *loop;
	struct cache_settings settings;
	bool trusted;
	struct cache_entries entries;
	struct cache_versions versions;
	struct link flights; /* that may be waited for, oldest first */
	struct link flight_buckets[FLIGHT_BUCKETS];
	unsigned n_flights;    /* begun and not ended, those nobody waits for any more included */
	struct timer deadline; /* of the oldest flight, or earlier */
};

struct flight {
	struct call call;
	struct cache *cache;
	struct cache_key key; /* its text is below */
	uint64_t hash;
	struct cache_stamp stamp; /* when it began */
	uint64_t deadline_ms;
	struct link by_age, bucket;
	struct link waiters;
	char text[];
};

/* A call that fetches; lives in its arena. */
struct waiter {
	struct link link;
	struct call *call;
	struct flight *flight;
	bool began_flight;
	struct cache_answer answer;
};

static struct flight *flight_of(struct call *call)
{
	return container_of(call, struct flight, call);
}

static uint64_t now_ms(const struct cache *cache)
{
	return uv_now(&cache->loop->uv);
}

/* ── Flights ── */

/* No one joins it any more. A timer without flights would only keep the loop from ending. */
static void flight_close(struct flight *flight)
{
	list_remove(&flight->by_age);
	list_remove(&flight->bucket);
	if (list_empty(&flight->cache->flights))
		timer_stop(&flight->cache->deadline);
}

static void wake_all(struct flight *flight, struct blob *body, struct blob *note, struct cache_entry *entry)
{
	for (struct link *link; (link = list_pop_front(&flight->waiters));) {
		struct waiter *waiter = list_entry(link, struct waiter, link);
		enum cache_status first = entry ? CACHE_MISS_STORED : CACHE_MISS_NOT_STORED;
		waiter->answer = (struct cache_answer){
			.status = waiter->began_flight ? first : CACHE_MISS_COLLAPSED,
			.body = blob_ref(body),
			.note = note ? blob_ref(note) : NULL,
			.entry = entry ? cache_entry_ref(entry) : NULL,
		};
		waiter->call->blob = body;
		call_wake(waiter->call);
	}
}

/* The problem is the flight's and dies with it: each who waits gets a copy. */
static void fail_all(struct flight *flight, const struct problem *problem)
{
	for (struct link *link; (link = list_pop_front(&flight->waiters));) {
		struct call *call = list_entry(link, struct waiter, link)->call;
		call_wake_failed(call, problem_copy(call->arena, problem));
	}
}

static struct turn flight_failed(struct call *call, const struct problem *problem)
{
	struct flight *flight = flight_of(call);
	flight_close(flight);
	fail_all(flight, problem);
	return call_end(call);
}

static void flight_ended(struct call *call)
{
	struct flight *flight = flight_of(call);
	check(list_empty(&flight->waiters));
	flight->cache->n_flights--;
	arena_free(call->arena);
	free(flight);
}

static const struct call_kind flight_kind = { .name = "cache flight", .failed = flight_failed, .ended = flight_ended };

static void flights_expire(struct timer *timer)
{
	static const struct problem late = { .kind = PROBLEM_TIMEOUT, .error = STR("timed out") };
	struct cache *cache = container_of(timer, struct cache, deadline);
	uint64_t now = now_ms(cache);

	while (!list_empty(&cache->flights)) {
		struct flight *oldest = list_entry(cache->flights.next, struct flight, by_age);
		if (oldest->deadline_ms > now) {
			timer_start(&cache->deadline, oldest->deadline_ms - now, 0);
			return;
		}
		flight_close(oldest);
		fail_all(oldest, &late);
		call_gone(&oldest->call);
	}
}

static struct flight *flight_new(struct cache *cache, const struct cache_key *key)
{
	struct flight *flight = calloc(1, sizeof(*flight) + key->text.len);
	struct arena *arena = flight ? arena_new(cache->settings.arena_budget) : NULL;

	if (!arena) {
		free(flight);
		return NULL;
	}
	flight->cache = cache;
	flight->key = *key;
	flight->key.text = (struct str){ flight->text, key->text.len };
	if (key->text.len)
		memcpy(flight->text, key->text.at, key->text.len);
	list_init(&flight->waiters);
	call_init(&flight->call, &cache->loop->calls, &flight_kind, arena);
	cache->n_flights++;
	return flight;
}

static struct flight *flight_begin(struct cache *cache, const struct cache_key *key, uint64_t hash)
{
	bool first = list_empty(&cache->flights);
	struct flight *flight = flight_new(cache, key);

	if (!flight)
		return NULL;
	flight->hash = hash;
	flight->stamp = cache_versions_now(&cache->versions, &key->user);
	flight->deadline_ms = now_ms(cache) + cache->settings.flight_timeout_ms;
	list_push_back(&cache->flights, &flight->by_age);
	list_push_back(&cache->flight_buckets[hash % FLIGHT_BUCKETS], &flight->bucket);
	if (first)
		timer_start(&cache->deadline, cache->settings.flight_timeout_ms, 0);
	call_start(&flight->call, key->kind->fill);
	return flight;
}

/* One that began before the user's last write does not count: it may have read what was there before. */
static struct flight *flight_find(struct cache *cache, const struct cache_key *key, uint64_t hash)
{
	struct cache_stamp now = cache_versions_now(&cache->versions, &key->user);
	struct flight *flight;

	list_each(flight, &cache->flight_buckets[hash % FLIGHT_BUCKETS], bucket)
		if (flight->hash == hash && cache_stamp_equal(flight->stamp, now) && cache_key_equal(&flight->key, key))
			return flight;
	return NULL;
}

const struct cache_key *cache_key_of(struct call *flight)
{
	return &flight_of(flight)->key;
}

static uint64_t ttl_of(const struct cache_key *key)
{
	uint64_t ttl = key->brief && key->kind->short_ttl_ms ? key->kind->short_ttl_ms : key->kind->ttl_ms;
	return ttl - ttl / 10 + random_below(ttl / 5 + 1);
}

/* NULL when the answer must not be kept, or cannot. */
static struct cache_entry *keep(struct flight *flight, struct blob *body, struct blob *note)
{
	struct cache *cache = flight->cache;
	struct cache_stamp now = cache_versions_now(&cache->versions, &flight->key.user);

	if (!cache->trusted || !cache_stamp_equal(flight->stamp, now) ||
	    blob_str(body).len > cache->settings.max_entry_bytes)
		return NULL;
	return cache_entries_add(&cache->entries, &flight->key, flight->hash, body, note, now,
				 now_ms(cache) + ttl_of(&flight->key));
}

struct turn cache_land_noted(struct call *call, struct str body, struct str note)
{
	struct flight *flight = flight_of(call);
	owned(blob_drop) struct blob *blob = blob_copy(body);
	owned(blob_drop) struct blob *note_blob = str_present(note) ? blob_copy(note) : NULL;

	if (!blob || (str_present(note) && !note_blob))
		return call_fail_with(call, PROBLEM_INTERNAL, "out of memory");
	flight_close(flight);
	wake_all(flight, blob, note_blob, keep(flight, blob, note_blob));
	return call_end(call);
}

struct turn cache_land(struct call *call, struct str body)
{
	return cache_land_noted(call, body, STR_ABSENT);
}

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

/* A flight that nobody waits for is work for nobody, and a client that asks and hangs up must not pile it up. */
static bool waiter_cancelled(struct call *call, void *source)
{
	struct waiter *waiter = source;
	struct flight *flight = waiter->flight;
	(void)call;

	list_remove(&waiter->link);
	if (list_empty(&flight->waiters)) {
		flight_close(flight);
		call_gone(&flight->call);
	}
	return true;
}

/* The valid entry, or NULL; an invalid one goes now that it is seen. While writes are unheard of, none is valid. */
static struct cache_entry *find_valid(struct cache *cache, const struct cache_key *key, uint64_t hash)
{
	struct cache_entry *entry = cache_entries_find(&cache->entries, key, hash);

	if (!entry)
		return NULL;
	if (entry->expires_ms > now_ms(cache) &&
	    cache_stamp_equal(entry->stamp, cache_versions_now(&cache->versions, &key->user)))
		return entry;
	cache_entries_remove(&cache->entries, entry);
	return NULL;
}

static struct turn hit(struct cache *cache, struct waiter *waiter, struct cache_entry *entry, struct step next)
{
	struct call *call = waiter->call;

	metric_add(METRIC_CACHE_HITS, 1);
	cache_entries_touch(&cache->entries, entry);
	waiter->answer = (struct cache_answer){
		.status = CACHE_HIT,
		.ttl_ms = (int64_t)(entry->expires_ms - now_ms(cache)),
		.body = blob_ref(entry->body),
		.note = entry->note ? blob_ref(entry->note) : NULL,
		.entry = cache_entry_ref(entry),
	};
	call->blob = entry->body;
	struct turn turn = call_wait(call, next, NULL, waiter);
	call_wake(call);
	return turn;
}

struct turn cache_fetch(struct call *call, struct cache *cache, const struct cache_key *key, struct step next)
{
	static const struct problem busy = { .kind = PROBLEM_UNAVAILABLE,
					     .error = STR("too many searches are under way"),
					     .retry_after_s = 1 };
	uint64_t hash = cache_key_hash(key);
	struct waiter *waiter = waiter_new(call);

	if (!waiter)
		return call_fail_with(call, PROBLEM_INTERNAL, "out of memory");
	struct cache_entry *entry = find_valid(cache, key, hash);
	if (entry)
		return hit(cache, waiter, entry, next);
	struct flight *flight = flight_find(cache, key, hash);
	if (!flight && cache->n_flights >= cache->settings.max_flights)
		return call_fail(call, &busy);
	metric_add(flight ? METRIC_CACHE_COLLAPSED : METRIC_CACHE_MISSES, 1);
	if (!flight) {
		waiter->began_flight = true;
		flight = flight_begin(cache, key, hash);
	}
	if (!flight)
		return call_fail_with(call, PROBLEM_INTERNAL, "out of memory");
	waiter->flight = flight;
	list_push_back(&flight->waiters, &waiter->link);
	return call_wait(call, next, waiter_cancelled, waiter);
}

struct cache_answer cache_answer_of(struct call *call)
{
	const struct waiter *waiter = call->wait.source; /* stays until the next wait */
	return waiter->answer;
}

struct blob *cache_twin(struct cache *cache, const struct cache_answer *answer, enum cache_coding coding,
			struct blob *(*encode)(enum cache_coding coding, struct str body))
{
	struct cache_entry *entry = answer->entry;

	if (!entry)
		return NULL;
	if (!entry->tried[coding]) {
		entry->tried[coding] = true;
		struct blob *twin = encode(coding, blob_str(entry->body));
		if (twin)
			cache_entries_add_twin(&cache->entries, entry, coding, twin);
	}
	return entry->twins[coding];
}

/* ── Validity ── */

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
	if (cache->trusted != trusted)
		cache_invalidate_all(cache);
	cache->trusted = trusted;
}

struct str cache_status_text(const struct cache_answer *answer, struct arena *arena)
{
	char digits[STR_INT];

	switch (answer->status) {
	case CACHE_HIT: {
		struct str parts[] = { STR("recordd; hit; ttl="), str_of_int(answer->ttl_ms / 1000, digits) };
		return arena_concat(arena, parts, countof(parts));
	}
	case CACHE_MISS_STORED: return STR("recordd; fwd=miss; stored");
	case CACHE_MISS_COLLAPSED: return STR("recordd; fwd=miss; collapsed");
	case CACHE_MISS_NOT_STORED: break;
	}
	return STR("recordd; fwd=miss");
}

/* ── Life ── */

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
	if (!cache_entries_init(&cache->entries, settings->max_bytes, sizeof(*cache)) ||
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
	cache_entries_deinit(&cache->entries);
	timer_close(&cache->deadline);
	free(cache);
}

void cache_resize(struct cache *cache, size_t max_bytes)
{
	cache->settings.max_bytes = max_bytes;
	cache_entries_resize(&cache->entries, max_bytes);
}
