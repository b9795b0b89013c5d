/* SPDX-License-Identifier: MIT */
/* Two records of one release made into one. */
#include "app/record_value.h"

#include <string.h>

static const size_t value_sizes[] = {
	[FIELD_ID] = sizeof(RECORD_C_ID),	[FIELD_TEXT] = sizeof(RECORD_C_TEXT),
	[FIELD_INT] = sizeof(RECORD_C_INT),	[FIELD_YEAR] = sizeof(RECORD_C_YEAR),
	[FIELD_DATE] = sizeof(RECORD_C_DATE),	[FIELD_TIME] = sizeof(RECORD_C_TIME),
	[FIELD_MONEY] = sizeof(RECORD_C_MONEY), [FIELD_GRADE] = sizeof(RECORD_C_GRADE),
	[FIELD_FLAG] = sizeof(RECORD_C_FLAG),	[FIELD_PIECES] = sizeof(RECORD_C_PIECES),
	[FIELD_EXTRA] = sizeof(RECORD_C_EXTRA),
};

static bool has_key(const struct record_extra *extra, struct str key)
{
	for (size_t i = 0; i < extra->n; i++)
		if (str_equal(extra->items[i].key, key))
			return true;
	return false;
}

/* Columns that are not there yet, as far as a record may have them. */
static bool fill_extra(struct record_extra *extra, const struct record_extra *from, struct arena *arena)
{
	size_t max = (size_t)record_fields[RECORD_extra].max, before = extra->n;
	struct record_pair *items = arena_array(arena, max, sizeof(*items));

	if (!items)
		return false;
	if (extra->n)
		memcpy(items, extra->items, extra->n * sizeof(*items));
	extra->items = items;
	for (size_t i = 0; i < from->n && extra->n < max; i++)
		if (!has_key(extra, from->items[i].key))
			extra->items[extra->n++] = from->items[i];
	return extra->n > before;
}

/* What is ours to set is not filled; nor is a grade that was derived: it comes anew with the pieces it came from. */
static bool is_fillable(const struct record_field *field, const struct record *from)
{
	if (field == &record_fields[RECORD_record_grade])
		return !from->grade_derived;
	return !(field->flags & FIELD_READ_ONLY) && field->type != FIELD_EXTRA;
}

bool record_fill(struct record *record, const struct record *from, struct arena *arena)
{
	bool changed = false;

	for (size_t i = 0; i < N_RECORD_FIELDS; i++) {
		const struct record_field *field = &record_fields[i];
		void *to = record_at(record, field);
		const void *value = record_at_const(from, field);
		if (!is_fillable(field, from) || !value_unsaid(field, to) || value_unsaid(field, value))
			continue;
		memcpy(to, value, value_sizes[field->type]);
		changed = true;
	}
	if (from->extra.n && fill_extra(&record->extra, &from->extra, arena))
		changed = true;
	return changed;
}
