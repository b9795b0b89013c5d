/* SPDX-License-Identifier: MIT */
/* A set of statement pointers with linear probing, at most half full. */
#include "db/statement_set.h"

#include <stdint.h>

enum { FIRST_SLOTS = 64 };

static size_t home(const struct db_statement_set *set, const struct db_statement *statement)
{
	return (size_t)(((uintptr_t)statement >> 4) * UINT64_C(0x9e3779b97f4a7c15) >> 32) & (set->n_slots - 1);
}

/* The slot that holds it, or the free one where it would go. */
static size_t find(const struct db_statement_set *set, const struct db_statement *statement)
{
	size_t at = home(set, statement);
	while (set->slots[at] && set->slots[at] != statement)
		at = (at + 1) & (set->n_slots - 1);
	return at;
}

static bool grow(struct db_statement_set *set)
{
	struct db_statement_set larger = { .n = set->n, .n_slots = set->n_slots ? set->n_slots * 2 : FIRST_SLOTS };

	larger.slots = calloc(larger.n_slots, sizeof(*larger.slots));
	if (!larger.slots)
		return false;
	for (size_t i = 0; i < set->n_slots; i++)
		if (set->slots[i])
			larger.slots[find(&larger, set->slots[i])] = set->slots[i];
	free(set->slots);
	*set = larger;
	return true;
}

bool db_statement_set_has(const struct db_statement_set *set, const struct db_statement *statement)
{
	return set->n_slots && set->slots[find(set, statement)];
}

bool db_statement_set_add(struct db_statement_set *set, const struct db_statement *statement)
{
	if (2 * set->n >= set->n_slots && !grow(set))
		return false;
	size_t at = find(set, statement);
	set->n += !set->slots[at];
	set->slots[at] = statement;
	return true;
}

void db_statement_set_remove(struct db_statement_set *set, const struct db_statement *statement)
{
	if (!db_statement_set_has(set, statement))
		return;
	size_t at = find(set, statement);
	set->slots[at] = NULL;
	set->n--;
	/* Those that were pushed past the hole are put back in their places. */
	for (at = (at + 1) & (set->n_slots - 1); set->slots[at]; at = (at + 1) & (set->n_slots - 1)) {
		const struct db_statement *moved = take(set->slots[at]);
		set->slots[find(set, moved)] = moved;
	}
}

void db_statement_set_clear(struct db_statement_set *set)
{
	free(set->slots);
	*set = (struct db_statement_set){ 0 };
}
