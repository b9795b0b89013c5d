/* SPDX-License-Identifier: MIT */
/* A sample collection must be valid, look like a real one, and be the same for the same seed. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "app/sample.h"

enum { N = 3000 };
#define NOW INT64_C(1750000000000)

/* The record without what chance outside the generator gives: ids of pieces. */
static void add_fingerprint(const struct record *record, struct buf *to)
{
	buf_printf(to, "%.*s|%.*s|%.*s|%.*s|%lld|%d|%d|%lld|%lld\n", STR_ARG(record->artist), STR_ARG(record->name),
		   STR_ARG(record->format), STR_ARG(record->catalog_number), (long long)record->release_year,
		   (int)record->record_grade, (int)record->sleeve_grade, (long long)record->price_paid,
		   (long long)record->created_at);
}

static struct buf collection(uint64_t seed)
{
	struct sample sample = sample_of(seed, NOW);
	struct buf text = buf_of(8 << 20);
	for (int i = 0; i < N; i++) {
		owned(arena_drop) struct arena *arena = arena_new(1 << 20);
		struct record record;
		assert_true(sample_next(&sample, arena, &record));
		add_fingerprint(&record, &text);
	}
	return text;
}

static void the_same_seed_makes_the_same_collection(void **state)
{
	owned(buf_free) struct buf first = collection(7);
	owned(buf_free) struct buf again = collection(7);
	owned(buf_free) struct buf other = collection(8);
	(void)state;
	assert_true(str_equal(buf_str(&first), buf_str(&again)));
	assert_false(str_equal(buf_str(&first), buf_str(&other)));
}

static void every_record_is_one_a_client_could_have_sent(void **state)
{
	struct sample sample = sample_of(1, NOW);
	(void)state;
	for (int i = 0; i < N; i++) {
		owned(arena_drop) struct arena *arena = arena_new(1 << 20);
		owned(buf_free) struct buf doc = buf_of(RECORD_DOC_MAX);
		struct record record, again;
		assert_true(sample_next(&sample, arena, &record));
		assert_true(record.created_at < NOW);
		record_render(&record, &doc);
		assert_true(record_of_doc(&again, buf_str(&doc), arena));
		assert_true(record.artist.len && record.name.len && record.format.len && record.pieces.n);
	}
}

static void few_artists_make_up_much_of_a_collection(void **state)
{
	owned(buf_free) struct buf text = collection(3);
	int beatles = 0, lines = 0;
	(void)state;
	for (struct str rest = buf_str(&text); rest.len;) {
		struct str line = str_cut(rest, '\n', &rest);
		beatles += str_starts(line, STR("The Beatles|"));
		lines++;
	}
	assert_int_equal(lines, N);
	assert_in_range(beatles, N / 200, N / 20);
	assert_true(str_find(buf_str(&text), STR("山下達郎|FOR YOU")) != SIZE_MAX);
}

static void names_come_in_many_scripts(void **state)
{
	static const char *const of_each[] = { "ов", "ου", "田", "ミ", "\xec" /* most of Hangul */, "ال" };
	owned(buf_free) struct buf text = collection(5);
	(void)state;
	for (size_t i = 0; i < countof(of_each); i++)
		assert_true(str_find(buf_str(&text), str_of(of_each[i])) != SIZE_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_seed_makes_the_same_collection),
		cmocka_unit_test(every_record_is_one_a_client_could_have_sent),
		cmocka_unit_test(few_artists_make_up_much_of_a_collection),
		cmocka_unit_test(names_come_in_many_scripts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
