/* SPDX-License-Identifier: MIT */
/*
 * One user's search index in memory: a list of segments, the oldest first, and which of their docs are *dead*, that is
 * changed or dropped since.
 *
 * Everything is exact: what is found, how many there are, in which order. It belongs to one thread, but for building
 * segments and running merges, which may happen on another.
 */
#ifndef SEARCH_INDEX_H
#define SEARCH_INDEX_H

#include "base/arena.h"
#include "codec/fold.h"
#include "search/segment.h"

struct search_index;
struct search_merge;

/* Empty. NULL without memory. */
must_use struct search_index *search_index_new(void);
/* NULL is allowed. */
void search_index_free(struct search_index *index);
/* Memory, and records that can be found. */
size_t search_index_bytes(const struct search_index *index);
size_t search_index_n_records(const struct search_index *index);

/* Takes the changes in; what was known of their records before is dead. Owns the segment from then on. False without memory: then
 * it stays the caller's, and the index is as it was. */
must_use bool search_index_add(struct search_index *index, struct search_segment *segment);

/*
 * Few segments are faster than many. A merge that is due, or NULL (without memory, too); run it on any thread, then
 * put it in place. One at a time. What dies meanwhile is dead in the merged segment as well.
 */
must_use struct search_merge *search_index_merge_due(struct search_index *index);
size_t search_merge_n_records(const struct search_merge *merge);
void search_merge_run(struct search_merge *merge);
/* Leaves the index as it was when the run had no memory, or the index is another one by now. */
void search_index_merged(struct search_index *index, struct search_merge *merge);
/* NULL is allowed. */
void search_merge_free(struct search_merge *merge);

/*
 * Room for one more segment: when there is none, the later half of them are merged at once. search_index_add sees to it;
 * where it may be much, it is done before, on a worker, while nobody else has the index. False without memory.
 */
must_use bool search_index_make_room(struct search_index *index);

/* What was found: in the arena. */
struct search_found {
	int32_t *rids; /* the page, best first */
	size_t n;
	size_t total;
	struct str corrected; /* the query as it was understood; absent when it was taken as it is */
};

/*
 * The records that a query finds, from `skip` on, `most` at most: those with all its words, of which the last may go
 * on; else with all words as they may be misspelt; else with any of them. Best first; of two equally good ones that
 * which was added last. False without memory or over the arena's budget.
 */
must_use bool search_index_find(const struct search_index *index, const struct fold_query *query, size_t skip,
				size_t most, struct arena *arena, struct search_found *found);

/* The same of all that a query finds, in no order. */
must_use bool search_index_all(const struct search_index *index, struct str_list words, struct arena *arena,
			       struct search_found *found);

/* Words as they would be corrected where nothing is like them, joined by blanks, and how many were. */
must_use bool search_index_correct(const struct search_index *index, struct str_list words, struct arena *arena,
				   struct str *corrected, size_t *n_corrected);

/* The newest records with a catalogue number that begins so, at most `most`. */
must_use bool search_index_catalog(const struct search_index *index, struct str prefix, size_t most,
				   struct arena *arena, struct search_found *found);

#endif
