/* SPDX-License-Identifier: MIT */
/* How fast bytes move: so many within each span of time, or it is too slow. */
#ifndef HTTP_PACE_H
#define HTTP_PACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pace {
	int64_t since_us; /* when this span began */
	uint64_t bytes;	  /* since then */
};

/* What a client must do: `min_rate` bytes a second on average over `span_ms`; at 0, any byte will do. */
struct pace_rule {
	unsigned span_ms;
	size_t min_rate;
};

static inline void pace_begin(struct pace *pace, int64_t now_us)
{
	*pace = (struct pace){ .since_us = now_us };
}

/* n bytes moved: with enough of them another span begins. */
static inline void pace_add(struct pace *pace, const struct pace_rule *rule, size_t n, int64_t now_us)
{
	pace->bytes += n;
	if (pace->bytes && pace->bytes >= (uint64_t)rule->min_rate * rule->span_ms / 1000)
		pace_begin(pace, now_us);
}

/* A whole span went by and too few came. */
static inline bool pace_late(const struct pace *pace, const struct pace_rule *rule, int64_t now_us)
{
	return (now_us - pace->since_us) / 1000 >= rule->span_ms;
}

#endif
