/* SPDX-License-Identifier: MIT */
/* SQLSTATEs as problems. */
#include "db/fault.h"

enum { RETRY_AFTER_S = 1 };

/* The first row whose SQLSTATE prefix matches decides. */
static const struct {
	const char *prefix;
	enum problem_kind kind;
	const char *error;
} faults[] = {
	{ "53100", PROBLEM_NO_SPACE, "not enough disk space" },
	{ "53", PROBLEM_UNAVAILABLE, "the database is short of resources" },
	{ "57014", PROBLEM_UNAVAILABLE, "the query took too long" },
	{ "57", PROBLEM_UNAVAILABLE, "the database is restarting" },
	{ "55P03", PROBLEM_UNAVAILABLE, "busy, try again" },
	{ "40", PROBLEM_UNAVAILABLE, "busy, try again" }, /* deadlock, serialisation */
	{ "25006", PROBLEM_UNAVAILABLE, "the database is read-only" },
	{ "08", PROBLEM_UNAVAILABLE, "the database is away" },
};

const struct problem *db_unavailable(struct arena *arena, struct str error)
{
	static const struct problem exhausted = { .kind = PROBLEM_UNAVAILABLE,
						  .error = { "temporarily unavailable", 23 },
						  .retry_after_s = RETRY_AFTER_S };
	struct problem *problem = arena_new_of(arena, struct problem);

	if (!problem)
		return &exhausted;
	*problem = (struct problem){ .kind = PROBLEM_UNAVAILABLE, .error = error, .retry_after_s = RETRY_AFTER_S };
	return problem;
}

const struct problem *db_fault_of(struct arena *arena, struct str sqlstate)
{
	for (size_t i = 0; i < countof(faults); i++) {
		if (!str_starts(sqlstate, str_of(faults[i].prefix)))
			continue;
		if (faults[i].kind == PROBLEM_UNAVAILABLE)
			return db_unavailable(arena, str_of(faults[i].error));
		return problem_new(arena, faults[i].kind, str_of(faults[i].error));
	}
	return problem_new(arena, PROBLEM_INTERNAL, STR_ABSENT);
}
