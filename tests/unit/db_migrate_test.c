/* SPDX-License-Identifier: MIT */
/* Migrations and blocking connections: what commands rely on. */
#include "db/check_statements.h"
#include "db/migrate.h"
#include "db/sync.h"
#include "db_harness.h"

static const struct db_migration steps[] = {
	{ 1, "0001_first", "CREATE TABLE one (n int8); INSERT INTO one VALUES (1)", "aa" },
	{ 2, "0002_second", "ALTER TABLE one ADD COLUMN t text; UPDATE one SET t = 'x'", "bb" },
	{ 3, "0003_third", "CREATE TABLE three (id uuid PRIMARY KEY, n int8, t text, b bool)", "cc" },
};

static int migrate(struct world *world, const struct db_migration *list, size_t n, int *n_applied)
{
	struct str owner = db_cluster_conninfo(world->dir, "recordd_owner", world->arena);
	return db_migrate(owner, list, n, world->arena, &world->said, n_applied);
}

static void each_migration_is_applied_once(void **state)
{
	struct world *world = *state;
	int n_applied;

	assert_int_equal(migrate(world, steps, 2, &n_applied), DB_MIGRATED);
	assert_int_equal(n_applied, 2);
	assert_int_equal(migrate(world, steps, 2, &n_applied), DB_MIGRATED);
	assert_int_equal(n_applied, 0);
	assert_int_equal(migrate(world, steps, 3, &n_applied), DB_MIGRATED);
	assert_int_equal(n_applied, 1);
	PGconn *pg = look(world, "recordd_owner");
	assert_int_equal(ask(pg, "SELECT count(*) FROM one WHERE t = 'x'"), 1);
	assert_int_equal(ask(pg, "SELECT count(*) FROM ops.migration"), 3);
	PQfinish(pg);
}

static void a_newer_schema_is_refused_by_name(void **state)
{
	struct world *world = *state;
	int n_applied;

	assert_int_equal(migrate(world, steps, 2, &n_applied), DB_MIGRATE_NEWER);
	assert_true(str_find(world->said, STR("0003_third")) != SIZE_MAX);
}

static void a_changed_migration_is_refused_and_nothing_is_applied(void **state)
{
	struct world *world = *state;
	struct db_migration changed[] = { steps[0], steps[1], steps[2], { 4, "fourth", "CREATE TABLE four ()", "dd" } };
	int n_applied;

	changed[1].checksum = "b0";
	assert_int_equal(migrate(world, changed, countof(changed), &n_applied), DB_MIGRATE_CHANGED);
	assert_int_equal(n_applied, 0);
	assert_true(str_find(world->said, STR("0002_second")) != SIZE_MAX);
	PGconn *pg = look(world, "recordd_owner");
	assert_int_equal(ask(pg, "SELECT count(*) FROM pg_tables WHERE tablename = 'four'"), 0);
	PQfinish(pg);
}

static void a_failing_migration_leaves_nothing_of_itself(void **state)
{
	struct world *world = *state;
	struct db_migration more[] = { steps[0],
				       steps[1],
				       steps[2],
				       { 4, "good", "CREATE TABLE good ()", "dd" },
				       { 5, "0005_bad", "CREATE TABLE bad (); SELECT nothing FROM nowhere", "ee" } };
	int n_applied;

	assert_int_equal(migrate(world, more, countof(more), &n_applied), DB_MIGRATE_FAILED);
	assert_int_equal(n_applied, 1);
	assert_true(str_find(world->said, STR("0005_bad")) != SIZE_MAX);
	assert_true(str_find(world->said, STR("nowhere")) != SIZE_MAX);
	PGconn *pg = look(world, "recordd_owner");
	assert_int_equal(ask(pg, "SELECT count(*) FROM pg_tables WHERE tablename IN ('good', 'bad')"), 1);
	ask(pg, "DROP TABLE good");
	ask(pg, "DELETE FROM ops.migration WHERE number = 4");
	PQfinish(pg);
}

static void a_database_away_is_told(void **state)
{
	struct world *world = *state;
	int n_applied;

	assert_int_equal(
		db_migrate(STR("host=/nonexistent dbname=x"), steps, 3, world->arena, &world->said, &n_applied),
		DB_MIGRATE_AWAY);
	assert_int_equal(db_migrate(STR("what=is this"), steps, 3, world->arena, &world->said, &n_applied),
			 DB_MIGRATE_AWAY);
}

/* ---- blocking connections ---- */

STATEMENT(insert_three, "INSERT INTO three (id, n) VALUES ($1, $2) RETURNING id", 2, "23505");
STATEMENT(select_three, "SELECT id, n, t, b FROM three ORDER BY n", 0, "");
STATEMENT(copy_three, "COPY three (id, n, t, b) FROM STDIN (FORMAT binary)", 0, "");
STATEMENT(make_typed, "CREATE TEMP TABLE typed (i2 int2, i4 int4, ts timestamptz, m numeric(12,2), j jsonb)", 0, "");
STATEMENT(copy_typed, "COPY typed FROM STDIN (FORMAT binary)", 0, "");
STATEMENT(select_typed, "SELECT t::text FROM typed t", 0, "");
STATEMENT(many, "SELECT generate_series(1, $1::int8)", 1, "");
STATEMENT(broken, "SELECT nothing FROM nowhere", 0, "");

static struct db_sync *sync_open(struct world *world)
{
	struct str owner = db_cluster_conninfo(world->dir, "recordd_owner", world->arena);
	struct db_sync *sync = db_sync_open(owner, "recordd-test", world->arena, &world->said);
	assert_non_null(sync);
	return sync;
}

static void commands_run_the_same_statements(void **state)
{
	struct world *world = *state;
	owned(db_sync_drop) struct db_sync *sync = sync_open(world);
	struct uuid id = uuid_new(), back;
	struct db_params params = { 0 };

	db_add_uuid(&params, world->arena, &id);
	db_add_int(&params, world->arena, 1);
	assert_int_equal(db_sync_begin(sync), 0);
	assert_int_equal(db_sync_run(sync, &insert_three, &params), 0);
	assert_true(db_uuid(db_sync_rows(sync), 0, 0, &back) && uuid_equal(&id, &back));
	assert_int_equal(db_sync_run(sync, &insert_three, &params), 1);
	assert_string_equal(db_sqlstate(db_sync_rows(sync)), "23505");
	assert_int_equal(db_sync_commit(sync), -1);
	assert_int_equal(db_sync_run(sync, &insert_three, &params), 0);
	assert_int_equal(db_sync_run(sync, &broken, NULL), -1);
	assert_true(str_find(db_sync_said(sync), STR("nowhere")) != SIZE_MAX);
	assert_int_equal(db_sync_begin(sync), 0);
	db_sync_rollback(sync);
	assert_int_equal(db_sync_run(sync, &select_three, NULL), 0);
	assert_int_equal(db_n_rows(db_sync_rows(sync)), 1);
}

static bool add_up(void *arg, struct db_rows *rows)
{
	int64_t *sum = arg;
	*sum += db_int(rows, 0, 0);
	return *sum < 1000000;
}

static void rows_come_one_by_one_and_can_be_stopped(void **state)
{
	struct world *world = *state;
	owned(db_sync_drop) struct db_sync *sync = sync_open(world);
	struct db_params hundred = { 0 }, endless = { 0 };
	int64_t sum = 0;

	db_add_int(&hundred, world->arena, 100);
	db_add_int(&endless, world->arena, INT64_MAX);
	assert_int_equal(db_sync_each(sync, &many, &hundred, add_up, &sum), 0);
	assert_int_equal(sum, 5050);
	assert_int_equal(db_sync_each(sync, &many, &endless, add_up, &sum), 0);
	assert_in_range(sum, 1000000, 1010000);
	assert_int_equal(db_sync_run(sync, &many, &hundred), 0);
}

static void copied_values_arrive_as_they_were(void **state)
{
	struct world *world = *state;
	owned(db_sync_drop) struct db_sync *sync = sync_open(world);
	struct uuid id = uuid_new(), back;
	size_t n;

	assert_int_equal(db_copy_begin(sync, &copy_three), 0);
	db_copy_uuid(sync, &id);
	db_copy_int8(sync, -5);
	db_copy_text(sync, STR("tab\tline\nback\\slash \\N ü"));
	db_copy_bool(sync, true);
	db_copy_end_row(sync);
	assert_int_equal(db_copy_finish(sync, &n), 0);
	assert_int_equal(n, 1);
	assert_int_equal(db_sync_run(sync, &select_three, NULL), 0);
	struct db_rows *rows = db_sync_rows(sync);
	assert_true(db_uuid(rows, 0, 0, &back) && uuid_equal(&id, &back));
	assert_int_equal(db_int(rows, 0, 1), -5);
	assert_true(str_equal(db_text(rows, 0, 2), STR("tab\tline\nback\\slash \\N ü")));
	assert_true(db_bool(rows, 0, 3));
}

static void copy_typed_row(struct db_sync *sync, int64_t number, int64_t ms, int64_t hundredths, struct str json)
{
	db_copy_int2(sync, number);
	db_copy_int4(sync, number);
	db_copy_time(sync, ms);
	db_copy_money(sync, hundredths);
	db_copy_json(sync, json);
	db_copy_end_row(sync);
}

static void copied_numbers_times_and_money_are_exact(void **state)
{
	struct world *world = *state;
	owned(db_sync_drop) struct db_sync *sync = sync_open(world);
	static const struct str expected[] = {
		STR("(0,0,\"1970-01-01 00:00:00+00\",0.00,{})"),
		STR("(-32768,-32768,\"1969-12-31 23:59:59.999+00\",-0.05,[])"),
		STR("(32767,32767,\"2026-11-21 10:57:45.396+00\",9999999999.99,1)"),
		STR("(1,1,\"2000-01-01 00:00:00+00\",10000.00,2)"),
		STR("(2,2,\"0001-01-01 00:00:00+00\",22.10,3)"),
		STR("(,,,,)"),
	};
	size_t n;

	assert_int_equal(db_sync_run(sync, &make_typed, NULL), 0);
	assert_int_equal(db_copy_begin(sync, &copy_typed), 0);
	copy_typed_row(sync, 0, 0, 0, STR("{}"));
	copy_typed_row(sync, INT16_MIN, -1, -5, STR("[]"));
	copy_typed_row(sync, INT16_MAX, 1795258665396, 999999999999, STR("1"));
	copy_typed_row(sync, 1, 946684800000, 1000000, STR("2"));
	copy_typed_row(sync, 2, -62135596800000, 2210, STR("3"));
	for (int column = 0; column < 5; column++)
		db_copy_null(sync);
	db_copy_end_row(sync);
	assert_int_equal(db_copy_finish(sync, &n), 0);
	assert_int_equal(n, countof(expected));
	assert_int_equal(db_sync_run(sync, &select_typed, NULL), 0);
	for (size_t i = 0; i < countof(expected); i++)
		assert_true(str_equal(db_text(db_sync_rows(sync), i, 0), expected[i]));
}

static void a_copied_number_never_becomes_another(void **state)
{
	struct world *world = *state;
	owned(db_sync_drop) struct db_sync *sync = sync_open(world);
	static const struct {
		int64_t number, ms, hundredths;
	} rows[] = { { 32768, 0, 0 }, { 0, INT64_MAX, 0 }, { 0, 0, 1000000000000 } };
	size_t n;

	assert_int_equal(db_sync_run(sync, &make_typed, NULL), 0);
	for (size_t i = 0; i < countof(rows); i++) {
		assert_int_equal(db_copy_begin(sync, &copy_typed), 0);
		copy_typed_row(sync, rows[i].number, rows[i].ms, rows[i].hundredths, STR("{}"));
		assert_int_equal(db_copy_finish(sync, &n), -1);
		assert_true(str_find(db_sync_said(sync), STR("out of range")) != SIZE_MAX ||
			    str_find(db_sync_said(sync), STR("overflow")) != SIZE_MAX);
	}
	assert_int_equal(db_sync_run(sync, &select_typed, NULL), 0);
	assert_int_equal(db_n_rows(db_sync_rows(sync)), 0);
}

static void a_failed_or_aborted_copy_leaves_nothing(void **state)
{
	struct world *world = *state;
	owned(db_sync_drop) struct db_sync *sync = sync_open(world);
	struct uuid id = uuid_new();
	size_t n;

	for (int round = 0; round < 2; round++) {
		assert_int_equal(db_copy_begin(sync, &copy_three), 0);
		for (int row = 0; row < 2; row++) { /* the same key twice */
			db_copy_uuid(sync, &id);
			db_copy_int8(sync, 77);
			db_copy_text(sync, STR_ABSENT);
			db_copy_bool(sync, false);
			db_copy_end_row(sync);
		}
		if (round)
			db_copy_abort(sync);
		else
			assert_int_equal(db_copy_finish(sync, &n), -1);
	}
	assert_true(str_find(db_sync_said(sync), STR("duplicate key")) != SIZE_MAX);
	PGconn *pg = look(world, "recordd_owner");
	assert_int_equal(ask(pg, "SELECT count(*) FROM three WHERE n = 77"), 0);
	PQfinish(pg);
}

/* ---- declared types ---- */

static void a_wrongly_declared_statement_is_found(void **state)
{
	static const char *const uuid_int8[] = { "uuid", "int8" }, *const uuid_text[] = { "uuid", "text" };
	static const char *const id_n[] = { "id", "n" }, *const n_x[] = { "n", "x" };
	static const struct db_statement right = {
		"right", "SELECT id, n FROM three WHERE id = $1 AND n = $2", 2, uuid_int8, 2, id_n, uuid_int8, "", false
	};
	static const struct db_statement wrong = {
		"wrong", "SELECT id, n FROM three WHERE id = $1 AND n = $2", 2, uuid_text, 2, n_x, uuid_text, "", false
	};
	const struct db_statement *const good[] = { &right }, *const all[] = { &right, &wrong, &broken };
	struct world *world = *state;
	struct str owner = db_cluster_conninfo(world->dir, "recordd_owner", world->arena);
	owned(buf_free) struct buf differences = buf_of(4096);

	assert_int_equal(db_check_statements(owner, good, countof(good), &differences), 0);
	assert_int_equal(db_check_statements(owner, all, countof(all), &differences), 1);
	struct str told = buf_str(&differences);
	assert_true(str_find(told, STR("wrong: parameter 2 is declared as text, PostgreSQL says bigint")) != SIZE_MAX);
	assert_true(str_find(told, STR("wrong: n is declared as column 1, in PostgreSQL's answer it is column 2")) !=
		    SIZE_MAX);
	assert_true(str_find(told, STR("wrong: column 2 is declared as text")) != SIZE_MAX);
	assert_true(str_find(told, STR("broken: ")) != SIZE_MAX);
	assert_true(str_find(told, STR("right")) == SIZE_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_migration_is_applied_once),
		cmocka_unit_test(a_newer_schema_is_refused_by_name),
		cmocka_unit_test(a_changed_migration_is_refused_and_nothing_is_applied),
		cmocka_unit_test(a_failing_migration_leaves_nothing_of_itself),
		cmocka_unit_test(a_database_away_is_told),
		cmocka_unit_test(commands_run_the_same_statements),
		cmocka_unit_test(rows_come_one_by_one_and_can_be_stopped),
		cmocka_unit_test(copied_values_arrive_as_they_were),
		cmocka_unit_test(copied_numbers_times_and_money_are_exact),
		cmocka_unit_test(a_copied_number_never_becomes_another),
		cmocka_unit_test(a_failed_or_aborted_copy_leaves_nothing),
		cmocka_unit_test(a_wrongly_declared_statement_is_found),
	};
	return cmocka_run_group_tests(tests, world_open, world_close);
}
