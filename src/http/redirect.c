/* SPDX-License-Identifier: MIT */
/* All that the optional cleartext port serves: the way to https. */
#include "http/inside.h"

enum { HTTPS_PORT = 443 };

/* The authority without its port; an IPv6 address keeps its brackets. */
static struct str host_of(struct str authority)
{
	struct str rest;
	if (authority.len && authority.at[0] == '[') {
		size_t end = str_find_char(authority, ']');
		return str_first(authority, end + 1);
	}
	return str_cut(authority, ':', &rest);
}

struct turn redirect_to_https(struct call *call)
{
	const struct exchange *exchange = exchange_of(call);
	const struct request *request = call->request;
	int port = exchange->server->settings.redirect_port;
	struct str host = host_of(request->authority);

	if (!host.len || !str_starts(request->target, STR("/")))
		return call_fail_with(call, PROBLEM_BAD_REQUEST, "this port only leads to https");
	struct str to = port == HTTPS_PORT
				? arena_printf(call->arena, "https://%.*s%.*s", STR_ARG(host), STR_ARG(request->target))
				: arena_printf(call->arena, "https://%.*s:%d%.*s", STR_ARG(host), port,
					       STR_ARG(request->target));
	reply_header(call, STR("location"), to);
	return reply_empty(call, 308);
}
