/* SPDX-License-Identifier: MIT */
/* Files of other programs and other habits: their columns by a person's word, their cells as people write them. */
#include "app/import_mapping.h"

#include <string.h>

bool import_mappable(const struct record_field *field)
{
	if (field->type == FIELD_PIECES || field->type == FIELD_EXTRA)
		return false;
	return !(field->flags & (FIELD_READ_ONLY | FIELD_COVER)) || field == &record_fields[RECORD_created_at];
}

/* What has no format is "Other": not every file says, and its rows are worth having. */
bool import_must_map(const struct record_field *field)
{
	return field->flags & FIELD_REQUIRED && field != &record_fields[RECORD_format];
}

/* ── Reading a mapping ── */

static struct str read_field(const struct json_member *member, struct import_mapped *mapped, struct arena *arena)
{
	struct str name;

	*mapped = (struct import_mapped){ .column = str_trim(member->key) };
	if (member->value.kind == JSON_KIND_NULL)
		return STR_ABSENT;
	if (!json_read_text(&member->value, &name))
		return arena_printf(arena, "must name a field, or null, for %.*s", STR_ARG(mapped->column));
	mapped->field = record_field_named(name);
	if (!mapped->field || !import_mappable(mapped->field))
		return arena_printf(arena, "names %.*s, which is no field that a file can feed", STR_ARG(name));
	return STR_ABSENT;
}

static bool feeds(const struct import_mapping *mapping, const struct record_field *field)
{
	for (size_t i = 0; i < mapping->n; i++)
		if (mapping->items[i].field == field)
			return true;
	return false;
}

static struct str missing_field(const struct import_mapping *mapping, struct arena *arena)
{
	for (size_t i = 0; i < N_RECORD_FIELDS; i++)
		if (import_must_map(&record_fields[i]) && !feeds(mapping, &record_fields[i]))
			return arena_printf(arena, "must name a column for %.*s", STR_ARG(record_fields[i].name));
	return STR_ABSENT;
}

int import_mapping_parse(struct import_mapping *mapping, struct str json, struct arena *arena, struct str *said)
{
	const struct json *root = NULL;

	*mapping = (struct import_mapping){ 0 };
	if (json_parse(arena, json, &root, said))
		return 1;
	*said = STR("must be an object of columns and their fields");
	if (root->kind != JSON_KIND_OBJECT)
		return 1;
	mapping->items = arena_array(arena, root->n + 1, sizeof(*mapping->items));
	if (!mapping->items)
		return 1;
	for (size_t i = 0; i < root->n; i++) {
		struct import_mapped mapped;
		*said = read_field(&root->members[i], &mapped, arena);
		if (!str_present(*said) && mapped.field && feeds(mapping, mapped.field))
			*said = arena_printf(arena, "names %.*s twice", STR_ARG(mapped.field->name));
		if (str_present(*said))
			return 1;
		mapping->items[mapping->n++] = mapped;
	}
	*said = missing_field(mapping, arena);
	return str_present(*said);
}

/* ── Cells as people write them: as the field has it, or as it came, for the field to say what is wrong ── */

/* "Very Good Plus (VG+)" → "Very Good Plus". */
static struct str grade_text_of(struct str cell)
{
	struct str rest;
	return str_trim(str_cut(cell, '(', &rest));
}

/* "c. 1971", "28.02.1971", "1971-02-28": the only four digits in a row; "0" is none. */
static struct str year_text_of(struct str cell)
{
	struct str found = STR_ABSENT;

	if (str_equal(cell, STR("0")))
		return STR("");
	for (size_t at = 0, n; at < cell.len; at += n + 1) {
		for (n = 0; at + n < cell.len && char_is_digit(cell.at[at + n]); n++)
			continue;
		if (n == 4 && str_present(found))
			return cell;
		if (n == 4)
			found = (struct str){ cell.at + at, n };
	}
	return str_present(found) ? found : cell;
}

/* "28.2.1971" → "1971-02-28"; with slashes nobody can tell day from month. */
static struct str date_text_of(struct str cell, struct arena *arena)
{
	struct str month, year, day = str_cut(cell, '.', &month);
	int64_t d, m, y;

	month = str_cut(month, '.', &year);
	if (!str_present(year) || !str_to_int(day, 1, 31, &d) || !str_to_int(month, 1, 12, &m) ||
	    !str_to_int(year, 1000, 9999, &y))
		return cell;
	return arena_printf(arena, "%04d-%02d-%02d", (int)y, (int)m, (int)d);
}

static bool is_separator(char c)
{
	return c == '.' || c == ',' || c == '\'' || c == ' ';
}

/* Where the digits behind the decimal point begin: at most two of them behind the last '.' or ','; else the end. */
static size_t fraction_at(struct str digits)
{
	for (size_t i = digits.len; i > 0 && digits.len - i <= 2; i--)
		if (digits.at[i - 1] == '.' || digits.at[i - 1] == ',')
			return i;
	return digits.len;
}

/* "€ 1.234,50", "12.50 EUR", "1,234.5": what stands around the number goes, and so do the signs that group thousands. */
static struct str money_text_of(struct str cell, struct arena *arena)
{
	size_t from = 0, to = cell.len, len = 0;

	while (from < to && !char_is_digit(cell.at[from]) && cell.at[from] != '-')
		from++;
	while (to > from && !char_is_digit(cell.at[to - 1]))
		to--;
	struct str digits = str_first(str_skip(cell, from), to - from);
	size_t fraction = fraction_at(digits);
	char *text = arena_alloc(arena, digits.len + 1);
	if (!text || !digits.len)
		return cell;
	for (size_t i = 0; i < digits.len; i++) {
		if (i + 1 == fraction && fraction < digits.len)
			text[len++] = '.';
		else if (!is_separator(digits.at[i]))
			text[len++] = digits.at[i];
	}
	return (struct str){ text, len };
}

static struct str plain_text_of(const struct record_field *field, struct str cell, struct arena *arena)
{
	switch (field->type) {
	case FIELD_GRADE:
		return grade_text_of(cell);
	case FIELD_YEAR:
		return year_text_of(cell);
	case FIELD_DATE:
	case FIELD_TIME:
		return date_text_of(cell, arena);
	case FIELD_MONEY:
		return money_text_of(cell, arena);
	default:
		return cell;
	}
}

static void take_cell(struct record *record, const struct import_column *column, struct str cell,
		      struct record_check *check)
{
	cell = str_trim(cell);
	record_set_text(record, column->field, plain_text_of(column->field, cell, check->arena), check);
}

/* ── Headers ── */

static const struct import_mapped *find(const struct import_mapping *mapping, struct str name)
{
	for (size_t i = 0; i < mapping->n; i++)
		if (str_equal(mapping->items[i].column, name))
			return &mapping->items[i];
	return NULL;
}

/* One name may be there twice: the first column counts, the others are kept beside it. */
static bool is_first(const struct import_columns *columns, struct str name)
{
	for (size_t i = 0; i < columns->n; i++)
		if (str_equal(columns->items[i].name, name))
			return false;
	return true;
}

static struct import_column mapped_column(const struct import_mapping *mapping, const struct import_columns *columns,
					  struct str name)
{
	const struct import_mapped *mapped = find(mapping, name);

	if (str_blank(name) || (mapped && !mapped->field))
		return (struct import_column){ .name = name };
	if (!mapped || !is_first(columns, name))
		return import_column_of(name, NULL);
	return (struct import_column){ .read = take_cell, .field = mapped->field, .name = name };
}

int import_mapping_columns(const struct import_mapping *mapping, struct import_columns *columns,
			   struct str_list header, struct arena *arena, struct str *said)
{
	*said = STR("the header is too long");
	*columns = (struct import_columns){ .format = IMPORT_MAPPED };
	columns->items = arena_array(arena, header.n, sizeof(*columns->items));
	if (!columns->items)
		return 1;
	for (; columns->n < header.n; columns->n++)
		columns->items[columns->n] = mapped_column(mapping, columns, str_trim(header.items[columns->n]));
	for (size_t i = 0; i < mapping->n; i++) {
		if (!is_first(columns, mapping->items[i].column))
			continue;
		*said = arena_printf(arena, "the header has no column %.*s", STR_ARG(mapping->items[i].column));
		return 1;
	}
	return 0;
}
