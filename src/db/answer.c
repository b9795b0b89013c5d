/* SPDX-License-Identifier: MIT */
/* How a unit ends: its result goes to the call that waits, or it is sent once more. */
#include "base/clock.h"
#include "db/fault.h"
#include "db/pool.h"
#include "db/rows.h"
#include "loop/call.h"
#include "obs/log.h"
#include "obs/metrics.h"

static bool succeeded(const struct db_unit *unit)
{
	ExecStatusType status = unit->result ? PQresultStatus(unit->result) : PGRES_COMMAND_OK;
	return !unit->lost && (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK);
}

/* A COMMIT of a transaction that had failed is answered by a ROLLBACK. */
static bool committed(const struct db_unit *unit)
{
	return unit->kind != UNIT_COMMIT || str_equal(str_of(PQcmdStatus(unit->result)), STR("COMMIT"));
}

static void fail_lost(struct db_unit *unit)
{
	struct call *call = unit->call;

	if (unit->kind == UNIT_ROLLBACK)
		call_wake(call); /* the server rolls back what it loses sight of */
	else
		call_wake_failed(call, db_unavailable(call->arena, STR("the database went away")));
}

static void fail_by_sqlstate(struct db_unit *unit, struct str sqlstate)
{
	struct call *call = unit->call;
	const struct problem *problem = db_fault_of(call->arena, sqlstate);
	const char *message = PQresultErrorField(unit->result, PG_DIAG_MESSAGE_PRIMARY);

	log_at(problem->kind == PROBLEM_INTERNAL ? LOG_LEVEL_ERROR : LOG_LEVEL_WARN, "query failed",
	       LOG_TEXT("statement", str_of(unit->statement->name)), LOG_TEXT("sqlstate", sqlstate),
	       LOG_TEXT("message", str_of(message)));
	call_wake_failed(call, problem);
}

static void hand_over(struct db_unit *unit)
{
	if (unit->kind == UNIT_QUERY)
		db_rows_fill(unit->call->rows, take(unit->result));
	call_wake(unit->call);
}

void db_answer(struct db_unit *unit)
{
	struct str sqlstate = db_result_sqlstate(unit->result);
	bool success = succeeded(unit);

	metric_add(METRIC_DB_QUERIES, 1);
	metrics_query(unit->statement->name, clock_monotonic_us() - unit->queued_us);
	if (!success)
		metric_add(METRIC_DB_ERRORS, 1);
	if (unit->lost) {
		fail_lost(unit);
	} else if (success && !committed(unit)) {
		log_error("a failed transaction was committed", LOG_TEXT("call", str_of(unit->call->kind->name)));
		call_wake_failed(unit->call, problem_new(unit->call->arena, PROBLEM_INTERNAL, STR_ABSENT));
	} else if (success || db_expects(unit->statement, sqlstate)) {
		hand_over(unit);
	} else {
		fail_by_sqlstate(unit, sqlstate);
	}
}

/* Cancelled in place of the one before it: nothing of it has happened. */
static bool hit_by_stray(const struct db *db, const struct db_unit *unit, struct str sqlstate)
{
	int64_t ran_ms = (clock_monotonic_us() - unit->head_us) / 1000;
	return unit->exposed && str_equal(sqlstate, STR("57014")) && ran_ms < db->settings.statement_timeout_ms;
}

static bool met_unprepared(const struct db_unit *unit, struct str sqlstate)
{
	return !unit->retried && (str_equal(sqlstate, STR("26000")) || str_equal(sqlstate, STR("42P05")));
}

bool db_answer_again(const struct db *db, const struct db_conn *conn, struct db_unit *unit)
{
	struct str sqlstate = db_result_sqlstate(unit->result);

	/* Inside a transaction an error has undone more than this unit. */
	if (unit->lost || unit->kind != UNIT_QUERY || !unit->call || conn->pinned || db->closing)
		return false;
	if (hit_by_stray(db, unit, sqlstate))
		unit->exposed = false;
	else if (met_unprepared(unit, sqlstate))
		unit->retried = true;
	else
		return false;
	PQclear(take(unit->result));
	return true;
}
