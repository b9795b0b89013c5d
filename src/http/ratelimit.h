/* SPDX-License-Identifier: MIT */
/*
 * Rate limits: a bucket per caller and class in a bounded table, least recently used goes first.
 *
 * A bucket is one number, the *theoretical arrival time* (GCRA): as good as a token bucket that holds a minute's
 * worth, and there is nothing to refill. Pure: the time is an argument.
 */
#ifndef HTTP_RATELIMIT_H
#define HTTP_RATELIMIT_H

#include "base/str.h"

struct rate_table;

/* Who is counted: a user, an IPv4 address, or the /64 of an IPv6 address. */
struct rate_key {
	uint8_t bytes[16];
	uint8_t kind; /* what the bytes are, and which class of limit */
};

struct rate_verdict {
	bool allowed;
	unsigned limit;		/* requests a minute */
	unsigned remaining;	/* that could be made at once now */
	unsigned reset_s;	/* until it is full again */
	unsigned retry_after_s; /* when not allowed: at least 1 */
};

/* NULL without memory. The memory is touched only as callers appear. */
must_use struct rate_table *rate_table_new(size_t max_callers);
void rate_table_free(struct rate_table *table);

/* Counts one request against `per_minute` (above 0). */
struct rate_verdict rate_count(struct rate_table *table, const struct rate_key *key, unsigned per_minute,
			       int64_t now_us);

/* The key of an address as text; IPv6 by its /64; what is no address is hashed. `class` keeps the classes apart. */
struct rate_key rate_key_of_address(struct str address, uint8_t class);
struct rate_key rate_key_of_user(const uint8_t user[16], uint8_t class);

#endif
