/* SPDX-License-Identifier: MIT */
/* SQLSTATEs as problems. */
#include "db/fault.h"

enum { RETRY_AFTER_S = 1 };

/* The first row whose SQLSTATE prefix matches decides. */
static const struct {
	struct str prefix;
	enum problem_kind kind;
	struct str error;
} faults[] = {
#define FAULT(prefix, kind, error) { { prefix, sizeof(prefix) - 1 }, PROBLEM_##kind, { error, sizeof(error) - 1 } }
	FAULT("53100", NO_SPACE, "not enough disk space"),
	FAULT("53", UNAVAILABLE, "the database is short of resources"),
	FAULT("57014", UNAVAILABLE, "the query took too long"),
	FAULT("57", UNAVAILABLE, "the database is restarting"),
	FAULT("55P03", UNAVAILABLE, "busy, try again"),
	FAULT("40", UNAVAILABLE, "busy, try again"), /* deadlock, serialisation */
	FAULT("25006", UNAVAILABLE, "the database is read-only"),
	FAULT("08", UNAVAILABLE, "the database is away"),
#undef FAULT
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
		if (!str_starts(sqlstate, faults[i].prefix))
			continue;
		if (faults[i].kind == PROBLEM_UNAVAILABLE)
			return db_unavailable(arena, faults[i].error);
		return problem_new(arena, faults[i].kind, faults[i].error);
	}
	return problem_new(arena, PROBLEM_INTERNAL, STR_ABSENT);
}
