/* SPDX-License-Identifier: MIT */
/* Admission: from a complete head to the step that handles it, before any byte of its body is read. */
#include "http/grpc_inside.h"

static const struct problem *refuse(struct exchange *exchange, enum problem_kind kind, struct str error)
{
	return problem_new(exchange->arena, kind, error);
}

static const struct problem *refuse_method(struct exchange *exchange, struct str allow)
{
	struct problem *problem = arena_new_of(exchange->arena, struct problem);
	if (!problem)
		return refuse(exchange, PROBLEM_METHOD_NOT_ALLOWED, STR_ABSENT);
	*problem = (struct problem){ .kind = PROBLEM_METHOD_NOT_ALLOWED,
				     .error = problem_sentence(PROBLEM_METHOD_NOT_ALLOWED),
				     .allow = allow };
	return problem;
}

static struct turn options_reply(struct call *call)
{
	return reply_empty(call, 204);
}

static bool is_api(struct str path)
{
	return str_starts(path, STR("/api/")) || str_equal(path, STR("/api"));
}

/* Another method would have been found, or none at all. */
static const struct problem *admit_unrouted(struct exchange *exchange, bool path_known, struct str allow)
{
	const struct request *request = &exchange->request;
	bool reads = request->method == HTTP_GET || request->method == HTTP_HEAD;

	if (!path_known) {
		if (is_api(request->path) || !exchange->server->hooks.fallback.run)
			return refuse(exchange, PROBLEM_NOT_FOUND, STR("no such path"));
		if (reads) {
			exchange->first = exchange->server->hooks.fallback;
			return NULL;
		}
		allow = STR("GET, HEAD, OPTIONS");
	}
	if (request->method != HTTP_OPTIONS)
		return refuse_method(exchange, allow);
	reply_header(&exchange->call, STR("allow"), allow);
	exchange->first = STEP(options_reply);
	return NULL;
}

/* A client that guesses tokens is counted by its address, so that guessing has a limit too. */
static const struct problem *admit_caller(struct exchange *exchange)
{
	const struct route *route = exchange->request.route;
	const struct problem *shut = gate_check(exchange);
	const struct problem *limited = limit_check(exchange, route->rate);
	if (limited)
		ask_forget(exchange);
	return limited ? limited : shut;
}

/* A body that goes to a file, or is a picture, has a limit that is a setting besides the route's own. */
static size_t body_limit(const struct http_server *server, const struct route *route)
{
	size_t most = route->body_limit;
	if (route->flags & ROUTE_SPOOLS)
		most = server->settings.spool_bytes;
	else if (route->flags & ROUTE_TAKES_IMAGE)
		most = server->settings.image_bytes;
	return route->body_limit > most ? most : route->body_limit;
}

static const struct problem *admit_routed(struct exchange *exchange)
{
	const struct route *route = exchange->request.route;
	const struct problem *problem = admit_caller(exchange);

	if (problem)
		return problem;
	if (route->flags & ROUTE_WRITES && exchange->server->no_space)
		return refuse(exchange, PROBLEM_NO_SPACE, STR_ABSENT);
	exchange->body_limit = body_limit(exchange->server, route);
	exchange->first = (struct step){ route->handler, route->name };
	if (route->flags & ROUTE_WRITES && exchange->server->hooks.once.run &&
	    str_present(request_header(&exchange->request, STR("idempotency-key"))))
		exchange->first.run = exchange->server->hooks.once.run;
	return NULL;
}

static const struct problem *route(struct exchange *exchange)
{
	struct request *request = &exchange->request;
	struct str allow = STR_ABSENT;
	int outcome = router_find(exchange->server->router, request->method, request->path, exchange->arena,
				  &request->route, request->path_params, &allow);
	if (outcome == ROUTE_FOUND)
		return admit_routed(exchange);
	return admit_unrouted(exchange, outcome == ROUTE_NO_METHOD, allow);
}

/* The cleartext port answers what must be had without https, and leads there for everything else. */
static const struct problem *admit_in_clear(struct exchange *exchange)
{
	struct request *request = &exchange->request;
	struct str allow;
	int outcome = router_find(exchange->server->router, request->method, request->path, exchange->arena,
				  &request->route, request->path_params, &allow);
	if (outcome == ROUTE_FOUND && request->route->flags & ROUTE_IN_CLEAR)
		return admit_routed(exchange);
	request->route = NULL;
	exchange->first = STEP(redirect_to_https);
	return NULL;
}

/* The method stands for a route, whose rules hold. */
static const struct problem *admit_rpc(struct exchange *exchange)
{
	const struct problem *problem = grpc_admit(exchange);

	if (!problem)
		problem = admit_routed(exchange);
	/* What a method of its own answers cannot be kept for an idempotency key. */
	if (!problem && exchange->grpc->row->route == &exchange->grpc->row->own)
		exchange->first.run = exchange->request.route->handler;
	return problem;
}

const struct problem *exchange_admit(struct exchange *exchange)
{
	const struct problem *problem = request_prepare(exchange);
	if (problem)
		return problem;
	if (exchange->server->settings.redirect_port)
		return admit_in_clear(exchange);
	cors_add(exchange);
	if (exchange->server->grpc && grpc_asked(&exchange->request))
		return admit_rpc(exchange);
	if (exchange->grpc_only)
		return refuse(exchange, PROBLEM_UNSUPPORTED_MEDIA, STR("only gRPC is spoken here"));
	if (cors_is_preflight(exchange)) {
		exchange->first = STEP(cors_preflight);
		return NULL;
	}
	if (str_equal(exchange->request.path, STR("*"))) {
		exchange->first = STEP(options_reply);
		return NULL;
	}
	return route(exchange);
}

struct turn exchange_refused(struct call *call)
{
	return call_fail(call, exchange_of(call)->refusal);
}
