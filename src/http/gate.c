/* SPDX-License-Identifier: MIT */
/* Who may pass, and with what scope. */
#include "http/inside.h"
#include "obs/metrics.h"

unsigned route_scope(const struct route *route)
{
	bool reads = route->method == HTTP_GET || route->flags & ROUTE_READS;

	if (route->gate == GATE_SESSION)
		return AUTH_ACCOUNT;
	if (route->gate != GATE_USER)
		return 0;
	return reads && !(route->flags & ROUTE_WRITES) ? AUTH_RECORDS_READ : AUTH_RECORDS_WRITE;
}

struct str request_bearer(const struct request *request)
{
	struct str token, value = request_header(request, STR("authorization"));
	if (!str_present(value) || !str_equal_nocase(str_cut(value, ' ', &token), STR("Bearer")))
		return STR_ABSENT;
	return str_present(token) ? str_trim(token) : STR("");
}

static const struct problem *check_user(struct exchange *exchange)
{
	const struct http_hooks *hooks = &exchange->server->hooks;
	const struct problem *why = NULL;

	if (exchange->believes) {
		struct identity *identity = arena_new_of(exchange->arena, struct identity);
		if (!identity)
			return problem_new(exchange->arena, PROBLEM_INTERNAL, STR_ABSENT);
		*identity =
			(struct identity){ .user = exchange->believed_user, .email = STR(""), .expires_s = INT64_MAX,
					   .scopes = AUTH_EVERYTHING };
		exchange->call.identity = identity;
		return NULL;
	}
	check(hooks->identify);
	switch (hooks->identify(hooks->arg, &exchange->request, exchange->arena, &exchange->call.identity, &why)) {
	case HTTP_IDENTIFIED:
		return gate_check_scope(exchange);
	case HTTP_MUST_ASK:
		return ask_begin(exchange) ? NULL : problem_new(exchange->arena, PROBLEM_UNAVAILABLE, STR("out of memory"));
	default:
		return why;
	}
}

/* RFC 6750 section 3.1. */
static const struct problem *refuse_scope(struct exchange *exchange, unsigned scope)
{
	struct str word = auth_scope_word(scope);
	struct problem *problem = arena_new_of(exchange->arena, struct problem);

	metric_add(METRIC_SCOPE_REFUSALS, 1);
	if (!problem)
		return problem_new(exchange->arena, PROBLEM_FORBIDDEN, STR_ABSENT);
	*problem = (struct problem){ .kind = PROBLEM_FORBIDDEN,
				     .error = STR("not by an API token"),
				     .challenge = STR("Bearer error=\"insufficient_scope\"") };
	if (!str_present(word))
		return problem;
	problem->error = arena_printf(exchange->arena, "the API token has not got the scope %.*s", STR_ARG(word));
	problem->challenge = arena_printf(exchange->arena, "Bearer error=\"insufficient_scope\", scope=\"%.*s\"",
					  STR_ARG(word));
	return problem;
}

const struct problem *gate_check_scope(struct exchange *exchange)
{
	unsigned scope = route_scope(exchange->request.route);

	return exchange->call.identity->scopes & scope ? NULL : refuse_scope(exchange, scope);
}

static const struct problem *check_local(struct exchange *exchange)
{
	struct str token = exchange->server->settings.local_token;
	struct str given = request_bearer(&exchange->request);

	if (exchange->request.loopback)
		return NULL;
	if (token.len && str_present(given) && str_equal_secret(token, given))
		return NULL;
	return problem_new(exchange->arena, PROBLEM_FORBIDDEN, STR("only from this machine, or with its token"));
}

const struct problem *gate_check(struct exchange *exchange)
{
	switch (exchange->request.route->gate) {
	case GATE_OPEN:
		return NULL;
	case GATE_USER:
	case GATE_SESSION:
		return check_user(exchange);
	case GATE_LOCAL:
		return check_local(exchange);
	}
	check(false); /* a gate without a rule */
	return NULL;
}
