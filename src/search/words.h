/* SPDX-License-Identifier: MIT */
/* What a word of a query stands for in an index: terms, and how much each of them counts. */
#ifndef SEARCH_WORDS_H
#define SEARCH_WORDS_H

#include "search/index_inside.h"

/*
 * Itself, itself going on, corrected in so many ways; joined with its neighbours, so many words at most: with n words there
 * are n such runs, of which one ends with the query and may go on.
 */
enum {
	MAX_CORRECTIONS = 4,
	MAX_JOINED = 5,
	MAX_RUNS = MAX_JOINED * (MAX_JOINED + 1) / 2 - 1,
	MAX_MEANINGS = 2 + MAX_CORRECTIONS + MAX_RUNS + MAX_JOINED - 1,
};

/* Neighbouring terms of a segment. */
struct meaning {
	term_id first, end;
	unsigned percent; /* of their weight that counts, for all of them alike, or 0: */
	size_t typed;	  /* bytes that were typed of them: the more of a term that is, the more it counts */
};

struct meanings {
	size_t n;
	struct meaning items[MAX_MEANINGS];
};

/* A word. */
struct sought {
	struct str word;
	struct str corrected;	/* what it was taken for; absent when it was taken as it is */
	bool known;		/* some live doc has one of its terms */
	struct meanings *slots; /* one for each of the index's */
};

/* How much of the term's weight counts. */
static inline unsigned meaning_percent(const struct meaning *meaning, size_t term_len)
{
	return meaning->percent ? meaning->percent : 50 + (unsigned)(40 * meaning->typed / term_len);
}

/* How many postings a word stands for in a slot, and how many terms. */
size_t sought_postings(const struct sought *sought, const struct search_index *index, size_t slot);
size_t sought_terms(const struct sought *sought, size_t slot);

/*
 * The i-th word of a query. The last one may go on. Neighbours are also tried as one word (SHVL 804 = shvl804, hip hop =
 * hiphop, 1 13 840 = 113840). A word that is not there is corrected; with `widen` every word may be misspelt. False without memory.
 */
must_use bool words_seek(const struct search_index *index, struct str_list words, size_t i, bool widen,
			 struct arena *arena, struct sought *sought);

/* The terms that begin so, all alike; an absent text is sought in vain. False over the arena's budget. */
must_use bool words_beginning(const struct search_index *index, struct str text, struct arena *arena, struct sought *sought);

#endif
