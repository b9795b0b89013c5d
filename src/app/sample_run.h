/* SPDX-License-Identifier: MIT */
/* A made-up collection into the database: one blocking function for a worker or the command line. */
#ifndef APP_SAMPLE_RUN_H
#define APP_SAMPLE_RUN_H

#include "base/arena.h"
#include "base/uuid.h"

struct sample_order {
	struct str conninfo;
	struct uuid user;
	int64_t n;
	uint64_t seed;
	void (*progress)(void *arg, int64_t n_done); /* may be NULL */
	void *arg;
};

/* 0, or -1 with *said in the arena. *n_added tells how many records are there in any case. */
must_use int sample_run(const struct sample_order *order, int64_t *n_added, struct arena *arena, struct str *said);

#endif
