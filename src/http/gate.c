/* SPDX-License-Identifier: MIT */
/* Who may pass: OPEN, USER, LOCAL. */
#include "http/inside.h"

struct str request_bearer(const struct request *request)
{
	struct str token, value = request_header(request, STR("authorization"));
	if (!str_present(value) || !str_equal_nocase(str_cut(value, ' ', &token), STR("Bearer")))
		return STR_ABSENT;
	return str_trim(token);
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
			(struct identity){ .user = exchange->believed_user, .email = STR(""), .expires_s = INT64_MAX };
		exchange->call.identity = identity;
		return NULL;
	}
	check(hooks->identify);
	if (hooks->identify(hooks->arg, &exchange->request, exchange->arena, &exchange->call.identity, &why) != 0)
		return why;
	return NULL;
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
		return check_user(exchange);
	case GATE_LOCAL:
		return check_local(exchange);
	}
	check(false); /* a gate without a rule */
	return NULL;
}
