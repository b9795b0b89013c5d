/* SPDX-License-Identifier: MIT */
/* Import jobs as calls of their own: begin, work, note how it ended; again after a database that was away. */
#include "app/import_jobs.h"

#include <stdatomic.h>
#include <unistd.h>

#include "app/task.h"
#include "obs/log.h"
#include "obs/metrics.h"
#include "store_statements.h"

enum { JOB_BUDGET = 4 << 20, MAX_TRIES = 5, RETRY_MS = 2000, AWAY_MS = 5000 };

struct import_job {
	struct call call;
	struct link link; /* of app->imports */
	struct app *app;
	struct uuid user, id;
	struct import_order order;
	struct import_counts counts;
	atomic_bool stop; /* set by the loop, seen by the worker */
	int outcome;
	struct str said;
	struct str state, error; /* how it ended */
	unsigned tries;
};

static struct import_job *job_of(struct call *call)
{
	return container_of(call, struct import_job, call);
}

struct str import_job_path(const struct app *app, const struct uuid *id, struct arena *arena)
{
	char text[UUID_TEXT + 1];
	uuid_format(id, text);
	return arena_printf(arena, "%.*s/imports/%s.csv", STR_ARG(app->settings.data_dir), text);
}

struct str import_job_args(enum import_format format, enum import_duplicates duplicates, bool dry_run,
			   struct arena *arena)
{
	owned(buf_free) struct buf json = buf_of(1024);
	struct json_out out = json_out_of(&json);

	json_object(&out);
	json_put_str(&out, STR("format"), import_format_text(format));
	json_put_str(&out, STR("onDuplicate"), import_duplicates_text(duplicates));
	json_put_bool(&out, STR("dryRun"), dry_run);
	json_object_end(&out);
	return arena_copy(arena, buf_str(&json));
}

/* ── One job ── */

static struct turn import_job_begin(struct call *call);

/* What stays in the database as running is taken up at the next start. */
static struct turn import_job_failed(struct call *call, const struct problem *problem)
{
	log_warn("import interrupted", LOG_ID("job", &job_of(call)->id), LOG_TEXT("why", problem->error));
	return call_end(call);
}

static void import_job_ended(struct call *call)
{
	list_remove(&job_of(call)->link);
	arena_free(call->arena);
}

static bool go_on(void *arg, const struct import_counts *counts)
{
	struct import_job *job = arg;
	(void)counts;
	return !atomic_load(&job->stop);
}

static void work(void *arg)
{
	struct import_job *job = arg;

	job->outcome = import_run(&job->order, &job->counts, job->call.arena, &job->said);
}

static struct turn forget_file(struct import_job *job)
{
	struct str path = import_job_path(job->app, &job->id, job->call.arena);

	if (str_present(path))
		unlink(path.at);
	return call_end(&job->call);
}

/* A step that caught a failure: a database that is away is waited for, however long that takes. */
static struct turn when_back(struct call *call, struct step again)
{
	return call->failure->kind == PROBLEM_UNAVAILABLE ? call_sleep(call, AWAY_MS, again) : call_fail(call, call->failure);
}

static struct turn import_job_finish(struct call *call);

/* Not before: without its file a job that is still running in the database would be taken up again and fail. */
static struct turn import_job_over(struct call *call)
{
	return call->failure ? when_back(call, STEP(import_job_finish)) : forget_file(job_of(call));
}

static struct turn import_job_finish(struct call *call)
{
	struct import_job *job = job_of(call);

	call_catch(call);
	return store_jobs_finish(call, job->app->db, &job->user, &job->id, job->state, job->error, STEP(import_job_over));
}

static struct turn finish(struct import_job *job, struct str state, struct str error)
{
	log_info("import ended", LOG_ID("job", &job->id), LOG_TEXT("state", state), LOG_INT("rows", job->counts.rows),
		 LOG_INT("added", job->counts.added), LOG_INT("failed", job->counts.failed));
	metric_add(METRIC_IMPORT_ROWS, job->counts.rows - job->order.from.rows);
	job->state = state;
	job->error = error;
	return import_job_finish(&job->call);
}

static struct turn try_again(struct import_job *job)
{
	log_warn("import failed", LOG_ID("job", &job->id), LOG_TEXT("why", job->said), LOG_INT("try", job->tries + 1));
	if (++job->tries < MAX_TRIES)
		return call_sleep(&job->call, RETRY_MS * job->tries, STEP(import_job_begin));
	return finish(job, STR("failed"), STR("the database failed again and again; what was imported so far stays"));
}

static struct turn import_job_worked(struct call *call)
{
	struct import_job *job = job_of(call);

	if (atomic_load(&job->stop))
		return call_end(call);
	switch (job->outcome) {
	case IMPORT_DONE:
		return finish(job, STR("done"), STR_ABSENT);
	case IMPORT_REFUSED:
		return finish(job, STR("failed"), job->said);
	case IMPORT_FAILED:
		return try_again(job);
	case IMPORT_CANCELLED:
		return forget_file(job);
	default:
		return call_end(call);
	}
}

static bool read_order(struct import_job *job, struct str args, struct str progress)
{
	struct arena *arena = job->call.arena;
	const struct json *wanted, *done;
	struct str said, format, duplicates;
	bool dry_run;

	if (json_parse(arena, args, &wanted, &said) || json_parse(arena, progress, &done, &said) ||
	    !json_read_text(json_get(wanted, STR("format")), &format) ||
	    !json_read_text(json_get(wanted, STR("onDuplicate")), &duplicates) ||
	    !json_read_bool(json_get(wanted, STR("dryRun")), &dry_run))
		return false;
	job->order = (struct import_order){
		.conninfo = job->app->settings.job_conninfo,
		.user = job->user,
		.path = import_job_path(job->app, &job->id, arena),
		.dry_run = dry_run,
		.job = &job->id,
		.from = import_counts_of(done),
		.progress = go_on,
		.arg = job,
	};
	return str_present(job->order.path) && import_format_parse(format, &job->order.format) &&
	       import_duplicates_parse(duplicates, &job->order.duplicates);
}

static struct turn import_job_order(struct call *call)
{
	struct import_job *job = job_of(call);

	if (call->failure)
		return when_back(call, STEP(import_job_begin));
	if (db_n_rows(call->rows) == 0) /* cancelled before it began */
		return forget_file(job);
	struct store_jobs_begin_row row = store_jobs_begin_row(call, 0);
	if (!read_order(job, row.args, row.progress))
		return finish(job, STR("failed"), STR("the job cannot be read"));
	return work_run(call, &job->app->jobs, work, job, STEP(import_job_worked));
}

static struct turn import_job_begin(struct call *call)
{
	struct import_job *job = job_of(call);

	call_catch(call);
	return store_jobs_begin(call, job->app->db, &job->user, &job->id, STEP(import_job_order));
}

bool import_job_start(struct app *app, const struct uuid *user, const struct uuid *id)
{
	static const struct call_kind kind = { .name = "import",
					       .failed = import_job_failed,
					       .ended = import_job_ended };
	struct arena *arena = arena_new(JOB_BUDGET);
	struct import_job *job = arena ? arena_new_of(arena, struct import_job) : NULL;

	if (!job) {
		arena_free(arena);
		return false;
	}
	job->app = app;
	job->user = *user;
	job->id = *id;
	if (!app->imports.next)
		list_init(&app->imports);
	list_push_back(&app->imports, &job->link);
	call_init(&job->call, &app->loop->calls, &kind, arena);
	call_start(&job->call, STEP(import_job_begin));
	return true;
}

/* ── All of them ── */

static struct turn import_jobs_found(struct call *call)
{
	struct app *app = app_of(call);

	for (size_t i = 0; i < db_n_rows(call->rows); i++) {
		struct store_jobs_unfinished_row row = store_jobs_unfinished_row(call, i);
		struct str path = import_job_path(app, &row.id, call->arena);
		bool here = str_present(path) && access(path.at, R_OK) == 0;
		if (!here && app->settings.shared_keys)
			continue; /* several nodes on one database: another's */
		log_info("import taken up again", LOG_ID("job", &row.id));
		if (!import_job_start(app, &row.owner, &row.id))
			break;
	}
	return call_end(call);
}

static struct turn import_jobs_find(struct call *call)
{
	return store_jobs_unfinished(call, app_of(call)->db, STR("import"), STEP(import_jobs_found));
}

void import_jobs_resume(struct app *app)
{
	task_start(app, "taking up imports", STEP(import_jobs_find));
}

void import_jobs_stop(struct app *app)
{
	struct import_job *job;

	if (!app->imports.next)
		return;
	list_each(job, &app->imports, link)
	{
		atomic_store(&job->stop, true);
		call_gone(&job->call);
	}
}
