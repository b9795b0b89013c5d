/* SPDX-License-Identifier: MIT */
/*
 * The worker pool: the only threads there are, for work that blocks or burns (password hashing, files, imports).
 *
 * A job sees only what it was given; it must not touch the loop, the call or a blob's count. Its queue is bounded
 * per class: a full one fails the call with 503 at once.
 */
#ifndef LOOP_WORK_H
#define LOOP_WORK_H

#include "loop/call.h"

/* One class of work with its own bound. Lives as long as the program. */
struct work_class {
	const char *name;
	unsigned max_running; /* at the same time on the pool */
	unsigned max_waiting; /* behind those; more are refused */
	unsigned n_running, n_waiting; /* the engine's own */
	struct link waiting;	       /* zero-initialised by the owner; the engine sets it up */
};

/*
 * Runs job(arg) on a worker, then `next`. `arg` must stay valid until job returned; when the call is gone first, it
 * lives on until then (the engine delays the end of the call).
 */
must_use struct turn work_run(struct call *call, struct work_class *work_class, void (*job)(void *arg), void *arg,
			      struct step next);

#endif
