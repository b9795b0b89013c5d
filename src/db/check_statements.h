/* SPDX-License-Identifier: MIT */
/* Whether the statements' declared types are those PostgreSQL finds: for a test. Blocking. */
#ifndef DB_CHECK_STATEMENTS_H
#define DB_CHECK_STATEMENTS_H

#include "base/buf.h"
#include "db/db.h"

/*
 * Prepares every statement against a migrated database and compares parameters and columns. 0: all agree;
 * 1: *differences has a line each; -1: the database could not be reached, *differences says why.
 */
must_use int db_check_statements(struct str conninfo, const struct db_statement *const *all, size_t n,
				 struct buf *differences);

#endif
