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
	size_t n;
};

static void keep(void *arg, const struct ini_row *row)
{
	struct seen *seen = arg;
	assert_true(seen->n < countof(seen->rows));
	seen->rows[seen->n++] = *row;
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
	struct seen seen = { 0 };
	(void)state;

	ini_read(STR("\xef\xbb\xbf# note\r\nbare=1\r\n\r\n[ database ]\n; x = y\n  url = host='a b' password=;#= \n"
		     "[cache]\nsize="),
		 keep, &seen);
	assert_int_equal(seen.n, 3);
	assert_row(&seen.rows[0], 2, STR(""), STR("bare"), STR("1"));
	assert_row(&seen.rows[1], 6, STR("database"), STR("url"), STR("host='a b' password=;#="));
	assert_row(&seen.rows[2], 8, STR("cache"), STR("size"), STR(""));
}

static void a_mistake_names_its_line(void **state)
{
	static const struct {
		struct str text;
		unsigned line;
		const char *fault;
	} rows[] = {
		{ { "# first\nnonsense\n", 17 }, 2, "neither [section] nor key = value" },
		{ { "[server\n", 8 }, 1, "']' is missing" },
		{ { "\n[ ]\n", 5 }, 2, "the section has no name" },
		{ { " = 5", 4 }, 1, "nothing stands before '='" },
		{ { "a=\0b", 4 }, 1, "there is a NUL byte in it" },
	};
	(void)state;

	for (size_t i = 0; i < countof(rows); i++) {
		struct seen seen = { 0 };
		ini_read(rows[i].text, keep, &seen);
		assert_int_equal(seen.n, 1);
		assert_int_equal(seen.rows[0].line, rows[i].line);
		assert_string_equal(seen.rows[0].fault, rows[i].fault);
		assert_false(str_present(seen.rows[0].key));
	}
}

static void what_follows_a_mistake_is_read(void **state)
{
	struct seen seen = { 0 };
	(void)state;

	ini_read(STR("a=1\nbroken\nb=2\n[server\nc=3\n[cache]\nd=4"), keep, &seen);
	assert_int_equal(seen.n, 6);
	assert_row(&seen.rows[2], 3, STR(""), STR("b"), STR("2"));
	assert_true(seen.rows[3].fault && !seen.rows[4].fault);
	assert_false(str_present(seen.rows[4].section));
	assert_row(&seen.rows[5], 7, STR("cache"), STR("d"), STR("4"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_setting_is_told_with_its_line),
		cmocka_unit_test(a_mistake_names_its_line),
		cmocka_unit_test(what_follows_a_mistake_is_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
