/* SPDX-License-Identifier: MIT */
/*
 * A file of the disk as an answer: ETag, If-None-Match and a single Range, in pieces that a worker reads as the client
 * takes them. The file may be replaced or removed meanwhile; what was opened is sent.
 */
#ifndef HTTP_FILE_SEND_H
#define HTTP_FILE_SEND_H

#include "http/http.h"
#include "loop/work.h"

/* Lives in the call's arena, as do its texts. */
struct file_send {
	const char *path;
	struct work_class *workers;
	struct str etag; /* strong, with its quotes */
	struct str cache_control;
	/* The content type by the file's first bytes; absent: it is answered as if it were not there. */
	struct str (*type_of)(struct str beginning);
	struct step missing; /* goes on here when there is no such file; call->state is as it was */
};

/* Answers a GET or HEAD. */
must_use struct turn file_send(struct call *call, const struct file_send *file);

#endif
