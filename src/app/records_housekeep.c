/* SPDX-License-Identifier: MIT */
/* What was kept for 30 days ends: deleted records, and jobs that are over. */
#include "app/records.h"
#include "app/task.h"
#include "base/clock.h"
#include "obs/log.h"
#include "store_statements.h"

#define HOUR_MS INT64_C(3600000)
#define KEPT_MS (30 * 24 * HOUR_MS)

static struct turn housekeep_done(struct call *call)
{
	return call_end(call);
}

static struct turn housekeep_jobs(struct call *call)
{
	int64_t n = db_n_rows(call->rows) ? store_records_purge_row(call, 0).n : 0;
	if (n)
		log_info("trash emptied", LOG_INT("records", n));
	return store_jobs_prune(call, app_of(call)->db, clock_wall_ms() - KEPT_MS, STEP(housekeep_done));
}

static struct turn housekeep_trash(struct call *call)
{
	return store_records_purge(call, app_of(call)->db, clock_wall_ms() - KEPT_MS, STEP(housekeep_jobs));
}

void records_housekeep(struct app *app)
{
	int64_t now = clock_wall_ms();

	if (now - app->housekept_ms < HOUR_MS)
		return;
	app->housekept_ms = now;
	task_start(app, "housekeeping", STEP(housekeep_trash));
}
