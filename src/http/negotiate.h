/* SPDX-License-Identifier: MIT */
/* What a client accepts and already has: content codings and entity tags. */
#ifndef HTTP_NEGOTIATE_H
#define HTTP_NEGOTIATE_H

#include "cache/cache.h"

enum { CODING_MIN_LENGTH = 512 };

/* "zstd", "br", "gzip"; absent for identity. */
struct str coding_name(enum cache_coding coding);
/* Whether bytes of that type shrink: text, JSON, JavaScript, XML, SVG. */
bool coding_fits(struct str content_type);
/*
 * The best coding an Accept-Encoding value allows (absent: identity), by its q-values, on a tie zstd before br before
 * gzip; identity when the type does not shrink or it is not worth it.
 */
enum cache_coding coding_choose(struct str accept_encoding, struct str content_type, size_t len);
/* The same among those set in `offered` (a bit per coding), for what is encoded beforehand. */
enum cache_coding coding_choose_of(struct str accept_encoding, unsigned offered);
/* The encoded bytes; NULL when they would be no smaller, or without memory. */
struct blob *coding_encode(enum cache_coding coding, struct str body);

/* Whether an If-None-Match (or If-Match) value lists the tag: weak comparison; "*" lists all. Absent lists nothing. */
bool etag_listed(struct str list, struct str etag);

#endif
