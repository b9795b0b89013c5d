/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a snapshot: as they are, and as what stands between a good head and a good end. What reads is written
 * again as the same bytes, and a cache takes over no more than there is.
 */
#include "cache/cache.h"
#include "cache/snapshot_format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROOM = 4 << 20, ARENA = 1 << 20, WALL_MS = 1000 };

static const struct str origin = STR("here");

/* Adds what is read; false when something was none. */
static bool copy(struct str bytes, struct buf *to)
{
	struct snapshot_reader reader;
	struct snapshot_answer answer;
	int outcome;

	check(!str_present(snapshot_open(&reader, bytes, origin)));
	snapshot_begin(to, origin);
	while ((outcome = snapshot_next(&reader, &answer)) == 1)
		check(snapshot_add(to, &answer));
	snapshot_end(to);
	return outcome == 0;
}

static void load(struct cache *cache, struct buf *bytes, bool good)
{
	bool taken = !str_present(cache_load(cache, origin, WALL_MS, bytes));

	check(taken == good);
	if (!cache_waits(cache))
		return;
	owned(arena_drop) struct arena *arena = arena_new(ARENA);
	size_t n;
	const struct uuid *users = cache_waiting_users(cache, arena, &n);
	for (size_t i = 0; users && i < n; i++)
		cache_admit_user(cache, &users[i], 1);
	cache_waiting_over(cache);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct cache_settings settings = {
		.max_bytes = 1 << 20, .max_entry_bytes = 1 << 16, .max_flights = 1, .flight_timeout_ms = 1, .arena_budget = ARENA
	};
	struct str input = str_first((struct str){ (const char *)data, size }, 1 << 18);
	owned(buf_free) struct buf raw = buf_of(ROOM), whole = buf_of(ROOM), again = buf_of(ROOM);
	struct snapshot_reader reader;
	struct loop loop;

	buf_add(&raw, input);
	snapshot_begin(&whole, origin);
	buf_add(&whole, input);
	snapshot_end(&whole);
	check(!loop_init(&loop));
	struct cache *cache = cache_new(&loop, &settings);
	check(cache);
	bool good = copy(buf_str(&whole), &again);
	check(!good || str_equal(buf_str(&again), buf_str(&whole)));
	if (str_present(snapshot_open(&reader, input, origin)))
		load(cache, &raw, false);
	load(cache, &whole, good);
	cache_free(cache);
	loop_deinit(&loop);
	return 0;
}
