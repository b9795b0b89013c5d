/* SPDX-License-Identifier: MIT */
/* Words of an index that differ from a given one by a single slip. */
#ifndef SEARCH_CORRECT_H
#define SEARCH_CORRECT_H

#include "search/index_inside.h"

/*
 * At most `most` correctable words that live docs have and that differ by one letter more, less or other, or by two
 * neighbours swapped; those of most docs first. They lie in the index. False over the arena's budget.
 */
must_use bool correct_word(const struct search_index *index, struct str word, struct arena *arena, struct str *terms,
			   size_t most, size_t *n);
/* The same of words that go on behind a slip in the second half of what was typed so far. */
must_use bool correct_beginning(const struct search_index *index, struct str typed, struct arena *arena,
				struct str *terms, size_t most, size_t *n);

#endif
