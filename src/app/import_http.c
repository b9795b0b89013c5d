/* SPDX-License-Identifier: MIT */
/* Imports over HTTP: look at the beginning of a file, upload the whole as a job. */
#include "app/handlers.h"
#include "app/import_jobs.h"
#include "app/import_mapping.h"
#include "app/import_multipart.h"
#include "app/import_preview.h"
#include "app/import_upload.h"
#include "app/jobs_http.h"
#include "auth/identity.h"
#include "http/http.h"
#include "store_statements.h"

enum { PREVIEW_ROOM = 1 << 20 };

/* ── Looking ── */

struct turn import_look(struct call *call)
{
	owned(buf_free) struct buf body = buf_of(PREVIEW_ROOM);
	const struct request *request = call->request;
	struct str boundary = multipart_boundary(request_header(request, STR("content-type")));
	struct str said, file = str_present(request->body) ? request->body : STR("");

	if (str_present(boundary))
		file = multipart_file(file, boundary);
	if (!str_present(file))
		return call_fail_with(call, PROBLEM_BAD_REQUEST, "the form holds no file");
	if (str_blank(file))
		return call_fail_with(call, PROBLEM_BAD_REQUEST, "the file is empty");
	if (import_preview(file, call->arena, &body, &said))
		return call_fail_with(call, PROBLEM_INVALID, "%.*s", STR_ARG(said));
	reply_header(call, STR("cache-control"), STR("no-store"));
	return reply_json(call, 200, buf_str(&body));
}

/* ── Uploading ── */

struct upload {
	struct app *app;
	struct uuid user, id;
	struct import_job_args asked;
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

/* {"column":"field", …}: checked now, read again by the job. */
static void read_columns(struct call *call, struct import_job_args *asked, struct record_check *check)
{
	struct import_mapping mapping;
	struct str said, text = request_param(call->request, STR("columns"));

	if (!str_present(text))
		return;
	if (import_mapping_parse(&mapping, text, call->arena, &said))
		record_wrong(check, STR("columns"), said);
	asked->format = IMPORT_MAPPED;
	asked->mapping = text;
}

static const struct problem *read_params(struct call *call, struct import_job_args *asked)
{
	struct record_check check = { .arena = call->arena };
	struct str format = request_param(call->request, STR("format"));
	struct str duplicates = request_param(call->request, STR("onDuplicate"));

	asked->dry_run = flag_param(call, STR("dryRun"), &check);
	if (str_present(format) && !import_format_parse(format, &asked->format))
		record_wrong(&check, STR("format"), STR("must be auto, recordd or discogs"));
	if (str_present(duplicates) && !import_duplicates_parse(duplicates, &asked->duplicates))
		record_wrong(&check, STR("onDuplicate"), STR("must be skip, merge or add"));
	read_columns(call, asked, &check);
	return record_problem(&check);
}

/*
 * When the call ends: a client that has hung up meanwhile may have left a job. If none comes into the database, it is
 * over, and its file goes.
 */
static void start_import(void *arg)
{
	const struct upload *upload = arg;
	job_start(upload->app, &import_job_kind, &upload->user, &upload->id, JOB_COMES);
}

static struct turn import_create_answer(struct call *call)
{
	const struct upload *upload = call->state;
	int64_t now = store_jobs_add_row(call, 0).created_at;

	return jobs_reply_begun(call, &(struct job_view){ .id = upload->id,
							  .kind = import_job_kind.name,
							  .state = STR("queued"),
							  .args = upload->args,
							  .progress = upload->progress,
							  .created_at = now,
							  .updated_at = now,
							  .finished_at = INT64_MIN });
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
	if (!call_defer(call, start_import, upload))
		return call_fail_with(call, PROBLEM_UNAVAILABLE, "out of memory");
	upload->args = import_job_args_text(&upload->asked, call->arena);
	upload->progress = arena_printf(call->arena, "{\"bytesTotal\":%lld}", (long long)upload->file.bytes);
	return store_jobs_add(call, app_of(call)->db, &call->identity->user, &upload->id, import_job_kind.name,
			      upload->args, upload->progress, !upload->asked.dry_run, STEP(import_create_answer));
}

struct turn import_create(struct call *call)
{
	struct upload *upload = arena_new_of(call->arena, struct upload);
	struct app *app = app_of(call);
	const struct request *request = call->request;

	if (!upload)
		return call_fail_with(call, PROBLEM_UNAVAILABLE, "out of memory");
	const struct problem *problem = read_params(call, &upload->asked);
	if (problem)
		return call_fail(call, problem);
	upload->app = app;
	upload->user = call->identity->user;
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
