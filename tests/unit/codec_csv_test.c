/* SPDX-License-Identifier: MIT */
/* CSV, read in chunks of every size, and written. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "codec/csv.h"
#include "codec/encoding.h"

/* Reads all of it and writes each row as "number@line[field|field]" or "number@line!fault". */
static void read_all(struct buf *seen, struct str text, size_t chunk, struct csv_settings settings)
{
	owned(csv_reader_deinit) struct csv_reader reader;
	struct csv_row row;
	int outcome;

	buf_clear(seen);
	csv_reader_init(&reader, &settings);
	while ((outcome = csv_next(&reader, &row)) != CSV_END) {
		if (outcome == CSV_MORE) {
			if (text.len == 0)
				csv_finish(&reader);
			else
				assert_true(csv_feed(&reader, str_first(text, chunk)));
			text = str_skip(text, chunk);
			continue;
		}
		buf_printf(seen, "%llu@%llu", (unsigned long long)row.number, (unsigned long long)row.line);
		if (row.fault)
			buf_printf(seen, "!%s\n", row.fault);
		for (size_t i = 0; i < row.n && !row.fault; i++)
			buf_printf(seen, "%s%.*s%s", i ? "|" : "[", STR_ARG(row.fields[i]), i + 1 == row.n ? "]\n" : "");
	}
	buf_add_char(seen, 0);
}

/* However the file is cut into chunks, the rows are the same. */
static void assert_rows_with(struct str text, const char *expected, struct csv_settings settings)
{
	owned(buf_free) struct buf seen = buf_of(1 << 20);
	static const size_t chunks[] = { 1, 2, 3, 7, 100, 65536 };

	for (size_t i = 0; i < countof(chunks); i++) {
		read_all(&seen, text, chunks[i], settings);
		assert_string_equal(seen.at, expected);
	}
}

static void assert_rows(struct str text, const char *expected)
{
	assert_rows_with(text, expected, (struct csv_settings){ 0 });
}

static void rows_end_as_any_program_ends_them(void **state)
{
	(void)state;
	assert_rows(STR("a,b\nc,d\n"), "1@1[a|b]\n2@2[c|d]\n");
	assert_rows(STR("a,b\r\nc,d"), "1@1[a|b]\n2@2[c|d]\n");
	assert_rows(STR("a,b\rc,d\r"), "1@1[a|b]\n2@2[c|d]\n");
	assert_rows(STR("\xef\xbb\xbf" "a,b\n\n\r\n\n,\n"), "1@1[a|b]\n2@5[|]\n");
	assert_rows(STR("\xef\xbb"), "1@1!the text is not valid UTF-8\n");
	assert_rows(STR(""), "");
	assert_rows(STR("\xef\xbb\xbf"), "");
	assert_rows(STR("\r\n"), "");
}

static void quotes_hold_commas_quotes_and_newlines(void **state)
{
	(void)state;
	assert_rows(STR("\"a,b\",\"c\"\"d\"\r\nx,\"1\r\n2\n3\"\ny,\"\"\n"), "1@1[a,b|c\"d]\n2@2[x|1\r\n2\n3]\n3@5[y|]\n");
	assert_rows(STR("\"\"\n\"\"\"\"\n7\" single, LP\n"), "1@1[]\n2@2[\"]\n3@3[7\" single| LP]\n");
	assert_rows(STR("\"last\""), "1@1[last]\n");
	assert_rows(STR("a,"), "1@1[a|]\n");
}

static void a_bad_row_does_not_stop_those_behind_it(void **state)
{
	(void)state;
	assert_rows(STR("a\n\"open,b\nc,\"d\"\ne"), "1@1[a]\n2@2!there is text behind a closing quote\n3@3[c|d]\n4@4[e]\n");
	assert_rows(STR("\"open\nb\nc\n"), "1@1!a quoted field is not closed\n2@2[b]\n3@3[c]\n");
	assert_rows(STR("\"a\"x,y\r\nb\n"), "1@1!there is text behind a closing quote\n2@2[b]\n");
	assert_rows(STR("a\xff,b\nc\n"), "1@1!the text is not valid UTF-8\n2@2[c]\n");
	assert_rows(STR("a\0,b\nc\n"), "1@1!there is a NUL byte in it\n2@2[c]\n");
}

static void rows_and_fields_have_limits(void **state)
{
	struct csv_settings settings = { .max_row = 12, .max_field = 6 };
	(void)state;

	assert_rows_with(STR("123456,12345\n1234567\nok\n"), "1@1[123456|12345]\n2@2!a field is too long\n3@3[ok]\n", settings);
	assert_rows_with(STR("a,b,c,d,e,f,g,h,i\r\nok"), "1@1!the row is too long\n2@2[ok]\n", settings);
	assert_rows_with(STR("1234567890123456789012345678901234567890\rok\n\"23456789012345\n1\n2"),
			 "1@1!the row is too long\n2@2[ok]\n3@3!a quoted field is not closed\n4@4[1]\n5@5[2]\n", settings);
	assert_rows_with(STR("\"1\n2\n3\n4\n5\n6\n7\nx"),
			 "1@1!a quoted field is not closed\n2@2[2]\n3@3[3]\n4@4[4]\n5@5[5]\n6@6[6]\n7@7[7]\n8@8[x]\n", settings);
}

static void a_row_of_too_many_fields_is_refused(void **state)
{
	owned(buf_free) struct buf seen = buf_of(1 << 20);
	static char commas[4096];
	(void)state;

	memset(commas, ',', sizeof(commas));
	commas[255] = '\n';
	commas[512] = '\n';
	commas[514] = 0;
	read_all(&seen, (struct str){ commas, 514 }, 100, (struct csv_settings){ 0 });
	assert_memory_equal(seen.at, "1@1[|||", 7);
	assert_non_null(strstr(seen.at, "\n2@2!there are too many fields\n3@3[|]\n"));
}

static void a_file_made_to_be_slow_is_read_all_the_same(void **state)
{
	owned(buf_free) struct buf evil = buf_of(8 << 20);
	owned(csv_reader_deinit) struct csv_reader reader;
	struct csv_settings settings = { 0 };
	struct csv_row row;
	size_t n = 0;
	(void)state;

	for (size_t i = 0; i < 20000; i++)
		buf_add(&evil, STR("a\",\"\n"));
	csv_reader_init(&reader, &settings);
	assert_true(csv_feed(&reader, buf_str(&evil)));
	csv_finish(&reader);
	while (csv_next(&reader, &row) == CSV_ROW)
		n += row.fault != NULL;
	assert_in_range(n, 19000, 20000);
}

static void latin1_becomes_utf8(void **state)
{
	struct csv_settings settings = { .encoding = TEXT_LATIN1 };
	(void)state;
	assert_rows_with(STR("Bj\xf6rk,\x80\x93\n"), "1@1[Bj\xc3\xb6rk|\xe2\x82\xac\xe2\x80\x9c]\n", settings);
}

static void other_delimiters_are_read(void **state)
{
	struct csv_settings settings = { .delimiter = ';' };
	(void)state;
	assert_rows_with(STR("a,b;\"c;d\"\n"), "1@1[a,b|c;d]\n", settings);
}

static void what_was_written_reads_back(void **state)
{
	static const char *const cells[] = {
		"plain", "", "a,b", "say \"hi\"", "two\r\nlines", " padded ", "=1+1", "+4", "-4", "@x", "\tx", "\rx",
		"'=1+1", "''=", "'quoted'", "'", "\xc3\xa9",
	};
	owned(buf_free) struct buf text = buf_of(4096);
	owned(csv_reader_deinit) struct csv_reader reader;
	struct csv_settings settings = { 0 };
	struct csv_out out = csv_out_of(&text);
	struct csv_row row;
	(void)state;

	for (size_t i = 0; i < countof(cells); i++)
		csv_cell(&out, str_of(cells[i]));
	csv_row_end(&out);
	csv_cell(&out, STR_ABSENT);
	csv_cell_plain(&out, STR("-5.00"));
	csv_row_end(&out);
	csv_reader_init(&reader, &settings);
	assert_true(csv_feed(&reader, buf_str(&text)));
	assert_int_equal(csv_next(&reader, &row), CSV_ROW);
	assert_int_equal(row.n, countof(cells));
	for (size_t i = 0; i < countof(cells); i++) {
		assert_false(row.fields[i].len && strchr("=+-@\t\r", row.fields[i].at[0]));
		assert_true(str_equal(csv_unguard(row.fields[i]), str_of(cells[i])));
	}
	assert_int_equal(csv_next(&reader, &row), CSV_ROW);
	assert_int_equal(row.n, 2);
	assert_true(str_equal(row.fields[0], STR("")) && str_equal(row.fields[1], STR("-5.00")));
}

static enum text_encoding encoding_of(struct str text, size_t chunk)
{
	struct encoding_scan scan = { 0 };
	for (; text.len; text = str_skip(text, chunk))
		encoding_scan_add(&scan, str_first(text, chunk));
	return encoding_scan_result(&scan);
}

static void the_encoding_is_found_however_the_file_is_cut(void **state)
{
	static const struct {
		struct str text;
		enum text_encoding encoding;
	} rows[] = {
		{ STR(""), TEXT_UTF8 },
		{ STR("ascii only"), TEXT_UTF8 },
		{ STR("\xef\xbb\xbf" "a"), TEXT_UTF8 },
		{ STR("caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x8e\xb5"), TEXT_UTF8 },
		{ STR("caf\xe9"), TEXT_LATIN1 },
		{ STR("caf\xe9s de Paris"), TEXT_LATIN1 },
		{ STR("Bj\xf6rk"), TEXT_LATIN1 },
		{ STR("\xff\xfe" "a\0b\0"), TEXT_UTF16 },
		{ STR("\xfe\xff\0a"), TEXT_UTF16 },
	};
	(void)state;

	for (size_t i = 0; i < countof(rows); i++)
		for (size_t chunk = 1; chunk < 12; chunk++)
			assert_int_equal(encoding_of(rows[i].text, chunk), rows[i].encoding);
}

static void the_first_line_tells_what_divides_cells(void **state)
{
	static const struct {
		const char *text;
		char delimiter;
	} cases[] = { { "a,b,c\n;;;;;;\n", ',' }, { "a;b;c\r\n1,5;2;3", ';' }, { "a\tb\tc", '\t' },  { "one", ',' },
		      { "\"x;y;z\",b\n", ',' },   { "\"two\nlines,\";b;c", ';' }, { "", ',' } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(csv_delimiter_of(str_of(cases[i].text)), cases[i].delimiter);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_end_as_any_program_ends_them),
		cmocka_unit_test(quotes_hold_commas_quotes_and_newlines),
		cmocka_unit_test(a_bad_row_does_not_stop_those_behind_it),
		cmocka_unit_test(rows_and_fields_have_limits),
		cmocka_unit_test(a_row_of_too_many_fields_is_refused),
		cmocka_unit_test(a_file_made_to_be_slow_is_read_all_the_same),
		cmocka_unit_test(latin1_becomes_utf8),
		cmocka_unit_test(other_delimiters_are_read),
		cmocka_unit_test(the_first_line_tells_what_divides_cells),
		cmocka_unit_test(what_was_written_reads_back),
		cmocka_unit_test(the_encoding_is_found_however_the_file_is_cut),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
