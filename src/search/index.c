/* SPDX-License-Identifier: MIT */
/* An index's segments, and what is dead in them. */
#include <stdlib.h>

#include "search/index_inside.h"

struct search_index *search_index_new(void)
{
	return calloc(1, sizeof(struct search_index));
}

void search_index_free(struct search_index *index)
{
	if (!index)
		return;
	for (size_t i = 0; i < index->n; i++) {
		search_segment_unref(index->slots[i].segment);
		free(index->slots[i].dead);
	}
	free(index);
}

size_t search_index_bytes(const struct search_index *index)
{
	size_t bytes = sizeof(*index);

	for (size_t i = 0; i < index->n; i++)
		bytes += index->slots[i].segment->bytes + sizeof(uint64_t) * slot_words(&index->slots[i]);
	return bytes;
}

size_t search_index_n_records(const struct search_index *index)
{
	size_t n = 0;

	for (size_t i = 0; i < index->n; i++)
		n += index->slots[i].segment->n_docs - index->slots[i].n_dead;
	return n;
}

static void kill_record(struct search_index *index, int32_t rid)
{
	for (size_t i = 0; i < index->n; i++) {
		int64_t doc = segment_doc(index->slots[i].segment, rid);
		if (doc >= 0)
			slot_kill(&index->slots[i], (uint32_t)doc);
	}
}

bool search_index_add(struct search_index *index, struct search_segment *segment)
{
	struct slot slot = { .segment = segment };

	slot.dead = search_index_make_room(index) ? calloc(slot_words(&slot) + 1, sizeof(*slot.dead)) : NULL;
	if (!slot.dead)
		return false;
	for (uint32_t i = 0; i < segment->n_docs; i++)
		kill_record(index, segment->rids[i]);
	for (uint32_t i = 0; i < segment->n_gone; i++)
		kill_record(index, segment->gone[i]);
	index->slots[index->n++] = slot;
	return true;
}
