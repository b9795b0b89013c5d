/* SPDX-License-Identifier: MIT */
/* Any bytes as CSV: the rows do not depend on how the file is cut, and what is written again reads back. */
#include "codec/csv.h"
#include "codec/encoding.h"
#include "codec/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROOM = 64 << 20 };

/* One unambiguous line of text for each row. */
static void describe(struct buf *to, const struct csv_row *row)
{
	buf_printf(to, "%llu@%llu %s", (unsigned long long)row->number, (unsigned long long)row->line,
		   row->fault ? row->fault : "");
	for (size_t i = 0; i < row->n && !row->fault; i++) {
		check(utf8_valid(row->fields[i]));
		buf_printf(to, " %zu:", row->fields[i].len);
		buf_add(to, row->fields[i]);
	}
	buf_add_char(to, '\n');
}

static void write_again(struct buf *to, const struct csv_row *row)
{
	struct csv_out out = csv_out_of(to);
	for (size_t i = 0; i < row->n; i++)
		csv_cell(&out, row->fields[i]);
	csv_row_end(&out);
}

static void read_all(struct str text, size_t chunk, const struct csv_settings *settings, struct buf *seen,
		     struct buf *written)
{
	owned(csv_reader_deinit) struct csv_reader reader;
	struct csv_row row;
	int outcome;

	csv_reader_init(&reader, settings);
	while ((outcome = csv_next(&reader, &row)) != CSV_END) {
		if (outcome == CSV_ROW) {
			describe(seen, &row);
			if (!row.fault)
				write_again(written, &row);
		} else if (text.len) {
			check(csv_feed(&reader, str_first(text, chunk)));
			text = str_skip(text, chunk);
		} else {
			csv_finish(&reader);
		}
	}
}

/* A row of one empty cell is written as an empty line, which is no row: nothing else may be lost. */
static void read_back(struct str written)
{
	owned(csv_reader_deinit) struct csv_reader reader;
	owned(buf_free) struct buf again = buf_of(ROOM);
	struct csv_settings settings = { 0 };
	struct csv_row row;

	csv_reader_init(&reader, &settings);
	check(csv_feed(&reader, str_first(written, CSV_MAX_CHUNK)));
	csv_finish(&reader);
	while (csv_next(&reader, &row) == CSV_ROW) {
		struct csv_out out = csv_out_of(&again);
		for (size_t i = 0; i < row.n; i++)
			csv_cell(&out, csv_unguard(row.fields[i]));
		csv_row_end(&out);
		check(!row.fault);
	}
	if (str_find(written, STR("\r\n\r\n")) == SIZE_MAX && !str_starts(written, STR("\r\n")))
		check(str_equal(buf_str(&again), written));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	owned(buf_free) struct buf seen = buf_of(ROOM), seen_again = buf_of(ROOM);
	owned(buf_free) struct buf written = buf_of(ROOM), ignored = buf_of(ROOM);
	struct str text = str_first((struct str){ (const char *)data, size }, 1 << 16);
	struct encoding_scan scan = { 0 };

	encoding_scan_add(&scan, text);
	struct csv_settings settings = { .encoding = encoding_scan_result(&scan), .max_row = 512, .max_field = 128 };
	read_all(text, CSV_MAX_CHUNK, &settings, &seen, &written);
	read_all(text, 1 + size % 97, &settings, &seen_again, &ignored);
	check(str_equal(buf_str(&seen), buf_str(&seen_again)));
	read_back(buf_str(&written));
	return 0;
}
