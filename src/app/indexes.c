/* SPDX-License-Identifier: MIT */
/* The indexes in memory: found by user, counted, evicted; who waits for one. */
#include <stdlib.h>

#include "app/indexes_inside.h"
#include "base/clock.h"
#include "base/hash.h"
#include "obs/metrics.h"

enum { BUILDING = 2, BUILDING_WAITING = 100000 };

/* A call that needs an index; lives in its arena. */
struct index_waiter {
	struct link link;
	struct call *call;
	struct indexes *indexes;
	struct held *held;
	int64_t version;  /* that is good enough */
	uint64_t n_reads; /* how often the database had been asked before: what it says when asked again is good enough */
};

/* ── The table ── */

static struct link *bucket_of(struct indexes *indexes, const struct uuid *user)
{
	return &indexes->buckets[hash_str((struct str){ (const char *)user, sizeof(*user) }) % INDEX_BUCKETS];
}

static struct held *find(struct indexes *indexes, const struct uuid *user)
{
	struct held *held;

	list_each(held, bucket_of(indexes, user), bucket)
		if (uuid_equal(&held->user, user))
			return held;
	return NULL;
}

static struct held *add(struct indexes *indexes, const struct uuid *user)
{
	struct held *held = calloc(1, sizeof(*held));

	if (!held)
		return NULL;
	held->user = *user;
	list_init(&held->waiters);
	list_push_back(bucket_of(indexes, user), &held->bucket);
	list_push_front(&indexes->recent, &held->recent);
	indexes->n++;
	metric_set(METRIC_SEARCH_INDEXES, (int64_t)indexes->n);
	held_weigh(indexes, held);
	return held;
}

static void drop(struct indexes *indexes, struct held *held)
{
	check(!held->pins && list_empty(&held->waiters));
	list_remove(&held->bucket);
	list_remove(&held->recent);
	indexes->bytes -= held->bytes;
	indexes->n--;
	metric_set(METRIC_SEARCH_INDEX_BYTES, (int64_t)indexes->bytes);
	metric_set(METRIC_SEARCH_INDEXES, (int64_t)indexes->n);
	search_index_free(held->index);
	free(held);
}

/* Those in use stay, so the bound may be passed for as long as they are. */
static void make_room(struct indexes *indexes)
{
	struct link *link = indexes->recent.prev;

	while (indexes->bytes > indexes->settings.max_bytes && link != &indexes->recent) {
		struct held *oldest = list_entry(link, struct held, recent);
		link = link->prev;
		if (oldest->pins)
			continue;
		metric_add(METRIC_SEARCH_INDEX_EVICTIONS, 1);
		drop(indexes, oldest);
	}
}

void held_weigh(struct indexes *indexes, struct held *held)
{
	size_t bytes = sizeof(*held) + (held->index ? search_index_bytes(held->index) : 0) + held->loading_bytes;

	indexes->bytes = indexes->bytes - held->bytes + bytes;
	held->bytes = bytes;
	held->pins++;
	make_room(indexes);
	held->pins--;
	metric_set(METRIC_SEARCH_INDEX_BYTES, (int64_t)indexes->bytes);
}

void held_unpin(struct indexes *indexes, struct held *held)
{
	held->pins--;
	make_room(indexes);
}

void indexes_resize(struct indexes *indexes, size_t max_bytes)
{
	struct held *held;

	indexes->settings.max_bytes = max_bytes;
	list_each(held, &indexes->recent, recent)
		held->refused_us = 0;
	make_room(indexes);
}

/* ── Who waits ── */

bool held_wake(struct held *held)
{
	struct index_waiter *waiter;

	list_each(waiter, &held->waiters, link) {
		if (held->version < waiter->version && waiter->n_reads == held->n_reads)
			continue;
		list_remove(&waiter->link);
		call_wake(waiter->call);
	}
	return !list_empty(&held->waiters);
}

/* The problem belongs to the load and goes with it: each who waits gets a copy. */
void held_fail(struct held *held, const struct problem *problem)
{
	for (struct link *link; (link = list_pop_front(&held->waiters));) {
		struct call *call = list_entry(link, struct index_waiter, link)->call;
		call_wake_failed(call, problem_copy(call->arena, problem));
	}
}

/* What was begun is finished: others will ask for it. */
static bool waiter_cancelled(struct call *call, void *source)
{
	struct index_waiter *waiter = source;
	(void)call;

	list_remove(&waiter->link);
	return true;
}

static void waiter_release(void *arg)
{
	struct index_waiter *waiter = arg;
	held_unpin(waiter->indexes, waiter->held);
}

struct turn indexes_await(struct call *call, struct indexes *indexes, const struct uuid *user, int64_t version,
			  struct step next)
{
	struct index_waiter *waiter = arena_new_of(call->arena, struct index_waiter);
	struct held *held = find(indexes, user);

	if (!held)
		held = add(indexes, user);
	if (!waiter || !held)
		return call_fail_with(call, PROBLEM_INTERNAL, "out of memory");
	held->pins++;
	*waiter = (struct index_waiter){ .call = call, .indexes = indexes, .held = held, .version = version };
	if (!call_defer(call, waiter_release, waiter)) {
		held_unpin(indexes, held);
		return call_fail_with(call, PROBLEM_INTERNAL, "out of memory");
	}
	list_remove(&held->recent);
	list_push_front(&indexes->recent, &held->recent);
	if (held->known < version)
		held->known = version;
	if (held_is_current(held, version)) {
		struct turn turn = call_wait(call, next, NULL, waiter);
		call_wake(call);
		return turn;
	}
	if (held->refused_us > clock_monotonic_us())
		return call_fail(call, &held_too_large);
	waiter->version = held->known;
	waiter->n_reads = held->n_reads;
	list_push_back(&held->waiters, &waiter->link);
	struct turn turn = call_wait(call, next, waiter_cancelled, waiter);
	held_load(indexes, held);
	return turn;
}

struct index_view indexes_view(struct call *call)
{
	const struct index_waiter *waiter = call->wait.source; /* stays until the next wait */
	return (struct index_view){ .index = waiter->held->index, .version = waiter->held->version };
}

/* ── What is heard ── */

void indexes_learn(struct indexes *indexes, const struct uuid *user, int64_t version)
{
	struct held *held = find(indexes, user);

	if (held && held->known < version)
		held->known = version;
}

static void doubt(struct indexes *indexes, struct held *held)
{
	held->doubtful = true;
	held->known = 0;
	if (!held->pins)
		drop(indexes, held);
}

void indexes_doubt(struct indexes *indexes, const struct uuid *user)
{
	struct held *held = find(indexes, user);

	if (held)
		doubt(indexes, held);
}

void indexes_doubt_all(struct indexes *indexes)
{
	struct held *held;

	list_each(held, &indexes->recent, recent)
		doubt(indexes, held);
}

/* ── Life ── */

struct indexes *indexes_new(struct loop *loop, struct db *db, const struct indexes_settings *settings)
{
	struct indexes *indexes = calloc(1, sizeof(*indexes));

	if (!indexes)
		return NULL;
	indexes->loop = loop;
	indexes->db = db;
	indexes->settings = *settings;
	for (size_t i = 0; i < INDEX_BUCKETS; i++)
		list_init(&indexes->buckets[i]);
	list_init(&indexes->recent);
	list_init(&indexes->queue);
	indexes->building = (struct work_class){ .name = "building search indexes",
						 .max_running = BUILDING,
						 .max_waiting = BUILDING_WAITING };
	return indexes;
}

void indexes_free(struct indexes *indexes)
{
	struct held *held;

	if (!indexes)
		return;
	list_each(held, &indexes->recent, recent)
		drop(indexes, held);
	free(indexes);
}
