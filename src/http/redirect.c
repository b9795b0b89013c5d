/* SPDX-License-Identifier: MIT */
/* What the optional cleartext port does with all but ROUTE_IN_CLEAR: it tells the way to https. */
#include "http/inside.h"

enum { HTTPS_PORT = 443 };

struct turn redirect_to_https(struct call *call)
{
	const struct exchange *exchange = exchange_of(call);
	const struct request *request = call->request;
	int port = exchange->server->settings.redirect_port;
	struct str host = authority_host(request->authority);

	if (!host.len || !str_starts(request->target, STR("/")))
		return call_fail_with(call, PROBLEM_BAD_REQUEST, "this port only leads to https");
	struct str to = port == HTTPS_PORT
				? arena_printf(call->arena, "https://%.*s%.*s", STR_ARG(host), STR_ARG(request->target))
				: arena_printf(call->arena, "https://%.*s:%d%.*s", STR_ARG(host), port,
					       STR_ARG(request->target));
	reply_header(call, STR("location"), to);
	return reply_empty(call, 308);
}
