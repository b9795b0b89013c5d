/* SPDX-License-Identifier: MIT */
/* An import from its first byte to its last row. */
#include "app/import_run.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/import_mapping.h"
#include "app/import_pipe.h"

enum { CHUNK = 256 * 1024, HEADER_BUDGET = 1 << 20 };

static const struct str duplicates_texts[] = {
	[IMPORT_SKIP] = STR("skip"),
	[IMPORT_MERGE] = STR("merge"),
	[IMPORT_ADD] = STR("add"),
};

bool import_duplicates_parse(struct str text, enum import_duplicates *out)
{
	for (size_t i = 0; i < countof(duplicates_texts); i++) {
		if (str_equal_nocase(duplicates_texts[i], text)) {
			*out = (enum import_duplicates)i;
			return true;
		}
	}
	return false;
}

struct str import_duplicates_text(enum import_duplicates duplicates)
{
	return duplicates_texts[duplicates];
}

void import_counts_put(const struct import_counts *counts, struct json_out *out)
{
#define COUNT(member, name) json_put_int(out, STR(name), counts->member);
	IMPORT_COUNTS(COUNT)
#undef COUNT
}

struct import_counts import_counts_of(const struct json *json)
{
	struct import_counts counts = { 0 };
#define COUNT(member, name) (void)!json_read_int(json_get(json, STR(name)), 0, INT64_MAX, &counts.member);
	IMPORT_COUNTS(COUNT)
#undef COUNT
	return counts;
}

/* ── The file ── */

struct run {
	const struct import_order *order;
	struct import_pipe pipe;
	struct csv_reader reader;
	struct import_columns columns;
	struct import_counts from; /* where it began */
	int64_t bytes_read;
	struct arena *arena; /* of the header */
	char *chunk;
	int file;
	struct str said;
};

static int refused(struct run *run, struct str said)
{
	run->said = said;
	return IMPORT_REFUSED;
}

static int unreadable(struct run *run)
{
	/* Where a server keeps uploads is not its clients' business. */
	if (run->order->job)
		return refused(run, STR("the uploaded file is not there any more"));
	return refused(run,
		       arena_printf(run->arena, "%.*s cannot be read: %s", STR_ARG(run->order->path), strerror(errno)));
}

/* Looks at the whole file once: its encoding cannot be told from its beginning. */
static int scan_encoding(struct run *run, enum text_encoding *encoding)
{
	struct encoding_scan scan = { 0 };
	ssize_t n;

	while ((n = read(run->file, run->chunk, CHUNK)) > 0)
		encoding_scan_add(&scan, (struct str){ run->chunk, (size_t)n });
	if (n < 0 || lseek(run->file, 0, SEEK_SET) < 0)
		return unreadable(run);
	*encoding = encoding_scan_result(&scan);
	return *encoding == TEXT_UTF16 ? refused(run, STR("the file is UTF-16; save it as CSV in UTF-8")) : IMPORT_DONE;
}

static int open_file(struct run *run)
{
	struct csv_settings settings = { 0 };
	struct stat file;
	ssize_t n;

	run->file = open(arena_copy(run->arena, run->order->path).at, O_RDONLY | O_CLOEXEC);
	if (run->file < 0 || fstat(run->file, &file))
		return unreadable(run);
	run->from.bytes_total = file.st_size;
	int outcome = scan_encoding(run, &settings.encoding);
	if (outcome)
		return outcome;
	if ((n = read(run->file, run->chunk, CHUNK)) < 0 || lseek(run->file, 0, SEEK_SET) < 0)
		return unreadable(run);
	settings.delimiter = csv_delimiter_of((struct str){ run->chunk, (size_t)n });
	csv_reader_init(&run->reader, &settings);
	return IMPORT_DONE;
}

/* CSV_ROW or CSV_END; anything else is an outcome's negative: the file cannot be read. */
static int next_row(struct run *run, struct csv_row *row)
{
	int got;
	while ((got = csv_next(&run->reader, row)) == CSV_MORE) {
		ssize_t n = read(run->file, run->chunk, CHUNK);
		if (n < 0 || (n > 0 && !csv_feed(&run->reader, (struct str){ run->chunk, (size_t)n })))
			return -unreadable(run);
		if (n == 0)
			csv_finish(&run->reader);
		run->bytes_read += n;
	}
	return got;
}

static int read_header(struct run *run)
{
	struct csv_row row;
	int got = next_row(run, &row);

	if (got < 0)
		return -got;
	if (got == CSV_END)
		return refused(run, STR("the file is empty"));
	if (row.fault)
		return refused(run, arena_printf(run->arena, "the header cannot be read: %s", row.fault));
	struct str_list cells = { arena_array(run->arena, row.n, sizeof(struct str)), row.n };
	for (size_t i = 0; cells.items && i < row.n; i++)
		cells.items[i] = arena_copy(run->arena, row.fields[i]);
	if (!cells.items)
		return IMPORT_REFUSED;
	const struct import_mapping *mapping = &run->order->mapping;
	int unfit = mapping->n ? import_mapping_columns(mapping, &run->columns, cells, run->arena, &run->said)
			       : import_columns_of(&run->columns, cells, run->order->format, run->arena, &run->said);
	return unfit ? IMPORT_REFUSED : IMPORT_DONE;
}

/* ── Batches ── */

/* Hands the batch over, with how far the file was read for it. */
static int write_batch(struct run *run, int (*hand_over)(struct import_pipe *, struct arena *, struct str *))
{
	import_pipe_batch(&run->pipe)->read.bytes_done = run->bytes_read;
	return hand_over(&run->pipe, run->arena, &run->said);
}

static int take_rows(struct run *run)
{
	struct csv_row row;
	int got, outcome;

	while ((got = next_row(run, &row)) == CSV_ROW) {
		if ((int64_t)row.number <= run->from.position)
			continue;
		import_batch_take(import_pipe_batch(&run->pipe), &run->columns, &row);
		if (import_batch_full(import_pipe_batch(&run->pipe)) && (outcome = write_batch(run, import_pipe_flush)))
			return outcome;
	}
	return got < 0 ? -got : write_batch(run, import_pipe_finish);
}

static int run_all(struct run *run)
{
	int outcome = open_file(run);

	if (!outcome)
		outcome = read_header(run);
	if (outcome)
		return outcome;
	if (import_pipe_open(&run->pipe, run->order, &run->from, "recordd import", run->arena, &run->said))
		return IMPORT_FAILED;
	return take_rows(run);
}

int import_run(const struct import_order *order, struct import_counts *counts, struct arena *arena, struct str *said)
{
	struct run run = { .order = order, .from = order->from, .file = -1, .said = STR("out of memory") };
	int outcome = IMPORT_REFUSED;

	run.pipe.writer.counts = order->from;
	run.arena = arena_new(HEADER_BUDGET);
	run.chunk = malloc(CHUNK);
	if (run.arena && run.chunk)
		outcome = run_all(&run);
	import_pipe_close(&run.pipe);
	*counts = run.pipe.writer.counts;
	*said = arena_copy(arena, run.said);
	csv_reader_deinit(&run.reader);
	if (run.file >= 0)
		close(run.file);
	free(run.chunk);
	arena_free(run.arena);
	return outcome;
}
