/* SPDX-License-Identifier: MIT */
/*
 * CSV (RFC 4180) as people's programs write it, and back.
 *
 * The reader is fed chunks and gives rows. It takes LF, CRLF and bare CR, a byte order mark, newlines in quotes. A
 * bad row is given with its fault and never stops those behind it: where a quote was left open, reading goes on
 * with the very next line.
 *
 *	for (;;) {
 *		int outcome = csv_next(&reader, &row);
 *		if (outcome == CSV_MORE)
 *			… csv_feed(&reader, chunk), or csv_finish(&reader) at the end of the file
 *		else if (outcome == CSV_END)
 *			break;
 *		else
 *			… row.fault, row.fields[0 … row.n - 1]
 *	}
 */
#ifndef CODEC_CSV_H
#define CODEC_CSV_H

#include "base/buf.h"
#include "codec/encoding.h"

enum { CSV_MAX_FIELDS = 256, CSV_MAX_CHUNK = 1 << 20 };

struct csv_settings {
	enum text_encoding encoding; /* TEXT_LATIN1 is turned into UTF-8 */
	char delimiter;		     /* 0: a comma */
	size_t max_row;		     /* bytes of a row in UTF-8, quotes and all; 0: 1 MiB */
	size_t max_field;	     /* 0: as the row */
};

struct csv_row {
	uint64_t number; /* from 1; the header is a row, an empty line is none */
	uint64_t line;	 /* it begins on, from 1 */
	size_t n;
	const struct str *fields; /* UTF-8, valid until the next csv_next or csv_feed; with a fault, as far as they make sense */
	const char *fault;	  /* NULL, or a lower-case phrase for the user */
};

struct csv_reader {
	struct csv_settings settings;
	struct buf pending; /* from the start of a row */
	size_t at;	    /* what of it has been read */
	uint64_t number, line;
	bool finished, skipping, begun;
	struct str fields[CSV_MAX_FIELDS];
};

enum csv_outcome { CSV_ROW = 0, CSV_MORE = 1, CSV_END = 2 };

void csv_reader_init(struct csv_reader *reader, const struct csv_settings *settings);
void csv_reader_deinit(struct csv_reader *reader);
/* Copies a chunk of at most CSV_MAX_CHUNK bytes; only after CSV_MORE, or first. False without memory. */
must_use bool csv_feed(struct csv_reader *reader, struct str chunk);
/* There is no more. */
void csv_finish(struct csv_reader *reader);
/* CSV_ROW, CSV_MORE (feed or finish), CSV_END. */
must_use int csv_next(struct csv_reader *reader, struct csv_row *row);

/* What divides the cells of a file that begins so: spreadsheets of half the world write ';', others tabs. */
char csv_delimiter_of(struct str beginning);

/*
 * The writer: cells with commas between, rows ending with CRLF. A cell that a spreadsheet would run as a formula
 * (= + - @, tab or CR in front) gets a leading apostrophe; csv_unguard takes it off again, exactly.
 */
struct csv_out {
	struct buf *to;
	bool comma;
};

static inline struct csv_out csv_out_of(struct buf *to) { return (struct csv_out){ .to = to }; }
/* Anybody's text; absent is the empty cell. */
void csv_cell(struct csv_out *out, struct str text);
/* Our own number, date or id: never guarded. */
void csv_cell_plain(struct csv_out *out, struct str text);
void csv_row_end(struct csv_out *out);

/* The text behind a cell that csv_cell wrote; any other cell as it is. */
struct str csv_unguard(struct str cell);

#endif
