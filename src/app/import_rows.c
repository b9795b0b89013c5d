/* SPDX-License-Identifier: MIT */
/* Headers and rows of a CSV file, read as records. */
#include "app/import_rows.h"

#include "app/import_discogs.h"
#include "codec/csv.h"

static const struct str format_texts[] = {
	[IMPORT_AUTO] = STR("auto"),
	[IMPORT_RECORDD] = STR("recordd"),
	[IMPORT_DISCOGS] = STR("discogs"),
	[IMPORT_MAPPED] = STR("mapped"),
};

bool import_format_parse(struct str text, enum import_format *out)
{
	for (size_t i = 0; i < IMPORT_MAPPED; i++) {
		if (str_equal_nocase(format_texts[i], text)) {
			*out = (enum import_format)i;
			return true;
		}
	}
	return false;
}

struct str import_format_text(enum import_format format)
{
	return format_texts[format];
}

/* ── Takers ── */

static void take_field(struct record *record, const struct import_column *column, struct str cell,
		       struct record_check *check)
{
	record_set_text(record, column->field, cell, check);
}

static const struct json *json_cell(const struct import_column *column, struct str cell, struct record_check *check)
{
	const struct json *root;
	struct str said;
	if (str_blank(str_trim(cell)))
		return NULL;
	if (json_parse(check->arena, cell, &root, &said) == 0)
		return root;
	record_wrong(check, column->name, said);
	return NULL;
}

static void take_pieces(struct record *record, const struct import_column *column, struct str cell,
			struct record_check *check)
{
	const struct json *pieces = json_cell(column, cell, check);
	if (pieces)
		record_set_pieces(record, pieces, check);
}

static void take_extras(struct record *record, const struct import_column *column, struct str cell,
			struct record_check *check)
{
	const struct json *extra = json_cell(column, cell, check);
	if (extra)
		record_add_extras(record, extra, check);
}

static void take_extra(struct record *record, const struct import_column *column, struct str cell,
		       struct record_check *check)
{
	record_add_extra(record, column->name, cell, check);
}

/* ── Headers ── */

/* Whether two column names are the same but for case, blanks, '_' and '-'. */
static bool same_name(struct str a, struct str b)
{
	size_t i = 0, j = 0;
	for (;; i++, j++) {
		while (i < a.len && !char_is_alpha(a.at[i]) && !char_is_digit(a.at[i]) && a.at[i] > 0)
			i++;
		while (j < b.len && !char_is_alpha(b.at[j]) && !char_is_digit(b.at[j]) && b.at[j] > 0)
			j++;
		if (i == a.len || j == b.len)
			return i == a.len && j == b.len;
		if (char_lower(a.at[i]) != char_lower(b.at[j]))
			return false;
	}
}

/* What other programs call our columns. */
static const struct {
	struct str name;
	enum record_field_at field;
} synonyms[] = {
	{ STR("title"), RECORD_name },
	{ STR("album"), RECORD_name },
	{ STR("catalogue number"), RECORD_catalog_number },
	{ STR("catalog#"), RECORD_catalog_number },
	{ STR("year"), RECORD_release_year },
	{ STR("media condition"), RECORD_record_grade },
	{ STR("sleeve condition"), RECORD_sleeve_grade },
	{ STR("price"), RECORD_price_paid },
	{ STR("ean"), RECORD_barcode },
	{ STR("upc"), RECORD_barcode },
	{ STR("gtin"), RECORD_barcode },
	{ STR("release_id"), RECORD_discogs_release },
};

const struct record_field *import_field_of(struct str name)
{
	for (size_t i = 0; i < N_RECORD_FIELDS; i++)
		if (same_name(record_fields[i].name, name))
			return &record_fields[i];
	for (size_t i = 0; i < countof(synonyms); i++)
		if (same_name(synonyms[i].name, name))
			return &record_fields[synonyms[i].field];
	return NULL;
}

/*
 * Ids, versions and the time of change are given anew, and covers are no part of a file; when a record was first added is
 * the owner's to keep.
 */
struct import_column import_column_of(struct str name, const struct record_field *field)
{
	struct import_column column = { .field = field, .name = name };

	if (!field)
		column.read = take_extra;
	else if (field->type == FIELD_PIECES)
		column.read = take_pieces;
	else if (field->type == FIELD_EXTRA)
		column.read = take_extras;
	else if (!(field->flags & (FIELD_READ_ONLY | FIELD_COVER)) || field == &record_fields[RECORD_created_at] ||
		 field == &record_fields[RECORD_grade_derived])
		column.read = take_field;
	return column;
}

static bool has_column(struct str_list header, struct str name)
{
	for (size_t i = 0; i < header.n; i++)
		if (same_name(header.items[i], name))
			return true;
	return false;
}

static bool looks_like_discogs(struct str_list header)
{
	return has_column(header, STR("release_id")) && has_column(header, STR("Artist")) &&
	       has_column(header, STR("Title"));
}

static bool has_field(const struct import_columns *columns, enum record_field_at at)
{
	for (size_t i = 0; i < columns->n; i++)
		if (columns->items[i].field == &record_fields[at])
			return true;
	return false;
}

/* The first field that a column feeds which an earlier one feeds too; NULL when there is none. */
static const struct import_column *doubled(const struct import_columns *columns)
{
	for (size_t i = 0; i < columns->n; i++)
		for (size_t j = 0; j < i; j++)
			if (columns->items[i].field && columns->items[i].field == columns->items[j].field)
				return &columns->items[i];
	return NULL;
}

int import_columns_of(struct import_columns *columns, struct str_list header, enum import_format asked,
		      struct arena *arena, struct str *said)
{
	static const enum record_field_at needed[] = { RECORD_artist, RECORD_name, RECORD_format };

	if (asked == IMPORT_AUTO)
		asked = looks_like_discogs(header) ? IMPORT_DISCOGS : IMPORT_RECORDD;
	*columns = (struct import_columns){ .format = asked };
	columns->items = arena_array(arena, header.n, sizeof(*columns->items));
	if (!columns->items) {
		*said = STR("the header is too long");
		return 1;
	}
	for (; columns->n < header.n; columns->n++) {
		struct str name = str_trim(header.items[columns->n]);
		struct import_column column = asked == IMPORT_DISCOGS ? import_discogs_column(name)
								      : import_column_of(name, import_field_of(name));
		columns->items[columns->n] = str_blank(name) ? (struct import_column){ .name = name } : column;
	}
	for (size_t i = 0; i < countof(needed); i++) {
		if (has_field(columns, needed[i]))
			continue;
		*said = arena_printf(arena, "the header has no column %.*s: this is no collection that recordd knows",
				     STR_ARG(record_fields[needed[i]].name));
		return 1;
	}
	const struct import_column *twice = doubled(columns);
	if (!twice)
		return 0;
	*said = arena_printf(arena, "the header names %.*s twice", STR_ARG(twice->field->name));
	return 1;
}

/* ── Rows ── */

void import_row(const struct import_columns *columns, struct str_list cells, struct record *record,
		struct record_check *check)
{
	*record = record_blank();
	for (size_t i = 0; i < cells.n; i++) {
		/* Our own writer guards cells that look like formulas; Discogs does not. */
		struct str cell = columns->format == IMPORT_RECORDD ? csv_unguard(cells.items[i]) : cells.items[i];
		if (i < columns->n && columns->items[i].read)
			columns->items[i].read(record, &columns->items[i], cell, check);
		else if (i >= columns->n && !str_blank(str_trim(cell)))
			record_wrong(check, arena_printf(check->arena, "column %zu", i + 1),
				     STR("is not in the header"));
	}
	if (columns->format == IMPORT_MAPPED && !str_present(record->format))
		record->format = STR("Other");
	record_settle(record, check);
}
