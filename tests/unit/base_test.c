/* SPDX-License-Identifier: MIT */
/* The ground floor: slices, buffers, arenas, blobs, lists, ids, hashing, problems. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/arena.h"
#include "base/blob.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/list.h"
#include "base/problem.h"
#include "base/random.h"
#include "base/uuid.h"

/* ── Slices ── */

static void absent_and_empty_are_two_things(void **state)
{
	(void)state;
	assert_false(str_equal(STR_ABSENT, STR("")));
	assert_true(str_equal(STR_ABSENT, STR_ABSENT));
	assert_true(str_equal(STR(""), STR("")));
	assert_false(str_equal_nocase(STR_ABSENT, STR("")));
	assert_false(str_present(str_of(NULL)));
	assert_false(str_present(str_skip(STR_ABSENT, 3)));
	assert_true(str_present(str_skip(STR("ab"), 3)));
	assert_true(str_blank(STR_ABSENT) && str_blank(STR("")));
}

static void slices_compare_and_find(void **state)
{
	(void)state;
	assert_true(str_compare(STR("a"), STR("ab")) < 0);
	assert_true(str_compare(STR("b"), STR("ab")) > 0);
	assert_true(str_compare(STR("\xff"), STR("a")) > 0);
	assert_int_equal(str_compare(STR("a\0b"), STR("a\0b")), 0);
	assert_true(str_equal_nocase(STR("Content-TYPE"), STR("content-type")));
	assert_false(str_equal_nocase(STR("@"), STR("`")));
	assert_true(str_starts(STR("abc"), STR("ab")) && str_starts(STR("abc"), STR("")));
	assert_false(str_starts(STR("ab"), STR("abc")));
	assert_true(str_ends(STR("abc"), STR("bc")) && !str_ends(STR("bc"), STR("abc")));
	assert_int_equal(str_find_char(STR("abc"), 'c'), 2);
	assert_int_equal(str_find_char(STR("abc"), 'x'), 3);
	assert_int_equal(str_find(STR("abcabd"), STR("abd")), 3);
	assert_int_equal(str_find(STR("abc"), STR("abcd")), SIZE_MAX);
	assert_int_equal(str_find(STR(""), STR("")), 0);
	assert_true(str_equal(str_trim(STR(" \t\r\na b\v\f ")), STR("a b")));
	assert_true(str_equal(str_trim(STR("  ")), STR("")));
	assert_true(str_equal_secret(STR("abc"), STR("abc")));
	assert_false(str_equal_secret(STR("abc"), STR("abd")));
	assert_false(str_equal_secret(STR("abc"), STR("ab")));
}

static void cutting_tells_an_absent_rest_from_an_empty_one(void **state)
{
	struct str rest;
	(void)state;
	assert_true(str_equal(str_cut(STR("a=b=c"), '=', &rest), STR("a")));
	assert_true(str_equal(rest, STR("b=c")));
	assert_true(str_equal(str_cut(STR("a="), '=', &rest), STR("a")));
	assert_true(str_equal(rest, STR("")));
	assert_true(str_equal(str_cut(STR("a"), '=', &rest), STR("a")));
	assert_false(str_present(rest));
}

static void whole_numbers_are_read_within_bounds_or_not_at_all(void **state)
{
	static const char *const bad[] = { "", "-", "+1", " 1", "1 ", "0x1", "1.0", "9223372036854775808",
					   "-9223372036854775809", "99999999999999999999", "1-1", "--1" };
	int64_t out = 42;
	(void)state;

	for (size_t i = 0; i < countof(bad); i++)
		assert_false(str_to_int(str_of(bad[i]), INT64_MIN, INT64_MAX, &out));
	assert_false(str_to_int(STR("11"), 0, 10, &out));
	assert_false(str_to_int(STR("-1"), 0, 10, &out));
	assert_false(str_to_int(STR_ABSENT, 0, 10, &out));
	assert_int_equal(out, 42);
	assert_true(str_to_int(STR("-9223372036854775808"), INT64_MIN, INT64_MAX, &out) && out == INT64_MIN);
	assert_true(str_to_int(STR("9223372036854775807"), INT64_MIN, INT64_MAX, &out) && out == INT64_MAX);
	assert_true(str_to_int(STR("-0"), 0, 0, &out) && out == 0);
	assert_true(str_to_int(STR("007"), 0, 10, &out) && out == 7);
}

/* ── Buffers ── */

static void a_buffer_never_passes_its_maximum(void **state)
{
	owned(buf_free) struct buf buf = buf_of(10);
	(void)state;

	assert_true(str_equal(buf_str(&buf), STR("")));
	buf_add(&buf, STR("12345"));
	buf_add(&buf, STR("67890"));
	assert_false(buf_failed(&buf));
	buf_add_char(&buf, 'x');
	assert_true(buf_failed(&buf));
	assert_true(str_equal(buf_str(&buf), STR("1234567890")));
	assert_null(buf_reserve(&buf, 0));
	buf_clear(&buf);
	buf_add(&buf, STR("12345678901"));
	assert_true(buf_failed(&buf) && buf.len == 0);
}

static void a_buffer_grows_with_what_it_holds(void **state)
{
	owned(buf_free) struct buf buf = buf_of(100000);
	(void)state;

	for (int i = 0; i < 10000; i++)
		buf_printf(&buf, "%04d", i % 10000);
	assert_int_equal(buf.len, 40000);
	assert_memory_equal(buf.at + 4 * 1234, "1234", 4);
	buf_consume(&buf, 4 * 9999);
	assert_true(str_equal(buf_str(&buf), STR("9999")));
	buf_add_int(&buf, INT64_MIN);
	buf_add_int(&buf, 0);
	assert_true(str_equal(buf_str(&buf), STR("9999-92233720368547758080")));
	memcpy(buf_reserve(&buf, 50000), "tail", 4);
	buf_commit(&buf, 4);
	assert_true(str_ends(buf_str(&buf), STR("0tail")));
}

/* ── Arenas ── */

static void an_arena_stays_within_its_budget(void **state)
{
	owned(arena_drop) struct arena *arena = arena_new(1000);
	(void)state;

	assert_non_null(arena_alloc(arena, 900));
	assert_false(arena_exhausted(arena));
	assert_null(arena_alloc(arena, 200));
	assert_true(arena_exhausted(arena));
	assert_non_null(arena_alloc(arena, 50));
	assert_null(arena_alloc(arena, SIZE_MAX));
	assert_null(arena_array(arena, SIZE_MAX / 2, 3));
	assert_false(str_present(arena_copy(arena, (struct str){ (const char *)&arena, SIZE_MAX / 2 })));
	assert_in_range(arena_used(arena), 950, 1000);
}

static void arena_memory_is_zeroed_aligned_and_apart(void **state)
{
	owned(arena_drop) struct arena *arena = arena_new(4 << 20);
	unsigned char *rows[2000];
	(void)state;

	for (size_t i = 0; i < countof(rows); i++) {
		rows[i] = arena_alloc(arena, i);
		assert_non_null(rows[i]);
		assert_int_equal((uintptr_t)rows[i] % _Alignof(max_align_t), 0);
		for (size_t j = 0; j < i; j++)
			assert_int_equal(rows[i][j], 0);
		memset(rows[i], (int)(i % 255 + 1), i);
	}
	for (size_t i = 1; i < countof(rows); i++)
		assert_int_equal(rows[i][i - 1], i % 255 + 1);
}

static void arena_texts_end_with_a_nul(void **state)
{
	owned(arena_drop) struct arena *arena = arena_new(4096);
	struct str parts[] = { STR("a"), STR_ABSENT, STR("bc"), STR("") };
	(void)state;

	assert_string_equal(arena_copy(arena, str_first(STR("abcdef"), 3)).at, "abc");
	assert_string_equal(arena_printf(arena, "%d-%s", 5, "x").at, "5-x");
	char wide[1000];
	memset(wide, 119, sizeof(wide) - 1), wide[sizeof(wide) - 1] = 0;
	assert_string_equal(arena_printf(arena, "%s", wide).at, wide);
	assert_string_equal(arena_concat(arena, parts, 4).at, "abc");
	assert_false(str_present(arena_copy(arena, STR_ABSENT)));
	assert_true(str_present(arena_copy(arena, STR(""))));
}

/* ── Blobs ── */

static void a_blob_lives_as_long_as_someone_holds_it(void **state)
{
	char bytes[] = "immutable";
	struct blob *blob = blob_copy(str_of(bytes));
	(void)state;

	bytes[0] = 'X';
	assert_ptr_equal(blob_ref(blob), blob);
	blob_unref(blob);
	assert_true(str_equal(blob_str(blob), STR("immutable")));
	assert_in_range(blob_weight(blob), 9, 100);
	blob_unref(blob);
	blob_unref(NULL);

	static const char asset[] = "asset";
	owned(blob_drop) struct blob *fixed = blob_static(str_of(asset));
	assert_ptr_equal(blob_str(fixed).at, asset);
	assert_in_range(blob_weight(fixed), 1, 64);
}

/* ── Lists ── */

struct item {
	struct link link;
	int value;
};

static void a_list_keeps_its_order_while_it_is_walked(void **state)
{
	struct link head;
	struct item items[5] = { 0 }, *item;
	int seen = 0;
	(void)state;

	list_init(&head);
	assert_true(list_empty(&head));
	assert_null(list_pop_front(&head));
	list_remove(&items[0].link); /* on no list: harmless */
	for (int i = 0; i < 5; i++) {
		items[i].value = i;
		assert_false(link_listed(&items[i].link));
		list_push_back(&head, &items[i].link);
		assert_true(link_listed(&items[i].link));
	}
	list_each(item, &head, link) {
		seen = seen * 10 + item->value;
		if (item->value % 2)
			list_remove(&item->link);
	}
	assert_int_equal(seen, 1234);
	list_push_front(&head, &items[3].link);
	assert_ptr_equal(list_pop_front(&head), &items[3].link);
	assert_ptr_equal(list_pop_front(&head), &items[0].link);
	assert_ptr_equal(list_pop_front(&head), &items[2].link);
	assert_ptr_equal(list_pop_front(&head), &items[4].link);
	assert_true(list_empty(&head));
}

/* ── Ids ── */

static void ids_of_any_version_are_read_and_written(void **state)
{
	static const char *const bad[] = {
		"",
		"0123456789abcdef0123456789abcdef",
		"01234567-89ab-cdef-0123-456789abcde",
		"01234567-89ab-cdef-0123-456789abcdef0",
		"0123456789ab-cdef-0123-4567-89abcdef",
		"g1234567-89ab-cdef-0123-456789abcdef",
		"{1234567-89ab-cdef-0123-456789abcde}",
		"01234567-89ab-cdef-0123-456789abcde-",
	};
	struct uuid uuid, same;
	char text[UUID_TEXT + 1];
	(void)state;

	assert_true(uuid_parse(STR("01234567-89AB-cdef-0123-456789abcDEF"), &uuid));
	assert_true(str_equal(uuid_format(&uuid, text), STR("01234567-89ab-cdef-0123-456789abcdef")));
	assert_int_equal(text[UUID_TEXT], 0);
	assert_true(uuid_parse(str_of(text), &same) && uuid_equal(&uuid, &same));
	for (size_t i = 0; i < countof(bad); i++)
		assert_false(uuid_parse(str_of(bad[i]), &same));
	assert_true(uuid_equal(&uuid, &same));
	assert_false(uuid_is_nil(&uuid));
	assert_true(uuid_parse(STR("00000000-0000-0000-0000-000000000000"), &uuid) && uuid_is_nil(&uuid));
}

static void new_ids_ascend_and_carry_the_time(void **state)
{
	struct uuid last = uuid_new();
	int64_t now = clock_wall_ms(), ms = 0;
	(void)state;

	for (int i = 0; i < 6; i++)
		ms = ms << 8 | last.bytes[i];
	assert_true(ms >= now - 1000 && ms <= now + 1000);
	for (int i = 0; i < 20000; i++) {
		struct uuid next = uuid_new();
		assert_true(memcmp(&last, &next, sizeof(last)) < 0);
		assert_int_equal(next.bytes[6] >> 4, 7);
		assert_int_equal(next.bytes[8] >> 6, 2);
		last = next;
	}
}

static void coarse_clock_is_the_fine_one_some_ticks_ago(void **state)
{
	(void)state;
	for (int i = 0; i < 1000; i++) {
		int64_t before = clock_coarse_us(), now = clock_monotonic_us();
		assert_true(before <= now && clock_coarse_us() >= before);
		assert_true(now - clock_coarse_us() <= 20000);
	}
}

/* ── Hashing and randomness ── */

static void hashes_spread_and_repeat(void **state)
{
	unsigned buckets[64] = { 0 };
	char text[32];
	(void)state;

	for (int i = 0; i < 6400; i++) {
		int len = snprintf(text, sizeof(text), "key %d", i);
		struct str key = { text, (size_t)len };
		assert_true(hash_str(key) == hash_str(key));
		buckets[hash_str(key) % 64]++;
	}
	for (size_t i = 0; i < 64; i++)
		assert_in_range(buckets[i], 40, 170);
	for (size_t len = 0; len < 31; len++)
		assert_true(hash_str((struct str){ text, len }) != hash_str((struct str){ text, len + 1 }));
	assert_true(hash_str(STR("")) == hash_str(STR_ABSENT));
}

static void random_numbers_stay_below_their_limit(void **state)
{
	unsigned seen[3] = { 0 };
	(void)state;

	for (int i = 0; i < 3000; i++) {
		uint64_t value = random_below(3);
		assert_in_range(value, 0, 2);
		seen[value]++;
	}
	for (size_t i = 0; i < 3; i++)
		assert_in_range(seen[i], 800, 1200);
	assert_int_equal(random_below(1), 0);
}

/* ── Problems ── */

static void a_copied_problem_outlives_the_original(void **state)
{
	struct arena *first = arena_new(4096);
	owned(arena_drop) struct arena *second = arena_new(4096);
	const struct problem *problem = problem_field(first, arena_copy(first, STR("artist")), arena_copy(first, STR("is required")));
	(void)state;

	assert_int_equal(problem_status(problem->kind), 422);
	const struct problem *copy = problem_copy(second, problem);
	arena_free(first);
	assert_true(str_equal(copy->error, STR("artist: is required")));
	assert_true(str_equal(copy->fields->field, STR("artist")));
	assert_true(str_equal(copy->fields->message, STR("is required")));
	assert_null(copy->fields->next);
	assert_false(str_present(copy->detail));
}

static void a_problem_can_be_told_without_memory(void **state)
{
	owned(arena_drop) struct arena *none = arena_new(0);
	const struct problem *problem = problem_new(none, PROBLEM_NOT_FOUND, STR_ABSENT);
	(void)state;

	assert_true(problem->error.len > 0);
	assert_true(problem_field(none, STR("a"), STR("b"))->error.len > 0);
	assert_true(problem_copy(none, problem)->error.len > 0);
	assert_string_equal(problem_name(PROBLEM_RATE_LIMITED), "RATE_LIMITED");
	assert_int_equal(problem_status(PROBLEM_RATE_LIMITED), 429);
	assert_true(problem_sentence(PROBLEM_GONE).len > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(absent_and_empty_are_two_things),
		cmocka_unit_test(slices_compare_and_find),
		cmocka_unit_test(cutting_tells_an_absent_rest_from_an_empty_one),
		cmocka_unit_test(whole_numbers_are_read_within_bounds_or_not_at_all),
		cmocka_unit_test(a_buffer_never_passes_its_maximum),
		cmocka_unit_test(a_buffer_grows_with_what_it_holds),
		cmocka_unit_test(an_arena_stays_within_its_budget),
		cmocka_unit_test(arena_memory_is_zeroed_aligned_and_apart),
		cmocka_unit_test(arena_texts_end_with_a_nul),
		cmocka_unit_test(a_blob_lives_as_long_as_someone_holds_it),
		cmocka_unit_test(a_list_keeps_its_order_while_it_is_walked),
		cmocka_unit_test(ids_of_any_version_are_read_and_written),
		cmocka_unit_test(new_ids_ascend_and_carry_the_time),
		cmocka_unit_test(coarse_clock_is_the_fine_one_some_ticks_ago),
		cmocka_unit_test(hashes_spread_and_repeat),
		cmocka_unit_test(random_numbers_stay_below_their_limit),
		cmocka_unit_test(a_copied_problem_outlives_the_original),
		cmocka_unit_test(a_problem_can_be_told_without_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
