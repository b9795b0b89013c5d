/* SPDX-License-Identifier: MIT */
/*
 * Several neighbouring segments become one, without their dead docs.
 *
 * The dictionaries are walked side by side in byte order. Docs are numbered anew by rid, so the postings of a term
 * that is in several segments are sorted once more; those of a single one stay sorted.
 */
#include <stdlib.h>
#include <string.h>

#include "search/index_inside.h"

#define NO_DOC UINT32_MAX

/* A segment that is merged, as its slot was when the merge became due. */
struct source {
	struct slot slot;
	uint32_t *docs; /* the new doc of each, or NO_DOC */
	term_id next;
};

struct search_merge {
	size_t n;
	struct search_segment *merged; /* NULL until it was run, or without memory */
	struct source sources[];
};

static size_t slot_live(const struct slot *slot)
{
	return slot->segment->n_docs - slot->n_dead;
}

/* How much segments can come to together, dead docs' postings included. */
struct sizes {
	uint64_t docs, terms, postings, tails, text;
};

static void add_sizes(struct sizes *sizes, const struct slot *slot)
{
	const struct search_segment *segment = slot->segment;

	sizes->docs += slot_live(slot);
	sizes->terms += segment->n_terms;
	sizes->postings += segment->n_postings;
	sizes->tails += segment->n_tails;
	sizes->text += segment->term_at[segment->n_terms];
}

/* Whether one segment can hold it. There are no more terms than postings. */
static bool sizes_fit(const struct sizes *sizes)
{
	return sizes->docs <= SEGMENT_MAX_DOCS && sizes->postings < UINT32_MAX && sizes->text < UINT32_MAX;
}

/* ── What is due ── */

/* From which slot on: none is left that has not more than twice the docs of all behind it, or would make too much. */
static size_t first_due(const struct search_index *index)
{
	struct sizes sizes = { 0 };
	size_t first = index->n, sum = 0;

	for (size_t at = index->n; at > 0; at--) {
		const struct slot *slot = &index->slots[at - 1];
		add_sizes(&sizes, slot);
		if (!sizes_fit(&sizes))
			break;
		if (at == index->n || slot_live(slot) <= 2 * sum)
			first = at - 1;
		sum += slot_live(slot) + 1;
	}
	return first;
}

static bool copy_slot(struct slot *to, const struct slot *from)
{
	size_t words = slot_words(from);

	to->dead = malloc((words + 1) * sizeof(*to->dead));
	if (!to->dead)
		return false;
	memcpy(to->dead, from->dead, words * sizeof(*to->dead));
	to->n_dead = from->n_dead;
	to->segment = search_segment_ref(from->segment);
	return true;
}

/* Of the slots from this one on. NULL for a single one, and without memory. */
static struct search_merge *merge_from(const struct search_index *index, size_t first)
{
	size_t n = index->n - first;
	struct search_merge *merge = n > 1 ? calloc(1, sizeof(*merge) + n * sizeof(*merge->sources)) : NULL;

	if (!merge)
		return NULL;
	for (; merge->n < n; merge->n++) {
		if (!copy_slot(&merge->sources[merge->n].slot, &index->slots[first + merge->n])) {
			search_merge_free(merge);
			return NULL;
		}
	}
	return merge;
}

struct search_merge *search_index_merge_due(struct search_index *index)
{
	return merge_from(index, first_due(index));
}

size_t search_merge_n_records(const struct search_merge *merge)
{
	size_t n = 0;

	for (size_t i = 0; i < merge->n; i++)
		n += slot_live(&merge->sources[i].slot);
	return n;
}

void search_merge_free(struct search_merge *merge)
{
	if (!merge)
		return;
	for (size_t i = 0; i < merge->n; i++) {
		search_segment_unref(merge->sources[i].slot.segment);
		free(merge->sources[i].slot.dead);
		free(merge->sources[i].docs);
	}
	search_segment_unref(merge->merged);
	free(merge);
}

/* ── Docs ── */

static bool next_live(const struct source *source, uint32_t *doc)
{
	while (*doc < source->slot.segment->n_docs && slot_is_dead(&source->slot, *doc))
		++*doc;
	return *doc < source->slot.segment->n_docs;
}

/* A live record is in one segment only. */
static bool number_docs(struct search_merge *merge)
{
	uint32_t *at = calloc(merge->n, sizeof(*at));
	struct search_segment *merged = merge->merged;

	if (!at)
		return false;
	for (uint32_t next = 0; next < merged->n_docs; next++) {
		size_t least = merge->n;
		for (size_t i = 0; i < merge->n; i++) {
			if (next_live(&merge->sources[i], &at[i]) &&
			    (least == merge->n || merge->sources[i].slot.segment->rids[at[i]] <
							  merge->sources[least].slot.segment->rids[at[least]]))
				least = i;
		}
		check(least < merge->n);
		merged->rids[next] = merge->sources[least].slot.segment->rids[at[least]];
		merge->sources[least].docs[at[least]++] = next;
	}
	free(at);
	return true;
}

static bool make_room_for_docs(struct search_merge *merge)
{
	for (size_t i = 0; i < merge->n; i++) {
		struct source *source = &merge->sources[i];
		source->docs = malloc(((size_t)source->slot.segment->n_docs + 1) * sizeof(*source->docs));
		if (!source->docs)
			return false;
		memset(source->docs, 0xff, (size_t)source->slot.segment->n_docs * sizeof(*source->docs));
	}
	return true;
}

/* ── Terms ── */

/* The least of the terms that come next; false behind the last. */
static bool least_term(const struct search_merge *merge, struct str *least)
{
	bool any = false;

	for (size_t i = 0; i < merge->n; i++) {
		const struct source *source = &merge->sources[i];
		if (source->next == source->slot.segment->n_terms)
			continue;
		struct str term = segment_term(source->slot.segment, source->next);
		if (!any || str_compare(term, *least) < 0)
			*least = term;
		any = true;
	}
	return any;
}

static int by_posting(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
	return (left > right) - (left < right);
}

/* New records come after old ones, so often there is nothing to sort. */
static bool is_sorted(const uint32_t *postings, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (postings[i - 1] > postings[i])
			return false;
	return true;
}

/* Appends the live postings of the source's next term to those of the merged segment. */
static void add_postings(const struct source *source, struct search_segment *merged)
{
	const struct search_segment *segment = source->slot.segment;
	const uint32_t weight = (UINT32_C(1) << POSTING_DOC_SHIFT) - 1;

	for (uint32_t at = segment->posting_at[source->next]; at < segment->posting_at[source->next + 1]; at++) {
		uint32_t posting = segment->postings[at], doc = source->docs[posting_doc(posting)];
		if (doc != NO_DOC)
			merged->postings[merged->n_postings++] = doc << POSTING_DOC_SHIFT | (posting & weight);
	}
}

/* One term, out of all that have it; it is left out when nothing is left of it. */
static void merge_term(struct search_merge *merge, struct str term, uint32_t *text_len)
{
	struct search_segment *merged = merge->merged;
	uint32_t from = merged->n_postings;
	size_t n_with = 0;

	merged->flags[merged->n_terms] = 0;
	for (size_t i = 0; i < merge->n; i++) {
		struct source *source = &merge->sources[i];
		if (source->next == source->slot.segment->n_terms ||
		    !str_equal(segment_term(source->slot.segment, source->next), term))
			continue;
		add_postings(source, merged);
		merged->flags[merged->n_terms] |= source->slot.segment->flags[source->next];
		source->next++;
		n_with++;
	}
	if (merged->n_postings == from)
		return;
	if (n_with > 1 && !is_sorted(merged->postings + from, merged->n_postings - from))
		qsort(merged->postings + from, merged->n_postings - from, sizeof(*merged->postings), by_posting);
	memcpy(merged->text + *text_len, term.at, term.len);
	merged->term_at[merged->n_terms] = *text_len;
	merged->posting_at[merged->n_terms] = from;
	*text_len += (uint32_t)term.len;
	merged->n_tails += (merged->flags[merged->n_terms] & TERM_CORRECTABLE) != 0;
	merged->n_terms++;
}

static void merge_terms(struct search_merge *merge)
{
	struct search_segment *merged = merge->merged;
	uint32_t text_len = 0;
	struct str term;

	merged->n_terms = merged->n_postings = merged->n_tails = 0;
	while (least_term(merge, &term))
		merge_term(merge, term, &text_len);
	merged->term_at[merged->n_terms] = text_len;
	merged->posting_at[merged->n_terms] = merged->n_postings;
}

/* ── The whole ── */

static bool make_room(struct search_merge *merge)
{
	struct search_segment *merged = merge->merged;
	struct sizes sizes = { 0 };

	for (size_t i = 0; i < merge->n; i++)
		add_sizes(&sizes, &merge->sources[i].slot);
	check(sizes_fit(&sizes));
	merged->n_docs = (uint32_t)sizes.docs;
	merged->n_terms = (uint32_t)sizes.terms;
	merged->n_postings = (uint32_t)sizes.postings;
	merged->n_tails = (uint32_t)sizes.tails;
	return segment_alloc(merged, sizes.text) && make_room_for_docs(merge);
}

void search_merge_run(struct search_merge *merge)
{
	merge->merged = calloc(1, sizeof(*merge->merged));
	if (!merge->merged)
		return;
	merge->merged->refs = 1;
	if (!make_room(merge) || !number_docs(merge)) {
		search_segment_unref(merge->merged);
		merge->merged = NULL;
		return;
	}
	merge_terms(merge);
	segment_trim(merge->merged);
	segment_sort_tails(merge->merged);
}

/* What died since the copies were made. */
static bool bury(const struct search_merge *merge, const struct slot *slots, struct slot *merged)
{
	merged->dead = calloc(slot_words(merged) + 1, sizeof(*merged->dead));
	if (!merged->dead)
		return false;
	for (size_t i = 0; i < merge->n; i++) {
		for (uint32_t doc = 0; doc < slots[i].segment->n_docs; doc++)
			if (merge->sources[i].docs[doc] != NO_DOC && slot_is_dead(&slots[i], doc))
				slot_kill(merged, merge->sources[i].docs[doc]);
	}
	return true;
}

static struct slot *find_sources(struct search_index *index, const struct search_merge *merge)
{
	for (size_t first = 0; first + merge->n <= index->n; first++) {
		size_t i = 0;
		while (i < merge->n && index->slots[first + i].segment == merge->sources[i].slot.segment)
			i++;
		if (i == merge->n)
			return &index->slots[first];
	}
	return NULL;
}

void search_index_merged(struct search_index *index, struct search_merge *merge)
{
	struct slot merged = { .segment = merge->merged };
	struct slot *slots = merge->merged ? find_sources(index, merge) : NULL;

	if (!slots || !bury(merge, slots, &merged))
		return;
	for (size_t i = 0; i < merge->n; i++) {
		search_segment_unref(slots[i].segment);
		free(slots[i].dead);
	}
	merge->merged = NULL;
	slots[0] = merged;
	size_t behind = index->n - (size_t)(slots + merge->n - index->slots);
	memmove(slots + 1, slots + merge->n, behind * sizeof(*slots));
	index->n -= merge->n - 1;
}

/* The first of the later half, or of as many as one segment can hold. */
static size_t first_of_later(const struct search_index *index)
{
	struct sizes sizes = { 0 };
	size_t first = index->n;

	while (first > INDEX_MAX_SLOTS / 2) {
		add_sizes(&sizes, &index->slots[first - 1]);
		if (!sizes_fit(&sizes))
			break;
		first--;
	}
	return first;
}

bool search_index_make_room(struct search_index *index)
{
	struct search_merge *merge = index->n == INDEX_MAX_SLOTS ? merge_from(index, first_of_later(index)) : NULL;

	if (merge) {
		search_merge_run(merge);
		search_index_merged(index, merge);
		search_merge_free(merge);
	}
	return index->n < INDEX_MAX_SLOTS;
}
