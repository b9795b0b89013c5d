/* SPDX-License-Identifier: MIT */
/* What the records of a batch are counted by, sorted once for the whole batch. */
#include "app/import_batch_inside.h"

#include <stdlib.h>
#include <string.h>

/* Of search_text, which has a line each for artist, name, catalogue number, label. */
enum { ARTIST_LINE = 0, LABEL_LINE = 3 };

/* What is counted, in the order of the names. */
enum value_kind { ARTIST, FORMAT, GRADE, LABEL, YEAR, N_VALUE_KINDS };

static const struct str kind_names[N_VALUE_KINDS] = {
	[ARTIST] = STR("artist"), [FORMAT] = STR("format"), [GRADE] = STR("grade"),
	[LABEL] = STR("label"),	  [YEAR] = STR("year"),
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
	const struct import_value *left = a, *right = b;
	if (left->kind != right->kind)
		return left->kind < right->kind ? -1 : 1;
	if (left->head != right->head)
		return left->head < right->head ? -1 : 1;
	int order = compare_tails(left->value, right->value);
	return order ? order : (left->item > right->item) - (left->item < right->item);
}

/* ── Sorting ── */

static struct str line_of(struct str text, unsigned line)
{
	struct str found = str_cut(text, '\n', &text);
	for (; line > 0; line--)
		found = str_cut(text, '\n', &text);
	return found;
}

static void add_value(struct import_index *index, enum value_kind kind, struct str value, struct str folded,
		      size_t item)
{
	if (!str_blank(value))
		index->values[index->n_values++] = (struct import_value){
			.head = head_of(value), .value = value, .folded = folded, .item = (uint32_t)item, .kind = kind
		};
}

static struct str number_text(int64_t number, struct arena *arena)
{
	char room[STR_INT];
	return arena_copy(arena, str_of_int(number, room));
}

bool import_batch_sort(struct import_batch *batch)
{
	struct import_index *index = &batch->index;

	index->n_values = 0;
	index->values = arena_array(batch->arena, batch->n * N_VALUE_KINDS, sizeof(*index->values));
	if (!index->values)
		return false;
	for (size_t i = 0; i < batch->n; i++) {
		const struct record *record = &batch->items[i].record;
		struct str folded = batch->items[i].index.search_text, year = STR_ABSENT;
		if (record->release_year != RECORD_UNSAID)
			year = number_text(record->release_year, batch->arena);
		add_value(index, ARTIST, record->artist, line_of(folded, ARTIST_LINE), i);
		add_value(index, FORMAT, record->format, STR_ABSENT, i);
		add_value(index, GRADE, grade_text(record->record_grade), STR_ABSENT, i);
		add_value(index, LABEL, record->label, line_of(folded, LABEL_LINE), i);
		add_value(index, YEAR, year, STR_ABSENT, i);
	}
	if (index->n_values)
		qsort(index->values, index->n_values, sizeof(*index->values), by_value);
	return true;
}

/* ── Counting ── */

static bool is_loaded(const struct import_batch *batch, uint32_t item)
{
	return batch->items[item].number > 0;
}

static void add_facet(struct import_facets *facets, const struct import_value *value, size_t count, struct arena *arena)
{
	size_t at = facets->kinds.n;
	facets->kinds.items[at] = kind_names[value->kind];
	facets->values.items[at] = value->value;
	facets->folded.items[at] = value->folded;
	facets->counts.items[at] = number_text((int64_t)count, arena);
	facets->kinds.n = facets->values.n = facets->folded.n = facets->counts.n = at + 1;
}

bool import_index_facets(const struct import_batch *batch, struct import_facets *facets)
{
	const struct import_value *values = batch->index.values;
	size_t n = batch->index.n_values;
	struct str *cells = arena_array(batch->arena, n * 4, sizeof(*cells));

	if (!cells)
		return false;
	*facets = (struct import_facets){ { cells, 0 }, { cells + n, 0 }, { cells + 2 * n, 0 }, { cells + 3 * n, 0 } };
	for (size_t from = 0, to; from < n; from = to) {
		size_t count = 0;
		for (to = from;
		     to < n && values[to].kind == values[from].kind && str_equal(values[to].value, values[from].value);
		     to++)
			count += is_loaded(batch, values[to].item);
		if (count)
			add_facet(facets, &values[from], count, batch->arena);
	}
	return true;
}
