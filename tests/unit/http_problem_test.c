/* SPDX-License-Identifier: MIT */
/* Problems as JSON: what old and new clients read, and nothing from the inside. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "http/inside.h"

static const struct request request = { .path = STR("/api/records/1"), .id = STR("r-1") };

static void assert_rendered(const struct problem *problem, struct str expected)
{
	owned(buf_free) struct buf json = buf_of(4096);
	problem_render(&json, problem, &request);
	assert_false(buf_failed(&json));
	print_message("%.*s\n", STR_ARG(buf_str(&json)));
	assert_true(str_equal(buf_str(&json), expected));
}

static void every_member_has_its_place(void **state)
{
	(void)state;
	assert_rendered(
		&(struct problem){
			.kind = PROBLEM_NOT_FOUND, .error = STR("no such record"), .detail = STR("Look again.") },
		STR("{\"type\":\"about:blank\",\"title\":\"Not Found\",\"status\":404,\"error\":\"no such record\","
		    "\"detail\":\"Look again.\",\"instance\":\"/api/records/1\",\"requestId\":\"r-1\"}"));
}

static void each_invalid_field_is_named(void **state)
{
	struct field_error second = { .field = STR("mediaPieces[1].sides.A"), .message = STR("no \"grade\"") };
	struct field_error first = { .field = STR("artist"), .message = STR("missing"), .next = &second };
	(void)state;
	assert_rendered(
		&(struct problem){ .kind = PROBLEM_INVALID, .error = STR("artist: missing"), .fields = &first },
		STR("{\"type\":\"about:blank\",\"title\":\"Unprocessable Content\",\"status\":422,"
		    "\"error\":\"artist: missing\",\"detail\":\"artist: missing\",\"instance\":\"/api/records/1\","
		    "\"requestId\":\"r-1\",\"errors\":[{\"field\":\"artist\",\"message\":\"missing\"},"
		    "{\"field\":\"mediaPieces[1].sides.A\",\"message\":\"no \\\"grade\\\"\"}]}"));
}

static void the_inside_is_not_told(void **state)
{
	(void)state;
	assert_rendered(
		&(struct problem){ .kind = PROBLEM_INTERNAL, .error = STR("relation x"), .detail = STR("at line 7") },
		STR("{\"type\":\"about:blank\",\"title\":\"Internal Server Error\",\"status\":500,"
		    "\"error\":\"internal error\",\"detail\":\"internal error\",\"instance\":\"/api/records/1\","
		    "\"requestId\":\"r-1\"}"));
}

static void every_status_has_a_reason_phrase(void **state)
{
	(void)state;
	for (int kind = 0; kind <= PROBLEM_NO_SPACE; kind++)
		assert_false(str_equal(http_reason(problem_status((enum problem_kind)kind)), STR("Unknown")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_member_has_its_place),
		cmocka_unit_test(each_invalid_field_is_named),
		cmocka_unit_test(the_inside_is_not_told),
		cmocka_unit_test(every_status_has_a_reason_phrase),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
