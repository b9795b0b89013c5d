/* SPDX-License-Identifier: MIT */
/* What a scanner reads and a hand types must be the same number, and a misread one must be noticed. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "codec/barcode.h"
#include "codec/fold.h"

static void digits_are_kept_and_what_prints_between_them_is_not(void **state)
{
	static const char *const refused[] = { "", " ", "-", "5012394144777x", "x", "５０１", "50.12", "123456789012345678901234567890123" };
	struct arena *arena = arena_new(1 << 16);

	(void)state;
	assert_true(str_equal(barcode_digits(arena, STR(" 5 012394-144777 ")), STR("5012394144777")));
	assert_true(str_equal(barcode_digits(arena, STR("12345678901234567890123456789012")),
			      STR("12345678901234567890123456789012")));
	for (size_t i = 0; i < countof(refused); i++)
		assert_false(str_present(barcode_digits(arena, str_of(refused[i]))));
	arena_free(arena);
}

static void a_wrong_digit_is_noticed_where_there_is_a_check_digit(void **state)
{
	static const char *const right[] = { "5012394144777", "074643811224", "96385074", "10614141000415", "0", "1234567", "123456789" };
	char wrong[] = "5012394144777";

	(void)state;
	for (size_t i = 0; i < countof(right); i++)
		assert_true(barcode_is_right(str_of(right[i])));
	for (size_t i = 0; i < 13; i++) {
		char was = wrong[i];
		for (char digit = '0'; digit <= '9'; digit++) {
			wrong[i] = digit;
			assert_true(barcode_is_right(str_of(wrong)) == (digit == was));
		}
		wrong[i] = was;
	}
	assert_false(barcode_is_right(STR("074643811225")));
	assert_false(barcode_is_right(STR("96385075")));
}

static void a_upc_is_the_ean_that_begins_with_a_zero(void **state)
{
	(void)state;
	assert_true(str_equal(barcode_key(STR("0074643811224")), barcode_key(STR("074643811224"))));
	assert_false(str_present(barcode_key(STR("000"))));
	assert_false(str_present(barcode_key(STR_ABSENT)));
}

static bool has_term(struct str terms, const char *term)
{
	while (terms.len)
		if (str_equal(str_skip(str_cut(terms, '\n', &terms), 6), str_of(term)))
			return true;
	return false;
}

static void a_record_is_found_by_its_barcode_however_it_is_written(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	struct fold_record upc = { .barcode = STR("074643811224") }, ean = { .barcode = STR("0074643811224") };
	struct fold_index index;
	struct fold_query query;

	(void)state;
	assert_true(fold_record(arena, &upc, &index));
	assert_true(has_term(index.terms, "074643811224") && has_term(index.terms, "0074643811224"));
	assert_true(fold_record(arena, &ean, &index));
	assert_true(has_term(index.terms, "074643811224") && has_term(index.terms, "0074643811224"));
	assert_true(fold_query(arena, STR("5 012394 144777"), &query));
	assert_int_equal(query.words.n, 1);
	assert_true(str_equal(query.words.items[0], STR("5012394144777")));
	/* years are no barcode, nor is what has a wrong check digit */
	assert_true(fold_query(arena, STR("1967-1970"), &query));
	assert_int_equal(query.words.n, 2);
	assert_true(fold_query(arena, STR("5 012394 144778"), &query));
	assert_int_equal(query.words.n, 3);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digits_are_kept_and_what_prints_between_them_is_not),
		cmocka_unit_test(a_wrong_digit_is_noticed_where_there_is_a_check_digit),
		cmocka_unit_test(a_upc_is_the_ean_that_begins_with_a_zero),
		cmocka_unit_test(a_record_is_found_by_its_barcode_however_it_is_written),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
