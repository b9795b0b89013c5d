/* SPDX-License-Identifier: MIT */
/*
 * Matching in one segment after the other. The rarest word makes the list, each further one is asked about the docs on
 * it. There are two ways to ask, and the cheaper one is taken: going through a term's postings in leaps, from one doc on
 * the list to the next; or *spreading* all of a word's postings over an array of the segment's docs.
 */
#include "search/match.h"

#include <stdlib.h>
#include <string.h>

enum {
	SORTED_BELOW = 128, /* sorting n postings costs as much as an array of so many times n docs */
	LEAP_COST = 4,	    /* in postings spread */
};

void matches_deinit(struct matches *matches)
{
	free(matches->items);
	free(matches->best);
}

/* Room for n more. */
static bool reserve(struct matches *matches, size_t n)
{
	enum { FIRST_ROOM = 256 };
	size_t room = matches->room ? matches->room : FIRST_ROOM;

	if (n <= matches->room - matches->n)
		return true;
	while (room - matches->n < n)
		room *= 2;
	struct match *items = reallocarray(matches->items, room, sizeof(*items));
	if (!items)
		return false;
	matches->items = items;
	matches->room = room;
	return true;
}

/* Something is always said, so that 0 can stand for nothing. */
static unsigned gain_of(uint32_t posting, unsigned percent)
{
	unsigned gain = posting_weight(posting) * percent / 100;
	return gain ? gain : 1;
}

/* ── A word's terms in a segment, one after another ── */

struct run {
	const uint32_t *at, *end; /* postings */
	unsigned percent;
};

struct runs {
	const struct search_segment *segment;
	const struct meanings *meanings;
	size_t i;
	term_id term; /* within meaning i, from its first on */
};

static struct runs runs_of(const struct search_index *index, const struct sought *word, size_t slot)
{
	return (struct runs){ .segment = index->slots[slot].segment, .meanings = &word->slots[slot] };
}

static bool next_run(struct runs *runs, struct run *run)
{
	const struct search_segment *segment = runs->segment;

	while (runs->i < runs->meanings->n) {
		const struct meaning *meaning = &runs->meanings->items[runs->i];
		term_id term = meaning->first + runs->term++;
		if (term < meaning->end) {
			run->at = segment->postings + segment->posting_at[term];
			run->end = segment->postings + segment->posting_at[term + 1];
			run->percent = meaning_percent(meaning, segment->term_at[term + 1] - segment->term_at[term]);
			return true;
		}
		runs->i++;
		runs->term = 0;
	}
	return false;
}

/* ── Spreading ── */

static bool make_best(struct matches *matches)
{
	uint32_t most = 0;

	if (matches->best)
		return true;
	for (size_t i = 0; i < matches->index->n; i++)
		if (most < matches->index->slots[i].segment->n_docs)
			most = matches->index->slots[i].segment->n_docs;
	matches->best = malloc(((size_t)most + 1) * sizeof(*matches->best));
	return matches->best != NULL;
}

static bool spread(struct matches *matches, const struct sought *word, size_t slot)
{
	struct runs runs = runs_of(matches->index, word, slot);
	struct run run;

	if (!make_best(matches))
		return false;
	memset(matches->best, 0, runs.segment->n_docs * sizeof(*matches->best));
	while (next_run(&runs, &run)) {
		for (const uint32_t *at = run.at; at < run.end; at++) {
			uint16_t *best = &matches->best[posting_doc(*at)];
			unsigned gain = gain_of(*at, run.percent);
			if (*best < gain)
				*best = (uint16_t)gain;
		}
	}
	return true;
}

/* ── The first word ── */

static void add_match(struct matches *matches, const struct slot *slot, uint32_t doc, uint32_t score)
{
	if (!slot_is_dead(slot, doc))
		matches->items[matches->n++] = (struct match){ .score = score, .doc = doc };
}

static int by_doc_best_first(const void *a, const void *b)
{
	const struct match *left = a, *right = b;
	if (left->doc != right->doc)
		return left->doc < right->doc ? -1 : 1;
	return (left->score < right->score) - (left->score > right->score);
}

/* Of a word with few postings. Those of one term are in order already. */
static bool begin_sorted(struct matches *matches, const struct sought *word, size_t slot, size_t n_postings)
{
	struct runs runs = runs_of(matches->index, word, slot);
	size_t from = matches->n, to = from, n_runs = 0;
	struct run run;

	if (!reserve(matches, n_postings))
		return false;
	for (; next_run(&runs, &run); n_runs++)
		for (const uint32_t *at = run.at; at < run.end; at++)
			add_match(matches, &matches->index->slots[slot], posting_doc(*at), gain_of(*at, run.percent));
	if (n_runs < 2)
		return true;
	qsort(matches->items + from, matches->n - from, sizeof(*matches->items), by_doc_best_first);
	for (size_t i = from; i < matches->n; i++)
		if (i == from || matches->items[i].doc != matches->items[to - 1].doc)
			matches->items[to++] = matches->items[i];
	matches->n = to;
	return true;
}

static bool begin_spread(struct matches *matches, const struct sought *word, size_t slot, size_t n_postings)
{
	const struct slot *place = &matches->index->slots[slot];
	uint32_t n_docs = place->segment->n_docs;

	if (!spread(matches, word, slot) || !reserve(matches, n_postings < n_docs ? n_postings : n_docs))
		return false;
	for (uint32_t doc = 0; doc < n_docs; doc++)
		if (matches->best[doc])
			add_match(matches, place, doc, matches->best[doc]);
	return true;
}

static bool begin_with(struct matches *matches, const struct sought *word, size_t slot)
{
	size_t n_postings = sought_postings(word, matches->index, slot);

	if (sought_terms(word, slot) == 1 || n_postings * SORTED_BELOW < matches->index->slots[slot].segment->n_docs)
		return begin_sorted(matches, word, slot, n_postings);
	return begin_spread(matches, word, slot, n_postings);
}

/* ── Further words ── */

/* The first posting from `at` on that is of this doc or a later one: in leaps twice as wide each, then halving. */
static const uint32_t *leap_to(const uint32_t *at, const uint32_t *end, uint32_t doc)
{
	size_t step = 1, left = (size_t)(end - at);

	while (step < left && posting_doc(at[step - 1]) < doc) {
		at += step;
		left -= step;
		step *= 2;
	}
	for (size_t n = step < left ? step : left; n > 0;) {
		size_t half = n / 2;
		if (posting_doc(at[half]) < doc) {
			at += half + 1;
			n -= half + 1;
		} else {
			n = half;
		}
	}
	return at;
}

/* What the postings say of the matches, where it is more than was known. */
static void ask_run(struct match *matches, size_t n, struct run run)
{
	for (size_t i = 0; i < n; i++) {
		run.at = leap_to(run.at, run.end, matches[i].doc);
		if (run.at == run.end)
			return;
		if (posting_doc(*run.at) != matches[i].doc)
			continue;
		unsigned gain = gain_of(*run.at, run.percent);
		if (matches[i].gain < gain)
			matches[i].gain = gain;
	}
}

static bool ask(struct matches *matches, size_t from, const struct sought *word, size_t slot)
{
	struct match *items = matches->items + from;
	size_t n = matches->n - from;
	bool leaping = n * sought_terms(word, slot) * LEAP_COST < sought_postings(word, matches->index, slot) ||
		       sought_terms(word, slot) == 1;
	struct runs runs = runs_of(matches->index, word, slot);
	struct run run;

	if (!leaping && !spread(matches, word, slot))
		return false;
	for (size_t i = 0; i < n; i++)
		items[i].gain = leaping ? 0 : matches->best[items[i].doc];
	while (leaping && next_run(&runs, &run))
		ask_run(items, n, run);
	return true;
}

/* Of the matches from `from` on those stay that have the word too. */
static bool go_on_with(struct matches *matches, size_t from, const struct sought *word, size_t slot)
{
	size_t to = from;

	if (!ask(matches, from, word, slot))
		return false;
	for (size_t i = from; i < matches->n; i++) {
		struct match match = matches->items[i];
		match.score += match.gain;
		if (match.gain)
			matches->items[to++] = match;
	}
	matches->n = to;
	return true;
}

/* ── A segment ── */

/* A field that is the query and nothing else counts for more. */
static void add_phrase(struct matches *matches, size_t from, struct str phrase, size_t slot)
{
	const struct search_segment *segment = matches->index->slots[slot].segment;
	term_id term = str_present(phrase) ? segment_find(segment, phrase) : NO_TERM;

	if (term == NO_TERM)
		return;
	const uint32_t *at = segment->postings + segment->posting_at[term];
	const uint32_t *end = segment->postings + segment->posting_at[term + 1];
	for (size_t i = from; i < matches->n; i++) {
		at = leap_to(at, end, matches->items[i].doc);
		if (at < end && posting_doc(*at) == matches->items[i].doc)
			matches->items[i].score += posting_weight(*at);
	}
}

/* So does one that begins with it. */
static bool add_beginning(struct matches *matches, size_t from, const struct sought *beginning, size_t slot)
{
	if (!beginning->known || !beginning->slots[slot].n || matches->n == from)
		return true;
	if (!ask(matches, from, beginning, slot))
		return false;
	for (size_t i = from; i < matches->n; i++)
		matches->items[i].score += matches->items[i].gain;
	return true;
}

static void name_records(struct matches *matches, size_t from, size_t slot)
{
	for (size_t i = from; i < matches->n; i++)
		matches->items[i].rid = matches->index->slots[slot].segment->rids[matches->items[i].doc];
}

/* Those words that stand for something, the one with the fewest postings here first. False: one has none here. */
static bool rarest_first(const struct matches *matches, const struct sought *words, size_t n_words, size_t slot,
			 const struct sought **order, size_t *n)
{
	size_t counts[FOLD_MAX_QUERY_WORDS];

	*n = 0;
	for (size_t i = 0; i < n_words; i++) {
		size_t postings = sought_postings(&words[i], matches->index, slot), at = *n;
		if (!words[i].known)
			continue;
		if (!postings)
			return false;
		for (; at > 0 && counts[at - 1] > postings; at--) {
			order[at] = order[at - 1];
			counts[at] = counts[at - 1];
		}
		order[at] = &words[i];
		counts[at] = postings;
		++*n;
	}
	return *n > 0;
}

bool match_all(struct matches *matches, const struct sought *words, size_t n, struct str phrase,
	       const struct sought *beginning)
{
	const struct sought *order[FOLD_MAX_QUERY_WORDS];
	size_t n_known;

	matches->n = 0;
	for (size_t slot = 0; slot < matches->index->n; slot++) {
		size_t from = matches->n;
		if (!rarest_first(matches, words, n, slot, order, &n_known))
			continue;
		if (!begin_with(matches, order[0], slot))
			return false;
		for (size_t i = 1; i < n_known && matches->n > from; i++)
			if (!go_on_with(matches, from, order[i], slot))
				return false;
		add_phrase(matches, from, phrase, slot);
		if (!add_beginning(matches, from, beginning, slot))
			return false;
		name_records(matches, from, slot);
	}
	return true;
}

/* ── Any word ── */

static bool add_any(struct matches *matches, const struct sought *words, size_t n, size_t slot, uint32_t *sums)
{
	const struct slot *place = &matches->index->slots[slot];
	uint32_t n_docs = place->segment->n_docs;
	size_t n_found = 0;

	for (size_t i = 0; i < n; i++) {
		if (!words[i].slots[slot].n)
			continue;
		if (!spread(matches, &words[i], slot))
			return false;
		for (uint32_t doc = 0; doc < n_docs; doc++)
			sums[doc] += matches->best[doc];
	}
	for (uint32_t doc = 0; doc < n_docs; doc++)
		n_found += sums[doc] != 0;
	if (!reserve(matches, n_found))
		return false;
	for (uint32_t doc = 0; doc < n_docs; doc++)
		if (sums[doc])
			add_match(matches, place, doc, sums[doc]);
	return true;
}

bool match_any(struct matches *matches, const struct sought *words, size_t n, struct str phrase)
{
	matches->n = 0;
	for (size_t slot = 0; slot < matches->index->n; slot++) {
		size_t from = matches->n;
		uint32_t *sums = calloc((size_t)matches->index->slots[slot].segment->n_docs + 1, sizeof(*sums));
		bool enough = sums && add_any(matches, words, n, slot, sums);
		free(sums);
		if (!enough)
			return false;
		add_phrase(matches, from, phrase, slot);
		name_records(matches, from, slot);
	}
	return true;
}

/* ── Catalogue numbers ── */

static bool add_catalog(struct matches *matches, struct str prefix, size_t slot)
{
	const struct slot *place = &matches->index->slots[slot];
	const struct search_segment *segment = place->segment;
	size_t from = matches->n;
	term_id first, end;

	segment_prefixed(segment, prefix, &first, &end);
	if (first == end)
		return true;
	if (!make_best(matches))
		return false;
	memset(matches->best, 0, segment->n_docs * sizeof(*matches->best));
	for (uint32_t at = segment->posting_at[first]; at < segment->posting_at[end]; at++) {
		uint32_t posting = segment->postings[at], doc = posting_doc(posting);
		if (!(posting & POSTING_CATALOG) || matches->best[doc])
			continue;
		if (!reserve(matches, 1))
			return false;
		matches->best[doc] = 1;
		add_match(matches, place, doc, 0);
	}
	name_records(matches, from, slot);
	return true;
}

bool match_catalog(struct matches *matches, struct str prefix)
{
	matches->n = 0;
	for (size_t slot = 0; slot < matches->index->n; slot++)
		if (!add_catalog(matches, prefix, slot))
			return false;
	return true;
}
