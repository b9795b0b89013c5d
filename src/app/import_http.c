/* SPDX-License-Identifier: MIT */
/* Imports over HTTP: upload a file, follow its job, cancel it, download what was wrong. */
#include "app/handlers.h"
#include "app/import_jobs.h"
#include "app/import_multipart.h"
#include "app/import_upload.h"
#include "app/reads.h"
#include "auth/identity.h"
#include "codec/csv.h"
#include "http/http.h"
#include "store_statements.h"

enum { JOB_ROOM = 16384, REPORT_ROWS = 1000, REPORT_ROOM = 64 << 20 };

/* ── A job as clients see it ── */

static void put_args(struct json_out *out, const struct json *args)
{
	bool dry_run = false;
	(void)!json_read_bool(json_get(args, STR("dryRun")), &dry_run);
	json_put_bool(out, STR("dryRun"), dry_run);
	static const struct str names[] = { STR("format"), STR("onDuplicate") };
	for (size_t i = 0; i < countof(names); i++) {
		struct str text = STR_ABSENT;
		(void)!json_read_text(json_get(args, names[i]), &text);
		json_put_str(out, names[i], text);
	}
}

static struct turn reply_job(struct call *call, int status, const struct uuid *id, const struct store_jobs_get_row *job)
{
	owned(buf_free) struct buf body = buf_of(JOB_ROOM);
	struct json_out out = json_out_of(&body);
	const struct json *args = NULL, *progress = NULL;
	struct str said;

	if (json_parse(call->arena, job->args, &args, &said) ||
	    json_parse(call->arena, job->progress, &progress, &said))
		return call_fail_with(call, PROBLEM_INTERNAL, "the job cannot be read");
	struct import_counts counts = import_counts_of(progress);
	json_object(&out);
	json_put_uuid(&out, STR("id"), id);
	json_put_str(&out, STR("kind"), job->kind);
	json_put_str(&out, STR("status"), job->state);
	put_args(&out, args);
	import_counts_put(&counts, &out);
	json_put_str(&out, STR("error"), job->error);
	json_put_time_ms(&out, STR("createdAt"), job->created_at);
	json_put_time_ms(&out, STR("updatedAt"), job->updated_at);
	json_put_time_ms(&out, STR("finishedAt"), job->finished_at);
	json_object_end(&out);
	reply_header(call, STR("cache-control"), STR("no-store"));
	return reply_json(call, status, buf_str(&body));
}

static struct turn no_such_job(struct call *call)
{
	return call_fail_with(call, PROBLEM_NOT_FOUND, "no such job");
}

static struct turn jobs_get_answer(struct call *call)
{
	struct uuid id;
	if (db_n_rows(call->rows) == 0 || !uuid_parse(call->request->path_params[0], &id))
		return no_such_job(call);
	/* Who reads here what has been imported can find it here, whether this node has been told of it or not. */
	reads_changed(app_of(call), &call->identity->user);
	cache_invalidate(app_of(call)->cache, &call->identity->user);
	struct store_jobs_get_row job = store_jobs_get_row(call, 0);
	return reply_job(call, 200, &id, &job);
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

/* ── Uploading ── */

struct upload {
	struct uuid id;
	enum import_format format;
	enum import_duplicates duplicates;
	bool dry_run;
	struct str args, progress;
	struct import_upload file;
};

static bool flag_param(struct call *call, struct str name, struct record_check *check)
{
	struct str text = request_param(call->request, name);
	if (!str_present(text) || str_equal(text, STR("false")) || str_equal(text, STR("0")))
		return false;
	if (!str_equal(text, STR("true")) && !str_equal(text, STR("1")))
		record_wrong(check, name, STR("must be true or false"));
	return true;
}

static const struct problem *read_params(struct call *call, struct upload *upload)
{
	struct record_check check = { .arena = call->arena };
	struct str format = request_param(call->request, STR("format"));
	struct str duplicates = request_param(call->request, STR("onDuplicate"));

	upload->dry_run = flag_param(call, STR("dryRun"), &check);
	if (str_present(format) && !import_format_parse(format, &upload->format))
		record_wrong(&check, STR("format"), STR("must be auto, recordd or discogs"));
	if (str_present(duplicates) && !import_duplicates_parse(duplicates, &upload->duplicates))
		record_wrong(&check, STR("onDuplicate"), STR("must be skip, merge or add"));
	return record_problem(&check);
}

static struct turn import_create_answer(struct call *call)
{
	const struct upload *upload = call->state;
	struct app *app = app_of(call);
	char text[UUID_TEXT + 1];
	int64_t now = store_jobs_add_row(call, 0).created_at;
	struct store_jobs_get_row job = {
		.kind = STR("import"),
		.state = STR("queued"),
		.args = upload->args,
		.progress = upload->progress,
		.created_at = now,
		.updated_at = now,
		.finished_at = INT64_MIN,
	};

	if (!import_job_start(app, &call->identity->user, &upload->id))
		return call_fail_with(call, PROBLEM_UNAVAILABLE, "out of memory");
	uuid_format(&upload->id, text);
	reply_header(call, STR("location"), arena_printf(call->arena, "/api/jobs/%s", text));
	return reply_job(call, 202, &upload->id, &job);
}

static struct turn import_create_stored(struct call *call)
{
	struct upload *upload = call->state;

	switch (upload->file.outcome) {
	case UPLOAD_STORED:
		break;
	case UPLOAD_EMPTY:
		return call_fail_with(call, PROBLEM_BAD_REQUEST, "the file is empty");
	case UPLOAD_NO_FILE:
		return call_fail_with(call, PROBLEM_BAD_REQUEST, "the form holds no file");
	case UPLOAD_NO_SPACE:
		return call_fail_with(call, PROBLEM_NO_SPACE, "not enough disk space");
	case UPLOAD_FAULT:
		return call_fail_with(call, PROBLEM_INTERNAL, "the file could not be stored");
	}
	upload->args = import_job_args(upload->format, upload->duplicates, upload->dry_run, call->arena);
	upload->progress = arena_printf(call->arena, "{\"bytesTotal\":%lld}", (long long)upload->file.bytes);
	return store_jobs_add(call, app_of(call)->db, &call->identity->user, &upload->id, STR("import"), upload->args,
			      upload->progress, STEP(import_create_answer));
}

struct turn import_create(struct call *call)
{
	struct upload *upload = arena_new_of(call->arena, struct upload);
	struct app *app = app_of(call);
	const struct request *request = call->request;

	if (!upload)
		return call_fail_with(call, PROBLEM_UNAVAILABLE, "out of memory");
	const struct problem *problem = read_params(call, upload);
	if (problem)
		return call_fail(call, problem);
	upload->id = uuid_new();
	upload->file = (struct import_upload){
		.source = request->body_file,
		.body = str_present(request->body) ? request->body : STR(""),
		.boundary = multipart_boundary(request_header(request, STR("content-type"))),
		.dir = arena_printf(call->arena, "%.*s/imports", STR_ARG(app->settings.data_dir)).at,
		.target = import_job_path(app, &upload->id, call->arena).at,
	};
	if (!upload->file.dir || !upload->file.target)
		return call_fail_with(call, PROBLEM_UNAVAILABLE, "out of memory");
	call->state = upload;
	return work_run(call, &app->uploads, import_upload_store, &upload->file, STEP(import_create_stored));
}
