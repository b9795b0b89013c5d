/* SPDX-License-Identifier: MIT */
/* Header tables and the lists inside header values. */
#include "http/header.h"

#include <string.h>

enum { FIRST_ROOM = 16 };

bool headers_reserve(struct http_headers *headers, struct arena *arena, size_t n)
{
	if (n <= headers->room)
		return true;
	struct http_header *items = arena_array(arena, n, sizeof(*items));
	if (!items)
		return false;
	if (headers->n)
		memcpy(items, headers->items, headers->n * sizeof(*items));
	headers->items = items;
	headers->room = n;
	return true;
}

bool headers_add(struct http_headers *headers, struct arena *arena, struct str name, struct str value)
{
	size_t room = headers->room ? headers->room * 2 : FIRST_ROOM;
	if (headers->n == headers->room && !headers_reserve(headers, arena, room))
		return false;
	headers->items[headers->n++] = (struct http_header){ name, value };
	return true;
}

struct str headers_find(const struct http_headers *headers, struct str name)
{
	for (size_t i = 0; i < headers->n; i++)
		if (str_equal(headers->items[i].name, name))
			return headers->items[i].value;
	return STR_ABSENT;
}

bool header_list_next(struct str *rest, struct str *element)
{
	while (str_present(*rest)) {
		*element = str_trim(str_cut(*rest, ',', rest));
		if (element->len)
			return true;
	}
	return false;
}
