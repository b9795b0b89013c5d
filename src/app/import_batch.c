/* SPDX-License-Identifier: MIT */
/* Rows of a file become items. */
#include "app/import_batch_inside.h"

#include "base/clock.h"

enum { BATCH_BUDGET = 512 << 20, BATCH_BYTES = 48 << 20 };

bool import_batch_begin(struct import_batch *batch)
{
	arena_free(batch->arena);
	batch->arena = arena_new(BATCH_BUDGET);
	batch->items = batch->arena ? arena_array(batch->arena, batch->room, sizeof(*batch->items)) : NULL;
	batch->n = 0;
	batch->last = false;
	batch->read = (struct import_counts){ .position = batch->read.position };
	batch->faults = batch->last_fault = NULL;
	return batch->items;
}

void import_batch_free(struct import_batch *batch)
{
	arena_free(batch->arena);
}

bool import_batch_full(const struct import_batch *batch)
{
	return batch->n == batch->room || arena_used(batch->arena) > BATCH_BYTES;
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
	record_begin(&item->record, &batch->writer->order->user, clock_wall_ms());
	item->changed = true;
	item->doc = record_doc(&item->record, batch->arena);
	return str_present(item->doc) && record_index(&item->record, batch->arena, &item->index);
}

bool import_batch_add(struct import_batch *batch, const struct record *record)
{
	struct import_item *item = &batch->items[batch->n];
	*item = (struct import_item){ .record = *record };
	batch->read.rows++;
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
	batch->read.rows++;
	batch->read.position = (int64_t)row->number;
	if (read_item(batch, columns, row, &batch->items[batch->n]))
		batch->n++;
	else
		batch->read.failed++;
}
