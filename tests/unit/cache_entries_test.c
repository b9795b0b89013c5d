/* SPDX-License-Identifier: MIT */
/* What stays in the cache's table, what goes, and how much memory it takes, counted by the allocator itself. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <malloc.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "cache/entries.h"
#include "obs/metrics.h"

/* The sanitizers' allocators have it, but not all compilers bring along the header. */
size_t __sanitizer_get_current_allocated_bytes(void) __attribute__((weak));

enum { PER_ENTRY = 2 }; /* allocations: itself, and its body */

static struct cache_entries entries;
static bool all_dead;
static const struct cache_kind kind = { .name = "search" };

static bool lives(const struct cache_entries *of, const struct cache_entry *entry)
{
	(void)of;
	(void)entry;
	return !all_dead;
}

static struct cache_key key_of(struct str text)
{
	return (struct cache_key){ .kind = &kind, .user = { { 1 } }, .text = text };
}

static struct cache_entry *find(struct str text)
{
	struct cache_key key = key_of(text);
	return cache_entries_find(&entries, &key, cache_key_hash(&key));
}

static struct cache_entry *add(struct str text, size_t body_bytes)
{
	struct cache_key key = key_of(text);
	char *bytes = calloc(1, body_bytes + 1);
	owned(blob_drop) struct blob *body = blob_copy((struct str){ bytes, body_bytes });
	const struct cache_fresh fresh = { .body = body, .expires_ms = 1 };

	free(bytes);
	return cache_entries_add(&entries, &key, cache_key_hash(&key), &fresh);
}

/* As cache_fetch does; whether it was there. */
static bool ask(const char *name, int number, size_t body_bytes)
{
	char text[48];
	snprintf(text, sizeof(text), "%s %d", name, number);
	struct cache_entry *entry = find(str_of(text));

	if (entry)
		cache_entry_used(entry);
	else
		(void)add(str_of(text), body_bytes);
	return entry != NULL;
}

static unsigned count(const char *name, int n)
{
	unsigned n_there = 0;
	char text[48];

	for (int i = 0; i < n; i++) {
		snprintf(text, sizeof(text), "%s %d", name, i);
		n_there += find(str_of(text)) != NULL;
	}
	return n_there;
}

static void begin(size_t max_bytes)
{
	all_dead = false;
	assert_true(cache_entries_init(&entries, max_bytes, 0, lives));
}

static int end(void **state)
{
	(void)state;
	cache_entries_deinit(&entries);
	return 0;
}

/* ── What stays ── */

static void a_key_has_one_entry(void **state)
{
	(void)state;
	begin(100000);
	assert_non_null(add(STR("a"), 100));
	size_t bytes = entries.bytes;
	struct cache_entry *entry = add(STR("a"), 1100);
	assert_ptr_equal(find(STR("a")), entry);
	assert_int_equal(entries.n, 1);
	assert_in_range(entries.bytes - bytes, 984, 1016);
}

static void what_is_asked_for_often_outlives_a_scan(void **state)
{
	(void)state;
	begin(2 << 20);
	for (int round = 0; round < 3; round++)
		for (int i = 0; i < 200; i++)
			ask("favourite", i, 2000);
	for (int i = 0; i < 20000; i++)
		assert_false(ask("page", i, 2000));
	assert_int_equal(count("favourite", 200), 200);
}

static void what_comes_back_soon_is_kept_then(void **state)
{
	(void)state;
	begin(2 << 20);
	for (int i = 0; i < 1500; i++)
		ask("filler", i, 1000);
	for (int i = 1200; i < 1500; i++)
		ask("filler", i, 1000);
	ask("again", 1, 1000);
	for (int i = 0; find(STR("again 1")); i++)
		ask("scan", i, 1000);
	ask("again", 1, 1000);
	assert_true(find(STR("again 1"))->resident);
}

static void a_huge_answer_pushes_out_no_small_hot_ones(void **state)
{
	(void)state;
	begin(1 << 20);
	for (int round = 0; round < 4; round++)
		for (int i = 0; i < 300; i++)
			ask("small", i, 1500);
	int64_t before = metric_get(METRIC_CACHE_UNADMITTED);
	for (int i = 0; i < 50; i++)
		ask("huge", i, 200 << 10);
	assert_int_equal(metric_get(METRIC_CACHE_UNADMITTED) - before, 50);
	for (int i = 0; i < 500; i++)
		ask("large", i, 70 << 10);
	assert_int_equal(count("small", 300), 300);
}

static void a_huge_answer_that_is_asked_for_again_is_kept(void **state)
{
	(void)state;
	begin(1 << 20);
	assert_null(add(STR("huge"), 200 << 10));
	assert_non_null(add(STR("huge"), 200 << 10));
	assert_null(add(STR("never fits"), 2 << 20));
	assert_null(add(STR("never fits"), 2 << 20));
	assert_non_null(find(STR("huge")));
}

static void what_cannot_answer_any_more_goes_first(void **state)
{
	(void)state;
	begin(1 << 20);
	for (int round = 0; round < 4; round++)
		for (int i = 0; i < 700; i++)
			ask("outdated", i, 1000);
	all_dead = true;
	for (int i = 0; i < 1400; i++)
		ask("new", i, 1000);
	assert_in_range(count("outdated", 700), 0, 100);
}

/* ── Memory ── */

/* As the allocator counts; the sanitizer's leaves out what we take for its head. */
static size_t allocated(void)
{
	if (__sanitizer_get_current_allocated_bytes)
		return __sanitizer_get_current_allocated_bytes() + entries.n * PER_ENTRY * sizeof(size_t);
	struct mallinfo2 info = mallinfo2();
	return info.uordblks + info.hblkhd;
}

/* Valgrind's does not count for us, and ThreadSanitizer's counts what is left over in its size classes, too. */
static bool allocator_counts_exactly(void)
{
	enum { ODD_SIZE = 33333, HEAD = 64 };
	size_t before = allocated();
	char *volatile some = malloc(ODD_SIZE);
	size_t counted = allocated() - before;

	free(some);
	return counted >= ODD_SIZE && counted <= ODD_SIZE + HEAD;
}

static void assert_within_2_percent(size_t allocated_bytes, size_t max_bytes)
{
	assert_in_range(entries.bytes, max_bytes * 98 / 100, max_bytes);
	assert_in_range(allocated_bytes, max_bytes * 98 / 100, max_bytes * 102 / 100);
}

static void ten_times_as_many_keys_take_no_more_than_the_bound(void **state)
{
	enum { MAX = 16 << 20 };
	static const size_t sizes[] = { 0, 40, 200, 3000, 60000 };
	size_t before = allocated(), asked = 0;
	(void)state;

	if (!allocator_counts_exactly())
		skip();
	begin(MAX);
	for (int i = 0; asked < 10 * (size_t)MAX; i++) {
		size_t size = sizes[i % 997 == 0 ? 4 : i % 4];
		ask("a key of its own, number", i, size);
		asked += size + 200;
		assert_true(entries.bytes <= MAX);
	}
	assert_within_2_percent(allocated() - before, MAX);
}

static void tiny_answers_are_counted_with_all_that_goes_with_them(void **state)
{
	enum { MAX = 8 << 20 };
	size_t before = allocated();
	(void)state;

	if (!allocator_counts_exactly())
		skip();
	begin(MAX);
	for (int i = 0; i < 400000; i++)
		ask("", i, 0);
	assert_true(entries.n > 20000 && entries.n_buckets >= 16384);
	assert_within_2_percent(allocated() - before, MAX);
}

static void twins_are_counted_and_never_kept_for_an_entry_that_is_gone(void **state)
{
	size_t before = allocated();
	(void)state;

	if (!allocator_counts_exactly())
		skip();
	begin(1 << 20);
	for (int i = 0; i < 400; i++) {
		char text[24];
		snprintf(text, sizeof(text), "entry %d", i);
		struct cache_entry *entry = add(str_of(text), 8000);
		assert_non_null(entry);
		cache_entry_ref(entry);
		owned(blob_drop) struct blob *body = blob_copy((struct str){ text, sizeof(text) });
		for (int coding = CACHE_GZIP; coding < N_CACHE_CODINGS; coding++)
			cache_entries_add_twin(&entries, entry, (enum cache_coding)coding, blob_ref(body));
		cache_entry_unref(entry);
		assert_true(entries.bytes <= 1 << 20);
	}
	assert_in_range(allocated() - before, 1 << 19, (1 << 20) * 102 / 100);
}

static void a_twin_with_no_room_takes_the_entry_along(void **state)
{
	(void)state;
	begin(64 << 10);
	size_t empty = entries.bytes;
	struct cache_entry *entry = cache_entry_ref(add(STR("a"), 5000));
	char *bytes = calloc(1, 60000);
	struct blob *twin = blob_copy((struct str){ bytes, 60000 });
	cache_entries_add_twin(&entries, entry, CACHE_GZIP, twin);
	assert_null(find(STR("a")));
	assert_int_equal(entries.bytes, empty);
	assert_ptr_equal(entry->twins[CACHE_GZIP], twin);
	cache_entry_unref(entry);
	free(bytes);
}

/* ── Strangers' keys ── */

/*
 * Keys that share their beginning, their end, or differ by one bit fall all over the table: the hash has a key of its own
 * in every process.
 */
static void no_choice_of_keys_makes_long_chains(void **state)
{
	size_t longest = 0;
	(void)state;

	begin(64 << 20);
	for (int i = 0; i < 60000; i++) {
		char text[80];
		snprintf(text, sizeof(text), "%032x%032x", i % 3 ? 0 : i, i % 3 ? i << 13 : 0);
		(void)add(str_of(text), 0);
	}
	for (size_t i = 0; i < entries.n_buckets; i++) {
		size_t length = 0;
		for (struct cache_entry *entry = entries.buckets[i]; entry; entry = entry->chain)
			length++;
		longest = length > longest ? length : longest;
	}
	assert_true(entries.n > 30000);
	assert_in_range(longest, 2, 16);
}

#define TEST(name) cmocka_unit_test_teardown(name, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_key_has_one_entry),
		TEST(what_is_asked_for_often_outlives_a_scan),
		TEST(what_comes_back_soon_is_kept_then),
		TEST(a_huge_answer_pushes_out_no_small_hot_ones),
		TEST(a_huge_answer_that_is_asked_for_again_is_kept),
		TEST(what_cannot_answer_any_more_goes_first),
		TEST(ten_times_as_many_keys_take_no_more_than_the_bound),
		TEST(tiny_answers_are_counted_with_all_that_goes_with_them),
		TEST(twins_are_counted_and_never_kept_for_an_entry_that_is_gone),
		TEST(a_twin_with_no_room_takes_the_entry_along),
		TEST(no_choice_of_keys_makes_long_chains),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
