/* SPDX-License-Identifier: MIT */
/*
 * Importing a file, from its first byte to its last row: one blocking function for a worker or the command line.
 *
 * Rows are taken in batches. Each batch is one transaction that also remembers how far it came and what was wrong, so
 * that an import that was interrupted goes on where it stood, and no row is added twice. One bad row never stops the
 * rest. Duplicates (the same Discogs release, or the same artist, title, catalogue number and format under folding)
 * are skipped, merged into what is there (filling empty fields only: what the owner entered stays), or added.
 */
#ifndef APP_IMPORT_RUN_H
#define APP_IMPORT_RUN_H

#include "app/import_rows.h"

enum import_duplicates { IMPORT_SKIP, IMPORT_MERGE, IMPORT_ADD };

/* "skip", "merge", "add"; false for anything else. */
must_use bool import_duplicates_parse(struct str text, enum import_duplicates *out);
struct str import_duplicates_text(enum import_duplicates duplicates);

/* What is counted: COUNT(member, name in JSON). `position` is the last row of the file that is done with. */
#define IMPORT_COUNTS(COUNT)           \
	COUNT(position, "position")    \
	COUNT(rows, "rows")            \
	COUNT(added, "added")          \
	COUNT(merged, "merged")        \
	COUNT(skipped, "skipped")      \
	COUNT(failed, "failed")        \
	COUNT(bytes_done, "bytesDone") \
	COUNT(bytes_total, "bytesTotal")

struct import_counts {
#define COUNT(member, name) int64_t member;
	IMPORT_COUNTS(COUNT)
#undef COUNT
};

/* Appends the counts as members of the object that is open; and reads such an object back. */
void import_counts_put(const struct import_counts *counts, struct json_out *out);
struct import_counts import_counts_of(const struct json *json);

/* A row that was not taken, one for each thing wrong with it. */
struct import_fault {
	int64_t row;	  /* from 1; the header is a row */
	int64_t line;	  /* of the file, from 1 */
	struct str field; /* or absent */
	struct str message;
};

enum { IMPORT_MAX_FAULTS = 10000 }; /* kept for a job's report; more are counted only */

struct import_order {
	struct str conninfo;
	struct uuid user;
	struct str path;
	enum import_format format;
	struct import_mapping mapping; /* columns by hand; none: by the format */
	enum import_duplicates duplicates;
	bool dry_run;
	const struct uuid *job;	   /* whose row keeps progress and faults, and which can be undone; NULL: none */
	struct import_counts from; /* where an interrupted one stood; zero for a new one */
	/* After each batch; false stops it there. May be NULL. */
	bool (*progress)(void *arg, const struct import_counts *counts);
	/* For each fault, when it is final. May be NULL. */
	void (*faulty)(void *arg, const struct import_fault *fault);
	void *arg;
};

enum import_outcome {
	IMPORT_DONE = 0,
	IMPORT_STOPPED = 1,   /* progress said so; to be gone on with later */
	IMPORT_CANCELLED = 2, /* the job's row says so */
	IMPORT_REFUSED = 3,   /* the file is none we know, or cannot be read: *said tells */
	IMPORT_FAILED = -1,   /* the database: *said tells. What was done stays; it may be gone on with */
};

/* `arena` is for *said only. *counts is up to date whatever comes out. */
must_use int import_run(const struct import_order *order, struct import_counts *counts, struct arena *arena,
			struct str *said);

#endif
