/* SPDX-License-Identifier: MIT */
/* The result behind db_rows: one per call (or blocking connection), refilled by each query. */
#ifndef DB_ROWS_H
#define DB_ROWS_H

#include <libpq-fe.h>

#include "db/db.h"

struct db_rows {
	PGresult *result; /* NULL: none yet */
};

/* The call's rows, emptied; made at its first query and released at its end. NULL over the arena's budget. */
must_use struct db_rows *db_rows_of_call(struct call *call);
/* Takes over the result. */
void db_rows_fill(struct db_rows *rows, PGresult *result);
/* Frees the result. */
void db_rows_clear(struct db_rows *rows);

/* Whether the SQLSTATE is one the statement expects. */
bool db_expects(const struct db_statement *statement, struct str sqlstate);
/* A result's SQLSTATE, "" when it has none. */
struct str db_result_sqlstate(const PGresult *result);

#endif
