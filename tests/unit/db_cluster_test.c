/* SPDX-License-Identifier: MIT */
/* The private cluster: made once, started again, one at a time, and never left behind. */
#include <fcntl.h>
#include <sys/wait.h>

#include "db_harness.h"

static void put(struct world *world, const char *name, const char *text)
{
	char path[128];
	snprintf(path, sizeof(path), "%s/%s", world->dir, name);
	FILE *file = fopen(path, "we");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static pid_t postmaster_pid(struct world *world)
{
	char path[128], line[32] = "";
	int64_t pid = 0;

	snprintf(path, sizeof(path), "%s/pg/data/postmaster.pid", world->dir);
	FILE *file = fopen(path, "re");
	if (!file)
		return 0;
	if (fgets(line, sizeof(line), file))
		(void)!str_to_int(str_trim(str_of(line)), 1, INT32_MAX, &pid);
	fclose(file);
	return (pid_t)pid;
}

static void stop(struct world *world)
{
	db_cluster_stop(world->cluster, 5000);
	world->cluster = NULL;
}

static void the_data_survive_a_restart(void **state)
{
	struct world *world = *state;
	PGconn *pg = look(world, "recordd_owner");

	ask(pg, "CREATE TABLE kept AS SELECT 42 AS n");
	PQfinish(pg);
	stop(world);
	assert_false(db_cluster_running(world->dir));
	assert_int_equal(start_cluster(world), DB_CLUSTER_UP);
	assert_true(db_cluster_running(world->dir));
	pg = look(world, "recordd_owner");
	assert_int_equal(ask(pg, "SELECT n FROM kept"), 42);
	PQfinish(pg);
}

static void each_role_has_its_rights_and_limits(void **state)
{
	static const struct {
		const char *role;
		int64_t timeout_s;
	} rows[] = { { "recordd_owner", 0 }, { "recordd_app", 30 }, { "recordd_job", 25 }, { "recordd_eval", 20 } };
	struct world *world = *state;

	for (size_t i = 0; i < countof(rows); i++) {
		PGconn *pg = look(world, rows[i].role);
		assert_int_equal(
			ask(pg, "SELECT setting::int / 1000 FROM pg_settings WHERE name = 'statement_timeout'"),
			rows[i].timeout_s);
		assert_int_equal(ask(pg, "SELECT rolsuper::int + rolcreatedb::int + rolcreaterole::int FROM pg_roles "
					 "WHERE rolname = current_user"),
				 0);
		assert_int_equal(ask(pg, "SELECT has_database_privilege('recordd', 'CREATE')::int"),
				 str_equal(str_of(rows[i].role), STR("recordd_owner")));
		PQfinish(pg);
	}
	PGconn *pg = look(world, "recordd_monitor");
	assert_int_equal(ask(pg, "SELECT (current_setting('transaction_read_only') = 'on')::int"), 1);
	PQfinish(pg);
}

static void nobody_else_can_reach_it(void **state)
{
	struct world *world = *state;
	struct stat stat_;
	char path[128];
	PGconn *pg = look(world, "postgres");

	assert_int_equal(ask(pg, "SELECT (current_setting('listen_addresses') = '')::int"), 1);
	PQfinish(pg);
	snprintf(path, sizeof(path), "%s/pg", world->dir);
	assert_int_equal(stat(path, &stat_), 0);
	assert_int_equal(stat_.st_mode & 0777, 0700);
	assert_int_equal(stat(db_cluster_socket_dir(world->dir, world->arena).at, &stat_), 0);
	assert_int_equal(stat_.st_mode & 0777, 0700);
}

static void a_second_start_is_refused_and_harms_nothing(void **state)
{
	struct world *world = *state, second = *world;
	pid_t before = postmaster_pid(world);

	second.cluster = NULL;
	assert_int_equal(start_cluster(&second), DB_CLUSTER_FAILED);
	assert_true(str_find(second.said, STR("already running")) != SIZE_MAX);
	assert_null(second.cluster);
	assert_int_equal(postmaster_pid(world), before);
	assert_true(db_cluster_running(world->dir));
}

static void a_pid_file_that_names_a_stranger_is_no_hindrance(void **state)
{
	struct world *world = *state;
	char text[256];

	stop(world);
	snprintf(text, sizeof(text), "%d\n%s/pg/data\n1700000000\n5432\n", getpid(), world->dir);
	put(world, "pg/data/postmaster.pid", text);
	assert_int_equal(start_cluster(world), DB_CLUSTER_UP);
}

static void another_major_version_is_refused_by_both_names(void **state)
{
	struct world *world = *state;
	char path[128], before[16] = "";

	stop(world);
	snprintf(path, sizeof(path), "%s/pg/data/PG_VERSION", world->dir);
	FILE *file = fopen(path, "re");
	assert_non_null(fgets(before, sizeof(before), file));
	fclose(file);
	put(world, "pg/data/PG_VERSION", "98\n");
	assert_int_equal(start_cluster(world), DB_CLUSTER_NEWER);
	assert_true(str_find(world->said, STR("98")) != SIZE_MAX);
	assert_true(str_find(world->said, str_trim(str_of(before))) != SIZE_MAX);
	put(world, "pg/data/PG_VERSION", before);
	assert_int_equal(start_cluster(world), DB_CLUSTER_UP);
}

static void no_postgresql_is_said_in_one_sentence(void **state)
{
	struct world *world = *state;
	struct db_cluster_settings settings = cluster_settings(world->dir);
	struct db_cluster *none;

	settings.bin_dir = "/nonexistent";
	assert_int_equal(db_cluster_start(&settings, world->arena, &none, &world->said), DB_CLUSTER_NO_BINARIES);
	assert_null(none);
	assert_true(str_find(world->said, STR("not installed")) != SIZE_MAX);
}

static void a_killed_server_is_started_again(void **state)
{
	struct world *world = *state;
	pid_t pid = postmaster_pid(world);
	int64_t until = clock_monotonic_us() + 10000000;

	assert_false(db_cluster_child_lost(world->cluster));
	kill(pid, SIGKILL);
	while (!db_cluster_running(world->dir) || postmaster_pid(world) == pid) {
		if (db_cluster_child_lost(world->cluster))
			db_cluster_restart(world->cluster);
		assert_true(clock_monotonic_us() < until);
		usleep(20000);
	}
	PGconn *pg = look(world, "recordd_owner");
	assert_int_equal(ask(pg, "SELECT n FROM kept"), 42);
	PQfinish(pg);
}

/* A parent that is killed has no time to stop anything. */
static void the_cluster_ends_with_its_parent(void **state)
{
	struct world *world = *state;
	int64_t until = clock_monotonic_us() + 15000000;

	stop(world);
	pid_t parent = fork();
	if (parent == 0) {
		int outcome = start_cluster(world);
		if (outcome)
			_exit(1);
		for (;;)
			pause();
	}
	while (!db_cluster_running(world->dir)) {
		assert_true(clock_monotonic_us() < until);
		usleep(5000);
	}
	kill(parent, SIGKILL);
	waitpid(parent, NULL, 0);
	while (postmaster_pid(world)) {
		assert_true(clock_monotonic_us() < until);
		usleep(5000);
	}
	assert_int_equal(start_cluster(world), DB_CLUSTER_UP);
}

static void a_path_too_long_for_a_socket_works(void **state)
{
	struct world *world = *state, other = { .arena = world->arena };
	char deep[256];

	make_dir(&other);
	snprintf(deep, sizeof(deep), "%s/%0100d with, 'odd' names", other.dir, 0);
	assert_int_equal(mkdir(deep, 0711), 0);
	chmod(deep, 0711);
	struct db_cluster_settings settings = cluster_settings(deep);
	assert_int_equal(db_cluster_start(&settings, world->arena, &other.cluster, &other.said), DB_CLUSTER_UP);
	assert_true(db_cluster_running(deep));
	struct str run = db_cluster_socket_dir(deep, world->arena);
	assert_true(run.len < 93);
	stop(&other);
	assert_int_equal(db_cluster_start(&settings, world->arena, &other.cluster, &other.said), DB_CLUSTER_UP);
	assert_true(str_equal(run, db_cluster_socket_dir(deep, world->arena)));
	stop(&other);
	remove_tree(run.at);
	remove_tree(other.dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_data_survive_a_restart),
		cmocka_unit_test(each_role_has_its_rights_and_limits),
		cmocka_unit_test(nobody_else_can_reach_it),
		cmocka_unit_test(a_second_start_is_refused_and_harms_nothing),
		cmocka_unit_test(a_pid_file_that_names_a_stranger_is_no_hindrance),
		cmocka_unit_test(another_major_version_is_refused_by_both_names),
		cmocka_unit_test(no_postgresql_is_said_in_one_sentence),
		cmocka_unit_test(a_killed_server_is_started_again),
		cmocka_unit_test(the_cluster_ends_with_its_parent),
		cmocka_unit_test(a_path_too_long_for_a_socket_works),
	};
	return cmocka_run_group_tests(tests, world_open, world_close);
}
