/* SPDX-License-Identifier: MIT */
/* Cross-origin requests (Fetch standard): off unless origins are configured; never with credentials. */
#include "http/inside.h"

/* The request's origin when it is one of those configured, else absent. */
static struct str allowed_origin(const struct exchange *exchange)
{
	const struct str_list *origins = &exchange->server->settings.cors_origins;
	struct str origin = request_header(&exchange->request, STR("origin"));

	for (size_t i = 0; i < origins->n; i++)
		if (str_equal(origins->items[i], origin) || str_equal(origins->items[i], STR("*")))
			return origin;
	return STR_ABSENT;
}

void cors_add(struct exchange *exchange)
{
	struct call *call = &exchange->call;
	if (exchange->server->settings.cors_origins.n == 0)
		return;
	reply_header(call, STR("vary"), STR("origin"));
	struct str origin = allowed_origin(exchange);
	if (!str_present(origin))
		return;
	reply_header(call, STR("access-control-allow-origin"), origin);
	reply_header(call, STR("access-control-expose-headers"),
		     STR("etag, link, location, cache-status, x-cache, x-total-count, x-request-id, retry-after, "
			 "grpc-status, grpc-message, grpc-status-details-bin, grpc-encoding, "
			 "ratelimit-limit, ratelimit-remaining, ratelimit-reset"));
}

bool cors_is_preflight(const struct exchange *exchange)
{
	const struct request *request = &exchange->request;
	return exchange->server->settings.cors_origins.n && request->method == HTTP_OPTIONS &&
	       str_present(request_header(request, STR("origin"))) &&
	       str_present(request_header(request, STR("access-control-request-method")));
}

/* What an origin that is not allowed gets is the same answer without the headers: the browser then refuses. */
struct turn cors_preflight(struct call *call)
{
	if (str_present(allowed_origin(exchange_of(call)))) {
		reply_header(call, STR("access-control-allow-methods"), STR("GET, HEAD, POST, PUT, PATCH, DELETE"));
		reply_header(
			call, STR("access-control-allow-headers"),
			STR("authorization, content-type, if-match, if-none-match, idempotency-key, last-event-id, "
			    "traceparent, x-request-id, x-grpc-web, x-user-agent, grpc-timeout"));
		reply_header(call, STR("access-control-max-age"), STR("7200"));
	}
	return reply_empty(call, 204);
}
