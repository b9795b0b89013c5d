/* SPDX-License-Identifier: MIT */
/* Units of work. */
#include "db/unit.h"

#include "base/clock.h"

struct db_unit *db_unit_new(enum db_unit_kind kind, struct db *db, const struct db_statement *statement,
			    struct call *call, const struct db_params *params)
{
	unsigned n = params ? params->n : 0;
	struct db_unit *unit = calloc(1, sizeof(*unit) + n * sizeof(unit->params[0]));

	if (!unit)
		return NULL;
	unit->kind = kind;
	unit->db = db;
	unit->statement = statement;
	unit->call = call;
	unit->queued_us = clock_monotonic_us();
	unit->n_params = n;
	for (unsigned i = 0; i < n; i++)
		unit->params[i] = params->values[i];
	list_init(&unit->link);
	return unit;
}

void db_unit_free(struct db_unit *unit)
{
	check(!link_listed(&unit->link));
	PQclear(unit->result);
	free(unit);
}
