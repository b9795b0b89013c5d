/* SPDX-License-Identifier: MIT */
/* How far the replica is, and who may be read from it. */
#include "app/reads.h"

#include "app/task.h"
#include "base/clock.h"
#include "base/hash.h"
#include "obs/log.h"
#include "obs/metrics.h"
#include "store_statements.h"

enum { USER_SLOTS = 8192, FOLLOW_EVERY_MS = 50 };

struct reads {
	struct app *app;
	struct db *replica;
	struct timer timer;
	int64_t max_lag_us;
	/* Monotonic times. What had changed before `reached_us` is at the replica; 0: not known. */
	int64_t reached_us;
	int64_t all_us, users_us[USER_SLOTS]; /* of the last change */
	/* A question to the primary, until the replica has come that far. */
	int64_t asked_us, position;
	int64_t replayed; /* last seen; it does not go back but with a restart */
	char system[24];  /* the primary's name for its data */
	bool asked, following, hearing, told;
	bool closing, gone; /* the pool has been closed */
	void (*closed)(void *arg);
	void *closed_arg;
};

static size_t slot_of(struct str user)
{
	return hash_str(user) % USER_SLOTS;
}

/* ── Who may be read there ── */

static bool may_read(void *arg, struct str user)
{
	struct reads *reads = arg;
	int64_t reached = reads->reached_us;

	return reads->hearing && reached && clock_monotonic_us() - reached <= reads->max_lag_us &&
	       reads->all_us < reached && reads->users_us[slot_of(user)] < reached;
}

void reads_changed(struct app *app, const struct uuid *user)
{
	char text[UUID_TEXT + 1];

	if (app->reads)
		app->reads->users_us[slot_of(uuid_format(user, text))] = clock_monotonic_us();
}

void reads_all_changed(struct app *app)
{
	if (app->reads)
		app->reads->all_us = clock_monotonic_us();
}

void reads_set_hearing(struct app *app, bool hearing)
{
	if (app->reads)
		app->reads->hearing = hearing;
}

/* ── How far it is ── */

static void lose_track(struct reads *reads)
{
	reads->reached_us = 0;
	reads->asked = false;
}

/* When neither the pool nor a task is left. */
static void free_when_over(struct reads *reads)
{
	void (*closed)(void *arg) = reads->closed;
	void *arg = reads->closed_arg;

	if (!reads->gone || reads->following)
		return;
	reads->app->reads = NULL;
	free(reads);
	closed(arg);
}

static void follow_ended(void *arg)
{
	struct reads *reads = arg;

	reads->following = false;
	free_when_over(reads);
}

/* False, told once, for what must not be read from: another cluster, or a server that does not replay. */
static bool is_replica(struct reads *reads, const struct store_nodes_position_row *row)
{
	bool fits = row->recovers && str_equal(row->system, str_of(reads->system));

	if (!fits && !reads->told)
		log_warn("database.read_url leads to no replica of database.url; all is read from the latter");
	if (fits && reads->told)
		log_info("the replica is read from again");
	reads->told = !fits;
	return fits;
}

static struct turn replica_answered(struct call *call)
{
	struct reads *reads = app_of(call)->reads;
	struct store_nodes_position_row row = store_nodes_position_row(call, 0);

	if (!is_replica(reads, &row) || row.position < reads->replayed)
		lose_track(reads);
	else if (row.position >= reads->position) {
		reads->reached_us = reads->asked_us;
		reads->asked = false;
	}
	reads->replayed = row.position;
	return call_end(call);
}

static struct turn ask_replica(struct call *call)
{
	return store_nodes_position(call, app_of(call)->reads->replica, STEP(replica_answered));
}

static struct turn primary_answered(struct call *call)
{
	struct reads *reads = app_of(call)->reads;
	struct store_nodes_position_row row = store_nodes_position_row(call, 0);

	if (reads->closing)
		return call_end(call);
	reads->asked = true;
	reads->position = row.position;
	snprintf(reads->system, sizeof(reads->system), "%.*s", STR_ARG(row.system));
	return ask_replica(call);
}

static struct turn follow(struct call *call)
{
	struct app *app = app_of(call);
	struct reads *reads = app->reads;

	if (!call_defer(call, follow_ended, reads))
		return call_fail_with(call, PROBLEM_INTERNAL, "out of memory");
	if (reads->asked)
		return ask_replica(call);
	reads->asked_us = clock_monotonic_us();
	return store_nodes_position(call, app->db, STEP(primary_answered));
}

static void follow_now(struct timer *timer)
{
	struct reads *reads = container_of(timer, struct reads, timer);
	int64_t behind_us = clock_monotonic_us() - reads->reached_us;

	metric_set(METRIC_REPLICA_LAG_MS, reads->reached_us ? behind_us / 1000 : -1);
	metric_set(METRIC_REPLICA_USED, reads->hearing && reads->reached_us && behind_us <= reads->max_lag_us);
	if (!db_up(reads->replica))
		lose_track(reads); /* when it is back, it may be older than it was */
	else if (!reads->following && db_up(reads->app->db) && reads->app->migrated)
		reads->following = task_start(reads->app, "following the replica", STEP(follow));
}

/* ── Opening and closing ── */

struct reads *reads_open(struct app *app, struct db *replica, int64_t max_lag_ms)
{
	struct reads *reads = calloc(1, sizeof(*reads));

	if (!reads || timer_open(&reads->timer, app->loop, follow_now)) {
		free(reads);
		return NULL;
	}
	reads->app = app;
	reads->replica = replica;
	reads->max_lag_us = max_lag_ms * 1000;
	timer_start(&reads->timer, 0, FOLLOW_EVERY_MS);
	db_read_from(app->db, replica, may_read, reads);
	return reads;
}

static void replica_closed(void *arg)
{
	struct reads *reads = arg;

	reads->gone = true;
	db_free(take(reads->replica));
	free_when_over(reads);
}

void reads_close(struct reads *reads, void (*closed)(void *arg), void *arg)
{
	reads->closed = closed;
	reads->closed_arg = arg;
	reads->closing = true;
	reads->hearing = false;
	timer_close(&reads->timer);
	db_close(reads->replica, replica_closed, reads);
}
