/* SPDX-License-Identifier: MIT */
/* The configuration file's syntax. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "codec/ini.h"

struct seen {
	struct ini_row rows[8];
	size_t n, stop_after;
};

static int keep(void *arg, const struct ini_row *row)
{
	struct seen *seen = arg;
	assert_true(seen->n < countof(seen->rows));
	seen->rows[seen->n++] = *row;
	return seen->n == seen->stop_after ? 7 : 0;
}

static void assert_row(const struct ini_row *row, unsigned line, struct str section, struct str key, struct str value)
{
	assert_int_equal(row->line, line);
	assert_true(str_equal(row->section, section));
	assert_true(str_equal(row->key, key));
	assert_true(str_equal(row->value, value));
}

static void each_setting_is_told_with_its_line(void **state)
{
	owned(arena_drop) struct arena *arena = arena_new(4096);
	struct seen seen = { 0 };
	struct str said;
	(void)state;

	assert_int_equal(ini_read(STR("\xef\xbb\xbf# note\r\nbare=1\r\n\r\n[ database ]\n; x = y\n  url = host='a b' password=;#= \n"
				      "[cache]\nsize="),
				  keep, &seen, arena, &said),
			 INI_READ);
	assert_int_equal(seen.n, 3);
	assert_row(&seen.rows[0], 2, STR(""), STR("bare"), STR("1"));
	assert_row(&seen.rows[1], 6, STR("database"), STR("url"), STR("host='a b' password=;#="));
	assert_row(&seen.rows[2], 8, STR("cache"), STR("size"), STR(""));
}

static void a_mistake_names_its_line(void **state)
{
	static const struct {
		struct str text, said;
	} rows[] = {
		{ { "a=1\nnonsense\n", 13 }, { "line 2: neither [section] nor key = value", 41 } },
		{ { "[server\n", 8 }, { "line 1: ']' is missing", 22 } },
		{ { "\n[ ]\n", 5 }, { "line 2: the section has no name", 31 } },
		{ { " = 5", 4 }, { "line 1: nothing stands before '='", 33 } },
		{ { "a=\0b", 4 }, { "line 1: there is a NUL byte in it", 33 } },
	};
	(void)state;

	for (size_t i = 0; i < countof(rows); i++) {
		owned(arena_drop) struct arena *arena = arena_new(4096);
		struct seen seen = { 0 };
		struct str said = STR_ABSENT;
		assert_int_equal(ini_read(rows[i].text, keep, &seen, arena, &said), INI_BROKEN);
		assert_true(str_equal(said, rows[i].said));
	}
}

static void the_reader_stops_where_the_caller_refuses(void **state)
{
	owned(arena_drop) struct arena *arena = arena_new(4096);
	struct seen seen = { .stop_after = 2 };
	struct str said = STR_ABSENT;
	(void)state;

	assert_int_equal(ini_read(STR("a=1\nb=2\nc=3\nbroken"), keep, &seen, arena, &said), 7);
	assert_int_equal(seen.n, 2);
	assert_false(str_present(said));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_setting_is_told_with_its_line),
		cmocka_unit_test(a_mistake_names_its_line),
		cmocka_unit_test(the_reader_stops_where_the_caller_refuses),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
