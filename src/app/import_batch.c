/* SPDX-License-Identifier: MIT */
/* Rows of a file become items: read, and compared with each other and with what is stored. */
#include "app/import_batch_inside.h"

#include "base/clock.h"
#include "base/hash.h"
#include "store_statements.h"

enum { BATCH_BUDGET = 512 << 20, BATCH_BYTES = 24 << 20 };

bool import_batch_begin(struct import_batch *batch)
{
	arena_free(batch->arena);
	batch->arena = arena_new(BATCH_BUDGET);
	batch->items = batch->arena ? arena_array(batch->arena, IMPORT_BATCH_ROWS, sizeof(*batch->items)) : NULL;
	batch->n = 0;
	batch->faults = batch->last_fault = NULL;
	/* In a dry run nothing is written for the next batches to find: what was seen has to be remembered. */
	if (batch->order->dry_run)
		import_seen_age(&batch->seen);
	else
		import_seen_clear(&batch->seen);
	return batch->items;
}

void import_batch_free(struct import_batch *batch)
{
	arena_free(batch->arena);
	import_seen_free(&batch->seen);
}

bool import_batch_full(const struct import_batch *batch)
{
	return batch->n == IMPORT_BATCH_ROWS || arena_used(batch->arena) > BATCH_BYTES;
}

void import_batch_fault(struct import_batch *batch, int64_t row, int64_t line, struct str field, struct str message)
{
	struct import_fault_link *link = arena_new_of(batch->arena, struct import_fault_link);
	if (!link)
		return;
	link->fault = (struct import_fault){ row, line, field, message };
	*(batch->last_fault ? &batch->last_fault->next : &batch->faults) = link;
	batch->last_fault = link;
}

/* ── Reading ── */

static struct str_list copy_cells(struct arena *arena, const struct csv_row *row)
{
	struct str_list cells = { arena_array(arena, row->n, sizeof(struct str)), row->n };
	for (size_t i = 0; cells.items && i < row->n; i++)
		cells.items[i] = arena_copy(arena, row->fields[i]);
	cells.n = cells.items ? cells.n : 0;
	return cells;
}

static bool begin_item(struct import_batch *batch, struct import_item *item)
{
	record_begin(&item->record, &batch->order->user, clock_wall_ms());
	item->changed = true;
	return record_index(&item->record, batch->arena, &item->index);
}

bool import_batch_add(struct import_batch *batch, const struct record *record)
{
	struct import_item *item = &batch->items[batch->n];
	*item = (struct import_item){ .record = *record };
	batch->counts.rows++;
	batch->n++;
	return begin_item(batch, item);
}

static bool read_item(struct import_batch *batch, const struct import_columns *columns, const struct csv_row *row,
		      struct import_item *item)
{
	struct record_check check = { .arena = batch->arena };
	int64_t number = (int64_t)row->number, line = (int64_t)row->line;

	if (row->fault) {
		import_batch_fault(batch, number, line, STR_ABSENT, str_of(row->fault));
		return false;
	}
	*item = (struct import_item){ .row = number, .line = line };
	import_row(columns, copy_cells(batch->arena, row), &item->record, &check);
	for (const struct field_error *error = check.first; error; error = error->next)
		import_batch_fault(batch, number, line, error->field, error->message);
	if (check.n)
		return false;
	if (begin_item(batch, item))
		return true;
	import_batch_fault(batch, number, line, STR_ABSENT, STR("is too large"));
	return false;
}

void import_batch_take(struct import_batch *batch, const struct import_columns *columns, const struct csv_row *row)
{
	batch->counts.rows++;
	batch->counts.position = (int64_t)row->number;
	if (read_item(batch, columns, row, &batch->items[batch->n]))
		batch->n++;
	else
		batch->counts.failed++;
}

/* ── Duplicates ── */

/* The three names under which a record may be met again. */
static uint64_t hash_of_key(const struct import_item *item)
{
	return hash_str(item->index.dup_key);
}

static uint64_t hash_of_release(int64_t release)
{
	return hash_str((struct str){ (const char *)&release, sizeof(release) });
}

static uint64_t hash_of_id(const struct uuid *id)
{
	return hash_str((struct str){ (const char *)id->bytes, sizeof(id->bytes) });
}

static bool fill(struct import_batch *batch, struct import_item *into, const struct record *from)
{
	struct record_check check = { .arena = batch->arena };
	if (!record_fill(&into->record, from, batch->arena))
		return false;
	record_settle(&into->record, &check);
	into->filled = true;
	return true;
}

/* Counts a row that is in the collection, or will be, and gives what it adds to the item that stands for it (or NULL). */
static void count_duplicate(struct import_batch *batch, struct import_item *item, struct import_item *into)
{
	item->dropped = item != into;
	if (batch->order->duplicates == IMPORT_SKIP) {
		batch->counts.skipped++;
		return;
	}
	batch->counts.merged++;
	if (into && into != item && fill(batch, into, &item->record))
		into->changed = true;
}

/* Whether the row repeats an earlier one of this file. */
static bool meet_earlier_row(struct import_batch *batch, struct import_item *item)
{
	int64_t release = item->record.discogs_release;
	int32_t place = import_seen_find(&batch->seen, hash_of_key(item));

	if (place == IMPORT_UNSEEN && release != RECORD_UNSAID)
		place = import_seen_find(&batch->seen, hash_of_release(release));
	if (place == IMPORT_UNSEEN)
		return false;
	count_duplicate(batch, item, place >= 0 ? &batch->items[place] : NULL);
	return true;
}

static bool remember(struct import_batch *batch, const struct import_item *item)
{
	int32_t place = (int32_t)(item - batch->items);
	int64_t release = item->record.discogs_release;

	return import_seen_add(&batch->seen, hash_of_key(item), place) &&
	       (release == RECORD_UNSAID || import_seen_add(&batch->seen, hash_of_release(release), place));
}

static int meet_stored(struct import_batch *batch, struct import_item *item,
		       const struct store_records_find_duplicates_row *stored)
{
	int32_t place = import_seen_find(&batch->seen, hash_of_id(&stored->id));
	struct record row = item->record;

	if (batch->order->duplicates == IMPORT_SKIP) {
		count_duplicate(batch, item, NULL);
		return IMPORT_DONE;
	}
	if (place >= 0) {
		count_duplicate(batch, item, &batch->items[place]);
		return IMPORT_DONE;
	}
	/* From here on the item stands for the stored record. */
	if (!record_of_doc(&item->record, stored->doc, batch->arena))
		return import_batch_failed(batch, STR("a stored record cannot be read"));
	item->stored_version = stored->version;
	item->changed = fill(batch, item, &row);
	count_duplicate(batch, item, item);
	return import_seen_add(&batch->seen, hash_of_id(&stored->id), (int32_t)(item - batch->items))
		       ? IMPORT_DONE
		       : import_batch_failed(batch, STR("out of memory"));
}

static int find_stored(struct import_batch *batch)
{
	struct arena *arena = batch->arena;
	struct db_params params = { 0 };
	struct str_list keys = import_batch_texts(batch), releases = import_batch_texts(batch);
	struct import_item **items = arena_array(arena, batch->n + 1, sizeof(struct import_item *));

	if (!keys.items || !releases.items || !items)
		return import_batch_failed(batch, STR("out of memory"));
	for (size_t i = 0; i < batch->n; i++) {
		struct import_item *item = &batch->items[i];
		if (item->dropped)
			continue;
		int64_t release = item->record.discogs_release;
		items[keys.n] = item;
		keys.items[keys.n++] = item->index.dup_key;
		releases.items[releases.n++] =
			release == RECORD_UNSAID ? STR("0") : arena_printf(arena, "%lld", (long long)release);
	}
	db_add_uuid(&params, arena, &batch->order->user);
	db_add_text_array(&params, arena, keys);
	db_add_text_array(&params, arena, releases);
	if (db_sync_run(batch->sync, &store_statement_records_find_duplicates, &params))
		return import_batch_failed(batch, db_sync_said(batch->sync));

	struct call rows = { .rows = db_sync_rows(batch->sync) };
	for (size_t i = 0; i < db_n_rows(rows.rows); i++) {
		struct store_records_find_duplicates_row stored = store_records_find_duplicates_row(&rows, i);
		int outcome = meet_stored(batch, items[stored.place - 1], &stored);
		if (outcome)
			return outcome;
	}
	return IMPORT_DONE;
}

int import_batch_find_duplicates(struct import_batch *batch)
{
	if (batch->order->duplicates == IMPORT_ADD)
		return IMPORT_DONE;
	for (size_t i = 0; i < batch->n; i++)
		if (!meet_earlier_row(batch, &batch->items[i]) && !remember(batch, &batch->items[i]))
			return import_batch_failed(batch, STR("out of memory"));
	return batch->n ? find_stored(batch) : IMPORT_DONE;
}
