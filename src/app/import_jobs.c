/* SPDX-License-Identifier: MIT */
/* Import jobs: what is asked for, kept as JSON; the file; what is told of it. */
#include "app/import_jobs.h"

#include <unistd.h>

#include "app/import_mapping.h"
#include "obs/log.h"
#include "obs/metrics.h"

enum { ARGS_ROOM = 4 << 20 };

struct import_job {
	struct import_order order;
	struct import_counts counts;
};

struct str import_job_path(const struct app *app, const struct uuid *id, struct arena *arena)
{
	char text[UUID_TEXT + 1];
	uuid_format(id, text);
	return arena_printf(arena, "%.*s/imports/%s.csv", STR_ARG(app->settings.data_dir), text);
}

struct str import_job_args_text(const struct import_job_args *args, struct arena *arena)
{
	owned(buf_free) struct buf json = buf_of(ARGS_ROOM);
	struct json_out out = json_out_of(&json);

	json_object(&out);
	json_put_str(&out, STR("format"), import_format_text(args->format));
	json_put_str(&out, STR("onDuplicate"), import_duplicates_text(args->duplicates));
	json_put_bool(&out, STR("dryRun"), args->dry_run);
	if (str_present(args->mapping))
		json_put_str(&out, STR("columns"), args->mapping);
	json_object_end(&out);
	return buf_failed(&json) ? STR_ABSENT : arena_copy(arena, buf_str(&json));
}

static bool go_on(void *arg, const struct import_counts *counts)
{
	struct job *job = arg;
	(void)counts;
	return !atomic_load(&job->stop);
}

/* Texts are of the arena. */
static bool read_args(const struct json *args, struct arena *arena, struct import_order *order)
{
	struct str format, duplicates, said, columns;

	if (!json_read_text(json_get(args, STR("onDuplicate")), &duplicates) ||
	    !import_duplicates_parse(duplicates, &order->duplicates) ||
	    !json_read_bool(json_get(args, STR("dryRun")), &order->dry_run))
		return false;
	if (json_read_text(json_get(args, STR("columns")), &columns))
		return import_mapping_parse(&order->mapping, columns, arena, &said) == 0;
	return json_read_text(json_get(args, STR("format")), &format) && import_format_parse(format, &order->format);
}

static bool read_job(struct job *job, const struct json *args, const struct json *progress)
{
	struct arena *arena = job->call.arena;
	struct import_job *import = arena_new_of(arena, struct import_job);

	if (!import)
		return false;
	import->order = (struct import_order){
		.conninfo = job->app->settings.job_conninfo,
		.user = job->user,
		.path = import_job_path(job->app, &job->id, arena),
		.job = &job->id,
		.from = import_counts_of(progress),
		.progress = go_on,
		.arg = job,
	};
	job->order = import;
	return str_present(import->order.path) && read_args(args, arena, &import->order);
}

static int work(struct job *job, struct str *said)
{
	struct import_job *import = job->order;
	return import_run(&import->order, &import->counts, job->call.arena, said);
}

static void told(const struct job *job)
{
	const struct import_job *import = job->order;
	const struct import_counts none = { 0 }, *counts = import ? &import->counts : &none;

	log_info("import ended", LOG_ID("job", &job->id), LOG_TEXT("state", job->state), LOG_INT("rows", counts->rows),
		 LOG_INT("added", counts->added), LOG_INT("failed", counts->failed));
	if (import)
		metric_add(METRIC_IMPORT_ROWS, counts->rows - import->order.from.rows);
}

static void forget_file(struct job *job)
{
	struct str path = import_job_path(job->app, &job->id, job->call.arena);

	if (str_present(path))
		unlink(path.at);
}

static bool has_file(const struct app *app, const struct uuid *id, struct arena *arena)
{
	struct str path = import_job_path(app, id, arena);
	return str_present(path) && access(path.at, R_OK) == 0;
}

const struct job_kind import_job_kind = {
	.name = { "import", 6 },
	.read = read_job,
	.work = work,
	.told = told,
	.over = forget_file,
	.is_here = has_file,
};
