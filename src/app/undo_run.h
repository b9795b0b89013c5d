/* SPDX-License-Identifier: MIT */
/*
 * Undoing a whole import: one blocking function for a worker.
 *
 * What the import made goes to the trash, what it filled becomes what it was; what has been changed since is kept as it
 * is. Each step is one transaction that forgets what it undid, and remembers how far it came, so that an undoing that was
 * interrupted goes on where it stood.
 */
#ifndef APP_UNDO_RUN_H
#define APP_UNDO_RUN_H

#include "app/import_run.h"

/* What is counted: COUNT(member, name in JSON). */
#define UNDO_COUNTS(COUNT)          \
	COUNT(total, "total")       \
	COUNT(done, "done")         \
	COUNT(removed, "removed")   \
	COUNT(restored, "restored") \
	COUNT(kept, "kept")

struct undo_counts {
#define COUNT(member, name) int64_t member;
	UNDO_COUNTS(COUNT)
#undef COUNT
};

void undo_counts_put(const struct undo_counts *counts, struct json_out *out);
struct undo_counts undo_counts_of(const struct json *json);

struct undo_order {
	struct str conninfo;
	struct uuid user, import, job; /* whose row keeps the progress */
	struct undo_counts from;       /* where an interrupted one stood */
	/* After each step; false stops it there. */
	bool (*progress)(void *arg);
	void *arg;
};

/* As import_run; IMPORT_STOPPED also when another node is at it. */
must_use int undo_run(const struct undo_order *order, struct undo_counts *counts, struct arena *arena, struct str *said);

#endif
