/* SPDX-License-Identifier: MIT */
/* Counts the handles and jobs that libuv still holds, so that their owner's memory goes after the last of them. */
#ifndef DB_DRAIN_H
#define DB_DRAIN_H

#include "base/compiler.h"

struct db_drain {
	unsigned n;			       /* still held */
	void (*empty)(struct db_drain *drain); /* the last one is gone; may free the drain */
};

static inline void db_drain_take(struct db_drain *drain)
{
	drain->n++;
}

static inline void db_drain_give(struct db_drain *drain)
{
	check(drain->n > 0);
	if (--drain->n == 0)
		drain->empty(drain);
}

#endif
