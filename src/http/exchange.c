/* SPDX-License-Identifier: MIT */
/* The life of an exchange: made or used again, started, drained, accounted for. */
#include "http/exchange.h"

#include "base/clock.h"
#include "http/grpc_inside.h"
#include "http/outflow.h"
#include "obs/log.h"
#include "obs/metrics.h"

enum { MAX_SPARE = 256, REPLY_ROWS = 24, STATUS_CLIENT_GONE = 499 };

static void call_ended(struct call *call);

static const struct call_kind exchange_kind = { "exchange", exchange_failed, call_ended };

struct exchange *exchange_of(const struct call *call)
{
	check(call->kind == &exchange_kind);
	return container_of(call, struct exchange, call);
}

/* Zeroed, with an empty arena. */
static struct exchange *exchange_allot(struct http_server *server)
{
	struct link *spare = list_pop_front(&server->spare);
	struct exchange *exchange;
	struct arena *arena;

	if (spare) {
		server->n_spare--;
		exchange = list_entry(spare, struct exchange, link);
		arena = exchange->arena;
	} else {
		exchange = malloc(sizeof(*exchange));
		arena = arena_new(server->settings.arena_budget);
	}
	if (!exchange || !arena) {
		free(exchange);
		arena_free(arena);
		return NULL;
	}
	*exchange = (struct exchange){ .server = server, .arena = arena };
	return exchange;
}

struct exchange *exchange_new(struct http_server *server, const struct transport *transport, void *owner,
			      const struct client *client)
{
	struct exchange *exchange = exchange_allot(server);
	if (!exchange)
		return NULL;
	if (!headers_reserve(&exchange->reply.headers, exchange->arena, REPLY_ROWS)) {
		arena_free(exchange->arena);
		free(exchange);
		return NULL;
	}
	server->n_live++;
	list_init(&exchange->link);
	exchange->transport = transport;
	exchange->transport_name = transport->name;
	exchange->owner = owner;
	exchange->reply.length = -1;
	exchange->request.method_text = STR("-");
	exchange->request.secure = client->secure;
	exchange->request.loopback = client->loopback;
	exchange->request.peer = arena_copy(exchange->arena, client->peer);
	exchange->grpc_only = client->grpc_only;
	exchange->request.subject =
		str_present(client->subject) ? arena_copy(exchange->arena, client->subject) : STR_ABSENT;
	call_init(&exchange->call, &server->loop->calls, &exchange_kind, exchange->arena);
	exchange->call.request = &exchange->request;
	exchange->call.reply = &exchange->reply;
	pace_begin(&exchange->upload, exchange->call.started_us);
	pace_begin(&exchange->download, exchange->call.started_us);
	return exchange;
}

void exchange_start(struct exchange *exchange, struct step first)
{
	check(!exchange->started);
	if (exchange->asking && !exchange->refusal && exchange->transport) {
		exchange->ready = true;
		return;
	}
	exchange->started = true;
	overdue_watch(exchange);
	call_start(&exchange->call, first);
}

/* ── The end ── */

static void drop_pieces(struct exchange *exchange)
{
	struct reply *reply = &exchange->reply;

	for (; reply->n_pieces; reply->n_pieces--) {
		blob_unref(reply->pieces[reply->first].blob);
		reply->first = (reply->first + 1) % REPLY_PIECES;
	}
	outflow_went(exchange, reply->queued);
	reply->queued = 0;
}

static const char *route_name(const struct exchange *exchange)
{
	if (exchange->request.route)
		return exchange->request.route->name;
	return exchange->first.name ? exchange->first.name : "none";
}

static void account(const struct exchange *exchange)
{
	const struct request *request = &exchange->request;
	const struct reply *reply = &exchange->reply;
	int status = reply->begun ? reply->status : STATUS_CLIENT_GONE;
	int64_t us = clock_monotonic_us() - exchange->call.started_us;

	struct str method = exchange->head_done ? http_method_name(request->method) : STR("-");
	metrics_request(route_name(exchange), method, status, exchange->transport_name, us);
	log_debug("request", LOG_TEXT("id", request->id), LOG_TEXT("route", str_of(route_name(exchange))),
		  LOG_TEXT("protocol", str_of(exchange->transport_name)), LOG_TEXT("method", method),
		  LOG_TEXT("path", request_path_for_log(request)), LOG_INT("status", status),
		  LOG_TEXT("grpc", grpc_outcome(exchange)), LOG_INT("bytes", reply->sent),
		  LOG_INT("us", us), LOG_TEXT("slowest_step", str_of(exchange->call.slowest)),
		  LOG_INT("slowest_step_us", exchange->call.slowest_us), LOG_TEXT("peer", request->peer),
		  LOG_TEXT("subject", request->subject));
}

static void recycle(struct exchange *exchange)
{
	struct http_server *server = exchange->server;

	drop_pieces(exchange);
	overdue_forget(exchange);
	buf_free(&exchange->body);
	spool_free(take(exchange->spool));
	if (exchange->grpc)
		grpc_over(exchange);
	check(server->n_live > 0);
	server->n_live--;
	if (server->n_spare == MAX_SPARE) {
		arena_free(exchange->arena);
		free(exchange);
		return;
	}
	arena_reset(exchange->arena);
	list_push_front(&server->spare, &exchange->link);
	server->n_spare++;
}

static void settle(struct exchange *exchange)
{
	if (exchange->transport || !exchange->call_over)
		return;
	account(exchange);
	recycle(exchange);
}

static void call_ended(struct call *call)
{
	struct exchange *exchange = exchange_of(call);
	exchange->call_over = true;
	settle(exchange);
}

void exchange_over(struct exchange *exchange)
{
	check(exchange->transport);
	exchange->transport = NULL;
	ask_forget(exchange);
	drop_pieces(exchange);
	outflow_leave(exchange);
	exchange->outflow = NULL;
	if (exchange->grpc)
		grpc_deadline_clear(exchange);
	if (exchange->call_over) {
		settle(exchange);
		return;
	}
	/* A call that has handed over its whole reply is about to end by itself. */
	if (!exchange->reply.ended)
		call_gone(&exchange->call);
	if (!exchange->started && !spool_busy(exchange->spool))
		exchange_start(exchange, STEP(exchange_refused));
}

/* ── Paces ── */

bool exchange_body_late(const struct exchange *exchange, int64_t now_us)
{
	const struct http_settings *settings = &exchange->server->settings;
	const struct pace_rule rule = { settings->body_ms, settings->min_rate };
	if (exchange->grpc && grpc_takes_stream(exchange))
		return false;
	return !exchange->body_done && pace_late(&exchange->upload, &rule, now_us);
}

struct pace_rule exchange_reply_rule(const struct http_server *server)
{
	return (struct pace_rule){ server->settings.stall_ms, server->settings.min_rate };
}

bool exchange_reply_late(const struct exchange *exchange, int64_t now_us)
{
	const struct pace_rule rule = exchange_reply_rule(exchange->server);
	return pace_late(&exchange->download, &rule, now_us);
}

/* ── The queue of body pieces ── */

bool reply_queue_full(const struct exchange *exchange)
{
	const struct reply *reply = &exchange->reply;
	return reply->n_pieces >= REPLY_PIECES - 1 || reply->queued >= exchange->server->settings.reply_mark;
}

void reply_queue(struct exchange *exchange, struct blob *blob, struct str bytes)
{
	struct reply *reply = &exchange->reply;
	check(reply->n_pieces < REPLY_PIECES);
	size_t at = (reply->first + reply->n_pieces++) % REPLY_PIECES;
	reply->pieces[at] = (struct reply_piece){ .blob = blob_ref(blob), .rest = bytes };
	reply->queued += bytes.len;
	outflow_came(exchange, bytes.len);
}

struct str exchange_peek(const struct exchange *exchange)
{
	const struct reply *reply = &exchange->reply;
	return reply->n_pieces ? reply->pieces[reply->first].rest : STR("");
}

/* n bytes went to the transport. */
static void count_sent(struct exchange *exchange, size_t n)
{
	const struct pace_rule rule = exchange_reply_rule(exchange->server);

	exchange->reply.queued -= n;
	outflow_went(exchange, n);
	exchange->reply.sent += n;
	pace_add(&exchange->download, &rule, n, clock_coarse_us());
}

static void forget_first(struct reply *reply)
{
	reply->first = (reply->first + 1) % REPLY_PIECES;
	reply->n_pieces--;
}

static void wake_producer(struct exchange *exchange)
{
	exchange->reply.producer_waits = false;
	call_wake(&exchange->call);
}

static void resume_producer(struct exchange *exchange)
{
	if (exchange->reply.producer_waits && !reply_queue_full(exchange) && outflow_admits(exchange))
		wake_producer(exchange);
}

void exchange_invite(struct exchange *exchange, size_t window)
{
	if (exchange->reply.producer_waits && outflow_admits_next(exchange, window))
		wake_producer(exchange);
}

void exchange_advance(struct exchange *exchange, size_t n)
{
	struct reply *reply = &exchange->reply;
	struct reply_piece *piece = &reply->pieces[reply->first];

	check(reply->n_pieces && n <= piece->rest.len);
	piece->rest = str_skip(piece->rest, n);
	count_sent(exchange, n);
	if (piece->rest.len == 0) {
		blob_unref(piece->blob);
		forget_first(reply);
	}
	resume_producer(exchange);
}

bool exchange_take(struct exchange *exchange, struct reply_piece *piece)
{
	struct reply *reply = &exchange->reply;

	if (!reply->n_pieces)
		return false;
	*piece = reply->pieces[reply->first];
	forget_first(reply);
	count_sent(exchange, piece->rest.len);
	resume_producer(exchange);
	return true;
}

bool exchange_drained(const struct exchange *exchange)
{
	return exchange->reply.ended && exchange->reply.n_pieces == 0;
}
