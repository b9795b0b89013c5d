/* SPDX-License-Identifier: MIT */
/*
 * What has changed among a user's records, gathered until it becomes a segment. Of a record that changed twice the
 * later change counts.
 *
 * A record comes with its *terms*, packed as codec/fold.h says (`FFFWWW<term>`), a line each. What is no packed term
 * is left out: it is the database's content, and no reason to do without the rest.
 */
#ifndef SEARCH_CHANGES_H
#define SEARCH_CHANGES_H

#include "base/buf.h"

/* Of one record. Its texts lie in search_changes.text. */
struct search_change {
	int32_t rid;
	uint32_t order; /* in which it came */
	bool gone;
	size_t text, terms_len, further_len;
};

struct search_changes {
	struct buf text;
	struct search_change *items;
	size_t n, room;
};

/* NULL without memory. */
must_use struct search_changes *search_changes_new(void);
/* NULL is allowed. */
void search_changes_free(struct search_changes *changes);

/*
 * The record is there, with these terms; where `further` (of its aliases; may be absent) has a term that is in `terms`
 * too, that one counts. Copies. False without memory: then the changes are of no use any more.
 */
must_use bool search_changes_put(struct search_changes *changes, int32_t rid, struct str terms, struct str further);
/* The record is not there any more. */
must_use bool search_changes_drop(struct search_changes *changes, int32_t rid);

/* How many changes, and the memory they take. */
size_t search_changes_n(const struct search_changes *changes);
size_t search_changes_bytes(const struct search_changes *changes);

#endif
