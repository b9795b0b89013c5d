/* SPDX-License-Identifier: MIT */
/* The set of revoked ids: open addressing, at most half full; expired entries go when it is made anew. */
#include "auth/revoked.h"

#include "base/hash.h"

enum { SMALLEST_ROOM = 64 };

struct entry {
	struct uuid id;
	int64_t until_s; /* 0: an empty place */
};

struct auth_revoked {
	struct entry *entries;
	size_t room; /* a power of two */
	size_t n, max;
	int64_t all_until_s; /* every token issued up to then is refused; -1: none */
};

struct auth_revoked *auth_revoked_new(size_t max_entries)
{
	struct auth_revoked *revoked = calloc(1, sizeof(*revoked));
	if (!revoked)
		return NULL;
	revoked->max = max_entries;
	revoked->all_until_s = -1;
	revoked->room = SMALLEST_ROOM;
	revoked->entries = calloc(revoked->room, sizeof(*revoked->entries));
	if (revoked->entries)
		return revoked;
	free(revoked);
	return NULL;
}

void auth_revoked_free(struct auth_revoked *revoked)
{
	if (!revoked)
		return;
	free(revoked->entries);
	free(revoked);
}

/* Where the id stands, or the empty place where it would. */
static struct entry *place_of(struct entry *entries, size_t room, const struct uuid *id)
{
	size_t at = hash_str((struct str){ (const char *)id->bytes, sizeof(id->bytes) }) & (room - 1);
	while (entries[at].until_s && !uuid_equal(&entries[at].id, id))
		at = (at + 1) & (room - 1);
	return &entries[at];
}

/* Leaves out what has expired, and takes twice the room if that is not enough. */
static bool make_anew(struct auth_revoked *revoked, int64_t now_s)
{
	size_t live = 0, room = revoked->room;
	for (size_t i = 0; i < revoked->room; i++)
		live += revoked->entries[i].until_s > now_s;
	if (live >= revoked->max)
		return false;
	if (live >= room / 4)
		room *= 2;
	struct entry *entries = calloc(room, sizeof(*entries));
	if (!entries)
		return false;
	for (size_t i = 0; i < revoked->room; i++)
		if (revoked->entries[i].until_s > now_s)
			*place_of(entries, room, &revoked->entries[i].id) = revoked->entries[i];
	free(revoked->entries);
	revoked->entries = entries;
	revoked->room = room;
	revoked->n = live;
	return true;
}

static bool has_room(const struct auth_revoked *revoked)
{
	return revoked->n < revoked->room / 2 && revoked->n < revoked->max;
}

void auth_revoked_add(struct auth_revoked *revoked, const struct uuid *id, int64_t until_s, int64_t now_s)
{
	struct entry *entry = place_of(revoked->entries, revoked->room, id);

	if (until_s <= now_s || until_s <= entry->until_s)
		return;
	if (!entry->until_s && !has_room(revoked)) {
		if (!make_anew(revoked, now_s)) {
			revoked->all_until_s = now_s;
			return;
		}
		entry = place_of(revoked->entries, revoked->room, id);
	}
	revoked->n += !entry->until_s;
	*entry = (struct entry){ *id, until_s };
}

static bool has(const struct auth_revoked *revoked, const struct uuid *id, int64_t now_s)
{
	return place_of(revoked->entries, revoked->room, id)->until_s > now_s;
}

bool auth_revoked_covers(const struct auth_revoked *revoked, const struct identity *identity, int64_t now_s)
{
	return identity->issued_s <= revoked->all_until_s || has(revoked, &identity->jti, now_s) ||
	       has(revoked, &identity->family, now_s);
}

size_t auth_revoked_count(const struct auth_revoked *revoked)
{
	return revoked->n;
}
