/* SPDX-License-Identifier: MIT */
/* An uploaded file into its place, off the loop. */
#ifndef APP_IMPORT_UPLOAD_H
#define APP_IMPORT_UPLOAD_H

#include "base/str.h"

struct import_upload {
	/* Asked; all texts NUL-terminated. */
	const char *source;  /* the request's spooled body, or NULL: there is none */
	struct str body;     /* the body, when it is in memory */
	struct str boundary; /* of a form; absent: the body is the file */
	const char *dir, *target;
	/* Answered. */
	int64_t bytes; /* of the file */
	enum { UPLOAD_STORED, UPLOAD_EMPTY, UPLOAD_NO_FILE, UPLOAD_NO_SPACE, UPLOAD_FAULT } outcome;
};

/* Blocking; for a worker (`arg` is the struct import_upload). */
void import_upload_store(void *arg);

#endif
