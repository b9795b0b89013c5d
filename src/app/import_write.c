/* SPDX-License-Identifier: MIT */
/* A batch into the database: one transaction for the records, the faults and how far the import came. */
#include "app/import_batch_inside.h"

#include "app/record_changes.h"
#include "store_statements.h"

enum { COUNTS_ROOM = 1024, UPDATES = 500 /* records changed by one statement */ };

int import_batch_failed(struct import_batch *batch, struct str said)
{
	batch->said = said;
	return IMPORT_FAILED;
}

int import_batch_run(struct import_batch *batch, const struct db_statement *statement, const struct db_params *params)
{
	if (db_sync_run(batch->writer->sync, statement, params) == 0)
		return IMPORT_DONE;
	return import_batch_failed(batch, db_sync_said(batch->writer->sync));
}

static int run_for_user(struct import_batch *batch, const struct db_statement *statement)
{
	struct db_params params = { 0 };
	db_add_uuid(&params, batch->arena, &batch->writer->order->user);
	return import_batch_run(batch, statement, &params);
}

/* ── Records ── */

/* Adds the items; false when the database would not have them, and then the transaction is as it was. */
static bool insert(struct import_batch *batch, struct import_item *const *items, size_t n)
{
	if (import_batch_load(batch, items, n)) {
		batch->counts.added += (int64_t)n;
		return true;
	}
	/* A lost connection cannot undo either; whoever writes next will find out. */
	(void)!import_batch_run(batch, &store_statement_import_undo, NULL);
	return false;
}

static void not_stored(struct import_batch *batch, const struct import_item *item)
{
	batch->counts.failed++;
	import_batch_fault(batch, item->row, item->line, STR_ABSENT, STR("could not be stored"));
}

/* All at once; when there is one among them that the database will not have, in ever smaller parts. */
static void insert_parts(struct import_batch *batch, struct import_item *const *items, size_t n)
{
	if (n == 0 || insert(batch, items, n))
		return;
	if (n == 1) {
		not_stored(batch, items[0]);
		return;
	}
	insert_parts(batch, items, n / 2);
	insert_parts(batch, items + n / 2, n - n / 2);
}

static int insert_new(struct import_batch *batch)
{
	struct import_item **items = arena_array(batch->arena, batch->n + 1, sizeof(struct import_item *));
	size_t n = 0;

	if (!items)
		return import_batch_failed(batch, STR("out of memory"));
	for (size_t i = 0; i < batch->n; i++)
		if (!batch->items[i].dropped && !batch->items[i].stored_version)
			items[n++] = &batch->items[i];
	if (batch->writer->order->dry_run) {
		batch->counts.added += (int64_t)n;
		return IMPORT_DONE;
	}
	if (n == 0)
		return IMPORT_DONE;
	/* Undoing nothing at first: the statement could not be prepared once the transaction has failed. */
	if (import_batch_run(batch, &store_statement_import_savepoint, NULL) ||
	    import_batch_run(batch, &store_statement_import_undo, NULL))
		return IMPORT_FAILED;
	insert_parts(batch, items, n);
	return IMPORT_DONE;
}

static int write_changes(struct import_batch *batch, struct record_changes *changes)
{
	const struct import_order *order = batch->writer->order;
	struct db_params params = { 0 };

	if (record_changes_n(changes) == 0)
		return IMPORT_DONE;
	db_add_uuid(&params, batch->arena, &order->user);
	db_add_uuid(&params, batch->arena, order->job);
	record_changes_take(changes, &params);
	return import_batch_run(batch, &store_statement_import_update, &params);
}

static int update_changed(struct import_batch *batch)
{
	struct record_changes changes;

	if (!record_changes_begin(&changes, UPDATES, batch->arena))
		return import_batch_failed(batch, STR("out of memory"));
	for (size_t i = 0; i < batch->n && !batch->writer->order->dry_run; i++) {
		struct import_item *item = &batch->items[i];
		if (item->dropped || !item->stored_version || !item->changed)
			continue;
		if (!record_changes_add(&changes, &item->record, item->stored_version))
			not_stored(batch, item);
		if (record_changes_full(&changes) && write_changes(batch, &changes))
			return IMPORT_FAILED;
	}
	return write_changes(batch, &changes);
}

/* ── The job's row ── */

static int keep_faults(struct import_batch *batch)
{
	const struct import_order *order = batch->writer->order;
	struct arena *arena = batch->arena;
	struct db_params params = { 0 };
	size_t n = 0;

	for (const struct import_fault_link *link = batch->faults; link; link = link->next)
		n++;
	if (n == 0 || batch->counts.failed > IMPORT_MAX_FAULTS)
		return IMPORT_DONE;
	struct str *cells = arena_array(arena, n * 4, sizeof(*cells));
	if (!cells)
		return import_batch_failed(batch, STR("out of memory"));
	struct str_list rows = { cells, n }, lines = { cells + n, n }, fields = { cells + 2 * n, n },
			messages = { cells + 3 * n, n };
	size_t i = 0;
	for (const struct import_fault_link *link = batch->faults; link; link = link->next, i++) {
		rows.items[i] = arena_printf(arena, "%lld", (long long)link->fault.row);
		lines.items[i] = arena_printf(arena, "%lld", (long long)link->fault.line);
		fields.items[i] = link->fault.field;
		messages.items[i] = link->fault.message;
	}
	db_add_uuid(&params, arena, &order->user);
	db_add_uuid(&params, arena, order->job);
	db_add_text_array(&params, arena, rows);
	db_add_text_array(&params, arena, lines);
	db_add_text_array(&params, arena, fields);
	db_add_text_array(&params, arena, messages);
	return import_batch_run(batch, &store_statement_jobs_add_faults, &params);
}

static int keep_progress(struct import_batch *batch)
{
	owned(buf_free) struct buf json = buf_of(COUNTS_ROOM);
	struct json_out out = json_out_of(&json);
	struct db_params params = { 0 };

	json_object(&out);
	import_counts_put(&batch->counts, &out);
	json_object_end(&out);
	db_add_uuid(&params, batch->arena, &batch->writer->order->user);
	db_add_uuid(&params, batch->arena, batch->writer->order->job);
	db_add_text(&params, batch->arena, arena_copy(batch->arena, buf_str(&json)));
	if (import_batch_run(batch, &store_statement_jobs_progress, &params))
		return IMPORT_FAILED;
	return db_n_rows(db_sync_rows(batch->writer->sync)) ? IMPORT_DONE : IMPORT_CANCELLED;
}

/* ── The whole ── */

static int write_all(struct import_batch *batch)
{
	int outcome = IMPORT_DONE;

	if (!batch->last)
		outcome = import_batch_run(batch, &store_statement_import_hurry, NULL);
	if (!outcome && !batch->writer->order->dry_run)
		outcome = run_for_user(batch, &store_statement_import_lock);
	if (!outcome)
		outcome = import_batch_find_duplicates(batch);
	if (!outcome)
		outcome = insert_new(batch);
	if (!outcome)
		outcome = update_changed(batch);
	if (!outcome && batch->writer->order->job)
		outcome = keep_faults(batch);
	if (!outcome && batch->writer->order->job)
		outcome = keep_progress(batch);
	return outcome;
}

int import_batch_write(struct import_batch *batch)
{
	struct import_writer *writer = batch->writer;

	batch->counts = writer->counts;
	batch->counts.rows += batch->read.rows;
	batch->counts.failed += batch->read.failed;
	batch->counts.position = batch->read.position;
	batch->counts.bytes_done = batch->read.bytes_done;
	if (db_sync_begin(writer->sync))
		return import_batch_failed(batch, db_sync_said(writer->sync));
	int outcome = write_all(batch);
	if (!outcome && db_sync_commit(writer->sync))
		outcome = import_batch_failed(batch, db_sync_said(writer->sync));
	if (!outcome) {
		writer->counts = batch->counts;
		return IMPORT_DONE;
	}
	/* The rollback has a sentence of its own, in the same place. */
	batch->said = arena_copy(batch->arena, batch->said);
	db_sync_rollback(writer->sync);
	return outcome;
}
