/* SPDX-License-Identifier: MIT */
/* Changes, one after another in one growing piece of memory. */
#include "search/changes.h"

#include <stdlib.h>

/* Offsets of a segment's texts are 32 bits wide. */
#define TEXT_MAX ((size_t)UINT32_MAX)

struct search_changes *search_changes_new(void)
{
	struct search_changes *changes = calloc(1, sizeof(*changes));

	if (changes)
		changes->text = buf_of(TEXT_MAX);
	return changes;
}

void search_changes_free(struct search_changes *changes)
{
	if (!changes)
		return;
	buf_free(&changes->text);
	free(changes->items);
	free(changes);
}

static struct search_change *add(struct search_changes *changes, int32_t rid)
{
	if (changes->n == changes->room) {
		size_t room = changes->room ? 2 * changes->room : 64;
		struct search_change *items = reallocarray(changes->items, room, sizeof(*items));
		if (!items)
			return NULL;
		changes->items = items;
		changes->room = room;
	}
	struct search_change *change = &changes->items[changes->n];
	*change = (struct search_change){ .rid = rid, .order = (uint32_t)changes->n, .text = changes->text.len };
	changes->n++;
	return change;
}

bool search_changes_put(struct search_changes *changes, int32_t rid, struct str terms, struct str further)
{
	struct search_change *change = add(changes, rid);

	if (!change)
		return false;
	buf_add(&changes->text, terms);
	if (str_present(further))
		buf_add(&changes->text, further);
	change->terms_len = terms.len;
	change->further_len = further.len;
	return !buf_failed(&changes->text);
}

bool search_changes_drop(struct search_changes *changes, int32_t rid)
{
	struct search_change *change = add(changes, rid);

	if (change)
		change->gone = true;
	return change != NULL;
}

size_t search_changes_n(const struct search_changes *changes)
{
	return changes->n;
}

size_t search_changes_bytes(const struct search_changes *changes)
{
	return sizeof(*changes) + changes->text.room + changes->room * sizeof(*changes->items);
}
