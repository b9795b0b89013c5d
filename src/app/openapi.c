/* SPDX-License-Identifier: MIT */
/* The API's own description: an OpenAPI 3.1 document made from the route table. */
#include "app/app.h"
#include "app/handlers.h"
#include "auth/scope.h"
#include "codec/json_out.h"
#include "http/http.h"
#include "http/route.h"

enum { LARGEST_DOCUMENT = 1 << 20 };

static const struct str verbs[] = {
	[HTTP_GET] = { "get", 3 },     [HTTP_HEAD] = { "head", 4 },	[HTTP_POST] = { "post", 4 },	   [HTTP_PUT] = { "put", 3 },
	[HTTP_PATCH] = { "patch", 5 }, [HTTP_DELETE] = { "delete", 6 }, [HTTP_OPTIONS] = { "options", 7 }, [HTTP_OTHER] = { "trace", 5 },
};

/* RFC 9457 with the contract's two members; the one schema every operation shares. */
static const char problem_schema[] =
	"{\"type\":\"object\",\"required\":[\"type\",\"title\",\"status\",\"error\",\"requestId\"],\"properties\":{"
	"\"type\":{\"type\":\"string\"},\"title\":{\"type\":\"string\"},\"status\":{\"type\":\"integer\"},"
	"\"detail\":{\"type\":\"string\"},\"instance\":{\"type\":\"string\"},\"error\":{\"type\":\"string\"},"
	"\"requestId\":{\"type\":\"string\"},\"errors\":{\"type\":\"array\",\"items\":{\"type\":\"object\","
	"\"properties\":{\"field\":{\"type\":\"string\"},\"message\":{\"type\":\"string\"}}}}}}";

/* "/api/records/{id}" → "records"; "/healthz" → "edge". */
static struct str tag_of(struct str path)
{
	struct str rest;

	if (!str_starts(path, STR("/api/")))
		return STR("edge");
	return str_cut(str_skip(path, 5), '/', &rest);
}

static void add_path_parameters(struct json_out *out, struct str path)
{
	struct str rest = path, name;

	json_key(out, STR("parameters"));
	json_array(out);
	while (str_cut(rest, '{', &rest), str_present(rest)) {
		name = str_cut(rest, '}', &rest);
		json_object(out);
		json_put_str(out, STR("name"), name);
		json_put_str(out, STR("in"), STR("path"));
		json_put_bool(out, STR("required"), true);
		json_put_raw(out, STR("schema"), STR("{\"type\":\"string\"}"));
		json_object_end(out);
	}
	json_array_end(out);
}

static void add_body(struct json_out *out, const struct route *route)
{
	static const struct str json[] = { STR("application/json"), STR_ABSENT }, csv[] = { STR("text/csv"), STR_ABSENT },
				pictures[] = { STR("image/jpeg"), STR("image/png"), STR("image/webp"), STR_ABSENT };
	const struct str *type = route->flags & ROUTE_TAKES_FORM    ? csv
				 : route->flags & ROUTE_TAKES_IMAGE ? pictures
								    : json;

	json_key(out, STR("requestBody"));
	json_object(out);
	json_key(out, STR("content"));
	json_object(out);
	for (; str_present(*type); type++)
		json_put_raw(out, *type, STR("{}"));
	json_object_end(out);
	json_put_int(out, STR("x-limit-bytes"), (int64_t)route->body_limit);
	json_object_end(out);
}

static void add_operation(struct json_out *out, const struct route *route)
{
	json_key(out, verbs[route->method]);
	json_object(out);
	json_put_str(out, STR("operationId"), str_of(route->name));
	json_put_str(out, STR("summary"), route->sentence);
	json_key(out, STR("tags"));
	json_array(out);
	json_str(out, tag_of(route->path));
	json_array_end(out);
	if (route->gate == GATE_USER || route->gate == GATE_SESSION)
		json_put_raw(out, STR("security"), STR("[{\"bearer\":[]}]"));
	if (route->gate == GATE_USER) /* an API token opens no other gate */
		json_put_str(out, STR("x-scope"), auth_scope_word(route_scope(route)));
	if (route->rpc.len)
		json_put_str(out, STR("x-rpc"), route->rpc);
	add_path_parameters(out, route->path);
	if (route->body_limit)
		add_body(out, route);
	json_put_raw(out, STR("responses"),
		     STR("{\"2XX\":{\"description\":\"Success\"},\"default\":{\"description\":\"A problem\",\"content\":{"
			 "\"application/problem+json\":{\"schema\":{\"$ref\":\"#/components/schemas/Problem\"}}}}}"));
	json_object_end(out);
}

static bool path_seen_before(const struct route *routes, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (str_equal(routes[j].path, routes[i].path))
			return true;
	return false;
}

static void add_paths(struct json_out *out, const struct route *routes, size_t n)
{
	json_key(out, STR("paths"));
	json_object(out);
	for (size_t i = 0; i < n; i++) {
		if (path_seen_before(routes, i))
			continue;
		json_key(out, routes[i].path);
		json_object(out);
		for (size_t j = i; j < n; j++)
			if (str_equal(routes[j].path, routes[i].path))
				add_operation(out, &routes[j]);
		json_object_end(out);
	}
	json_object_end(out);
}

struct turn openapi_get(struct call *call)
{
	const struct app *app = app_of(call);
	owned(buf_free) struct buf body = buf_of(LARGEST_DOCUMENT);
	struct json_out out = json_out_of(&body);

	json_object(&out);
	json_put_str(&out, STR("openapi"), STR("3.1.0"));
	json_key(&out, STR("info"));
	json_object(&out);
	json_put_str(&out, STR("title"), STR("recordd"));
	json_put_str(&out, STR("version"), app->version);
	json_put_raw(&out, STR("license"), STR("{\"name\":\"MIT\",\"identifier\":\"MIT\"}"));
	json_object_end(&out);
	add_paths(&out, app->routes, app->n_routes);
	json_put_raw(&out, STR("components"),
		     arena_printf(call->arena, "{\"securitySchemes\":{\"bearer\":{\"type\":\"http\",\"scheme\":\"bearer\",\"bearerFormat\":"
					       "\"JWT\"}},\"schemas\":{\"Problem\":%s}}",
				  problem_schema));
	json_object_end(&out);
	return reply_json(call, 200, buf_str(&body));
}
