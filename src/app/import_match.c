/* SPDX-License-Identifier: MIT */
/* Which rows are in the collection already, or earlier in the file: by release, or by folded texts. */
#include "app/import_batch_inside.h"

#include "base/hash.h"
#include "store_statements.h"

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
	if (batch->writer->order->duplicates == IMPORT_SKIP) {
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
	int32_t place = import_seen_find(&batch->writer->seen, hash_of_key(item));

	if (place == IMPORT_UNSEEN && release != RECORD_UNSAID)
		place = import_seen_find(&batch->writer->seen, hash_of_release(release));
	if (place == IMPORT_UNSEEN)
		return false;
	count_duplicate(batch, item, place >= 0 ? &batch->items[place] : NULL);
	return true;
}

static bool remember(struct import_batch *batch, const struct import_item *item)
{
	int32_t place = (int32_t)(item - batch->items);
	int64_t release = item->record.discogs_release;

	return import_seen_add(&batch->writer->seen, hash_of_key(item), place) &&
	       (release == RECORD_UNSAID || import_seen_add(&batch->writer->seen, hash_of_release(release), place));
}

static int meet_stored(struct import_batch *batch, struct import_item *item,
		       const struct store_records_find_duplicates_row *stored)
{
	int32_t place = import_seen_find(&batch->writer->seen, hash_of_id(&stored->id));
	struct record row = item->record;

	if (batch->writer->order->duplicates == IMPORT_SKIP) {
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
	return import_seen_add(&batch->writer->seen, hash_of_id(&stored->id), (int32_t)(item - batch->items))
		       ? IMPORT_DONE
		       : import_batch_failed(batch, STR("out of memory"));
}

/* An empty list with room for a text an item. */
static struct str_list texts(struct import_batch *batch)
{
	return (struct str_list){ arena_array(batch->arena, batch->n + 1, sizeof(struct str)), 0 };
}

static int find_stored(struct import_batch *batch)
{
	struct arena *arena = batch->arena;
	struct db_params params = { 0 };
	struct str_list keys = texts(batch), releases = texts(batch);
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
	db_add_uuid(&params, arena, &batch->writer->order->user);
	db_add_text_array(&params, arena, keys);
	db_add_text_array(&params, arena, releases);
	if (db_sync_run(batch->writer->sync, &store_statement_records_find_duplicates, &params))
		return import_batch_failed(batch, db_sync_said(batch->writer->sync));

	struct call rows = { .rows = db_sync_rows(batch->writer->sync) };
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
	if (batch->writer->order->duplicates == IMPORT_ADD)
		return IMPORT_DONE;
	/* In a dry run nothing is written for the next batches to find: what was seen has to be remembered. */
	if (batch->writer->order->dry_run)
		import_seen_age(&batch->writer->seen);
	else
		import_seen_clear(&batch->writer->seen);
	for (size_t i = 0; i < batch->n; i++)
		if (!meet_earlier_row(batch, &batch->items[i]) && !remember(batch, &batch->items[i]))
			return import_batch_failed(batch, STR("out of memory"));
	return batch->n ? find_stored(batch) : IMPORT_DONE;
}
