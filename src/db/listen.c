/* SPDX-License-Identifier: MIT */
/* The listening connection. */
#include "db/listen.h"

#include "base/buf.h"
#include "base/random.h"
#include "db/link.h"
#include "obs/log.h"

enum {
	MEMORY = 64 * 1024,
	COMMAND_MAX = 4096,
	CONNECT_TIMEOUT_MS = 5000,
	FIRST_BACKOFF_MS = 50,
	LAST_BACKOFF_MS = 1500,
	PING_EVERY_MS = 10000,
};

struct db_listener {
	struct db_link link;
	struct db_drain drain; /* one share is the anchor's */
	uv_idle_t anchor;
	struct timer timer; /* until the next attempt, until connecting is given up, until the next sign of life */
	struct arena *arena;
	struct db_target target;
	struct db_listener_events events;
	const char *const *channels;
	unsigned backoff_ms;
	bool up, asked; /* listening · waiting for the answer to a command */
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
	listener->up = listener->asked = false;
	listener->backoff_ms = longest * 2 < LAST_BACKOFF_MS ? longest * 2 : LAST_BACKOFF_MS;
	timer_start(&listener->timer, longest / 2 + random_below(longest / 2 + 1), 0);
	if (was_up)
		listener->events.changed(listener->events.arg, false);
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

static void command(struct db_listener *listener, const char *sql)
{
	listener->asked = true;
	if (PQsendQuery(listener->link.pg, sql))
		flush(&listener->link);
	else
		link_broken(&listener->link);
}

static void link_up(struct db_link *link)
{
	struct db_listener *listener = listener_of(link);
	owned(buf_free) struct buf sql = buf_of(COMMAND_MAX);

	for (const char *const *channel = listener->channels; *channel; channel++) {
		char *quoted = PQescapeIdentifier(link->pg, *channel, str_of(*channel).len);
		buf_printf(&sql, "LISTEN %s; ", quoted ? quoted : "");
		PQfreemem(quoted);
	}
	buf_add(&sql, (struct str){ "", 1 });
	if (buf_failed(&sql))
		link_broken(link);
	else
		command(listener, sql.at);
}

static void answered(struct db_listener *listener)
{
	listener->asked = false;
	timer_start(&listener->timer, PING_EVERY_MS, 0);
	if (listener->up)
		return;
	listener->up = true;
	listener->told = false;
	listener->backoff_ms = 0;
	listener->events.changed(listener->events.arg, true);
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

	if (listener->asked || listener->link.connecting) {
		lost(listener, STR("no answer"));
	} else if (listener->link.pg) {
		timer_start(timer, CONNECT_TIMEOUT_MS, 0);
		command(listener, "SELECT 1");
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

struct db_listener *db_listen(struct loop *loop, struct str conninfo, const char *const *channels,
			      const struct db_listener_events *events)
{
	struct db_listener *listener = calloc(1, sizeof(*listener));
	struct db_target_settings settings = { .conninfo = conninfo, .application_name = "recordd listen" };
	struct str said = STR("out of memory");

	if (!listener)
		return NULL;
	*listener = (struct db_listener){ .arena = arena_new(MEMORY), .channels = channels, .events = *events };
	listener->drain = (struct db_drain){ 1, drained };
	if (!listener->arena || !db_target_make(&listener->target, &settings, listener->arena, &said) ||
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
