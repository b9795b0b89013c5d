/* SPDX-License-Identifier: MIT */
/*
 * The record: one release as its owner keeps it, with the rules that hold for it wherever it comes from (JSON, CSV,
 * gRPC). Its fields are the rows of record.def; reading, checking, showing and exporting go through that table.
 *
 * Texts and lists are borrowed from what the record was read from, or from the arena it was read with.
 */
#ifndef APP_RECORD_H
#define APP_RECORD_H

#include <stddef.h>

#include "app/grade.h"
#include "app/media.h"
#include "base/problem.h"
#include "base/uuid.h"
#include "codec/barcode.h"
#include "codec/json.h"
#include "codec/json_out.h"

/* A number, day or time that nobody said. */
#define RECORD_UNSAID INT64_MIN

enum {
	RECORD_YEAR_MIN = 1857, /* the phonautograph; nothing recorded is older */
	RECORD_YEAR_MAX = 2100,
	RECORD_MAX_SIDES = 16, /* of one piece */
	RECORD_PIECE_NOTES = 2000,
	RECORD_EXTRA_KEY = 64,
	RECORD_EXTRA_VALUE = 2000,
	RECORD_DOC_MAX = 1 << 20, /* bytes of a rendered record */
	RECORD_COVER_ID = 32, /* hexadecimal digits behind RECORD_COVERS */
};

/* What the address of a cover begins with; migrations/0008_covers_shares.sql looks for it in documents. */
#define RECORD_COVERS "/covers/"

struct media_side {
	struct str name;  /* "A" */
	enum grade grade; /* GRADE_NONE: not graded */
};

struct media_piece {
	struct uuid id; /* nil until the record is settled */
	int64_t index;	/* 1… */
	enum media_kind kind;
	int64_t size_inch, speed_rpm; /* RECORD_UNSAID */
	enum grade disc_grade;
	struct media_side *sides;
	size_t n_sides;
	struct str notes;
};

struct media_pieces {
	struct media_piece *items;
	size_t n;
};

/* Columns of a file that are none of ours, kept as they came. */
struct record_extra {
	struct record_pair {
		struct str key, value;
	} * items;
	size_t n;
};

/* The C type of each field type. DATE is days and TIME milliseconds since 1970, MONEY is hundredths. */
#define RECORD_C_ID struct uuid
#define RECORD_C_TEXT struct str
#define RECORD_C_INT int64_t
#define RECORD_C_YEAR int64_t
#define RECORD_C_DATE int64_t
#define RECORD_C_TIME int64_t
#define RECORD_C_MONEY int64_t
#define RECORD_C_GRADE enum grade
#define RECORD_C_FLAG bool
#define RECORD_C_PIECES struct media_pieces
#define RECORD_C_EXTRA struct record_extra

struct record {
#define FIELD(member, type, name, max, flags) RECORD_C_##type member;
#include "app/record.def"
#undef FIELD
};

enum field_type {
	FIELD_ID,
	FIELD_TEXT,
	FIELD_INT,
	FIELD_YEAR,
	FIELD_DATE,
	FIELD_TIME,
	FIELD_MONEY,
	FIELD_GRADE,
	FIELD_FLAG,
	FIELD_PIECES,
	FIELD_EXTRA,
};

enum field_flag {
	FIELD_REQUIRED = 1,  /* never null, never blank */
	FIELD_READ_ONLY = 2, /* ours to set */
	FIELD_LINES = 4,     /* may hold line breaks and tabs */
	FIELD_COVER = 8,     /* the address of a cover that the owner uploaded; means nothing in a file */
	FIELD_BARCODE = 128, /* digits, of which the last may have to be right */
	/* What others see of a shared record: */
	FIELD_PRIVATE = 16, /* never */
	FIELD_PRICE = 32,   /* with its prices */
	FIELD_NOTE = 64,    /* with its notes */
};

struct record_field {
	struct str name;
	enum field_type type;
	unsigned flags;
	int64_t max;
	size_t offset; /* in struct record */
};

enum record_field_at {
#define FIELD(member, type, name, max, flags) RECORD_##member,
#include "app/record.def"
#undef FIELD
	N_RECORD_FIELDS
};

extern const struct record_field record_fields[N_RECORD_FIELDS];

/* NULL when there is none of that name. */
const struct record_field *record_field_named(struct str name);
static inline void *record_at(struct record *record, const struct record_field *field)
{
	return (char *)record + field->offset;
}
static inline const void *record_at_const(const struct record *record, const struct record_field *field)
{
	return (const char *)record + field->offset;
}

/* What is wrong with an input, field by field. Zero-initialise all but the arena. */
struct record_check {
	struct arena *arena;
	struct field_error *first, *last;
	size_t n;
};

enum { RECORD_MAX_ERRORS = 50 }; /* more are counted, not kept */

/* Notes that `field` (copied) is wrong. `message` must outlive the check's arena: a literal, or in it. */
void record_wrong(struct record_check *check, struct str field, struct str message);
/* NULL when nothing was wrong, else the 422 naming each field. */
const struct problem *record_problem(const struct record_check *check);

/* A record with nothing in it: texts absent, numbers unsaid. */
struct record record_blank(void);

/*
 * Takes the fields that `body` gives over into the record, which is blank or as it is stored; null clears. A field
 * that is unknown, of the wrong shape, or read-only and different from the record's is noted in the check.
 * Then record_settle.
 */
void record_change(struct record *record, const struct json *body, struct record_check *check);

/* Takes one field from text, as CSV has it; blank text clears. For any type but PIECES and EXTRA. */
void record_set_text(struct record *record, const struct record_field *field, struct str text,
		     struct record_check *check);
/* Replaces the pieces by those of a JSON array from elsewhere: ids are given anew. */
void record_set_pieces(struct record *record, const struct json *pieces, struct record_check *check);
/* Adds extra columns: those of a JSON object, or one from text. A blank one is left out. */
void record_add_extras(struct record *record, const struct json *extra, struct record_check *check);
void record_add_extra(struct record *record, struct str key, struct str value, struct record_check *check);

/*
 * Makes the record whole: pieces in order, each with an id, sides lettered through, the format that pieces hint at,
 * the grade derived from pieces unless the owner gave one; and notes required fields that are missing.
 */
void record_settle(struct record *record, struct record_check *check);

/*
 * Fills what is empty in the record from another that is the same release; what is there stays, and so do yes and no.
 * Texts are borrowed from `from`. Returns whether anything changed; then record_settle.
 */
bool record_fill(struct record *record, const struct record *from, struct arena *arena);

/* Reads what record_render wrote. False when it is not that. */
must_use bool record_of_doc(struct record *record, struct str doc, struct arena *arena);
/* Appends the record as compact JSON. */
void record_render(const struct record *record, struct buf *to);
/*
 * Appends an object of those fields that a client can set and that are not the same in `now`, as they were: set again,
 * they undo the change. A derived grade is null there, to be derived again, and so are, in `was` too, the ids of pieces
 * that are gone. Whether anything changed.
 */
bool record_render_former(struct record *was, const struct record *now, struct buf *to);
/* The same for others to see: without FIELD_PRIVATE, and of FIELD_PRICE and FIELD_NOTE those in `shown`; notes are those of pieces, too. */
void record_render_shared(const struct record *record, unsigned shown, struct buf *to);
/* Appends the sides of a piece as an object; mediaPieces, or extra, alone. */
void media_render_sides(const struct media_piece *piece, struct json_out *out);
void record_render_pieces(const struct record *record, struct json_out *out);
void record_render_extra(const struct record *record, struct json_out *out);

#endif
