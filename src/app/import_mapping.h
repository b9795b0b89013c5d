/* SPDX-License-Identifier: MIT */
/* Columns mapped by hand: which column of anybody's CSV file feeds which field. */
#ifndef APP_IMPORT_MAPPING_H
#define APP_IMPORT_MAPPING_H

#include "app/import_rows.h"

/*
 * Reads {"column": "field", …}; null instead of a field: the column is left out. Texts are of the arena. 0, or 1 with
 * *said: a sentence about what is wrong with it; what a record cannot do without must be fed.
 */
must_use int import_mapping_parse(struct import_mapping *mapping, struct str json, struct arena *arena, struct str *said);

/* Whether files may feed the field, by hand; and whether they must. */
bool import_mappable(const struct record_field *field);
bool import_must_map(const struct record_field *field);

/* As import_columns_of: columns that are not named in the mapping go into `extra`. */
must_use int import_mapping_columns(const struct import_mapping *mapping, struct import_columns *columns,
				    struct str_list header, struct arena *arena, struct str *said);

#endif
