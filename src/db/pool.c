/* SPDX-License-Identifier: MIT */
/* The pool of connections and its queue. */
#include "db/pool.h"

#include "base/clock.h"
#include "db/fault.h"
#include "loop/call.h"
#include "obs/log.h"
#include "obs/metrics.h"

enum {
	TARGET_BUDGET = 64 * 1024,
	WATCH_EVERY_MS = 25,
	HEALTH_EVERY_MS = 5000,
	SILENCE_MS = 5000,	/* beyond the statement timeout: the connection is dead */
	OUTAGE_WAIT_MS = 2000,	/* how long a query waits for a database that is away */
	CLOSING_WAIT_MS = 5000, /* how long db_close waits for what is in flight */
};

static int64_t ms_since(int64_t us)
{
	return (clock_monotonic_us() - us) / 1000;
}

static void watch_on(struct db *db)
{
	if (db->watching)
		return;
	db->watching = true;
	timer_start(&db->watch, WATCH_EVERY_MS, WATCH_EVERY_MS);
}

/* ---- the queue ---- */

bool db_pool_room(const struct db *db, struct str *why)
{
	if (db->closing)
		*why = STR("the server is stopping");
	else if (db->n_waiting >= db->settings.max_waiting)
		*why = STR("too many queries are waiting for the database");
	else
		return true;
	metric_add(METRIC_DB_REFUSED, 1);
	return false;
}

static void wait_in_line(struct db *db, struct db_unit *unit, bool first)
{
	if (first)
		list_push_front(&db->waiting, &unit->link);
	else
		list_push_back(&db->waiting, &unit->link);
	db->n_waiting++;
	metric_add(METRIC_DB_WAITING, 1);
	watch_on(db);
}

static void leave_line(struct db *db, struct db_unit *unit)
{
	list_remove(&unit->link);
	db->n_waiting--;
	metric_add(METRIC_DB_WAITING, -1);
}

/*
 * The least loaded connection that can take the unit. A transaction takes only an idle one: behind a stranger's
 * query, a cancellation of that one could hit the transaction, which cannot be sent again.
 */
static struct db_conn *pick(struct db *db, const struct db_unit *unit)
{
	unsigned depth = unit->kind == UNIT_BEGIN ? 1 : db->settings.max_depth;
	struct db_conn *best = NULL;

	for (struct db_conn *conn = db->conns; conn < db->conns + db->n_conns; conn++)
		if (conn->state == CONN_UP && !conn->pinned && !conn->cancelling && !conn->broken &&
		    conn->depth < depth) {
			best = conn;
			depth = conn->depth;
		}
	return best;
}

/* False: there is no connection for it now. */
static bool dispatch(struct db *db, struct db_unit *unit)
{
	for (struct db_conn *conn; (conn = pick(db, unit));)
		if (db_conn_send(conn, unit)) {
			if (unit->kind == UNIT_BEGIN)
				db_session_begun(conn, unit);
			return true;
		}
	return false;
}

static void dispatch_waiting(struct db *db)
{
	while (db->n_waiting) {
		struct db_unit *unit = list_entry(db->waiting.next, struct db_unit, link);
		leave_line(db, unit);
		if (!dispatch(db, unit)) {
			wait_in_line(db, unit, true);
			return;
		}
	}
}

static void refuse_waiting(struct db *db, struct str why)
{
	struct db_unit *unit = list_entry(db->waiting.next, struct db_unit, link);

	leave_line(db, unit);
	if (db_pool_hand_on(db, unit))
		return;
	metric_add(METRIC_DB_REFUSED, 1);
	call_wake_failed(unit->call, db_unavailable(unit->call->arena, why));
	db_unit_free(unit);
}

void db_pool_submit(struct db *db, struct db_unit *unit)
{
	if (db->n_waiting || !dispatch(db, unit))
		wait_in_line(db, unit, false);
}

bool db_pool_submit_pinned(struct db_session *session, struct db_unit *unit)
{
	if (session->conn && db_conn_send(session->conn, unit))
		return true;
	db_unit_free(unit);
	return false;
}

static bool forget(struct call *call, void *source)
{
	struct db_unit *unit = source;
	struct db *db = unit->db;

	(void)call;
	unit->call = NULL;
	if (!unit->conn) {
		leave_line(db, unit);
		db_unit_free(unit);
	} else {
		unit->orphaned = true;
		db->n_orphans++;
		watch_on(db);
	}
	return true;
}

struct turn db_pool_wait(struct call *call, struct db_unit *unit, struct step next)
{
	return call_wait(call, next, forget, unit);
}

/* ---- what connections tell ---- */

static void answered(struct db_conn *conn, struct db_unit *unit)
{
	struct db *db = conn->owner;

	loop_flush_later(db->loop, &db->tidy);
	if (unit->orphaned)
		db->n_orphans--;
	if (db_answer_again(db, conn, unit)) {
		wait_in_line(db, unit, true);
		return;
	}
	if (db_pool_hand_on(db, unit))
		return;
	db_session_answered(conn, unit);
	if (unit->call)
		db_answer(unit);
	db_unit_free(unit);
}

static void up(struct db_conn *conn)
{
	struct db *db = conn->owner;

	db->told = false;
	if (db->n_up++ == 0) {
		log_info("database up", LOG_INT("server_version", PQserverVersion(conn->link.pg)));
		for (unsigned i = 0; i < db->n_conns; i++)
			db_conn_hurry(&db->conns[i]);
	}
	loop_flush_later(db->loop, &db->tidy);
}

static void down(struct db_conn *conn, bool was_up, struct str why)
{
	struct db *db = conn->owner;

	db_session_lost(conn);
	if (was_up)
		db->n_up--;
	if (db->n_up) {
		log_warn("database connection lost", LOG_TEXT("why", why));
	} else if (!db->told) {
		log_error("database away", LOG_TEXT("why", why));
		db->told = true;
	}
}

static void usable(struct db_conn *conn)
{
	struct db *db = conn->owner;
	loop_flush_later(db->loop, &db->tidy);
}

static const struct db_conn_events conn_events = { .up = up, .answered = answered, .down = down, .usable = usable };

/* ---- the passing of time ---- */

static void cancel_orphans(struct db *db)
{
	for (struct db_conn *conn = db->conns; conn < db->conns + db->n_conns; conn++) {
		const struct db_unit *head = conn->state == CONN_UP && !conn->cancelling ? db_conn_head(conn) : NULL;
		if (head && head->orphaned && head->kind == UNIT_QUERY && !head->cancel_sent &&
		    ms_since(head->head_us) >= db->settings.cancel_after_ms)
			db_conn_cancel(conn);
	}
}

static bool waited_too_long(const struct db *db)
{
	const struct db_unit *first = list_entry(db->waiting.next, struct db_unit, link);
	int64_t away = db->primary ? 0 : OUTAGE_WAIT_MS;
	int64_t bound = db->n_up ? db->settings.statement_timeout_ms : away;
	return ms_since(first->queued_us) >= bound;
}

static void watch_fired(struct timer *timer)
{
	struct db *db = container_of(timer, struct db, watch);

	while (db->n_waiting && waited_too_long(db))
		refuse_waiting(db, db->n_up ? STR("the database is busy") : STR("the database is away"));
	if (db->n_orphans)
		cancel_orphans(db);
	if (db->closing)
		loop_flush_later(db->loop, &db->tidy);
	if (db->n_waiting || db->n_orphans || db->closing)
		return;
	db->watching = false;
	timer_stop(&db->watch);
}

/* An idle connection is asked for a sign of life; one that has been silent for longer than any query may is dropped. */
static void check_health(struct db *db, struct db_conn *conn)
{
	const struct db_unit *head = db_conn_head(conn);

	if (head) {
		unsigned allowed = head->kind == UNIT_PING ? 0 : db->settings.statement_timeout_ms;
		if (ms_since(head->head_us) >= allowed + SILENCE_MS)
			db_conn_break(conn);
		return;
	}
	if (conn->pinned)
		return;
	struct db_unit *ping = db_unit_new(UNIT_PING, db, NULL, NULL, NULL);
	if (ping && !db_conn_send(conn, ping))
		db_unit_free(ping);
}

static void health_fired(struct timer *timer)
{
	struct db *db = container_of(timer, struct db, health);

	for (struct db_conn *conn = db->conns; conn < db->conns + db->n_conns; conn++)
		if (conn->state == CONN_UP)
			check_health(db, conn);
}

/* ---- opening and closing ---- */

static void drained(struct db_drain *drain)
{
	struct db *db = container_of(drain, struct db, drain);
	void (*closed)(void *arg) = db->closed;
	void *arg = db->closed_arg;

	flusher_forget(&db->tidy);
	arena_free(take(db->arena));
	closed(arg);
}

void db_free(struct db *db)
{
	free(db);
}

/* Of a pool that could not be opened. */
static void not_opened(void *arg)
{
	db_free(arg);
}

static void anchor_closed(uv_handle_t *handle)
{
	struct db *db = container_of(handle, struct db, anchor);
	db_drain_give(&db->drain);
}

static bool may_close(const struct db *db, const struct db_conn *conn)
{
	return conn->state != CONN_UP || (!conn->depth && !conn->pinned) || ms_since(db->closing_us) > CLOSING_WAIT_MS;
}

static void close_idle(struct db *db)
{
	unsigned n_open = 0;

	for (struct db_conn *conn = db->conns; conn < db->conns + db->n_conns; conn++) {
		if (conn->state != CONN_CLOSED && may_close(db, conn)) {
			db_conn_close(conn);
			db_session_lost(conn);
		}
		n_open += conn->state != CONN_CLOSED;
	}
	if (n_open || uv_is_closing((uv_handle_t *)&db->anchor))
		return;
	timer_close(&db->watch);
	timer_close(&db->health);
	uv_close((uv_handle_t *)&db->anchor, anchor_closed);
}

static void tidy(struct flusher *flusher)
{
	struct db *db = container_of(flusher, struct db, tidy);

	if (db->closing)
		close_idle(db);
	else
		dispatch_waiting(db);
}

void db_close(struct db *db, void (*closed)(void *arg), void *arg)
{
	check(!db->closing);
	db->closing = true;
	if (db->primary)
		db->primary->replica = NULL;
	db->closing_us = clock_monotonic_us();
	db->closed = closed;
	db->closed_arg = arg;
	while (db->n_waiting)
		refuse_waiting(db, STR("the server is stopping"));
	watch_on(db);
	loop_flush_later(db->loop, &db->tidy);
}

static bool make_target(struct db *db, const struct db_settings *settings)
{
	struct db_target_settings target = { .conninfo = settings->conninfo,
					     .application_name = settings->application_name,
					     .statement_timeout_ms = settings->statement_timeout_ms };
	struct str said = STR("out of memory");

	db->arena = arena_new(TARGET_BUDGET);
	if (db->arena && db_target_make(&db->target, &target, db->arena, &said))
		return true;
	log_error("database connection string not understood", LOG_TEXT("why", said));
	return false;
}

bool db_up(const struct db *db)
{
	return db->n_up > 0;
}

static struct db *db_new(struct loop *loop, const struct db_settings *settings)
{
	struct db *db = calloc(1, sizeof(*db) + settings->pool_size * sizeof(db->conns[0]));

	if (!db)
		return NULL;
	*db = (struct db){ .loop = loop, .settings = *settings, .drain = { 1, drained }, .tidy.run = tidy };
	list_init(&db->waiting);
	list_init(&db->tidy.link);
	if (!make_target(db, settings) || timer_open(&db->watch, loop, watch_fired) ||
	    timer_open(&db->health, loop, health_fired)) {
		timer_close(&db->watch);
		db->closed = not_opened;
		db->closed_arg = db;
		db_drain_give(&db->drain);
		return NULL;
	}
	uv_idle_init(&loop->uv, &db->anchor);
	timer_start(&db->health, HEALTH_EVERY_MS, HEALTH_EVERY_MS);
	return db;
}

struct db *db_open(struct loop *loop, const struct db_settings *settings)
{
	check(settings->pool_size > 0 && settings->max_depth > 0 && settings->statement_timeout_ms > 0);
	struct db *db = db_new(loop, settings);

	for (; db && db->n_conns < settings->pool_size; db->n_conns++) {
		struct db_conn *conn = &db->conns[db->n_conns];
		if (db_conn_open(conn, loop, &db->drain, &db->target, &conn_events, db)) {
			db_close(db, not_opened, db);
			return NULL;
		}
	}
	return db;
}
