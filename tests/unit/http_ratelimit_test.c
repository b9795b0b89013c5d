/* SPDX-License-Identifier: MIT */
/* Rate limits: nobody gets more than their share, nobody is locked out for longer than said. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "http/ratelimit.h"

enum { SECOND = 1000000, MINUTE = 60 * SECOND };

static int64_t now = 1000 * (int64_t)MINUTE;

static unsigned allowed_of(struct rate_table *table, struct str address, unsigned limit, unsigned tries)
{
	struct rate_key key = rate_key_of_address(address, 1);
	unsigned allowed = 0;
	for (unsigned i = 0; i < tries; i++)
		allowed += rate_count(table, &key, limit, now).allowed;
	return allowed;
}

static void a_minute_s_worth_at_once_and_no_more(void **state)
{
	struct rate_table *table = rate_table_new(100);
	(void)state;
	assert_int_equal(allowed_of(table, STR("192.0.2.1"), 10, 50), 10);
	assert_int_equal(allowed_of(table, STR("192.0.2.2"), 10, 5), 5);
	now += MINUTE;
	assert_int_equal(allowed_of(table, STR("192.0.2.1"), 10, 50), 10);
	rate_table_free(table);
}

static void what_is_told_is_true(void **state)
{
	struct rate_table *table = rate_table_new(100);
	struct rate_key key = rate_key_of_address(STR("192.0.2.1"), 1);
	struct rate_verdict verdict = { 0 };
	(void)state;
	for (unsigned left = 10; left-- > 0;) {
		verdict = rate_count(table, &key, 10, now);
		assert_true(verdict.allowed);
		assert_int_equal(verdict.limit, 10);
		assert_int_equal(verdict.remaining, left);
	}
	assert_int_equal(verdict.reset_s, 60);
	verdict = rate_count(table, &key, 10, now);
	assert_false(verdict.allowed);
	assert_int_equal(verdict.retry_after_s, 6);
	now += 5 * SECOND;
	assert_false(rate_count(table, &key, 10, now).allowed);
	now += SECOND;
	assert_true(rate_count(table, &key, 10, now).allowed);
	rate_table_free(table);
}

static void one_ipv6_host_is_one_caller(void **state)
{
	struct rate_table *table = rate_table_new(100);
	(void)state;
	assert_int_equal(allowed_of(table, STR("2001:db8:1:2::1"), 3, 3), 3);
	assert_int_equal(allowed_of(table, STR("2001:db8:1:2:ffff::9"), 3, 3), 0);
	assert_int_equal(allowed_of(table, STR("2001:db8:1:3::1"), 3, 3), 3);
	rate_table_free(table);
}

static void classes_and_kinds_do_not_share(void **state)
{
	struct rate_table *table = rate_table_new(100);
	uint8_t user[16] = { 192, 0, 2, 1 };
	struct rate_key keys[] = { rate_key_of_address(STR("192.0.2.1"), 1), rate_key_of_address(STR("192.0.2.1"), 2),
				   rate_key_of_user(user, 1), rate_key_of_user(user, 2) };
	(void)state;
	for (size_t i = 0; i < countof(keys); i++) {
		assert_true(rate_count(table, &keys[i], 1, now).allowed);
		assert_false(rate_count(table, &keys[i], 1, now).allowed);
	}
	rate_table_free(table);
}

static void the_table_forgets_who_was_away_for_longest(void **state)
{
	struct rate_table *table = rate_table_new(3);
	(void)state;
	assert_int_equal(allowed_of(table, STR("192.0.2.1"), 1, 1), 1);
	assert_int_equal(allowed_of(table, STR("192.0.2.2"), 1, 1), 1);
	assert_int_equal(allowed_of(table, STR("192.0.2.3"), 1, 1), 1);
	assert_int_equal(allowed_of(table, STR("192.0.2.1"), 1, 1), 0);
	assert_int_equal(allowed_of(table, STR("192.0.2.4"), 1, 1), 1);
	assert_int_equal(allowed_of(table, STR("192.0.2.1"), 1, 1), 0);
	assert_int_equal(allowed_of(table, STR("192.0.2.3"), 1, 1), 0);
	assert_int_equal(allowed_of(table, STR("192.0.2.2"), 1, 1), 1);
	for (int i = 0; i < 1000; i++) {
		char text[] = "10.0.0.0";
		text[3] = (char)('0' + i / 100), text[5] = (char)('0' + i / 10 % 10), text[7] = (char)('0' + i % 10);
		assert_int_equal(allowed_of(table, str_of(text), 1, 2), 1);
	}
	rate_table_free(table);
}

static void ipv4_callers_written_as_ipv6_are_told_apart(void **state)
{
	struct rate_table *table = rate_table_new(100);
	(void)state;
	assert_int_equal(allowed_of(table, STR("::ffff:192.0.2.1"), 5, 20), 5);
	assert_int_equal(allowed_of(table, STR("::ffff:192.0.2.2"), 5, 20), 5);
	assert_int_equal(allowed_of(table, STR("192.0.2.1"), 5, 20), 0);
	rate_table_free(table);
}

static void a_lowered_limit_locks_nobody_out(void **state)
{
	struct rate_table *table = rate_table_new(10);
	(void)state;
	assert_int_equal(allowed_of(table, STR("192.0.2.1"), 300, 300), 300);
	now += MINUTE / 2;
	assert_int_equal(allowed_of(table, STR("192.0.2.1"), 10, 20), 5);
	now += MINUTE;
	assert_int_equal(allowed_of(table, STR("192.0.2.1"), 10, 20), 10);
	rate_table_free(table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_minute_s_worth_at_once_and_no_more),
		cmocka_unit_test(what_is_told_is_true),
		cmocka_unit_test(one_ipv6_host_is_one_caller),
		cmocka_unit_test(classes_and_kinds_do_not_share),
		cmocka_unit_test(the_table_forgets_who_was_away_for_longest),
		cmocka_unit_test(ipv4_callers_written_as_ipv6_are_told_apart),
		cmocka_unit_test(a_lowered_limit_locks_nobody_out),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
