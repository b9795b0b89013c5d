/* SPDX-License-Identifier: MIT */
/* UTF-8, base64url, hexadecimal, and time as text. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/random.h"
#include "codec/base64.h"
#include "codec/hex.h"
#include "codec/time.h"
#include "codec/utf8.h"

static void only_well_formed_utf8_is_let_in(void **state)
{
	static const struct {
		struct str text;
		bool valid;
	} rows[] = {
		{ STR(""), true },
		{ STR("a\0b"), true },
		{ STR("\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"), true },
		{ STR("\x80"), false },
		{ STR("\xc0\x80"), false },
		{ STR("\xc1\xbf"), false },
		{ STR("\xc3"), false },
		{ STR("\xc3("), false },
		{ STR("\xe0\x9f\xbf"), false },
		{ STR("\xe2\x82"), false },
		{ STR("\xed\xa0\x80"), false },
		{ STR("\xf0\x8f\xbf\xbf"), false },
		{ STR("\xf4\x90\x80\x80"), false },
		{ STR("\xf5\x80\x80\x80"), false },
		{ STR("\xff"), false },
	};
	(void)state;
	for (size_t i = 0; i < countof(rows); i++)
		assert_int_equal(utf8_valid(rows[i].text), rows[i].valid);
}

static void every_code_point_goes_out_and_comes_in(void **state)
{
	owned(buf_free) struct buf buf = buf_of(8);
	(void)state;

	for (uint32_t code_point = 0; code_point <= 0x110000; code_point++) {
		uint32_t got, expected = code_point;
		if (code_point > 0x10ffff || (code_point >= 0xd800 && code_point <= 0xdfff))
			expected = 0xfffd;
		buf_clear(&buf);
		utf8_add(&buf, code_point);
		struct str rest = buf_str(&buf);
		assert_int_equal(utf8_count(rest), 1);
		assert_true(utf8_next(&rest, &got) && rest.len == 0 && got == expected);
		assert_false(utf8_next(&rest, &got));
	}
}

static void characters_are_counted_not_bytes(void **state)
{
	(void)state;
	assert_int_equal(utf8_count(STR("Sigur R\xc3\xb3s \xe9\x9f\xb3\xf0\x9f\x8e\xb5")), 12);
}

static void latin1_and_windows_quotes_become_utf8(void **state)
{
	owned(buf_free) struct buf buf = buf_of(64);
	(void)state;
	utf8_from_latin1(&buf, STR("\xe9\xff\x80\x9f\x81z"));
	assert_true(str_equal(buf_str(&buf), STR("\xc3\xa9\xc3\xbf\xe2\x82\xac\xc5\xb8\xc2\x81z")));
}

static void base64url_of_any_bytes_comes_back(void **state)
{
	char bytes[100];
	(void)state;

	for (size_t n = 0; n <= sizeof(bytes); n++) {
		owned(buf_free) struct buf text = buf_of(256), back = buf_of(256);
		random_bytes(bytes, sizeof(bytes));
		base64url_encode(&text, (struct str){ bytes, n });
		assert_int_equal(text.len, (n * 4 + 2) / 3);
		assert_true(base64url_decode(&back, buf_str(&text)));
		assert_true(str_equal(buf_str(&back), (struct str){ bytes, n }));
	}
}

static void base64url_has_one_spelling(void **state)
{
	static const char *const bad[] = { "A", "AA=", "AA==", "AB", "AAB", "AA A", "AA+A", "AA/A", "AAAAA", "AA\xc3\xa9" };
	owned(buf_free) struct buf buf = buf_of(64);
	(void)state;

	for (size_t i = 0; i < countof(bad); i++) {
		assert_false(base64url_decode(&buf, str_of(bad[i])));
		assert_int_equal(buf.len, 0);
	}
	base64url_encode(&buf, STR("\xfb\xff\xbf>"));
	assert_true(str_equal(buf_str(&buf), STR("-_-_Pg")));
}

static void hex_comes_back(void **state)
{
	owned(buf_free) struct buf buf = buf_of(64);
	char back[4];
	(void)state;

	hex_encode(&buf, STR("\x00\xff\x1a\xb2"));
	assert_true(str_equal(buf_str(&buf), STR("00ff1ab2")));
	assert_true(hex_decode(STR("00FF1aB2"), back, 4));
	assert_memory_equal(back, "\x00\xff\x1a\xb2", 4);
	assert_false(hex_decode(STR("00ff1ab"), back, 4));
	assert_false(hex_decode(STR("00ff1ab2c"), back, 4));
	assert_false(hex_decode(STR("00ff1ag2"), back, 4));
}

static void times_are_read_with_any_offset(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
	} rows[] = {
		{ "1970-01-01T00:00:00Z", 0 },
		{ "2026-01-31T09:30:00.000Z", 1769851800000 },
		{ "2026-01-31T09:30:00.123456789Z", 1769851800123 },
		{ "2026-01-31T09:30:00.5Z", 1769851800500 },
		{ "2026-01-31t11:30:00+02:00", 1769851800000 },
		{ "2026-01-31 00:00:00-09:30", 1769851800000 },
		{ "2026-01-31", 1769817600000 },
		{ "2016-12-31T23:59:60Z", 1483228800000 },
		{ "1969-12-31T23:59:59.999Z", -1 },
		{ "0001-01-01T00:00:00Z", -62135596800000 },
		{ "9999-12-31T23:59:59.999Z", 253402300799999 },
	};
	(void)state;

	for (size_t i = 0; i < countof(rows); i++) {
		int64_t ms = 0;
		assert_true(time_parse(str_of(rows[i].text), &ms));
		assert_true(ms == rows[i].ms);
	}
}

static void what_is_no_time_is_refused(void **state)
{
	static const char *const bad[] = {
		"",		   "2026",		      "2026-02-29",	       "2026-13-01",
		"2026-00-10",	   "2026-01-32",	      "2026-01-00",	       "0000-01-01",
		"2026-1-1",	   "26-01-01",		      "2026-01-01T",	       "2026-01-01T10:00Z",
		"2026-01-01T24:00:00Z", "2026-01-01T10:60:00Z", "2026-01-01T10:00:61Z",  "2026-01-01T10:00:00",
		"2026-01-01T10:00:00.Z", "2026-01-01T10:00:00+2", "2026-01-01T10:00:00+24:00", "2026-01-01T10:00:00Zx",
		"-026-01-01",	   "2026--1-01",	      "2026-01-01T-1:00:00Z",  "0001-01-01T00:00:00+01:00",
		"9999-12-31T23:59:59-01:00", " 2026-01-01", "2026-01-01T10:00:00+02", "2026/01/01",
	};
	int64_t ms = 77;
	(void)state;

	for (size_t i = 0; i < countof(bad); i++)
		assert_false(time_parse(str_of(bad[i]), &ms));
	assert_true(ms == 77);
}

static void times_are_written_in_one_form(void **state)
{
	char text[TIME_TEXT + 1];
	(void)state;

	assert_true(str_equal(time_format(1769851800007, text), STR("2026-01-31T09:30:00.007Z")));
	assert_true(str_equal(time_format(-1, text), STR("1969-12-31T23:59:59.999Z")));
	assert_true(str_equal(time_format(INT64_MIN, text), STR("0001-01-01T00:00:00.000Z")));
	assert_true(str_equal(time_format(INT64_MAX, text), STR("9999-12-31T23:59:59.999Z")));
	assert_int_equal(text[TIME_TEXT], 0);
}

static void every_day_of_ten_thousand_years_follows_the_one_before(void **state)
{
	struct date date = { 1, 1, 1 }, read;
	int64_t days = date_to_days(date);
	char text[DATE_TEXT + 1];
	(void)state;

	assert_true(days == -719162);
	for (; date.year <= 9999; days++) {
		struct date of_days = date_of_days(days);
		assert_true(date_valid(date) && date_to_days(date) == days);
		assert_memory_equal(&of_days, &date, sizeof(date));
		assert_true(date_parse(date_format(date, text), &read));
		assert_memory_equal(&read, &date, sizeof(date));
		date.day++;
		if (!date_valid(date))
			date = (struct date){ date.year, date.month + 1, 1 };
		if (!date_valid(date))
			date = (struct date){ date.year + 1, 1, 1 };
	}
	assert_true(days == date_to_days((struct date){ 10000, 1, 1 }));
	assert_false(date_valid((struct date){ 1900, 2, 29 }));
	assert_true(date_valid((struct date){ 2000, 2, 29 }));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_well_formed_utf8_is_let_in),
		cmocka_unit_test(every_code_point_goes_out_and_comes_in),
		cmocka_unit_test(characters_are_counted_not_bytes),
		cmocka_unit_test(latin1_and_windows_quotes_become_utf8),
		cmocka_unit_test(base64url_of_any_bytes_comes_back),
		cmocka_unit_test(base64url_has_one_spelling),
		cmocka_unit_test(hex_comes_back),
		cmocka_unit_test(times_are_read_with_any_offset),
		cmocka_unit_test(what_is_no_time_is_refused),
		cmocka_unit_test(times_are_written_in_one_form),
		cmocka_unit_test(every_day_of_ten_thousand_years_follows_the_one_before),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
