/* SPDX-License-Identifier: MIT */
/* Who does too much is told from who does a lot; and slow from still. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <unistd.h>

#include "http/guard.h"
#include "http/h2_frames.h"
#include "http/pace.h"
#include "obs/metrics.h"

static const struct guard_limits limits = { .most = { [GUARD_PINGS] = 15, [GUARD_RESETS] = 15 } };

static void so_many_at_once_and_no_more(void **state)
{
	struct guards guards = { 0 };
	(void)state;
	for (int i = 0; i < 15; i++)
		assert_false(guard_count(&guards, &limits, GUARD_PINGS, 1, 1000));
	assert_false(guard_count(&guards, &limits, GUARD_RESETS, 1, 1000));
	assert_true(guard_count(&guards, &limits, GUARD_PINGS, 1, 1000));
}

static void as_many_come_back_in_every_span(void **state)
{
	struct guards guards = { 0 };
	uint64_t now_ms = 1000;
	(void)state;
	assert_false(guard_count(&guards, &limits, GUARD_PINGS, 15, now_ms));
	for (int i = 0; i < 100; i++)
		assert_false(guard_count(&guards, &limits, GUARD_PINGS, 1, now_ms += 1000));
	assert_true(guard_count(&guards, &limits, GUARD_PINGS, 1, now_ms + 500));
	/* A long silence is not saved up. */
	assert_false(guard_count(&guards, &limits, GUARD_PINGS, 15, now_ms += 3600 * 1000));
	assert_true(guard_count(&guards, &limits, GUARD_PINGS, 1, now_ms));
}

static void credit_is_kept_until_it_is_used(void **state)
{
	struct guards guards = { 0 };
	(void)state;
	guard_credit(&guards, GUARD_PINGS, 100);
	assert_false(guard_count(&guards, &limits, GUARD_PINGS, 100, 3600 * 1000));
	assert_false(guard_count(&guards, &limits, GUARD_PINGS, 15, 3600 * 1000));
	assert_true(guard_count(&guards, &limits, GUARD_PINGS, 1, 3600 * 1000));
}

static void long_download_would_buy_an_endless_flood(void **state)
{
	struct guards guards = { 0 };
	const double most = limits.most[GUARD_PINGS] + GUARD_CREDIT_MAX * guard_limits_default().most[GUARD_PINGS];
	(void)state;
	for (int i = 0; i < 1000; i++)
		guard_credit(&guards, GUARD_PINGS, 1000);
	assert_false(guard_count(&guards, &limits, GUARD_PINGS, most, 3600 * 1000));
	assert_true(guard_count(&guards, &limits, GUARD_PINGS, 1, 3600 * 1000));
}

static size_t lines_of(FILE *file)
{
	size_t n = 0;
	rewind(file);
	for (int c; (c = getc(file)) != EOF;)
		n += c == '\n';
	return n;
}

/* A thousand streams held back at once are a thousand in the metric. */
static void client_with_many_streams_would_fill_the_log(void **state)
{
	int64_t before = metric_get(METRIC_GUARD_ZERO_WINDOW);
	FILE *log = tmpfile();
	int kept = dup(STDERR_FILENO);
	(void)state;

	assert_non_null(log);
	assert_true(dup2(fileno(log), STDERR_FILENO) >= 0);
	for (int i = 0; i < 1000; i++)
		guard_fired(GUARD_ZERO_WINDOW, STR("192.0.2.7"));
	assert_true(dup2(kept, STDERR_FILENO) >= 0);
	close(kept);
	size_t lines = lines_of(log);
	fclose(log);
	assert_int_equal(metric_get(METRIC_GUARD_ZERO_WINDOW), before + 1000);
	assert_in_range(lines, 1, 3 * GUARD_LINES_MAX); /* it may have taken a second or two */
}

static void each_guard_has_a_word_a_counter_and_a_limit(void **state)
{
	struct guard_limits standard = guard_limits_default();
	int64_t before = metric_get(METRIC_GUARD_ZERO_WINDOW);
	(void)state;
	for (int i = 0; i < N_GUARDS; i++)
		assert_true(guard_word((enum guard)i).len > 0);
	assert_true(standard.most[GUARD_RESETS] > 0 && standard.most[GUARD_HEADER_LIST] > 32 * 1024);
	guard_fired(GUARD_ZERO_WINDOW, STR("192.0.2.7"));
	assert_int_equal(metric_get(METRIC_GUARD_ZERO_WINDOW), before + 1);
}

static void a_pace_wants_its_bytes_in_every_span(void **state)
{
	const struct pace_rule rule = { .span_ms = 1000, .min_rate = 100 };
	struct pace pace;
	(void)state;
	pace_begin(&pace, 0);
	for (int64_t now_us = 0; now_us < 900000; now_us += 100000)
		pace_add(&pace, &rule, 1, now_us);
	assert_false(pace_late(&pace, &rule, 999000));
	assert_true(pace_late(&pace, &rule, 1000000));
	pace_add(&pace, &rule, 100, 950000);
	assert_false(pace_late(&pace, &rule, 1949000));
	assert_true(pace_late(&pace, &rule, 1950000));
}

static void without_a_rate_any_byte_will_do(void **state)
{
	const struct pace_rule rule = { .span_ms = 1000, .min_rate = 0 };
	struct pace pace;
	(void)state;
	pace_begin(&pace, 0);
	pace_add(&pace, &rule, 0, 500000);
	assert_true(pace_late(&pace, &rule, 1000000));
	pace_add(&pace, &rule, 1, 500000);
	assert_false(pace_late(&pace, &rule, 1000000));
}

/* An empty frame of padding only, one of a byte, and a ping, in pieces of every length. */
static void frames_are_seen_however_they_are_cut(void **state)
{
	static const char wire[] = "0123456789012345678901230\0\0\x04\0\x08\0\0\0\x01\x03xxx\0\0\x01\0\0\0\0\0\x01y"
				   "\0\0\x08\x06\x01\0\0\0\0abcdefgh";
	const struct str all = str_skip((struct str){ wire, sizeof(wire) - 1 }, 1);
	(void)state;
	for (size_t piece = 1; piece <= all.len; piece++) {
		struct h2_frames frames = { 0 };
		struct h2_frame seen[4] = { 0 };
		size_t n = 0;
		for (struct str rest = all; rest.len; rest = str_skip(rest, piece))
			for (struct str some = str_first(rest, piece); h2_frames_next(&frames, &some, &seen[n]);)
				assert_in_range(++n, 1, 3);
		assert_int_equal(n, 3);
		assert_int_equal(seen[0].content, 0);
		assert_int_equal(seen[1].content, 1);
		assert_int_equal(seen[2].type, 6);
		assert_int_equal(seen[2].flags, 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(so_many_at_once_and_no_more),
		cmocka_unit_test(as_many_come_back_in_every_span),
		cmocka_unit_test(credit_is_kept_until_it_is_used),
		cmocka_unit_test(client_with_many_streams_would_fill_the_log),
		cmocka_unit_test(long_download_would_buy_an_endless_flood),
		cmocka_unit_test(each_guard_has_a_word_a_counter_and_a_limit),
		cmocka_unit_test(a_pace_wants_its_bytes_in_every_span),
		cmocka_unit_test(without_a_rate_any_byte_will_do),
		cmocka_unit_test(frames_are_seen_however_they_are_cut),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
