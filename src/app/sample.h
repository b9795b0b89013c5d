/* SPDX-License-Identifier: MIT */
/*
 * Made-up records that look like a real collection: few artists own much of it and many little (Zipf), names in many
 * scripts, the formats, labels, grades and prices that collectors have. The same seed makes the same records.
 */
#ifndef APP_SAMPLE_H
#define APP_SAMPLE_H

#include "app/record.h"

struct sample {
	uint64_t state; /* of the generator */
	uint64_t n;	/* records made */
	int64_t now_ms; /* the newest record is a little older */
};

struct sample sample_of(uint64_t seed, int64_t now_ms);
/* The next record, settled but for owner and id; its texts in the arena. False only over the arena's budget. */
must_use bool sample_next(struct sample *sample, struct arena *arena, struct record *record);

#endif
