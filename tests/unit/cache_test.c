/* SPDX-License-Identifier: MIT */
/* The cache, driven by calls on a real loop. */
#include "../support/cache_asker.h"

enum { ASKERS = 1000 };

static const struct cache_kind other_kind = { .name = "facets", .ttl_ms = 60000, .fill = { fill, "fill" } };
static const struct cache_kind fleeting_kind = { .name = "fleeting", .ttl_ms = 40, .fill = { fill, "fill" } };

static void assert_within_bound(void)
{
	assert_in_range(metric_get(METRIC_CACHE_BYTES), 0, BOUND);
}

/* ── Tests ── */

static void a_thousand_identical_questions_are_one_fill(void **state)
{
	static struct asker askers[ASKERS];
	unsigned n_stored = 0, n_collapsed = 0;
	(void)state;

	fill_ms = 5;
	for (size_t i = 0; i < ASKERS; i++)
		ask(&askers[i], &kind, 1, STR("kind of blue"));
	wait_for_all();
	assert_int_equal(n_fills, 1);
	for (size_t i = 0; i < ASKERS; i++) {
		assert_string_equal(askers[i].body, "1:kind of blue:0");
		n_stored += askers[i].answer.status == CACHE_MISS_STORED;
		n_collapsed += askers[i].answer.status == CACHE_MISS_COLLAPSED;
	}
	assert_int_equal(n_stored, 1);
	assert_int_equal(n_collapsed, ASKERS - 1);
}

static void a_hit_is_the_very_bytes_that_were_kept(void **state)
{
	static struct asker first, second;
	(void)state;

	first.keep_open = second.keep_open = true;
	ask(&first, &kind, 1, STR("a"));
	while (!first.answered)
		turn_loop();
	ask(&second, &kind, 1, STR("a"));
	while (!second.answered)
		turn_loop();
	assert_int_equal(second.answer.status, CACHE_HIT);
	assert_ptr_equal(first.answer.body, second.answer.body);
	assert_int_equal(n_fills, 1);
	first.keep_open = second.keep_open = false;
	wait_for_all();
}

static void no_user_and_no_kind_sees_anothers_answer(void **state)
{
	(void)state;
	assert_string_equal(ask_once(&kind, 1, STR("x"))->body, "1:x:0");
	assert_string_equal(ask_once(&kind, 2, STR("x"))->body, "2:x:0");
	assert_string_equal(ask_once(&kind, 1, STR("y"))->body, "1:y:0");
	assert_int_equal(ask_once(&other_kind, 1, STR("x"))->answer.status, CACHE_MISS_STORED);
	assert_int_equal(n_fills, 4);
	assert_int_equal(status_of(1, STR("x")), CACHE_HIT);
}

static void an_empty_answer_is_kept_too(void **state)
{
	(void)state;
	assert_int_equal(status_of(1, STR("0")), CACHE_MISS_STORED);
	assert_int_equal(status_of(1, STR("0")), CACHE_HIT);
	assert_string_equal(ask_once(&kind, 1, STR("0"))->body, "");
}

static void one_who_hangs_up_hurts_nobody(void **state)
{
	static struct asker gone, stays;
	(void)state;

	fill_ms = 5;
	ask(&gone, &kind, 1, STR("a"));
	ask(&stays, &kind, 1, STR("a"));
	turn_loop();
	assert_int_equal(n_fills, 1);
	call_gone(&gone.call);
	wait_for_all();
	assert_true(gone.over && !gone.answered && !gone.failed_status);
	assert_string_equal(stays.body, "1:a:0");
	assert_int_equal(n_fills, 1);
}

static void a_fill_for_nobody_is_given_up(void **state)
{
	static struct asker askers[2];
	(void)state;

	fill_ms = 20;
	ask(&askers[0], &kind, 1, STR("a"));
	ask(&askers[1], &kind, 1, STR("a"));
	turn_loop();
	call_gone(&askers[0].call);
	call_gone(&askers[1].call);
	turn_loop();
	assert_int_equal(loop.calls.n_running, 0);
	assert_int_equal(n_landed, 0);
	assert_int_equal(status_of(1, STR("a")), CACHE_MISS_STORED);
	assert_int_equal(n_landed, 1);
}

static void a_failed_fill_fails_all_who_wait_and_is_not_kept(void **state)
{
	static struct asker askers[3];
	(void)state;

	fill_fails = true;
	for (size_t i = 0; i < countof(askers); i++)
		ask(&askers[i], &kind, 1, STR("a"));
	wait_for_all();
	for (size_t i = 0; i < countof(askers); i++) {
		assert_int_equal(askers[i].failed_status, 422);
		assert_string_equal(askers[i].error, "the fill's own words");
		assert_string_equal(askers[i].field, "q");
	}
	fill_fails = false;
	assert_int_equal(status_of(1, STR("a")), CACHE_MISS_STORED);
}

static void a_write_makes_what_was_kept_invalid(void **state)
{
	struct uuid writer = { { 1 } };
	unsigned n_kept = 0;
	(void)state;

	for (uint8_t user = 1; user <= 21; user++)
		status_of(user, STR("a"));
	generation = 1;
	cache_invalidate(cache, &writer);
	assert_string_equal(ask_once(&kind, 1, STR("a"))->body, "1:a:1");
	for (uint8_t user = 2; user <= 21; user++)
		n_kept += status_of(user, STR("a")) == CACHE_HIT;
	assert_in_range(n_kept, 19, 20); /* two users may share a counter: rarely one, never several */
	cache_invalidate_all(cache);
	for (uint8_t user = 1; user <= 21; user++)
		assert_int_equal(status_of(user, STR("a")), CACHE_MISS_STORED);
}

static void a_fill_begun_before_a_write_is_delivered_and_not_kept(void **state)
{
	static struct asker before;
	struct uuid writer = { { 1 } };
	(void)state;

	fill_ms = 5;
	ask(&before, &kind, 1, STR("a"));
	turn_loop();
	cache_invalidate(cache, &writer);
	wait_for_all();
	assert_int_equal(before.answer.status, CACHE_MISS_NOT_STORED);
	assert_null(before.answer.entry);
	assert_int_equal(status_of(1, STR("a")), CACHE_MISS_STORED);
}

static void the_echo_of_a_write_costs_no_answer_and_anothers_write_does(void **state)
{
	struct uuid writer = { { 1 } }, other = { { 2 } };
	(void)state;

	cache_invalidate_to(cache, &writer, 7);
	assert_int_equal(status_of(1, STR("a")), CACHE_MISS_STORED);
	cache_invalidate_to(cache, &writer, 7);
	cache_invalidate_to(cache, &writer, 6);
	assert_int_equal(status_of(1, STR("a")), CACHE_HIT);
	cache_invalidate_to(cache, &writer, 8);
	assert_int_equal(status_of(1, STR("a")), CACHE_MISS_STORED);
	assert_int_equal(status_of(2, STR("a")), CACHE_MISS_STORED);
	cache_invalidate_to(cache, &other, 1);
	assert_int_equal(status_of(2, STR("a")), CACHE_MISS_STORED);
	/* A database that came back older counts from where it is. */
	cache_invalidate_all(cache);
	assert_int_equal(status_of(1, STR("a")), CACHE_MISS_STORED);
	cache_invalidate_to(cache, &writer, 3);
	assert_int_equal(status_of(1, STR("a")), CACHE_MISS_STORED);
}

static void a_writer_reads_what_it_wrote(void **state)
{
	static struct asker before, after, also_after;
	struct uuid writer = { { 1 } };
	(void)state;

	fill_ms = 10;
	ask(&before, &kind, 1, STR("a"));
	turn_loop();
	cache_invalidate(cache, &writer);
	ask(&after, &kind, 1, STR("a"));
	ask(&also_after, &kind, 1, STR("a"));
	wait_for_all();
	assert_int_equal(n_fills, 2);
	assert_int_equal(before.answer.status, CACHE_MISS_NOT_STORED);
	assert_int_equal(after.answer.status, CACHE_MISS_STORED);
	assert_int_equal(also_after.answer.status, CACHE_MISS_COLLAPSED);
}

static void answers_grow_old(void **state)
{
	(void)state;
	assert_int_equal(ask_once(&fleeting_kind, 1, STR("a"))->answer.status, CACHE_MISS_STORED);
	assert_int_equal(ask_once(&fleeting_kind, 1, STR("a"))->answer.status, CACHE_HIT);
	wait_ms(50);
	assert_int_equal(ask_once(&fleeting_kind, 1, STR("a"))->answer.status, CACHE_MISS_STORED);
}

static void lifetimes_are_spread_by_a_tenth(void **state)
{
	int64_t least = INT64_MAX, most = 0;
	(void)state;

	for (uint8_t user = 0; user < 100; user++) {
		status_of(user, STR("a"));
		struct asker *asker = ask_once(&kind, user, STR("a"));
		assert_int_equal(asker->answer.status, CACHE_HIT);
		least = asker->answer.ttl_ms < least ? asker->answer.ttl_ms : least;
		most = asker->answer.ttl_ms > most ? asker->answer.ttl_ms : most;
	}
	assert_in_range(least, 53500, 57000);
	assert_in_range(most, 63000, 66000);
}

static struct turn asks_briefly(struct call *call)
{
	struct asker *asker = container_of(call, struct asker, call);
	asker->key.brief = true;
	return cache_fetch(call, cache, &asker->key, STEP(asker_got));
}

static void a_short_query_is_kept_shorter(void **state)
{
	static struct asker brief;
	(void)state;

	ask(&brief, &kind, 1, STR("a"));
	brief.call.wait.next = STEP(asks_briefly);
	wait_for_all();
	assert_in_range(ask_once(&kind, 1, STR("a"))->answer.ttl_ms, 8500, 11000);
}

static void the_status_is_told_as_rfc_9211_has_it(void **state)
{
	owned(arena_drop) struct arena *arena = arena_new(4096);
	static const struct {
		struct cache_answer answer;
		const char *text;
	} rows[] = {
		{ { .status = CACHE_HIT, .ttl_ms = 42999 }, "recordd; hit; ttl=42" },
		{ { .status = CACHE_MISS_STORED }, "recordd; fwd=miss; stored" },
		{ { .status = CACHE_MISS_COLLAPSED }, "recordd; fwd=miss; collapsed" },
		{ { .status = CACHE_MISS_NOT_STORED }, "recordd; fwd=miss" },
	};
	(void)state;

	for (size_t i = 0; i < countof(rows); i++)
		assert_true(str_equal(cache_status_text(&rows[i].answer, arena), str_of(rows[i].text)));
}

static void a_kind_may_have_larger_answers_than_others(void **state)
{
	static const struct cache_kind large_kind = { .name = "order", .ttl_ms = 60000, .fill = { fill, "fill" }, .max_times = 2 };
	(void)state;

	settings.max_entry_bytes = 32 << 10;
	cache_configure(cache, &settings);
	assert_int_equal(ask_once(&kind, 1, STR("32768"))->answer.status, CACHE_MISS_STORED);
	assert_int_equal(ask_once(&kind, 1, STR("32769"))->answer.status, CACHE_MISS_NOT_STORED);
	assert_int_equal(ask_once(&large_kind, 1, STR("65536"))->answer.status, CACHE_MISS_STORED);
	assert_int_equal(ask_once(&large_kind, 1, STR("65537"))->answer.status, CACHE_MISS_NOT_STORED);
}

static void the_bound_holds_whatever_is_kept(void **state)
{
	char text[32];
	(void)state;

	for (int size = 0; size < 70000; size += 313) {
		snprintf(text, sizeof(text), "%d", size);
		enum cache_status status = status_of(1, str_of(text));
		assert_int_equal(status, size <= 64 << 10 ? CACHE_MISS_STORED : CACHE_MISS_NOT_STORED);
		assert_within_bound();
	}
	assert_true(metric_get(METRIC_CACHE_BYTES) > 512 << 10);
	for (int i = 0; i < 3000; i++) {
		snprintf(text, sizeof(text), "many small ones %d", i);
		status_of(2, str_of(text));
		assert_within_bound();
	}
	assert_true(metric_get(METRIC_CACHE_ENTRIES) > 500);
	for (int i = 2900; i < 3000; i++) {
		snprintf(text, sizeof(text), "many small ones %d", i);
		assert_int_equal(status_of(2, str_of(text)), CACHE_HIT);
	}
}

static void a_smaller_bound_holds_at_once(void **state)
{
	(void)state;
	status_of(1, STR("50000"));
	status_of(1, STR("50001"));
	resize(120 << 10);
	assert_in_range(metric_get(METRIC_CACHE_BYTES), 0, 120 << 10);
	assert_int_equal(status_of(1, STR("50001")), CACHE_HIT);
	resize(0);
	assert_int_equal(metric_get(METRIC_CACHE_ENTRIES), 0);
	assert_int_equal(status_of(1, STR("50001")), CACHE_MISS_NOT_STORED);
}

static void a_table_that_grew_has_lost_nothing(void **state)
{
	char text[32];
	(void)state;

	resize(8 << 20);
	for (int i = 0; i < 5000; i++) {
		snprintf(text, sizeof(text), "entry %d", i);
		assert_int_equal(status_of(1, str_of(text)), CACHE_MISS_STORED);
	}
	for (int i = 0; i < 5000; i++) {
		snprintf(text, sizeof(text), "entry %d", i);
		assert_int_equal(status_of(1, str_of(text)), CACHE_HIT);
	}
}

/* ── Twins ── */

static unsigned n_encoded;

static struct blob *encode(enum cache_coding coding, struct str body)
{
	char twin[64];
	n_encoded++;
	if (coding == CACHE_BROTLI)
		return NULL;
	int len = snprintf(twin, sizeof(twin), "%d(%zu)", (int)coding, body.len);
	return blob_copy((struct str){ twin, (size_t)len });
}

static struct blob *encode_large(enum cache_coding coding, struct str body)
{
	(void)coding;
	return blob_copy(body);
}

static void a_twin_is_made_once_and_counted(void **state)
{
	static struct asker asker;
	(void)state;

	int64_t empty = metric_get(METRIC_CACHE_BYTES);
	n_encoded = 0;
	asker.keep_open = true;
	ask(&asker, &kind, 1, STR("1000"));
	while (!asker.answered)
		turn_loop();
	int64_t before = metric_get(METRIC_CACHE_BYTES);
	struct blob *twin = cache_twin(cache, &asker.answer, CACHE_GZIP, encode);
	assert_true(str_equal(blob_str(twin), STR("1(1000)")));
	assert_in_range(metric_get(METRIC_CACHE_BYTES) - before, 7, 100);
	assert_ptr_equal(cache_twin(cache, &asker.answer, CACHE_GZIP, encode), twin);
	assert_null(cache_twin(cache, &asker.answer, CACHE_BROTLI, encode));
	assert_null(cache_twin(cache, &asker.answer, CACHE_BROTLI, encode));
	assert_int_equal(n_encoded, 2);
	resize(0);
	assert_int_equal(metric_get(METRIC_CACHE_BYTES), empty);
	assert_true(str_equal(blob_str(twin), STR("1(1000)"))); /* evicted, and still this call's */
	assert_non_null(cache_twin(cache, &asker.answer, CACHE_ZSTD, encode));
	assert_int_equal(metric_get(METRIC_CACHE_ENTRIES), 0);
	asker.keep_open = false;
	wait_for_all();
}

static void twins_stay_within_the_bound(void **state)
{
	static struct asker asker;
	char text[32];
	(void)state;

	for (int i = 0; i < 4; i++) {
		snprintf(text, sizeof(text), "%d", 60000 + i);
		asker.keep_open = true;
		ask(&asker, &kind, 1, str_of(text));
		while (!asker.answered)
			turn_loop();
		for (int coding = CACHE_GZIP; coding < N_CACHE_CODINGS; coding++) {
			assert_non_null(cache_twin(cache, &asker.answer, (enum cache_coding)coding, encode_large));
			assert_within_bound();
		}
		asker.keep_open = false;
		wait_for_all();
	}
}

/* ── Limits ── */

static void flights_are_bounded(void **state)
{
	static struct asker askers[60];
	static char texts[60][8];
	unsigned n_refused = 0;
	(void)state;

	fill_ms = 5;
	for (size_t i = 0; i < countof(askers); i++) {
		snprintf(texts[i], sizeof(texts[i]), "t%zu", i);
		ask(&askers[i], &kind, 1, str_of(texts[i]));
	}
	wait_for_all();
	for (size_t i = 0; i < countof(askers); i++) {
		n_refused += askers[i].failed_status == 503 && askers[i].retry_after_s > 0;
		assert_true(askers[i].answered || askers[i].failed_status == 503);
	}
	assert_int_equal(n_refused, 10);
	assert_int_equal(status_of(1, STR("again")), CACHE_MISS_STORED);
}

static void a_fill_that_takes_too_long_is_given_up(void **state)
{
	static struct asker slow[2];
	(void)state;

	fill_ms = 60000;
	ask(&slow[0], &kind, 1, STR("a"));
	ask(&slow[1], &kind, 1, STR("b"));
	wait_for_all();
	assert_int_equal(slow[0].failed_status, 504);
	assert_int_equal(slow[1].failed_status, 504);
	turn_loop();
	assert_int_equal(loop.calls.n_running, 0);
	fill_ms = 0;
	assert_int_equal(status_of(1, STR("a")), CACHE_MISS_STORED);
}

static void nothing_is_kept_while_writes_elsewhere_go_unheard(void **state)
{
	static struct asker across;
	(void)state;

	status_of(1, STR("a"));
	cache_set_trusted(cache, false);
	assert_int_equal(status_of(1, STR("a")), CACHE_MISS_NOT_STORED);
	assert_int_equal(status_of(1, STR("a")), CACHE_MISS_NOT_STORED);
	fill_ms = 5;
	ask(&across, &kind, 1, STR("a"));
	turn_loop();
	cache_set_trusted(cache, true);
	wait_for_all();
	assert_int_equal(across.answer.status, CACHE_MISS_NOT_STORED);
	assert_int_equal(status_of(1, STR("a")), CACHE_MISS_STORED);
	assert_int_equal(status_of(1, STR("a")), CACHE_HIT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_thousand_identical_questions_are_one_fill),
		TEST(a_hit_is_the_very_bytes_that_were_kept),
		TEST(no_user_and_no_kind_sees_anothers_answer),
		TEST(an_empty_answer_is_kept_too),
		TEST(one_who_hangs_up_hurts_nobody),
		TEST(a_fill_for_nobody_is_given_up),
		TEST(a_failed_fill_fails_all_who_wait_and_is_not_kept),
		TEST(a_write_makes_what_was_kept_invalid),
		TEST(a_fill_begun_before_a_write_is_delivered_and_not_kept),
		TEST(the_echo_of_a_write_costs_no_answer_and_anothers_write_does),
		TEST(a_writer_reads_what_it_wrote),
		TEST(answers_grow_old),
		TEST(lifetimes_are_spread_by_a_tenth),
		TEST(a_short_query_is_kept_shorter),
		TEST(the_status_is_told_as_rfc_9211_has_it),
		TEST(a_kind_may_have_larger_answers_than_others),
		TEST(the_bound_holds_whatever_is_kept),
		TEST(a_smaller_bound_holds_at_once),
		TEST(a_table_that_grew_has_lost_nothing),
		TEST(a_twin_is_made_once_and_counted),
		TEST(twins_stay_within_the_bound),
		TEST(flights_are_bounded),
		TEST(a_fill_that_takes_too_long_is_given_up),
		TEST(nothing_is_kept_while_writes_elsewhere_go_unheard),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
