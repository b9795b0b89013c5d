/* SPDX-License-Identifier: MIT */
/* Rate limits at the gate: which bucket a request is counted in, and what the client is told. */
#include "base/clock.h"
#include "http/inside.h"
#include "obs/metrics.h"

static unsigned per_minute(const struct http_settings *settings, enum rate_class class)
{
	return class == RATE_LOGIN ? settings->logins_per_minute : settings->requests_per_minute;
}

/* A login has no user yet; everything else is counted by the user where one is known. */
static struct rate_key key_of(const struct exchange *exchange, enum rate_class class)
{
	if (class != RATE_LOGIN && exchange->call.identity)
		return rate_key_of_user(exchange->call.identity->user.bytes, (uint8_t) class);
	return rate_key_of_address(exchange->request.peer, (uint8_t) class);
}

static void tell_number(struct call *call, struct str name, unsigned number)
{
	char room[STR_INT];
	reply_header(call, name, arena_copy(call->arena, str_of_int(number, room)));
}

static void tell(struct call *call, const struct rate_verdict *verdict)
{
	tell_number(call, STR("ratelimit-limit"), verdict->limit);
	tell_number(call, STR("ratelimit-remaining"), verdict->remaining);
	tell_number(call, STR("ratelimit-reset"), verdict->reset_s);
}

const struct problem *limit_check(struct exchange *exchange, enum rate_class class)
{
	struct http_server *server = exchange->server;
	unsigned limit = per_minute(&server->settings, class);

	if (class == RATE_NONE || limit == 0)
		return NULL;
	struct rate_key key = key_of(exchange, class);
	struct rate_verdict verdict = rate_count(server->rates, &key, limit, clock_monotonic_us());
	tell(&exchange->call, &verdict);
	if (verdict.allowed)
		return NULL;
	metric_add(METRIC_RATE_LIMITED, 1);
	struct problem *problem = arena_new_of(exchange->arena, struct problem);
	if (!problem)
		return problem_new(exchange->arena, PROBLEM_RATE_LIMITED, STR_ABSENT);
	*problem = (struct problem){ .kind = PROBLEM_RATE_LIMITED,
				     .error = problem_sentence(PROBLEM_RATE_LIMITED),
				     .retry_after_s = verdict.retry_after_s };
	return problem;
}
