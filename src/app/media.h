/* SPDX-License-Identifier: MIT */
/*
 * What music is kept on: the kinds of media, and the words by which people name them ("LP", `7"`, "tape").
 */
#ifndef APP_MEDIA_H
#define APP_MEDIA_H

#include "base/str.h"

enum media_kind { MEDIA_VINYL, MEDIA_CD, MEDIA_CASSETTE, MEDIA_OTHER, N_MEDIA_KINDS };

/* What a description tells about one piece. */
struct media_hint {
	enum media_kind kind;
	int64_t size_inch; /* INT64_MIN: not said */
	int64_t speed_rpm; /* INT64_MIN: not said */
	struct str format; /* the record's format when its owner named none; absent: not said */
};

/* Reads a kind or a whole format description ("2xLP, Album", `Vinyl, 12", 45 RPM`). What says nothing is OTHER. */
struct media_hint media_hint_of(struct str text);
/* "VINYL" */
struct str media_kind_text(enum media_kind kind);

enum { SIDE_NAME_MAX = 2 };

/*
 * The letter(s) of a side: piece 1 has A and B, piece 2 has C and D, … piece 14 has AA and AB.
 * `piece` counts from 1 (up to 351), `side` from 0. NUL-terminated; returned as a slice of `to`.
 */
struct str media_side_name(int64_t piece, unsigned side, char to[SIDE_NAME_MAX + 1]);

#endif
