/* SPDX-License-Identifier: MIT */
/*
 * When each QUIC connection is due: one heap, and one kernel timer with nanoseconds for all of them, since pacing cannot
 * wait for the next millisecond.
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
	uv_poll_t *poll;
	int fd;
	uint64_t armed;		/* what the kernel's timer is set for; UINT64_MAX: off */
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
