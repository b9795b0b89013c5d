/* SPDX-License-Identifier: MIT */
/* A collector's file must come over whole: each column where it belongs, nothing lost, each fault named. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "app/import_discogs.h"
#include "app/import_rows.h"

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

/* Cells are divided by '|'. */
static struct str_list cells_of(const char *line)
{
	struct str_list cells = { arena_array(arena, 64, sizeof(struct str)), 0 };
	for (struct str rest = str_of(line); str_present(rest);)
		cells.items[cells.n++] = str_cut(rest, '|', &rest);
	return cells;
}

static struct import_columns columns_of(const char *header)
{
	struct import_columns columns;
	struct str said;
	if (import_columns_of(&columns, cells_of(header), IMPORT_AUTO, arena, &said))
		fail_msg("%.*s", STR_ARG(said));
	return columns;
}

static struct record row_of(const char *header, const char *line)
{
	struct import_columns columns = columns_of(header);
	struct record_check check = { .arena = arena };
	struct record record;
	import_row(&columns, cells_of(line), &record, &check);
	if (check.n)
		fail_msg("%.*s: %.*s", STR_ARG(check.first->field), STR_ARG(check.first->message));
	return record;
}

static void assert_text(struct str got, const char *wanted)
{
	if (!str_equal(got, str_of(wanted)))
		fail_msg("got %.*s, wanted %s", STR_ARG(got), wanted ? wanted : "nothing");
}

static struct str extra_of(const struct record *record, const char *key)
{
	for (size_t i = 0; i < record->extra.n; i++)
		if (str_equal(record->extra.items[i].key, str_of(key)))
			return record->extra.items[i].value;
	return STR_ABSENT;
}

#define DISCOGS                                                                                      \
	"Catalog#|Artist|Title|Label|Format|Rating|Released|release_id|CollectionFolder|Date Added|" \
	"Collection Media Condition|Collection Sleeve Condition|Collection Notes"

static void a_discogs_row_comes_over_whole(void **state)
{
	struct record record =
		row_of(DISCOGS "|Collection Shelf",
		       "SHVL 804|Pink Floyd|The Dark Side Of The Moon|Harvest|LP, Album, Gat|5"
		       "|1973-03-00|1873013|Uncategorized|2021-04-05 12:13:14|Very Good Plus (VG+)|Near Mint (NM or M-)"
		       "|first pressing\nposters|B2");
	(void)state;
	assert_text(record.artist, "Pink Floyd");
	assert_text(record.name, "The Dark Side Of The Moon");
	assert_text(record.catalog_number, "SHVL 804");
	assert_text(record.label, "Harvest");
	assert_text(record.format, "LP");
	assert_int_equal(record.release_year, 1973);
	assert_int_equal(record.release_date, RECORD_UNSAID);
	assert_int_equal(record.discogs_release, 1873013);
	assert_int_equal(record.record_grade, GRADE_VG_PLUS);
	assert_int_equal(record.sleeve_grade, GRADE_NM);
	assert_text(record.notes, "first pressing\nposters");
	assert_text(extra_of(&record, "Format"), "LP, Album, Gat");
	assert_text(extra_of(&record, "Rating"), "5");
	assert_text(extra_of(&record, "CollectionFolder"), "Uncategorized");
	assert_int_equal(record.created_at, 1617624794000);
	assert_text(extra_of(&record, "Date Added"), NULL);
	assert_text(extra_of(&record, "Collection Shelf"), "B2");
	assert_int_equal(record.pieces.n, 1);
	assert_int_equal(record.pieces.items[0].kind, MEDIA_VINYL);
}

static void a_date_that_discogs_did_not_write_is_kept_as_it_is(void **state)
{
	struct record record = row_of(DISCOGS, "1|Can|Spoon|UA|7\"|||1||last summer");
	(void)state;
	assert_text(extra_of(&record, "Date Added"), "last summer");
}

static void a_discogs_row_may_end_early(void **state)
{
	struct record record = row_of(DISCOGS, "none|Can|Tago Mago||2xLP, Album||0|249504");
	(void)state;
	assert_text(record.catalog_number, NULL);
	assert_int_equal(record.release_year, RECORD_UNSAID);
	assert_int_equal(record.pieces.n, 2);
	assert_int_equal(record.record_grade, GRADE_NONE);
}

static void what_discogs_says_of_an_ungraded_sleeve_is_kept(void **state)
{
	struct record record = row_of(DISCOGS, "1|Can|Spoon|UA|7\"|||1|||Mint (M)|Generic|");
	(void)state;
	assert_int_equal(record.record_grade, GRADE_M);
	assert_int_equal(record.sleeve_grade, GRADE_NONE);
	assert_text(extra_of(&record, "Collection Sleeve Condition"), "Generic");
}

static void a_list_of_labels_too_long_is_shortened_and_kept_whole(void **state)
{
	const char *labels =
		"A Label With A Long Name Records, B Label With A Long Name Records, C Label With A Long Name Records, "
		"D Label With A Long Name Records";
	struct buf line = buf_of(1000);
	(void)state;
	buf_printf(&line, "1|Can|Spoon|%s|7\"|||1", labels);
	buf_add_char(&line, 0);
	struct record record = row_of(DISCOGS, line.at);
	assert_text(
		record.label,
		"A Label With A Long Name Records, B Label With A Long Name Records, C Label With A Long Name Records");
	assert_text(extra_of(&record, "Label"), labels);
	buf_free(&line);
}

static void a_format_becomes_a_piece_for_each_disc(void **state)
{
	static const struct {
		const char *text, *format;
		size_t n;
		enum media_kind first, last;
		int64_t size, speed;
	} cases[] = {
		{ "LP, Album", "LP", 1, MEDIA_VINYL, MEDIA_VINYL, 12, 33 },
		{ "2xLP, Album, RE", "LP", 2, MEDIA_VINYL, MEDIA_VINYL, 12, 33 },
		{ "7\", Single", "7\"", 1, MEDIA_VINYL, MEDIA_VINYL, 7, 45 },
		{ "12\", 45 RPM", "12\"", 1, MEDIA_VINYL, MEDIA_VINYL, 12, 45 },
		{ "Vinyl, LP, Album", "LP", 1, MEDIA_VINYL, MEDIA_VINYL, 12, 33 },
		{ "2xLP, Album + CD, Album", "LP", 3, MEDIA_VINYL, MEDIA_CD, 12, 33 },
		{ "Box, Comp, Ltd + 3xLP + 2xCD", "LP", 5, MEDIA_VINYL, MEDIA_CD, 12, 33 },
		{ "CD, Album", "CD", 1, MEDIA_CD, MEDIA_CD, RECORD_UNSAID, RECORD_UNSAID },
		{ "Cass, Album", "Cassette", 1, MEDIA_CASSETTE, MEDIA_CASSETTE, RECORD_UNSAID, RECORD_UNSAID },
		{ "Shellac, 10\"", "Shellac", 1, MEDIA_VINYL, MEDIA_VINYL, 10, 33 },
		{ "999xLP", "LP", 50, MEDIA_VINYL, MEDIA_VINYL, 12, 33 },
		{ "File, MP3", "File", 1, MEDIA_OTHER, MEDIA_OTHER, RECORD_UNSAID, RECORD_UNSAID },
	};
	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		struct record record = record_blank();
		assert_true(import_discogs_format(str_of(cases[i].text), &record, arena));
		assert_text(record.format, cases[i].format);
		assert_int_equal(record.pieces.n, cases[i].n);
		assert_int_equal(record.pieces.items[0].kind, cases[i].first);
		assert_int_equal(record.pieces.items[record.pieces.n - 1].kind, cases[i].last);
		assert_int_equal(record.pieces.items[0].size_inch, cases[i].size);
		assert_int_equal(record.pieces.items[0].speed_rpm, cases[i].speed);
	}
}

static void namesakes_lose_their_number_and_nothing_else(void **state)
{
	static const char *const cases[][2] = {
		{ "Nirvana (2)", "Nirvana" },
		{ "Nirvana (2), Melvins", "Nirvana, Melvins" },
		{ "Prince (And Others)", "Prince (And Others)" },
		{ "(1979)", "(1979)" },
		{ "Sunn O)))", "Sunn O)))" },
		{ "Band (2) , Other (13)", "Band (2) , Other" },
		{ "A ()", "A ()" },
		{ "", "" },
	};
	(void)state;
	for (size_t i = 0; i < countof(cases); i++)
		assert_text(import_discogs_names(str_of(cases[i][0]), arena), cases[i][1]);
}

static void our_own_columns_come_over_in_any_order_and_spelling(void **state)
{
	struct record record =
		row_of("Format|ARTIST|Title|catalog_number|pricePaid|hasInsert|recordGrade|mediaPieces|extra|Shelf|id|",
		       "LP|Can|Tago Mago|UAS 29 "
		       "211|12.50|yes|vg+|[{\"kind\":\"LP\",\"id\":\"01890000-0000-7000-8000-000000000000\"}]"
		       "|{\"Box\":\"7\"}|A3|01890000-0000-7000-8000-000000000001|ignored");
	(void)state;
	assert_text(record.artist, "Can");
	assert_text(record.name, "Tago Mago");
	assert_text(record.catalog_number, "UAS 29 211");
	assert_int_equal(record.price_paid, 1250);
	assert_true(record.has_insert);
	assert_int_equal(record.record_grade, GRADE_VG_PLUS);
	assert_int_equal(record.pieces.n, 1);
	assert_text(extra_of(&record, "Box"), "7");
	assert_text(extra_of(&record, "Shelf"), "A3");
	assert_true(uuid_is_nil(&record.id));
}

static void a_cell_guarded_against_spreadsheets_is_unguarded(void **state)
{
	static const char *const cases[][2] = {
		{ "'=1+1", "=1+1" }, { "'+44", "+44" },	 { "'-", "-" }, { "'@home", "@home" },
		{ "''=x", "'=x" },   { "'til", "'til" }, { "'", "'" },	{ "=raw", "=raw" },
	};
	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		struct buf line = buf_of(200);
		buf_printf(&line, "%s|x|LP", cases[i][0]);
		buf_add_char(&line, 0);
		struct record record = row_of("artist|name|format", line.at);
		assert_text(record.artist, cases[i][1]);
		buf_free(&line);
	}
	/* Discogs guards nothing: there an apostrophe is part of the name. */
	struct record record = row_of(DISCOGS, "1|'-Trio|x||LP|||1");
	assert_text(record.artist, "'-Trio");
}

static void every_fault_of_a_row_is_named_by_its_column(void **state)
{
	struct import_columns columns = columns_of("artist|name|format|pricePaid|recordGrade|mediaPieces");
	struct record_check check = { .arena = arena };
	struct record record;
	(void)state;
	import_row(&columns, cells_of("|x|LP|cheap|superb|[{|surplus"), &record, &check);
	static const char *const wanted[] = { "pricePaid", "recordGrade", "mediaPieces", "column 7", "artist" };
	const struct field_error *error = check.first;
	for (size_t i = 0; i < countof(wanted); i++, error = error->next) {
		assert_non_null(error);
		assert_text(error->field, wanted[i]);
	}
	assert_null(error);
}

static void a_file_that_is_no_collection_is_refused(void **state)
{
	static const char *const headers[] = { "date|amount|payee", "artist|name", "", "artist|name|format|title" };
	(void)state;
	for (size_t i = 0; i < countof(headers); i++) {
		struct import_columns columns;
		struct str said = STR_ABSENT;
		assert_int_equal(import_columns_of(&columns, cells_of(headers[i]), IMPORT_AUTO, arena, &said), 1);
		assert_true(said.len > 10);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_discogs_row_comes_over_whole, open_arena, close_arena),
		cmocka_unit_test_setup_teardown(a_date_that_discogs_did_not_write_is_kept_as_it_is, open_arena, close_arena),
		cmocka_unit_test_setup_teardown(a_discogs_row_may_end_early, open_arena, close_arena),
		cmocka_unit_test_setup_teardown(what_discogs_says_of_an_ungraded_sleeve_is_kept, open_arena,
						close_arena),
		cmocka_unit_test_setup_teardown(a_list_of_labels_too_long_is_shortened_and_kept_whole, open_arena,
						close_arena),
		cmocka_unit_test_setup_teardown(a_format_becomes_a_piece_for_each_disc, open_arena, close_arena),
		cmocka_unit_test_setup_teardown(namesakes_lose_their_number_and_nothing_else, open_arena, close_arena),
		cmocka_unit_test_setup_teardown(our_own_columns_come_over_in_any_order_and_spelling, open_arena,
						close_arena),
		cmocka_unit_test_setup_teardown(a_cell_guarded_against_spreadsheets_is_unguarded, open_arena,
						close_arena),
		cmocka_unit_test_setup_teardown(every_fault_of_a_row_is_named_by_its_column, open_arena, close_arena),
		cmocka_unit_test_setup_teardown(a_file_that_is_no_collection_is_refused, open_arena, close_arena),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
