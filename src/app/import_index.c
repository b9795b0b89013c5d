/* SPDX-License-Identifier: MIT */
/* What the records of a batch are found by and counted by, sorted once for the whole batch. */
#include "app/import_batch_inside.h"

#include <stdlib.h>
#include <string.h>

/* `FFFWWW<term>`, as codec/fold.h packs it; search_text has a line each for artist, name, catalogue number, label. */
enum { PACKED_DIGITS = 3, PACKED_TERM = 2 * PACKED_DIGITS, ARTIST_LINE = 0, LABEL_LINE = 3 };

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

/* Byte order is the database's collation for terms and values; items are in the order of the numbers they get. */
static int by_term(const void *a, const void *b)
{
	const struct import_posting *left = a, *right = b;
	if (left->head != right->head)
		return left->head < right->head ? -1 : 1;
	int order = compare_tails(left->term, right->term);
	return order ? order : (left->item > right->item) - (left->item < right->item);
}

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

static struct import_posting posting_of(struct str packed, size_t item)
{
	struct str term = str_skip(packed, PACKED_TERM);
	int64_t fields, weight;

	check(str_to_int(str_first(packed, PACKED_DIGITS), 0, 999, &fields));
	check(str_to_int(str_first(str_skip(packed, PACKED_DIGITS), PACKED_DIGITS), 0, 999, &weight));
	return (struct import_posting){
		.head = head_of(term),
		.term = term,
		.item = (uint32_t)item,
		.fields = (int16_t)fields,
		.weight = (int16_t)weight,
	};
}

/* The same term is the same bytes from now on: who goes through them finds those in the processor's cache. */
static void share_terms(struct import_index *index)
{
	struct import_posting *postings = index->postings;

	for (size_t i = 1; i < index->n_postings; i++)
		if (postings[i].head == postings[i - 1].head &&
		    compare_tails(postings[i].term, postings[i - 1].term) == 0)
			postings[i].term = postings[i - 1].term;
}

static size_t n_terms(struct str terms)
{
	size_t n = terms.len > 0;
	for (size_t i = 0; i < terms.len; i++)
		n += terms.at[i] == '\n';
	return n;
}

static bool sort_postings(struct import_batch *batch)
{
	struct import_index *index = &batch->index;
	size_t room = 0;

	for (size_t i = 0; i < batch->n; i++)
		room += n_terms(batch->items[i].index.terms);
	index->n_postings = 0;
	index->postings = arena_array(batch->arena, room, sizeof(*index->postings));
	if (!index->postings)
		return false;
	for (size_t i = 0; i < batch->n; i++) {
		struct str rest = batch->items[i].index.terms;
		while (rest.len)
			index->postings[index->n_postings++] = posting_of(str_cut(rest, '\n', &rest), i);
	}
	if (room)
		qsort(index->postings, room, sizeof(*index->postings), by_term);
	share_terms(index);
	return true;
}

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

static bool sort_values(struct import_batch *batch)
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

bool import_batch_sort(struct import_batch *batch)
{
	return sort_postings(batch) && sort_values(batch);
}

/* ── Counting ── */

static bool is_loaded(const struct import_batch *batch, uint32_t item)
{
	return batch->items[item].number > 0;
}

static void add_word(struct import_words *words, struct str term, size_t count, bool correctable, struct arena *arena)
{
	size_t at = words->terms.n;
	words->terms.items[at] = term;
	words->counts.items[at] = number_text((int64_t)count, arena);
	words->correctable.items[at] = correctable ? STR("1") : STR("0");
	words->terms.n = words->counts.n = words->correctable.n = at + 1;
}

/* What is looked up as it stands is not in the vocabulary. A term may be a word in one record and verbatim in another. */
bool import_index_words(const struct import_batch *batch, struct import_words *words)
{
	const struct import_posting *postings = batch->index.postings;
	size_t n = batch->index.n_postings;
	struct str *cells = arena_array(batch->arena, n * 3, sizeof(*cells));

	if (!cells)
		return false;
	*words = (struct import_words){ { cells, 0 }, { cells + n, 0 }, { cells + 2 * n, 0 } };
	for (size_t from = 0, to; from < n; from = to) {
		bool correctable = false;
		size_t count = 0;
		for (to = from; to < n && str_equal(postings[to].term, postings[from].term); to++) {
			bool word = is_loaded(batch, postings[to].item) && !(postings[to].fields & FOLD_VERBATIM);
			count += word;
			correctable |= word && postings[to].fields & FOLD_CORRECTABLE;
		}
		if (count)
			add_word(words, postings[from].term, count, correctable, batch->arena);
	}
	return true;
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
