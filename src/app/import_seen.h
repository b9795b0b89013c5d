/* SPDX-License-Identifier: MIT */
/* Which hashes were seen already in this import, and where: finds duplicates within one file. */
#ifndef APP_IMPORT_SEEN_H
#define APP_IMPORT_SEEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"

struct import_seen {
	struct import_sighting {
		uint64_t hash; /* 0: free */
		int32_t place;
	} * slots;
	size_t n, room;
};

enum { IMPORT_UNSEEN = -1, IMPORT_SEEN_BEFORE = -2 };

void import_seen_free(struct import_seen *seen);
/* Forgets everything, keeps the memory. */
void import_seen_clear(struct import_seen *seen);
/* Forgets the places: what was seen is from now on seen before. */
void import_seen_age(struct import_seen *seen);
/* The place, IMPORT_SEEN_BEFORE, or IMPORT_UNSEEN. */
int32_t import_seen_find(const struct import_seen *seen, uint64_t hash);
/* False without memory. A hash that is there keeps its place. */
must_use bool import_seen_add(struct import_seen *seen, uint64_t hash, int32_t place);

#endif
