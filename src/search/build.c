/* SPDX-License-Identifier: MIT */
/*
 * A segment from changes. The terms are numbered as they are met, through a hash table, while the docs go by in the
 * order of their rids; so the postings of each come out sorted, and only the dictionary has to be sorted itself.
 */
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "codec/fold.h"
#include "search/segment.h"

enum { PACKED_DIGITS = 3, PACKED_TERM = 2 * PACKED_DIGITS, FIRST_BUCKETS = 1024 };

struct met_term {
	struct str text; /* in the changes' text */
	uint32_t hash;
	uint32_t n;	   /* postings */
	uint32_t last_doc; /* where it was met last */
	uint8_t flags;
};

/* In the order they are met: whose term, and the posting. */
struct met_posting {
	uint32_t term, posting;
};

struct build {
	struct met_term *terms;
	size_t n_terms, terms_room;
	uint32_t *buckets; /* a term's number and one; 0: none */
	size_t n_buckets;  /* a power of two */
	struct met_posting *postings;
	size_t n_postings, postings_room;
	size_t n_docs, n_gone;
};

/* A larger array in the place of this one; NULL without memory, and then it stays. */
static void *grown(void *array, size_t *room, size_t size)
{
	size_t wider = *room ? 2 * *room : FIRST_BUCKETS;
	void *at = reallocarray(array, wider, size);

	if (at)
		*room = wider;
	return at;
}

static bool room_for_term(struct build *build)
{
	struct met_term *terms = build->terms;

	if (build->n_terms == build->terms_room)
		terms = grown(build->terms, &build->terms_room, sizeof(*terms));
	if (terms)
		build->terms = terms;
	return terms != NULL;
}

static bool room_for_posting(struct build *build)
{
	struct met_posting *postings = build->postings;

	if (build->n_postings == build->postings_room)
		postings = grown(build->postings, &build->postings_room, sizeof(*postings));
	if (postings)
		build->postings = postings;
	return postings != NULL;
}

/* ── Terms ── */

static bool widen_table(struct build *build)
{
	size_t n = build->n_buckets ? 2 * build->n_buckets : FIRST_BUCKETS;
	uint32_t *buckets = calloc(n, sizeof(*buckets));

	if (!buckets)
		return false;
	for (size_t i = 0; i < build->n_terms; i++) {
		size_t at = build->terms[i].hash & (n - 1);
		while (buckets[at])
			at = (at + 1) & (n - 1);
		buckets[at] = (uint32_t)i + 1;
	}
	free(build->buckets);
	build->buckets = buckets;
	build->n_buckets = n;
	return true;
}

/* The term's number; NO_TERM without memory. */
static uint32_t number_of(struct build *build, struct str text)
{
	if (2 * build->n_terms >= build->n_buckets && !widen_table(build))
		return NO_TERM;
	uint32_t hash = (uint32_t)hash_str(text);
	size_t at = hash & (build->n_buckets - 1);
	for (; build->buckets[at]; at = (at + 1) & (build->n_buckets - 1)) {
		const struct met_term *term = &build->terms[build->buckets[at] - 1];
		if (term->hash == hash && str_equal(term->text, text))
			return build->buckets[at] - 1;
	}
	if (!room_for_term(build))
		return NO_TERM;
	build->terms[build->n_terms] = (struct met_term){ .text = text, .hash = hash, .last_doc = UINT32_MAX };
	build->buckets[at] = (uint32_t)++build->n_terms;
	return (uint32_t)build->n_terms - 1;
}

/* Over the largest doc number there would be no room for the weight beside it: build checks that first. */
static bool add_posting(struct build *build, uint32_t doc, struct str text, int64_t fields, int64_t weight)
{
	uint32_t number = number_of(build, text);

	if (number == NO_TERM)
		return false;
	struct met_term *term = &build->terms[number];
	term->flags |= fields & FOLD_CORRECTABLE ? TERM_CORRECTABLE : 0;
	if (term->last_doc == doc)
		return true;
	if (!room_for_posting(build))
		return false;
	term->last_doc = doc;
	term->n++;
	uint32_t posting = doc << POSTING_DOC_SHIFT | (fields & FOLD_CATALOG ? POSTING_CATALOG : 0) | (uint32_t)weight;
	build->postings[build->n_postings++] = (struct met_posting){ number, posting };
	return true;
}

static bool add_terms(struct build *build, uint32_t doc, struct str packed_terms)
{
	while (packed_terms.len) {
		struct str packed = str_cut(packed_terms, '\n', &packed_terms);
		int64_t fields, weight;
		if (packed.len <= PACKED_TERM || !str_to_int(str_first(packed, PACKED_DIGITS), 0, UINT8_MAX, &fields) ||
		    !str_to_int(str_first(str_skip(packed, PACKED_DIGITS), PACKED_DIGITS), 0, POSTING_WEIGHT_MAX,
				&weight))
			continue;
		if (!add_posting(build, doc, str_skip(packed, PACKED_TERM), fields, weight))
			return false;
	}
	return true;
}

/* ── Docs ── */

static int by_rid(const void *a, const void *b)
{
	const struct search_change *left = a, *right = b;
	if (left->rid != right->rid)
		return left->rid < right->rid ? -1 : 1;
	return left->order < right->order ? -1 : 1;
}

static bool is_last_of_record(const struct search_changes *changes, size_t i)
{
	return i + 1 == changes->n || changes->items[i + 1].rid != changes->items[i].rid;
}

static bool add_changes(struct build *build, const struct search_changes *changes)
{
	for (size_t i = 0; i < changes->n; i++) {
		const struct search_change *change = &changes->items[i];
		struct str terms = { buf_str(&changes->text).at + change->text, change->terms_len };
		if (!is_last_of_record(changes, i))
			continue;
		if (change->gone) {
			build->n_gone++;
			continue;
		}
		if (build->n_docs == SEGMENT_MAX_DOCS)
			return false;
		uint32_t doc = (uint32_t)build->n_docs++;
		struct str further = { terms.at + terms.len, change->further_len };
		if (!add_terms(build, doc, terms) || !add_terms(build, doc, further))
			return false;
	}
	return build->n_postings < UINT32_MAX;
}

/* ── The segment ── */

static int by_text(const void *a, const void *b, void *terms)
{
	const struct met_term *all = terms;
	return str_compare(all[*(const uint32_t *)a].text, all[*(const uint32_t *)b].text);
}

/* Numbers in the order of the terms' bytes. */
static uint32_t *sorted_terms(const struct build *build)
{
	uint32_t *order = calloc(build->n_terms + 1, sizeof(*order));

	if (!order)
		return NULL;
	for (size_t i = 0; i < build->n_terms; i++)
		order[i] = (uint32_t)i;
	qsort_r(order, build->n_terms, sizeof(*order), by_text, build->terms);
	return order;
}

static size_t count_terms(const struct build *build, struct search_segment *segment)
{
	size_t text_len = 0;

	for (size_t i = 0; i < build->n_terms; i++) {
		text_len += build->terms[i].text.len;
		segment->n_tails += (build->terms[i].flags & TERM_CORRECTABLE) != 0;
	}
	segment->n_docs = (uint32_t)build->n_docs;
	segment->n_gone = (uint32_t)build->n_gone;
	segment->n_terms = (uint32_t)build->n_terms;
	segment->n_postings = (uint32_t)build->n_postings;
	return text_len;
}

static void fill_records(struct search_segment *segment, const struct search_changes *changes)
{
	uint32_t n_docs = 0, n_gone = 0;

	for (size_t i = 0; i < changes->n; i++) {
		if (!is_last_of_record(changes, i))
			continue;
		if (changes->items[i].gone)
			segment->gone[n_gone++] = changes->items[i].rid;
		else
			segment->rids[n_docs++] = changes->items[i].rid;
	}
}

/* From here on a term's `n` is where its next posting goes. */
static void fill_terms(struct search_segment *segment, struct build *build, const uint32_t *order)
{
	uint32_t at = 0, posting_at = 0;

	for (term_id term = 0; term < segment->n_terms; term++) {
		struct met_term *met = &build->terms[order[term]];
		memcpy(segment->text + at, met->text.at, met->text.len);
		segment->term_at[term] = at;
		segment->posting_at[term] = posting_at;
		segment->flags[term] = met->flags;
		at += (uint32_t)met->text.len;
		uint32_t n = met->n;
		met->n = posting_at;
		posting_at += n;
	}
	segment->term_at[segment->n_terms] = at;
	segment->posting_at[segment->n_terms] = posting_at;
	for (size_t i = 0; i < build->n_postings; i++)
		segment->postings[build->terms[build->postings[i].term].n++] = build->postings[i].posting;
}

static struct search_segment *finish(struct build *build, const struct search_changes *changes)
{
	struct search_segment *segment = calloc(1, sizeof(*segment));
	uint32_t *order = segment ? sorted_terms(build) : NULL;

	if (segment)
		segment->refs = 1;
	if (!order || !segment_alloc(segment, count_terms(build, segment))) {
		search_segment_unref(segment);
		free(order);
		return NULL;
	}
	fill_records(segment, changes);
	fill_terms(segment, build, order);
	segment_sort_tails(segment);
	free(order);
	return segment;
}

struct search_segment *search_segment_build(struct search_changes *changes)
{
	struct build build = { 0 };
	struct search_segment *segment = NULL;

	if (changes->n)
		qsort(changes->items, changes->n, sizeof(*changes->items), by_rid);
	if (add_changes(&build, changes))
		segment = finish(&build, changes);
	free(build.terms);
	free(build.buckets);
	free(build.postings);
	return segment;
}
