/* SPDX-License-Identifier: MIT */
/*
 * From the rows of a CSV file to records: recordd's own export, or a Discogs collection export, told apart by header.
 *
 * Pure: cells in, a record and what is wrong with it out. A column that means nothing to us is kept in the record's
 * `extra` under its own name, so that no import loses anything.
 */
#ifndef APP_IMPORT_ROWS_H
#define APP_IMPORT_ROWS_H

#include "app/record.h"

enum import_format { IMPORT_AUTO, IMPORT_RECORDD, IMPORT_DISCOGS, IMPORT_MAPPED };

/* "auto", "recordd", "discogs"; false for anything else. Mapped is what a mapping makes it. */
must_use bool import_format_parse(struct str text, enum import_format *out);
struct str import_format_text(enum import_format format);

struct import_column {
	/* Takes one cell over; `column` is this. NULL: the cell is ignored. */
	void (*read)(struct record *record, const struct import_column *column, struct str cell,
		     struct record_check *check);
	const struct record_field *field; /* for the takers that have one */
	struct str name;		  /* as the file spells it */
};

struct import_columns {
	enum import_format format; /* never IMPORT_AUTO */
	struct import_column *items;
	size_t n;
};

/* Which column feeds which field, by hand; see import_mapping.h. */
struct import_mapping {
	struct import_mapped {
		struct str column;
		const struct record_field *field; /* NULL: the column is left out */
	} * items;
	size_t n; /* 0: there is none */
};

/* The column that feeds the field as our own files do; without a field, it goes into `extra` under its name. */
struct import_column import_column_of(struct str name, const struct record_field *field);
/* The field that a column of this name is likely to be for, or NULL. */
const struct record_field *import_field_of(struct str name);

/*
 * Reads a header. 0, or 1 with *said: a sentence that tells what the file lacks to be one of ours. The cells must live
 * as long as *columns, or `arena` be exhausted, which is 1 too.
 */
must_use int import_columns_of(struct import_columns *columns, struct str_list header, enum import_format asked,
			       struct arena *arena, struct str *said);

/*
 * Reads one row into *record, settled but for owner, id, version and time of change. Missing cells at the end are
 * blank. What is wrong goes into the check, each under the column's own name.
 */
void import_row(const struct import_columns *columns, struct str_list cells, struct record *record,
		struct record_check *check);

#endif
