/* SPDX-License-Identifier: MIT */
/* An import undone, step by step. */
#include "app/undo_run.h"

#include "app/record_changes.h"
#include "db/sync.h"
#include "store_statements.h"

enum { REMOVED_AT_ONCE = 2000, RESTORED_AT_ONCE = 500, RESTORED_BYTES = 8 << 20, STEP_BUDGET = 256 << 20, COUNTS_ROOM = 1024 };

/* One step's, but for order, sync and counts. */
struct undo {
	const struct undo_order *order;
	struct db_sync *sync;
	struct undo_counts counts; /* of the steps that are committed */
	struct undo_counts next;   /* once this one is */
	struct arena *arena;
	bool more; /* of this kind */
	struct str said;
};

void undo_counts_put(const struct undo_counts *counts, struct json_out *out)
{
#define COUNT(member, name) json_put_int(out, STR(name), counts->member);
	UNDO_COUNTS(COUNT)
#undef COUNT
}

struct undo_counts undo_counts_of(const struct json *json)
{
	struct undo_counts counts = { 0 };
#define COUNT(member, name) (void)!json_read_int(json_get(json, STR(name)), 0, INT64_MAX, &counts.member);
	UNDO_COUNTS(COUNT)
#undef COUNT
	return counts;
}

static int failed(struct undo *undo, struct str said)
{
	undo->said = said;
	return IMPORT_FAILED;
}

static int run(struct undo *undo, const struct db_statement *statement, const struct db_params *params)
{
	if (db_sync_run(undo->sync, statement, params) == 0)
		return IMPORT_DONE;
	return failed(undo, arena_copy(undo->arena, db_sync_said(undo->sync)));
}

static struct call rows_of(const struct undo *undo)
{
	return (struct call){ .rows = db_sync_rows(undo->sync) };
}

/* The two parameters that most statements here begin with. */
static struct db_params params_of(const struct undo *undo)
{
	struct db_params params = { 0 };

	db_add_uuid(&params, undo->arena, &undo->order->user);
	db_add_uuid(&params, undo->arena, &undo->order->import);
	return params;
}

/* ── What it made ── */

static int remove_some(struct undo *undo)
{
	struct db_params params = params_of(undo);

	db_add_int(&params, undo->arena, REMOVED_AT_ONCE);
	if (run(undo, &store_statement_undo_made, &params))
		return IMPORT_FAILED;
	struct call rows = rows_of(undo);
	struct store_undo_made_row row = store_undo_made_row(&rows, 0);
	undo->next.done += row.through;
	undo->next.removed += row.removed;
	undo->next.kept += row.kept;
	undo->more = row.more;
	return IMPORT_DONE;
}

/* ── What it filled ── */

/* Holds back the user's other writes until the step is through: what is read stays true. */
static int lock(struct undo *undo)
{
	struct db_params params = { 0 };

	db_add_uuid(&params, undo->arena, &undo->order->user);
	return run(undo, &store_statement_import_lock, &params);
}

/* The record as it was, under the version that follows the present one. */
static bool add_former(struct undo *undo, struct record_changes *changes, const struct store_undo_formers_row *row)
{
	struct record record;

	if (!record_of_doc(&record, row->doc, undo->arena))
		return false;
	record.version = row->version;
	return record_changes_add(changes, &record, row->version);
}

static int gather_formers(struct undo *undo, struct record_changes *changes, int64_t *last)
{
	struct call rows = rows_of(undo);
	size_t n = db_n_rows(rows.rows);

	for (size_t i = 0; i < n; i++) {
		struct store_undo_formers_row row = store_undo_formers_row(&rows, i);
		if (row.unchanged && !add_former(undo, changes, &row))
			return failed(undo, STR("what a record was cannot be read"));
		undo->next.restored += row.unchanged;
		undo->next.kept += row.there && !row.unchanged;
		*last = row.rid;
	}
	undo->next.done += (int64_t)n;
	undo->more = n > 0;
	return IMPORT_DONE;
}

static int write_formers(struct undo *undo, struct record_changes *changes)
{
	struct db_params params = { 0 };

	if (record_changes_n(changes) == 0)
		return IMPORT_DONE;
	db_add_uuid(&params, undo->arena, &undo->order->user);
	db_add_null(&params);
	record_changes_take(changes, &params);
	return run(undo, &store_statement_import_update, &params);
}

static int restore_some(struct undo *undo)
{
	struct db_params params = params_of(undo), forget = params;
	struct record_changes changes;
	int64_t last = -1;

	if (!record_changes_begin(&changes, RESTORED_AT_ONCE, undo->arena))
		return failed(undo, STR("out of memory"));
	db_add_int(&params, undo->arena, RESTORED_AT_ONCE);
	db_add_int(&params, undo->arena, RESTORED_BYTES);
	int outcome = lock(undo);
	if (!outcome)
		outcome = run(undo, &store_statement_undo_formers, &params);
	if (!outcome)
		outcome = gather_formers(undo, &changes, &last);
	if (!outcome)
		outcome = write_formers(undo, &changes);
	db_add_int(&forget, undo->arena, last);
	return outcome ? outcome : run(undo, &store_statement_undo_forget, &forget);
}

/* ── Steps ── */

static int keep_progress(struct undo *undo)
{
	owned(buf_free) struct buf json = buf_of(COUNTS_ROOM);
	struct json_out out = json_out_of(&json);
	struct db_params params = { 0 };

	json_object(&out);
	undo_counts_put(&undo->next, &out);
	json_object_end(&out);
	db_add_uuid(&params, undo->arena, &undo->order->user);
	db_add_uuid(&params, undo->arena, &undo->order->job);
	db_add_text(&params, undo->arena, arena_copy(undo->arena, buf_str(&json)));
	if (run(undo, &store_statement_jobs_progress, &params))
		return IMPORT_FAILED;
	return db_n_rows(db_sync_rows(undo->sync)) ? IMPORT_DONE : IMPORT_CANCELLED;
}

static int take_step(struct undo *undo, int (*some)(struct undo *))
{
	undo->next = undo->counts;
	undo->more = false;
	if (db_sync_begin(undo->sync))
		return failed(undo, arena_copy(undo->arena, db_sync_said(undo->sync)));
	int outcome = some(undo);
	if (!outcome)
		outcome = keep_progress(undo);
	if (!outcome && db_sync_commit(undo->sync))
		outcome = failed(undo, arena_copy(undo->arena, db_sync_said(undo->sync)));
	if (outcome)
		db_sync_rollback(undo->sync);
	else
		undo->counts = undo->next;
	return outcome;
}

/* All steps of one kind. */
static int take_steps(struct undo *undo, int (*some)(struct undo *))
{
	do {
		arena_reset(undo->arena);
		int outcome = take_step(undo, some);
		if (outcome)
			return outcome;
		if (!undo->order->progress(undo->order->arg))
			return IMPORT_STOPPED;
	} while (undo->more);
	return IMPORT_DONE;
}

static int run_all(struct undo *undo)
{
	struct db_params params = { 0 };

	db_add_uuid(&params, undo->arena, &undo->order->job);
	if (run(undo, &store_statement_undo_claim, &params))
		return IMPORT_FAILED;
	struct call rows = rows_of(undo);
	if (!store_undo_claim_row(&rows, 0).mine)
		return IMPORT_STOPPED;
	int outcome = take_steps(undo, remove_some);
	return outcome ? outcome : take_steps(undo, restore_some);
}

int undo_run(const struct undo_order *order, struct undo_counts *counts, struct arena *arena, struct str *said)
{
	struct undo undo = { .order = order, .counts = order->from, .said = STR("out of memory") };
	int outcome = IMPORT_FAILED;

	undo.arena = arena_new(STEP_BUDGET);
	if (undo.arena)
		undo.sync = db_sync_open(order->conninfo, "recordd undo", undo.arena, &undo.said);
	if (undo.sync)
		outcome = run_all(&undo);
	*counts = undo.counts;
	*said = arena_copy(arena, undo.said);
	db_sync_close(undo.sync);
	arena_free(undo.arena);
	return outcome;
}
