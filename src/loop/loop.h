/* SPDX-License-Identifier: MIT */
/*
 * The one loop: it runs ready calls between polls, watches for slow steps, and shuts down in an orderly way.
 * Everything here belongs to the thread that runs the loop.
 */
#ifndef LOOP_LOOP_H
#define LOOP_LOOP_H

#include <uv.h>

#include "base/list.h"
#include "loop/call.h"

struct loop {
	uv_loop_t uv;
	struct calls calls;
	uv_check_t after_poll;	 /* runs what the poll woke */
	uv_prepare_t before_poll; /* runs what timers woke, and flushes */
	uv_idle_t spin;		 /* active while calls are ready: the poll must not sleep */
	struct link flushers;
};

/* Work to be done once at the end of the loop's turn, after the ready calls have run (flushing a connection). */
struct flusher {
	struct link link;
	void (*run)(struct flusher *flusher);
};

/* 0, or a negative uv error. */
must_use int loop_init(struct loop *loop);
/* Runs until every handle is closed (or loop_stop). */
void loop_run(struct loop *loop);
void loop_stop(struct loop *loop);
/* Asserts that no call is left; closes the loop's own handles. */
void loop_deinit(struct loop *loop);

/* Puts the flusher on this turn's list; once, however often it is asked. */
void loop_flush_later(struct loop *loop, struct flusher *flusher);
/* Takes it off the list: before its memory goes. */
void flusher_forget(struct flusher *flusher);

/* The loop a call runs on. */
struct loop *loop_of(struct call *call);

/* Wakes after `ms`; the call's gone-ness ends it early. */
must_use struct turn call_sleep(struct call *call, unsigned ms, struct step next);

/* A timer that lives inside its owner's memory. Close it before that memory goes. */
struct timer {
	uv_timer_t *handle;
	void (*fired)(struct timer *timer);
};
/* 0 or a negative uv error. */
must_use int timer_open(struct timer *timer, struct loop *loop, void (*fired)(struct timer *timer));
/* (Re)starts it: fires once after `after_ms`, then every `every_ms` unless that is 0. */
void timer_start(struct timer *timer, uint64_t after_ms, uint64_t every_ms);
void timer_stop(struct timer *timer);
bool timer_running(const struct timer *timer);
/* Harmless when it never was opened. */
void timer_close(struct timer *timer);

#endif
