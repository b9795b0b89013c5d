/* SPDX-License-Identifier: MIT */
/* The CSV reader and writer. */
#include "codec/csv.h"

#include "codec/utf8.h"

enum { DEFAULT_MAX_ROW = 1 << 20, LATIN1_GROWTH = 3 };

static const char open_quote[] = "a quoted field is not closed";
static const char after_quote[] = "there is text behind a closing quote";
static const char long_row[] = "the row is too long";
static const char long_field[] = "a field is too long";
static const char many_fields[] = "there are too many fields";
static const char bad_text[] = "the text is not valid UTF-8";
static const char nul_byte[] = "there is a NUL byte in it";

void csv_reader_init(struct csv_reader *reader, const struct csv_settings *settings)
{
	*reader = (struct csv_reader){ .settings = *settings };
	if (!reader->settings.delimiter)
		reader->settings.delimiter = ',';
	if (!reader->settings.max_row)
		reader->settings.max_row = DEFAULT_MAX_ROW;
	if (!reader->settings.max_field)
		reader->settings.max_field = reader->settings.max_row;
	/* What csv_next leaves is a row that still fits, and perhaps the CR behind it. */
	reader->pending = buf_of(reader->settings.max_row + 1 + LATIN1_GROWTH * CSV_MAX_CHUNK);
}

void csv_reader_deinit(struct csv_reader *reader)
{
	buf_free(&reader->pending);
}

bool csv_feed(struct csv_reader *reader, struct str chunk)
{
	check(chunk.len <= CSV_MAX_CHUNK && !reader->finished);
	buf_consume(&reader->pending, reader->at);
	reader->at = 0;
	if (reader->settings.encoding == TEXT_LATIN1)
		utf8_from_latin1(&reader->pending, chunk);
	else
		buf_add(&reader->pending, chunk);
	return !buf_failed(&reader->pending);
}

void csv_finish(struct csv_reader *reader)
{
	reader->finished = true;
}

static bool is_newline(char c)
{
	return c == '\n' || c == '\r';
}

/* How a row lies in the text. */
struct extent {
	size_t len;	   /* without its newline */
	size_t newline;	   /* 0 at the end of the file, 1, or 2 for CRLF */
	const char *fault; /* of its quotes */
	bool whole;	   /* the end was seen */
};

static struct extent ends_at(struct str text, size_t at, bool finished)
{
	struct extent extent = { .len = at };

	if (at == text.len) {
		extent.whole = finished;
	} else if (text.at[at] == '\n') {
		extent.newline = 1;
		extent.whole = true;
	} else {
		bool next_known = at + 1 < text.len;
		extent.newline = next_known && text.at[at + 1] == '\n' ? 2 : 1;
		extent.whole = next_known || finished;
	}
	return extent;
}

static struct extent line_extent(struct str text, bool finished)
{
	size_t at = 0;
	while (at < text.len && !is_newline(text.at[at]))
		at++;
	return ends_at(text, at, finished);
}

/* Index behind the closing quote of a field that opens at text.at[at]; text.len + 1 when there is none. */
static size_t skip_quoted(struct str text, size_t at)
{
	for (at++; at < text.len; at++) {
		if (text.at[at] != '"')
			continue;
		if (at + 1 < text.len && text.at[at + 1] == '"')
			at++;
		else
			return at + 1;
	}
	return text.len + 1;
}

/* Stops at the first fault, and so looks no further than it must in a file made to be read slowly. */
static struct extent row_extent(struct str text, char delimiter, bool finished)
{
	size_t at = 0;

	for (size_t n_fields = 1;; n_fields++) {
		if (n_fields > CSV_MAX_FIELDS)
			return (struct extent){ .len = at, .fault = many_fields, .whole = true };
		if (at < text.len && text.at[at] == '"') {
			at = skip_quoted(text, at);
			if (at > text.len)
				return (struct extent){ .len = text.len, .fault = open_quote, .whole = finished };
			if (at == text.len && !finished)
				return (struct extent){ .len = at }; /* the next byte may be the second of two quotes */
			if (at < text.len && text.at[at] != delimiter && !is_newline(text.at[at]))
				return (struct extent){ .len = at, .fault = after_quote, .whole = true };
		}
		while (at < text.len && text.at[at] != delimiter && !is_newline(text.at[at]))
			at++;
		if (at == text.len || is_newline(text.at[at]))
			break;
		at++;
	}
	return ends_at(text, at, finished);
}

/* Takes the quotes off in place: what is written never overtakes what is read. Returns where the field ended. */
static char *split_quoted(char *at, const char *end, struct str *field)
{
	char *to = ++at, *start = to;

	while (at < end && (*at != '"' || (at + 1 < end && at[1] == '"'))) {
		at += *at == '"';
		*to++ = *at++;
	}
	*field = str_span(start, to);
	return at < end ? at + 1 : at;
}

static char *split_field(char *at, const char *end, char delimiter, struct str *field)
{
	char *start = at;
	bool quoted = at < end && *at == '"';

	if (quoted)
		at = split_quoted(at, end, field);
	while (at < end && *at != delimiter)
		at++;
	if (!quoted)
		*field = str_span(start, at);
	return at;
}

static const char *field_fault(struct str field, size_t max_field)
{
	if (field.len > max_field)
		return long_field;
	if (!utf8_valid(field))
		return bad_text;
	return str_find_char(field, 0) < field.len ? nul_byte : NULL;
}

static void split_row(struct csv_reader *reader, char *at, size_t len, struct csv_row *row)
{
	const char *end = at + len;

	row->n = 0;
	row->fields = reader->fields;
	for (;; at++) {
		if (row->n == CSV_MAX_FIELDS)
			return; /* a fault already */
		struct str *field = &reader->fields[row->n++];
		at = split_field(at, end, reader->settings.delimiter, field);
		if (!row->fault)
			row->fault = field_fault(*field, reader->settings.max_field);
		if (at == end)
			return;
	}
}

static uint64_t count_lines(struct str text)
{
	uint64_t n = 0;
	for (size_t i = 0; i < text.len; i++)
		n += text.at[i] == '\n' || (text.at[i] == '\r' && (i + 1 == text.len || text.at[i + 1] != '\n'));
	return n;
}

static struct str unread(const struct csv_reader *reader)
{
	return str_skip(buf_str(&reader->pending), reader->at);
}

static void advance(struct csv_reader *reader, struct extent extent)
{
	reader->line += count_lines(str_first(unread(reader), extent.len + extent.newline));
	reader->at += extent.len + extent.newline;
}

/* The rest of a line that was too long to be held. False when more is to come. */
static bool skip_line(struct csv_reader *reader)
{
	struct extent extent = line_extent(unread(reader), reader->finished);

	if (!extent.whole) {
		reader->at += extent.len; /* up to the CR that may have its LF yet to come */
		return false;
	}
	advance(reader, extent);
	reader->skipping = false;
	return true;
}

/* What cannot be a row as a whole is given up as far as its first line. */
static struct extent give_up(struct csv_reader *reader, const char *fault)
{
	struct extent line = line_extent(unread(reader), reader->finished);

	line.fault = fault;
	if (!line.whole) {
		reader->skipping = true;
		line.newline = 0;
		line.whole = true;
	}
	return line;
}

static const struct str mark = STR("\xef\xbb\xbf"); /* byte order mark */

static bool skip_mark(struct csv_reader *reader)
{
	struct str text = unread(reader);

	if (text.len < mark.len && !reader->finished && str_starts(mark, text))
		return false;
	reader->at += str_starts(text, mark) ? mark.len : 0;
	reader->begun = true;
	return true;
}

/*
 * The next row's extent; not whole when more is needed. Only as much is looked at as a row with its newline may have,
 * so that the outcome does not depend on how much there happens to be.
 */
static struct extent find_row(struct csv_reader *reader)
{
	size_t max_row = reader->settings.max_row;
	struct str text = str_first(unread(reader), max_row + 2);
	bool finished = reader->finished && text.len == unread(reader).len;
	struct extent extent = row_extent(text, reader->settings.delimiter, finished);

	if (!extent.whole && text.len < max_row + 2)
		return extent;
	if (!extent.whole || extent.fault || extent.len > max_row)
		return give_up(reader, extent.fault ? extent.fault : long_row);
	return extent;
}

int csv_next(struct csv_reader *reader, struct csv_row *row)
{
	if (!reader->begun && !skip_mark(reader))
		return CSV_MORE;
	if (reader->skipping && !skip_line(reader))
		return CSV_MORE;
	for (;;) {
		if (unread(reader).len == 0)
			return reader->finished ? CSV_END : CSV_MORE;
		struct extent extent = find_row(reader);
		if (!extent.whole)
			return CSV_MORE;
		char *start = reader->pending.at + reader->at;
		*row = (struct csv_row){ .line = reader->line + 1, .fault = extent.fault };
		advance(reader, extent);
		if (extent.len == 0)
			continue;
		row->number = ++reader->number;
		split_row(reader, start, extent.len, row);
		return CSV_ROW;
	}
}

char csv_delimiter_of(struct str text)
{
	static const char candidates[] = { ',', ';', '\t' };
	size_t counts[countof(candidates)] = { 0 }, best = 0;
	bool quoted = false;

	for (size_t i = 0; i < text.len && (quoted || (text.at[i] != '\n' && text.at[i] != '\r')); i++) {
		quoted ^= text.at[i] == '"';
		for (size_t c = 0; c < countof(candidates); c++)
			counts[c] += !quoted && text.at[i] == candidates[c];
	}
	for (size_t c = 1; c < countof(candidates); c++)
		best = counts[c] > counts[best] ? c : best;
	return candidates[best];
}

/* ── Writing ── */

/* Apostrophes and then what a spreadsheet would run: the shape that guarding adds to, and unguarding takes from. */
static bool looks_like_formula(struct str text)
{
	static const struct str starts = STR("=+-@\t\r");

	while (str_starts(text, STR("'")))
		text = str_skip(text, 1);
	return text.len && str_find_char(starts, text.at[0]) < starts.len;
}

struct str csv_unguard(struct str cell)
{
	return cell.len && cell.at[0] == '\'' && looks_like_formula(cell) ? str_skip(cell, 1) : cell;
}

static bool needs_quotes(struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.at[i] == '"' || text.at[i] == ',' || is_newline(text.at[i]))
			return true;
	if (str_starts(text, mark))
		return true; /* else a first cell would lose it when read */
	return text.len && (char_is_space(text.at[0]) || char_is_space(text.at[text.len - 1]));
}

static void begin_cell(struct csv_out *out)
{
	if (out->comma)
		buf_add_char(out->to, ',');
	out->comma = true;
}

void csv_cell_plain(struct csv_out *out, struct str text)
{
	begin_cell(out);
	buf_add(out->to, text);
}

void csv_cell(struct csv_out *out, struct str text)
{
	bool quotes = needs_quotes(text);

	begin_cell(out);
	if (quotes)
		buf_add_char(out->to, '"');
	if (looks_like_formula(text))
		buf_add_char(out->to, '\'');
	while (text.len) {
		size_t quote = str_find_char(text, '"');
		buf_add(out->to, str_first(text, quote));
		if (quote < text.len)
			buf_add(out->to, STR("\"\""));
		text = str_skip(text, quote + 1);
	}
	if (quotes)
		buf_add_char(out->to, '"');
}

void csv_row_end(struct csv_out *out)
{
	buf_add(out->to, STR("\r\n"));
	out->comma = false;
}
