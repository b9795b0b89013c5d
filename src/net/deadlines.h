/* SPDX-License-Identifier: MIT */
/*
 * Many coarse deadlines on one timer: a wheel of slots that is turned only while something is in it.
 *
 * Moving a deadline later costs one store, because its slot is looked at when the old time comes; so a connection
 * can set one for every request.
 */
#ifndef NET_DEADLINES_H
#define NET_DEADLINES_H

#include "loop/loop.h"

enum { DEADLINE_SLOTS = 256, DEADLINE_TICK_MS = 100 };

struct deadline;

struct deadlines {
	struct loop *loop;
	struct timer timer;
	struct link slots[DEADLINE_SLOTS];
	size_t n;	     /* entries in the slots */
	uint64_t tick;	     /* the last one that was handled */
	uint64_t armed_tick; /* the one the timer is set for; 0: none */
	void (*passed)(struct deadline *deadline);
};

/* Lives in its owner's memory; zeroed is off. */
struct deadline {
	struct link link;
	uint64_t due_ms;      /* by the loop's clock; 0: off */
	uint64_t parked_tick; /* when its slot comes round, if it is in one */
};

/* 0 or a negative uv error. */
must_use int deadlines_init(struct deadlines *deadlines, struct loop *loop, void (*passed)(struct deadline *deadline));
/* Asserts that none is left. Harmless on a zeroed one. */
void deadlines_deinit(struct deadlines *deadlines);
/* Calls `passed` once uv_now is at or after due_ms, a tick late at most; 0 switches it off. */
void deadline_set(struct deadlines *deadlines, struct deadline *deadline, uint64_t due_ms);
/* Takes it out: before its memory goes. */
void deadline_forget(struct deadlines *deadlines, struct deadline *deadline);

#endif
