/* SPDX-License-Identifier: MIT */
/* The pool: queries of many calls at once, their errors, bounds, transactions and cancellation. */
#include "db_harness.h"

STATEMENT(add_one, "SELECT $1::int8 + 1", 1, "");
STATEMENT(divide, "SELECT 1 / $1::int8", 1, "");
STATEMENT(divide_expecting, "SELECT 1 / $1::int8", 1, "23505 22012");
STATEMENT(sleep_s, "SELECT pg_catalog.pg_sleep($1::float8)", 1, "");
STATEMENT(insert, "INSERT INTO item (n) VALUES ($1) RETURNING n", 1, "23505");
STATEMENT(insert_slow, "INSERT INTO slow_item VALUES ($1)", 1, "");
STATEMENT(broken, "SELECT nothing FROM nowhere", 0, "");
STATEMENT(echo, "SELECT $1::text", 1, "");
STATEMENT(session_settings,
	  "SELECT current_setting('work_mem'), current_setting('jit'), current_setting('timezone'), "
	  "current_setting('application_name'), (current_setting('statement_timeout') = '1234ms')::int",
	  0, "");
STATEMENT(values_back,
	  "SELECT $1::text, $2::uuid, $3::int8, $4::bool, $5::timestamptz, $6::text[], $7::text, $8::int4[]", 8, "");

static struct turn query_int(struct call *call, const struct db_statement *statement, int64_t value, struct step next)
{
	struct db_params params = { 0 };
	db_add_int(&params, call->arena, value);
	return db_query(call, db_of(call), statement, &params, next);
}

/* ---- results ---- */

static struct turn add_one_read(struct call *call)
{
	struct job *job = job_of(call);
	assert_int_equal(db_n_rows(call->rows), 1);
	assert_int_equal(db_int(call->rows, 0, 0), job->value + 1);
	return job_succeed(call);
}

static struct turn add_one_start(struct call *call)
{
	return query_int(call, &add_one, job_of(call)->value, STEP(add_one_read));
}

static void each_call_gets_its_own_answer(void **state)
{
	struct world *world = *state;
	struct db_settings settings = pool_settings(world);
	enum { N = 500 };
	static struct job jobs[N];

	settings.max_waiting = N;
	open_pool(world, &settings);
	for (int i = 0; i < N; i++) {
		job_start(world, &jobs[i], STEP(add_one_start));
		jobs[i].value = i * 1000;
	}
	assert_true(turn_until(&world->loop, world->loop.calls.n_running == 0, 5000));
	for (int i = 0; i < N; i++)
		assert_true(jobs[i].succeeded);
	close_pool(world);
}

static struct turn values_read(struct call *call)
{
	struct uuid id;
	char text[UUID_TEXT + 1];

	assert_true(str_equal(db_text(call->rows, 0, 0), STR("Björk \"Gling-Gló\" \\ {x}")));
	assert_true(db_uuid(call->rows, 0, 1, &id));
	assert_string_equal(uuid_format(&id, text).at, "00000000-0000-4000-8000-0000000000ff");
	assert_int_equal(db_int(call->rows, 0, 2), INT64_MIN);
	assert_true(db_bool(call->rows, 0, 3));
	assert_int_equal(db_time(call->rows, 0, 4), -1234);
	assert_true(str_equal(db_text(call->rows, 0, 5), STR("{a,\"b\\\"c\",\"\",NULL,\"NULL\",\"{,}\"}")));
	assert_false(str_present(db_text(call->rows, 0, 6)));
	assert_true(db_is_null(call->rows, 0, 6));
	assert_true(str_equal(db_text(call->rows, 0, 7), STR("{7,-2147483648,2147483647}")));
	return job_succeed(call);
}

static struct turn values_send(struct call *call)
{
	struct db_params params = { 0 };
	struct uuid id;
	struct str items[] = { STR("a"), STR("b\"c"), STR(""), STR_ABSENT, STR("NULL"), STR("{,}") };
	const int32_t numbers[] = { 7, INT32_MIN, INT32_MAX };

	assert_true(uuid_parse(STR("00000000-0000-4000-8000-0000000000FF"), &id));
	db_add_text(&params, call->arena, STR("Björk \"Gling-Gló\" \\ {x}"));
	db_add_uuid(&params, call->arena, &id);
	db_add_int(&params, call->arena, INT64_MIN);
	db_add_bool(&params, call->arena, true);
	db_add_time(&params, call->arena, -1234);
	db_add_text_array(&params, call->arena, (struct str_list){ items, countof(items) });
	db_add_text(&params, call->arena, STR_ABSENT);
	db_add_int_array(&params, call->arena, (struct db_ints){ numbers, countof(numbers) });
	return db_query(call, db_of(call), &values_back, &params, STEP(values_read));
}

static void values_come_back_as_they_went(void **state)
{
	struct world *world = *state;
	struct db_settings settings = pool_settings(world);
	struct job job;

	open_pool(world, &settings);
	job_start(world, &job, STEP(values_send));
	assert_true(turn_until(&world->loop, job.ended, 5000));
	assert_true(job.succeeded);
	close_pool(world);
}

static struct turn over_budget_send(struct call *call)
{
	struct db_params params = { 0 };
	char *text = malloc(2 << 20);
	memset(text, 'x', 2 << 20);
	db_add_text(&params, call->arena, (struct str){ text, 2 << 20 });
	free(text);
	return db_query(call, db_of(call), &add_one, &params, STEP(add_one_read));
}

static void a_parameter_over_the_budget_never_becomes_null(void **state)
{
	struct world *world = *state;
	struct db_settings settings = pool_settings(world);
	struct job job;

	open_pool(world, &settings);
	job_start(world, &job, STEP(over_budget_send));
	assert_true(turn_until(&world->loop, job.ended, 5000));
	assert_true(job.failed && job.problem == PROBLEM_INTERNAL);
	close_pool(world);
}

enum { LARGE = 12 << 20 };

static struct turn large_read(struct call *call)
{
	struct str back = db_text(call->rows, 0, 0);
	assert_int_equal(back.len, LARGE);
	assert_true(back.at[0] == 'x' && back.at[LARGE - 1] == 'x');
	return job_succeed(call);
}

static struct turn large_send(struct call *call)
{
	struct world *world = call->state;
	struct db_params params = { .n = 1, .values = { world->large } };
	return db_query(call, db_of(call), &echo, &params, STEP(large_read));
}

/* More than any socket buffer, both ways, on a connection that others use. */
static void large_values_pass_and_hold_nobody_up(void **state)
{
	struct world *world = *state;
	struct db_settings settings = pool_settings(world);
	struct job large, small;

	settings.pool_size = 1;
	world->large = malloc(LARGE + 1);
	memset(world->large, 'x', LARGE);
	world->large[LARGE] = '\0';
	open_pool(world, &settings);
	assert_true(turn_until(&world->loop, db_up(world->db), 5000));
	job_start(world, &large, STEP(large_send));
	job_start(world, &small, STEP(add_one_start));
	assert_true(turn_until(&world->loop, large.ended && small.ended, 5000));
	assert_true(large.succeeded && small.succeeded);
	close_pool(world);
	free(world->large);
}

static struct turn settings_read(struct call *call)
{
	assert_true(str_equal(db_text(call->rows, 0, 0), STR("3MB")));
	assert_true(str_equal(db_text(call->rows, 0, 1), STR("off")));
	assert_true(str_equal(db_text(call->rows, 0, 2), STR("UTC")));
	assert_true(str_equal(db_text(call->rows, 0, 3), STR("recordd-test")));
	assert_int_equal(db_int(call->rows, 0, 4), 1);
	return job_succeed(call);
}

static struct turn settings_ask(struct call *call)
{
	return db_query(call, db_of(call), &session_settings, NULL, STEP(settings_read));
}

static void a_connection_string_keeps_its_own_options(void **state)
{
	struct world *world = *state;
	struct db_settings settings = pool_settings(world);
	struct job job;

	settings.conninfo = arena_printf(world->arena, "%.*s options='-c work_mem=3MB'", STR_ARG(settings.conninfo));
	settings.statement_timeout_ms = 1234;
	open_pool(world, &settings);
	job_start(world, &job, STEP(settings_ask));
	assert_true(turn_until(&world->loop, job.ended, 5000));
	assert_true(job.succeeded);
	close_pool(world);
}

static void a_host_name_is_looked_up_without_blocking_and_its_failure_told(void **state)
{
	struct world *world = *state;
	struct db_settings settings = pool_settings(world);
	struct job job;

	settings.conninfo = STR("postgresql://no-such-host.invalid/x");
	open_pool(world, &settings);
	int64_t before = clock_monotonic_us();
	turn_loop(&world->loop); /* starts the look-up */
	assert_true(clock_monotonic_us() - before < 500000);
	job_start(world, &job, STEP(add_one_start));
	assert_true(turn_until(&world->loop, job.ended, 5000));
	assert_true(job.failed && job.problem == PROBLEM_UNAVAILABLE);
	close_pool(world);
}

/* ---- errors ---- */

static struct turn divide_start(struct call *call)
{
	return query_int(call, &divide, job_of(call)->value, STEP(job_succeed));
}

static struct turn broken_start(struct call *call)
{
	return db_query(call, db_of(call), &broken, NULL, STEP(job_succeed));
}

static void an_error_hits_its_own_call_only(void **state)
{
	struct world *world = *state;
	struct db_settings settings = pool_settings(world);
	enum { N = 60 };
	static struct job jobs[N];

	settings.pool_size = 1;
	open_pool(world, &settings);
	for (int i = 0; i < N; i++) {
		job_start(world, &jobs[i], i % 3 == 2 ? STEP(broken_start) : STEP(divide_start));
		jobs[i].value = i % 3; /* 0: division by zero */
	}
	assert_true(turn_until(&world->loop, world->loop.calls.n_running == 0, 5000));
	for (int i = 0; i < N; i++) {
		assert_int_equal(jobs[i].succeeded, i % 3 == 1);
		assert_true(jobs[i].succeeded || jobs[i].problem == PROBLEM_INTERNAL);
	}
	close_pool(world);
}

static struct turn expected_read(struct call *call)
{
	assert_string_equal(db_sqlstate(call->rows), "22012");
	assert_int_equal(db_n_rows(call->rows), 0);
	return job_succeed(call);
}

static struct turn expected_start(struct call *call)
{
	return query_int(call, &divide_expecting, 0, STEP(expected_read));
}

static void an_expected_error_reaches_the_next_step(void **state)
{
	struct world *world = *state;
	struct db_settings settings = pool_settings(world);
	struct job job;

	open_pool(world, &settings);
	job_start(world, &job, STEP(expected_start));
	assert_true(turn_until(&world->loop, job.ended, 5000));
	assert_true(job.succeeded);
	close_pool(world);
}

static struct turn sleep_start(struct call *call)
{
	return query_int(call, &sleep_s, job_of(call)->value, STEP(job_succeed));
}

static void a_slow_statement_is_ended_with_503(void **state)
{
	struct world *world = *state;
	struct db_settings settings = pool_settings(world);
	struct job job;

	settings.statement_timeout_ms = 200;
	open_pool(world, &settings);
	job_start(world, &job, STEP(sleep_start));
	job.value = 10;
	assert_true(turn_until(&world->loop, job.ended, 3000));
	assert_true(job.failed && job.problem == PROBLEM_UNAVAILABLE);
	assert_true(job.retry_after_s > 0);
	close_pool(world);
}

static void more_than_the_queue_holds_is_refused_with_503(void **state)
{
	struct world *world = *state;
	struct db_settings settings = pool_settings(world);
	enum { N = 20 };
	static struct job jobs[N];
	unsigned n_refused = 0;

	settings.pool_size = 1;
	settings.max_depth = 2;
	settings.max_waiting = 5;
	open_pool(world, &settings);
	assert_true(turn_until(&world->loop, db_up(world->db), 5000));
	for (int i = 0; i < N; i++)
		job_start(world, &jobs[i], STEP(add_one_start));
	assert_true(turn_until(&world->loop, world->loop.calls.n_running == 0, 5000));
	for (int i = 0; i < N; i++) {
		assert_true(jobs[i].succeeded || (jobs[i].problem == PROBLEM_UNAVAILABLE && jobs[i].retry_after_s > 0));
		n_refused += jobs[i].failed;
	}
	assert_int_equal(n_refused, N - 2 - 5);
	close_pool(world);
}

/* ---- transactions ---- */

static struct turn inserted(struct call *call);

static struct turn begun(struct call *call)
{
	return query_int(call, &insert, job_of(call)->value, STEP(inserted));
}

static struct turn begin_start(struct call *call)
{
	return db_begin(call, db_of(call), STEP(begun));
}

/* 1: commit · 2: roll back · 3: end early · 4: commit what has failed · 5: fail */
static struct turn inserted(struct call *call)
{
	switch (job_of(call)->value) {
	case 1:
		return db_commit(call, STEP(job_succeed));
	case 2:
		return db_rollback(call, STEP(job_succeed));
	case 3:
		return call_end(call);
	case 4:
		assert_string_equal(db_sqlstate(call->rows), "");
		job_of(call)->value = 1;
		return call_next(call, STEP(begun));
	default:
		return call_fail_with(call, PROBLEM_CONFLICT, "no");
	}
}

static void make_items(PGconn *pg)
{
	ask(pg, "DROP TABLE IF EXISTS item");
	ask(pg, "CREATE TABLE item (n int8 PRIMARY KEY)");
}

static void only_what_was_committed_stays(void **state)
{
	struct world *world = *state;
	struct db_settings settings = pool_settings(world);
	PGconn *pg = look(world, "recordd_owner");
	static struct job jobs[6];

	make_items(pg);
	open_pool(world, &settings);
	for (int i = 1; i < 6; i++) {
		job_start(world, &jobs[i], STEP(begin_start));
		jobs[i].value = i;
		assert_true(turn_until(&world->loop, jobs[i].ended, 5000));
	}
	assert_true(jobs[1].succeeded && jobs[2].succeeded && !jobs[3].succeeded && jobs[5].failed);
	/* 4 inserted 4, then met the committed 1, so that its commit could not be one */
	assert_true(jobs[4].failed && jobs[4].problem == PROBLEM_INTERNAL);
	assert_int_equal(ask(pg, "SELECT count(*) FROM item"), 1);
	assert_int_equal(ask(pg, "SELECT n FROM item"), 1);
	assert_true(turn_until(&world->loop,
			       ask(pg, "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'recordd-test' "
				       "AND state LIKE 'idle in%'") == 0,
			       2000));
	close_pool(world);
	PQfinish(pg);
}

static struct turn insert_slow_start(struct call *call)
{
	return query_int(call, &insert_slow, 1, STEP(inserted));
}

static struct turn begin_slow(struct call *call)
{
	return db_begin(call, db_of(call), STEP(insert_slow_start));
}

static int64_t n_committing(PGconn *pg)
{
	return ask(pg,
		   "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'recordd-test' AND query = 'COMMIT' "
		   "AND state = 'active'");
}

/* Its COMMIT takes long: a deferred trigger sleeps. */
static void start_slow_commit(struct world *world, PGconn *pg, struct job *job)
{
	ask(pg, "DROP TABLE IF EXISTS slow_item");
	ask(pg, "CREATE TABLE slow_item (n int8)");
	ask(pg, "CREATE OR REPLACE FUNCTION sleep_long() RETURNS trigger LANGUAGE plpgsql AS "
		"'BEGIN PERFORM pg_sleep(15); RETURN NULL; END'");
	ask(pg, "CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON slow_item DEFERRABLE INITIALLY DEFERRED "
		"FOR EACH ROW EXECUTE FUNCTION sleep_long()");
	job_start(world, job, STEP(begin_slow));
	job->value = 1;
	assert_true(turn_until(&world->loop, n_committing(pg) == 1, 5000));
}

static void a_commit_cut_short_is_told_and_the_pool_goes_on(void **state)
{
	struct world *world = *state;
	struct db_settings settings = pool_settings(world);
	PGconn *pg = look(world, "recordd_owner");
	struct job job, after;

	settings.pool_size = 1;
	settings.statement_timeout_ms = 20000;
	open_pool(world, &settings);
	start_slow_commit(world, pg, &job);
	ask(pg, "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE query = 'COMMIT'");
	assert_true(turn_until(&world->loop, job.ended, 2000));
	assert_true(job.failed && job.problem == PROBLEM_UNAVAILABLE);
	job_start(world, &after, STEP(add_one_start));
	assert_true(turn_until(&world->loop, after.ended, 2000));
	assert_true(after.succeeded);
	close_pool(world);
	PQfinish(pg);
}

static void closing_waits_for_what_runs_but_not_for_ever(void **state)
{
	struct world *world = *state;
	struct db_settings settings = pool_settings(world);
	PGconn *pg = look(world, "recordd_owner");
	struct job job, late, latest;

	settings.statement_timeout_ms = 20000;
	open_pool(world, &settings);
	start_slow_commit(world, pg, &job);
	db_close(world->db, note_closed, &world->closed);
	job_start(world, &late, STEP(add_one_start));
	assert_true(turn_until(&world->loop, late.ended, 1000));
	assert_true(late.failed && late.problem == PROBLEM_UNAVAILABLE);
	assert_false(turn_until(&world->loop, job.ended || world->closed, 1000));
	assert_true(turn_until(&world->loop, world->closed, 6000));
	assert_true(turn_until(&world->loop, job.ended, 1000));
	assert_true(job.failed && job.problem == PROBLEM_UNAVAILABLE);
	job_start(world, &latest, STEP(add_one_start)); /* as what comes back from a worker then */
	assert_true(turn_until(&world->loop, latest.ended, 1000));
	assert_true(latest.failed && latest.problem == PROBLEM_UNAVAILABLE);
	db_free(world->db);
	loop_deinit(&world->loop);
	PQfinish(pg);
}

static struct turn hold(struct call *call)
{
	return call_sleep(call, 100, STEP(begun));
}

static struct turn begin_and_hold(struct call *call)
{
	return db_begin(call, db_of(call), STEP(hold));
}

static void strangers_stay_out_of_a_transaction(void **state)
{
	struct world *world = *state;
	struct db_settings settings = pool_settings(world);
	PGconn *pg = look(world, "recordd_owner");
	struct job holder, broken_one, waiting;

	make_items(pg);
	settings.pool_size = 1;
	open_pool(world, &settings);
	job_start(world, &holder, STEP(begin_and_hold));
	holder.value = 1;
	assert_true(turn_until(&world->loop, holder.call.session, 5000));
	job_start(world, &broken_one, STEP(broken_start)); /* would abort the transaction */
	job_start(world, &waiting, STEP(add_one_start));
	assert_false(turn_until(&world->loop, waiting.ended, 50));
	assert_true(turn_until(&world->loop, waiting.ended && holder.ended && broken_one.ended, 5000));
	assert_true(holder.succeeded && waiting.succeeded && broken_one.failed);
	assert_int_equal(ask(pg, "SELECT count(*) FROM item"), 1);
	close_pool(world);
	PQfinish(pg);
}

/* ---- clients that go ---- */

static int64_t n_sleeping(PGconn *pg)
{
	return ask(pg, "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'recordd-test' AND "
		       "state = 'active' AND query LIKE '%pg_sleep%'");
}

static void the_query_of_a_gone_client_is_cancelled_and_its_neighbours_are_not(void **state)
{
	struct world *world = *state;
	struct db_settings settings = pool_settings(world);
	PGconn *pg = look(world, "postgres");
	enum { N = 5 };
	struct job sleeper, neighbours[N];

	settings.pool_size = 1;
	settings.statement_timeout_ms = 20000;
	open_pool(world, &settings);
	job_start(world, &sleeper, STEP(sleep_start));
	sleeper.value = 15;
	assert_true(turn_until(&world->loop, n_sleeping(pg) == 1, 5000));
	for (int i = 0; i < N; i++)
		job_start(world, &neighbours[i], STEP(add_one_start));
	turn_until(&world->loop, false, 20);
	call_gone(&sleeper.call);
	assert_true(turn_until(&world->loop, sleeper.ended, 100));
	assert_true(turn_until(&world->loop, n_sleeping(pg) == 0, 1000));
	assert_true(turn_until(&world->loop, world->loop.calls.n_running == 0, 1000));
	for (int i = 0; i < N; i++)
		assert_true(neighbours[i].succeeded);
	close_pool(world);
	PQfinish(pg);
}

static struct turn short_sleep_start(struct call *call)
{
	struct db_params params = { 0 };
	db_add_text(&params, call->arena, STR("0.07"));
	return db_query(call, db_of(call), &sleep_s, &params, STEP(job_succeed));
}

/* Cancellations race with the end of what they are meant for: they hit whatever comes next. */
static void a_stray_cancellation_is_never_seen(void **state)
{
	struct world *world = *state;
	struct db_settings settings = pool_settings(world);
	enum { ROUNDS = 12, N = 4 };
	static struct job leavers[ROUNDS], stayers[ROUNDS][N];

	settings.pool_size = 1;
	open_pool(world, &settings);
	assert_true(turn_until(&world->loop, db_up(world->db), 5000));
	for (int round = 0; round < ROUNDS; round++) {
		job_start(world, &leavers[round], STEP(short_sleep_start));
		for (int i = 0; i < N; i++)
			job_start(world, &stayers[round][i], i == 0 ? STEP(short_sleep_start) : STEP(add_one_start));
		turn_until(&world->loop, false, 2);
		call_gone(&leavers[round].call);
		assert_true(turn_until(&world->loop, world->loop.calls.n_running == 0, 2000));
		for (int i = 0; i < N; i++)
			assert_true(stayers[round][i].succeeded);
	}
	close_pool(world);
}

static void a_gone_client_leaves_the_queue_and_its_transaction(void **state)
{
	struct world *world = *state;
	struct db_settings settings = pool_settings(world);
	PGconn *pg = look(world, "recordd_owner");
	struct job holder, queued, after;

	make_items(pg);
	settings.pool_size = 1;
	open_pool(world, &settings);
	job_start(world, &holder, STEP(begin_and_hold));
	holder.value = 1;
	assert_true(turn_until(&world->loop, holder.call.session, 5000));
	job_start(world, &queued, STEP(begin_start));
	turn_until(&world->loop, false, 20);
	call_gone(&queued.call);
	call_gone(&holder.call);
	job_start(world, &after, STEP(add_one_start));
	assert_true(turn_until(&world->loop, queued.ended && holder.ended && after.ended, 2000));
	assert_true(after.succeeded && !queued.succeeded && !holder.succeeded);
	assert_int_equal(ask(pg, "SELECT count(*) FROM item"), 0);
	close_pool(world);
	PQfinish(pg);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_call_gets_its_own_answer),
		cmocka_unit_test(values_come_back_as_they_went),
		cmocka_unit_test(a_parameter_over_the_budget_never_becomes_null),
		cmocka_unit_test(large_values_pass_and_hold_nobody_up),
		cmocka_unit_test(a_connection_string_keeps_its_own_options),
		cmocka_unit_test(a_host_name_is_looked_up_without_blocking_and_its_failure_told),
		cmocka_unit_test(an_error_hits_its_own_call_only),
		cmocka_unit_test(an_expected_error_reaches_the_next_step),
		cmocka_unit_test(a_slow_statement_is_ended_with_503),
		cmocka_unit_test(more_than_the_queue_holds_is_refused_with_503),
		cmocka_unit_test(only_what_was_committed_stays),
		cmocka_unit_test(a_commit_cut_short_is_told_and_the_pool_goes_on),
		cmocka_unit_test(closing_waits_for_what_runs_but_not_for_ever),
		cmocka_unit_test(strangers_stay_out_of_a_transaction),
		cmocka_unit_test(the_query_of_a_gone_client_is_cancelled_and_its_neighbours_are_not),
		cmocka_unit_test(a_stray_cancellation_is_never_seen),
		cmocka_unit_test(a_gone_client_leaves_the_queue_and_its_transaction),
	};
	return cmocka_run_group_tests(tests, world_open, world_close);
}
