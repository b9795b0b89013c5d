/* SPDX-License-Identifier: MIT */
/* A file of anybody's, by the word of who knows it: cells as people write them are read, and what cannot be read is told. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "app/import_mapping.h"

static struct arena *arena;

static int open_arena(void **state)
{
	(void)state;
	arena = arena_new(4 << 20);
	return arena ? 0 : -1;
}

static int close_arena(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static const char by_hand[] = "{\"A\":\"artist\",\"B\":\"name\",\"Y\":\"releaseYear\",\"P\":\"pricePaid\",\"D\":\"releaseDate\","
			      "\"T\":\"purchasedAt\",\"G\":\"recordGrade\",\"-\":null}";
static struct str header_cells[] = { { "A", 1 }, { "B", 1 }, { "Y", 1 }, { "P", 1 }, { "D", 1 },
				     { "T", 1 }, { "G", 1 }, { "-", 1 }, { "X", 1 }, { "A", 1 } };
enum { Y = 2, P, D, T, G, LEFT_OUT, EXTRA, AGAIN };

/* The record of a row with one cell of interest. */
static bool read_cell(unsigned column, const char *text, struct record *record)
{
	struct import_mapping mapping;
	struct import_columns columns;
	struct record_check check = { .arena = arena };
	struct str said, cells[countof(header_cells)] = { { "Can", 3 }, { "Landed", 6 } };

	for (size_t i = Y; i < countof(cells); i++)
		cells[i] = i == column ? str_of(text) : STR("");
	assert_int_equal(import_mapping_parse(&mapping, str_of(by_hand), arena, &said), 0);
	assert_int_equal(import_mapping_columns(&mapping, &columns,
						(struct str_list){ header_cells, countof(header_cells) }, arena, &said),
			 0);
	import_row(&columns, (struct str_list){ cells, countof(cells) }, record, &check);
	return check.n == 0;
}

static void test_a_price_is_read_with_its_currency_and_either_decimal_sign(void **state)
{
	static const struct {
		const char *text;
		int64_t cents;
	} cases[] = { { "12", 1200 },	      { "12.5", 1250 },	       { "12,50", 1250 },      { "€ 12,50", 1250 },
		      { "12.50 EUR", 1250 },  { "$1,234.50", 123450 }, { "1.234,5 €", 123450 }, { "1'234", 123400 },
		      { "1 234,00", 123400 }, { "1.234", 123400 },     { "US$ 7", 700 } };
	struct record record;

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		if (!read_cell(P, cases[i].text, &record) || record.price_paid != cases[i].cents)
			fail_msg("%s: %lld", cases[i].text, (long long)record.price_paid);
	}
	assert_false(read_cell(P, "gift", &record));
	assert_false(read_cell(P, "-3", &record));
	assert_false(read_cell(P, "2 for 10", &record));
}

static void test_a_year_is_found_in_what_stands_around_it(void **state)
{
	static const char *const good[] = { "1972", "c. 1972", "28.02.1972", "1972-02-28", "℗ 1972", "(1972)" };
	struct record record;

	(void)state;
	for (size_t i = 0; i < countof(good); i++)
		assert_true(read_cell(Y, good[i], &record) && record.release_year == 1972);
	assert_true(read_cell(Y, "0", &record) && record.release_year == RECORD_UNSAID);
	assert_false(read_cell(Y, "1972/1973", &record));
	assert_false(read_cell(Y, "72", &record));
	assert_false(read_cell(Y, "19721", &record));
}

static void test_a_day_comes_before_its_month_where_dots_divide_them(void **state)
{
	struct record record, other;

	(void)state;
	assert_true(read_cell(D, "1971-02-28", &record) && read_cell(D, "28.2.1971", &other));
	assert_int_equal(record.release_date, other.release_date);
	assert_true(read_cell(T, "2004-12-01", &record) && read_cell(T, "01.12.2004", &other));
	assert_int_equal(record.purchased_at, other.purchased_at);
	assert_false(read_cell(D, "2/3/1971", &record));
	assert_false(read_cell(D, "30.2.1971", &record));
	assert_false(read_cell(D, "1.2", &record));
}

static void test_a_grade_may_say_itself_twice(void **state)
{
	struct record record;

	(void)state;
	assert_true(read_cell(G, "Very Good Plus (VG+)", &record));
	assert_true(str_equal(grade_text(record.record_grade), STR("VG+")));
	assert_false(read_cell(G, "lovely", &record));
}

static void test_what_is_not_mapped_is_kept_and_what_is_left_out_is_not(void **state)
{
	struct record record;

	(void)state;
	assert_true(read_cell(EXTRA, "kept", &record));
	assert_int_equal(record.extra.n, 1);
	assert_true(str_equal(record.extra.items[0].key, STR("X")));
	assert_true(read_cell(AGAIN, "kept", &record) && record.extra.n == 1);
	assert_true(str_equal(record.artist, STR("Can")));
	assert_true(read_cell(LEFT_OUT, "gone", &record) && record.extra.n == 0);
	assert_true(str_equal(record.format, STR("Other")));
}

static void test_a_mapping_that_cannot_be_says_why(void **state)
{
	static const char *const bad[] = { "",
					   "[]",
					   "null",
					   "{}",
					   "{\"a\":\"artist\"}",
					   "{\"a\":\"artist\",\"b\":\"name\",\"c\":\"name\"}",
					   "{\"a\":\"artist\",\"b\":\"name\",\"c\":\"id\"}",
					   "{\"a\":\"artist\",\"b\":\"name\",\"c\":\"mediaPieces\"}",
					   "{\"a\":\"artist\",\"b\":\"name\",\"c\":{}}",
					   "{\"a\":\"artist\",\"a\":\"name\"}" };
	struct import_mapping mapping;

	(void)state;
	for (size_t i = 0; i < countof(bad); i++) {
		struct str said = STR_ABSENT;
		assert_int_equal(import_mapping_parse(&mapping, str_of(bad[i]), arena, &said), 1);
		assert_true(said.len > 0);
	}
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, open_arena, close_arena)
	const struct CMUnitTest tests[] = {
		CASE(test_a_price_is_read_with_its_currency_and_either_decimal_sign),
		CASE(test_a_year_is_found_in_what_stands_around_it),
		CASE(test_a_day_comes_before_its_month_where_dots_divide_them),
		CASE(test_a_grade_may_say_itself_twice),
		CASE(test_what_is_not_mapped_is_kept_and_what_is_left_out_is_not),
		CASE(test_a_mapping_that_cannot_be_says_why),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
