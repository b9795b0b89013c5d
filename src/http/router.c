/* SPDX-License-Identifier: MIT */
/* The router: a tree over path segments, literals before parameters. */
#include <string.h>

#include "http/route.h"

enum { N_METHODS = HTTP_OTHER };

struct node {
	struct str segment;    /* the literal; unused for a parameter's node */
	struct node *children; /* literal ones */
	struct node *sibling;
	struct node *parameter; /* the child that takes any segment */
	const struct route *routes[N_METHODS];
};

struct router {
	struct arena *arena;
	struct node *root;
};

static bool is_parameter(struct str segment)
{
	return segment.len > 2 && segment.at[0] == '{' && segment.at[segment.len - 1] == '}';
}

static struct node *literal_child(const struct node *node, struct str segment)
{
	for (struct node *child = node->children; child; child = child->sibling)
		if (str_equal(child->segment, segment))
			return child;
	return NULL;
}

static struct node *child_add(struct router *router, struct node *node, struct str segment)
{
	bool parameter = is_parameter(segment);
	struct node *child = parameter ? node->parameter : literal_child(node, segment);
	if (child)
		return child;
	child = arena_new_of(router->arena, struct node);
	if (!child)
		return NULL;
	if (parameter) {
		node->parameter = child;
		return child;
	}
	child->segment = segment;
	child->sibling = node->children;
	node->children = child;
	return child;
}

static bool route_add(struct router *router, const struct route *route)
{
	struct node *node = router->root;
	struct str rest = str_skip(route->path, 1);
	size_t parameters = 0;

	check(str_starts(route->path, STR("/")) && route->method < HTTP_OTHER && route->handler);
	while (node && str_present(rest)) {
		struct str segment = str_cut(rest, '/', &rest);
		parameters += is_parameter(segment);
		node = child_add(router, node, segment);
	}
	check(parameters <= HTTP_MAX_PATH_PARAMS);
	if (!node)
		return false;
	check(!node->routes[route->method]);
	node->routes[route->method] = route;
	return true;
}

struct router *router_new(const struct route *routes, size_t n)
{
	struct router *router = calloc(1, sizeof(*router));
	if (!router)
		return NULL;
	router->arena = arena_new(SIZE_MAX);
	router->root = router->arena ? arena_new_of(router->arena, struct node) : NULL;
	bool complete = router->root;
	for (size_t i = 0; complete && i < n; i++)
		complete = route_add(router, &routes[i]);
	if (!complete) {
		router_free(router);
		return NULL;
	}
	return router;
}

void router_free(struct router *router)
{
	if (!router)
		return;
	arena_free(router->arena);
	free(router);
}

static bool has_routes(const struct node *node)
{
	for (size_t i = 0; i < N_METHODS; i++)
		if (node->routes[i])
			return true;
	return false;
}

/* Depth is that of the route table: a path deeper than the tree falls off it. */
static const struct node *walk(const struct node *node, struct str rest, struct str *params, size_t n_params)
{
	if (!str_present(rest))
		return has_routes(node) ? node : NULL;
	struct str segment = str_cut(rest, '/', &rest);
	const struct node *child = literal_child(node, segment);
	const struct node *found = child ? walk(child, rest, params, n_params) : NULL;
	if (found || !node->parameter || segment.len == 0)
		return found;
	params[n_params] = segment;
	return walk(node->parameter, rest, params, n_params + 1);
}

static const struct route *route_for(const struct node *node, enum http_method method)
{
	if (method == HTTP_OTHER)
		return NULL;
	if (method == HTTP_HEAD && !node->routes[HTTP_HEAD])
		method = HTTP_GET;
	return node->routes[method];
}

static struct str allow_of(const struct node *node, struct arena *arena)
{
	static const struct str names[N_METHODS] = { STR("GET, "), STR("HEAD, "),  STR("POST, "),
						     STR("PUT, "), STR("PATCH, "), STR("DELETE, ") };
	struct str parts[N_METHODS + 1];
	size_t n = 0;

	for (int method = HTTP_GET; method < HTTP_OPTIONS; method++)
		if (route_for(node, (enum http_method)method))
			parts[n++] = names[method];
	parts[n++] = STR("OPTIONS");
	return arena_concat(arena, parts, n);
}

int router_find(const struct router *router, enum http_method method, struct str path, struct arena *arena,
		const struct route **route, struct str params[HTTP_MAX_PATH_PARAMS], struct str *allow)
{
	const struct node *node = walk(router->root, str_skip(path, 1), params, 0);
	if (!node)
		return ROUTE_NO_PATH;
	*route = route_for(node, method);
	if (*route)
		return ROUTE_FOUND;
	*allow = allow_of(node, arena);
	return ROUTE_NO_METHOD;
}
