/* SPDX-License-Identifier: MIT */
/* Serving of files that are part of the program. */
#ifndef HTTP_STATIC_H
#define HTTP_STATIC_H

#include "http/http.h"

/* One file, static and constant. */
struct asset {
	struct str path; /* "/index.html", "/assets/app-3f2a91c0.js" */
	struct str content_type;
	struct str etag;	 /* strong, with its quotes */
	struct str identity;	 /* the bytes */
	struct str gzip, brotli; /* the same encoded; empty when not worth it */
	bool immutable;		 /* its name changes with its content: kept for a year without asking */
};

struct asset_table {
	const struct asset *items; /* ascending by path */
	size_t n;
	const struct asset *index; /* for "/" and for the application's own paths; may be NULL */
};

/* NULL when there is none of that path. */
const struct asset *asset_find(const struct asset_table *table, struct str path);
/* Whether it may be a page of the application's own: its last segment is no file's name, having no dot. */
bool asset_path_is_page(struct str path);
/*
 * Answers a GET or HEAD from the table: the file of that path; the index for "/" and for a page of the
 * application's own; else 404. ETag, If-None-Match, a single Range, precompressed twins.
 */
must_use struct turn asset_reply(struct call *call, const struct asset_table *table);

#endif
