/* SPDX-License-Identifier: MIT */
/* gRPC's messages, statuses and timeouts: the pure parts of its transport. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "codec/base64.h"
#include "codec/compress.h"
#include "http/grpc_frame.h"
#include "http/grpc_status.h"

enum { LIMIT = 1000 };

#define assert_str(is, should)                                        \
	do {                                                          \
		struct str is_ = (is), should_ = (should);            \
		assert_int_equal(is_.len, should_.len);               \
		assert_memory_equal(is_.at, should_.at, should_.len); \
	} while (0)

/* ── Messages ── */

static void messages_are_whole_wherever_they_were_cut(void **state)
{
	static const struct str body = STR("\0\0\0\0\3one\1\0\0\0\0\0\0\0\0\5three");
	static const struct str messages[] = { STR("one"), STR(""), STR("three") };
	(void)state;

	for (size_t step = 1; step <= body.len; step++) {
		struct grpc_reader reader = grpc_reader_of(LIMIT);
		size_t n = 0;
		for (size_t at = 0; at < body.len; at += step) {
			struct str part = str_first(str_skip(body, at), step);
			while (part.len && grpc_reader_feed(&reader, &part) == GRPC_READ_WHOLE) {
				assert_true(n < countof(messages));
				assert_str(buf_str(&reader.message), messages[n]);
				assert_int_equal(reader.compressed, n == 1);
				assert_false(grpc_reader_inside(&reader));
				n++;
				grpc_reader_next(&reader);
			}
		}
		assert_int_equal(n, countof(messages));
		grpc_reader_free(&reader);
	}
}

static int outcome_of(struct str body)
{
	struct grpc_reader reader = grpc_reader_of(LIMIT);
	int outcome = grpc_reader_feed(&reader, &body);
	grpc_reader_free(&reader);
	return outcome;
}

static void a_message_over_the_limit_is_known_by_its_head(void **state)
{
	(void)state;
	assert_int_equal(outcome_of(STR("\0\0\0\3\350")), GRPC_READ_MORE);
	assert_int_equal(outcome_of(STR("\0\0\0\3\351")), GRPC_READ_LARGE);
	assert_int_equal(outcome_of(STR("\0\377\377\377\377")), GRPC_READ_LARGE);
	assert_int_equal(outcome_of(STR("\2\0\0\0\1x")), GRPC_READ_BROKEN);
	assert_int_equal(outcome_of(STR("\200\0\0\0\1x")), GRPC_READ_BROKEN);
}

static void a_head_tells_its_flags_and_length(void **state)
{
	char head[GRPC_FRAME_HEAD];
	(void)state;
	grpc_frame_head(head, GRPC_FLAG_TRAILERS, 0x01020304);
	assert_memory_equal(head, "\200\1\2\3\4", sizeof(head));
}

static void base64_comes_in_parts_each_padded_or_not(void **state)
{
	static const struct str text = STR("b25ldHdv"
					   "b25l"
					   "dHc="
					   "dA=="
					   "dGhyZWU=");
	(void)state;

	for (size_t step = 1; step <= text.len; step++) {
		owned(buf_free) struct buf bytes = buf_of(LIMIT);
		struct grpc_text decoder = { 0 };
		for (size_t at = 0; at < text.len; at += step)
			assert_true(grpc_text_decode(&decoder, str_first(str_skip(text, at), step), &bytes));
		assert_true(grpc_text_whole(&decoder));
		assert_str(buf_str(&bytes), STR("onetwo"
						"one"
						"tw"
						"t"
						"three"));
	}
}

static void what_is_no_base64_is_refused(void **state)
{
	static const struct str wrong[] = { STR("****"), STR("=AAA"), STR("A==="), STR("AA=A"),
					    STR("AAB="), STR("AB=="), STR("AA-_") };
	(void)state;

	for (size_t i = 0; i < countof(wrong); i++) {
		owned(buf_free) struct buf bytes = buf_of(LIMIT);
		struct grpc_text decoder = { 0 };
		assert_false(grpc_text_decode(&decoder, wrong[i], &bytes));
		assert_false(base64_decode(&bytes, wrong[i]));
	}
}

static void base64_of_metadata_comes_back_with_or_without_padding(void **state)
{
	(void)state;
	for (size_t n = 0; n < 9; n++) {
		struct str bytes = str_first(STR("\0\377\376>?\1two"), n);
		for (int padding = BASE64_UNPADDED; padding <= BASE64_PADDED; padding++) {
			owned(buf_free) struct buf text = buf_of(LIMIT), back = buf_of(LIMIT);
			base64_encode(&text, bytes, (enum base64_padding)padding);
			assert_true(padding == BASE64_UNPADDED || text.len % 4 == 0);
			assert_true(base64_decode(&back, buf_str(&text)));
			assert_str(buf_str(&back), bytes);
		}
	}
}

/* ── Inflating ── */

static void what_was_compressed_comes_back_within_its_bound(void **state)
{
	static char text[100000];
	struct str plain = { text, sizeof(text) };
	owned(buf_free) struct buf coded = buf_of(sizeof(text)), back = buf_of(sizeof(text)),
				   small = buf_of(sizeof(text) - 1);
	(void)state;

	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)('a' + i / 7 % 26);
	assert_true(compress_into(&coded, COMPRESS_GZIP, COMPRESS_FAST, plain));
	assert_int_equal(inflate_gzip(&back, buf_str(&coded)), INFLATED);
	assert_str(buf_str(&back), plain);
	assert_int_equal(inflate_gzip(&small, buf_str(&coded)), INFLATE_TOO_LARGE);
	buf_clear(&back);
	assert_int_equal(inflate_gzip(&back, str_first(buf_str(&coded), coded.len - 1)), INFLATE_BROKEN);
	buf_clear(&back);
	assert_int_equal(inflate_gzip(&back, STR("no gzip at all")), INFLATE_BROKEN);
	buf_clear(&back);
	assert_int_equal(inflate_gzip(&back, STR("")), INFLATE_BROKEN);
}

static void an_empty_text_fits_no_room_at_all(void **state)
{
	owned(buf_free) struct buf coded = buf_of(100), none = buf_of(0);
	(void)state;
	assert_true(compress_into(&coded, COMPRESS_GZIP, COMPRESS_FAST, STR("")));
	assert_int_equal(inflate_gzip(&none, buf_str(&coded)), INFLATED);
}

/* ── Timeouts ── */

static void timeouts_are_read_in_all_their_units(void **state)
{
	static const struct {
		struct str text;
		int64_t ms;
	} good[] = { { STR("1H"), 3600000 }, { STR("2M"), 120000 },
		     { STR("3S"), 3000 },    { STR("4m"), 4 },
		     { STR("1500u"), 2 },    { STR("1n"), 1 },
		     { STR("0S"), 0 },	     { STR("99999999H"), 359999996400000 } };
	static const struct str bad[] = {
		STR(""),   STR("S"),   STR("5"),    STR("100000000S"), STR("-1S"), STR("+1S"),
		STR("1x"), STR("1 S"), STR("1.5S"), STR("S1"),	       STR(" 1S"), STR("1SS")
	};
	(void)state;

	for (size_t i = 0; i < countof(good); i++) {
		int64_t ms = -1;
		assert_true(grpc_timeout_parse(good[i].text, &ms));
		assert_int_equal(ms, good[i].ms);
	}
	for (size_t i = 0; i < countof(bad); i++) {
		int64_t ms;
		assert_false(grpc_timeout_parse(bad[i], &ms));
	}
}

/* ── Statuses ── */

static void every_problem_has_a_code(void **state)
{
	(void)state;
#define PROBLEM(name, status, sentence)                                  \
	assert_int_not_equal(grpc_code_of_status(status), GRPC_UNKNOWN); \
	assert_int_not_equal(grpc_code_of_status(status), GRPC_OK);
#include "base/problem.def"
#undef PROBLEM
	assert_int_equal(grpc_code_of_status(200), GRPC_OK);
	assert_int_equal(grpc_code_of_status(418), GRPC_UNKNOWN);
}

static void codes_map_as_the_contract_says(void **state)
{
	static const struct {
		int status;
		enum grpc_code code;
	} rows[] = { { 400, GRPC_INVALID_ARGUMENT },  { 422, GRPC_INVALID_ARGUMENT },	{ 401, GRPC_UNAUTHENTICATED },
		     { 403, GRPC_PERMISSION_DENIED }, { 404, GRPC_NOT_FOUND },		{ 409, GRPC_ALREADY_EXISTS },
		     { 412, GRPC_ABORTED },	      { 429, GRPC_RESOURCE_EXHAUSTED }, { 503, GRPC_UNAVAILABLE },
		     { 504, GRPC_DEADLINE_EXCEEDED } };
	(void)state;
	for (size_t i = 0; i < countof(rows); i++)
		assert_int_equal(grpc_code_of_status(rows[i].status), rows[i].code);
}

static void messages_are_percent_encoded(void **state)
{
	owned(buf_free) struct buf text = buf_of(LIMIT);
	(void)state;
	grpc_message_encode(&text, STR("50 % ~\n\xc3\xa4\x7f"));
	assert_str(buf_str(&text), STR("50 %25 ~%0A%C3%A4%7F"));
}

static void details_name_fields_as_protobuf_does(void **state)
{
	struct field_error second = { .field = STR("mediaPieces[1].sides.A"), .message = STR("m") };
	struct field_error first = { .field = STR("pricePaid"), .message = STR("n"), .next = &second };
	owned(buf_free) struct buf details = buf_of(LIMIT);
	(void)state;
	grpc_details_encode(&details, GRPC_INVALID_ARGUMENT, STR("x"), &first);
	assert_str(buf_str(&details), STR("\x08\x03\x12\x01x\x1a\x5c"
					  "\x0a\x29type.googleapis.com/google.rpc.BadRequest"
					  "\x12\x2f"
					  "\x0a\x0f\x0a\x0aprice_paid\x12\x01n"
					  "\x0a\x1c\x0a\x17media_pieces[1].sides.A\x12\x01m"));
}

static void as_many_fields_are_named_as_metadata_can_hold(void **state)
{
	enum { FIELDS = 1000, BOUND = 8192 };
	static struct field_error fields[FIELDS];
	owned(buf_free) struct buf details = buf_of(BOUND);
	(void)state;

	for (size_t i = 0; i < FIELDS; i++)
		fields[i] = (struct field_error){ STR("someField"), STR("must be something else"),
						  i + 1 < FIELDS ? &fields[i + 1] : NULL };
	grpc_details_encode(&details, GRPC_INVALID_ARGUMENT, STR("x"), fields);
	assert_false(buf_failed(&details));
	assert_in_range(details.len, 2500, 3500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_are_whole_wherever_they_were_cut),
		cmocka_unit_test(a_message_over_the_limit_is_known_by_its_head),
		cmocka_unit_test(a_head_tells_its_flags_and_length),
		cmocka_unit_test(base64_comes_in_parts_each_padded_or_not),
		cmocka_unit_test(what_is_no_base64_is_refused),
		cmocka_unit_test(base64_of_metadata_comes_back_with_or_without_padding),
		cmocka_unit_test(what_was_compressed_comes_back_within_its_bound),
		cmocka_unit_test(an_empty_text_fits_no_room_at_all),
		cmocka_unit_test(timeouts_are_read_in_all_their_units),
		cmocka_unit_test(every_problem_has_a_code),
		cmocka_unit_test(codes_map_as_the_contract_says),
		cmocka_unit_test(messages_are_percent_encoded),
		cmocka_unit_test(details_name_fields_as_protobuf_does),
		cmocka_unit_test(as_many_fields_are_named_as_metadata_can_hold),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
