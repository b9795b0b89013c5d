/* SPDX-License-Identifier: MIT */
/* Jobs as calls: begun, at work, ended, taken up again. */
#include "app/jobs.h"

#include "app/import_run.h"
#include "app/task.h"
#include "obs/log.h"
#include "store_statements.h"

enum { JOB_BUDGET = 4 << 20, MAX_TRIES = 5, RETRY_MS = 2000, AWAY_MS = 5000, LOOK_MS = 1000 };

static struct job *job_of(struct call *call)
{
	return container_of(call, struct job, call);
}

/* ── One job ── */

static struct turn job_begin(struct call *call);

/* What stays in the database as running is taken up at the next start. */
static struct turn job_failed(struct call *call, const struct problem *problem)
{
	const struct job *job = job_of(call);

	log_warn("job interrupted", LOG_TEXT("kind", job->kind->name), LOG_ID("job", &job->id),
		 LOG_TEXT("why", problem->error));
	return call_end(call);
}

static void job_ended(struct call *call)
{
	list_remove(&job_of(call)->link);
	arena_free(call->arena);
}

static void work(void *arg)
{
	struct job *job = arg;

	job->outcome = job->kind->work(job, &job->said);
}

/* The database says that it is over. */
static struct turn job_forget(struct job *job)
{
	if (job->kind->over)
		job->kind->over(job);
	return call_end(&job->call);
}

/* A step that caught a failure: a database that is away is waited for, however long that takes. */
static struct turn when_back(struct call *call, struct step again)
{
	return call->failure->kind == PROBLEM_UNAVAILABLE ? call_sleep(call, AWAY_MS, again) : call_fail(call, call->failure);
}

static struct turn job_finish(struct call *call);

/* Not before: without what it had, a job that is still running in the database would be taken up again and fail. */
static struct turn job_over(struct call *call)
{
	return call->failure ? when_back(call, STEP(job_finish)) : job_forget(job_of(call));
}

static struct turn job_finish(struct call *call)
{
	struct job *job = job_of(call);

	call_catch(call);
	return store_jobs_finish(call, job->app->db, &job->user, &job->id, job->state, job->error, STEP(job_over));
}

static struct turn finish(struct job *job, struct str state, struct str error)
{
	job->state = state;
	job->error = error;
	job->kind->told(job);
	return job_finish(&job->call);
}

static struct turn try_again(struct job *job)
{
	log_warn("job failed", LOG_TEXT("kind", job->kind->name), LOG_ID("job", &job->id), LOG_TEXT("why", job->said),
		 LOG_INT("try", job->tries + 1));
	if (++job->tries < MAX_TRIES)
		return call_sleep(&job->call, RETRY_MS * job->tries, STEP(job_begin));
	return finish(job, STR("failed"), STR("the database failed again and again; what was done so far stays"));
}

static struct turn job_worked(struct call *call)
{
	struct job *job = job_of(call);

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
		return job_forget(job);
	default:
		return call_end(call);
	}
}

static bool read_order(struct job *job, struct str args, struct str progress)
{
	struct arena *arena = job->call.arena;
	const struct json *wanted, *done;
	struct str said;

	return json_parse(arena, args, &wanted, &said) == 0 && json_parse(arena, progress, &done, &said) == 0 &&
	       job->kind->read(job, wanted, done);
}

static struct turn job_order(struct call *call)
{
	struct job *job = job_of(call);

	if (call->failure)
		return when_back(call, STEP(job_begin));
	if (db_n_rows(call->rows) == 0 && job->n_looks) {
		job->n_looks--;
		return call_sleep(call, LOOK_MS, STEP(job_begin));
	}
	if (db_n_rows(call->rows) == 0) /* cancelled before it began, or never added */
		return job_forget(job);
	struct store_jobs_begin_row row = store_jobs_begin_row(call, 0);
	if (!read_order(job, row.args, row.progress))
		return finish(job, STR("failed"), STR("the job cannot be read"));
	return work_run(call, &job->app->jobs, work, job, STEP(job_worked));
}

static struct turn job_begin(struct call *call)
{
	struct job *job = job_of(call);

	call_catch(call);
	return store_jobs_begin(call, job->app->db, &job->user, &job->id, STEP(job_order));
}

bool job_start(struct app *app, const struct job_kind *job_kind, const struct uuid *user, const struct uuid *id, unsigned n_looks)
{
	static const struct call_kind kind = { .name = "job", .failed = job_failed, .ended = job_ended };
	struct arena *arena = app->draining ? NULL : arena_new(JOB_BUDGET);
	struct job *job = arena ? arena_new_of(arena, struct job) : NULL;

	if (!job) {
		arena_free(arena);
		return false;
	}
	job->app = app;
	job->kind = job_kind;
	job->user = *user;
	job->id = *id;
	job->n_looks = n_looks;
	if (!app->running_jobs.next)
		list_init(&app->running_jobs);
	list_push_back(&app->running_jobs, &job->link);
	call_init(&job->call, &app->loop->calls, &kind, arena);
	call_start(&job->call, STEP(job_begin));
	return true;
}

/* ── All of them ── */

static void take_up(struct call *call, const struct job_kind *kind)
{
	struct app *app = app_of(call);

	for (size_t i = 0; i < db_n_rows(call->rows); i++) {
		struct store_jobs_unfinished_row row = store_jobs_unfinished_row(call, i);
		/* One that can go on nowhere else is begun, and says what is missing. */
		if (kind->is_here && !kind->is_here(app, &row.id, call->arena) && app->settings.shared_keys)
			continue; /* several nodes on one database: another's */
		log_info("job taken up again", LOG_TEXT("kind", kind->name), LOG_ID("job", &row.id));
		if (!job_start(app, kind, &row.owner, &row.id, JOB_THERE))
			break;
	}
}

static struct turn jobs_found_undos(struct call *call)
{
	take_up(call, &undo_job_kind);
	return call_end(call);
}

static struct turn jobs_found_imports(struct call *call)
{
	take_up(call, &import_job_kind);
	return store_jobs_unfinished(call, app_of(call)->db, undo_job_kind.name, STEP(jobs_found_undos));
}

static struct turn jobs_find(struct call *call)
{
	return store_jobs_unfinished(call, app_of(call)->db, import_job_kind.name, STEP(jobs_found_imports));
}

void jobs_resume(struct app *app)
{
	task_start(app, "taking up jobs", STEP(jobs_find));
}

void jobs_stop(struct app *app)
{
	struct job *job;

	if (!app->running_jobs.next)
		return;
	list_each(job, &app->running_jobs, link)
	{
		atomic_store(&job->stop, true);
		call_gone(&job->call);
	}
}
