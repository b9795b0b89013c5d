/* SPDX-License-Identifier: MIT */
/* Records to be changed in one go: parallel lists, as the statement import_update takes them. */
#ifndef APP_RECORD_CHANGES_H
#define APP_RECORD_CHANGES_H

#include "app/record.h"
#include "db/db.h"

struct record_changes {
	struct arena *arena; /* of all that is added */
	struct str_list ids, versions, docs, terms, dup_keys, search_texts;
	size_t room, bytes; /* bytes: of the documents */
};

enum { RECORD_CHANGES_BYTES = 8 << 20 };

/* An empty one for up to `room` records. False over the arena's budget. */
must_use bool record_changes_begin(struct record_changes *changes, size_t room, struct arena *arena);
/* Takes the record on to its next version, which follows the stored one. False when that is too large. */
must_use bool record_changes_add(struct record_changes *changes, struct record *record, int64_t stored_version);
static inline size_t record_changes_n(const struct record_changes *changes)
{
	return changes->ids.n;
}
/* There is no room for another, or there is enough for one statement. */
static inline bool record_changes_full(const struct record_changes *changes)
{
	return changes->ids.n == changes->room || changes->bytes >= RECORD_CHANGES_BYTES;
}
/* Adds the lists as parameters, from `ids` on, and empties them. */
void record_changes_take(struct record_changes *changes, struct db_params *params);

#endif
