/* SPDX-License-Identifier: MIT */
/*
 * Guards against clients that make us work more than they do. The rows, with all their numbers, are guard.def.
 *
 * A transport counts what its connections do; when one has done too much it sends the client away, and says so by
 * guard_fired.
 */
#ifndef HTTP_GUARD_H
#define HTTP_GUARD_H

#include "base/str.h"

enum {
	GUARD_SPAN_S = 15,
	GUARD_CREDIT_MAX = 8, /* times the standard limit: what a client may have saved up at most */
	GUARD_LINES_MAX = 10, /* that each guard logs in a second, whatever happens */
};

enum guard {
#define RATE(NAME, ...) GUARD_##NAME,
#define LIMIT RATE
#define PACE RATE
#include "http/guard.def"
#undef RATE
#undef LIMIT
#undef PACE
	N_GUARDS
};

/* The numbers, by guard; 0 for those that are paces. */
struct guard_limits {
	unsigned most[N_GUARDS];
};

struct guard_limits guard_limits_default(void);

/* What one connection has done. Zeroed to begin with. */
struct guards {
	struct {
		double level; /* a bucket that leaks; below 0: credit, which does not */
		uint64_t at_ms;
	} buckets[N_GUARDS];
};

/* Counts n of what a RATE is about, at a time that never goes back: whether it is too much. */
bool guard_count(struct guards *guards, const struct guard_limits *limits, enum guard guard, double n, uint64_t now_ms);
/* n of it will be due to what we did ourselves; more than GUARD_CREDIT_MAX is not waited for. */
void guard_credit(struct guards *guards, enum guard guard, double n);
/* "rapid_reset" */
struct str guard_word(enum guard guard);
/* It had to act on a client: counts, and logs a line unless it logged GUARD_LINES_MAX in this second. */
void guard_fired(enum guard guard, struct str peer);

#endif
