/* SPDX-License-Identifier: MIT */
/*
 * When each QUIC connection is due: one heap, and one timer of the loop for all of them.
 *
 * Times are nanoseconds, but the timer's are milliseconds: it costs no system call, whereas one of the kernel's own for
 * each pause of a paced sender took a third of a large download's CPU. ngtcp2 makes up for pauses that were too long.
 */
#ifndef NET_QUIC_TIMERS_H
#define NET_QUIC_TIMERS_H

#include "loop/loop.h"

/* Lives in its owner's memory; zeroed is off. */
struct quic_due {
	uint64_t at;  /* nanoseconds, monotonic */
	size_t place; /* in the heap, from 1; 0: off */
	void (*passed)(struct quic_due *due);
};

struct quic_timers {
	struct timer timer;
	uint64_t armed;		/* what it is set for; UINT64_MAX: off */
	struct quic_due **heap; /* [1] is the earliest */
	size_t n, room;
};

/* Nanoseconds of the monotonic clock. */
uint64_t quic_clock(void);

/* 0 or a negative uv error. */
must_use int quic_timers_open(struct quic_timers *timers, struct loop *loop);
/* Asserts that none is left. Harmless on a zeroed one. */
void quic_timers_close(struct quic_timers *timers);

/* Makes room for one more. 0, or negative without memory. Once for each owner, so that quic_due_set cannot fail. */
must_use int quic_timers_admit(struct quic_timers *timers, size_t n_owners);
/* Runs `passed` once, at or soon after `at`; a time in the past: at the loop's next turn. UINT64_MAX switches it off. */
void quic_due_set(struct quic_timers *timers, struct quic_due *due, uint64_t at);
void quic_due_forget(struct quic_timers *timers, struct quic_due *due);

#endif
