/* SPDX-License-Identifier: MIT */
/*
 * PostgreSQL without ever blocking: a bounded pool of pipelined connections.
 *
 * A query is a named statement (compiled in from store's .sql files) with text parameters. It is one unit of work
 * under one Sync, so that a stranger's error never touches it. Outside a transaction a read or a write is one
 * statement, atomic by itself. db_begin pins a connection to the call until db_commit; if the call ends early it is
 * rolled back. Rows belong to the engine and are valid until the step that receives them returns.
 *
 * Failures, as the client sees them: pool's wait queue full, or database away → 503 with Retry-After; statement
 * timeout → 503; disk full (53100) → 507; anything else → 500, logged here with the statement's name. A statement
 * may name SQLSTATEs it expects (unique violation, say): see `expects`.
 */
#ifndef DB_DB_H
#define DB_DB_H

#include "base/str.h"
#include "base/uuid.h"
#include "loop/loop.h"

struct db;	   /* the pool */
struct db_rows;	   /* a result */
struct db_session; /* a pinned connection */

/* One row of the statement registry; made by the sqlgen host tool, never by hand. */
struct db_statement {
	const char *name; /* also the prepared statement's */
	const char *sql;
	unsigned n_params;
	const char *const *param_types; /* SQL type names, n_params of them */
	unsigned n_columns;
	const char *const *column_names, *const *column_types;
	const char *
		expects; /* "" or SQLSTATEs, blank-separated, that reach the next step as db_sqlstate instead of failing */
	bool replica; /* it only reads, data of the user who is its first parameter */
};

enum { DB_MAX_PARAMS = 48 };

/* Parameters in the order of the statement; the bytes must live until the query is answered (use the call's arena). */
struct db_params {
	unsigned n;
	const char *values[DB_MAX_PARAMS]; /* NUL-terminated text; NULL is SQL NULL */
};

/* Numbers for an int4[]. */
struct db_ints {
	const int32_t *items;
	size_t n;
};

/* Each adds one parameter, rendered in the arena. Over the arena's budget the params are poisoned and the query fails. */
void db_add_text(struct db_params *params, struct arena *arena, struct str value);	   /* absent → NULL */
void db_add_uuid(struct db_params *params, struct arena *arena, const struct uuid *value); /* NULL → NULL */
void db_add_int(struct db_params *params, struct arena *arena, int64_t value);
void db_add_bool(struct db_params *params, struct arena *arena, bool value);
void db_add_time(struct db_params *params, struct arena *arena, int64_t ms); /* ms since 1970; INT64_MIN → NULL */
void db_add_text_array(struct db_params *params, struct arena *arena, struct str_list values);
void db_add_int_array(struct db_params *params, struct arena *arena, struct db_ints values);
void db_add_null(struct db_params *params);

/* Runs the statement on the call's pinned connection, else on any; `next` finds call->rows. */
must_use struct turn db_query(struct call *call, struct db *db, const struct db_statement *statement,
			      const struct db_params *params, struct step next);

/* A transaction: READ COMMITTED. Between these, every db_query of the call runs inside it. */
must_use struct turn db_begin(struct call *call, struct db *db, struct step next);
must_use struct turn db_commit(struct call *call, struct step next);
must_use struct turn db_rollback(struct call *call, struct step next);

/* The result. */
size_t db_n_rows(const struct db_rows *rows);
size_t db_affected(const struct db_rows *rows);
/* The SQLSTATE of an expected error, or "" on success. */
const char *db_sqlstate(const struct db_rows *rows);
bool db_is_null(const struct db_rows *rows, size_t row, unsigned column);
struct str db_text(const struct db_rows *rows, size_t row, unsigned column);		 /* NULL → absent */
int64_t db_int(const struct db_rows *rows, size_t row, unsigned column);		 /* NULL → 0 */
bool db_bool(const struct db_rows *rows, size_t row, unsigned column);			 /* NULL → false */
bool db_uuid(const struct db_rows *rows, size_t row, unsigned column, struct uuid *out); /* false on NULL */
/* timestamptz → ms since 1970 (the session prints ISO in UTC); NULL → INT64_MIN. */
int64_t db_time(const struct db_rows *rows, size_t row, unsigned column);

struct db_settings {
	struct str conninfo; /* a libpq connection string or URL */
	unsigned pool_size;
	unsigned max_waiting; /* queries behind the pool; more are refused with 503 */
	unsigned max_depth;   /* queries in flight on one connection */
	unsigned statement_timeout_ms;
	unsigned cancel_after_ms; /* a query of a gone client is cancelled when it has run that long */
	const char *application_name;
};

/* Starts connecting; returns at once. NULL without memory, or when the conninfo is malformed (logged). */
must_use struct db *db_open(struct loop *loop, const struct db_settings *settings);
/*
 * From now on statements marked so go to the pool `replica`, outside transactions, when it is up and `may` says so for
 * the user (as text). What fails there is asked of db again. Close it first.
 */
void db_read_from(struct db *db, struct db *replica, bool (*may)(void *arg, struct str user), void *arg);
/* Whether at least one connection is up. */
bool db_up(const struct db *db);
/*
 * Finishes what is in flight, refuses new work, closes; `closed` runs when all handles are gone. Calls that are still
 * under way, with a worker say, may ask then, and are refused.
 */
void db_close(struct db *db, void (*closed)(void *arg), void *arg);
/* When it is closed, and nobody asks any more. NULL is allowed. */
void db_free(struct db *db);

#endif
