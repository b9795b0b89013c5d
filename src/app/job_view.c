/* SPDX-License-Identifier: MIT */
/* Jobs as JSON: what all have, and what each kind has besides. */
#include "app/job_view.h"

#include "app/import_run.h"
#include "app/undo_run.h"

static void put_import(struct json_out *out, const struct json *args, const struct json *progress)
{
	static const struct str names[] = { STR("format"), STR("onDuplicate") };
	struct import_counts counts = import_counts_of(progress);
	bool dry_run = false;

	(void)!json_read_bool(json_get(args, STR("dryRun")), &dry_run);
	json_put_bool(out, STR("dryRun"), dry_run);
	for (size_t i = 0; i < countof(names); i++) {
		struct str text = STR_ABSENT;
		(void)!json_read_text(json_get(args, names[i]), &text);
		json_put_str(out, names[i], text);
	}
	import_counts_put(&counts, out);
}

static void put_undo(struct json_out *out, const struct json *args, const struct json *progress)
{
	struct undo_counts counts = undo_counts_of(progress);
	struct str import = STR_ABSENT;

	(void)!json_read_text(json_get(args, STR("importId")), &import);
	json_put_str(out, STR("importId"), import);
	json_put_int(out, STR("total"), counts.total);
	json_put_int(out, STR("done"), counts.done);
	json_key(out, STR("result"));
	json_object(out);
	json_put_int(out, STR("removed"), counts.removed);
	json_put_int(out, STR("restored"), counts.restored);
	json_put_int(out, STR("kept"), counts.kept);
	json_object_end(out);
}

bool job_put(const struct job_view *job, struct arena *arena, struct json_out *out)
{
	const struct json *args = NULL, *progress = NULL;
	struct str said;

	if (json_parse(arena, job->args, &args, &said) || json_parse(arena, job->progress, &progress, &said))
		return false;
	json_object(out);
	json_put_uuid(out, STR("id"), &job->id);
	json_put_str(out, STR("kind"), job->kind);
	json_put_str(out, STR("status"), job->state);
	if (str_equal(job->kind, STR("undo")))
		put_undo(out, args, progress);
	else
		put_import(out, args, progress);
	json_put_bool(out, STR("undoable"), job->undoable);
	json_put_uuid(out, STR("undoneBy"), uuid_is_nil(&job->undone_by) ? NULL : &job->undone_by);
	json_put_str(out, STR("error"), job->error);
	json_put_time_ms(out, STR("createdAt"), job->created_at);
	json_put_time_ms(out, STR("updatedAt"), job->updated_at);
	json_put_time_ms(out, STR("finishedAt"), job->finished_at);
	json_object_end(out);
	return !buf_failed(out->to);
}
