/* SPDX-License-Identifier: MIT */
/* Comma-separated settings as lists. */
#include "cli/lists.h"

struct str_list list_of(struct str text, struct arena *arena)
{
	struct str_list list = { 0 };
	size_t commas = 0;

	for (size_t i = 0; i < text.len; i++)
		commas += text.at[i] == ',';
	list.items = arena_array(arena, commas + 1, sizeof(struct str));
	for (struct str rest = text; list.items && str_present(rest);) {
		struct str part = str_trim(str_cut(rest, ',', &rest));
		if (part.len)
			list.items[list.n++] = part;
	}
	return list;
}
