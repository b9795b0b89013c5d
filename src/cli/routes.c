/* SPDX-License-Identifier: MIT */
/* routes.def as a table, and `recordd routes`. */
#include "cli/routes.h"

#include <sysexits.h>

#include "app/grpc_methods.h"
#include "app/handlers.h"
#include "auth/scope.h"
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
static const char *const gates[] = { "open", "user", "session", "local" };

static const char *const rpc_types[] = { "unary", "client stream", "server stream", "two streams" };

static void add_json(struct json_out *out, const struct route *route)
{
	json_object(out);
	json_put_str(out, STR("method"), str_of(methods[route->method]));
	json_put_str(out, STR("path"), route->path);
	json_put_str(out, STR("rpc"), route->rpc.len ? route->rpc : STR_ABSENT);
	json_put_str(out, STR("gate"), str_of(gates[route->gate]));
	json_put_str(out, STR("scope"), auth_scope_word(route_scope(route)));
	json_put_int(out, STR("bodyLimit"), (int64_t)route->body_limit);
	json_put_str(out, STR("handler"), str_of(route->name));
	json_put_str(out, STR("does"), route->sentence);
	json_object_end(out);
}

/* The route that a method stands for, or that it has of its own. */
static const struct route *route_of(const struct grpc_method *method)
{
	for (size_t i = 0; i < routes_count; i++)
		if (str_equal(routes[i].rpc, str_skip(method->path, 1)))
			return &routes[i];
	return &method->own;
}

/* Methods of gRPC are no paths of REST: `method` is null, and whoever walks the API by it steps over them. */
static void add_rpc_json(struct json_out *out, const struct grpc_method *method)
{
	const struct route *route = route_of(method);

	json_object(out);
	json_put_null(out, STR("method"));
	json_put_str(out, STR("path"), method->path);
	json_put_str(out, STR("rpc"), str_skip(method->path, 1));
	json_put_str(out, STR("type"), str_of(rpc_types[method->type]));
	json_put_str(out, STR("gate"), str_of(gates[route->gate]));
	json_put_str(out, STR("scope"), auth_scope_word(route_scope(route)));
	json_put_str(out, STR("handler"), str_of(route->name));
	json_put_str(out, STR("does"), route->sentence);
	json_object_end(out);
}

static void print_all(void)
{
	for (size_t i = 0; i < routes_count; i++)
		printf("%-7s %-46.*s %-7s %.*s\n", methods[routes[i].method], STR_ARG(routes[i].path), gates[routes[i].gate],
		       STR_ARG(routes[i].sentence));
	for (size_t i = 0; i < n_grpc_methods; i++) {
		const struct route *route = route_of(&grpc_methods[i]);
		printf("%-7s %-46.*s %-7s %.*s\n", "gRPC", STR_ARG(str_skip(grpc_methods[i].path, 1)), gates[route->gate],
		       STR_ARG(route->sentence));
	}
}

int cmd_routes(struct invocation *run)
{
	owned(buf_free) struct buf text = buf_of(LARGEST_LISTING);
	struct json_out out = json_out_of(&text);

	if (!run->options.json) {
		print_all();
		return EX_OK;
	}
	json_array(&out);
	for (size_t i = 0; i < routes_count; i++)
		add_json(&out, &routes[i]);
	for (size_t i = 0; i < n_grpc_methods; i++)
		add_rpc_json(&out, &grpc_methods[i]);
	json_array_end(&out);
	printf("%.*s\n", STR_ARG(buf_str(&text)));
	return EX_OK;
}
