/* SPDX-License-Identifier: MIT */
/* A set of hashes with places: open addressing, at most two thirds full. */
#include "app/import_seen.h"

#include <string.h>

enum { FIRST_ROOM = 1024 };

void import_seen_free(struct import_seen *seen)
{
	free(seen->slots);
	*seen = (struct import_seen){ 0 };
}

void import_seen_clear(struct import_seen *seen)
{
	if (seen->slots)
		memset(seen->slots, 0, seen->room * sizeof(*seen->slots));
	seen->n = 0;
}

void import_seen_age(struct import_seen *seen)
{
	for (size_t i = 0; i < seen->room; i++)
		seen->slots[i].place = IMPORT_SEEN_BEFORE;
}

/* 0 marks a free slot. */
static uint64_t usable(uint64_t hash)
{
	return hash ? hash : 1;
}

/* Where the hash is, or would be put; there is a free slot. */
static struct import_sighting *slot_of(const struct import_seen *seen, uint64_t hash)
{
	size_t at = hash & (seen->room - 1);
	while (seen->slots[at].hash && seen->slots[at].hash != hash)
		at = (at + 1) & (seen->room - 1);
	return &seen->slots[at];
}

int32_t import_seen_find(const struct import_seen *seen, uint64_t hash)
{
	if (!seen->room)
		return IMPORT_UNSEEN;
	const struct import_sighting *slot = slot_of(seen, usable(hash));
	return slot->hash ? slot->place : IMPORT_UNSEEN;
}

static bool grow(struct import_seen *seen)
{
	struct import_seen larger = { .room = seen->room ? seen->room * 2 : FIRST_ROOM, .n = seen->n };

	larger.slots = calloc(larger.room, sizeof(*larger.slots));
	if (!larger.slots)
		return false;
	for (size_t i = 0; i < seen->room; i++)
		if (seen->slots[i].hash)
			*slot_of(&larger, seen->slots[i].hash) = seen->slots[i];
	free(seen->slots);
	*seen = larger;
	return true;
}

bool import_seen_add(struct import_seen *seen, uint64_t hash, int32_t place)
{
	if ((seen->n + 1) * 3 > seen->room * 2 && !grow(seen))
		return false;
	struct import_sighting *slot = slot_of(seen, usable(hash));
	if (!slot->hash) {
		*slot = (struct import_sighting){ usable(hash), place };
		seen->n++;
	}
	return true;
}
