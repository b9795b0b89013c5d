/* SPDX-License-Identifier: MIT */
/*
 * Covers on the disk: a file each, named by its id, in 256 folders by the id's first two digits. All of it blocks, and
 * is for workers. A file is whole or not there; it never changes.
 */
#ifndef APP_COVER_FILES_H
#define APP_COVER_FILES_H

#include "app/record.h"

enum cover_outcome {
	COVER_OK = 0,
	COVER_NO_SPACE = 1,
	COVER_FAULT = 2, /* told to the log */
};

/* The file of the cover with that id (RECORD_COVER_ID digits). Absent over the arena's budget. */
struct str cover_path(struct str dir, struct str id, struct arena *arena);
/* Puts the bytes in place, if they are not there; enum cover_outcome. They are on the disk when it returns. */
must_use int cover_file_write(struct str dir, struct str id, struct str bytes);

enum { COVER_SWEEP = 4096 /* files looked at in one go */ };

/* Files that may have become useless, folder by folder. */
struct cover_sweep {
	struct str dir;
	unsigned folder; /* 0 to 256, the next to look at */
	char ids[COVER_SWEEP][RECORD_COVER_ID];
	size_t n;
};

/*
 * Goes on to the next folder that has files which were not touched for an hour, and takes down their ids: of more than
 * COVER_SWEEP some at random. n is 0 when there are no more folders. What an interrupted upload left goes at once.
 */
void cover_sweep_next(struct cover_sweep *sweep);
/* Removes the files of the n ids, if they were not touched meanwhile. How many that were. */
size_t cover_sweep_remove(const struct cover_sweep *sweep);

#endif
