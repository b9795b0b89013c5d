/* SPDX-License-Identifier: MIT */
/* Pipelined connections. */
#include "db/conn.h"

#include "base/clock.h"
#include "base/random.h"
#include "db/rows.h"
#include "obs/metrics.h"

enum {
	CONNECT_TIMEOUT_MS = 5000,
	FIRST_BACKOFF_MS = 50,
	LAST_BACKOFF_MS = 1500, /* with the time to connect, back within 2 s */
};

static struct db_conn *conn_of(struct db_link *link)
{
	return container_of(link, struct db_conn, link);
}

struct db_unit *db_conn_head(const struct db_conn *conn)
{
	return list_empty(&conn->in_flight) ? NULL : list_entry(conn->in_flight.next, struct db_unit, link);
}

/* ---- coming and going ---- */

static void retry_later(struct db_conn *conn)
{
	unsigned longest = conn->backoff_ms ? conn->backoff_ms : FIRST_BACKOFF_MS;

	conn->backoff_ms = longest * 2 < LAST_BACKOFF_MS ? longest * 2 : LAST_BACKOFF_MS;
	conn->state = CONN_AWAY;
	timer_start(&conn->timer, longest / 2 + random_below(longest / 2 + 1), 0);
}

static struct db_unit *pop_head(struct db_conn *conn)
{
	struct db_unit *unit = list_entry(list_pop_front(&conn->in_flight), struct db_unit, link);

	conn->depth--;
	unit->conn = NULL;
	metric_add(METRIC_DB_IN_FLIGHT, -1);
	return unit;
}

static void drop(struct db_conn *conn)
{
	if (conn->state == CONN_UP)
		metric_add(METRIC_DB_CONNECTIONS, -1);
	flusher_forget(&conn->flusher);
	db_link_close(&conn->link);
	db_statement_set_clear(&conn->prepared);
	conn->state = CONN_CLOSED;
	conn->cancelling = conn->broken = conn->pinned = false;
	while (conn->depth) {
		struct db_unit *unit = pop_head(conn);
		unit->lost = true;
		conn->events->answered(conn, unit);
	}
}

static void lost(struct db_conn *conn, struct str why)
{
	bool was_up = conn->state == CONN_UP;

	drop(conn);
	conn->events->down(conn, was_up, why);
	retry_later(conn);
}

static void link_broken(struct db_link *link)
{
	char why[256];
	lost(conn_of(link), db_link_why(link, why, sizeof(why)));
}

static void attempt(struct db_conn *conn)
{
	conn->state = CONN_CONNECTING;
	timer_start(&conn->timer, CONNECT_TIMEOUT_MS, 0);
	if (!db_link_connect(&conn->link, conn->target))
		link_broken(&conn->link);
}

static void timer_fired(struct timer *timer)
{
	struct db_conn *conn = container_of(timer, struct db_conn, timer);

	if (conn->state == CONN_CONNECTING)
		lost(conn, STR("no answer while connecting"));
	else
		attempt(conn);
}

void db_conn_hurry(struct db_conn *conn)
{
	conn->backoff_ms = 0;
	if (conn->state == CONN_AWAY)
		timer_start(&conn->timer, random_below(20), 0);
}

static void link_up(struct db_link *link)
{
	struct db_conn *conn = conn_of(link);

	if (!PQenterPipelineMode(link->pg)) {
		link_broken(link);
		return;
	}
	timer_stop(&conn->timer);
	conn->state = CONN_UP;
	conn->generation++;
	conn->backoff_ms = 0;
	metric_add(METRIC_DB_CONNECTIONS, 1);
	if (conn->was_up)
		metric_add(METRIC_DB_RECONNECTS, 1);
	conn->was_up = true;
	conn->events->up(conn);
}

/* ---- sending ---- */

static void flush(struct db_conn *conn)
{
	int unsent = PQflush(conn->link.pg);

	if (unsent < 0)
		link_broken(&conn->link);
	else
		db_link_want_write(&conn->link, unsent > 0);
}

static void link_writable(struct db_link *link)
{
	flush(conn_of(link));
}

static void end_of_turn(struct flusher *flusher)
{
	struct db_conn *conn = container_of(flusher, struct db_conn, flusher);

	if (conn->broken)
		link_broken(&conn->link);
	else if (conn->state == CONN_UP)
		flush(conn);
}

void db_conn_break(struct db_conn *conn)
{
	if (conn->state != CONN_UP)
		return; /* it is being dropped already */
	conn->broken = true;
	loop_flush_later(conn->link.loop, &conn->flusher);
}

static bool send_sync(PGconn *pg)
{
#ifdef LIBPQ_HAS_SEND_PIPELINE_SYNC
	return PQsendPipelineSync(pg);
#else
	return PQpipelineSync(pg);
#endif
}

static bool send_statement(struct db_conn *conn, struct db_unit *unit)
{
	const struct db_statement *statement = unit->statement;

	if (!db_statement_set_has(&conn->prepared, statement)) {
		if (!db_statement_set_add(&conn->prepared, statement) ||
		    !PQsendPrepare(conn->link.pg, statement->name, statement->sql, 0, NULL))
			return false;
		unit->preparing = true;
	}
	return PQsendQueryPrepared(conn->link.pg, statement->name, (int)unit->n_params, unit->params, NULL, NULL, 0);
}

bool db_conn_send(struct db_conn *conn, struct db_unit *unit)
{
	check(conn->state == CONN_UP && !link_listed(&unit->link));
	unit->preparing = false;
	if (conn->broken || (unit->statement && !send_statement(conn, unit)) || !send_sync(conn->link.pg)) {
		db_conn_break(conn);
		return false;
	}
	unit->exposed = conn->cancelling;
	unit->conn = conn;
	if (conn->depth++ == 0)
		unit->head_us = clock_monotonic_us();
	list_push_back(&conn->in_flight, &unit->link);
	metric_add(METRIC_DB_IN_FLIGHT, 1);
	loop_flush_later(conn->link.loop, &conn->flusher);
	return true;
}

/* ---- receiving ---- */

/*
 * Keeps the set true to what the server holds. After a Parse that failed, units sent behind it come back as 26000 (no
 * such statement); a Parse sent for what turned out to be there, as 42P05. Both can be sent again.
 */
static void learn(struct db_conn *conn, const struct db_unit *unit)
{
	struct str sqlstate = db_result_sqlstate(unit->result);

	if (!unit->statement)
		return;
	if (str_equal(sqlstate, STR("42P05"))) {
		if (!db_statement_set_add(&conn->prepared, unit->statement))
			db_conn_break(conn);
	} else if (unit->preparing || str_equal(sqlstate, STR("26000"))) {
		db_statement_set_remove(&conn->prepared, unit->statement);
	}
}

static void head_done(struct db_conn *conn)
{
	struct db_unit *unit = pop_head(conn), *next = db_conn_head(conn);

	if (next)
		next->head_us = clock_monotonic_us();
	learn(conn, unit);
	conn->events->answered(conn, unit);
}

static bool is_error(const PGresult *result)
{
	ExecStatusType status = PQresultStatus(result);
	return status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK;
}

/* The first error of a unit is its result: what follows it up to the Sync is only said to be aborted. */
static void take_result(struct db_conn *conn, struct db_unit *unit, PGresult *result)
{
	if (PQresultStatus(result) == PGRES_PIPELINE_SYNC) {
		PQclear(result);
		head_done(conn);
	} else if (unit->result) {
		PQclear(result);
	} else if (unit->preparing && !is_error(result)) {
		unit->preparing = false;
		PQclear(result);
	} else {
		unit->result = result;
	}
}

static void link_readable(struct db_link *link)
{
	struct db_conn *conn = conn_of(link);
	bool read = PQconsumeInput(link->pg);
	struct db_unit *unit;

	while ((unit = db_conn_head(conn)) && PQstatus(link->pg) == CONNECTION_OK && !PQisBusy(link->pg)) {
		PGresult *result = PQgetResult(link->pg); /* NULL between two commands */
		if (result)
			take_result(conn, unit, result);
	}
	if (!read || PQstatus(link->pg) != CONNECTION_OK)
		link_broken(link);
}

static const struct db_link_events link_events = {
	.up = link_up,
	.readable = link_readable,
	.writable = link_writable,
	.broken = link_broken,
};

int db_conn_open(struct db_conn *conn, struct loop *loop, struct db_drain *drain, const struct db_target *target,
		 const struct db_conn_events *events, void *owner)
{
	*conn = (struct db_conn){ .events = events, .target = target, .owner = owner, .flusher.run = end_of_turn };
	db_link_init(&conn->link, loop, drain, &link_events);
	list_init(&conn->in_flight);
	list_init(&conn->flusher.link);
	int error = timer_open(&conn->timer, loop, timer_fired);
	if (error)
		return error;
	conn->state = CONN_AWAY;
	timer_start(&conn->timer, 0, 0);
	return 0;
}

void db_conn_close(struct db_conn *conn)
{
	drop(conn);
	timer_close(&conn->timer);
}
