/* SPDX-License-Identifier: MIT */
/* From a record to its rows in the database. */
#include "app/record_row.h"

bool record_index(const struct record *record, struct arena *arena, struct fold_index *out)
{
	struct fold_record texts = {
		.artist = record->artist,
		.name = record->name,
		.format = record->format,
		.catalog_number = record->catalog_number,
		.label = record->label,
		.label_code = record->label_code,
		.barcode = record->barcode,
		.notes = record->notes,
		.year = STR_ABSENT,
	};
	if (record->release_year != RECORD_UNSAID)
		texts.year = arena_printf(arena, "%lld", (long long)record->release_year);
	return fold_record(arena, &texts, out);
}

struct str record_doc(const struct record *record, struct arena *arena)
{
	owned(buf_free) struct buf doc = buf_of(RECORD_DOC_MAX);

	record_render(record, &doc);
	return buf_failed(&doc) ? STR_ABSENT : arena_copy(arena, buf_str(&doc));
}

bool record_row_of(const struct record *record, struct arena *arena, struct record_row *out)
{
	out->doc = record_doc(record, arena);
	return str_present(out->doc) && record_index(record, arena, &out->index);
}

void record_begin(struct record *record, const struct uuid *user, int64_t now_ms)
{
	record->id = uuid_new();
	record->user = *user;
	record->version = 1;
	if (record->created_at == RECORD_UNSAID || record->created_at > now_ms)
		record->created_at = now_ms;
	record->updated_at = now_ms;
}

void record_advance(struct record *record, int64_t now_ms)
{
	record->version++;
	record->updated_at = now_ms;
}
