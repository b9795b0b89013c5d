/* SPDX-License-Identifier: MIT */
/* What the database tests share: a private cluster in a temporary directory, and calls that tell how they ended. */
#ifndef DB_HARNESS_H
#define DB_HARNESS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ftw.h>
#include <libpq-fe.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/problem.h"
#include "db/cluster.h"
#include "db/db.h"
#include "loop/call.h"
#include "loop/loop.h"

/* ---- a cluster ---- */

struct world {
	char dir[64];
	struct arena *arena;
	struct db_cluster *cluster;
	struct str said;
	struct loop loop;
	struct db *db;
	bool closed;
	char *large; /* a test's own */
};

static inline struct db_cluster_settings cluster_settings(const char *dir)
{
	return (struct db_cluster_settings){ .data_dir = dir, .shared_buffers_mb = 16, .max_connections = 40 };
}

static inline int remove_one(const char *path, const struct stat *stat, int type, struct FTW *ftw)
{
	(void)stat, (void)type, (void)ftw;
	return remove(path);
}

static inline void remove_tree(const char *dir)
{
	nftw(dir, remove_one, 32, FTW_DEPTH | FTW_PHYS);
}

static inline void make_dir(struct world *world)
{
	snprintf(world->dir, sizeof(world->dir), "/tmp/recordd-test-XXXXXX");
	assert_non_null(mkdtemp(world->dir));
	chmod(world->dir, 0711);
}

static inline int start_cluster(struct world *world)
{
	struct db_cluster_settings settings = cluster_settings(world->dir);
	int outcome = db_cluster_start(&settings, world->arena, &world->cluster, &world->said);
	if (outcome)
		print_message("cluster: %.*s\n", STR_ARG(world->said));
	return outcome;
}

/* For a group's setup and teardown. */
static inline int world_open(void **state)
{
	struct world *world = calloc(1, sizeof(*world));

	*state = world;
	world->arena = arena_new(1 << 20);
	make_dir(world);
	return start_cluster(world);
}

static inline int world_close(void **state)
{
	struct world *world = *state;

	if (world->cluster)
		db_cluster_stop(world->cluster, 5000);
	remove_tree(world->dir);
	arena_free(world->arena);
	free(world);
	return 0;
}

/* A plain blocking connection, for looking at the server from outside. */
static inline PGconn *look(struct world *world, const char *role)
{
	PGconn *pg = PQconnectdb(db_cluster_conninfo(world->dir, role, world->arena).at);
	assert_int_equal(PQstatus(pg), CONNECTION_OK);
	return pg;
}

static inline int64_t ask(PGconn *pg, const char *sql)
{
	PGresult *result = PQexec(pg, sql);
	int64_t value = INT64_MIN;

	if (PQresultStatus(result) == PGRES_TUPLES_OK && PQntuples(result) == 1)
		assert_true(str_to_int(str_of(PQgetvalue(result, 0, 0)), INT64_MIN, INT64_MAX, &value));
	else if (PQresultStatus(result) != PGRES_COMMAND_OK)
		fail_msg("%s: %s", sql, PQerrorMessage(pg));
	PQclear(result);
	return value;
}

/* ---- a pool ---- */

static inline struct db_settings pool_settings(struct world *world)
{
	return (struct db_settings){ .conninfo = db_cluster_conninfo(world->dir, "recordd_owner", world->arena),
				     .pool_size = 2,
				     .max_waiting = 64,
				     .max_depth = 8,
				     .statement_timeout_ms = 2000,
				     .cancel_after_ms = 50,
				     .application_name = "recordd-test" };
}

static inline void open_pool(struct world *world, const struct db_settings *settings)
{
	assert_int_equal(loop_init(&world->loop), 0);
	world->closed = false;
	world->db = db_open(&world->loop, settings);
	assert_non_null(world->db);
}

static inline void note_closed(void *arg)
{
	*(bool *)arg = true;
}

static inline void turn_loop(struct loop *loop)
{
	uv_run(&loop->uv, UV_RUN_ONCE);
}

/* Turns the loop until `condition` or the time is up; whether it came true. */
#define turn_until(loop_, condition, ms)                                    \
	__extension__({                                                     \
		int64_t until_ = clock_monotonic_us() + (int64_t)(ms)*1000; \
		while (!(condition) && clock_monotonic_us() < until_) {     \
			uv_run(&(loop_)->uv, UV_RUN_NOWAIT);                \
			if (!(condition))                                   \
				usleep(200);                                \
		}                                                           \
		(condition);                                                \
	})

static inline void close_pool(struct world *world)
{
	db_close(world->db, note_closed, &world->closed);
	assert_true(turn_until(&world->loop, world->closed, 8000));
	db_free(world->db);
	loop_deinit(&world->loop);
}

/* ---- calls ---- */

struct job {
	struct call call;
	bool ended, failed, succeeded;
	enum problem_kind problem;
	unsigned retry_after_s;
	int64_t value; /* the test's own */
};

static inline struct turn job_failed(struct call *call, const struct problem *problem)
{
	struct job *job = container_of(call, struct job, call);

	job->failed = true;
	job->problem = problem->kind;
	job->retry_after_s = problem->retry_after_s;
	return call_end(call);
}

static inline void job_ended(struct call *call)
{
	struct job *job = container_of(call, struct job, call);

	job->ended = true;
	arena_free(call->arena);
	call->arena = NULL;
}

static inline void job_start(struct world *world, struct job *job, struct step first)
{
	static const struct call_kind kind = { "test", job_failed, job_ended };

	*job = (struct job){ 0 };
	call_init(&job->call, &world->loop.calls, &kind, arena_new(1 << 20));
	job->call.state = world;
	call_start(&job->call, first);
}

static inline struct db *db_of(struct call *call)
{
	struct world *world = call->state;
	return world->db;
}

static inline struct turn job_succeed(struct call *call)
{
	container_of(call, struct job, call)->succeeded = true;
	return call_end(call);
}

#define job_of(call_) container_of((call_), struct job, call)
#define STATEMENT(name_, sql_, n_params_, expects_)                                           \
	static const struct db_statement name_ = {                                            \
		.name = #name_, .sql = (sql_), .n_params = (n_params_), .expects = (expects_) \
	}

#endif
