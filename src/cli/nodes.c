/* SPDX-License-Identifier: MIT */
/* Other servers on the same database: hearing what they change, and taking a turn as the one that tells. */
#include "app/indexes.h"
#include "app/reads.h"
#include "app/records.h"
#include "app/users.h"
#include "base/clock.h"
#include "cli/server.h"
#include "obs/log.h"
#include "obs/metrics.h"
#include "store_statements.h"

enum {
	SECOND_US = 1000000,
	CALM_SECONDS = 5,	  /* with less than half of what is too much, before writes notify again */
	CROWD = 2,		  /* so many writes that wait to notify, at most beats of a second, are too many */
	LOT = 5000,		/* changes that events.send tells of at a time */
	UNCERTAIN_EVERY_MS = 700, /* what has been revoked is read that often while it is not heard of */
};

/* ── Hearing ── */

/* "u<user>:<version>" */
static void collection_changed(struct server *server, struct str item)
{
	struct str version, user_text = str_cut(item, ':', &version);
	struct uuid user;
	int64_t number;

	if (!str_starts(user_text, STR("u")) || !uuid_parse(str_skip(user_text, 1), &user) ||
	    !str_to_int(version, 0, INT64_MAX, &number)) {
		log_warn("change not understood", LOG_TEXT("payload", item));
		return;
	}
	records_changed(&server->app, &user, number);
	metric_add(METRIC_CHANGES_HEARD, 1);
	server->nodes.n_changes += !server->nodes.outbox;
}

static void notified(void *arg, struct str channel, struct str payload)
{
	struct server *server = arg;

	if (str_equal(channel, STR("recordd_revoked"))) {
		users_revocation_notified(&server->app, payload);
		return;
	}
	while (payload.len) /* of the notifier, several with blanks between */
		collection_changed(server, str_cut(payload, ' ', &payload));
}

static void read_revocations(struct timer *timer)
{
	struct server *server = container_of(timer, struct server, nodes.uncertain);

	if (server->app.migrated && db_up(server->app.db) && !server->stopping)
		users_revocations_load(&server->app);
	watchers_look(&server->app.watchers);
}

/* What may have been told and was not heard is lost: nothing kept from before may be trusted. */
static void listening_changed(void *arg, enum db_listening now)
{
	struct server *server = arg;
	struct nodes *nodes = &server->nodes;
	bool hears = now == DB_LISTENER_BEGUN || now == DB_LISTENER_HEARD;

	reads_set_hearing(&server->app, hears);
	cache_set_trusted(server->app.cache, hears);
	metric_set(METRIC_LISTENING, hears);
	if (hears)
		timer_stop(&nodes->uncertain);
	else
		timer_start(&nodes->uncertain, UNCERTAIN_EVERY_MS, UNCERTAIN_EVERY_MS);
	metric_add(METRIC_LISTENER_GAPS, !hears);
	if (now == DB_LISTENER_LOST) /* with the connection the notifier's lock is gone */
		nodes->leads = false;
	watchers_look(&server->app.watchers);
	if (now != DB_LISTENER_BEGUN)
		return;
	reads_all_changed(&server->app);
	cache_invalidate_all(server->app.cache);
	indexes_doubt_all(server->app.indexes);
	server_warm_cache(server);
	if (server->app.migrated)
		users_revocations_load(&server->app);
}

/* ── Telling ── */

/*
 * Once a second: whether so many changes are better told by writes or by the notifier. Where fsync is slow, writes that
 * notify stand in line long before there are as many as the setting says: then what there are is too many.
 */
static void weigh(struct server *server, int64_t now_us)
{
	struct nodes *nodes = &server->nodes;
	int64_t configured = server->config.database_notify_direct;

	if (now_us - nodes->second_us < SECOND_US)
		return;
	int64_t a_second = nodes->n_changes * SECOND_US / (now_us - nodes->second_us);
	bool crowded = !nodes->outbox && nodes->n_crowded > nodes->n_beats / 2;
	if (!nodes->wants_outbox || nodes->most > configured)
		nodes->most = crowded && a_second < configured ? a_second : configured;
	nodes->n_calm = configured && a_second <= nodes->most / 2 ? nodes->n_calm + 1 : 0;
	if (crowded || a_second > nodes->most || !configured)
		nodes->wants_outbox = true;
	else if (nodes->n_calm >= CALM_SECONDS)
		nodes->wants_outbox = false;
	nodes->second_us = now_us;
	nodes->n_changes = 0;
	nodes->n_beats = nodes->n_crowded = 0;
}

/*
 * All of it once in a while: what another server failed to tell may be older than what this one has seen; and after a
 * full lot, which leaves some of what was seen.
 */
static struct str low_of(struct nodes *nodes, int64_t now_us)
{
	if (now_us - nodes->low_us < SECOND_US && nodes->low[0])
		return str_of(nodes->low);
	nodes->low_us = now_us;
	return STR_ABSENT;
}

static const struct db_statement *ask(void *arg, struct db_params *params, struct arena *arena)
{
	struct server *server = arg;
	struct nodes *nodes = &server->nodes;

	nodes->beat_us = clock_monotonic_us();
	if (!server->app.migrated)
		return NULL;
	weigh(server, nodes->beat_us);
	db_add_bool(params, arena, nodes->leads);
	if (nodes->leads && nodes->wants_outbox != nodes->outbox)
		db_add_bool(params, arena, nodes->wants_outbox);
	else
		db_add_null(params);
	db_add_text(params, arena, low_of(nodes, nodes->beat_us));
	db_add_int(params, arena, server->config.database_listen_beat);
	db_add_bool(params, arena, nodes->leads && !nodes->outbox && nodes->n_changes > 0);
	return &store_statement_nodes_beat;
}

static void take_office(struct nodes *nodes, bool leads, bool outbox)
{
	if (leads && !nodes->leads) {
		log_info("this server is the notifier");
		nodes->wants_outbox = outbox;
		nodes->most = INT64_MAX; /* to be found out */
		nodes->n_calm = 0;
		nodes->low[0] = '\0';
	}
	if (outbox != nodes->outbox && leads)
		log_info(outbox ? "many changes: the notifier tells of them"
				: "few changes: each write tells of itself");
	nodes->leads = leads;
	nodes->outbox = outbox;
	metric_set(METRIC_NOTIFY_LEADS, leads);
	metric_set(METRIC_NOTIFY_OUTBOX, outbox);
}

static void answered(void *arg, struct db_rows *rows)
{
	struct server *server = arg;
	struct nodes *nodes = &server->nodes;
	struct store_nodes_beat_row row = store_nodes_beat_row(&(struct call){ .rows = rows }, 0);
	bool hurry = row.leads && row.outbox;

	take_office(nodes, row.leads, row.outbox);
	snprintf(nodes->low, sizeof(nodes->low), "%.*s", STR_ARG(row.sent < LOT ? row.low : STR("")));
	metric_set(METRIC_LISTENER_ANSWER_US, clock_monotonic_us() - nodes->beat_us);
	if (row.sent) {
		metric_add(METRIC_NOTIFY_SENT, row.sent);
		metric_set(METRIC_NOTIFY_LAG_MS, row.waited_ms);
	}
	nodes->n_changes += nodes->outbox ? row.sent : 0;
	nodes->n_beats++;
	nodes->n_crowded += row.n_waiting >= CROWD;
	db_listener_pace(nodes->listener, (unsigned)(hurry ? server->config.database_notify_every
							   : server->config.database_listen_beat));
}

/* ── Joining and leaving ── */

int server_join_nodes(struct server *server)
{
	static const char *const channels[] = { "recordd_changed", "recordd_revoked", NULL };
	const struct db_listener_events events = {
		.notified = notified, .changed = listening_changed, .ask = ask, .answered = answered, .arg = server
	};
	const struct db_listener_settings settings = {
		.conninfo = server->work.app,
		.channels = channels,
		.beat_ms = (unsigned)server->config.database_listen_beat,
		.silence_ms = (unsigned)server->config.database_listen_silence,
	};

	int error = timer_open(&server->nodes.uncertain, &server->loop, read_revocations);
	if (error)
		return error;
	server->nodes.listener = db_listen(&server->loop, &settings, &events);
	return server->nodes.listener ? 0 : UV_ENOMEM;
}

static void listener_closed(void *arg)
{
	struct server *server = arg;

	server->nodes.listener = NULL;
	server->nodes.left(server);
}

void server_leave_nodes(struct server *server, void (*left)(struct server *server))
{
	server->nodes.left = left;
	timer_close(&server->nodes.uncertain);
	db_listener_close(server->nodes.listener, listener_closed, server);
}
