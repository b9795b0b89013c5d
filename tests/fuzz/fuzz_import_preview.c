/* SPDX-License-Identifier: MIT */
/* A line with a mapping, then a file: its preview is JSON, and every row that the mapping lets in is a record that reads back. */
#include <stdint.h>

#include "app/import_mapping.h"
#include "app/import_preview.h"
#include "app/record_row.h"
#include "codec/csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX_FILE = 1 << 16, BUDGET = 64 << 20 };

static void look(struct str file, struct arena *arena)
{
	owned(buf_free) struct buf seen = buf_of(BUDGET);
	const struct json *root;
	struct str said;

	if (import_preview(file, arena, &seen, &said)) {
		check(str_present(said) && seen.len == 0);
		return;
	}
	check(json_parse(arena, buf_str(&seen), &root, &said) == 0);
	check(root->kind == JSON_KIND_OBJECT && json_get(root, STR("columns"))->kind == JSON_KIND_ARRAY);
	check(str_find_char(buf_str(&seen), '\n') == seen.len);
}

static struct str_list cells_of(const struct csv_row *row, struct arena *arena)
{
	struct str_list cells = { arena_array(arena, row->n, sizeof(struct str)), row->n };

	check(cells.items);
	for (size_t i = 0; i < row->n; i++)
		cells.items[i] = arena_copy(arena, row->fields[i]);
	return cells;
}

static void take_row(const struct import_columns *columns, const struct csv_row *row)
{
	owned(arena_drop) struct arena *arena = arena_new(BUDGET);
	struct record_check check = { .arena = arena };
	struct record record, again;

	check(arena);
	import_row(columns, cells_of(row, arena), &record, &check);
	if (check.n)
		return;
	record_begin(&record, &(struct uuid){ { 1 } }, 0);
	struct str doc = record_doc(&record, arena);
	check(!str_present(doc) || record_of_doc(&again, doc, arena));
}

static void load(struct str mapping_text, struct str file, struct arena *arena)
{
	owned(csv_reader_deinit) struct csv_reader reader;
	struct encoding_scan scan = { 0 };
	struct import_mapping mapping;
	struct import_columns columns;
	struct csv_row row;
	struct str said;

	encoding_scan_add(&scan, file);
	struct csv_settings settings = { .encoding = encoding_scan_result(&scan), .delimiter = csv_delimiter_of(file) };
	csv_reader_init(&reader, &settings);
	if (import_mapping_parse(&mapping, mapping_text, arena, &said)) {
		check(str_present(said));
		return;
	}
	check(csv_feed(&reader, file));
	csv_finish(&reader);
	if (csv_next(&reader, &row) != CSV_ROW || row.fault)
		return;
	struct str_list header = cells_of(&row, arena);
	if (import_mapping_columns(&mapping, &columns, header, arena, &said))
		return;
	while (csv_next(&reader, &row) == CSV_ROW)
		if (!row.fault)
			take_row(&columns, &row);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	owned(arena_drop) struct arena *arena = arena_new(BUDGET);
	struct str file, mapping = str_cut((struct str){ (const char *)data, size }, '\n', &file);

	check(arena);
	if (!str_present(file))
		return 0;
	file = str_first(file, MAX_FILE);
	look(file, arena);
	load(mapping, file, arena);
	return 0;
}
