/* SPDX-License-Identifier: MIT */
/*
 * Work beside a call, in an arena of its own that is empty each time: for calls that stay, and would fill theirs, and
 * for those that fetch the next while they send the last. One piece at a time.
 *
 *	errand_start(errand, STEP(fetch_page));		 … runs, appends to errand_out(call), ends with call_end
 *	return errand_await(errand, STEP(send_page));	 … of the owner, finds errand->out
 */
#ifndef APP_ERRAND_H
#define APP_ERRAND_H

#include "base/buf.h"
#include "loop/call.h"

struct errand {
	struct call call;
	struct call *owner; /* NULL: it has ended */
	struct arena *arena;
	struct buf out;		       /* what the last piece of work brought */
	const struct problem *problem; /* how it failed, or NULL; in the arena */
	bool running, awaited;
};

/* Released when the owner ends. NULL without memory. */
must_use struct errand *errand_new(struct call *owner, size_t arena_budget, size_t out_max);
/* Begins a piece of work: `out` is empty, the identity is the owner's. */
void errand_start(struct errand *errand, struct step first);
/* Goes on to the owner's step when the work is done; fails as it failed. */
must_use struct turn errand_await(struct errand *errand, struct step next);
/* Releases what it brought: the owner is about to wait for long. */
void errand_rest(struct errand *errand);
/* For the errand's own steps: where to put what it brings, and the owner's call->state. */
struct buf *errand_out(struct call *call);
void *errand_owners(struct call *call);

#endif
