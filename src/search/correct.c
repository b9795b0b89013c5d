/* SPDX-License-Identifier: MIT */
/*
 * Correcting without an index of misspellings: where one letter is wrong, it is in one half of the word, so the other
 * half is right. The dictionary's order gives the words that begin like it, that of the tails those that end like it.
 * Only two letters swapped may lie across the middle: those spellings are looked up.
 */
#include "search/correct.h"

#include <string.h>

#include "codec/fold.h"
#include "codec/utf8.h"

enum { LETTER_BYTES = 4 }; /* at most, in UTF-8 */

struct spelling {
	size_t n;
	uint32_t letters[FOLD_MAX_WORD];
};

struct candidates {
	const struct search_index *index;
	struct str word;
	struct spelling spelling;
	struct str *terms;
	uint32_t *dfs;
	size_t n, most;
};

static bool spell(struct str word, struct spelling *out)
{
	out->n = 0;
	while (word.len) {
		if (out->n == countof(out->letters) || !utf8_next(&word, &out->letters[out->n]))
			return false;
		out->n++;
	}
	return true;
}

static bool same_from(const struct spelling *a, size_t i, const struct spelling *b, size_t j)
{
	return a->n - i == b->n - j && memcmp(a->letters + i, b->letters + j, (a->n - i) * sizeof(*a->letters)) == 0;
}

/* How many letters they begin with alike. */
static size_t same_letters(const struct spelling *a, const struct spelling *b)
{
	size_t n = 0;

	while (n < a->n && n < b->n && a->letters[n] == b->letters[n])
		n++;
	return n;
}

static bool one_slip(const struct spelling *a, const struct spelling *b)
{
	size_t p = same_letters(a, b);

	if (p == a->n || p == b->n)
		return a->n + b->n - 2 * p == 1;
	return same_from(a, p + 1, b, p + 1) || same_from(a, p + 1, b, p) || same_from(a, p, b, p + 1) ||
	       (p + 1 < a->n && p + 1 < b->n && a->letters[p] == b->letters[p + 1] &&
		a->letters[p + 1] == b->letters[p] && same_from(a, p + 2, b, p + 2));
}

/* Whether the letters from i on are what b goes on with from j on. */
static bool goes_on_from(const struct spelling *a, size_t i, const struct spelling *b, size_t j)
{
	size_t n = a->n - i;
	return b->n >= j + n && memcmp(a->letters + i, b->letters + j, n * sizeof(*a->letters)) == 0;
}

/* Whether b begins like a with one slip in it. */
static bool begins_with_slip(const struct spelling *a, const struct spelling *b)
{
	size_t p = same_letters(a, b);

	if (p == a->n || p == b->n)
		return p + 1 >= a->n;
	return goes_on_from(a, p + 1, b, p + 1) || goes_on_from(a, p + 1, b, p) || goes_on_from(a, p, b, p + 1) ||
	       (p + 1 < a->n && p + 1 < b->n && a->letters[p] == b->letters[p + 1] &&
		a->letters[p + 1] == b->letters[p] && goes_on_from(a, p + 2, b, p + 2));
}

/* ── Those found ── */

/* In how many live docs of all segments the term is. */
static uint32_t live_df(const struct search_index *index, struct str term)
{
	uint32_t df = 0;

	for (size_t i = 0; i < index->n; i++) {
		const struct search_segment *segment = index->slots[i].segment;
		term_id found = segment_find(segment, term);
		if (found == NO_TERM)
			continue;
		for (uint32_t at = segment->posting_at[found]; at < segment->posting_at[found + 1]; at++)
			df += !slot_is_dead(&index->slots[i], posting_doc(segment->postings[at]));
	}
	return df;
}

/* Kept in order, the most frequent first, then by bytes; what falls off the end is forgotten. */
static void note(struct candidates *candidates, struct str term)
{
	size_t at = candidates->n;
	uint32_t df;

	for (size_t i = 0; i < candidates->n; i++)
		if (str_equal(candidates->terms[i], term))
			return;
	df = live_df(candidates->index, term);
	if (!df)
		return;
	while (at > 0 && (df > candidates->dfs[at - 1] ||
			  (df == candidates->dfs[at - 1] && str_compare(term, candidates->terms[at - 1]) < 0)))
		at--;
	if (at == candidates->most)
		return;
	if (candidates->n < candidates->most)
		candidates->n++;
	memmove(candidates->terms + at + 1, candidates->terms + at,
		(candidates->n - at - 1) * sizeof(*candidates->terms));
	memmove(candidates->dfs + at + 1, candidates->dfs + at, (candidates->n - at - 1) * sizeof(*candidates->dfs));
	candidates->terms[at] = term;
	candidates->dfs[at] = df;
}

static void look_at(struct candidates *candidates, const struct slot *slot, term_id term)
{
	struct str text = segment_term(slot->segment, term);
	struct spelling spelling;

	if (!(slot->segment->flags[term] & TERM_CORRECTABLE) || str_equal(text, candidates->word))
		return;
	if (text.len + LETTER_BYTES < candidates->word.len || text.len > candidates->word.len + LETTER_BYTES)
		return;
	if (spell(text, &spelling) && one_slip(&candidates->spelling, &spelling))
		note(candidates, text);
}

/* ── Looking for them ── */

static size_t bytes_of_letters(struct str word, size_t n)
{
	struct str rest = word;
	uint32_t letter;

	while (n-- && utf8_next(&rest, &letter))
		;
	return word.len - rest.len;
}

static void swapped(struct candidates *candidates, const struct slot *slot, size_t i)
{
	char room[FOLD_MAX_WORD];
	size_t first = bytes_of_letters(candidates->word, i), second = bytes_of_letters(candidates->word, i + 1),
	       third = bytes_of_letters(candidates->word, i + 2);

	memcpy(room, candidates->word.at, first);
	memcpy(room + first, candidates->word.at + second, third - second);
	memcpy(room + first + third - second, candidates->word.at + first, second - first);
	memcpy(room + third, candidates->word.at + third, candidates->word.len - third);
	term_id found = segment_find(slot->segment, (struct str){ room, candidates->word.len });
	if (found != NO_TERM)
		look_at(candidates, slot, found);
}

static void look_in(struct candidates *candidates, const struct slot *slot)
{
	size_t middle = bytes_of_letters(candidates->word, candidates->spelling.n / 2);
	term_id first, end;

	segment_prefixed(slot->segment, str_first(candidates->word, middle), &first, &end);
	for (term_id term = first; term < end; term++)
		look_at(candidates, slot, term);
	segment_suffixed(slot->segment, str_skip(candidates->word, middle), &first, &end);
	for (uint32_t at = first; at < end; at++)
		look_at(candidates, slot, slot->segment->tails[at]);
	swapped(candidates, slot, candidates->spelling.n / 2 - 1);
}

/* False over the arena's budget. A word of which nothing can be right has no middle. */
static bool begin(struct candidates *candidates, struct arena *arena, bool *has_middle)
{
	*has_middle = candidates->word.len <= FOLD_MAX_WORD && spell(candidates->word, &candidates->spelling) &&
		      candidates->spelling.n >= 2;
	candidates->dfs = arena_array(arena, candidates->most, sizeof(*candidates->dfs));
	return candidates->dfs != NULL;
}

bool correct_word(const struct search_index *index, struct str word, struct arena *arena, struct str *terms,
		  size_t most, size_t *n)
{
	struct candidates candidates = { .index = index, .word = word, .terms = terms, .most = most };
	bool has_middle;

	if (!begin(&candidates, arena, &has_middle))
		return false;
	for (size_t i = 0; has_middle && i < index->n; i++)
		look_in(&candidates, &index->slots[i]);
	*n = candidates.n;
	return true;
}

bool correct_beginning(const struct search_index *index, struct str typed, struct arena *arena, struct str *terms,
		       size_t most, size_t *n)
{
	struct candidates candidates = { .index = index, .word = typed, .terms = terms, .most = most };
	bool has_middle;

	if (!begin(&candidates, arena, &has_middle))
		return false;
	for (size_t i = 0; has_middle && i < index->n; i++) {
		const struct search_segment *segment = index->slots[i].segment;
		size_t middle = bytes_of_letters(typed, candidates.spelling.n / 2);
		struct spelling spelling;
		term_id first, end;
		segment_prefixed(segment, str_first(typed, middle), &first, &end);
		for (term_id term = first; term < end; term++)
			if (segment->flags[term] & TERM_CORRECTABLE && spell(segment_term(segment, term), &spelling) &&
			    begins_with_slip(&candidates.spelling, &spelling))
				note(&candidates, segment_term(segment, term));
	}
	*n = candidates.n;
	return true;
}
