/* SPDX-License-Identifier: MIT */
/* Transactions as the pool sees them: which connection is pinned, and until when. */
#include "db/pool.h"
#include "loop/call.h"

void db_session_begun(struct db_conn *conn, struct db_unit *unit)
{
	conn->pinned = true;
	conn->session = unit->session;
	unit->session->conn = conn;
}

void db_session_lost(struct db_conn *conn)
{
	struct db_session *session = take(conn->session);
	if (session)
		session->conn = NULL;
}

static bool failed(const struct db_unit *unit)
{
	return unit->lost || PQresultStatus(unit->result) != PGRES_COMMAND_OK;
}

static void begin_answered(struct db_conn *conn, struct db_unit *unit)
{
	if (failed(unit)) {
		db_session_lost(conn);
		db_conn_break(conn);
	} else if (unit->call) {
		unit->call->session = conn->session;
	}
}

static void end_answered(struct db_conn *conn, struct db_unit *unit)
{
	db_session_lost(conn);
	if (unit->call)
		unit->call->session = NULL;
	if (failed(unit))
		db_conn_break(conn); /* whatever state it is in, the server cleans up */
	else
		conn->pinned = false;
}

void db_session_answered(struct db_conn *conn, struct db_unit *unit)
{
	if (unit->kind == UNIT_BEGIN)
		begin_answered(conn, unit);
	else if (unit->kind == UNIT_COMMIT || unit->kind == UNIT_ROLLBACK)
		end_answered(conn, unit);
}
