/* SPDX-License-Identifier: MIT */
/* An answer's life beyond being made and kept: made anew in time, standing in for the database, carried over a restart. */
#include "../support/cache_asker.h"

#include "cache/snapshot_format.h"

static const struct cache_kind fleeting_kind = { .name = "fleeting", .ttl_ms = 800, .fill = { fill, "fill" } };
static const struct cache_kind brief_kind = { .name = "brief", .ttl_ms = 40, .fill = { fill, "fill" } };
static const struct cache_kind exact_kind = { .name = "record", .ttl_ms = 40, .fill = { fill, "fill" }, .never_stale = true };
static const struct uuid writer = { { 1 } };

static bool is(const struct asker *asker, const char *body)
{
	return asker->answered && strcmp(asker->body, body) == 0;
}

/* ── Made anew before it expires ── */

static void refresh_the_last_half(void)
{
	settings.refresh_percent = 50;
	settings.max_refreshes = 2;
	cache_configure(cache, &settings);
}

static void what_is_asked_for_all_the_time_is_never_waited_for(void **state)
{
	unsigned n_misses = 0;
	(void)state;

	refresh_the_last_half();
	settings.refresh_percent = 90;
	cache_configure(cache, &settings);
	fill_ms = 10;
	for (int i = 0; i < 80; i++) {
		n_misses += ask_once(&fleeting_kind, 1, STR("a"))->answer.status != CACHE_HIT;
		wait_ms(10);
	}
	assert_int_equal(n_misses, 1);
	assert_in_range(n_fills, 3, 30);
}

static void what_is_hardly_asked_for_is_left_to_expire(void **state)
{
	(void)state;
	refresh_the_last_half();
	ask_once(&fleeting_kind, 1, STR("a"));
	wait_ms(470);
	assert_int_equal(ask_once(&fleeting_kind, 1, STR("a"))->answer.status, CACHE_HIT);
	wait_ms(100);
	assert_int_equal(n_fills, 1);
}

static void a_hundred_hits_make_one_refresh_and_many_keys_a_few_at_a_time(void **state)
{
	char text[16];
	(void)state;

	refresh_the_last_half();
	for (int key = 0; key < 10; key++) {
		snprintf(text, sizeof(text), "k%d", key);
		for (int i = 0; i < 4; i++)
			ask_once(&fleeting_kind, 1, str_of(text));
	}
	assert_int_equal(n_fills, 10);
	wait_ms(470);
	fill_ms = 30;
	for (int i = 0; i < 100; i++) {
		snprintf(text, sizeof(text), "k%d", i % 10);
		assert_int_equal(ask_once(&fleeting_kind, 1, str_of(text))->answer.status, CACHE_HIT);
	}
	assert_int_equal(n_fills, 12);
}

static void a_refresh_begun_before_a_write_is_not_kept(void **state)
{
	(void)state;
	refresh_the_last_half();
	for (int i = 0; i < 4; i++)
		ask_once(&fleeting_kind, 1, STR("a"));
	wait_ms(470);
	fill_ms = 20;
	ask_once(&fleeting_kind, 1, STR("a"));
	assert_int_equal(n_fills, 2);
	generation = 1;
	cache_invalidate(cache, &writer);
	wait_ms(40);
	generation = 2;
	assert_true(is(ask_once(&fleeting_kind, 1, STR("a")), "1:a:2"));
}

static void a_refresh_that_fails_costs_nothing(void **state)
{
	(void)state;
	refresh_the_last_half();
	for (int i = 0; i < 4; i++)
		ask_once(&fleeting_kind, 1, STR("a"));
	wait_ms(470);
	database_away = true;
	for (int i = 0; i < 10; i++)
		assert_int_equal(ask_once(&fleeting_kind, 1, STR("a"))->answer.status, CACHE_HIT);
	assert_int_equal(n_fills, 2);
}

/* ── While the database is away ── */

static void stand_in_for(unsigned ms)
{
	settings.stale_ms = ms;
	cache_configure(cache, &settings);
}

static void an_expired_answer_stands_in_and_says_so(void **state)
{
	owned(arena_drop) struct arena *arena = arena_new(4096);
	(void)state;

	stand_in_for(10000);
	ask_once(&brief_kind, 1, STR("a"));
	wait_ms(1100);
	database_away = true;
	struct asker *asker = ask_once(&brief_kind, 1, STR("a"));
	assert_true(is(asker, "1:a:0"));
	assert_int_equal(asker->answer.status, CACHE_STALE);
	assert_true(str_equal(cache_status_text(&asker->answer, arena),
			      STR("recordd; fwd=stale; fwd-status=503; ttl=-1; detail=stale-if-error")));
	database_away = false;
	generation = 1;
	assert_true(is(ask_once(&brief_kind, 1, STR("a")), "1:a:1"));
}

static void what_is_not_kept_is_still_unavailable(void **state)
{
	(void)state;
	stand_in_for(10000);
	ask_once(&brief_kind, 1, STR("a"));
	database_away = true;
	assert_int_equal(ask_once(&brief_kind, 1, STR("b"))->failed_status, 503);
	assert_int_equal(ask_once(&brief_kind, 2, STR("a"))->failed_status, 503);
}

static void no_answer_stands_in_for_what_must_be_exact(void **state)
{
	(void)state;
	stand_in_for(10000);
	ask_once(&exact_kind, 1, STR("a"));
	wait_ms(50);
	database_away = true;
	assert_int_equal(ask_once(&exact_kind, 1, STR("a"))->failed_status, 503);
}

static void an_answer_stands_in_for_so_long_and_no_longer(void **state)
{
	(void)state;
	stand_in_for(60);
	ask_once(&brief_kind, 1, STR("a"));
	wait_ms(60);
	database_away = true;
	assert_int_equal(ask_once(&brief_kind, 1, STR("a"))->answer.status, CACHE_STALE);
	wait_ms(80);
	assert_int_equal(ask_once(&brief_kind, 1, STR("a"))->failed_status, 503);
	stand_in_for(0);
	database_away = false;
	ask_once(&brief_kind, 1, STR("b"));
	wait_ms(50);
	database_away = true;
	assert_int_equal(ask_once(&brief_kind, 1, STR("b"))->failed_status, 503);
}

static void nothing_stands_in_after_a_known_write(void **state)
{
	(void)state;
	stand_in_for(10000);
	ask_once(&kind, 1, STR("a"));
	cache_invalidate(cache, &writer);
	database_away = true;
	assert_int_equal(ask_once(&kind, 1, STR("a"))->failed_status, 503);
	cache_set_trusted(cache, false);
	assert_int_equal(ask_once(&kind, 1, STR("a"))->failed_status, 503);
}

static void a_clients_mistake_is_told_and_not_covered_up(void **state)
{
	(void)state;
	stand_in_for(10000);
	ask_once(&brief_kind, 1, STR("a"));
	wait_ms(50);
	fill_fails = true;
	assert_int_equal(ask_once(&brief_kind, 1, STR("a"))->failed_status, 422);
}

/* With the database the listener is gone, too: what was true until then may stand in, until writes are heard of again. */
static void silence_leaves_stand_ins_for_as_long_as_it_lasts(void **state)
{
	(void)state;
	stand_in_for(10000);
	ask_once(&kind, 1, STR("a"));
	ask_once(&kind, 2, STR("a"));
	cache_set_trusted(cache, false);
	database_away = true;
	assert_int_equal(ask_once(&kind, 1, STR("a"))->answer.status, CACHE_STALE);
	cache_invalidate(cache, &writer); /* a write of this node's, acknowledged meanwhile */
	assert_int_equal(ask_once(&kind, 1, STR("a"))->failed_status, 503);
	assert_int_equal(ask_once(&kind, 2, STR("a"))->answer.status, CACHE_STALE);
	cache_set_trusted(cache, true);
	assert_int_equal(ask_once(&kind, 2, STR("a"))->failed_status, 503);
	cache_set_trusted(cache, false);
	assert_int_equal(ask_once(&kind, 2, STR("a"))->failed_status, 503);
}

static void a_database_that_hangs_is_away_too(void **state)
{
	(void)state;
	stand_in_for(10000);
	ask_once(&brief_kind, 1, STR("a"));
	wait_ms(50);
	fill_ms = 60000;
	assert_int_equal(ask_once(&brief_kind, 1, STR("a"))->answer.status, CACHE_STALE);
}

static void a_database_that_fell_silent_is_not_waited_for_long(void **state)
{
	static struct asker patient, other;
	(void)state;

	settings.flight_timeout_ms = 5000;
	settings.stale_wait_ms = 50;
	stand_in_for(10000);
	ask_once(&kind, 1, STR("a"));
	cache_set_trusted(cache, false);
	fill_ms = 60000;
	ask(&patient, &kind, 1, STR("never asked before"));
	ask(&other, &exact_kind, 1, STR("a"));
	turn_loop();
	uint64_t began = uv_hrtime();
	static struct asker asker;
	ask(&asker, &kind, 1, STR("a"));
	while (!asker.over)
		uv_run(&loop.uv, UV_RUN_ONCE);
	assert_in_range((uv_hrtime() - began) / 1000000, 40, 3000);
	assert_int_equal(asker.answer.status, CACHE_STALE);
	assert_false(patient.over || other.over);
	call_gone(&patient.call);
	call_gone(&other.call);
	wait_for_all();
}

static void what_a_lagging_replica_gave_is_not_kept(void **state)
{
	(void)state;
	cache_invalidate_to(cache, &writer, 7);
	fill_version = 6;
	assert_int_equal(status_of(1, STR("a")), CACHE_MISS_NOT_STORED);
	fill_version = 7;
	assert_int_equal(status_of(1, STR("a")), CACHE_MISS_STORED);
}

/* ── Across a restart ── */

enum { WALL = 1700000000 };
static const struct str origin = STR("build 1, database 1");

static void restart(struct str from, struct str to, int64_t away_ms, const char *wrong)
{
	owned(buf_free) struct buf bytes = buf_of(1 << 20);

	cache_save(cache, from, WALL * 1000LL, &bytes);
	assert_false(buf_failed(&bytes));
	cache_free(cache);
	cache = cache_new(&loop, &settings);
	struct str said = cache_load(cache, to, WALL * 1000LL + away_ms, &bytes);
	assert_true(wrong ? str_equal(said, str_of(wrong)) : !str_present(said));
	generation++;
}

/* The database says that all users' data has this version. */
static void hear_versions(int64_t version)
{
	owned(arena_drop) struct arena *arena = arena_new(ARENA);
	size_t n = 0;

	assert_true(cache_waits(cache));
	const struct uuid *users = cache_waiting_users(cache, arena, &n);
	assert_non_null(users);
	assert_false(cache_waits(cache));
	for (size_t i = 0; i < n; i++)
		cache_admit_user(cache, &users[i], version);
	cache_waiting_over(cache);
}

static void keep_two_users(void)
{
	fill_version = 5;
	ask_once(&kind, 1, STR("a"));
	ask_once(&kind, 1, STR("b"));
	fill_version = 6;
	ask_once(&kind, 2, STR("a"));
}

static void answers_are_there_after_a_restart(void **state)
{
	(void)state;
	keep_two_users();
	restart(origin, origin, 1000, NULL);
	hear_versions(5);
	struct asker *asker = ask_once(&kind, 1, STR("a"));
	assert_int_equal(asker->answer.status, CACHE_HIT);
	assert_true(is(asker, "1:a:0"));
	assert_in_range(asker->answer.ttl_ms, 50000, 65000);
	assert_int_equal(status_of(1, STR("b")), CACHE_HIT);
	assert_int_equal(status_of(2, STR("a")), CACHE_MISS_STORED);
}

static void nothing_answers_before_its_version_is_known(void **state)
{
	(void)state;
	keep_two_users();
	restart(origin, origin, 0, NULL);
	assert_true(is(ask_once(&kind, 1, STR("a")), "1:a:1"));
	hear_versions(5);
	assert_true(is(ask_once(&kind, 1, STR("a")), "1:a:1"));
	assert_true(is(ask_once(&kind, 1, STR("b")), "1:b:0"));
}

static void a_write_while_versions_are_asked_for_makes_them_void(void **state)
{
	owned(arena_drop) struct arena *arena = arena_new(ARENA);
	size_t n = 0;
	(void)state;

	keep_two_users();
	restart(origin, origin, 0, NULL);
	assert_non_null(cache_waiting_users(cache, arena, &n));
	assert_int_equal(n, 2);
	cache_invalidate_to(cache, &writer, 6);
	cache_admit_user(cache, &writer, 5);
	assert_int_equal(status_of(1, STR("a")), CACHE_MISS_STORED);
}

static void nothing_is_taken_over_while_writes_go_unheard(void **state)
{
	(void)state;
	keep_two_users();
	restart(origin, origin, 0, NULL);
	cache_set_trusted(cache, false);
	assert_false(cache_waits(cache));
	cache_set_trusted(cache, true);
	hear_versions(5);
	assert_int_equal(status_of(1, STR("a")), CACHE_HIT);
}

static void answers_grow_old_while_the_server_is_down(void **state)
{
	(void)state;
	keep_two_users();
	restart(origin, origin, 70000, NULL);
	assert_false(cache_waits(cache));
	assert_int_equal(status_of(1, STR("a")), CACHE_MISS_STORED);
}

static void an_answer_of_unknown_version_is_not_carried_over(void **state)
{
	(void)state;
	ask_once(&kind, 1, STR("a"));
	restart(origin, origin, 0, NULL);
	assert_false(cache_waits(cache));
}

static void anothers_snapshot_is_refused(void **state)
{
	(void)state;
	keep_two_users();
	restart(origin, STR("build 1, database 2"), 0, "it is of another database or another build");
	assert_int_equal(status_of(1, STR("a")), CACHE_MISS_STORED);
}

static void a_damaged_snapshot_is_refused_wherever_it_was_hit(void **state)
{
	owned(buf_free) struct buf good = buf_of(1 << 20);
	(void)state;

	keep_two_users();
	cache_save(cache, origin, WALL * 1000LL, &good);
	for (size_t i = 0; i < good.len; i++) {
		owned(buf_free) struct buf bad = buf_of(1 << 20), cut = buf_of(1 << 20);
		buf_add(&bad, buf_str(&good));
		bad.at[i] ^= 0x20;
		assert_true(str_present(cache_load(cache, origin, WALL * 1000LL, &bad)));
		buf_add(&cut, str_first(buf_str(&good), i));
		assert_true(str_present(cache_load(cache, origin, WALL * 1000LL, &cut)));
	}
	assert_false(str_present(cache_load(cache, origin, WALL * 1000LL, &good)));
	assert_true(cache_waits(cache));
}

static void a_snapshot_is_no_larger_than_allowed(void **state)
{
	char text[16];
	(void)state;

	fill_version = 1;
	for (int i = 0; i < 100; i++) {
		snprintf(text, sizeof(text), "%d", 1000 + i);
		ask_once(&kind, 1, str_of(text));
	}
	owned(buf_free) struct buf bytes = buf_of(20000);
	cache_save(cache, origin, WALL * 1000LL, &bytes);
	assert_false(buf_failed(&bytes));
	assert_in_range(bytes.len, 15000, 20000);
	assert_false(str_present(cache_load(cache, origin, WALL * 1000LL, &bytes)));
	assert_true(cache_waits(cache));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_asked_for_all_the_time_is_never_waited_for),
		TEST(what_is_hardly_asked_for_is_left_to_expire),
		TEST(a_hundred_hits_make_one_refresh_and_many_keys_a_few_at_a_time),
		TEST(a_refresh_begun_before_a_write_is_not_kept),
		TEST(a_refresh_that_fails_costs_nothing),
		TEST(an_expired_answer_stands_in_and_says_so),
		TEST(what_is_not_kept_is_still_unavailable),
		TEST(no_answer_stands_in_for_what_must_be_exact),
		TEST(an_answer_stands_in_for_so_long_and_no_longer),
		TEST(nothing_stands_in_after_a_known_write),
		TEST(a_clients_mistake_is_told_and_not_covered_up),
		TEST(silence_leaves_stand_ins_for_as_long_as_it_lasts),
		TEST(a_database_that_hangs_is_away_too),
		TEST(a_database_that_fell_silent_is_not_waited_for_long),
		TEST(what_a_lagging_replica_gave_is_not_kept),
		TEST(answers_are_there_after_a_restart),
		TEST(nothing_answers_before_its_version_is_known),
		TEST(a_write_while_versions_are_asked_for_makes_them_void),
		TEST(nothing_is_taken_over_while_writes_go_unheard),
		TEST(answers_grow_old_while_the_server_is_down),
		TEST(an_answer_of_unknown_version_is_not_carried_over),
		TEST(anothers_snapshot_is_refused),
		TEST(a_damaged_snapshot_is_refused_wherever_it_was_hit),
		TEST(a_snapshot_is_no_larger_than_allowed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
