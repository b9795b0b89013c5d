/* SPDX-License-Identifier: MIT */
/* What a file that is about to be imported looks like, told from its beginning. Pure: bytes in, JSON out. */
#ifndef APP_IMPORT_PREVIEW_H
#define APP_IMPORT_PREVIEW_H

#include "app/import_rows.h"

enum { PREVIEW_ROWS = 50, PREVIEW_SAMPLES = 3, PREVIEW_SAMPLE_CHARS = 100 };

/*
 * Appends {"format","delimiter","columns":[{"name","field","samples"}],"fields","required"}. `file` may be cut anywhere.
 * 0, or 1 with *said: why it cannot be a CSV file. Scratch goes into the arena.
 */
must_use int import_preview(struct str file, struct arena *arena, struct buf *to, struct str *said);

#endif
