/* SPDX-License-Identifier: MIT */
/*
 * The cache's parts among themselves: cache.c is asked, flights.c makes what is missing, valid.c knows what may answer,
 * snapshot.c carries it over a restart.
 */
#ifndef CACHE_INSIDE_H
#define CACHE_INSIDE_H

#include "cache/entries.h"
#include "cache/versions.h"

enum { FLIGHT_BUCKETS = 256 };

/* Answers of a snapshot that wait for their users' versions. */
struct cache_waiting {
	struct buf bytes;
	struct waiting_answer *answers; /* by user */
	size_t n;
	bool asked;
};

struct cache {
	struct loop *loop;
	struct cache_settings settings;
	bool trusted;
	uint32_t all_when_trusted; /* everybody's stamp, before the silence that there is now */
	struct cache_entries entries;
	struct cache_versions versions;
	struct link flights; /* that may be waited for, by deadline */
	struct link flight_buckets[FLIGHT_BUCKETS];
	unsigned n_flights;    /* begun and not ended, those nobody waits for any more included */
	unsigned n_refreshes;  /* of them, those that nobody asked for */
	struct timer deadline; /* of the first flight, or earlier */
	struct cache_waiting waiting;
};

struct flight;

/* A call that fetches; lives in its arena. */
struct waiter {
	struct link link;
	struct call *call;
	struct flight *flight;
	bool began_flight;
	struct cache_answer answer;
};

static inline uint64_t cache_now_ms(const struct cache *cache)
{
	return uv_now(&cache->loop->uv);
}

/* ── valid.c ── */

/* Neither expired nor outdated by a write, and no write can have gone unheard. */
bool cache_is_fresh(const struct cache *cache, const struct cache_entry *entry);
/* May stand in when a fill has failed. */
bool cache_may_stand_in(const struct cache *cache, const struct cache_entry *entry);

/* ── flights.c ── */

/* The flight for the key that is under way and may be joined, or NULL. */
struct flight *flight_find(const struct cache *cache, const struct cache_key *key, uint64_t hash);
/* A new one, which the waiter joins; NULL without memory. */
struct flight *flight_begin(struct cache *cache, const struct cache_key *key, uint64_t hash);
void flight_join(struct flight *flight, struct waiter *waiter);
/* The waiter has gone: the last one's flight has no purpose any more, unless nobody had asked for it. */
void flight_leave(struct waiter *waiter);
/* Makes a hot entry anew before it expires, if there is room for one more such flight. */
void flight_refresh(struct cache *cache, const struct cache_key *key, uint64_t hash, struct cache_entry *entry);
void flights_expire(struct timer *timer);
/* What an entry answers with when the fill has failed. */
struct cache_answer cache_stale_answer(const struct cache *cache, struct cache_entry *entry);
uint64_t cache_tag_of(struct str body, struct str note);

#endif
