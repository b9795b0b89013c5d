/* SPDX-License-Identifier: MIT */
/* PostgreSQL goes away and comes back: what is told, what survives, and how soon service is back. */
#include "db/listen.h"
#include "db_harness.h"

STATEMENT(add_one, "SELECT $1::int8 + 1", 1, "");
STATEMENT(sleep_s, "SELECT pg_catalog.pg_sleep($1::float8)", 1, "");
STATEMENT(insert, "INSERT INTO item (n) VALUES ($1)", 1, "");
STATEMENT(notify_all, "SELECT pg_catalog.pg_notify('recordd_test', $1)", 1, "");

static struct turn query_int(struct call *call, const struct db_statement *statement, struct step next)
{
	struct db_params params = { 0 };
	db_add_int(&params, call->arena, job_of(call)->value);
	return db_query(call, db_of(call), statement, &params, next);
}

static struct turn add_one_start(struct call *call)
{
	return query_int(call, &add_one, STEP(job_succeed));
}

static struct turn sleep_start(struct call *call)
{
	return query_int(call, &sleep_s, STEP(job_succeed));
}

static struct turn insert_start(struct call *call)
{
	return query_int(call, &insert, STEP(job_succeed));
}

static struct turn commit_it(struct call *call)
{
	return db_commit(call, STEP(job_succeed));
}

static struct turn wait_in_transaction(struct call *call)
{
	return job_of(call)->value ? call_sleep(call, 20, STEP(wait_in_transaction)) : commit_it(call);
}

static struct turn begin_and_wait(struct call *call)
{
	return db_begin(call, db_of(call), STEP(wait_in_transaction));
}

static pid_t postmaster(struct world *world)
{
	PGconn *pg = look(world, "postgres");
	int64_t pid = ask(pg, "SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)::int8");
	PQfinish(pg);
	return (pid_t)pid;
}

static void kill_server(struct world *world)
{
	kill(postmaster(world), SIGKILL);
	while (!db_cluster_child_lost(world->cluster))
		usleep(1000);
}

/* Until a child of ours stays: the first may meet the last backends of the killed one. */
static bool revive(struct world *world)
{
	if (db_cluster_child_lost(world->cluster))
		db_cluster_restart(world->cluster);
	return db_up(world->db);
}

/* The loop stands still meanwhile: the pool does not know yet. */
static void revive_server(struct world *world)
{
	int64_t until = clock_monotonic_us() + 20000000;

	while (!db_cluster_running(world->dir)) {
		if (db_cluster_child_lost(world->cluster))
			db_cluster_restart(world->cluster);
		assert_true(clock_monotonic_us() < until);
		usleep(10000);
	}
}

static void service_is_back_within_two_seconds(void **state)
{
	struct world *world = *state;
	struct db_settings settings = pool_settings(world);
	struct job flying, patient, transaction;

	settings.pool_size = 4;
	settings.statement_timeout_ms = 20000;
	open_pool(world, &settings);
	assert_true(turn_until(&world->loop, db_up(world->db), 5000));
	job_start(world, &flying, STEP(sleep_start));
	flying.value = 15;
	job_start(world, &transaction, STEP(begin_and_wait));
	transaction.value = 1;
	assert_true(turn_until(&world->loop, transaction.call.session, 2000));
	turn_until(&world->loop, false, 50);

	kill_server(world);
	assert_true(turn_until(&world->loop, flying.ended, 1000));
	assert_true(flying.failed && flying.problem == PROBLEM_UNAVAILABLE && flying.retry_after_s > 0);
	transaction.value = 0;
	assert_true(turn_until(&world->loop, transaction.ended, 1000));
	assert_true(transaction.failed && transaction.problem == PROBLEM_UNAVAILABLE);
	assert_true(turn_until(&world->loop, !db_up(world->db), 1000));

	revive_server(world);
	assert_false(db_up(world->db));
	job_start(world, &patient, STEP(add_one_start)); /* waits until the pool is back */
	assert_true(turn_until(&world->loop, patient.ended, 2000));
	assert_true(patient.succeeded);
	close_pool(world);
}

static void a_long_outage_is_told_and_connections_come_back_soon_after_it(void **state)
{
	struct world *world = *state;
	struct db_settings settings = pool_settings(world);
	struct job waiting, after;

	open_pool(world, &settings);
	assert_true(turn_until(&world->loop, db_up(world->db), 5000));
	kill_server(world);
	assert_true(turn_until(&world->loop, !db_up(world->db), 1000));
	int64_t asked = clock_monotonic_us();
	job_start(world, &waiting, STEP(add_one_start));
	assert_true(turn_until(&world->loop, waiting.ended, 4000));
	assert_true(waiting.failed && waiting.problem == PROBLEM_UNAVAILABLE && waiting.retry_after_s > 0);
	assert_in_range((clock_monotonic_us() - asked) / 1000, 1500, 3000);

	/* The backoff is at its longest now. */
	revive_server(world);
	job_start(world, &after, STEP(add_one_start));
	assert_true(turn_until(&world->loop, after.ended, 2000));
	assert_true(after.succeeded);
	close_pool(world);
}

static void no_acknowledged_write_is_lost(void **state)
{
	struct world *world = *state;
	struct db_settings settings = pool_settings(world);
	PGconn *pg = look(world, "recordd_owner");
	enum { N = 400 };
	static struct job jobs[N];
	int64_t n_acknowledged = 0;

	ask(pg, "DROP TABLE IF EXISTS item");
	ask(pg, "CREATE TABLE item (n int8 PRIMARY KEY)");
	PQfinish(pg);
	settings.max_waiting = N;
	open_pool(world, &settings);
	assert_true(turn_until(&world->loop, db_up(world->db), 5000));
	pid_t server = postmaster(world);
	for (int i = 0; i < N; i++) {
		job_start(world, &jobs[i], STEP(insert_start));
		jobs[i].value = i;
	}
	assert_true(turn_until(&world->loop, jobs[20].ended, 5000));
	kill(server, SIGKILL);
	while (!db_cluster_child_lost(world->cluster))
		usleep(500);
	assert_true(turn_until(&world->loop, (revive(world), world->loop.calls.n_running == 0), 10000));
	revive_server(world);
	pg = look(world, "recordd_owner");
	for (int i = 0; i < N; i++) {
		char sql[64];
		snprintf(sql, sizeof(sql), "SELECT count(*) FROM item WHERE n = %d", i);
		if (jobs[i].succeeded)
			assert_int_equal(ask(pg, sql), 1);
		n_acknowledged += jobs[i].succeeded;
	}
	assert_in_range(n_acknowledged, 21, N);
	PQfinish(pg);
	close_pool(world);
}

/* ---- listening ---- */

struct heard {
	unsigned n, n_up, n_down, n_silent, n_heard, n_answers;
	int64_t answer, sleep_ms;
	char last[64];
};

static void notified(void *arg, struct str channel, struct str payload)
{
	struct heard *heard = arg;
	heard->n++;
	snprintf(heard->last, sizeof(heard->last), "%.*s %.*s", STR_ARG(channel), STR_ARG(payload));
}

static void changed(void *arg, enum db_listening now)
{
	struct heard *heard = arg;
	heard->n_up += now == DB_LISTENER_BEGUN;
	heard->n_down += now == DB_LISTENER_LOST;
	heard->n_silent += now == DB_LISTENER_SILENT;
	heard->n_heard += now == DB_LISTENER_HEARD;
}

STATEMENT(sleep_and_add, "SELECT $1::int8 + 1, pg_catalog.pg_sleep($2::float8 / 1000)", 2, "");

static const struct db_statement *beat(void *arg, struct db_params *params, struct arena *arena)
{
	struct heard *heard = arg;
	db_add_int(params, arena, heard->n_answers);
	db_add_int(params, arena, heard->sleep_ms);
	return &sleep_and_add;
}

static void answered(void *arg, struct db_rows *rows)
{
	struct heard *heard = arg;
	heard->answer = db_int(rows, 0, 0);
	heard->n_answers++;
}

static struct turn notify_start(struct call *call)
{
	struct db_params params = { 0 };
	db_add_text(&params, call->arena, STR("u1:7"));
	return db_query(call, db_of(call), &notify_all, &params, STEP(job_succeed));
}

static void the_listener_hears_and_tells_of_its_gaps(void **state)
{
	static const char *const channels[] = { "recordd_test", "recordd other", NULL };
	struct world *world = *state;
	struct db_settings settings = pool_settings(world);
	struct heard heard = { 0 };
	struct db_listener_events events = { notified, changed, beat, answered, &heard };
	struct db_listener_settings listening = { settings.conninfo, channels, 20, 300 };
	struct job job;
	bool closed = false;

	open_pool(world, &settings);
	struct db_listener *listener = db_listen(&world->loop, &listening, &events);
	assert_non_null(listener);
	assert_true(turn_until(&world->loop, heard.n_up == 1, 5000));
	job_start(world, &job, STEP(notify_start));
	assert_true(turn_until(&world->loop, heard.n == 1, 2000));
	assert_string_equal(heard.last, "recordd_test u1:7");
	PGconn *pg = look(world, "recordd_owner");
	ask(pg, "NOTIFY \"recordd other\"");
	PQfinish(pg);
	assert_true(turn_until(&world->loop, heard.n == 2, 2000));
	assert_string_equal(heard.last, "recordd other ");

	assert_true(turn_until(&world->loop, heard.n_answers >= 3, 5000));
	assert_int_equal(heard.answer, heard.n_answers);

	heard.sleep_ms = 900; /* the answer is late, and comes */
	assert_true(turn_until(&world->loop, heard.n_silent == 1, 5000));
	heard.sleep_ms = 0;
	assert_true(turn_until(&world->loop, heard.n_heard == 1, 5000));
	assert_int_equal(heard.n_up, 1);
	assert_int_equal(heard.n_down, 0);

	kill_server(world);
	assert_true(turn_until(&world->loop, heard.n_down == 1, 2000));
	revive_server(world);
	assert_true(turn_until(&world->loop, heard.n_up == 2 && db_up(world->db), 3000));
	job_start(world, &job, STEP(notify_start));
	assert_true(turn_until(&world->loop, heard.n == 3, 2000));
	db_listener_close(listener, note_closed, &closed);
	assert_true(turn_until(&world->loop, closed, 1000));
	close_pool(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(service_is_back_within_two_seconds),
		cmocka_unit_test(a_long_outage_is_told_and_connections_come_back_soon_after_it),
		cmocka_unit_test(no_acknowledged_write_is_lost),
		cmocka_unit_test(the_listener_hears_and_tells_of_its_gaps),
	};
	return cmocka_run_group_tests(tests, world_open, world_close);
}
