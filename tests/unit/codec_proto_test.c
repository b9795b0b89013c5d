/* SPDX-License-Identifier: MIT */
/* Messages and JSON: nothing is lost between them, nothing foreign gets through. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "codec/proto.h"
#include "grpc/reflection/v1/reflection.pb-c.h"
#include "records.pb-c.h"

enum { ROOM = 1 << 20 };

static struct arena *arena;

static int make_arena(void **state)
{
	(void)state;
	arena = arena_new(ROOM);
	return arena ? 0 : -1;
}

static int drop_arena(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static struct str message_of(const ProtobufCMessageDescriptor *type, struct str json)
{
	struct proto_writer writer = { .strict = true };
	struct buf bytes = buf_of(ROOM);
	struct str said = STR_ABSENT;

	assert_true(proto_write(&writer, type, json, &bytes, &said));
	assert_false(buf_failed(&bytes));
	struct str copy = arena_copy(arena, buf_str(&bytes));
	buf_free(&bytes);
	return copy;
}

static struct str json_of(const ProtobufCMessageDescriptor *type, struct str bytes)
{
	struct proto_message message;
	struct buf json = buf_of(ROOM);
	struct json_out out = json_out_of(&json);
	struct str said = STR_ABSENT;

	assert_int_equal(proto_read(&message, type, bytes, arena, &said), PROTO_DONE);
	proto_put_message(&out, &message, arena);
	struct str copy = arena_copy(arena, buf_str(&json));
	buf_free(&json);
	return copy;
}

static void assert_text(struct str found, struct str wanted)
{
	if (!str_equal(found, wanted))
		fail_msg("found  %.*s\nwanted %.*s", STR_ARG(found), STR_ARG(wanted));
}

#define REFUSED(type, bytes, sentence) assert_refused(type, bytes, STR(sentence))
static void assert_refused(const ProtobufCMessageDescriptor *type, struct str bytes, struct str sentence)
{
	struct proto_message message;
	struct str said = STR_ABSENT;

	assert_int_equal(proto_read(&message, type, bytes, arena, &said), PROTO_BROKEN);
	assert_text(said, sentence);
}

static void a_record_comes_back_as_it_was_sent(void **state)
{
	static const struct str json = STR(
		"{\"artist\":\"Bj\xc3\xb6rk\",\"name\":\"a \\\"quoted\\\" name\",\"hasInsert\":true,\"pricePaid\":12.5,"
		"\"releaseYear\":1993,\"mediaPieces\":[{\"index\":1,\"kind\":\"VINYL\",\"sides\":{\"A\":\"NM\",\"B\":null}},"
		"{\"index\":2}],\"version\":9007199254740993,\"extra\":{\"k\":\"v\"}}");
	(void)state;
	assert_text(json_of(&records__record__descriptor, message_of(&records__record__descriptor, json)), json);
}

static void defaults_and_nulls_are_not_sent(void **state)
{
	(void)state;
	assert_int_equal(message_of(&records__record__descriptor,
				    STR("{\"artist\":\"\",\"notes\":null,\"isPromo\":false,\"pricePaid\":0.00,\"version\":0,"
					"\"mediaPieces\":[],\"extra\":{}}")).len, 0);
}

static void a_member_of_a_oneof_is_sent_even_when_it_is_empty(void **state)
{
	const ProtobufCMessageDescriptor *type = &grpc__reflection__v1__server_reflection_request__descriptor;
	(void)state;
	assert_text(json_of(type, message_of(type, STR("{\"listServices\":\"\"}"))), STR("{\"listServices\":\"\"}"));
}

static void money_is_the_nearest_double(void **state)
{
	static const struct str texts[] = { STR("0.10"), STR("19.99"), STR("1234567890.12"), STR("0.01") };
	static const double values[] = { 0.10, 19.99, 1234567890.12, 0.01 };
	(void)state;
	for (size_t i = 0; i < countof(texts); i++) {
		struct proto_message message;
		struct str said, bytes = message_of(&records__record__descriptor,
						    arena_printf(arena, "{\"pricePaid\":%.*s}", STR_ARG(texts[i])));
		double found;
		assert_int_equal(proto_read(&message, &records__record__descriptor, bytes, arena, &said), PROTO_DONE);
		memcpy(&found, &message.found[proto_field_at(message.type, STR("price_paid"))].last.number, sizeof(found));
		assert_true(found == values[i]);
	}
}

static void a_nul_within_a_text_is_kept(void **state)
{
	(void)state;
	assert_text(json_of(&records__record__descriptor, STR("\x1a\x03" "a\0b")), STR("{\"artist\":\"a\\u0000b\"}"));
}

static void parts_of_a_message_are_joined_and_the_last_value_counts(void **state)
{
	const ProtobufCMessageDescriptor *type = &records__create_record_request__descriptor;
	(void)state;
	assert_text(json_of(type, STR("\x12\x03\x1a\x01" "a" "\x12\x03\x22\x01" "n" "\x0a\x01" "u" "\x0a\x01" "v")),
		    STR("{\"userId\":\"v\",\"record\":{\"artist\":\"a\",\"name\":\"n\"}}"));
}

static void unknown_fields_and_groups_are_stepped_over(void **state)
{
	(void)state;
	assert_text(json_of(&records__get_record_request__descriptor, STR("\xa3\x06\x08\x01\xa4\x06\xa0\x06\x07\x0a\x01" "x")),
		    STR("{\"recordId\":\"x\"}"));
}

static void numbers_may_be_packed_or_not(void **state)
{
	const ProtobufCMessageDescriptor *type = &grpc__reflection__v1__extension_number_response__descriptor;
	(void)state;
	assert_text(json_of(type, STR("\x12\x03\x01\x96\x01\x10\x02")), STR("{\"extensionNumber\":[1,150,2]}"));
	REFUSED(type, STR("\x12\x02\x01\x96"), "extension_number is not packed as numbers are");
}

static void what_is_no_message_is_refused_by_name(void **state)
{
	const ProtobufCMessageDescriptor *type = &records__record__descriptor;
	(void)state;
	REFUSED(type, STR("\x1a\x05" "ab"), "Record is not a message of protobuf");
	REFUSED(type, STR("\x1a"), "Record is not a message of protobuf");
	REFUSED(type, STR("\x00\x01"), "Record is not a message of protobuf");
	REFUSED(type, STR("\x1b\x1a\x01" "a"), "Record is not a message of protobuf");
	REFUSED(type, STR("\x50\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"), "Record is not a message of protobuf");
	REFUSED(type, STR("\x1a\x02\xc3\x28"), "artist is not valid UTF-8");
	REFUSED(type, STR("\x18\x01"), "artist is not of its type");
	REFUSED(type, STR("\xca\x02\x03\x3a\x01\x08"), "SidesEntry is not a message of protobuf");
}

static void assert_not_json(struct str json, const char *where, struct str sentence)
{
	struct proto_writer writer = { .strict = true };
	owned(buf_free) struct buf bytes = buf_of(ROOM);
	struct str said = STR_ABSENT;

	assert_false(proto_write(&writer, &records__record__descriptor, json, &bytes, &said));
	assert_text(said, sentence);
	if (where)
		assert_string_equal(writer.where, where);
}

static void json_that_does_not_fit_is_refused_with_its_field(void **state)
{
	(void)state;
	assert_not_json(STR("[]"), NULL, STR("must be an object"));
	assert_not_json(STR("{\"artist\":1}"), "artist", STR("must be a text"));
	assert_not_json(STR("{\"releaseYear\":1.5}"), "release_year", STR("must be a whole number in the range of its type"));
	assert_not_json(STR("{\"releaseYear\":3000000000}"), "release_year", STR("must be a whole number in the range of its type"));
	assert_not_json(STR("{\"pricePaid\":\"much\"}"), "price_paid", STR("must be a number"));
	assert_not_json(STR("{\"hasInsert\":\"yes\"}"), "has_insert", STR("must be true or false"));
	assert_not_json(STR("{\"mediaPieces\":{}}"), "media_pieces", STR("must be a list"));
	assert_not_json(STR("{\"colour\":1}"), "Record", STR("has no such field"));
	assert_not_json(STR("{\"artist\":\"a\"} x"), NULL, STR("is not JSON: something follows it"));
	assert_not_json(STR("{\"artist\":\"a"), NULL, STR("is not JSON: a text does not end"));
	assert_not_json(STR("{\"artist\":\"\\ud800\"}"), "artist", STR("is not JSON: an escape is malformed"));
}

static void a_key_that_is_not_ours_is_left_out_with_all_that_it_holds(void **state)
{
	struct proto_writer writer = { 0 };
	owned(buf_free) struct buf bytes = buf_of(ROOM);
	struct str said;
	(void)state;
	assert_true(proto_write(&writer, &records__record__descriptor,
				STR("{\"x\":{\"a\":[1,\"]}\",null,{}]},\"artist\":\"a\",\"y\":true}"), &bytes, &said));
	assert_text(buf_str(&bytes), STR("\x1a\x01" "a"));
}

static void a_long_part_gets_a_long_length(void **state)
{
	struct str text = STR("");
	(void)state;
	for (int i = 0; i < 400; i++)
		text = arena_concat(arena, (struct str[]){ text, STR("x\\n") }, 2);
	struct str json = arena_printf(arena, "{\"notes\":\"%.*s\"}", STR_ARG(text));
	assert_text(json_of(&records__record__descriptor, message_of(&records__record__descriptor, json)), json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_record_comes_back_as_it_was_sent, make_arena, drop_arena),
		cmocka_unit_test_setup_teardown(defaults_and_nulls_are_not_sent, make_arena, drop_arena),
		cmocka_unit_test_setup_teardown(a_member_of_a_oneof_is_sent_even_when_it_is_empty, make_arena, drop_arena),
		cmocka_unit_test_setup_teardown(money_is_the_nearest_double, make_arena, drop_arena),
		cmocka_unit_test_setup_teardown(a_nul_within_a_text_is_kept, make_arena, drop_arena),
		cmocka_unit_test_setup_teardown(parts_of_a_message_are_joined_and_the_last_value_counts, make_arena, drop_arena),
		cmocka_unit_test_setup_teardown(unknown_fields_and_groups_are_stepped_over, make_arena, drop_arena),
		cmocka_unit_test_setup_teardown(numbers_may_be_packed_or_not, make_arena, drop_arena),
		cmocka_unit_test_setup_teardown(what_is_no_message_is_refused_by_name, make_arena, drop_arena),
		cmocka_unit_test_setup_teardown(json_that_does_not_fit_is_refused_with_its_field, make_arena, drop_arena),
		cmocka_unit_test_setup_teardown(a_key_that_is_not_ours_is_left_out_with_all_that_it_holds, make_arena, drop_arena),
		cmocka_unit_test_setup_teardown(a_long_part_gets_a_long_length, make_arena, drop_arena),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
