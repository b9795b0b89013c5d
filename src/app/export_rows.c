/* SPDX-License-Identifier: MIT */
/* A record as a row of CSV. */
#include "app/export_rows.h"

#include "codec/csv.h"
#include "codec/time.h"

/* The columns that clients know, in their order, then those of our own. */
static const enum record_field_at columns[] = {
	RECORD_id,
	RECORD_artist,
	RECORD_name,
	RECORD_format,
	RECORD_catalog_number,
	RECORD_record_grade,
	RECORD_sleeve_grade,
	RECORD_has_insert,
	RECORD_insert_grade,
	RECORD_has_booklet,
	RECORD_booklet_grade,
	RECORD_has_obi_strip,
	RECORD_obi_strip_grade,
	RECORD_has_factory_sleeve,
	RECORD_factory_sleeve_grade,
	RECORD_is_promo,
	RECORD_purchased_at,
	RECORD_price_paid,
	RECORD_notes,
	RECORD_pieces,
	RECORD_created_at,
	RECORD_updated_at,
	RECORD_label,
	RECORD_label_code,
	RECORD_release_year,
	RECORD_release_date,
	RECORD_pressing_year,
	RECORD_grade_derived,
	RECORD_discogs_release,
	RECORD_version,
	RECORD_cover,
	RECORD_barcode,
	RECORD_extra,
};

void export_header(struct buf *to)
{
	struct csv_out out = csv_out_of(to);
	for (size_t i = 0; i < countof(columns); i++)
		csv_cell(&out, record_fields[columns[i]].name);
	csv_row_end(&out);
}

static void put_id(struct csv_out *out, const struct uuid *id)
{
	char text[UUID_TEXT + 1];
	csv_cell_plain(out, uuid_format(id, text));
}

static void put_number(struct csv_out *out, enum field_type type, int64_t value)
{
	char room[32];
	struct str text = STR("");

	if (value == RECORD_UNSAID)
		text = STR("");
	else if (type == FIELD_TIME)
		text = time_format(value, room);
	else if (type == FIELD_DATE)
		text = date_format(date_of_days(value), room);
	else if (type == FIELD_MONEY)
		text = (struct str){ room, (size_t)snprintf(room, sizeof(room), "%lld.%02lld", (long long)value / 100,
							    (long long)value % 100) };
	else
		text = (struct str){ room, (size_t)snprintf(room, sizeof(room), "%lld", (long long)value) };
	csv_cell_plain(out, text);
}

/* Lists go into one cell, as JSON; an empty one is an empty cell. */
static void put_json(struct csv_out *out, const struct record *record, const struct record_field *field)
{
	owned(buf_free) struct buf json = buf_of(RECORD_DOC_MAX);
	struct json_out json_out = json_out_of(&json);

	if (field->type == FIELD_PIECES && record->pieces.n)
		record_render_pieces(record, &json_out);
	if (field->type == FIELD_EXTRA && record->extra.n)
		record_render_extra(record, &json_out);
	csv_cell(out, buf_str(&json));
}

static void put_field(struct csv_out *out, const struct record *record, const struct record_field *field)
{
	const void *value = record_at_const(record, field);

	switch (field->type) {
	case FIELD_ID:
		put_id(out, value);
		return;
	case FIELD_TEXT:
		csv_cell(out, *(const struct str *)value);
		return;
	case FIELD_GRADE:
		csv_cell_plain(out, grade_text(*(const enum grade *)value));
		return;
	case FIELD_FLAG:
		csv_cell_plain(out, *(const bool *)value ? STR("true") : STR("false"));
		return;
	case FIELD_PIECES:
	case FIELD_EXTRA:
		put_json(out, record, field);
		return;
	default:
		put_number(out, field->type, *(const int64_t *)value);
		return;
	}
}

void export_row(const struct record *record, struct buf *to)
{
	struct csv_out out = csv_out_of(to);
	for (size_t i = 0; i < countof(columns); i++)
		put_field(&out, record, &record_fields[columns[i]]);
	csv_row_end(&out);
}

bool export_doc(struct str doc, struct arena *arena, struct buf *to)
{
	struct record record;
	if (!record_of_doc(&record, doc, arena))
		return false;
	export_row(&record, to);
	return true;
}
