/* SPDX-License-Identifier: MIT */
/* A unit of work: what is sent under one Sync, and who waits for it. */
#ifndef DB_UNIT_H
#define DB_UNIT_H

#include <libpq-fe.h>

#include "base/list.h"
#include "db/db.h"

struct db_conn;

enum db_unit_kind {
	UNIT_QUERY,
	UNIT_BEGIN,
	UNIT_COMMIT,
	UNIT_ROLLBACK,
	UNIT_PING, /* a Sync alone */
};

struct db_unit {
	struct link link; /* in the pool's queue, or on a connection */
	enum db_unit_kind kind;
	const struct db_statement *statement; /* NULL for a ping */
	struct db *db;			      /* the pool it came from */
	struct call *call;		      /* NULL: nobody waits */
	struct db_conn *conn;		      /* NULL: not sent */
	struct db_session *session;	      /* whose BEGIN it is, or NULL */
	int64_t queued_us, head_us;	      /* since when it waits, and since when the server can be at work on it */
	PGresult *result;		      /* the first error, else the statement's result */
	bool preparing;			      /* the Parse's own result is still to come */
	bool retried;
	bool orphaned; /* the client has gone */
	bool cancel_sent;
	bool exposed; /* a cancellation meant for the one before it may hit this one */
	bool lost;    /* the connection broke first */
	unsigned n_params;
	const char *params[]; /* the bytes are the call's */
};

/* NULL without memory. `params` may be NULL. */
must_use struct db_unit *db_unit_new(enum db_unit_kind kind, struct db *db, const struct db_statement *statement,
				     struct call *call, const struct db_params *params);
void db_unit_free(struct db_unit *unit);

#endif
