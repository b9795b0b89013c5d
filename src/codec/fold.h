/* SPDX-License-Identifier: MIT */
/*
 * What makes two spellings the same for search, and what a record is found by.
 *
 * *Folding*: compatibility decomposition, accents and points dropped, case folded, letters that merely wear a stroke
 * or are tied together mapped to plain ones (ø ł đ ß æ œ þ …), what is invisible dropped, white space trimmed and
 * run together. Signs that are letters in their script (kana voicing, Indic vowels, Thai tones) stay.
 *
 * *Words*: runs of letters and digits of any script. An apostrophe inside a word vanishes (don't = dont), initials
 * with dots are one word (R.E.M. = rem). Scripts written without blanks (Han, kana) yield single characters
 * and pairs.
 *
 * *Terms* are what search/ indexes a record under: its words, some joined ones (AC/DC also as acdc, a catalogue number
 * as one), a field that is a single word as a phrase ("=metallica"), and how a name begins ("^kind of blue"). A term is
 * packed as `FFFWWW<term>`, three digits of field bits and three of weight; packed terms joined by line feeds are how
 * store/ keeps them. A query's words match as they are.
 */
#ifndef CODEC_FOLD_H
#define CODEC_FOLD_H

#include "base/arena.h"

enum {
	FOLD_MAX_WORD = 64,	   /* bytes; a longer word is cut at a character */
	FOLD_MAX_QUERY_WORDS = 8,  /* further words of a query are ignored */
	FOLD_MAX_FIELD_WORDS = 64, /* of one field */
	FOLD_MAX_NOTE_WORDS = 200, /* of the notes */
};

/* Where in a record a term stands. */
enum fold_field {
	FOLD_ARTIST = 1,
	FOLD_NAME = 2,
	FOLD_CATALOG = 4,
	FOLD_LABEL = 8,
	FOLD_OTHER = 16, /* label code, year, notes */
	FOLD_ALIAS = 32,
	FOLD_IN_FIELDS = 63,
	FOLD_VERBATIM = 64,	/* a number, a phrase or a beginning: looked up as it stands, never corrected */
	FOLD_CORRECTABLE = 128, /* four letters or more and nothing else: a misspelt query word may turn into it */
};

/* The folded text: the key under which spellings meet. Invalid UTF-8 gives the empty text. Absent only over budget. */
struct str fold_key(struct arena *arena, struct str text);

/* A query taken apart. */
struct fold_query {
	struct str key;	       /* fold_key of it */
	struct str_list words; /* in order, each once, at most FOLD_MAX_QUERY_WORDS */
	struct str phrase;     /* "=metallica", to match a whole field; absent unless it is of one word */
	struct str beginning;  /* "^kind of bl", to match the start of a field; absent without words */
};
/* False only over budget. */
must_use bool fold_query(struct arena *arena, struct str text, struct fold_query *out);

/* A record's searchable texts; absent where it has none. */
struct fold_record {
	struct str artist, name, catalog_number, label, label_code, notes;
	struct str barcode; /* digits */
	struct str format; /* tells duplicates apart; a search filters by it */
	struct str year;   /* digits */
};
/* What is stored of them for search. */
struct fold_index {
	struct str terms;	/* packed and joined, each term once; blank where there are none */
	struct str search_text; /* folded artist, name, catalogue number and label, a line each */
	struct str dup_key; /* the same for records that are likely the same: artist, name, catalogue number, format */
};
/* False only over budget. */
must_use bool fold_record(struct arena *arena, const struct fold_record *record, struct fold_index *out);

/* An alias: its folded text, and its terms as above. False only over budget. */
must_use bool fold_alias(struct arena *arena, struct str alias, struct str *folded, struct str *terms);

#endif
