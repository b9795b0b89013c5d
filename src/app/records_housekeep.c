/* SPDX-License-Identifier: MIT */
/* What was kept for 30 days ends: deleted records, and jobs that are over. */
#include "app/covers.h"
#include "app/records.h"
#include "app/task.h"
#include "base/clock.h"
#include "obs/log.h"
#include "store_statements.h"

#define HOUR_MS INT64_C(3600000)
#define KEPT_MS (30 * 24 * HOUR_MS)

enum { PURGE_BATCH = 5000 }; /* records */

static struct turn housekeep_purged(struct call *call);

static struct turn housekeep_done(struct call *call)
{
	return call_end(call);
}

/* A huge trash goes batch after batch: each well within a statement's time, and no writer waits for all of it. */
static struct turn housekeep_trash(struct call *call)
{
	return store_records_purge(call, app_of(call)->db, clock_wall_ms() - KEPT_MS, PURGE_BATCH,
				   STEP(housekeep_purged));
}

static struct turn housekeep_purged(struct call *call)
{
	int64_t *n_purged = call->state, n = store_records_purge_row(call, 0).n;

	*n_purged += n;
	if (n == PURGE_BATCH)
		return housekeep_trash(call);
	if (*n_purged)
		log_info("trash emptied", LOG_INT("records", *n_purged));
	return store_jobs_prune(call, app_of(call)->db, clock_wall_ms() - KEPT_MS, STEP(housekeep_done));
}

static struct turn housekeep_begin(struct call *call)
{
	call->state = arena_new_of(call->arena, int64_t);
	if (!call->state)
		return call_fail_with(call, PROBLEM_UNAVAILABLE, "out of memory");
	return housekeep_trash(call);
}

void records_housekeep(struct app *app)
{
	int64_t now = clock_wall_ms();

	if (now - app->housekept_ms < HOUR_MS)
		return;
	app->housekept_ms = now;
	task_start(app, "housekeeping", STEP(housekeep_begin));
	covers_housekeep(app);
}
