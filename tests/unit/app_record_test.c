/* SPDX-License-Identifier: MIT */
/* A record must hold exactly what its owner said, say what was wrong with the rest, and come back as it was kept. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "app/record.h"

static struct arena *arena;

static int open_arena(void **state)
{
	(void)state;
	arena = arena_new(4 << 20);
	return arena ? 0 : -1;
}

static int close_arena(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static const struct json *json_of(const char *text)
{
	const struct json *root;
	struct str said;
	if (json_parse(arena, str_of(text), &root, &said))
		fail_msg("test input: %.*s", STR_ARG(said));
	return root;
}

/* Changes the record as a client would; the problem, or NULL. */
static const struct problem *change(struct record *record, const char *text)
{
	struct record_check check = { .arena = arena };
	record_change(record, json_of(text), &check);
	record_settle(record, &check);
	return record_problem(&check);
}

static struct record made(const char *text)
{
	struct record record = record_blank();
	const struct problem *problem = change(&record, text);
	if (problem)
		fail_msg("%s: %.*s", text, STR_ARG(problem->error));
	return record;
}

static void assert_text(struct str got, const char *wanted)
{
	if (!str_equal(got, str_of(wanted)))
		fail_msg("got %.*s, wanted %s", STR_ARG(got), wanted ? wanted : "nothing");
}

/* The message for one field; fails the test when the field was accepted. */
static struct str message_for(const struct problem *problem, const char *field)
{
	for (const struct field_error *error = problem ? problem->fields : NULL; error; error = error->next)
		if (str_equal(error->field, str_of(field)))
			return error->message;
	fail_msg("%s was accepted", field);
	return STR_ABSENT;
}

static void assert_refused(const char *text, const char *field)
{
	struct record record = record_blank();
	const struct problem *problem = change(&record, text);
	(void)message_for(problem, field);
	assert_int_equal(problem->kind, PROBLEM_INVALID);
}

#define ALBUM "\"artist\":\"Can\",\"name\":\"Tago Mago\",\"format\":\"2xLP\""

static void a_new_record_holds_what_was_given(void **state)
{
	struct record record = made("{" ALBUM ",\"catalogNumber\":\" UAS 29 211/12 X \",\"releaseYear\":1971,"
				    "\"releaseDate\":\"1971-02-28\",\"recordGrade\":\"vg plus\",\"hasInsert\":true,"
				    "\"purchasedAt\":\"2024-05-01\",\"pricePaid\":19.99,\"notes\":\"line\\nline\"}");
	(void)state;
	assert_text(record.artist, "Can");
	assert_text(record.catalog_number, "UAS 29 211/12 X");
	assert_int_equal(record.release_year, 1971);
	assert_int_equal(record.record_grade, GRADE_VG_PLUS);
	assert_false(record.grade_derived);
	assert_true(record.has_insert);
	assert_false(record.is_promo);
	assert_int_equal(record.price_paid, 1999);
	assert_int_equal(record.purchased_at, 1714521600000);
	assert_text(record.notes, "line\nline");
	assert_text(record.label, NULL);
}

static void what_is_missing_or_wrong_is_named_all_at_once(void **state)
{
	struct record record = record_blank();
	const struct problem *problem = change(&record, "{\"artist\":\"  \",\"format\":7,\"recordGrade\":\"superb\","
							"\"releaseYear\":71,\"pricePaid\":-1,\"shelf\":\"A\"}");
	(void)state;
	assert_text(message_for(problem, "artist"), "is required");
	assert_text(message_for(problem, "name"), "is required");
	assert_text(message_for(problem, "format"), "must be text");
	assert_text(message_for(problem, "shelf"), "unknown field");
	(void)message_for(problem, "recordGrade");
	(void)message_for(problem, "releaseYear");
	(void)message_for(problem, "pricePaid");
	size_t n = 0;
	for (const struct field_error *error = problem->fields; error; error = error->next)
		n++;
	assert_int_equal(n, 7);
}

static void a_value_of_the_wrong_kind_is_refused_by_name(void **state)
{
	static const char *const cases[][2] = {
		{ "{" ALBUM ",\"hasInsert\":\"yes\"}", "hasInsert" },
		{ "{" ALBUM ",\"releaseYear\":\"1971\"}", "releaseYear" },
		{ "{" ALBUM ",\"releaseYear\":1971.5}", "releaseYear" },
		{ "{" ALBUM ",\"releaseYear\":99999999999999999}", "releaseYear" },
		{ "{" ALBUM ",\"releaseDate\":\"1971-02-30\"}", "releaseDate" },
		{ "{" ALBUM ",\"purchasedAt\":\"yesterday\"}", "purchasedAt" },
		{ "{" ALBUM ",\"pricePaid\":1.999}", "pricePaid" },
		{ "{" ALBUM ",\"pricePaid\":10000000000}", "pricePaid" },
		{ "{" ALBUM ",\"pricePaid\":\"12\"}", "pricePaid" },
		{ "{" ALBUM ",\"sleeveGrade\":5}", "sleeveGrade" },
		{ "{" ALBUM ",\"label\":\"a\\u0007b\"}", "label" },
		{ "{" ALBUM ",\"label\":\"two\\nlines\"}", "label" },
		{ "{" ALBUM ",\"mediaPieces\":{}}", "mediaPieces" },
		{ "{" ALBUM ",\"mediaPieces\":[3]}", "mediaPieces[0]" },
		{ "{" ALBUM ",\"mediaPieces\":[{\"colour\":\"red\"}]}", "mediaPieces[0].colour" },
		{ "{" ALBUM ",\"mediaPieces\":[{\"index\":0}]}", "mediaPieces[0].index" },
		{ "{" ALBUM ",\"mediaPieces\":[{\"index\":2},{\"index\":2}]}", "mediaPieces[1].index" },
		{ "{" ALBUM ",\"mediaPieces\":[{},{\"sides\":{\"A\":\"superb\"}}]}", "mediaPieces[1].sides.A" },
		{ "{" ALBUM ",\"mediaPieces\":[{\"sides\":{\"A\":\"M\",\"a\":\"M\"}}]}", "mediaPieces[0].sides.a" },
		{ "{" ALBUM ",\"mediaPieces\":[{\"sides\":{\"first\":\"M\"}}]}", "mediaPieces[0].sides.first" },
		{ "{" ALBUM ",\"mediaPieces\":[{\"id\":\"01890000-0000-7000-8000-000000000000\"}]}",
		  "mediaPieces[0].id" },
		{ "{" ALBUM ",\"extra\":{\"Shelf\":7}}", "extra.Shelf" },
		{ "{" ALBUM ",\"discogsReleaseId\":0}", "discogsReleaseId" },
		{ "{" ALBUM ",\"id\":\"01890000-0000-7000-8000-000000000000\"}", "id" },
		{ "[]", "body" },
	};
	(void)state;
	for (size_t i = 0; i < countof(cases); i++)
		assert_refused(cases[i][0], cases[i][1]);
}

static void a_limit_counts_characters_not_bytes(void **state)
{
	struct buf text = buf_of(4096);
	(void)state;
	buf_add(&text, STR("{" ALBUM ",\"labelCode\":\""));
	for (int i = 0; i < 64; i++)
		buf_add(&text, STR("ß"));
	size_t whole = text.len;
	buf_add(&text, STR("\"}"));
	buf_add_char(&text, 0);
	(void)made(text.at);

	text.len = whole;
	buf_add(&text, STR("ß\"}"));
	buf_add_char(&text, 0);
	assert_refused(text.at, "labelCode");
	buf_free(&text);
}

static void a_change_touches_only_what_it_names(void **state)
{
	struct record record = made("{" ALBUM ",\"label\":\"United Artists\",\"hasInsert\":true,\"pricePaid\":5}");
	(void)state;
	assert_null(change(&record, "{\"name\":\"Ege Bamyası\",\"label\":null,\"hasInsert\":null}"));
	assert_text(record.artist, "Can");
	assert_text(record.name, "Ege Bamyası");
	assert_text(record.label, NULL);
	assert_false(record.has_insert);
	assert_int_equal(record.price_paid, 500);
	const struct problem *problem = change(&record, "{\"artist\":null}");
	assert_text(message_for(problem, "artist"), "is required");
}

static void the_record_grade_is_the_worst_of_all_discs_and_sides(void **state)
{
	struct record record = made("{" ALBUM ",\"mediaPieces\":[{\"kind\":\"LP\",\"discGrade\":\"NM\"},"
				    "{\"kind\":\"LP\",\"sides\":{\"A\":\"EX\",\"B\":\"vg+\"}}]}");
	(void)state;
	assert_int_equal(record.record_grade, GRADE_VG_PLUS);
	assert_true(record.grade_derived);

	assert_null(change(&record, "{\"mediaPieces\":[{\"discGrade\":\"M\"}]}"));
	assert_int_equal(record.record_grade, GRADE_M);
	assert_null(change(&record, "{\"mediaPieces\":[]}"));
	assert_int_equal(record.record_grade, GRADE_NONE);
	assert_false(record.grade_derived);
}

static void a_grade_of_the_owners_own_outlives_its_pieces(void **state)
{
	struct record record = made("{" ALBUM ",\"recordGrade\":\"G\",\"mediaPieces\":[{\"discGrade\":\"NM\"}]}");
	(void)state;
	assert_int_equal(record.record_grade, GRADE_G);
	assert_null(change(&record, "{\"mediaPieces\":[{\"discGrade\":\"M\"}]}"));
	assert_int_equal(record.record_grade, GRADE_G);
	assert_null(change(&record, "{\"recordGrade\":null}"));
	assert_int_equal(record.record_grade, GRADE_M);
	assert_true(record.grade_derived);
}

static void a_derived_grade_that_is_sent_back_stays_derived(void **state)
{
	struct record record = made("{" ALBUM ",\"mediaPieces\":[{\"discGrade\":\"EX\"}]}");
	(void)state;
	assert_null(
		change(&record,
		       "{\"recordGradeDerived\":true,\"recordGrade\":\"EX\",\"mediaPieces\":[{\"discGrade\":\"F\"}]}"));
	assert_int_equal(record.record_grade, GRADE_F);
	assert_null(change(&record, "{\"recordGrade\":\"NM\",\"recordGradeDerived\":true}"));
	assert_int_equal(record.record_grade, GRADE_NM);
	assert_false(record.grade_derived);
}

static void the_sides_of_later_pieces_are_lettered_on(void **state)
{
	struct record record = made("{" ALBUM ",\"mediaPieces\":["
				    "{\"index\":2,\"sides\":{\"B\":\"G\",\"A\":\"VG\"}},"
				    "{\"index\":1,\"sides\":{\"a\":\"NM\",\"b\":\"EX\"}},"
				    "{\"index\":3,\"sides\":{\"E\":\"M\",\"F\":null}}]}");
	const struct media_piece *pieces = record.pieces.items;
	(void)state;
	assert_int_equal(record.pieces.n, 3);
	assert_int_equal(pieces[0].index, 1);
	assert_text(pieces[0].sides[0].name, "A");
	assert_text(pieces[1].sides[0].name, "C");
	assert_int_equal(pieces[1].sides[0].grade, GRADE_VG);
	assert_text(pieces[1].sides[1].name, "D");
	assert_int_equal(pieces[1].sides[1].grade, GRADE_G);
	assert_text(pieces[2].sides[0].name, "E");
	assert_int_equal(pieces[2].sides[1].grade, GRADE_NONE);
}

static void pieces_without_an_index_take_the_free_ones(void **state)
{
	struct record record = made("{" ALBUM ",\"mediaPieces\":[{\"notes\":\"x\"},{\"index\":1},{}]}");
	(void)state;
	assert_int_equal(record.pieces.items[0].index, 1);
	assert_text(record.pieces.items[1].notes, "x");
	assert_int_equal(record.pieces.items[1].index, 2);
	assert_int_equal(record.pieces.items[2].index, 3);
}

static void a_kind_fills_in_size_and_speed_unless_they_are_said(void **state)
{
	struct record record =
		made("{" ALBUM ",\"mediaPieces\":[{\"kind\":\"LP\"},{\"kind\":\"10\\\"\"},{\"kind\":\"VINYL\","
		     "\"sizeInch\":7},{\"kind\":\"LP\",\"speedRpm\":45,\"sizeInch\":null},{\"kind\":\"tape\"},{}]}");
	static const struct {
		enum media_kind kind;
		int64_t size, speed;
	} wanted[] = {
		{ MEDIA_VINYL, 12, 33 },
		{ MEDIA_VINYL, 10, 33 },
		{ MEDIA_VINYL, 7, 45 },
		{ MEDIA_VINYL, RECORD_UNSAID, 45 },
		{ MEDIA_CASSETTE, RECORD_UNSAID, RECORD_UNSAID },
		{ MEDIA_OTHER, RECORD_UNSAID, RECORD_UNSAID },
	};
	(void)state;
	for (size_t i = 0; i < countof(wanted); i++) {
		assert_int_equal(record.pieces.items[i].kind, wanted[i].kind);
		assert_int_equal(record.pieces.items[i].size_inch, wanted[i].size);
		assert_int_equal(record.pieces.items[i].speed_rpm, wanted[i].speed);
	}
}

static void a_seven_inch_is_an_ep_when_no_format_was_given(void **state)
{
	struct record record = made("{\"artist\":\"Can\",\"name\":\"Spoon\",\"mediaPieces\":[{\"kind\":\"7\\\"\"}]}");
	(void)state;
	assert_text(record.format, "EP");
	record = made(
		"{\"artist\":\"Can\",\"name\":\"Spoon\",\"format\":\"Single\",\"mediaPieces\":[{\"kind\":\"45\"}]}");
	assert_text(record.format, "Single");
}

static void a_record_comes_back_as_it_was_kept(void **state)
{
	struct record record = made(
		"{" ALBUM ",\"label\":\"\\\"UA\\\" ☭ 日本\",\"releaseDate\":\"1900-03-01\","
		"\"purchasedAt\":\"1969-12-31T23:59:59.999Z\",\"pricePaid\":1234567890.05,"
		"\"mediaPieces\":[{\"kind\":\"LP\",\"sides\":{\"A\":\"M\"},\"notes\":\"warped\"},{\"kind\":\"CD\"}],"
		"\"extra\":{\"Shelf\":\"A 3\",\"Rating\":\"5\"},\"discogsReleaseId\":2147483647}");
	struct buf first = buf_of(RECORD_DOC_MAX), second = buf_of(RECORD_DOC_MAX);
	struct record again;
	(void)state;
	record.id = uuid_new();
	record.user = uuid_new();
	record.created_at = record.updated_at = 1700000000123;
	record.version = 3;
	record_render(&record, &first);
	assert_true(record_of_doc(&again, buf_str(&first), arena));
	record_render(&again, &second);
	assert_text(buf_str(&second), first.at ? arena_copy(arena, buf_str(&first)).at : "");
	assert_int_equal(again.price_paid, 123456789005);
	assert_true(str_starts(buf_str(&first), STR("{\"id\":\"")));
	assert_true(str_find(buf_str(&first), STR("\"pricePaid\":1234567890.05,\"mediaPieces\":[{\"id\":\"")) !=
		    SIZE_MAX);
	assert_true(str_find(buf_str(&first), STR("\"releaseDate\":\"1900-03-01\"")) != SIZE_MAX);

	/* What a client got it may put, whole. */
	const struct problem *problem = change(&again, arena_copy(arena, buf_str(&first)).at);
	if (problem)
		fail_msg("%.*s", STR_ARG(problem->error));
	buf_clear(&second);
	record_render(&again, &second);
	assert_text(buf_str(&second), arena_copy(arena, buf_str(&first)).at);
	buf_free(&first);
	buf_free(&second);
}

static void what_is_ours_to_set_cannot_be_set(void **state)
{
	static const char *const cases[][2] = {
		{ "{\"id\":\"01890000-0000-7000-8000-000000000009\"}", "id" },
		{ "{\"userId\":\"01890000-0000-7000-8000-000000000009\"}", "userId" },
		{ "{\"createdAt\":\"2020-01-01T00:00:00Z\"}", "createdAt" },
		{ "{\"updatedAt\":null}", "updatedAt" },
		{ "{\"version\":4}", "version" },
		{ "{\"recordGradeDerived\":true}", "recordGradeDerived" },
	};
	struct record record = made("{" ALBUM "}");
	(void)state;
	record.created_at = record.updated_at = 1700000000000;
	record.version = 3;
	for (size_t i = 0; i < countof(cases); i++) {
		struct record changed = record;
		assert_text(message_for(change(&changed, cases[i][0]), cases[i][1]), "is read-only");
	}
}

static void csv_text_reads_like_json(void **state)
{
	static const struct {
		enum record_field_at field;
		const char *text;
	} cells[] = {
		{ RECORD_artist, " Can " },
		{ RECORD_name, "Tago Mago" },
		{ RECORD_format, "LP" },
		{ RECORD_release_year, "1971" },
		{ RECORD_has_insert, "TRUE" },
		{ RECORD_is_promo, "" },
		{ RECORD_price_paid, "12.5" },
		{ RECORD_sleeve_grade, "vg minus" },
		{ RECORD_purchased_at, "2024-05-01" },
		{ RECORD_release_date, "1971-02-28T23:00:00Z" },
	};
	struct record record = record_blank();
	struct record_check check = { .arena = arena };
	(void)state;
	for (size_t i = 0; i < countof(cells); i++)
		record_set_text(&record, &record_fields[cells[i].field], str_of(cells[i].text), &check);
	record_settle(&record, &check);
	assert_null(record_problem(&check));
	assert_text(record.artist, "Can");
	assert_true(record.has_insert);
	assert_false(record.is_promo);
	assert_int_equal(record.price_paid, 1250);
	assert_int_equal(record.sleeve_grade, GRADE_VG_MINUS);
	assert_int_equal(record.release_date, 423);

	static const char *const amounts[] = { "-1", "1.", "1.234", "1,5", "12345678901", ".5", "1e3", "1.-5", "NaN" };
	for (size_t i = 0; i < countof(amounts); i++) {
		struct record_check strict = { .arena = arena };
		record_set_text(&record, &record_fields[RECORD_price_paid], str_of(amounts[i]), &strict);
		assert_int_equal(strict.n, 1);
	}
	assert_int_equal(record.price_paid, 1250);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_new_record_holds_what_was_given, open_arena, close_arena),
		cmocka_unit_test_setup_teardown(what_is_missing_or_wrong_is_named_all_at_once, open_arena, close_arena),
		cmocka_unit_test_setup_teardown(a_value_of_the_wrong_kind_is_refused_by_name, open_arena, close_arena),
		cmocka_unit_test_setup_teardown(a_limit_counts_characters_not_bytes, open_arena, close_arena),
		cmocka_unit_test_setup_teardown(a_change_touches_only_what_it_names, open_arena, close_arena),
		cmocka_unit_test_setup_teardown(the_record_grade_is_the_worst_of_all_discs_and_sides, open_arena,
						close_arena),
		cmocka_unit_test_setup_teardown(a_grade_of_the_owners_own_outlives_its_pieces, open_arena, close_arena),
		cmocka_unit_test_setup_teardown(a_derived_grade_that_is_sent_back_stays_derived, open_arena,
						close_arena),
		cmocka_unit_test_setup_teardown(the_sides_of_later_pieces_are_lettered_on, open_arena, close_arena),
		cmocka_unit_test_setup_teardown(pieces_without_an_index_take_the_free_ones, open_arena, close_arena),
		cmocka_unit_test_setup_teardown(a_kind_fills_in_size_and_speed_unless_they_are_said, open_arena,
						close_arena),
		cmocka_unit_test_setup_teardown(a_seven_inch_is_an_ep_when_no_format_was_given, open_arena,
						close_arena),
		cmocka_unit_test_setup_teardown(a_record_comes_back_as_it_was_kept, open_arena, close_arena),
		cmocka_unit_test_setup_teardown(what_is_ours_to_set_cannot_be_set, open_arena, close_arena),
		cmocka_unit_test_setup_teardown(csv_text_reads_like_json, open_arena, close_arena),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
