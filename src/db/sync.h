/* SPDX-License-Identifier: MIT */
/*
 * PostgreSQL for commands and workers: one connection, blocking.
 *
 * It runs the same named statements with the same parameters as the pool, and its rows are read with the same
 * functions. For much data there are COPY in and rows one by one. One thread at a time.
 *
 *	if (db_sync_run(sync, &store_statement_user_by_email, &params) < 0)
 *		return complain(db_sync_said(sync));
 *	struct uuid id = store_user_by_email_row(&(struct call){ .rows = db_sync_rows(sync) }, 0).id;
 */
#ifndef DB_SYNC_H
#define DB_SYNC_H

#include "db/db.h"

struct db_sync;

/* Connects; NULL with one sentence in *said, in the arena. No statement timeout but the role's own. */
must_use struct db_sync *db_sync_open(struct str conninfo, const char *application_name, struct arena *arena,
				      struct str *said);
/* What is not committed is rolled back. NULL is allowed. */
void db_sync_close(struct db_sync *sync);
/* For `owned(db_sync_drop) struct db_sync *s = …`. */
void db_sync_drop(struct db_sync **sync);
/* What failed last, a sentence; valid until the next function of this connection. */
struct str db_sync_said(const struct db_sync *sync);

/* Runs it: 0, 1 for an error the statement expects (db_sqlstate tells), -1 for any other. `params` may be NULL. */
must_use int db_sync_run(struct db_sync *sync, const struct db_statement *statement, const struct db_params *params);
/* Of the last run; valid until the next. */
struct db_rows *db_sync_rows(struct db_sync *sync);
/* Runs it and gives each row to `row` as it arrives, as row 0 of `rows`, until that returns false. 0 or -1. */
must_use int db_sync_each(struct db_sync *sync, const struct db_statement *statement, const struct db_params *params,
			  bool (*row)(void *arg, struct db_rows *rows), void *arg);

/* A transaction: 0 or -1. */
must_use int db_sync_begin(struct db_sync *sync);
must_use int db_sync_commit(struct db_sync *sync);
void db_sync_rollback(struct db_sync *sync);

/*
 * COPY … FROM STDIN (FORMAT binary): begin, then the columns of each row in order and db_copy_end_row, then finish.
 * Nothing is converted: each column is written by the function of its type. An error, such as a number that its type
 * cannot hold, keeps until db_copy_finish, which says how it went: 0 with the number of rows, or -1.
 */
must_use int db_copy_begin(struct db_sync *sync, const struct db_statement *statement);
void db_copy_null(struct db_sync *sync);
void db_copy_text(struct db_sync *sync, struct str value);	   /* absent → NULL */
void db_copy_uuid(struct db_sync *sync, const struct uuid *value); /* NULL → NULL */
void db_copy_int2(struct db_sync *sync, int64_t value);
void db_copy_int4(struct db_sync *sync, int64_t value);
void db_copy_int8(struct db_sync *sync, int64_t value);
void db_copy_bool(struct db_sync *sync, bool value);
void db_copy_json(struct db_sync *sync, struct str value);    /* jsonb */
void db_copy_time(struct db_sync *sync, int64_t ms);	      /* timestamptz, from ms since 1970 */
void db_copy_money(struct db_sync *sync, int64_t hundredths); /* numeric */
void db_copy_end_row(struct db_sync *sync);
must_use int db_copy_finish(struct db_sync *sync, size_t *n_rows);
/* Ends the COPY so that nothing of it stays. */
void db_copy_abort(struct db_sync *sync);

#endif
