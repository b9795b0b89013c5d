/* SPDX-License-Identifier: MIT */
/* How Discogs spells formats, conditions, names and dates in a collection export. */
#ifndef APP_IMPORT_DISCOGS_H
#define APP_IMPORT_DISCOGS_H

#include "app/import_rows.h"

/* The taker for a column of a Discogs export, with its field if it has one; absent ones are none of Discogs' own. */
struct import_column import_discogs_column(struct str name);

/*
 * "2xLP, Album + CD": the record's format ("LP") and one media piece for each disc. Returns false when nothing in it
 * names a carrier; then the format is the first word.
 */
bool import_discogs_format(struct str text, struct record *record, struct arena *arena);

/* "Nirvana (2), Melvins" → "Nirvana, Melvins": the numbers tell namesakes apart at Discogs only. */
struct str import_discogs_names(struct str text, struct arena *arena);

#endif
