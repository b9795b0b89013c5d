/* SPDX-License-Identifier: MIT */
/* Replies: from what a handler says to a head that is final and a body that is queued. */
#include "codec/json_out.h"
#include "http/grpc_inside.h"
#include "http/negotiate.h"
#include "http/outflow.h"
#include "obs/log.h"
#include "obs/metrics.h"

enum { MAX_PROBLEM = 64 * 1024, ENCODE_ON_LOOP = 128 * 1024 };

/* On every answer. */
static const struct http_header security_headers[] = {
	{ STR("x-content-type-options"), STR("nosniff") },
	{ STR("referrer-policy"), STR("same-origin") },
};

/* ── The head ── */

static bool is_header_text(struct str value)
{
	for (size_t i = 0; i < value.len; i++)
		if ((unsigned char)value.at[i] < ' ' && value.at[i] != '\t')
			return false;
	return true;
}

/* What would split the head is not sent: a handler that let a client's bytes through must not hurt. */
void reply_add(struct call *call, struct http_headers *to, struct str name, struct str value)
{
	if (!str_present(value) || !is_header_text(value))
		return;
	if (!headers_add(to, call->arena, name, value))
		log_warn("reply header dropped", LOG_TEXT("name", name));
}

void reply_header(struct call *call, struct str name, struct str value)
{
	struct reply *reply = call->reply;
	if (str_equal(name, STR("etag")) && str_present(value) && is_header_text(value))
		reply->etag = value;
	reply_add(call, &reply->headers, name, value);
}

static bool has_length(const struct reply *reply)
{
	return reply->length >= 0 && reply->status != 204 && reply->status != 304;
}

static void add_default_cache_control(struct exchange *exchange)
{
	const struct reply *reply = &exchange->reply;
	enum http_method method = exchange->request.method;
	bool reads = method == HTTP_GET || method == HTTP_HEAD;

	if (!str_present(headers_find(&reply->headers, STR("cache-control"))))
		reply_header(&exchange->call, STR("cache-control"),
			     reads && reply->status < 400 ? STR("private, no-cache") : STR("no-store"));
}

static void finish_head(struct exchange *exchange)
{
	struct http_server *server = exchange->server;
	struct reply *reply = &exchange->reply;
	struct call *call = &exchange->call;

	if (str_present(reply->content_type) && reply->status != 304)
		reply_header(call, STR("content-type"), reply->content_type);
	if (has_length(reply))
		reply_header(call, STR("content-length"), str_of_int(reply->length, reply->length_text));
	reply_header(call, STR("content-encoding"), reply->coding);
	if (reply->compressible)
		reply_header(call, STR("vary"), STR("accept-encoding"));
	add_default_cache_control(exchange);
	reply_header(call, STR("date"), http_date(server));
	reply_header(call, STR("x-request-id"), exchange->request.id);
	/* What is no page of the application's loads nothing, and nobody frames it. */
	if (!str_present(headers_find(&reply->headers, STR("content-security-policy"))))
		reply_header(call, STR("content-security-policy"), STR("default-src 'none'; frame-ancestors 'none'"));
	for (size_t i = 0; i < countof(security_headers); i++)
		reply_header(call, security_headers[i].name, security_headers[i].value);
	if (server->settings.hsts.len && exchange->request.secure && authority_is_name(exchange->request.authority))
		reply_header(call, STR("strict-transport-security"), server->settings.hsts);
	if (server->settings.alt_svc.len && exchange->request.secure && exchange->request.protocol != HTTP_3)
		reply_header(call, STR("alt-svc"), server->settings.alt_svc);
}

void reply_begin(struct exchange *exchange)
{
	if (exchange->grpc)
		grpc_finish_head(exchange);
	else
		finish_head(exchange);
	exchange->reply.begun = true;
	if (exchange->transport)
		exchange->transport->begin(exchange);
}

/* ── A complete reply ── */

/* The bytes to send: the handler's blob, a copy of its text, or either's encoded form. NULL without memory. */
static struct blob *make_body(struct reply *reply, struct str *bytes)
{
	*bytes = reply->body_text;
	if (reply->body)
		return blob_ref(reply->body);
	enum cache_coding coding =
		reply->encode && reply->body_text.len <= ENCODE_ON_LOOP ? reply->encode_as : CACHE_IDENTITY;
	struct blob *encoded = coding ? coding_encode(coding, reply->body_text) : NULL;
	if (encoded)
		reply->coding = coding_name(coding);
	struct blob *blob = encoded ? encoded : blob_copy(reply->body_text);
	if (blob)
		*bytes = blob_str(blob);
	return blob;
}

/* One tag for all codings of a body: it names the resource's state, so that If-Match works however it was read. */
static bool is_unchanged(const struct exchange *exchange)
{
	const struct reply *reply = &exchange->reply;
	enum http_method method = exchange->request.method;
	return reply->status == 200 && str_present(reply->etag) && (method == HTTP_GET || method == HTTP_HEAD) &&
	       etag_listed(request_header(&exchange->request, STR("if-none-match")), reply->etag);
}

static struct turn hand_over(struct call *call)
{
	struct exchange *exchange = exchange_of(call);
	struct reply *reply = &exchange->reply;
	struct str bytes = STR("");

	if (arena_exhausted(call->arena) && !call->failing)
		return call_fail_with(call, PROBLEM_INTERNAL, "the request's memory budget is spent");
	if (exchange->grpc)
		return grpc_hand_over(call);
	if (is_unchanged(exchange))
		reply->status = 304;
	owned(blob_drop) struct blob *body = make_body(reply, &bytes);
	if (!body) {
		reply->status = problem_status(PROBLEM_UNAVAILABLE);
		bytes = STR("");
	}
	reply->length = (int64_t)bytes.len;
	if (reply->status == 204 || reply->status == 304)
		reply->no_body = true;
	if (bytes.len && !reply->no_body)
		reply_queue(exchange, body, bytes);
	reply->ended = true;
	blob_unref(take(reply->body));
	reply_begin(exchange);
	return call_end(call);
}

static struct turn complete(struct call *call, int status, struct str content_type)
{
	struct reply *reply = call->reply;

	check(!reply->begun);
	reply->status = status;
	reply->content_type = content_type;
	reply->compressible = coding_fits(content_type);
	if (!reply->hook || call->failing)
		return hand_over(call);
	/* The hook may wait, and what a step was given lives only until it returns. */
	if (!reply->body && !(reply->body = blob_copy(reply->body_text)))
		return call_fail_with(call, PROBLEM_INTERNAL, "out of memory");
	reply->body_text = blob_str(reply->body);
	struct reply_view view = {
		.status = status, .headers = &reply->headers, .content_type = content_type, .body = reply->body_text
	};
	return take(reply->hook)(call, &view);
}

void reply_hold(struct call *call, struct turn (*hook)(struct call *call, const struct reply_view *view))
{
	check(!call->reply->hook);
	call->reply->hook = hook;
}

struct turn reply_release(struct call *call)
{
	return hand_over(call);
}

struct turn reply_empty(struct call *call, int status)
{
	call->reply->body_text = STR("");
	return complete(call, status, STR_ABSENT);
}

struct turn reply_text(struct call *call, int status, struct str content_type, struct str body)
{
	struct reply *reply = call->reply;
	reply->body_text = body;
	/* gRPC has codings of its own. */
	if (exchange_of(call)->grpc)
		return complete(call, status, content_type);
	reply->encode_as = coding_choose(request_header(call->request, STR("accept-encoding")), content_type, body.len);
	reply->encode = reply->encode_as != CACHE_IDENTITY;
	return complete(call, status, content_type);
}

struct turn reply_json(struct call *call, int status, struct str json)
{
	return reply_text(call, status, STR("application/json"), json);
}

struct turn reply_slice(struct call *call, int status, struct str content_type, struct blob *body, struct str bytes,
			struct str coding)
{
	struct reply *reply = call->reply;
	reply->body = blob_ref(body);
	reply->body_text = bytes;
	reply->coding = coding;
	return complete(call, status, content_type);
}

struct turn reply_blob(struct call *call, int status, struct str content_type, struct blob *body, struct str coding)
{
	return reply_slice(call, status, content_type, body, blob_str(body), coding);
}

struct turn reply_answer(struct call *call, struct cache *cache, const struct cache_answer *answer,
			 struct str content_type)
{
	bool kept = answer->status == CACHE_HIT || answer->status == CACHE_STALE;

	reply_header(call, STR("etag"), cache_etag_text(answer, call->arena));
	reply_header(call, STR("cache-status"), cache_status_text(answer, call->arena));
	reply_header(call, STR("x-cache"), kept ? STR("HIT") : STR("MISS"));
	if (exchange_of(call)->grpc && !call->reply->hook)
		return grpc_answer(call, cache, answer, content_type);
	/* For one who has the body already, no twin need be made. */
	if (etag_listed(request_header(call->request, STR("if-none-match")), call->reply->etag))
		return reply_blob(call, 200, content_type, answer->body, STR_ABSENT);
	struct str accepted = request_header(call->request, STR("accept-encoding"));
	enum cache_coding coding = coding_choose(accepted, content_type, blob_str(answer->body).len);
	struct blob *twin = coding ? cache_twin(cache, answer, coding, coding_encode) : NULL;

	if (twin)
		return reply_blob(call, 200, content_type, twin, coding_name(coding));
	return reply_blob(call, 200, content_type, answer->body, STR_ABSENT);
}

/* ── A stream ── */

static bool stop_waiting(struct call *call, void *source)
{
	(void)source;
	call->reply->producer_waits = false;
	outflow_leave(exchange_of(call));
	return true;
}

struct turn reply_go_on(struct call *call, struct step next)
{
	struct exchange *exchange = exchange_of(call);
	bool full = reply_queue_full(exchange);

	if (!full && outflow_admits(exchange))
		return call_next(call, next);
	metric_add(METRIC_PRODUCERS_HELD, !full);
	call->reply->producer_waits = true;
	return call_wait(call, next, stop_waiting, NULL);
}

struct turn reply_stream(struct call *call, int status, struct str content_type, struct step next)
{
	struct exchange *exchange = exchange_of(call);
	struct reply *reply = &exchange->reply;

	check(!reply->begun);
	if (arena_exhausted(call->arena))
		return call_fail_with(call, PROBLEM_INTERNAL, "the request's memory budget is spent");
	reply->status = status;
	reply->content_type = content_type;
	reply->ended = reply->no_body;
	reply_begin(exchange);
	return reply->no_body ? call_end(call) : reply_go_on(call, next);
}

struct turn reply_stream_sized(struct call *call, int status, struct str content_type, int64_t length, struct step next)
{
	call->reply->length = length;
	return reply_stream(call, status, content_type, next);
}

void reply_endless(struct call *call)
{
	call->reply->endless = true;
}

struct turn reply_chunk(struct call *call, struct str bytes, struct step next)
{
	struct exchange *exchange = exchange_of(call);
	struct reply *reply = &exchange->reply;

	check(reply->begun && !reply->ended);
	if (bytes.len == 0)
		return call_next(call, next);
	owned(blob_drop) struct blob *blob = blob_copy(bytes);
	if (!blob)
		return call_fail_with(call, PROBLEM_INTERNAL, "out of memory");
	reply_queue(exchange, blob, blob_str(blob));
	if (exchange->transport)
		exchange->transport->more(exchange);
	return reply_go_on(call, next);
}

struct turn reply_stream_end(struct call *call)
{
	struct exchange *exchange = exchange_of(call);

	exchange->reply.ended = true;
	outflow_leave(exchange);
	if (exchange->transport)
		exchange->transport->more(exchange);
	return call_end(call);
}

/* ── Problems ── */

static void log_failure(const struct call *call, const struct problem *problem)
{
	const struct request *request = call->request;
	if (problem_status(problem->kind) < 500)
		return;
	log_warn("request failed", LOG_TEXT("id", request->id), LOG_TEXT("path", request_path_for_log(request)),
		 LOG_TEXT("problem", str_of(problem_name(problem->kind))), LOG_TEXT("error", problem->error));
}

static void add_problem_headers(struct call *call, const struct problem *problem)
{
	if (problem->kind == PROBLEM_UNAUTHENTICATED || str_present(problem->challenge))
		reply_header(call, STR("www-authenticate"),
			     str_present(problem->challenge) ? problem->challenge
							     : STR("Bearer error=\"invalid_token\""));
	reply_header(call, STR("allow"), problem->allow);
	unsigned after = problem->retry_after_s;
	if (!after && problem->kind == PROBLEM_UNAVAILABLE)
		after = 1;
	if (after)
		reply_header(call, STR("retry-after"), arena_printf(call->arena, "%u", after));
}

struct turn exchange_failed(struct call *call, const struct problem *problem)
{
	struct exchange *exchange = exchange_of(call);
	struct reply *reply = &exchange->reply;
	owned(buf_free) struct buf json = buf_of(MAX_PROBLEM);

	log_failure(call, problem);
	if (reply->begun && exchange->grpc) {
		grpc_refuse(exchange, problem);
		return call_end(call);
	}
	if (reply->begun) {
		if (exchange->transport)
			exchange->transport->cut(exchange);
		return call_end(call);
	}
	/* What the handler had said about its reply is void. */
	blob_unref(take(reply->body));
	reply->headers.n = reply->n_kept;
	reply->etag = reply->coding = STR_ABSENT;
	reply->encode = false;
	add_problem_headers(call, problem);
	if (exchange->grpc) {
		grpc_refuse(exchange, problem);
		return call_end(call);
	}
	problem_render(&json, problem, call->request);
	reply->body_text = buf_failed(&json) ? STR("") : buf_str(&json);
	return complete(call, problem_status(problem->kind), STR("application/problem+json"));
}
