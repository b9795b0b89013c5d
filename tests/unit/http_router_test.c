/* SPDX-License-Identifier: MIT */
/* Routing: the right handler, its parameters, and what to tell when there is none. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "http/route.h"

static struct turn handler(struct call *call)
{
	return call_end(call);
}

#define ROW(m, p)                                                            \
	{                                                                    \
		.method = (m), .path = STR(p), .handler = handler, .name = p \
	}

static const struct route routes[] = {
	ROW(HTTP_GET, "/"),
	ROW(HTTP_GET, "/api/records"),
	ROW(HTTP_POST, "/api/records"),
	ROW(HTTP_GET, "/api/records/{id}"),
	ROW(HTTP_DELETE, "/api/records/{id}"),
	ROW(HTTP_GET, "/api/records/search"),
	ROW(HTTP_GET, "/api/records/search/facets"),
	ROW(HTTP_POST, "/api/records/{id}/aliases"),
	ROW(HTTP_GET, "/api/users/{user}/shelves/{shelf}"),
};

struct found {
	int outcome;
	const struct route *route;
	struct str params[HTTP_MAX_PATH_PARAMS];
	struct str allow;
};

static struct router *router;
static struct arena *arena;

static int begin(void **state)
{
	(void)state;
	router = router_new(routes, countof(routes));
	arena = arena_new(1 << 16);
	return !router || !arena;
}

static int end(void **state)
{
	(void)state;
	router_free(router);
	arena_free(arena);
	return 0;
}

static struct found find(enum http_method method, struct str path)
{
	struct found found = { 0 };
	found.outcome = router_find(router, method, path, arena, &found.route, found.params, &found.allow);
	return found;
}

#define assert_text(actual, expected) assert_true(str_equal((actual), STR(expected)))

static void each_row_is_found_by_its_own_path(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(routes); i++) {
		struct found found = find(routes[i].method, routes[i].path);
		assert_int_equal(found.outcome, ROUTE_FOUND);
		assert_ptr_equal(found.route, &routes[i]);
	}
}

static void a_literal_wins_over_a_parameter(void **state)
{
	struct found found = find(HTTP_GET, STR("/api/records/search"));
	(void)state;
	assert_ptr_equal(found.route, &routes[5]);
	found = find(HTTP_GET, STR("/api/records/searching"));
	assert_ptr_equal(found.route, &routes[3]);
	assert_text(found.params[0], "searching");
	/* Where the literal leads nowhere, the parameter is tried. */
	found = find(HTTP_POST, STR("/api/records/search/aliases"));
	assert_ptr_equal(found.route, &routes[7]);
	assert_text(found.params[0], "search");
}

static void parameters_come_in_the_route_s_order(void **state)
{
	struct found found = find(HTTP_GET, STR("/api/users/7/shelves/blue note"));
	(void)state;
	assert_text(found.params[0], "7");
	assert_text(found.params[1], "blue note");
}

static void head_finds_get(void **state)
{
	(void)state;
	assert_ptr_equal(find(HTTP_HEAD, STR("/api/records")).route, &routes[1]);
	assert_int_equal(find(HTTP_HEAD, STR("/api/records/1/aliases")).outcome, ROUTE_NO_METHOD);
}

static void a_wrong_method_names_the_right_ones(void **state)
{
	struct found found = find(HTTP_PUT, STR("/api/records"));
	(void)state;
	assert_int_equal(found.outcome, ROUTE_NO_METHOD);
	assert_text(found.allow, "GET, HEAD, POST, OPTIONS");
	assert_text(find(HTTP_OTHER, STR("/api/records/1")).allow, "GET, HEAD, DELETE, OPTIONS");
}

static void other_paths_are_none(void **state)
{
	static const struct str paths[] = { STR("/api"),
					    STR("/api/"),
					    STR("/api/records/"),
					    STR("/api/records/1/"),
					    STR("//"),
					    STR("/api//records"),
					    STR("/api/records/search/facets/more"),
					    STR("/API/records") };
	(void)state;
	for (size_t i = 0; i < countof(paths); i++)
		assert_int_equal(find(HTTP_GET, paths[i]).outcome, ROUTE_NO_PATH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_row_is_found_by_its_own_path),
		cmocka_unit_test(a_literal_wins_over_a_parameter),
		cmocka_unit_test(parameters_come_in_the_route_s_order),
		cmocka_unit_test(head_finds_get),
		cmocka_unit_test(a_wrong_method_names_the_right_ones),
		cmocka_unit_test(other_paths_are_none),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
