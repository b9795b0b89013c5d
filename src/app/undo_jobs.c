/* SPDX-License-Identifier: MIT */
/* Jobs that undo an import. Any node can do them. */
#include "app/jobs.h"
#include "app/undo_run.h"
#include "obs/log.h"
#include "obs/metrics.h"

struct undo_job {
	struct undo_order order;
	struct undo_counts counts;
};

static bool go_on(void *arg)
{
	struct job *job = arg;
	return !atomic_load(&job->stop);
}

static bool read_job(struct job *job, const struct json *args, const struct json *progress)
{
	struct undo_job *undo = arena_new_of(job->call.arena, struct undo_job);
	struct str import;

	if (!undo || !json_read_text(json_get(args, STR("importId")), &import) ||
	    !uuid_parse(import, &undo->order.import))
		return false;
	undo->order.conninfo = job->app->settings.job_conninfo;
	undo->order.user = job->user;
	undo->order.job = job->id;
	undo->order.from = undo_counts_of(progress);
	undo->order.progress = go_on;
	undo->order.arg = job;
	job->order = undo;
	return true;
}

static int work(struct job *job, struct str *said)
{
	struct undo_job *undo = job->order;
	return undo_run(&undo->order, &undo->counts, job->call.arena, said);
}

static void told(const struct job *job)
{
	const struct undo_job *undo = job->order;
	const struct undo_counts none = { 0 }, *counts = undo ? &undo->counts : &none;

	log_info("import undone", LOG_ID("job", &job->id), LOG_TEXT("state", job->state),
		 LOG_INT("removed", counts->removed), LOG_INT("restored", counts->restored), LOG_INT("kept", counts->kept));
	metric_add(METRIC_IMPORTS_UNDONE, str_equal(job->state, STR("done")));
}

const struct job_kind undo_job_kind = { .name = { "undo", 4 }, .read = read_job, .work = work, .told = told };
