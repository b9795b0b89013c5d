/* SPDX-License-Identifier: MIT */
/* What handlers call: queries and transactions. */
#include "db/fault.h"
#include "db/pool.h"
#include "db/rows.h"
#include "loop/call.h"
#include "obs/log.h"

/* As a wait that fails, so that a catching step gets to see it. */
static struct turn refuse(struct call *call, const struct problem *problem, struct step next)
{
	struct turn turn = call_wait(call, next, NULL, NULL);
	call_wake_failed(call, problem);
	return turn;
}

static struct turn refuse_unsent(struct call *call, const struct db_statement *statement, const char *why,
				 struct step next)
{
	log_error("query not sent", LOG_TEXT("statement", str_of(statement->name)), LOG_TEXT("why", str_of(why)));
	return refuse(call, problem_new(call->arena, PROBLEM_INTERNAL, STR_ABSENT), next);
}

static struct turn refuse_lost(struct call *call, struct step next)
{
	return refuse(call, db_unavailable(call->arena, STR("the database went away")), next);
}

static struct turn submit(struct call *call, struct db *db, struct db_unit *unit, struct step next)
{
	struct str why;

	if (!db_pool_room(db, &why)) {
		db_unit_free(unit);
		return refuse(call, db_unavailable(call->arena, why), next);
	}
	struct turn turn = db_pool_wait(call, unit, next);
	db_pool_submit(db, unit);
	return turn;
}

static struct turn submit_pinned(struct call *call, struct db_unit *unit, struct step next)
{
	if (!db_pool_submit_pinned(call->session, unit))
		return refuse_lost(call, next);
	return db_pool_wait(call, unit, next);
}

struct turn db_query(struct call *call, struct db *db, const struct db_statement *statement,
		     const struct db_params *params, struct step next)
{
	unsigned n = params ? params->n : 0;

	if (n > DB_MAX_PARAMS)
		return refuse_unsent(call, statement, "a parameter is over the memory budget or holds a NUL", next);
	check(n == statement->n_params);
	struct db_rows *rows = db_rows_of_call(call);
	if (!call->session)
		db = db_pool_for(db, statement, params);
	struct db_unit *unit = rows ? db_unit_new(UNIT_QUERY, db, statement, call, params) : NULL;
	if (!unit)
		return refuse_unsent(call, statement, "out of memory", next);
	return call->session ? submit_pinned(call, unit, next) : submit(call, db, unit, next);
}

/* ---- transactions ---- */

static const struct db_statement statement_begin = { .name = "db_begin",
						     .sql = "BEGIN ISOLATION LEVEL READ COMMITTED",
						     .expects = "" };
static const struct db_statement statement_commit = { .name = "db_commit", .sql = "COMMIT", .expects = "" };
static const struct db_statement statement_rollback = { .name = "db_rollback", .sql = "ROLLBACK", .expects = "" };

static void roll_back(struct db_conn *conn)
{
	struct db_unit *unit = db_unit_new(UNIT_ROLLBACK, conn->owner, &statement_rollback, NULL, NULL);

	if (unit && db_conn_send(conn, unit))
		return;
	if (unit)
		db_unit_free(unit);
	db_conn_break(conn);
}

/* The call is over: so is its transaction. */
static void release(void *arg)
{
	struct db_session *session = arg;
	struct db_conn *conn = take(session->conn);

	if (!conn)
		return;
	conn->session = NULL;
	if (!session->ending)
		roll_back(conn);
}

struct turn db_begin(struct call *call, struct db *db, struct step next)
{
	check(!call->session);
	struct db_session *session = arena_new_of(call->arena, struct db_session);
	struct db_unit *unit = db_unit_new(UNIT_BEGIN, db, &statement_begin, call, NULL);

	if (!session || !unit || !call_defer(call, release, session)) {
		if (unit)
			db_unit_free(unit);
		return refuse_unsent(call, &statement_begin, "out of memory", next);
	}
	session->db = db;
	unit->session = session;
	return submit(call, db, unit, next);
}

static struct turn end(struct call *call, enum db_unit_kind kind, const struct db_statement *statement,
		       struct step next)
{
	struct db_session *session = call->session;
	check(session && !session->ending);
	struct db_unit *unit = db_unit_new(kind, session->db, statement, call, NULL);
	if (!unit)
		return refuse_unsent(call, statement, "out of memory", next);
	session->ending = true;
	struct turn turn = submit_pinned(call, unit, next);
	if (!session->conn)
		call->session = NULL;
	return turn;
}

struct turn db_commit(struct call *call, struct step next)
{
	return end(call, UNIT_COMMIT, &statement_commit, next);
}

struct turn db_rollback(struct call *call, struct step next)
{
	check(call->session);
	if (call->session->conn)
		return end(call, UNIT_ROLLBACK, &statement_rollback, next);
	call->session = NULL; /* lost: the server has rolled it back */
	return call_next(call, next);
}
