/* SPDX-License-Identifier: MIT */
/* A single byte range (RFC 9110 §14). */
#ifndef HTTP_RANGE_H
#define HTTP_RANGE_H

#include "base/str.h"

enum range_outcome {
	RANGE_OK = 0,
	RANGE_IGNORED = 1,	 /* absent, malformed, another unit, or several: the whole is sent */
	RANGE_UNSATISFIABLE = 2, /* 416 */
};

/* The bytes [*first, *first + *len) of `size` that a Range value asks for. */
must_use int range_parse(struct str value, size_t size, size_t *first, size_t *len);

#endif
