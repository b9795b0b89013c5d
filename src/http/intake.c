/* SPDX-License-Identifier: MIT */
/* A request comes in: its head is judged, then its body is gathered in memory or in a file, then its handler starts. */
#include "base/clock.h"
#include "http/grpc_inside.h"
#include "obs/metrics.h"

void exchange_refuse_with(struct exchange *exchange, const struct problem *problem)
{
	if (exchange->started)
		return;
	exchange->refusal = problem;
	if (!spool_busy(exchange->spool))
		exchange_start(exchange, STEP(exchange_refused));
}

void exchange_refuse(struct exchange *exchange, enum problem_kind kind, struct str error)
{
	if (!exchange->head_done)
		request_take_ids(exchange);
	metric_add(METRIC_HTTP_BAD_REQUESTS, kind == PROBLEM_BAD_REQUEST || kind == PROBLEM_HEADERS_TOO_LARGE);
	exchange_refuse_with(exchange, problem_new(exchange->arena, kind, error));
}

static bool is_json(struct str content_type)
{
	struct str parameters, type = str_trim(str_cut(content_type, ';', &parameters));
	return str_equal_nocase(type, STR("application/json")) ||
	       (type.len > 5 && str_equal_nocase(str_skip(type, type.len - 5), STR("+json")));
}

static const struct problem *too_large(struct exchange *exchange)
{
	return problem_new(exchange->arena, PROBLEM_TOO_LARGE,
			   exchange->body_limit
				   ? arena_printf(exchange->arena, "request body over %zu bytes", exchange->body_limit)
				   : STR("no request body is expected here"));
}

/* What can be said about a body before a byte of it was read. */
static const struct problem *admit_body(struct exchange *exchange, int64_t length)
{
	const struct request *request = &exchange->request;
	unsigned flags = request->route ? request->route->flags : 0;
	struct str type = request_header(request, STR("content-type"));
	struct str coding = request_header(request, STR("content-encoding"));

	if (length > 0 && (uint64_t)length > exchange->body_limit)
		return too_large(exchange);
	if (str_present(coding) && !str_equal_nocase(coding, STR("identity")))
		return problem_new(exchange->arena, PROBLEM_UNSUPPORTED_MEDIA, STR("the body must not be compressed"));
	if (exchange->body_limit && !(flags & (ROUTE_TAKES_FORM | ROUTE_TAKES_IMAGE)) && !is_json(str_present(type) ? type : STR("")))
		return problem_new(exchange->arena, PROBLEM_UNSUPPORTED_MEDIA,
				   STR("content-type must be application/json"));
	if (flags & ROUTE_SPOOLS && !(exchange->spool = spool_new(exchange)))
		return problem_new(exchange->arena, PROBLEM_INTERNAL, STR_ABSENT);
	return NULL;
}

void exchange_head(struct exchange *exchange, bool has_body, int64_t length)
{
	struct request *request = &exchange->request;

	exchange->head_done = true;
	pace_begin(&exchange->upload, clock_coarse_us());
	request->method = http_method_of(request->method_text);
	exchange->reply.no_body = request->method == HTTP_HEAD;
	const struct problem *problem = exchange_admit(exchange);
	exchange->reply.n_kept = exchange->reply.headers.n;
	if (!problem && has_body && !exchange->grpc)
		problem = admit_body(exchange, length);
	if (problem) {
		exchange_refuse_with(exchange, problem);
		return;
	}
	if (exchange->grpc) {
		grpc_begin(exchange);
		return;
	}
	exchange->body = buf_of(exchange->body_limit);
	if (has_body && length > 0 && !exchange->spool && !buf_reserve(&exchange->body, (size_t)length))
		exchange_refuse(exchange, PROBLEM_UNAVAILABLE, STR("out of memory"));
}

bool exchange_wants_body(const struct exchange *exchange)
{
	if (exchange->grpc && grpc_takes_stream(exchange))
		return !exchange->refusal && !exchange->reply.ended;
	return !exchange->started && !exchange->refusal;
}

void exchange_body(struct exchange *exchange, struct str bytes)
{
	const struct http_settings *settings = &exchange->server->settings;
	const struct pace_rule rule = { settings->body_ms, settings->min_rate };

	pace_add(&exchange->upload, &rule, bytes.len, clock_coarse_us());
	exchange->body_bytes += bytes.len;
	if (exchange->grpc) {
		grpc_body(exchange, bytes);
		return;
	}
	if (exchange_wants_body(exchange) && exchange->body_bytes > exchange->body_limit)
		exchange_refuse_with(exchange, too_large(exchange));
	if (exchange_wants_body(exchange) && exchange->spool) {
		spool_add(exchange->spool, bytes);
		return;
	}
	if (exchange_wants_body(exchange)) {
		buf_add(&exchange->body, bytes);
		if (buf_failed(&exchange->body))
			exchange_refuse(exchange, PROBLEM_UNAVAILABLE, STR("out of memory"));
	}
	exchange->transport->taken(exchange, bytes.len);
}

void exchange_body_end(struct exchange *exchange)
{
	exchange->body_done = true;
	if (!exchange_wants_body(exchange))
		return;
	if (exchange->grpc) {
		grpc_body_end(exchange);
		return;
	}
	exchange->request.body = buf_str(&exchange->body);
	if (exchange->spool)
		spool_end(exchange->spool);
	else
		exchange_start(exchange, exchange->first);
}
