/* SPDX-License-Identifier: MIT */
/* Jobs over HTTP: list them, follow one, cancel it, download what was wrong, undo an import. */
#include "app/handlers.h"
#include "app/jobs.h"
#include "app/jobs_http.h"
#include "app/reads.h"
#include "app/record.h"
#include "auth/identity.h"
#include "codec/csv.h"
#include "http/http.h"
#include "store_statements.h"

enum { JOB_ROOM = 16384, NEWEST = 50, REPORT_ROWS = 1000, REPORT_ROOM = 64 << 20 };

/* ── A job as clients see it ── */

struct turn jobs_reply(struct call *call, int status, const struct job_view *job)
{
	owned(buf_free) struct buf body = buf_of(JOB_ROOM);
	struct json_out out = json_out_of(&body);

	if (!job_put(job, call->arena, &out))
		return call_fail_with(call, PROBLEM_INTERNAL, "the job cannot be read");
	reply_header(call, STR("cache-control"), STR("no-store"));
	return reply_json(call, status, buf_str(&body));
}

struct turn jobs_reply_begun(struct call *call, const struct job_view *job)
{
	char text[UUID_TEXT + 1];

	uuid_format(&job->id, text);
	reply_header(call, STR("location"), arena_printf(call->arena, "/api/jobs/%s", text));
	return jobs_reply(call, 202, job);
}

static struct turn no_such_job(struct call *call)
{
	return call_fail_with(call, PROBLEM_NOT_FOUND, "no such job");
}

/* Who reads here what a job has done can find it here, whether this node has been told of it or not. */
static void doubt_what_is_kept(struct call *call)
{
	reads_changed(app_of(call), &call->identity->user);
	cache_invalidate(app_of(call)->cache, &call->identity->user);
}

static struct turn jobs_get_answer(struct call *call)
{
	if (db_n_rows(call->rows) == 0)
		return no_such_job(call);
	doubt_what_is_kept(call);
	struct store_jobs_get_row job = store_jobs_get_row(call, 0);
	return jobs_reply(call, 200, &JOB_VIEW(&job));
}

struct turn jobs_get(struct call *call)
{
	struct uuid id;
	if (!uuid_parse(call->request->path_params[0], &id))
		return no_such_job(call);
	return store_jobs_get(call, app_of(call)->db, &call->identity->user, &id, STEP(jobs_get_answer));
}

/* Cancelled now, or ended before: the job tells. */
static struct turn jobs_cancelled(struct call *call)
{
	return jobs_get(call);
}

struct turn jobs_cancel(struct call *call)
{
	struct uuid id;
	if (!uuid_parse(call->request->path_params[0], &id))
		return no_such_job(call);
	return store_jobs_cancel(call, app_of(call)->db, &call->identity->user, &id, STEP(jobs_cancelled));
}

/* ── The newest ── */

static struct turn jobs_list_answer(struct call *call)
{
	owned(buf_free) struct buf body = buf_of(NEWEST * JOB_ROOM);
	struct json_out out = json_out_of(&body);

	doubt_what_is_kept(call);
	json_array(&out);
	for (size_t i = 0; i < db_n_rows(call->rows); i++) {
		struct store_jobs_list_row job = store_jobs_list_row(call, i);
		if (!job_put(&JOB_VIEW(&job), call->arena, &out))
			return call_fail_with(call, PROBLEM_INTERNAL, "a job cannot be read");
	}
	json_array_end(&out);
	reply_header(call, STR("cache-control"), STR("no-store"));
	return reply_json(call, 200, buf_str(&body));
}

struct turn jobs_list(struct call *call)
{
	struct str kind = request_param(call->request, STR("kind"));

	if (str_present(kind) && !str_equal(kind, import_job_kind.name) && !str_equal(kind, undo_job_kind.name))
		return call_fail(call, problem_field(call->arena, STR("kind"), STR("must be import or undo")));
	return store_jobs_list(call, app_of(call)->db, &call->identity->user, kind, NEWEST, STEP(jobs_list_answer));
}

/* ── Undoing ── */

struct undoing {
	struct app *app;
	struct uuid user, import, id;
	bool refused;
};

/*
 * When the call ends: with an idempotency key the job is committed only then, and a client that has hung up meanwhile may
 * have left one. If there is none in the database, there is nothing to begin.
 */
static void start_undo(void *arg)
{
	const struct undoing *undoing = arg;

	if (!undoing->refused)
		job_start(undoing->app, &undo_job_kind, &undoing->user, &undoing->id, JOB_COMES);
}

static struct turn jobs_undo_refuse(struct call *call)
{
	if (db_n_rows(call->rows) == 0)
		return no_such_job(call);
	struct store_jobs_get_row job = store_jobs_get_row(call, 0);
	if (!str_equal(job.kind, import_job_kind.name))
		return call_fail_with(call, PROBLEM_CONFLICT, "only an import can be undone");
	if (str_equal(job.state, STR("queued")) || str_equal(job.state, STR("running")))
		return call_fail_with(call, PROBLEM_CONFLICT, "the import is not through yet: cancel it first");
	if (!uuid_is_nil(&job.undone_by))
		return call_fail_with(call, PROBLEM_CONFLICT, "the import has been undone already");
	return call_fail_with(call, PROBLEM_CONFLICT, "this import has changed nothing that can be undone");
}

static struct turn jobs_undo_begin(struct call *call)
{
	struct undoing *undoing = call->state;

	undoing->refused = db_n_rows(call->rows) == 0;
	if (undoing->refused)
		return store_jobs_get(call, app_of(call)->db, &undoing->user, &undoing->import, STEP(jobs_undo_refuse));
	struct store_jobs_undo_row row = store_jobs_undo_row(call, 0);
	return jobs_reply_begun(call, &(struct job_view){ .id = undoing->id,
							  .kind = undo_job_kind.name,
							  .state = STR("queued"),
							  .args = row.args,
							  .progress = row.progress,
							  .created_at = row.created_at,
							  .updated_at = row.created_at,
							  .finished_at = INT64_MIN });
}

struct turn jobs_undo(struct call *call)
{
	struct undoing *undoing = arena_new_of(call->arena, struct undoing);

	if (!undoing || !uuid_parse(call->request->path_params[0], &undoing->import))
		return no_such_job(call);
	undoing->app = app_of(call);
	undoing->user = call->identity->user;
	undoing->id = uuid_new();
	call->state = undoing;
	if (!call_defer(call, start_undo, undoing))
		return call_fail_with(call, PROBLEM_UNAVAILABLE, "out of memory");
	return store_jobs_undo(call, undoing->app->db, &undoing->user, &undoing->import, &undoing->id,
			       STEP(jobs_undo_begin));
}

/* ── The report ── */

struct report {
	struct uuid job;
	int64_t after;
	bool begun, last;
};

static struct turn jobs_report_page(struct call *call);

static struct turn jobs_report_sent(struct call *call)
{
	const struct report *report = call->state;
	return report->last ? reply_stream_end(call) : jobs_report_page(call);
}

static void add_number(struct csv_out *out, int64_t number)
{
	char room[24];
	int len = snprintf(room, sizeof(room), "%lld", (long long)number);
	csv_cell_plain(out, (struct str){ room, (size_t)len });
}

static void add_header(struct csv_out *out)
{
	static const struct str names[] = { STR("row"), STR("line"), STR("field"), STR("message") };
	for (size_t i = 0; i < countof(names); i++)
		csv_cell(out, names[i]);
	csv_row_end(out);
}

static struct turn jobs_report_rows(struct call *call)
{
	struct report *report = call->state;
	owned(buf_free) struct buf page = buf_of(REPORT_ROOM);
	struct csv_out out = csv_out_of(&page);
	size_t n = db_n_rows(call->rows);

	if (!report->begun)
		add_header(&out);
	report->begun = true;
	for (size_t i = 0; i < n; i++) {
		struct store_jobs_faults_row fault = store_jobs_faults_row(call, i);
		add_number(&out, fault.row_number);
		add_number(&out, fault.line);
		csv_cell(&out, fault.field);
		csv_cell(&out, fault.message);
		csv_row_end(&out);
		report->after = fault.seq;
	}
	if (buf_failed(&page))
		return call_fail_with(call, PROBLEM_UNAVAILABLE, "out of memory");
	report->last = n < REPORT_ROWS;
	return page.len ? reply_chunk(call, buf_str(&page), STEP(jobs_report_sent)) : reply_stream_end(call);
}

static struct turn jobs_report_page(struct call *call)
{
	const struct report *report = call->state;
	return store_jobs_faults(call, app_of(call)->db, &call->identity->user, &report->job, report->after,
				 REPORT_ROWS, STEP(jobs_report_rows));
}

static struct turn jobs_report_begin(struct call *call)
{
	if (db_n_rows(call->rows) == 0)
		return no_such_job(call);
	reply_header(call, STR("content-disposition"), STR("attachment; filename=\"import-report.csv\""));
	reply_header(call, STR("cache-control"), STR("private, no-store"));
	return reply_stream(call, 200, STR("text/csv; charset=utf-8"), STEP(jobs_report_page));
}

struct turn jobs_report(struct call *call)
{
	struct report *report = arena_new_of(call->arena, struct report);

	if (!report || !uuid_parse(call->request->path_params[0], &report->job))
		return no_such_job(call);
	call->state = report;
	return store_jobs_get(call, app_of(call)->db, &call->identity->user, &report->job, STEP(jobs_report_begin));
}
