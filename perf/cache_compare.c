/* SPDX-License-Identifier: MIT */
/*
 * Hit ratios of LRU, SIEVE, S3-FIFO in outline and of the cache's own table (src/cache/entries.c), on one trace each of
 * searching with few and with many scans, as Markdown. The same on every machine.
 *
 *	cmake --build --preset release --target cache_compare && build/release/cache_compare
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cache/entries.h"
#include "cache_policies.h"
#include "cache_trace.h"

enum {
	EVENTS = 2000000,
	WARM_UP = EVENTS / 4,
	USERS = 100,
	OBJECTS = 1 << 21, /* far more than keys */
	PER_ANSWER = sizeof(struct cache_entry) + 80,
};

struct score {
	uint64_t n, hits, bytes, hit_bytes;
};

static struct object *objects;
static unsigned stamps[USERS]; /* writes so far */
static uint64_t now_ms;

static const struct trace_settings traces[] = {
	{ .seed = 1, .n_users = USERS, .n_queries = 2000, .users_skew = 0.9, .queries_skew = 1.1, .events_per_second = 2000,
	  .scan_share = 0.002, .write_share = 0.0005 },
	{ .seed = 2, .n_users = USERS, .n_queries = 2000, .users_skew = 0.9, .queries_skew = 1.1, .events_per_second = 2000,
	  .scan_share = 0.02, .write_share = 0.0005 },
};

static bool object_lives(const struct object *object)
{
	return object->expires_ms > now_ms && object->stamp == stamps[object->user];
}

static struct object *object_of(uint64_t key)
{
	uint64_t at = key % OBJECTS;

	while (objects[at].key && objects[at].key != key)
		at = (at + 1) % OBJECTS;
	objects[at].key = key;
	return &objects[at];
}

static bool ask_outline(void *with, const struct trace_event *event)
{
	struct policy *policy = with;
	struct object *object = object_of(event->key);

	object->user = event->user;
	if (object->kept && object_lives(object)) {
		policy_used(policy, object);
		return true;
	}
	policy_forget(policy, object);
	object->bytes = event->bytes + PER_ANSWER;
	object->stamp = stamps[event->user];
	object->expires_ms = event->at_ms + event->ttl_ms;
	policy_keep(policy, object);
	return false;
}

/* ── The product's own ── */

static bool entry_lives(const struct cache_entries *entries, const struct cache_entry *entry)
{
	(void)entries;
	return entry->expires_ms > now_ms && entry->stamp.user == stamps[entry->user.bytes[0]];
}

static bool ask_own(void *with, const struct trace_event *event)
{
	static const struct cache_kind kind = { .name = "search" };
	static char bytes[1 << 16];
	struct cache_entries *entries = with;
	char text[24];

	snprintf(text, sizeof(text), "%016" PRIx64, event->key);
	const struct cache_key key = { .kind = &kind, .user = { { (uint8_t)event->user } }, .text = str_of(text) };
	uint64_t hash = cache_key_hash(&key);
	struct cache_entry *entry = cache_entries_find(entries, &key, hash);
	if (entry && entry_lives(entries, entry)) {
		cache_entry_used(entry);
		return true;
	}
	owned(blob_drop) struct blob *body = blob_copy((struct str){ bytes, event->bytes });
	const struct cache_fresh fresh = { .body = body,
					   .stamp.user = stamps[event->user],
					   .expires_ms = event->at_ms + event->ttl_ms };
	(void)cache_entries_add(entries, &key, hash, &fresh);
	return false;
}

/* ── The comparison ── */

static struct score run(const struct trace_settings *settings, bool (*ask)(void *with, const struct trace_event *event),
			void *with)
{
	struct trace *trace = trace_new(settings);
	struct score score = { 0 };

	check(trace);
	memset(stamps, 0, sizeof(stamps));
	for (int i = 0; i < EVENTS; i++) {
		struct trace_event event = trace_next(trace);
		now_ms = event.at_ms;
		if (event.write) {
			stamps[event.user]++;
			continue;
		}
		bool hit = ask(with, &event);
		if (i < WARM_UP)
			continue;
		score.n++;
		score.bytes += event.bytes;
		score.hits += hit;
		score.hit_bytes += hit ? event.bytes : 0;
	}
	trace_free(trace);
	return score;
}

static void tell(const struct score *score)
{
	printf(" %.1f %% (%.1f %%) |", 100.0 * (double)score->hits / (double)score->n,
	       100.0 * (double)score->hit_bytes / (double)score->bytes);
	fflush(stdout);
}

static void compare(const struct trace_settings *settings, size_t megabytes)
{
	printf("| %.1f %% | %zu MB |", 100 * settings->scan_share, megabytes);
	for (int kind = 0; kind < N_POLICIES; kind++) {
		struct policy policy;
		memset(objects, 0, OBJECTS * sizeof(*objects));
		policy_init(&policy, (enum policy_kind)kind, megabytes << 20, object_lives);
		struct score score = run(settings, ask_outline, &policy);
		tell(&score);
	}
	struct cache_entries entries;
	check(cache_entries_init(&entries, megabytes << 20, 0, entry_lives));
	struct score score = run(settings, ask_own, &entries);
	tell(&score);
	cache_entries_deinit(&entries);
	printf("\n");
}

int main(void)
{
	static const size_t megabytes[] = { 4, 16, 64 };

	objects = calloc(OBJECTS, sizeof(*objects));
	check(objects);
	printf("| scans | bound | LRU | SIEVE | S3-FIFO, outline | recordd |\n|---|---|---|---|---|---|\n");
	for (size_t i = 0; i < countof(traces); i++)
		for (size_t j = 0; j < countof(megabytes); j++)
			compare(&traces[i], megabytes[j]);
	free(objects);
	return 0;
}
