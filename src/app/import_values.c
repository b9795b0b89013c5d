/* SPDX-License-Identifier: MIT */
/* What new records are counted by: how many of them have which artist, label, format, year, grade. */
#include "app/import_batch_inside.h"

#include <stdlib.h>
#include <string.h>

/* Of search_text, which has a line each for artist, name, catalogue number, label. */
enum { ARTIST_LINE = 0, LABEL_LINE = 3 };

/* In the order of their names. */
enum value_kind { ARTIST, FORMAT, GRADE, LABEL, YEAR, N_VALUE_KINDS };

static const struct str kind_names[N_VALUE_KINDS] = {
	[ARTIST] = STR("artist"), [FORMAT] = STR("format"), [GRADE] = STR("grade"),
	[LABEL] = STR("label"),	  [YEAR] = STR("year"),
};

/* One record's. */
struct value {
	uint64_t head;		 /* the text's first eight bytes, so that most comparisons need no other */
	struct str text, folded; /* folded: absent where nobody completes it */
	enum value_kind kind;
};

struct values {
	struct value *items;
	size_t n;
};

static uint64_t head_of(struct str text)
{
	unsigned char bytes[8] = { 0 };
	uint64_t head = 0;
	memcpy(bytes, text.at, text.len < sizeof(bytes) ? text.len : sizeof(bytes));
	for (size_t i = 0; i < sizeof(bytes); i++)
		head = head << 8 | bytes[i];
	return head;
}

/* Texts with the same head: those that are no longer than it need no look, they are scattered over the memory. */
static int compare_tails(struct str left, struct str right)
{
	size_t head = sizeof(uint64_t);
	if (left.len <= head || right.len <= head)
		return (left.len > right.len) - (left.len < right.len);
	return str_compare(str_skip(left, head), str_skip(right, head));
}

/* Byte order is the database's collation for values. */
static int by_value(const void *a, const void *b)
{
	const struct value *left = a, *right = b;
	if (left->kind != right->kind)
		return left->kind < right->kind ? -1 : 1;
	if (left->head != right->head)
		return left->head < right->head ? -1 : 1;
	return compare_tails(left->text, right->text);
}

static struct str line_of(struct str text, unsigned line)
{
	struct str found = str_cut(text, '\n', &text);
	for (; line > 0; line--)
		found = str_cut(text, '\n', &text);
	return found;
}

static struct str number_text(int64_t number, struct arena *arena)
{
	char room[STR_INT];
	return arena_copy(arena, str_of_int(number, room));
}

static void add_value(struct values *values, enum value_kind kind, struct str text, struct str folded)
{
	if (!str_blank(text))
		values->items[values->n++] =
			(struct value){ .head = head_of(text), .text = text, .folded = folded, .kind = kind };
}

static void add_values(struct values *values, const struct import_item *item, struct arena *arena)
{
	const struct record *record = &item->record;
	struct str folded = item->index.search_text;

	add_value(values, ARTIST, record->artist, line_of(folded, ARTIST_LINE));
	add_value(values, FORMAT, record->format, STR_ABSENT);
	add_value(values, GRADE, grade_text(record->record_grade), STR_ABSENT);
	add_value(values, LABEL, record->label, line_of(folded, LABEL_LINE));
	if (record->release_year != RECORD_UNSAID)
		add_value(values, YEAR, number_text(record->release_year, arena), STR_ABSENT);
}

static void add_count(struct import_counted *counted, const struct value *value, size_t count, struct arena *arena)
{
	size_t at = counted->kinds.n;
	counted->kinds.items[at] = kind_names[value->kind];
	counted->values.items[at] = value->text;
	counted->folded.items[at] = value->folded;
	counted->counts.items[at] = number_text((int64_t)count, arena);
	counted->kinds.n = counted->values.n = counted->folded.n = counted->counts.n = at + 1;
}

bool import_count_values(struct import_item *const *items, size_t n, struct arena *arena,
			 struct import_counted *counted)
{
	struct values values = { arena_array(arena, n * N_VALUE_KINDS, sizeof(*values.items)), 0 };

	for (size_t i = 0; values.items && i < n; i++)
		add_values(&values, items[i], arena);
	struct str *cells = arena_array(arena, values.n * 4, sizeof(*cells));
	if (!values.items || !cells || arena_exhausted(arena))
		return false;
	*counted = (struct import_counted){
		{ cells, 0 }, { cells + values.n, 0 }, { cells + 2 * values.n, 0 }, { cells + 3 * values.n, 0 }
	};
	qsort(values.items, values.n, sizeof(*values.items), by_value);
	for (size_t from = 0, to; from < values.n; from = to) {
		for (to = from + 1; to < values.n && by_value(&values.items[from], &values.items[to]) == 0;)
			to++;
		add_count(counted, &values.items[from], to - from, arena);
	}
	return !arena_exhausted(arena);
}
