/* SPDX-License-Identifier: MIT */
/* New records into the database by COPY, and what they are counted by. */
#include "app/import_batch_inside.h"

#include "store_statements.h"

/* What is being loaded, and under which numbers. */
struct load {
	struct import_batch *batch;
	struct import_item *const *items;
	size_t n;
	int64_t uid, last_rid, version; /* the first record has the numbers that follow */
};

static struct db_sync *sync_of(const struct load *load)
{
	return load->batch->writer->sync;
}

static bool run(const struct load *load, const struct db_statement *statement, const struct db_params *params)
{
	return import_batch_run(load->batch, statement, params) == IMPORT_DONE;
}

static bool begin_copy(const struct load *load, const struct db_statement *statement)
{
	if (db_copy_begin(sync_of(load), statement) == 0)
		return true;
	import_batch_failed(load->batch, db_sync_said(sync_of(load)));
	return false;
}

static bool finish_copy(const struct load *load)
{
	size_t n;
	if (db_copy_finish(sync_of(load), &n) == 0)
		return true;
	import_batch_failed(load->batch, db_sync_said(sync_of(load)));
	return false;
}

/* Those that other rows filled are looked at anew. */
static bool refresh_items(const struct load *load)
{
	struct arena *arena = load->batch->arena;

	for (size_t i = 0; i < load->n; i++) {
		struct import_item *item = load->items[i];
		if (!item->filled)
			continue;
		item->doc = record_doc(&item->record, arena);
		if (!str_present(item->doc) || !record_index(&item->record, arena, &item->index))
			return false;
		item->filled = false;
	}
	return true;
}

static bool reserve(struct load *load)
{
	struct arena *arena = load->batch->arena;
	struct db_params params = { 0 };

	db_add_uuid(&params, arena, &load->batch->writer->order->user);
	db_add_int(&params, arena, (int64_t)load->n);
	if (!run(load, &store_statement_import_reserve, &params))
		return false;
	struct call rows = { .rows = db_sync_rows(sync_of(load)) };
	struct store_import_reserve_row row = store_import_reserve_row(&rows, 0);
	load->uid = row.uid;
	load->last_rid = row.last_rid;
	load->version = row.version;
	return true;
}

/* For undoing: which records the job has made, as long as they are as it made them. */
static bool remember(const struct load *load)
{
	const struct import_order *order = load->batch->writer->order;
	struct arena *arena = load->batch->arena;
	struct db_params params = { 0 };

	if (!order->job)
		return true;
	db_add_uuid(&params, arena, &order->user);
	db_add_uuid(&params, arena, order->job);
	db_add_int(&params, arena, load->last_rid + 1);
	db_add_int(&params, arena, load->last_rid + (int64_t)load->n);
	db_add_int(&params, arena, load->version - load->last_rid);
	return run(load, &store_statement_import_remember, &params);
}

/* ── The source: records, documents, pieces ── */

static void copy_optional(struct db_sync *sync, int64_t value, void (*copy)(struct db_sync *, int64_t))
{
	if (value == RECORD_UNSAID)
		db_copy_null(sync);
	else
		copy(sync, value);
}

static void copy_record(const struct load *load, size_t at, int64_t dup_hash)
{
	const struct import_item *item = load->items[at];
	const struct record *record = &item->record;
	int64_t number = (int64_t)at + 1;
	struct db_sync *sync = sync_of(load);

	db_copy_uuid(sync, &record->user);
	db_copy_uuid(sync, &record->id);
	db_copy_int4(sync, load->last_rid + number);
	db_copy_int4(sync, record->version);
	db_copy_int8(sync, load->version + number);
	copy_optional(sync, record->release_year, db_copy_int2);
	copy_optional(sync, record->discogs_release, db_copy_int8);
	db_copy_int8(sync, dup_hash);
	copy_optional(sync, record->price_paid, db_copy_money);
	db_copy_time(sync, record->created_at);
	db_copy_time(sync, record->updated_at);
	db_copy_text(sync, record->artist);
	db_copy_text(sync, record->name);
	db_copy_text(sync, record->format);
	db_copy_text(sync, grade_text(record->record_grade));
	db_copy_text(sync, record->label);
	db_copy_text(sync, record->catalog_number);
	db_copy_text(sync, item->index.search_text);
	copy_optional(sync, record->purchased_at, db_copy_time);
	db_copy_text(sync, barcode_key(record->barcode));
	db_copy_end_row(sync);
}

static bool copy_records(const struct load *load)
{
	struct arena *arena = load->batch->arena;
	struct str_list keys = { arena_array(arena, load->n, sizeof(struct str)), load->n };
	int64_t *hashes = arena_array(arena, load->n, sizeof(*hashes));
	struct db_params params = { 0 };

	if (!keys.items || !hashes)
		return false;
	for (size_t i = 0; i < load->n; i++)
		keys.items[i] = load->items[i]->index.dup_key;
	db_add_text_array(&params, arena, keys);
	if (!run(load, &store_statement_import_hashes, &params))
		return false;
	struct call rows = { .rows = db_sync_rows(sync_of(load)) };
	for (size_t i = 0; i < load->n; i++)
		hashes[i] = store_import_hashes_row(&rows, i).hash;
	if (!begin_copy(load, &store_statement_import_copy_records))
		return false;
	for (size_t i = 0; i < load->n; i++)
		copy_record(load, i, hashes[i]);
	return finish_copy(load);
}

static bool copy_docs(const struct load *load)
{
	struct db_sync *sync = sync_of(load);

	if (!begin_copy(load, &store_statement_import_copy_docs))
		return false;
	for (size_t i = 0; i < load->n; i++) {
		const struct import_item *item = load->items[i];
		db_copy_int4(sync, load->uid);
		db_copy_int4(sync, load->last_rid + (int64_t)i + 1);
		db_copy_text(sync, item->doc);
		db_copy_text(sync, item->index.terms);
		db_copy_end_row(sync);
	}
	return finish_copy(load);
}

static void copy_piece(struct db_sync *sync, const struct record *record, const struct media_piece *piece,
		       struct buf *sides)
{
	struct json_out out = json_out_of(sides);

	buf_clear(sides);
	media_render_sides(piece, &out);
	db_copy_uuid(sync, &record->user);
	db_copy_uuid(sync, &record->id);
	db_copy_int2(sync, piece->index);
	db_copy_uuid(sync, &piece->id);
	db_copy_text(sync, media_kind_text(piece->kind));
	copy_optional(sync, piece->size_inch, db_copy_int2);
	copy_optional(sync, piece->speed_rpm, db_copy_int2);
	db_copy_text(sync, grade_text(piece->disc_grade));
	db_copy_json(sync, buf_str(sides));
	db_copy_text(sync, piece->notes);
	db_copy_end_row(sync);
}

static bool copy_pieces(const struct load *load)
{
	owned(buf_free) struct buf sides = buf_of(RECORD_DOC_MAX);

	if (!begin_copy(load, &store_statement_import_copy_pieces))
		return false;
	for (size_t i = 0; i < load->n; i++) {
		const struct record *record = &load->items[i]->record;
		for (size_t piece = 0; piece < record->pieces.n; piece++)
			copy_piece(sync_of(load), record, &record->pieces.items[piece], &sides);
	}
	return finish_copy(load);
}

/* ── What they are counted by ── */

static bool count_values(const struct load *load)
{
	struct arena *arena = load->batch->arena;
	struct db_params params = { 0 };
	struct import_counted counted;

	if (!import_count_values(load->items, load->n, arena, &counted))
		return false;
	db_add_int(&params, arena, load->uid);
	db_add_text_array(&params, arena, counted.kinds);
	db_add_text_array(&params, arena, counted.values);
	db_add_text_array(&params, arena, counted.folded);
	db_add_text_array(&params, arena, counted.counts);
	return run(load, &store_statement_import_count_values, &params);
}

bool import_batch_load(struct import_batch *batch, struct import_item *const *items, size_t n)
{
	struct load load = { .batch = batch, .items = items, .n = n };

	import_batch_failed(batch, STR("out of memory"));
	return refresh_items(&load) && reserve(&load) && remember(&load) && copy_records(&load) && copy_docs(&load) &&
	       copy_pieces(&load) && count_values(&load);
}
