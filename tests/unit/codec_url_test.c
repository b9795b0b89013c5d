/* SPDX-License-Identifier: MIT */
/* Paths and queries as strangers spell them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "codec/url.h"

static struct arena *arena;

static int set_up(void **state)
{
	(void)state;
	arena = arena_new(1 << 20);
	return arena ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static void no_path_leaves_the_root(void **state)
{
	static const struct {
		const char *raw, *path;
	} rows[] = {
		{ "/", "/" },
		{ "/api/records", "/api/records" },
		{ "/a/./b/../c", "/a/c" },
		{ "/..", "/" },
		{ "/../../etc/passwd", "/etc/passwd" },
		{ "/a/..", "/" },
		{ "/a/.", "/a/" },
		{ "/a/%2e%2e/%2e%2E/b", "/b" },
		{ "/a%2f..%2f..%2fb", "/b" },
		{ "/a//../b", "/a/b" },
		{ "/.hidden/..x/x..", "/.hidden/..x/x.." },
		{ "/a/...", "/a/..." },
		{ "/caf%C3%A9+%20", "/caf\xc3\xa9+ " },
		{ "/%252e%252e/", "/%2e%2e/" },
	};
	(void)state;

	for (size_t i = 0; i < countof(rows); i++) {
		struct str path;
		assert_int_equal(url_path(arena, str_of(rows[i].raw), &path), URL_OK);
		if (!str_equal(path, str_of(rows[i].path)))
			fail_msg("%s became %.*s", rows[i].raw, STR_ARG(path));
	}
}

static void malformed_paths_are_refused(void **state)
{
	static const char *const bad[] = { "", "a", "*", "/%", "/%4", "/%zz", "/%00", "/%ff", "/%c0%ae", "/\xff", "/%ed%a0%80" };
	struct str path;
	(void)state;

	for (size_t i = 0; i < countof(bad); i++)
		assert_int_equal(url_path(arena, str_of(bad[i]), &path), URL_MALFORMED);
	assert_int_equal(url_path(arena, STR_ABSENT, &path), URL_MALFORMED);
}

static void parameters_come_one_by_one(void **state)
{
	struct str query = STR("q=kind+of%20blue&&fuzzy=0&flag&=v&e=&a=b=c&x%3D=%26"), name, value;
	static const char *const expected[] = { "q", "kind of blue", "fuzzy", "0", "flag", "", "", "v",
						"e", "",	     "a",     "b=c", "x=", "&" };
	(void)state;

	for (size_t i = 0; i < countof(expected); i += 2) {
		assert_int_equal(url_param_next(arena, &query, &name, &value), URL_OK);
		assert_true(str_equal(name, str_of(expected[i])));
		assert_true(str_equal(value, str_of(expected[i + 1])));
	}
	assert_int_equal(url_param_next(arena, &query, &name, &value), URL_END);
	query = STR_ABSENT;
	assert_int_equal(url_param_next(arena, &query, &name, &value), URL_END);
	query = STR("&&");
	assert_int_equal(url_param_next(arena, &query, &name, &value), URL_END);
	query = STR("a=%zz&b=1");
	assert_int_equal(url_param_next(arena, &query, &name, &value), URL_MALFORMED);
	query = STR("a%00=1");
	assert_int_equal(url_param_next(arena, &query, &name, &value), URL_MALFORMED);
}

static void what_needs_no_decoding_is_not_copied(void **state)
{
	struct str text = STR("plain"), out;
	(void)state;
	assert_int_equal(url_decode(arena, text, &out), URL_OK);
	assert_ptr_equal(out.at, text.at);
}

static void every_byte_that_is_encoded_comes_back(void **state)
{
	owned(buf_free) struct buf buf = buf_of(1024);
	struct str out;
	char text[127];
	(void)state;

	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)(i + 1);
	url_encode(&buf, (struct str){ text, sizeof(text) });
	assert_int_equal(url_decode(arena, buf_str(&buf), &out), URL_OK);
	assert_true(str_equal(out, (struct str){ text, sizeof(text) }));
	buf_clear(&buf);
	url_encode(&buf, STR("a-._~ /?\xc3\xa9"));
	assert_true(str_equal(buf_str(&buf), STR("a-._~%20%2F%3F%C3%A9")));
}

static void a_spent_budget_is_no_malformed_path(void **state)
{
	owned(arena_drop) struct arena *small = arena_new(16);
	struct str path;
	(void)state;
	assert_true(url_path(small, STR("/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa%20"), &path) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_path_leaves_the_root),
		cmocka_unit_test(malformed_paths_are_refused),
		cmocka_unit_test(parameters_come_one_by_one),
		cmocka_unit_test(what_needs_no_decoding_is_not_copied),
		cmocka_unit_test(every_byte_that_is_encoded_comes_back),
		cmocka_unit_test(a_spent_budget_is_no_malformed_path),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
