/* SPDX-License-Identifier: MIT */
/* Flights: calls that make an answer, for all who wait for it, or for nobody yet when a hot one is about to expire. */
#include <string.h>

#include "base/hash.h"
#include "base/random.h"
#include "cache/inside.h"
#include "obs/metrics.h"

/* An entry that was used so often since it was made is hot. */
enum { HOT_HITS = 3 };

struct flight {
	struct call call;
	struct cache *cache;
	struct cache_key key; /* its text is below */
	uint64_t hash;
	struct cache_stamp stamp; /* when it began */
	int64_t version;	  /* of what it read */
	uint64_t deadline_ms;
	struct link by_deadline, bucket;
	struct link waiters;
	bool refresh; /* nobody asked */
	char text[];
};

static struct flight *flight_of(struct call *call)
{
	return container_of(call, struct flight, call);
}

/* No one joins it any more. A timer without flights would only keep the loop from ending. */
static void flight_close(struct flight *flight)
{
	list_remove(&flight->by_deadline);
	list_remove(&flight->bucket);
	if (list_empty(&flight->cache->flights))
		timer_stop(&flight->cache->deadline);
}

/* ── Those who wait are told ── */

static void wake_all(struct flight *flight, const struct cache_answer *found)
{
	for (struct link *link; (link = list_pop_front(&flight->waiters));) {
		struct waiter *waiter = list_entry(link, struct waiter, link);
		waiter->answer = *found;
		if (found->status != CACHE_STALE && !waiter->began_flight)
			waiter->answer.status = CACHE_MISS_COLLAPSED;
		blob_ref(found->body);
		if (found->note)
			blob_ref(found->note);
		if (found->entry)
			cache_entry_ref(found->entry);
		waiter->call->blob = found->body;
		call_wake(waiter->call);
	}
}

struct cache_answer cache_stale_answer(const struct cache *cache, struct cache_entry *entry)
{
	metric_add(METRIC_CACHE_STALE, 1);
	return (struct cache_answer){
		.status = CACHE_STALE,
		.ttl_ms = (int64_t)(entry->expires_ms - cache_now_ms(cache)),
		.tag = entry->tag,
		.body = entry->body,
		.note = entry->note,
		.entry = entry,
	};
}

/* The database was not there, or too slow: not the client's mistake, nor ours. */
static bool is_outage(const struct problem *problem)
{
	return problem->kind == PROBLEM_UNAVAILABLE || problem->kind == PROBLEM_TIMEOUT;
}

/* The problem is the flight's and dies with it: each who waits gets a copy, or what is kept if that may stand in. */
static void fail_all(struct flight *flight, const struct problem *problem)
{
	struct cache *cache = flight->cache;
	bool replaceable = is_outage(problem) && !flight->key.kind->never_stale && !list_empty(&flight->waiters);
	struct cache_entry *entry =
		replaceable ? cache_entries_find(&cache->entries, &flight->key, flight->hash) : NULL;

	if (entry && cache_may_stand_in(cache, entry)) {
		struct cache_answer stale = cache_stale_answer(cache, entry);
		wake_all(flight, &stale);
		return;
	}
	for (struct link *link; (link = list_pop_front(&flight->waiters));) {
		struct call *call = list_entry(link, struct waiter, link)->call;
		call_wake_failed(call, problem_copy(call->arena, problem));
	}
}

/* ── Their life ── */

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
	flight->cache->n_refreshes -= flight->refresh;
	arena_free(call->arena);
	free(flight);
}

static const struct call_kind flight_kind = { .name = "cache flight", .failed = flight_failed, .ended = flight_ended };

void flights_expire(struct timer *timer)
{
	static const struct problem late = { .kind = PROBLEM_TIMEOUT, .error = STR("timed out") };
	struct cache *cache = container_of(timer, struct cache, deadline);
	uint64_t now = cache_now_ms(cache);

	while (!list_empty(&cache->flights)) {
		struct flight *first = list_entry(cache->flights.next, struct flight, by_deadline);
		if (first->deadline_ms > now) {
			timer_start(&cache->deadline, first->deadline_ms - now, 0);
			return;
		}
		flight_close(first);
		fail_all(first, &late);
		call_gone(&first->call);
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
	flight->version = CACHE_VERSION_UNKNOWN;
	flight->key = *key;
	flight->key.text = (struct str){ flight->text, key->text.len };
	if (key->text.len)
		memcpy(flight->text, key->text.at, key->text.len);
	list_init(&flight->waiters);
	call_init(&flight->call, &cache->loop->calls, &flight_kind, arena);
	cache->n_flights++;
	return flight;
}

/* A silent database is not waited for as long as one that works, when there is something to fall back on. */
static unsigned patience_for(const struct cache *cache, const struct cache_key *key, uint64_t hash)
{
	const struct cache_settings *settings = &cache->settings;

	if (cache->trusted || key->kind->never_stale || settings->stale_wait_ms >= settings->flight_timeout_ms)
		return settings->flight_timeout_ms;
	const struct cache_entry *entry = cache_entries_find(&cache->entries, key, hash);
	return entry && cache_may_stand_in(cache, entry) ? settings->stale_wait_ms : settings->flight_timeout_ms;
}

static void list_by_deadline(struct flight *flight)
{
	struct link *flights = &flight->cache->flights, *before = flights->prev;

	while (before != flights && list_entry(before, struct flight, by_deadline)->deadline_ms > flight->deadline_ms)
		before = before->prev;
	list_push_front(before, &flight->by_deadline);
	if (before == flights)
		timer_start(&flight->cache->deadline, flight->deadline_ms - cache_now_ms(flight->cache), 0);
}

struct flight *flight_begin(struct cache *cache, const struct cache_key *key, uint64_t hash)
{
	struct flight *flight = flight_new(cache, key);

	if (!flight)
		return NULL;
	flight->hash = hash;
	flight->stamp = cache_versions_now(&cache->versions, &key->user);
	flight->deadline_ms = cache_now_ms(cache) + patience_for(cache, key, hash);
	list_by_deadline(flight);
	list_push_back(&cache->flight_buckets[hash % FLIGHT_BUCKETS], &flight->bucket);
	call_start(&flight->call, key->kind->fill);
	return flight;
}

/* One that began before the user's last write does not count: it may have read what was there before. */
struct flight *flight_find(const struct cache *cache, const struct cache_key *key, uint64_t hash)
{
	struct cache_stamp now = cache_versions_now(&cache->versions, &key->user);
	struct flight *flight;

	list_each(flight, &cache->flight_buckets[hash % FLIGHT_BUCKETS], bucket)
		if (flight->hash == hash && cache_stamp_equal(flight->stamp, now) && cache_key_equal(&flight->key, key))
			return flight;
	return NULL;
}

void flight_join(struct flight *flight, struct waiter *waiter)
{
	waiter->flight = flight;
	list_push_back(&flight->waiters, &waiter->link);
}

/* A flight that nobody waits for is work for nobody, and a client that asks and hangs up must not pile it up. */
void flight_leave(struct waiter *waiter)
{
	struct flight *flight = waiter->flight;

	list_remove(&waiter->link);
	if (list_empty(&flight->waiters) && !flight->refresh) {
		flight_close(flight);
		call_gone(&flight->call);
	}
}

void flight_refresh(struct cache *cache, const struct cache_key *key, uint64_t hash, struct cache_entry *entry)
{
	if (entry->refreshing || entry->hits < HOT_HITS || cache->n_refreshes >= cache->settings.max_refreshes ||
	    cache->n_flights >= cache->settings.max_flights)
		return;
	struct flight *flight = flight_begin(cache, key, hash);
	if (!flight)
		return;
	entry->refreshing = flight->refresh = true;
	cache->n_refreshes++;
	metric_add(METRIC_CACHE_REFRESHES, 1);
}

/* ── Landing ── */

const struct cache_key *cache_key_of(struct call *flight)
{
	return &flight_of(flight)->key;
}

void cache_read_version(struct call *flight, int64_t version)
{
	flight_of(flight)->version = version;
}

static uint64_t ttl_of(const struct cache_key *key)
{
	uint64_t ttl = key->brief && key->kind->short_ttl_ms ? key->kind->short_ttl_ms : key->kind->ttl_ms;
	return ttl - ttl / 10 + random_below(ttl / 5 + 1);
}

static bool may_keep(const struct flight *flight, const struct blob *body)
{
	const struct cache *cache = flight->cache;
	const struct uuid *user = &flight->key.user;

	if (!cache->trusted || !cache_stamp_equal(flight->stamp, cache_versions_now(&cache->versions, user)))
		return false;
	if (flight->version != CACHE_VERSION_UNKNOWN && cache_versions_outdated(&cache->versions, user, flight->version))
		return false;
	size_t times = flight->key.kind->max_times ? flight->key.kind->max_times : 1;
	return blob_str(body).len <= times * cache->settings.max_entry_bytes;
}

/* NULL when the answer must not be kept, or cannot. */
static struct cache_entry *keep(const struct flight *flight, struct blob *body, struct blob *note, uint64_t tag)
{
	struct cache *cache = flight->cache;
	uint64_t ttl = ttl_of(&flight->key), part = ttl * cache->settings.refresh_percent / 100;

	if (!may_keep(flight, body))
		return NULL;
	struct cache_fresh fresh = { .body = body,
				     .note = note,
				     .stamp = flight->stamp,
				     .version = flight->version,
				     .expires_ms = cache_now_ms(cache) + ttl,
				     .refresh_at_ms = cache_now_ms(cache) + ttl - part,
				     .tag = tag };
	return cache_entries_add(&cache->entries, &flight->key, flight->hash, &fresh);
}

uint64_t cache_tag_of(struct str body, struct str note)
{
	return hash_content(body) + 3 * hash_content(str_present(note) ? note : STR(""));
}

struct turn cache_land_noted(struct call *call, struct str body, struct str note)
{
	struct flight *flight = flight_of(call);
	owned(blob_drop) struct blob *blob = blob_copy(body);
	owned(blob_drop) struct blob *note_blob = str_present(note) ? blob_copy(note) : NULL;

	if (!blob || (str_present(note) && !note_blob))
		return call_fail_with(call, PROBLEM_INTERNAL, "out of memory");
	uint64_t tag = cache_tag_of(body, note);
	struct cache_entry *entry = keep(flight, blob, note_blob, tag);
	struct cache_answer answer = { .status = entry ? CACHE_MISS_STORED : CACHE_MISS_NOT_STORED,
				       .tag = tag,
				       .body = blob,
				       .note = note_blob,
				       .entry = entry };
	flight_close(flight);
	wake_all(flight, &answer);
	return call_end(call);
}

struct turn cache_land(struct call *call, struct str body)
{
	return cache_land_noted(call, body, STR_ABSENT);
}
