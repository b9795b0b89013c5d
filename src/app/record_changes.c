/* SPDX-License-Identifier: MIT */
/* Changed records, gathered. */
#include "app/record_changes.h"

#include "app/record_row.h"
#include "base/clock.h"

static struct str_list *list_at(struct record_changes *changes, size_t i)
{
	struct str_list *const lists[] = { &changes->ids,   &changes->versions, &changes->docs,
					   &changes->terms, &changes->dup_keys, &changes->search_texts };
	return i < countof(lists) ? lists[i] : NULL;
}

bool record_changes_begin(struct record_changes *changes, size_t room, struct arena *arena)
{
	struct str_list *list;

	*changes = (struct record_changes){ .arena = arena, .room = room };
	for (size_t i = 0; (list = list_at(changes, i)); i++)
		if (!(list->items = arena_array(arena, room, sizeof(struct str))))
			return false;
	return true;
}

bool record_changes_add(struct record_changes *changes, struct record *record, int64_t stored_version)
{
	struct arena *arena = changes->arena;
	size_t n = changes->ids.n;
	char id[UUID_TEXT + 1];
	struct record_row row;
	struct str_list *list;

	check(n < changes->room);
	record_advance(record, clock_wall_ms());
	if (!record_row_of(record, arena, &row))
		return false;
	const struct str cells[] = { arena_copy(arena, uuid_format(&record->id, id)),
				     arena_printf(arena, "%lld", (long long)stored_version),
				     row.doc,
				     row.index.terms,
				     row.index.dup_key,
				     row.index.search_text };
	for (size_t i = 0; (list = list_at(changes, i)); i++)
		list->items[list->n++] = cells[i];
	changes->bytes += row.doc.len;
	return true;
}

void record_changes_take(struct record_changes *changes, struct db_params *params)
{
	struct str_list *list;

	for (size_t i = 0; (list = list_at(changes, i)); i++) {
		db_add_text_array(params, changes->arena, *list);
		list->n = 0;
	}
	changes->bytes = 0;
}
