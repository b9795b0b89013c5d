/* SPDX-License-Identifier: MIT */
/* Looking at the first rows of a file: its columns, what they are likely to be, and some of what is in them. */
#include "app/import_preview.h"

#include "app/import_mapping.h"
#include "codec/csv.h"
#include "codec/utf8.h"

enum { LOOKED_AT = 4096, LONGEST_SEQUENCE = 4 };

struct preview {
	struct csv_reader reader;
	char delimiter;
	struct import_columns columns;
	bool known;
	struct str_list *samples; /* of each column */
	struct arena *arena;
};

/* No text has these, in any encoding that is read here. */
static bool is_binary(struct str file)
{
	for (size_t i = 0; i < file.len && i < LOOKED_AT; i++) {
		unsigned char c = (unsigned char)file.at[i];
		if (c < '\t' || (c > '\r' && c < ' '))
			return true;
	}
	return false;
}

/* Without the beginning of a character that the cut went through. */
static struct str whole_characters(struct str file)
{
	for (size_t n = 1; n < LONGEST_SEQUENCE && n <= file.len; n++) {
		unsigned char c = (unsigned char)file.at[file.len - n];
		if ((c & 0xc0) == 0x80)
			continue;
		return c >= 0xc0 && !utf8_sequence(str_skip(file, file.len - n)) ? str_first(file, file.len - n) : file;
	}
	return file;
}

static bool begin(struct preview *preview, struct str file, struct str *said)
{
	struct encoding_scan scan = { 0 };

	encoding_scan_add(&scan, file);
	struct csv_settings settings = { .encoding = encoding_scan_result(&scan), .delimiter = csv_delimiter_of(file) };
	*said = STR("the file is UTF-16; save it as CSV in UTF-8");
	if (settings.encoding == TEXT_UTF16)
		return false;
	*said = STR("this is no CSV file; spreadsheets can be saved as CSV");
	if (is_binary(file))
		return false;
	preview->delimiter = settings.delimiter;
	csv_reader_init(&preview->reader, &settings);
	*said = STR("out of memory");
	for (; file.len; file = str_skip(file, CSV_MAX_CHUNK))
		if (!csv_feed(&preview->reader, str_first(file, CSV_MAX_CHUNK)))
			return false;
	csv_finish(&preview->reader);
	return true;
}

static bool read_header(struct preview *preview, struct str *said)
{
	struct arena *arena = preview->arena;
	struct csv_row row;

	*said = STR("the file is empty");
	if (csv_next(&preview->reader, &row) != CSV_ROW)
		return false;
	*said = row.fault ? arena_printf(arena, "the header cannot be read: %s", row.fault) : STR("out of memory");
	struct str_list cells = { arena_array(arena, row.n, sizeof(struct str)), row.n };
	preview->samples = arena_array(arena, row.n, sizeof(*preview->samples));
	if (row.fault || !cells.items || !preview->samples)
		return false;
	for (size_t i = 0; i < row.n; i++) {
		cells.items[i] = arena_copy(arena, row.fields[i]);
		preview->samples[i] =
			(struct str_list){ arena_array(arena, PREVIEW_SAMPLES, sizeof(struct str)), 0 };
	}
	preview->known = import_columns_of(&preview->columns, cells, IMPORT_AUTO, arena, said) == 0;
	return !arena_exhausted(arena);
}

static struct str shortened(struct str text)
{
	struct str rest = text;
	uint32_t code_point;

	for (size_t n = 0; n < PREVIEW_SAMPLE_CHARS && utf8_next(&rest, &code_point); n++)
		continue;
	return str_span(text.at, rest.at);
}

static void take_samples(struct preview *preview, const struct csv_row *row)
{
	for (size_t i = 0; i < row->n && i < preview->columns.n; i++) {
		struct str cell = str_trim(row->fields[i]);
		struct str_list *samples = &preview->samples[i];
		if (!str_blank(cell) && samples->items && samples->n < PREVIEW_SAMPLES)
			samples->items[samples->n++] = arena_copy(preview->arena, shortened(cell));
	}
}

/* ── Telling ── */

static void put_column(struct json_out *out, const struct import_column *column, const struct str_list *samples)
{
	json_object(out);
	json_put_str(out, STR("name"), column->name);
	json_put_str(out, STR("field"), column->read && column->field ? column->field->name : STR_ABSENT);
	json_key(out, STR("samples"));
	json_array(out);
	for (size_t i = 0; i < samples->n; i++)
		json_str(out, samples->items[i]);
	json_array_end(out);
	json_object_end(out);
}

static void put_fields(struct json_out *out, struct str key, bool (*is_meant)(const struct record_field *))
{
	json_key(out, key);
	json_array(out);
	for (size_t i = 0; i < N_RECORD_FIELDS; i++)
		if (is_meant(&record_fields[i]))
			json_str(out, record_fields[i].name);
	json_array_end(out);
}

static void put_preview(const struct preview *preview, struct buf *to)
{
	struct json_out out = json_out_of(to);

	json_object(&out);
	json_put_str(&out, STR("format"),
		     preview->known ? import_format_text(preview->columns.format) : STR("unknown"));
	json_put_str(&out, STR("delimiter"), (struct str){ &preview->delimiter, 1 });
	json_key(&out, STR("columns"));
	json_array(&out);
	for (size_t i = 0; i < preview->columns.n; i++)
		put_column(&out, &preview->columns.items[i], &preview->samples[i]);
	json_array_end(&out);
	put_fields(&out, STR("fields"), import_mappable);
	put_fields(&out, STR("required"), import_must_map);
	json_object_end(&out);
}

static bool read_all(struct preview *preview, struct str file, struct str *said)
{
	struct csv_row row;

	if (!begin(preview, whole_characters(file), said) || !read_header(preview, said))
		return false;
	for (size_t n = 0; n < PREVIEW_ROWS && csv_next(&preview->reader, &row) == CSV_ROW; n++)
		if (!row.fault)
			take_samples(preview, &row);
	return true;
}

int import_preview(struct str file, struct arena *arena, struct buf *to, struct str *said)
{
	struct preview preview = { .arena = arena };
	bool read = read_all(&preview, file, said);

	if (read)
		put_preview(&preview, to);
	csv_reader_deinit(&preview.reader);
	if (read && (buf_failed(to) || arena_exhausted(arena))) {
		*said = STR("out of memory");
		read = false;
	}
	return read ? 0 : 1;
}
