/* SPDX-License-Identifier: MIT */
/*
 * Configuration text: [section] lines, `key = value` lines, whole-line comments beginning with # or ;.
 *
 * White space around keys and values is dropped; a value is everything after the first '=', '#' and ';' included
 * (passwords have them), of any length. There are no quotes, no escapes and no continuation lines.
 */
#ifndef CODEC_INI_H
#define CODEC_INI_H

#include "base/str.h"

struct ini_row {
	unsigned line;	    /* from 1 */
	struct str section; /* "" before the first [section]; absent below one that is broken */
	struct str key;
	struct str value;  /* may be empty */
	const char *fault; /* why the line is none, a clause; key and value are absent then. NULL: it is one */
};

/* Gives each row to `row`, and each line that is broken, its slices pointing into `text`. */
void ini_read(struct str text, void (*row)(void *arg, const struct ini_row *row), void *arg);

#endif
