/* SPDX-License-Identifier: MIT */
/* routes.def as a table, and `recordd routes`. */
#include "cli/routes.h"

#include <sysexits.h>

#include "app/handlers.h"
#include "cli/command.h"
#include "codec/json_out.h"

enum { LARGEST_LISTING = 1 << 20 };

const struct route routes[] = {
#define ROUTE(method, path, rpc, gate, body_limit, rate, flags, handler, sentence)                                          \
	{ HTTP_##method, STR(path), STR(rpc), GATE_##gate, body_limit, RATE_##rate, flags, handler, #handler, STR(sentence) },
#include "routes.def"
#undef ROUTE
};
const size_t routes_count = countof(routes);

static const char *const methods[] = { "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "?" };
static const char *const gates[] = { "open", "user", "local" };

static void add_json(struct json_out *out, const struct route *route)
{
	json_object(out);
	json_put_str(out, STR("method"), str_of(methods[route->method]));
	json_put_str(out, STR("path"), route->path);
	json_put_str(out, STR("rpc"), route->rpc.len ? route->rpc : STR_ABSENT);
	json_put_str(out, STR("gate"), str_of(gates[route->gate]));
	json_put_int(out, STR("bodyLimit"), (int64_t)route->body_limit);
	json_put_str(out, STR("handler"), str_of(route->name));
	json_put_str(out, STR("does"), route->sentence);
	json_object_end(out);
}

int cmd_routes(struct invocation *run)
{
	owned(buf_free) struct buf text = buf_of(LARGEST_LISTING);
	struct json_out out = json_out_of(&text);

	if (!run->options.json) {
		for (size_t i = 0; i < routes_count; i++)
			printf("%-7s %-46.*s %-6s %.*s\n", methods[routes[i].method], STR_ARG(routes[i].path), gates[routes[i].gate],
			       STR_ARG(routes[i].sentence));
		return EX_OK;
	}
	json_array(&out);
	for (size_t i = 0; i < routes_count; i++)
		add_json(&out, &routes[i]);
	json_array_end(&out);
	printf("%.*s\n", STR_ARG(buf_str(&text)));
	return EX_OK;
}
