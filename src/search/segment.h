/* SPDX-License-Identifier: MIT */
/*
 * A part of an index that never changes: some records (*docs*, numbered by their rids' order), a dictionary of their
 * terms in byte order, and for each term its *postings*: in which docs it is, and how much it says there.
 *
 * Everything lies in a few arrays; there is no allocation for a term or a posting.
 */
#ifndef SEARCH_SEGMENT_H
#define SEARCH_SEGMENT_H

#include "search/changes.h"

/* A posting is one number: doc, whether it is of the catalogue number, weight. In the order of numbers is in that of docs. */
enum {
	POSTING_WEIGHT_BITS = 10,
	POSTING_WEIGHT_MAX = (1 << POSTING_WEIGHT_BITS) - 1,
	POSTING_CATALOG = 1 << POSTING_WEIGHT_BITS,
	POSTING_DOC_SHIFT = POSTING_WEIGHT_BITS + 1,
	SEGMENT_MAX_DOCS = 1 << (32 - POSTING_DOC_SHIFT),
};

static inline uint32_t posting_doc(uint32_t posting) { return posting >> POSTING_DOC_SHIFT; }
static inline uint32_t posting_weight(uint32_t posting) { return posting & POSTING_WEIGHT_MAX; }

/* A term's number in its segment. */
typedef uint32_t term_id;
#define NO_TERM UINT32_MAX

enum { TERM_CORRECTABLE = 1 };

struct search_segment {
	unsigned refs; /* counted on the index's thread */
	size_t bytes;  /* of memory */
	uint32_t n_docs, n_gone, n_terms, n_postings, n_tails;
	int32_t *rids;	      /* ascending */
	int32_t *gone;	      /* ascending: records that are not there any more */
	char *text;	      /* the terms, one after another */
	uint32_t *term_at;    /* n_terms + 1 offsets in the text */
	uint32_t *posting_at; /* n_terms + 1 places in the postings */
	uint32_t *postings;
	uint8_t *flags; /* of the terms */
	term_id *tails; /* the correctable terms by their bytes from the end */
};

/* On any thread; the changes are left as they are, but for their order. NULL without memory, or with too many of them. */
must_use struct search_segment *search_segment_build(struct search_changes *changes);
struct search_segment *search_segment_ref(struct search_segment *segment);
/* NULL is allowed. */
void search_segment_unref(struct search_segment *segment);

/* Sizes the arrays for what the counts say, and puts `bytes`. False without memory: unref it all the same. */
must_use bool segment_alloc(struct search_segment *segment, size_t text_len);
/* Gives back what the counts no longer say, once the dictionary is there. */
void segment_trim(struct search_segment *segment);
/* The tails, once the dictionary is there. */
void segment_sort_tails(struct search_segment *segment);

static inline struct str segment_term(const struct search_segment *segment, term_id term)
{
	uint32_t at = segment->term_at[term];
	return (struct str){ segment->text + at, segment->term_at[term + 1] - at };
}

/* The doc of a record, or -1. */
int64_t segment_doc(const struct search_segment *segment, int32_t rid);
/* NO_TERM when it is not there. */
term_id segment_find(const struct search_segment *segment, struct str term);
/* The terms that begin so: from *first to before *end. */
void segment_prefixed(const struct search_segment *segment, struct str prefix, term_id *first, term_id *end);
/* The same by their ends; places in `tails`, correctable terms only. */
void segment_suffixed(const struct search_segment *segment, struct str suffix, uint32_t *first, uint32_t *end);

#endif
