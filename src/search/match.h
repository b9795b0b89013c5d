/* SPDX-License-Identifier: MIT */
/*
 * Records that match: in each segment the docs that have all the words sought, or any of them. A record's score is the
 * sum over the words of the best that their terms say about it.
 */
#ifndef SEARCH_MATCH_H
#define SEARCH_MATCH_H

#include "search/words.h"

/* A doc of the segment at hand; in the end, a record. */
struct match {
	uint32_t score;
	uint32_t gain; /* what the word at hand says of it */
	union {
		uint32_t doc;
		int32_t rid;
	};
};

/* A growing list, and what is needed on the way. Born zeroed but for the index. */
struct matches {
	const struct search_index *index;
	struct match *items;
	size_t n, room;
	uint16_t *best; /* one for each doc of the largest segment; made when it is first needed */
};

void matches_deinit(struct matches *matches);

/* All functions are false only without memory. What the list had before is forgotten. */

/* Records that have all the words that stand for something, in no useful order; those with the beginning count for more. */
must_use bool match_all(struct matches *matches, const struct sought *words, size_t n, struct str phrase,
			const struct sought *beginning);
/* Records that have any of them. A field that is the phrase (may be absent) and nothing else counts for more. */
must_use bool match_any(struct matches *matches, const struct sought *words, size_t n, struct str phrase);
/* Records with a catalogue number that begins so, all alike. */
must_use bool match_catalog(struct matches *matches, struct str prefix);

/* The best `most` from `skip` on: in order, best first, in *page, and how many there are. Other places are shuffled. */
size_t matches_rank(struct matches *matches, size_t skip, size_t most, struct match **page);

#endif
