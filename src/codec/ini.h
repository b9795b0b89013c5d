/* SPDX-License-Identifier: MIT */
/*
 * Configuration text: [section] lines, `key = value` lines, whole-line comments beginning with # or ;.
 *
 * White space around keys and values is dropped; a value is everything after the first '=', '#' and ';' included
 * (passwords have them), of any length. There are no quotes, no escapes and no continuation lines.
 */
#ifndef CODEC_INI_H
#define CODEC_INI_H

#include "base/arena.h"

struct ini_row {
	unsigned line;	    /* from 1 */
	struct str section; /* "" before the first [section] */
	struct str key;
	struct str value; /* may be empty; never absent */
};

enum ini_outcome { INI_READ = 0, INI_BROKEN = 1 };

/*
 * Gives each row to `row`, its slices pointing into `text`. INI_READ; what `row` returned, if not 0, at once; or
 * INI_BROKEN with *said (in the arena) a sentence that begins with the line: "line 3: …".
 */
must_use int ini_read(struct str text, int (*row)(void *arg, const struct ini_row *row), void *arg, struct arena *arena,
		      struct str *said);

#endif
