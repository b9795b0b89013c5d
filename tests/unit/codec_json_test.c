/* SPDX-License-Identifier: MIT */
/* JSON in and out. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "codec/json.h"
#include "codec/json_out.h"

static struct arena *arena;
static const struct json *root;
static struct str said;

static int set_up(void **state)
{
	(void)state;
	arena = arena_new(4 << 20);
	return arena ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static int parse(struct str text)
{
	root = NULL;
	said = STR_ABSENT;
	return json_parse(arena, text, &root, &said);
}

static void assert_str(struct str actual, const char *expected)
{
	assert_int_equal(actual.len, strlen(expected));
	assert_memory_equal(actual.at, expected, actual.len);
}

static void assert_refused(struct str text, const char *beginning)
{
	assert_int_equal(parse(text), JSON_BROKEN);
	if (!str_starts(said, str_of(beginning)))
		fail_msg("\"%.*s\" does not begin with \"%s\"", STR_ARG(said), beginning);
}

static void every_kind_of_value_is_read(void **state)
{
	struct str text;
	bool truth;
	int64_t whole;
	(void)state;

	assert_int_equal(parse(STR("{\"t\":\"a\\u00e9\\n\",\"y\":true,\"n\":-7,\"z\":null,\"l\":[1,[2,3]],\"r\":1.5}")), 0);
	assert_true(json_read_text(json_get(root, STR("t")), &text));
	assert_str(text, "a\xc3\xa9\n");
	assert_true(json_read_bool(json_get(root, STR("y")), &truth) && truth);
	assert_true(json_read_int(json_get(root, STR("n")), -10, 10, &whole));
	assert_int_equal(whole, -7);
	assert_int_equal(json_get(root, STR("z"))->kind, JSON_KIND_NULL);
	const struct json *list = json_get(root, STR("l"));
	assert_int_equal(list->n, 2);
	assert_int_equal(list->items[1].items[1].whole, 3);
	assert_null(json_get(root, STR("absent")));
	assert_null(json_get(list, STR("t")));
	assert_str(root->members[2].key, "n");
}

static void a_value_of_another_kind_is_not_taken(void **state)
{
	struct str text = STR("as it was");
	int64_t whole = 5;
	bool truth = true;
	(void)state;

	assert_int_equal(parse(STR("{\"i\":11,\"r\":5.0}")), 0);
	assert_false(json_read_text(json_get(root, STR("i")), &text));
	assert_str(text, "as it was");
	assert_false(json_read_bool(json_get(root, STR("i")), &truth));
	assert_false(json_read_int(json_get(root, STR("i")), 0, 10, &whole));
	assert_false(json_read_int(json_get(root, STR("r")), 0, 10, &whole));
	assert_false(json_read_int(NULL, 0, 10, &whole));
	assert_int_equal(whole, 5);
}

static void whole_numbers_keep_all_64_bits(void **state)
{
	(void)state;
	assert_int_equal(parse(STR("[9223372036854775807,-9223372036854775808]")), 0);
	assert_true(root->items[0].whole == INT64_MAX && root->items[1].whole == INT64_MIN);
	assert_refused(STR("[9223372036854775808]"), "invalid JSON at byte ");
}

static void broken_json_names_the_byte(void **state)
{
	(void)state;
	assert_refused(STR("{\"a\":1,}"), "invalid JSON at byte 8: ");
	assert_refused(STR("[1,2"), "invalid JSON at byte 4: ");
	assert_refused(STR(""), "invalid JSON at byte 0: ");
	assert_refused(STR("[1] x"), "invalid JSON at byte 5: ");
	assert_refused(STR("{\"secret\": oops}"), "invalid JSON at byte 15: invalid token");
	assert_int_equal(str_find(said, STR("oops")), SIZE_MAX);
}

static void a_key_given_twice_is_refused(void **state)
{
	(void)state;
	assert_refused(STR("{\"a\":1,\"b\":{\"c\":1,\"c\":2}}"), "invalid JSON at byte ");
	assert_int_equal(parse(STR("{\"a\":{\"c\":1},\"b\":{\"c\":1}}")), 0);
}

static void text_that_no_database_can_hold_is_refused(void **state)
{
	(void)state;
	assert_refused(STR("[\"a\\u0000b\"]"), "invalid JSON at byte ");
	assert_refused(STR("[\"a\0b\"]"), "invalid JSON at byte ");
	assert_refused(STR("{\"a\\u0000\":1}"), "invalid JSON at byte ");
	assert_refused(STR("[\"\\ud800\"]"), "invalid JSON at byte ");
	assert_refused(STR("[\"\\udc00\\ud800\"]"), "invalid JSON at byte ");
	assert_refused(STR("[\"\xed\xa0\x80\"]"), "invalid JSON at byte ");
	assert_refused(STR("[\"\xc0\xaf\"]"), "invalid JSON at byte ");
	assert_refused(STR("[\"\xff\"]"), "invalid JSON at byte ");
	assert_int_equal(parse(STR("[\"\\ud83c\\udfb5\"]")), 0);
	assert_str(root->items[0].text, "\xf0\x9f\x8e\xb5");
}

static void nesting_has_an_end(void **state)
{
	enum { DEEP = 100000 };
	static char deep[DEEP];
	(void)state;

	for (size_t i = 0; i < 2; i++) {
		memset(deep, "[{"[i], sizeof(deep));
		assert_refused((struct str){ deep, DEEP }, "invalid JSON at byte 64: nested deeper than 64 levels");
	}
	memset(deep, '[', 64);
	memset(deep + 64, ']', 64);
	assert_int_equal(parse((struct str){ deep, 128 }), 0);
	assert_int_equal(parse(STR("[\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\"[[\"]")), 0);
}

static void a_tree_larger_than_the_budget_is_refused(void **state)
{
	owned(arena_drop) struct arena *small = arena_new(2048);
	static char many[4096];
	(void)state;

	memset(many, ',', sizeof(many));
	for (size_t i = 1; i < sizeof(many); i += 2)
		many[i] = '1';
	many[0] = '[';
	many[sizeof(many) - 2] = ']';
	many[sizeof(many) - 1] = ' ';
	many[sizeof(many) - 3] = '1';
	many[sizeof(many) - 4] = ',';
	assert_true(json_parse(small, (struct str){ many, sizeof(many) }, &root, &said) < 0);
	assert_true(said.len > 0);
}

static void money_is_exact_or_refused(void **state)
{
	static const struct row {
		const char *text;
		int64_t cents;
	} rows[] = {
		{ "12.5", 1250 },	       { "0.1", 10 },		 { "0.29", 29 },
		{ "-3.07", -307 },	       { "7", 700 },		 { "9999999999.99", 999999999999 },
		{ "1e2", 10000 },	       { "8.20", 820 },		 { "1234567890.12", 123456789012 },
		{ "12.345", INT64_MIN },       { "0.001", INT64_MIN },	 { "10000000000", INT64_MIN },
		{ "-10000000000", INT64_MIN }, { "1e10", INT64_MIN },	 { "9999999999.999", INT64_MIN },
		{ "1e300", INT64_MIN },	       { "\"5\"", INT64_MIN },	 { "9223372036854775807", INT64_MIN },
		{ "-1e300", INT64_MIN },       { "true", INT64_MIN },	 { "9999999999.991", INT64_MIN },
	};
	(void)state;

	for (size_t i = 0; i < countof(rows); i++) {
		int64_t cents = INT64_MIN;
		assert_int_equal(parse(str_of(rows[i].text)), 0);
		assert_int_equal(json_money(root, &cents), rows[i].cents != INT64_MIN);
		assert_true(cents == rows[i].cents);
	}
	/* Where doubles are sparsest, each hundredth must still come back as itself. */
	for (int64_t cents = 999999900000; cents < 1000000000000; cents += 7) {
		char text[32];
		int64_t got = 0;
		snprintf(text, sizeof(text), "%lld.%02lld", (long long)(cents / 100), (long long)(cents % 100));
		assert_int_equal(parse(str_of(text)), 0);
		assert_true(json_money(root, &got) && got == cents);
	}
}

static void what_is_written_is_compact_and_escaped(void **state)
{
	owned(buf_free) struct buf buf = buf_of(4096);
	struct json_out out = json_out_of(&buf);
	struct uuid id = { { 0x01, 0x23, [15] = 0xff } };
	(void)state;

	json_object(&out);
	json_put_str(&out, STR("a\"\\"), STR("\b\n\t\x1f/\x7f\xc3\xa9\xff\xed\xa0\x80."));
	json_put_str(&out, STR("none"), STR_ABSENT);
	json_put_str(&out, STR("empty"), STR(""));
	json_put_int(&out, STR("n"), INT64_MIN);
	json_key(&out, STR("l"));
	json_array(&out);
	json_bool(&out, true);
	json_object(&out);
	json_object_end(&out);
	json_null(&out);
	json_array(&out);
	json_array_end(&out);
	json_array_end(&out);
	json_put_time_ms(&out, STR("t"), 1769851800000);
	json_put_time_ms(&out, STR("t0"), INT64_MIN);
	json_put_cents(&out, STR("c"), -5);
	json_put_cents(&out, STR("c1"), 1250);
	json_put_cents(&out, STR("c0"), INT64_MIN);
	json_put_uuid(&out, STR("id"), &id);
	json_put_uuid(&out, STR("id0"), NULL);
	json_put_bool(&out, STR("f"), false);
	json_put_raw(&out, STR("raw"), STR("[1]"));
	json_put_null(&out, STR("z"));
	json_object_end(&out);
	assert_str(buf_str(&buf),
		   "{\"a\\\"\\\\\":\"\\u0008\\n\\t\\u001f/\x7f\xc3\xa9\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd.\","
		   "\"none\":null,\"empty\":\"\",\"n\":-9223372036854775808,\"l\":[true,{},null,[]],"
		   "\"t\":\"2026-01-31T09:30:00.000Z\",\"t0\":null,\"c\":-0.05,\"c1\":12.50,\"c0\":null,"
		   "\"id\":\"01230000-0000-0000-0000-0000000000ff\",\"id0\":null,\"f\":false,\"raw\":[1],\"z\":null}");
	assert_int_equal(parse(buf_str(&buf)), 0);
}

static void a_body_over_its_maximum_is_noticed(void **state)
{
	owned(buf_free) struct buf buf = buf_of(16);
	struct json_out out = json_out_of(&buf);
	(void)state;

	json_array(&out);
	json_str(&out, STR("123456789012345678"));
	json_array_end(&out);
	assert_true(buf_failed(&buf));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_of_value_is_read),
		cmocka_unit_test(a_value_of_another_kind_is_not_taken),
		cmocka_unit_test(whole_numbers_keep_all_64_bits),
		cmocka_unit_test(broken_json_names_the_byte),
		cmocka_unit_test(a_key_given_twice_is_refused),
		cmocka_unit_test(text_that_no_database_can_hold_is_refused),
		cmocka_unit_test(nesting_has_an_end),
		cmocka_unit_test(a_tree_larger_than_the_budget_is_refused),
		cmocka_unit_test(money_is_exact_or_refused),
		cmocka_unit_test(what_is_written_is_compact_and_escaped),
		cmocka_unit_test(a_body_over_its_maximum_is_noticed),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
