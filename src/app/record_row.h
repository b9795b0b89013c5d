/* SPDX-License-Identifier: MIT */
/* A record as the database takes it: the rendered document, and what it is found and recognised by. */
#ifndef APP_RECORD_ROW_H
#define APP_RECORD_ROW_H

#include "app/record.h"
#include "codec/fold.h"

struct record_row {
	struct str doc;
	struct fold_index index;
};

/* Both, in the arena. False only over its budget, or when the document is larger than RECORD_DOC_MAX. */
must_use bool record_row_of(const struct record *record, struct arena *arena, struct record_row *out);
/* The document alone; absent instead of false. */
struct str record_doc(const struct record *record, struct arena *arena);
/* The index alone. */
must_use bool record_index(const struct record *record, struct arena *arena, struct fold_index *out);

/* Gives a new record its id, owner, first version and times. `now_ms` is the wall clock. */
void record_begin(struct record *record, const struct uuid *user, int64_t now_ms);
/* The next version of a stored one. */
void record_advance(struct record *record, int64_t now_ms);

#endif
