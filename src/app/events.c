/* SPDX-License-Identifier: MIT */
/*
 * GET /api/events: Server-Sent Events (WHATWG HTML, "Server-sent events") of what changes for a user, on whichever node.
 *
 *	event: changes	{"version":N}	something of the collection has changed, up to the change version N
 *	event: job	the job		as GET /api/jobs/{id} tells it
 *
 * An event's id is where the stream is behind it: change version, '.', and the job_seq of the user's jobs. As with
 * records_watch.c, being told says only that there may be something; what it is comes from the database, from that place
 * on. So nothing is lost or doubled over a reconnect, and what happens while a client reads slowly is one event.
 */
#include "app/events.h"

#include "app/errand.h"
#include "app/handlers.h"
#include "app/job_view.h"
#include "app/records.h"
#include "app/users.h"
#include "base/clock.h"
#include "http/http.h"
#include "obs/metrics.h"
#include "store_statements.h"

enum {
	JOBS_AT_ONCE = 50,
	ERRAND_BUDGET = 4 << 20,
	OUT_MAX = 1 << 20,
	RETRY_AFTER_S = 60, /* for who has too many streams open */
	MS_US = 1000,
	LONG_S = 86400,
};

struct events {
	struct link link; /* of app->event_streams */
	struct app *app;
	const struct identity *identity;
	struct errand *errand;
	struct watcher watcher;
	struct timer timer;
	int64_t version, job_seq;    /* told; -1: nothing yet */
	int64_t said_us, looked_us;  /* monotonic: the last bytes, the last look */
	bool begun;		     /* the head is out */
	bool more;		     /* there is more than the last look brought */
	bool due;		     /* there may be something new */
	bool nudged;		     /* woken, but not by a change */
};

/* ── Looking, beside the call ── */

/* The place behind an event. */
static void put_id(struct buf *out, int64_t version, int64_t job_seq)
{
	buf_printf(out, "id: %lld.%lld\n", (long long)version, (long long)job_seq);
}

/* Whoever is told of a version finds it here, whether this node has heard of it or not. */
static void tell_version(struct events *events, int64_t version, int64_t job_seq, struct buf *out)
{
	records_learn(events->app, &events->identity->user, version);
	buf_add(out, STR("event: changes\n"));
	put_id(out, version, job_seq);
	buf_printf(out, "data: {\"version\":%lld}\n\n", (long long)version);
	events->version = version;
	metric_add(METRIC_EVENTS_SENT, 1);
}

static bool tell_job(struct events *events, const struct store_events_look_row *row, struct arena *arena, struct buf *out)
{
	struct json_out json = json_out_of(out);

	buf_add(out, STR("event: job\n"));
	put_id(out, events->version, row->seq);
	buf_add(out, STR("data: "));
	bool told = job_put(&JOB_VIEW(row), arena, &json);
	buf_add(out, STR("\n\n"));
	metric_add(METRIC_EVENTS_SENT, 1);
	return told;
}

/* Before the jobs of this look, the place is in front of the first one. */
static int64_t place_before(const struct events *events, const struct store_events_look_row *first)
{
	if (events->job_seq >= 0 && events->job_seq <= first->job_seq)
		return events->job_seq;
	return uuid_is_nil(&first->id) ? first->job_seq : first->seq - 1;
}

static struct turn events_read_rows(struct call *errand)
{
	struct events *events = errand_owners(errand);
	struct buf *out = errand_out(errand);
	size_t n = db_n_rows(errand->rows);
	struct store_events_look_row row = store_events_look_row(errand, 0);

	if (!events->begun)
		buf_printf(out, "retry: %lld\n\n", (long long)events->app->settings.events_retry_ms);
	if (events->version != row.version)
		tell_version(events, row.version, place_before(events, &row), out);
	events->more = n == JOBS_AT_ONCE;
	events->job_seq = row.job_seq;
	for (size_t i = 0; i < n; i++) {
		row = store_events_look_row(errand, i);
		if (!uuid_is_nil(&row.id) && !tell_job(events, &row, errand->arena, out))
			return call_fail_with(errand, PROBLEM_INTERNAL, "a job cannot be told");
	}
	if (events->more)
		events->job_seq = row.seq;
	return buf_failed(out) ? call_fail_with(errand, PROBLEM_UNAVAILABLE, "out of memory") : call_end(errand);
}

static struct turn events_read(struct call *errand)
{
	const struct events *events = errand_owners(errand);
	return store_events_look(errand, events->app->db, &events->identity->user, events->job_seq, JOBS_AT_ONCE,
				 STEP(events_read_rows));
}

/* ── Telling ── */

static struct turn events_wait(struct call *call);

static struct turn events_look(struct call *call);

static struct turn events_sent(struct call *call)
{
	struct events *events = call->state;

	events->said_us = clock_monotonic_us();
	if (events->more)
		return events_look(call);
	errand_rest(events->errand);
	return events_wait(call);
}

static struct turn events_send(struct call *call)
{
	struct events *events = call->state;
	struct str told = buf_str(&events->errand->out);

	events->begun = true;
	return told.len ? reply_chunk(call, told, STEP(events_sent)) : events_wait(call);
}

/* What fails before the head is a problem; later the stream ends, and the client comes back to where it was. */
static struct turn events_looked(struct call *call)
{
	const struct events *events = call->state;

	if (call->failure)
		return events->begun ? reply_stream_end(call) : call_fail(call, call->failure);
	if (events->begun)
		return events_send(call);
	reply_header(call, STR("cache-control"), STR("no-store"));
	reply_header(call, STR("x-accel-buffering"), STR("no")); /* for proxies that would gather it */
	reply_endless(call);
	return reply_stream(call, 200, STR("text/event-stream"), STEP(events_send));
}

static struct turn events_look(struct call *call)
{
	struct events *events = call->state;

	events->due = false;
	events->looked_us = clock_monotonic_us();
	errand_start(events->errand, STEP(events_read));
	call_catch(call);
	return errand_await(events->errand, STEP(events_looked));
}

/* ── Waiting ── */

static struct turn events_woken(struct call *call)
{
	struct events *events = call->state;

	events->due |= !events->nudged;
	events->nudged = false;
	return events_wait(call);
}

static void nudge(struct events *events)
{
	if (watcher_nudge(&events->watcher))
		events->nudged = true;
}

static void time_is_up(struct timer *timer)
{
	nudge(container_of(timer, struct events, timer));
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Until the token's end, if that is soon. */
static int64_t token_left_us(const struct events *events)
{
	int64_t left_s = events->identity->expires_s - clock_wall_ms() / 1000;
	return (left_s < LONG_S ? left_s : LONG_S) * 1000 * MS_US;
}

static struct turn events_wait(struct call *call)
{
	struct events *events = call->state;
	const struct app_settings *settings = &events->app->settings;
	int64_t now_us = clock_monotonic_us();
	int64_t beat_us = events->said_us + settings->events_heartbeat_ms * MS_US - now_us;
	int64_t look_us = events->looked_us + settings->events_pace_ms * MS_US - now_us;
	/* A database that is away is not asked: when it is back, everybody looks. */
	bool looks = events->due && db_up(events->app->db);

	if (events->app->draining || !users_identity_holds(events->app, events->identity))
		return reply_stream_end(call);
	if (looks && look_us <= 0)
		return events_look(call);
	if (beat_us <= 0)
		return reply_chunk(call, STR(":\n\n"), STEP(events_sent));
	int64_t left_us = earlier(beat_us, token_left_us(events));
	if (looks)
		left_us = earlier(left_us, look_us);
	timer_start(&events->timer, left_us > 0 ? (uint64_t)(left_us / MS_US) + 1 : 1, 0);
	return watcher_wait(&events->watcher, STEP(events_woken));
}

void events_revoked(struct app *app)
{
	struct events *events;

	list_each(events, &app->event_streams, link)
		if (!users_identity_holds(app, events->identity))
			nudge(events);
}

/* ── Beginning and ending ── */

static void events_over(void *arg)
{
	struct events *events = arg;

	timer_close(&events->timer);
	list_remove(&events->link);
	events->app->n_event_streams--;
	metric_add(METRIC_EVENT_STREAMS, -1);
}

static bool open_stream(struct events *events, struct call *call)
{
	struct app *app = events->app;

	if (timer_open(&events->timer, app->loop, time_is_up))
		return false;
	list_push_back(&app->event_streams, &events->link);
	app->n_event_streams++;
	metric_add(METRIC_EVENT_STREAMS, 1);
	if (!call_defer(call, events_over, events)) {
		events_over(events);
		return false;
	}
	events->errand = errand_new(call, ERRAND_BUDGET, OUT_MAX);
	return events->errand && watcher_begin(&events->watcher, &app->watchers, call, &events->identity->user);
}

static size_t n_streams_of(struct app *app, const struct uuid *user)
{
	struct events *events;
	size_t n = 0;

	list_each(events, &app->event_streams, link) n += uuid_equal(&events->identity->user, user);
	return n;
}

static const struct problem *refuse_too_many(struct call *call)
{
	static const struct problem too_many = { .kind = PROBLEM_RATE_LIMITED,
						 .error = STR("too many streams of events are open"),
						 .retry_after_s = RETRY_AFTER_S };
	static const struct problem full = { .kind = PROBLEM_UNAVAILABLE,
					     .error = STR("too many streams of events are open on this server"),
					     .retry_after_s = RETRY_AFTER_S };
	struct app *app = app_of(call);

	if (app->n_event_streams >= app->settings.events_max_streams)
		return &full;
	if (n_streams_of(app, &call->identity->user) >= app->settings.events_max_per_user)
		return &too_many;
	return NULL;
}

/* The id of the last event that the client got, or the change version alone; what is neither is none. */
static void read_place(struct events *events, struct str id)
{
	struct str seq, version = str_cut(str_trim(id), '.', &seq);

	events->version = events->job_seq = -1;
	if (!str_to_int(version, 0, INT64_MAX, &events->version))
		return;
	if (str_present(seq) && !str_to_int(seq, 0, INT64_MAX, &events->job_seq))
		events->version = -1;
}

struct turn events_get(struct call *call)
{
	struct events *events = arena_new_of(call->arena, struct events);
	const struct problem *problem = refuse_too_many(call);

	if (problem) {
		metric_add(METRIC_EVENTS_REFUSED, 1);
		return call_fail(call, problem);
	}
	if (!events)
		return call_fail_with(call, PROBLEM_UNAVAILABLE, "out of memory");
	events->app = app_of(call);
	events->identity = call->identity;
	read_place(events, request_header(call->request, STR("last-event-id")));
	call->state = events;
	if (!open_stream(events, call))
		return call_fail_with(call, PROBLEM_UNAVAILABLE, "out of memory");
	events->said_us = clock_monotonic_us();
	return events_look(call);
}
