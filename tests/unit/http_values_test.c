/* SPDX-License-Identifier: MIT */
/* Header values: codings, entity tags, ranges, lists, addresses. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "http/address.h"
#include "http/header.h"
#include "http/negotiate.h"
#include "http/range.h"

static void the_client_s_q_values_choose_the_coding(void **state)
{
	static const struct {
		struct str accept;
		enum cache_coding coding;
	} rows[] = {
		{ STR("gzip, deflate, br, zstd"), CACHE_ZSTD },
		{ STR("gzip, deflate, br"), CACHE_BROTLI },
		{ STR("gzip"), CACHE_GZIP },
		{ STR("GZip"), CACHE_GZIP },
		{ STR("gzip;q=1.0, br;q=0.5, zstd;q=0.1"), CACHE_GZIP },
		{ STR("gzip ; q=0.2 , br ; q=0.3"), CACHE_BROTLI },
		{ STR("*"), CACHE_ZSTD },
		{ STR("*;q=0.1, zstd;q=0, br;q=0"), CACHE_GZIP },
		{ STR("gzip;q=0"), CACHE_IDENTITY },
		{ STR("gzip;q=0.000"), CACHE_IDENTITY },
		{ STR("gzip;q=nonsense"), CACHE_IDENTITY },
		{ STR("gzip;q=2"), CACHE_IDENTITY },
		{ STR("identity"), CACHE_IDENTITY },
		{ STR("deflate"), CACHE_IDENTITY },
		{ STR(""), CACHE_IDENTITY },
		{ STR(",,;q=1,gzip"), CACHE_GZIP },
		{ STR_ABSENT, CACHE_IDENTITY },
	};
	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		print_message("%.*s\n", STR_ARG(rows[i].accept));
		assert_int_equal(coding_choose(rows[i].accept, STR("application/json"), 4096), rows[i].coding);
	}
}

static void what_would_not_shrink_is_not_compressed(void **state)
{
	struct str all = STR("zstd, br, gzip");
	(void)state;
	assert_int_equal(coding_choose(all, STR("application/json"), CODING_MIN_LENGTH - 1), CACHE_IDENTITY);
	assert_int_equal(coding_choose(all, STR("image/jpeg"), 100000), CACHE_IDENTITY);
	assert_int_equal(coding_choose(all, STR("text/event-stream"), 100000), CACHE_IDENTITY);
	assert_int_equal(coding_choose(all, STR("text/html; charset=utf-8"), 100000), CACHE_ZSTD);
	assert_int_equal(coding_choose_of(all, 1u << CACHE_GZIP), CACHE_GZIP);
	assert_int_equal(coding_choose_of(all, 0), CACHE_IDENTITY);
}

static void entity_tags_are_compared_weakly_and_star_is_all(void **state)
{
	(void)state;
	assert_true(etag_listed(STR("\"a\", \"b\""), STR("\"b\"")));
	assert_true(etag_listed(STR("W/\"b\""), STR("\"b\"")));
	assert_true(etag_listed(STR("*"), STR("\"b\"")));
	assert_false(etag_listed(STR("\"bb\", b"), STR("\"b\"")));
	assert_false(etag_listed(STR_ABSENT, STR("\"b\"")));
}

static void a_range_is_what_rfc_9110_says(void **state)
{
	static const struct {
		struct str value;
		int outcome;
		size_t first, len;
	} rows[] = {
		{ STR("bytes=0-0"), RANGE_OK, 0, 1 },
		{ STR("bytes=0-99"), RANGE_OK, 0, 100 },
		{ STR("bytes=10-"), RANGE_OK, 10, 90 },
		{ STR("bytes=99-1000"), RANGE_OK, 99, 1 },
		{ STR("bytes=-1"), RANGE_OK, 99, 1 },
		{ STR("bytes=-1000"), RANGE_OK, 0, 100 },
		{ STR("Bytes=5-6"), RANGE_OK, 5, 2 },
		{ STR("bytes=100-"), RANGE_UNSATISFIABLE, 0, 0 },
		{ STR("bytes=-0"), RANGE_UNSATISFIABLE, 0, 0 },
		{ STR("bytes=9223372036854775807-"), RANGE_UNSATISFIABLE, 0, 0 },
		{ STR("bytes=99999999999999999999-"), RANGE_IGNORED, 0, 0 },
		{ STR("bytes=5-4"), RANGE_IGNORED, 0, 0 },
		{ STR("bytes=0-1,3-4"), RANGE_IGNORED, 0, 0 },
		{ STR("bytes="), RANGE_IGNORED, 0, 0 },
		{ STR("bytes=-"), RANGE_IGNORED, 0, 0 },
		{ STR("bytes=--1"), RANGE_IGNORED, 0, 0 },
		{ STR("rows=0-1"), RANGE_IGNORED, 0, 0 },
		{ STR("bytes"), RANGE_IGNORED, 0, 0 },
		{ STR_ABSENT, RANGE_IGNORED, 0, 0 },
	};
	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		size_t first = 0, len = 0;
		print_message("%.*s\n", STR_ARG(rows[i].value));
		assert_int_equal(range_parse(rows[i].value, 100, &first, &len), rows[i].outcome);
		assert_int_equal(first, rows[i].first);
		assert_int_equal(len, rows[i].len);
	}
	size_t first, len;
	assert_int_equal(range_parse(STR("bytes=0-"), 0, &first, &len), RANGE_UNSATISFIABLE);
}

static void lists_are_walked_with_their_blanks(void **state)
{
	struct str rest = STR(" a , ,b,, c "), element;
	(void)state;
	assert_true(header_list_next(&rest, &element) && str_equal(element, STR("a")));
	assert_true(header_list_next(&rest, &element) && str_equal(element, STR("b")));
	assert_true(header_list_next(&rest, &element) && str_equal(element, STR("c")));
	assert_false(header_list_next(&rest, &element));
}

static void a_header_table_grows_and_gives_the_first(void **state)
{
	owned(arena_drop) struct arena *arena = arena_new(1 << 16);
	struct http_headers headers = { 0 };
	(void)state;
	for (int i = 0; i < 100; i++)
		assert_true(
			headers_add(&headers, arena, i % 2 ? STR("odd") : STR("even"), arena_printf(arena, "%d", i)));
	assert_int_equal(headers.n, 100);
	assert_true(str_equal(headers_find(&headers, STR("odd")), STR("1")));
	assert_true(str_equal(headers.items[99].value, STR("99")));
	assert_false(str_present(headers_find(&headers, STR("none"))));
}

static bool holds(struct str network, struct str address)
{
	struct network parsed;
	assert_true(network_parse(network, &parsed));
	return networks_hold(&parsed, 1, address);
}

static void a_network_holds_its_addresses_and_no_other(void **state)
{
	struct network unused;
	(void)state;
	assert_true(holds(STR("10.0.0.0/8"), STR("10.255.1.2")));
	assert_false(holds(STR("10.0.0.0/8"), STR("11.0.0.0")));
	assert_true(holds(STR("192.0.2.128/25"), STR("192.0.2.129")));
	assert_false(holds(STR("192.0.2.128/25"), STR("192.0.2.127")));
	assert_true(holds(STR("127.0.0.1"), STR("127.0.0.1:8443")));
	assert_true(holds(STR("2001:db8::/32"), STR("[2001:db8::1]:443")));
	assert_false(holds(STR("2001:db8::/32"), STR("2001:db9::1")));
	assert_true(holds(STR("0.0.0.0/0"), STR("8.8.8.8")));
	assert_false(holds(STR("0.0.0.0/0"), STR("2001:db8::1")));
	assert_false(holds(STR("10.0.0.0/8"), STR("unknown")));
	assert_true(holds(STR("10.0.0.0/8"), STR("::ffff:10.0.0.1")));
	assert_false(network_parse(STR("10.0.0.0/33"), &unused));
	assert_false(network_parse(STR("10.0.0/8"), &unused));
	assert_false(network_parse(STR("localhost"), &unused));
	assert_false(network_parse(STR(""), &unused));
}

static void only_a_name_that_others_could_have_is_a_name(void **state)
{
	static const struct str addresses[] = { STR("127.0.0.1"), STR("127.0.0.1:8443"), STR("[::1]:8443"), STR("[::1]"),
						STR("localhost"), STR("localhost:8443"), STR("app.localhost:1"), STR(""), STR(":1") };
	(void)state;
	for (size_t i = 0; i < countof(addresses); i++)
		assert_false(authority_is_name(addresses[i]));
	assert_true(authority_is_name(STR("records.example.org")));
	assert_true(authority_is_name(STR("records.example.org:8443")));
	assert_true(str_equal(authority_host(STR("[::1]:8443")), STR("[::1]")));
	assert_true(str_equal(authority_host(STR("a.example:1")), STR("a.example")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_client_s_q_values_choose_the_coding),
		cmocka_unit_test(what_would_not_shrink_is_not_compressed),
		cmocka_unit_test(entity_tags_are_compared_weakly_and_star_is_all),
		cmocka_unit_test(a_range_is_what_rfc_9110_says),
		cmocka_unit_test(lists_are_walked_with_their_blanks),
		cmocka_unit_test(a_header_table_grows_and_gives_the_first),
		cmocka_unit_test(a_network_holds_its_addresses_and_no_other),
		cmocka_unit_test(only_a_name_that_others_could_have_is_a_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
