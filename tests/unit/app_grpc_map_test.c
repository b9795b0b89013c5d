/* SPDX-License-Identifier: MIT */
/* What a message of gRPC asks of REST, and what is told of REST's answer. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "app/grpc_methods.h"
#include "codec/proto.h"
#include "records.pb-c.h"

enum { ROOM = 1 << 20 };

static struct arena *arena;
static struct identity caller;

static int make_arena(void **state)
{
	(void)state;
	arena = arena_new(ROOM);
	check(uuid_parse(STR("01920000-0000-7000-8000-000000000001"), &caller.user));
	return arena ? 0 : -1;
}

static int drop_arena(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static void assert_text(struct str found, struct str wanted)
{
	if (!str_equal(found, wanted))
		fail_msg("found  %.*s\nwanted %.*s", STR_ARG(found), STR_ARG(wanted));
}

static const struct grpc_method *method_named(struct str name)
{
	for (size_t i = 0; i < n_grpc_methods; i++)
		if (str_ends(grpc_methods[i].path, name))
			return &grpc_methods[i];
	return NULL;
}

/* A message, of the JSON that spells it. */
static struct str message_of(const ProtobufCMessageDescriptor *type, struct str json)
{
	struct proto_writer writer = { .strict = true };
	owned(buf_free) struct buf bytes = buf_of(ROOM);
	struct str said;

	assert_true(proto_write(&writer, type, json, &bytes, &said));
	return arena_copy(arena, buf_str(&bytes));
}

static const struct problem *ask(const char *method, struct str message, struct grpc_ask *out)
{
	*out = (struct grpc_ask){ .arena = arena, .identity = &caller, .message = message };
	return method_named(str_of(method))->ask(out);
}

static struct str body_of_update(struct str json)
{
	struct grpc_ask asked;
	assert_null(ask("/UpdateRecord", message_of(&records__update_record_request__descriptor, json), &asked));
	assert_text(asked.path_params[0], STR("x"));
	return asked.body;
}

static void a_search_is_its_query_and_what_is_not_said_is_left_to_rest(void **state)
{
	struct grpc_ask asked;
	(void)state;
	assert_null(ask("/SearchRecords", message_of(&records__search_records_request__descriptor, STR("{\"query\":\"a b\",\"offset\":-3}")),
			&asked));
	assert_int_equal(asked.n_params, 2);
	assert_text(asked.params[0].name, STR("q"));
	assert_text(asked.params[0].value, STR("a b"));
	assert_text(asked.params[1].name, STR("offset"));
	assert_text(asked.params[1].value, STR("-3"));
}

static void an_update_without_a_mask_has_what_is_set(void **state)
{
	(void)state;
	assert_text(body_of_update(STR("{\"recordId\":\"x\",\"record\":{\"artist\":\"a\",\"notes\":\"\",\"pricePaid\":1.10}}")),
		    STR("{\"artist\":\"a\",\"pricePaid\":1.1}"));
	assert_text(body_of_update(STR("{\"recordId\":\"x\"}")), STR("{}"));
	assert_text(body_of_update(STR("{\"recordId\":\"x\",\"record\":{\"name\":\"n\"},\"updateMask\":{}}")), STR("{\"name\":\"n\"}"));
}

static void an_update_with_a_mask_has_what_it_names_and_clears_what_is_not_set(void **state)
{
	(void)state;
	assert_text(body_of_update(STR("{\"recordId\":\"x\",\"record\":{\"artist\":\"a\",\"name\":\"n\"},"
				       "\"updateMask\":{\"paths\":[\"name\",\"notes\",\"is_promo\",\"media_pieces\",\"extra\"]}}")),
		    STR("{\"name\":\"n\",\"isPromo\":false,\"notes\":null,\"mediaPieces\":[],\"extra\":{}}"));
}

static void the_mask_of_all_clears_all_but_what_is_ours(void **state)
{
	struct str body = body_of_update(STR("{\"recordId\":\"x\",\"record\":{\"artist\":\"a\"},\"updateMask\":{\"paths\":[\"*\"]}}"));
	(void)state;
	assert_true(str_find(body, STR("\"artist\":\"a\"")) != SIZE_MAX && str_find(body, STR("\"label\":null")) != SIZE_MAX);
	assert_true(str_find(body, STR("\"id\"")) == SIZE_MAX && str_find(body, STR("updatedAt")) == SIZE_MAX &&
		    str_find(body, STR("version")) == SIZE_MAX && str_find(body, STR("userId")) == SIZE_MAX);
}

static void a_mask_of_what_is_not_there_is_told(void **state)
{
	struct grpc_ask asked;
	const struct problem *problem = ask("/UpdateRecord", message_of(&records__update_record_request__descriptor,
									STR("{\"updateMask\":{\"paths\":[\"colour\"]}}")), &asked);
	(void)state;
	assert_non_null(problem);
	assert_int_equal(problem->kind, PROBLEM_INVALID);
	assert_text(problem->fields->field, STR("updateMask"));
	assert_text(problem->fields->message, STR("there is no field colour"));
}

static void another_ones_name_is_forbidden_wherever_it_stands(void **state)
{
	static const struct str others[] = { STR("01920000-0000-7000-8000-000000000002"), STR("me"), STR(" ") };
	struct grpc_ask asked;
	(void)state;
	for (size_t i = 0; i < countof(others); i++) {
		struct str outer = arena_printf(arena, "{\"userId\":\"%.*s\"}", STR_ARG(others[i]));
		struct str inner = arena_printf(arena, "{\"record\":{\"userId\":\"%.*s\"}}", STR_ARG(others[i]));
		const struct problem *problem = ask("/CreateRecord", message_of(&records__create_record_request__descriptor, outer), &asked);
		assert_int_equal(problem->kind, PROBLEM_FORBIDDEN);
		problem = ask("/CreateRecord", message_of(&records__create_record_request__descriptor, inner), &asked);
		assert_int_equal(problem->kind, PROBLEM_FORBIDDEN);
	}
	assert_null(ask("/CreateRecord", message_of(&records__create_record_request__descriptor,
						    STR("{\"userId\":\"01920000-0000-7000-8000-000000000001\",\"record\":{\"userId\":"
							"\"01920000-0000-7000-8000-000000000001\",\"name\":\"n\"}}")), &asked));
	assert_text(asked.body, STR("{\"name\":\"n\"}"));
}

static void bytes_that_are_no_message_are_a_bad_request(void **state)
{
	struct grpc_ask asked;
	(void)state;
	assert_int_equal(ask("/GetRecord", STR("\x0a\x05x"), &asked)->kind, PROBLEM_BAD_REQUEST);
	assert_text(ask("/GetRecord", STR("\x0a\x02\xc3\x28"), &asked)->error, STR("record_id is not valid UTF-8"));
}

static bool tell(const char *method, int status, struct str body, struct str total, struct buf *to)
{
	struct http_headers headers = { 0 };
	if (str_present(total))
		assert_true(headers_add(&headers, arena, STR("x-total-count"), total));
	const struct reply_view view = { .status = status, .headers = &headers, .body = body };
	return method_named(str_of(method))->tell(&view, arena, to);
}

static void a_page_tells_its_total_or_what_is_on_it(void **state)
{
	owned(buf_free) struct buf counted = buf_of(ROOM), page = buf_of(ROOM);
	struct str body = STR("[{\"name\":\"a\"},{\"name\":\"b\",\"unknownToUs\":[1]}]");
	(void)state;
	assert_true(tell("/SearchRecords", 200, body, STR("300"), &counted));
	assert_text(buf_str(&counted), STR("\x0a\x03\x22\x01" "a" "\x0a\x03\x22\x01" "b" "\x10\xac\x02"));
	assert_true(tell("/SearchRecords", 200, body, STR_ABSENT, &page));
	assert_text(buf_str(&page), STR("\x0a\x03\x22\x01" "a" "\x0a\x03\x22\x01" "b" "\x10\x02"));
}

static void an_answer_without_a_body_tells_of_success(void **state)
{
	owned(buf_free) struct buf message = buf_of(ROOM);
	(void)state;
	assert_true(tell("/DeleteRecord", 204, STR(""), STR_ABSENT, &message));
	assert_text(buf_str(&message), STR("\x08\x01"));
}

static void an_answer_that_is_not_what_was_asked_for_is_not_told(void **state)
{
	owned(buf_free) struct buf message = buf_of(ROOM);
	(void)state;
	assert_false(tell("/GetRecord", 304, STR(""), STR_ABSENT, &message));
	assert_false(tell("/GetRecord", 200, STR("[]"), STR_ABSENT, &message));
	assert_false(tell("/SearchRecords", 200, STR("{}"), STR_ABSENT, &message));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_arena, drop_arena)
	const struct CMUnitTest tests[] = {
		TEST(a_search_is_its_query_and_what_is_not_said_is_left_to_rest),
		TEST(an_update_without_a_mask_has_what_is_set),
		TEST(an_update_with_a_mask_has_what_it_names_and_clears_what_is_not_set),
		TEST(the_mask_of_all_clears_all_but_what_is_ours),
		TEST(a_mask_of_what_is_not_there_is_told),
		TEST(another_ones_name_is_forbidden_wherever_it_stands),
		TEST(bytes_that_are_no_message_are_a_bad_request),
		TEST(a_page_tells_its_total_or_what_is_on_it),
		TEST(an_answer_without_a_body_tells_of_success),
		TEST(an_answer_that_is_not_what_was_asked_for_is_not_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
