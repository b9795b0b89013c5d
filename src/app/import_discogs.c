/* SPDX-License-Identifier: MIT */
/* A Discogs collection export, column by column. */
#include "app/import_discogs.h"

#include <string.h>

#include "codec/time.h"
#include "codec/utf8.h"

/* ── Names ── */

/* "Nirvana (2)" → "Nirvana" */
static struct str without_number(struct str name)
{
	size_t at = name.len;
	if (!str_ends(name, STR(")")))
		return name;
	at--;
	while (at && char_is_digit(name.at[at - 1]))
		at--;
	bool number = at + 1 < name.len && at >= 2 && name.at[at - 1] == '(' && name.at[at - 2] == ' ';
	return number ? str_first(name, at - 2) : name;
}

struct str import_discogs_names(struct str text, struct arena *arena)
{
	char *to = arena_alloc(arena, text.len);
	size_t len = 0;

	while (to && str_present(text)) {
		struct str part = str_cut(text, ',', &text);
		struct str bare = without_number(part);
		memcpy(to + len, bare.at, bare.len);
		len += bare.len;
		if (str_present(text))
			to[len++] = ',';
	}
	return to ? (struct str){ to, len } : STR_ABSENT;
}

/* Several values are joined by ", ": what does not fit is left out from the end on, and the whole goes into extra. */
static struct str fit(struct record *record, const struct import_column *column, struct str text,
		      struct record_check *check)
{
	struct str whole = text;
	size_t cut;
	while (utf8_count(text) > (size_t)column->field->max) {
		for (cut = text.len - 1; cut > 0 && text.at[cut] != ','; cut--)
			continue;
		if (cut == 0)
			return whole; /* one long value: the field itself will tell */
		text.len = cut;
	}
	if (text.len < whole.len)
		record_add_extra(record, column->name, whole, check);
	return text;
}

/* ── Takers ── */

static void take_text(struct record *record, const struct import_column *column, struct str cell,
		      struct record_check *check)
{
	record_set_text(record, column->field, cell, check);
}

static void take_names(struct record *record, const struct import_column *column, struct str cell,
		       struct record_check *check)
{
	struct str names = str_trim(import_discogs_names(str_trim(cell), check->arena));
	record_set_text(record, column->field, fit(record, column, names, check), check);
}

static void take_numbers(struct record *record, const struct import_column *column, struct str cell,
			 struct record_check *check)
{
	cell = str_trim(cell);
	if (!str_equal_nocase(cell, STR("none")))
		record_set_text(record, column->field, fit(record, column, cell, check), check);
}

static void take_format(struct record *record, const struct import_column *column, struct str cell,
			struct record_check *check)
{
	cell = str_trim(cell);
	if (str_blank(cell))
		return;
	import_discogs_format(cell, record, check->arena);
	if (!str_equal(record->format, cell))
		record_add_extra(record, column->name, cell, check);
}

/* "Very Good Plus (VG+)"; what is said of a sleeve that has no grade ("Generic") is kept as it is. */
static void take_condition(struct record *record, const struct import_column *column, struct str cell,
			   struct record_check *check)
{
	static const struct str ungraded[] = { STR("Generic"), STR("Not Graded"), STR("No Cover") };
	struct str rest, words = str_trim(str_cut(cell, '(', &rest));

	for (size_t i = 0; i < countof(ungraded); i++) {
		if (str_equal_nocase(words, ungraded[i])) {
			record_add_extra(record, column->name, words, check);
			return;
		}
	}
	record_set_text(record, column->field, words, check);
}

/* "1971", "1971-02-28", "1971-02-00", "0". */
static void take_released(struct record *record, const struct import_column *column, struct str cell,
			  struct record_check *check)
{
	struct str rest;
	cell = str_trim(cell);
	struct str year = str_cut(cell, '-', &rest);

	if (str_blank(cell) || str_equal(year, STR("0")) || str_equal(year, STR("0000")))
		return;
	record_set_text(record, column->field, year, check);
	if (str_present(rest) && !str_ends(cell, STR("-00")) && str_find(cell, STR("-00-")) == SIZE_MAX)
		record_set_text(record, &record_fields[RECORD_release_date], cell, check);
}

static void take_extra(struct record *record, const struct import_column *column, struct str cell,
		       struct record_check *check)
{
	record_add_extra(record, column->name, cell, check);
}

/* "2021-04-05 12:13:14": when it came into the collection there. What is no time is kept as it is. */
static void take_added(struct record *record, const struct import_column *column, struct str cell,
		       struct record_check *check)
{
	struct str text = str_trim(cell);
	int64_t at;

	if (time_parse(text, &at) || time_parse(arena_printf(check->arena, "%.*sZ", STR_ARG(text)), &at))
		record->created_at = at;
	else
		take_extra(record, column, cell, check);
}

struct import_column import_discogs_column(struct str name)
{
	static const struct {
		struct str name;
		enum record_field_at field;
		void (*read)(struct record *, const struct import_column *, struct str, struct record_check *);
	} known[] = {
		{ STR("Catalog#"), RECORD_catalog_number, take_numbers },
		{ STR("Artist"), RECORD_artist, take_names },
		{ STR("Title"), RECORD_name, take_text },
		{ STR("Label"), RECORD_label, take_names },
		{ STR("Format"), RECORD_format, take_format },
		{ STR("Released"), RECORD_release_year, take_released },
		{ STR("release_id"), RECORD_discogs_release, take_text },
		{ STR("Collection Media Condition"), RECORD_record_grade, take_condition },
		{ STR("Collection Sleeve Condition"), RECORD_sleeve_grade, take_condition },
		{ STR("Collection Notes"), RECORD_notes, take_text },
		{ STR("Date Added"), RECORD_created_at, take_added },
	};
	for (size_t i = 0; i < countof(known); i++)
		if (str_equal_nocase(known[i].name, name))
			return (struct import_column){ known[i].read, &record_fields[known[i].field], name };
	return (struct import_column){ take_extra, NULL, name };
}

/* ── Formats ── */

/* "2xLP": how many, and *rest what of. */
static unsigned take_count(struct str text, struct str *rest)
{
	int64_t n;
	size_t digits = 0;
	while (digits < text.len && char_is_digit(text.at[digits]))
		digits++;
	struct str after = str_skip(text, digits);
	*rest = text;
	if (!str_starts(after, STR("x")) && !str_starts(after, STR("X")))
		return 1;
	if (!str_to_int(str_first(text, digits), 1, 999, &n))
		return 1;
	*rest = str_trim(str_skip(after, 1));
	return (unsigned)n;
}

/* The word for a record's format: the carrier, but what a vinyl is rather than that it is vinyl. */
static struct str format_word(struct str carrier, struct str item)
{
	if (str_equal_nocase(carrier, STR("Cass")))
		return STR("Cassette");
	if (!str_equal_nocase(carrier, STR("Vinyl")))
		return carrier;
	for (struct str rest = item; str_present(rest);) {
		struct str word = str_trim(str_cut(rest, ',', &rest));
		if (str_equal_nocase(word, STR("LP")) || str_equal(word, STR("12\"")) || str_equal(word, STR("10\"")) ||
		    str_equal(word, STR("7\"")))
			return word;
	}
	return carrier;
}

static bool is_container(struct str carrier)
{
	return str_equal_nocase(carrier, STR("Box")) || str_starts(carrier, STR("Box Set")) ||
	       str_equal_nocase(carrier, STR("All Media"));
}

static void add_pieces(struct media_pieces *pieces, struct str item, unsigned n)
{
	struct media_hint hint = media_hint_of(item);
	for (size_t max = (size_t)record_fields[RECORD_pieces].max; n && pieces->n < max; n--) {
		pieces->items[pieces->n] = (struct media_piece){
			.index = (int64_t)pieces->n + 1,
			.kind = hint.kind,
			.size_inch = hint.size_inch,
			.speed_rpm = hint.speed_rpm,
		};
		pieces->n++;
	}
}

bool import_discogs_format(struct str text, struct record *record, struct arena *arena)
{
	struct str first = STR_ABSENT;

	record->pieces.items =
		arena_array(arena, (size_t)record_fields[RECORD_pieces].max, sizeof(*record->pieces.items));
	for (struct str rest = text; record->pieces.items && str_present(rest);) {
		size_t at = str_find(rest, STR(" + "));
		struct str item = str_trim(at == SIZE_MAX ? rest : str_first(rest, at)), what, details;
		unsigned n = take_count(item, &what);
		struct str carrier = str_trim(str_cut(what, ',', &details));

		rest = at == SIZE_MAX ? STR_ABSENT : str_skip(rest, at + 3);
		if (is_container(carrier) || str_blank(carrier))
			continue;
		if (!str_present(first))
			first = format_word(carrier, what);
		add_pieces(&record->pieces, what, n);
	}
	struct str tail;
	bool found = str_present(first);
	first = found ? first : str_trim(str_cut(text, ',', &tail));
	record->format = utf8_count(first) <= (size_t)record_fields[RECORD_format].max ? first : STR("Other");
	return found;
}
