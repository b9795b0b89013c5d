/* SPDX-License-Identifier: MIT */
/*
 * Finding: in each segment the docs that have all the words, beginning with the rarest word; then the best of all
 * segments. A doc's score is the sum over the words of the best of what its terms say.
 */
#include <stdlib.h>
#include <string.h>

#include "search/words.h"

/* A doc that has all words so far; in the end, a record. */
struct match {
	uint32_t score;
	union {
		uint32_t doc;
		int32_t rid;
	};
};

struct finder {
	const struct search_index *index;
	struct sought words[FOLD_MAX_QUERY_WORDS];
	size_t n_words;
	struct str phrase; /* or absent */
	uint16_t *best;	   /* a doc each of the largest segment: what the word at hand says of it */
	struct match *matches;
	size_t n, room;
};

static void finder_deinit(struct finder *finder)
{
	free(finder->best);
	free(finder->matches);
}

static bool add_match(struct finder *finder, uint32_t doc, uint32_t score)
{
	if (finder->n == finder->room) {
		size_t room = finder->room ? 2 * finder->room : 1024;
		struct match *matches = reallocarray(finder->matches, room, sizeof(*matches));
		if (!matches)
			return false;
		finder->matches = matches;
		finder->room = room;
	}
	finder->matches[finder->n++] = (struct match){ .score = score, .doc = doc };
	return true;
}

/* ── One word in one segment ── */

static unsigned score_of(uint32_t posting, unsigned percent)
{
	unsigned score = posting_weight(posting) * percent / 100;
	return score ? score : 1;
}

/* What the word says of each doc. */
static void spread(struct finder *finder, const struct sought *word, size_t slot)
{
	const struct search_segment *segment = finder->index->slots[slot].segment;
	const struct meanings *meanings = &word->slots[slot];

	memset(finder->best, 0, segment->n_docs * sizeof(*finder->best));
	for (size_t i = 0; i < meanings->n; i++) {
		const struct meaning *meaning = &meanings->items[i];
		for (term_id term = meaning->first; term < meaning->end; term++) {
			unsigned percent = meaning_percent(meaning, segment->term_at[term + 1] - segment->term_at[term]);
			for (uint32_t at = segment->posting_at[term]; at < segment->posting_at[term + 1]; at++) {
				uint32_t posting = segment->postings[at];
				uint16_t *best = &finder->best[posting_doc(posting)];
				unsigned score = score_of(posting, percent);
				if (*best < score)
					*best = (uint16_t)score;
			}
		}
	}
}

/* The posting of a doc among a term's; 0 when there is none, which no posting is: a weight is at least 1. */
static uint32_t posting_of_doc(const struct search_segment *segment, term_id term, uint32_t doc)
{
	uint32_t low = segment->posting_at[term], end = segment->posting_at[term + 1], high = end;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (posting_doc(segment->postings[middle]) < doc)
			low = middle + 1;
		else
			high = middle;
	}
	return low < end && posting_doc(segment->postings[low]) == doc ? segment->postings[low] : 0;
}

/* What the word says of one doc. */
static unsigned ask(const struct finder *finder, const struct sought *word, size_t slot, uint32_t doc)
{
	const struct search_segment *segment = finder->index->slots[slot].segment;
	const struct meanings *meanings = &word->slots[slot];
	unsigned best = 0;

	for (size_t i = 0; i < meanings->n; i++) {
		const struct meaning *meaning = &meanings->items[i];
		for (term_id term = meaning->first; term < meaning->end; term++) {
			uint32_t posting = posting_of_doc(segment, term, doc);
			if (!posting)
				continue;
			unsigned score = score_of(posting, meaning_percent(meaning, segment_term(segment, term).len));
			if (best < score)
				best = score;
		}
	}
	return best;
}

/* ── All words in one segment ── */

/* Those that stand for something, the one with the fewest postings here first. False: one is not in this segment. */
static bool rarest_first(const struct finder *finder, size_t slot, const struct sought **order, size_t *n)
{
	*n = 0;
	for (size_t i = 0; i < finder->n_words; i++) {
		const struct sought *word = &finder->words[i];
		size_t at = (*n)++, postings = sought_postings(word, finder->index, slot);
		if (!word->known) {
			--*n;
			continue;
		}
		if (!postings)
			return false;
		for (; at > 0 && sought_postings(order[at - 1], finder->index, slot) > postings; at--)
			order[at] = order[at - 1];
		order[at] = word;
	}
	return *n > 0;
}

static bool begin_with(struct finder *finder, const struct sought *word, size_t slot)
{
	const struct slot *place = &finder->index->slots[slot];

	spread(finder, word, slot);
	for (uint32_t doc = 0; doc < place->segment->n_docs; doc++)
		if (finder->best[doc] && !slot_is_dead(place, doc) && !add_match(finder, doc, finder->best[doc]))
			return false;
	return true;
}

/* Of the matches from `from` on those stay that have the word too. It is asked of each, or of all docs, as costs less. */
static void go_on_with(struct finder *finder, const struct sought *word, size_t slot, size_t from)
{
	enum { STEPS_OF_ASKING = 8 };
	size_t n_asked = (finder->n - from) * sought_terms(word, slot), to = from;
	bool spreading = n_asked * STEPS_OF_ASKING > sought_postings(word, finder->index, slot);

	if (spreading)
		spread(finder, word, slot);
	for (size_t i = from; i < finder->n; i++) {
		struct match match = finder->matches[i];
		unsigned score = spreading ? finder->best[match.doc] : ask(finder, word, slot, match.doc);
		match.score += score;
		if (score)
			finder->matches[to++] = match;
	}
	finder->n = to;
}

/* A field that is the query and nothing else counts for more. */
static void add_phrase(struct finder *finder, size_t slot, size_t from)
{
	const struct search_segment *segment = finder->index->slots[slot].segment;
	term_id phrase = str_present(finder->phrase) ? segment_find(segment, finder->phrase) : NO_TERM;

	for (size_t i = from; phrase != NO_TERM && i < finder->n; i++)
		finder->matches[i].score += posting_weight(posting_of_doc(segment, phrase, finder->matches[i].doc));
}

static void name_records(struct finder *finder, size_t slot, size_t from)
{
	for (size_t i = from; i < finder->n; i++)
		finder->matches[i].rid = finder->index->slots[slot].segment->rids[finder->matches[i].doc];
}

static bool match_all(struct finder *finder)
{
	const struct sought *order[FOLD_MAX_QUERY_WORDS];
	size_t n;

	finder->n = 0;
	for (size_t slot = 0; slot < finder->index->n; slot++) {
		size_t from = finder->n;
		if (!rarest_first(finder, slot, order, &n))
			continue;
		if (!begin_with(finder, order[0], slot))
			return false;
		for (size_t i = 1; i < n && finder->n > from; i++)
			go_on_with(finder, order[i], slot, from);
		add_phrase(finder, slot, from);
		name_records(finder, slot, from);
	}
	return true;
}

/* Any word will do. */
static bool match_any(struct finder *finder)
{
	finder->n = 0;
	for (size_t slot = 0; slot < finder->index->n; slot++) {
		const struct slot *place = &finder->index->slots[slot];
		size_t from = finder->n;
		uint32_t *sums = calloc((size_t)place->segment->n_docs + 1, sizeof(*sums));
		bool enough = sums != NULL;
		for (size_t i = 0; enough && i < finder->n_words; i++) {
			spread(finder, &finder->words[i], slot);
			for (uint32_t doc = 0; doc < place->segment->n_docs; doc++)
				sums[doc] += finder->best[doc];
		}
		for (uint32_t doc = 0; enough && doc < place->segment->n_docs; doc++)
			enough = !sums[doc] || slot_is_dead(place, doc) || add_match(finder, doc, sums[doc]);
		free(sums);
		if (!enough)
			return false;
		name_records(finder, slot, from);
	}
	return true;
}

/* ── The query ── */

static bool seek_all(struct finder *finder, struct str_list words, bool widen, struct arena *arena)
{
	finder->n_words = 0;
	for (size_t i = 0; i < words.n && i < FOLD_MAX_QUERY_WORDS; i++, finder->n_words++)
		if (!words_seek(finder->index, words, i, widen, arena, &finder->words[i]))
			return false;
	return true;
}

static bool any_known(const struct finder *finder)
{
	for (size_t i = 0; i < finder->n_words; i++)
		if (finder->words[i].known)
			return true;
	return false;
}

/* The words as they were understood, joined by blanks; `n` is how many were corrected. False over budget. */
static bool corrected_query(const struct finder *finder, struct arena *arena, struct str *out, size_t *n)
{
	struct str parts[2 * FOLD_MAX_QUERY_WORDS];
	size_t n_parts = 0;

	*n = 0;
	for (size_t i = 0; i < finder->n_words; i++) {
		const struct sought *word = &finder->words[i];
		if (i)
			parts[n_parts++] = STR(" ");
		parts[n_parts++] = str_present(word->corrected) ? word->corrected : word->word;
		*n += str_present(word->corrected);
	}
	*out = arena_concat(arena, parts, n_parts);
	return str_present(*out);
}

static bool finder_init(struct finder *finder, const struct search_index *index)
{
	uint32_t most = 0;

	*finder = (struct finder){ .index = index };
	for (size_t i = 0; i < index->n; i++)
		if (most < index->slots[i].segment->n_docs)
			most = index->slots[i].segment->n_docs;
	finder->best = malloc(((size_t)most + 1) * sizeof(*finder->best));
	return finder->best != NULL;
}

/* All that matches, in no order. */
static bool match(struct finder *finder, struct str_list words, struct arena *arena, struct str *corrected)
{
	size_t n_corrected;

	*corrected = STR_ABSENT;
	if (!seek_all(finder, words, false, arena) || !corrected_query(finder, arena, corrected, &n_corrected) || !match_all(finder))
		return false;
	if (!n_corrected)
		*corrected = STR_ABSENT;
	if (finder->n || words.n < 2 || !any_known(finder))
		return true;
	if (!seek_all(finder, words, true, arena) || !match_all(finder))
		return false;
	return finder->n || (seek_all(finder, words, false, arena) && match_any(finder));
}

/* ── The best ── */

static bool is_better(struct match a, struct match b)
{
	return a.score != b.score ? a.score > b.score : a.rid > b.rid;
}

static int best_first(const void *a, const void *b)
{
	const struct match *left = a, *right = b;
	return is_better(*left, *right) ? -1 : is_better(*right, *left);
}

/* The worst is on top. */
static void sift_down(struct match *heap, size_t n, size_t at)
{
	for (size_t child; (child = 2 * at + 1) < n; at = child) {
		if (child + 1 < n && is_better(heap[child], heap[child + 1]))
			child++;
		if (!is_better(heap[at], heap[child]))
			return;
		struct match swap = heap[at];
		heap[at] = heap[child];
		heap[child] = swap;
	}
}

/* Puts the k best in front, in order. */
static void sort_best(struct match *matches, size_t n, size_t k)
{
	if (k > n)
		k = n;
	for (size_t i = k / 2; i-- > 0;)
		sift_down(matches, k, i);
	for (size_t i = k; k && i < n; i++) {
		if (!is_better(matches[i], matches[0]))
			continue;
		matches[0] = matches[i];
		sift_down(matches, k, 0);
	}
	if (k)
		qsort(matches, k, sizeof(*matches), best_first);
}

static bool give(const struct finder *finder, size_t skip, size_t most, struct arena *arena, struct search_found *found)
{
	size_t left = finder->n > skip ? finder->n - skip : 0;

	found->total = finder->n;
	found->n = left < most ? left : most;
	found->rids = arena_array(arena, found->n, sizeof(*found->rids));
	for (size_t i = 0; found->rids && i < found->n; i++)
		found->rids[i] = finder->matches[skip + i].rid;
	return found->rids != NULL;
}

bool search_index_find(const struct search_index *index, const struct fold_query *query, size_t skip, size_t most,
		       struct arena *arena, struct search_found *found)
{
	owned(finder_deinit) struct finder finder;

	if (!finder_init(&finder, index))
		return false;
	finder.phrase = query->phrase;
	if (!match(&finder, query->words, arena, &found->corrected))
		return false;
	sort_best(finder.matches, finder.n, skip + most);
	return give(&finder, skip, most, arena, found);
}

bool search_index_all(const struct search_index *index, struct str_list words, struct arena *arena, struct search_found *found)
{
	owned(finder_deinit) struct finder finder;

	return finder_init(&finder, index) && match(&finder, words, arena, &found->corrected) &&
	       give(&finder, 0, finder.n, arena, found);
}

bool search_index_correct(const struct search_index *index, struct str_list words, struct arena *arena, struct str *corrected,
			  size_t *n_corrected)
{
	struct finder finder = { .index = index };

	return seek_all(&finder, words, false, arena) && corrected_query(&finder, arena, corrected, n_corrected);
}

bool search_index_catalog(const struct search_index *index, struct str prefix, size_t most, struct arena *arena,
			  struct search_found *found)
{
	owned(finder_deinit) struct finder finder;

	if (!finder_init(&finder, index))
		return false;
	for (size_t slot = 0; slot < index->n; slot++) {
		const struct search_segment *segment = index->slots[slot].segment;
		size_t from = finder.n;
		term_id first, end;
		segment_prefixed(segment, prefix, &first, &end);
		memset(finder.best, 0, segment->n_docs * sizeof(*finder.best));
		for (uint32_t at = segment->posting_at[first]; at < segment->posting_at[end]; at++) {
			uint32_t posting = segment->postings[at], doc = posting_doc(posting);
			if (!(posting & POSTING_CATALOG) || finder.best[doc]++ || slot_is_dead(&index->slots[slot], doc))
				continue;
			if (!add_match(&finder, doc, 0))
				return false;
		}
		name_records(&finder, slot, from);
	}
	sort_best(finder.matches, finder.n, most);
	found->corrected = STR_ABSENT;
	return give(&finder, 0, most, arena, found);
}
