/* SPDX-License-Identifier: MIT */
/* A table of header fields, in the order they came or will go. */
#ifndef HTTP_HEADER_H
#define HTTP_HEADER_H

#include "base/arena.h"

struct http_header {
	struct str name; /* lower case */
	struct str value;
};

struct http_headers {
	struct http_header *items;
	size_t n, room;
};

/* Makes room for n rows. False when the arena refuses. */
must_use bool headers_reserve(struct http_headers *headers, struct arena *arena, size_t n);
/* Appends; the slices must live as long as the table. False when the arena refuses. */
must_use bool headers_add(struct http_headers *headers, struct arena *arena, struct str name, struct str value);
/* The first value of that name, or absent. */
struct str headers_find(const struct http_headers *headers, struct str lower_case_name);

/*
 * Walking a comma-separated list value: takes the next element off *rest, trimmed; false at the end. Empty
 * elements are skipped, as RFC 9110 asks. Quoted strings are not expected in the lists we read.
 */
must_use bool header_list_next(struct str *rest, struct str *element);
#endif
