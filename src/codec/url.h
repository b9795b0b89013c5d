/* SPDX-License-Identifier: MIT */
/* Percent-encoding, paths and queries (RFC 3986; '+' is a blank in queries, as forms have it). */
#ifndef CODEC_URL_H
#define CODEC_URL_H

#include "base/arena.h"
#include "base/buf.h"

/* Each yields 0, or a positive outcome that a request should get a 400 for; -ENOMEM when the arena refuses. */
enum url_outcome {
	URL_OK = 0,
	URL_MALFORMED = 1, /* a broken %-escape, a NUL, or what decodes to no UTF-8 */
	URL_END = 2,	   /* url_param_next: no more parameters */
};

/* Decodes one component. A text that needs no decoding is returned as the same slice. */
must_use int url_decode(struct arena *arena, struct str text, struct str *out);
/* A whole path: decoded first, then dot segments resolved (never above the root), so that "%2e%2e" is one too. Must begin with '/'. */
must_use int url_path(struct arena *arena, struct str path, struct str *out);

/*
 * Takes the next parameter off *query (raw, without '?'; absent is none), both parts decoded; "a" alone has an empty
 * value, "&&" nothing between. A bound on their number is the caller's.
 */
must_use int url_param_next(struct arena *arena, struct str *query, struct str *name, struct str *value);

/* Appends with all but the unreserved characters (letters, digits, "-._~") as %XX. */
void url_encode(struct buf *to, struct str text);

#endif
