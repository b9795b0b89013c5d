/* SPDX-License-Identifier: MIT */
/* The listening connection. */
#include "db/listen.h"

#include "base/buf.h"
#include "base/random.h"
#include "db/link.h"
#include "db/rows.h"
#include "obs/log.h"

enum {
	MEMORY = 64 * 1024,
	COMMAND_MAX = 4096,
	CONNECT_TIMEOUT_MS = 5000,
	ANSWER_TIMEOUT_MS = 5000, /* of a server that was silent for long before */
	FIRST_BACKOFF_MS = 50,
	LAST_BACKOFF_MS = 1500,
};

struct db_listener {
	struct db_link link;
	struct db_drain drain; /* one share is the anchor's */
	uv_idle_t anchor;
	struct timer timer; /* until the next attempt, the end of one, the next beat, or its answer */
	struct arena *arena;
	struct arena *beat; /* what is asked, as long as that */
	struct db_target target;
	struct db_listener_events events;
	struct db_listener_settings settings;
	unsigned backoff_ms;
	bool up, asked; /* listening · waiting for the answer to a command */
	bool silent;	/* that answer is late */
	bool beating;	/* the command was the owner's */
	bool told;	/* this outage was logged */
	bool closing;
	void (*closed)(void *arg);
	void *closed_arg;
};

static struct db_listener *listener_of(struct db_link *link)
{
	return container_of(link, struct db_listener, link);
}

static void lost(struct db_listener *listener, struct str why)
{
	if (listener->closing)
		return;
	bool was_up = listener->up;
	unsigned longest = listener->backoff_ms ? listener->backoff_ms : FIRST_BACKOFF_MS;

	if (!listener->told)
		log_warn("not listening to the database", LOG_TEXT("why", why));
	listener->told = true;
	db_link_close(&listener->link);
	listener->up = listener->asked = listener->silent = false;
	listener->backoff_ms = longest * 2 < LAST_BACKOFF_MS ? longest * 2 : LAST_BACKOFF_MS;
	timer_start(&listener->timer, longest / 2 + random_below(longest / 2 + 1), 0);
	if (was_up)
		listener->events.changed(listener->events.arg, DB_LISTENER_LOST);
}

static void link_broken(struct db_link *link)
{
	char why[256];
	lost(listener_of(link), db_link_why(link, why, sizeof(why)));
}

static void flush(struct db_link *link)
{
	int unsent = PQflush(link->pg);

	if (unsent < 0)
		link_broken(link);
	else
		db_link_want_write(link, unsent > 0);
}

static void command(struct db_listener *listener, const char *sql, const struct db_params *params)
{
	PGconn *pg = listener->link.pg;

	listener->asked = true;
	timer_start(&listener->timer, listener->up ? listener->settings.silence_ms : ANSWER_TIMEOUT_MS, 0);
	if (params ? PQsendQueryParams(pg, sql, (int)params->n, NULL, params->values, NULL, NULL, 0)
		   : PQsendQuery(pg, sql))
		flush(&listener->link);
	else
		link_broken(&listener->link);
}

/* Asks what the owner wants to know, and whether anybody answers. */
static void beat(struct db_listener *listener)
{
	struct db_params params = { 0 };

	arena_reset(listener->beat);
	const struct db_statement *statement = listener->events.ask(listener->events.arg, &params, listener->beat);
	check(!statement || params.n == statement->n_params);
	listener->beating = statement != NULL;
	command(listener, statement ? statement->sql : "SELECT 1", statement ? &params : NULL);
}

static void link_up(struct db_link *link)
{
	struct db_listener *listener = listener_of(link);
	owned(buf_free) struct buf sql = buf_of(COMMAND_MAX);

	for (const char *const *channel = listener->settings.channels; *channel; channel++) {
		char *quoted = PQescapeIdentifier(link->pg, *channel, str_of(*channel).len);
		buf_printf(&sql, "LISTEN %s; ", quoted ? quoted : "");
		PQfreemem(quoted);
	}
	buf_add(&sql, (struct str){ "", 1 });
	if (buf_failed(&sql))
		link_broken(link);
	else
		command(listener, sql.at, NULL);
}

static void begin(struct db_listener *listener)
{
	listener->up = true;
	listener->told = false;
	listener->backoff_ms = 0;
	timer_start(&listener->timer, 0, 0);
	listener->events.changed(listener->events.arg, DB_LISTENER_BEGUN);
}

static void answered(struct db_listener *listener)
{
	listener->asked = false;
	if (!listener->up) {
		begin(listener);
		return;
	}
	timer_start(&listener->timer, listener->settings.beat_ms, 0);
	bool was_silent = listener->silent;
	listener->silent = false;
	if (was_silent)
		listener->events.changed(listener->events.arg, DB_LISTENER_HEARD);
}

static void take_rows(struct db_listener *listener, PGresult *result)
{
	struct db_rows rows = { .result = result };

	if (listener->up && listener->beating && PQresultStatus(result) == PGRES_TUPLES_OK)
		listener->events.answered(listener->events.arg, &rows);
}

/* False when the connection is to be given up. */
static bool take_results(struct db_listener *listener)
{
	PGresult *result;

	while (listener->asked && !PQisBusy(listener->link.pg)) {
		if (!(result = PQgetResult(listener->link.pg))) {
			answered(listener);
			break;
		}
		ExecStatusType status = PQresultStatus(result);
		take_rows(listener, result);
		PQclear(result);
		if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
			return false;
	}
	return PQstatus(listener->link.pg) == CONNECTION_OK;
}

static void link_readable(struct db_link *link)
{
	struct db_listener *listener = listener_of(link);
	PGnotify *notify;

	if (!PQconsumeInput(link->pg) || !take_results(listener)) {
		link_broken(link);
		return;
	}
	while (link->pg && (notify = PQnotifies(link->pg))) {
		listener->events.notified(listener->events.arg, str_of(notify->relname), str_of(notify->extra));
		PQfreemem(notify);
	}
}

static const struct db_link_events link_events = {
	.up = link_up,
	.readable = link_readable,
	.writable = flush,
	.broken = link_broken,
};

static void timer_fired(struct timer *timer)
{
	struct db_listener *listener = container_of(timer, struct db_listener, timer);

	if (listener->asked && listener->up && !listener->silent) {
		listener->silent = true;
		timer_start(timer, ANSWER_TIMEOUT_MS, 0);
		listener->events.changed(listener->events.arg, DB_LISTENER_SILENT);
	} else if (listener->asked || listener->link.connecting) {
		lost(listener, STR("no answer"));
	} else if (listener->link.pg) {
		beat(listener);
	} else {
		timer_start(timer, CONNECT_TIMEOUT_MS, 0);
		if (!db_link_connect(&listener->link, &listener->target))
			link_broken(&listener->link);
	}
}

static void drained(struct db_drain *drain)
{
	struct db_listener *listener = container_of(drain, struct db_listener, drain);
	void (*closed)(void *arg) = listener->closed;
	void *arg = listener->closed_arg;

	arena_free(listener->beat);
	arena_free(listener->arena);
	free(listener);
	if (closed)
		closed(arg);
}

static void anchor_closed(uv_handle_t *handle)
{
	struct db_listener *listener = container_of(handle, struct db_listener, anchor);
	db_drain_give(&listener->drain);
}

struct db_listener *db_listen(struct loop *loop, const struct db_listener_settings *settings,
			      const struct db_listener_events *events)
{
	struct db_listener *listener = calloc(1, sizeof(*listener));
	struct db_target_settings target = { .conninfo = settings->conninfo, .application_name = "recordd listen" };
	struct str said = STR("out of memory");

	if (!listener)
		return NULL;
	*listener = (struct db_listener){
		.arena = arena_new(MEMORY), .beat = arena_new(MEMORY), .settings = *settings, .events = *events
	};
	listener->drain = (struct db_drain){ 1, drained };
	if (!listener->arena || !listener->beat ||
	    !db_target_make(&listener->target, &target, listener->arena, &said) ||
	    timer_open(&listener->timer, loop, timer_fired)) {
		log_error("cannot listen to the database", LOG_TEXT("why", said));
		db_drain_give(&listener->drain);
		return NULL;
	}
	uv_idle_init(&loop->uv, &listener->anchor);
	db_link_init(&listener->link, loop, &listener->drain, &link_events);
	timer_start(&listener->timer, 0, 0);
	return listener;
}

void db_listener_pace(struct db_listener *listener, unsigned beat_ms)
{
	bool idle = listener->up && !listener->asked && listener->link.pg;

	if (idle && beat_ms < listener->settings.beat_ms)
		timer_start(&listener->timer, beat_ms, 0);
	listener->settings.beat_ms = beat_ms;
}

void db_listener_close(struct db_listener *listener, void (*closed)(void *arg), void *arg)
{
	check(!listener->closing);
	listener->closing = true;
	listener->closed = closed;
	listener->closed_arg = arg;
	db_link_close(&listener->link);
	timer_close(&listener->timer);
	uv_close((uv_handle_t *)&listener->anchor, anchor_closed);
}
