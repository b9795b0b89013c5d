/* SPDX-License-Identifier: MIT */
/*
 * Calls take turns.
 *
 * A *call* is one piece of work that waits for things: a request, a cache fill, a job. It is written as a few
 * named *steps* in the order they run. A step never blocks; it ends by returning a *turn*, got from whatever it
 * does last: waiting (`db_query(…, STEP(next))`), answering (`reply_json(…)`) or failing (`call_fail(…)`).
 *
 *	struct turn shelf_get(struct call *call) { … return store_shelf_get(call, …, STEP(shelf_get_send)); }
 *	struct turn shelf_get_send(struct call *call) { … return reply_json(call, 200, …); }
 *
 * The engine keeps four promises:
 * - a wake only enqueues: no step runs inside the function that started or woke it;
 * - a failed wait never reaches the next step: the engine tells the call's kind once (call_wait_catching opts in to see it);
 * - a client that is gone is seen in one place, at the next wake: no further step runs;
 * - whatever was registered with call_defer is released, in reverse order, when the call ends.
 *
 * Start here to add an awaitable: take the call's wait with call_wait, keep the call pointer, later call_wake or
 * call_wake_failed exactly once, unless `cancel` ran first.
 */
#ifndef LOOP_CALL_H
#define LOOP_CALL_H

#include "base/arena.h"
#include "base/list.h"
#include "base/problem.h"

struct call;

/* The engine: which calls are ready to take their turn. One per loop, embedded in it. */
struct calls {
	struct link ready;
	size_t n_running;	   /* calls begun and not ended */
	void *program;		   /* the program's own, so that a handler finds what it works with; opaque here */
	int64_t slow_step_us;	   /* a longer step is told to slow_step */
	void (*became_ready)(struct calls *calls);			     /* the first call became ready: do not sleep */
	void (*slow_step)(struct calls *calls, const char *step, int64_t us); /* may be NULL */
};

/* What a step hands back to the engine. Only the engine and the awaitables make one. */
struct turn {
	enum { TURN_WAITING = 1, TURN_ENDED } kind;
};

typedef struct turn step_fn(struct call *call);

struct step {
	step_fn *run;
	const char *name;
};

/* A step with its name, for logs, metrics and spans. */
#define STEP(function) ((struct step){ (function), #function })

/* Who a call belongs to: an exchange over HTTP, a flight of the cache, a job. */
struct call_kind {
	const char *name;
	/* The call failed: answer or record `problem`. Runs once at most, never after a reply. May itself wait. */
	struct turn (*failed)(struct call *call, const struct problem *problem);
	/* The call is over, deferred releases have run: free what holds it (the arena included). */
	void (*ended)(struct call *call);
};

struct call_wait {
	struct step next;
	bool waiting, catching;
	const struct problem *failure; /* how the wait ended, until the next turn */
	/* The call is gone: forget it. Returns true when the source will not wake it any more. NULL: not cancellable. */
	bool (*cancel)(struct call *call, void *source);
	void *source;
};

struct call {
	struct calls *engine;
	const struct call_kind *kind;
	struct arena *arena; /* the call's memory; dies with it */

	/* Set by the floor that owns the notion, opaque here; NULL where it does not apply. */
	struct request *request;
	struct reply *reply;
	const struct identity *identity; /* who asks, as the gate found out */
	struct db_rows *rows;		 /* of the last query; valid until the step returns */
	struct db_session *session;	 /* a transaction's pinned connection */
	struct blob *blob;		 /* what the last wait delivered as bytes (cache, file); valid until the step returns */
	const void *args;		 /* what the call was started for (a flight's key, a job's order) */
	void *state;			 /* the handler's own, in the arena */

	/* The engine's own. */
	struct call_wait wait;
	const struct problem *failure; /* of the wait that just ended, for a catching step; else NULL */
	struct step running;
	struct call_deferred *deferred;
	struct link ready;
	int64_t started_us; /* monotonic */
	int64_t slowest_us; /* longest single step so far */
	const char *slowest; /* its name; NULL before the first */
	bool gone, ended, failing;
};

void calls_init(struct calls *calls);
/* Gives each call that is ready one turn; those that become ready meanwhile wait for the next time. */
void calls_run(struct calls *calls);

/* Prepares a zeroed call in its owner's memory. `arena` stays the owner's to free, in kind->ended. */
void call_init(struct call *call, struct calls *engine, const struct call_kind *kind, struct arena *arena);
/* Makes its first step run at the next turn of the loop. */
void call_start(struct call *call, struct step first);
/* The client is gone (or the shutdown deadline passed): cancels the wait; no further step runs. Harmless when ended. */
void call_gone(struct call *call);
/*
 * What the call waits for is given up: its wait ends as failed. Nothing happens when it does not wait, or what it waits
 * for cannot be given up. `problem` must last as long as the call.
 */
void call_give_up(struct call *call, const struct problem *problem);

/* Awaitables: takes the wait slot. Asserts that nothing else is awaited. */
must_use struct turn call_wait(struct call *call, struct step next, bool (*cancel)(struct call *, void *), void *source);
/* The next step runs even when the wait fails; it finds call->failure set. To be used right before an awaitable. */
void call_catch(struct call *call);
/* The wait is over: `next` becomes ready. */
void call_wake(struct call *call);
void call_wake_failed(struct call *call, const struct problem *problem);

/* Ends of a step. */
must_use struct turn call_next(struct call *call, struct step next);
must_use struct turn call_fail(struct call *call, const struct problem *problem);
/* call_fail with a new problem; `error` is a printf format. */
must_use struct turn call_fail_with(struct call *call, enum problem_kind kind, const char *error, ...) printf_like(3, 4);
must_use struct turn call_end(struct call *call);

/* Runs release(arg) when the call ends. False without memory (then nothing was registered). */
must_use bool call_defer(struct call *call, void (*release)(void *arg), void *arg);

#endif
