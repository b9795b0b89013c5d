/* SPDX-License-Identifier: MIT */
/* What an index consists of, for those who work on it: index.c, merge.c, words.c, find.c. */
#ifndef SEARCH_INDEX_INSIDE_H
#define SEARCH_INDEX_INSIDE_H

#include "search/index.h"

/* A segment in its place. */
struct slot {
	struct search_segment *segment;
	uint64_t *dead; /* a bit a doc */
	uint32_t n_dead;
};

/*
 * Merged, each segment has more than twice the docs of all that follow it, so this is plenty. It can be reached while a
 * large collection is read, or written to during a long merge (search_index_make_room).
 */
enum { INDEX_MAX_SLOTS = 64 };

struct search_index {
	struct slot slots[INDEX_MAX_SLOTS];
	size_t n;
};

static inline bool slot_is_dead(const struct slot *slot, uint32_t doc)
{
	return slot->dead[doc / 64] >> doc % 64 & 1;
}

static inline size_t slot_words(const struct slot *slot)
{
	return ((size_t)slot->segment->n_docs + 63) / 64;
}

static inline void slot_kill(struct slot *slot, uint32_t doc)
{
	if (slot_is_dead(slot, doc))
		return;
	slot->dead[doc / 64] |= UINT64_C(1) << doc % 64;
	slot->n_dead++;
}

#endif
