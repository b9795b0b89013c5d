/* SPDX-License-Identifier: MIT */
/* The methods of gRPC, each with the route that it stands for. */
#include <string.h>

#include "http/grpc_inside.h"

static const char *const types[] = {
	[GRPC_UNARY] = "unary",
	[GRPC_CLIENT_STREAM] = "client_stream",
	[GRPC_SERVER_STREAM] = "server_stream",
	[GRPC_BIDI_STREAM] = "bidi_stream",
};

static const char *code_name(size_t code)
{
	return grpc_code_name((enum grpc_code)code);
}

static struct metrics_rpc *metrics_of(const struct grpc_method *method)
{
	struct str name, service = str_cut(str_skip(method->path, 1), '/', &name);

	check(str_starts(method->path, STR("/")) && name.len && service.len);
	return metrics_rpc_row(types[method->type], service, name, code_name);
}

/* The method's own when the API has none: it is found like one. */
static const struct route *route_of(struct grpc_row *row, const struct route *routes, size_t n_routes)
{
	const struct grpc_method *method = row->method;

	for (size_t i = 0; i < n_routes; i++) {
		if (!str_equal(routes[i].rpc, str_skip(method->path, 1)))
			continue;
		check(method->type == GRPC_UNARY && method->ask && method->tell && !(routes[i].flags & ROUTE_SPOOLS));
		return &routes[i];
	}
	check(method->own.handler && method->own.name && !method->ask);
	row->own = method->own;
	row->own.method = HTTP_POST;
	row->own.path = method->path;
	row->own.rpc = str_skip(method->path, 1);
	return &row->own;
}

static int by_path(const void *a, const void *b)
{
	return str_compare(((const struct grpc_row *)a)->method->path, ((const struct grpc_row *)b)->method->path);
}

static void fill(struct grpc_server *server, const struct grpc_method *methods, const struct route *routes,
		 size_t n_routes)
{
	for (size_t i = 0; i < server->n_rows; i++)
		server->rows[i].method = &methods[i];
	qsort(server->rows, server->n_rows, sizeof(*server->rows), by_path);
	for (size_t i = 0; i < server->n_rows; i++) {
		struct grpc_row *row = &server->rows[i];
		check(i == 0 || by_path(row - 1, row) != 0);
		row->route = route_of(row, routes, n_routes);
		row->metrics = metrics_of(row->method);
	}
	server->unknown = metrics_rpc_row(types[GRPC_UNARY], STR("unknown"), STR("unknown"), code_name);
}

struct grpc_server *grpc_server_new(struct loop *loop, const struct grpc_method *methods, size_t n_methods,
				    const struct route *routes, size_t n_routes)
{
	struct grpc_server *server = calloc(1, sizeof(*server));

	if (!server)
		return NULL;
	server->rows = calloc(n_methods + 1, sizeof(*server->rows));
	server->n_rows = n_methods;
	if (!server->rows || !grpc_deadlines_init(&server->deadlines, loop)) {
		free(server->rows);
		free(server);
		return NULL;
	}
	fill(server, methods, routes, n_routes);
	return server;
}

void grpc_server_free(struct grpc_server *server)
{
	if (!server)
		return;
	grpc_deadlines_deinit(&server->deadlines);
	free(server->rows);
	free(server);
}

const struct grpc_row *grpc_server_find(const struct grpc_server *server, struct str path)
{
	size_t from = 0, to = server->n_rows;

	while (from < to) {
		size_t middle = from + (to - from) / 2;
		int order = str_compare(path, server->rows[middle].method->path);
		if (order == 0)
			return &server->rows[middle];
		if (order < 0)
			to = middle;
		else
			from = middle + 1;
	}
	return NULL;
}
