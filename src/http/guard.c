/* SPDX-License-Identifier: MIT */
/* Buckets that leak, one for each guard and connection. */
#include "http/guard.h"

#include "base/clock.h"
#include "obs/log.h"
#include "obs/metrics.h"

static const struct row {
	struct str word;
	enum metric metric;
	unsigned standard;
} rows[N_GUARDS] = {
#define RATE(NAME, word, section, key, standard, ...) [GUARD_##NAME] = { STR(word), METRIC_GUARD_##NAME, standard },
#define LIMIT RATE
#define PACE(NAME, word) [GUARD_##NAME] = { STR(word), METRIC_GUARD_##NAME, 0 },
#include "http/guard.def"
#undef RATE
#undef LIMIT
#undef PACE
};

struct guard_limits guard_limits_default(void)
{
	struct guard_limits limits;
	for (size_t i = 0; i < N_GUARDS; i++)
		limits.most[i] = rows[i].standard;
	return limits;
}

bool guard_count(struct guards *guards, const struct guard_limits *limits, enum guard guard, double n, uint64_t now_ms)
{
	double most = limits->most[guard], level = guards->buckets[guard].level;
	double leak = most / (double)GUARD_SPAN_S / 1000 * (double)(now_ms - guards->buckets[guard].at_ms);

	if (level > 0)
		level = level > leak ? level - leak : 0;
	guards->buckets[guard].level = level + n;
	guards->buckets[guard].at_ms = now_ms;
	return level + n > most;
}

void guard_credit(struct guards *guards, enum guard guard, double n)
{
	double least = -(double)GUARD_CREDIT_MAX * rows[guard].standard, level = guards->buckets[guard].level - n;

	guards->buckets[guard].level = level > least ? level : least;
}

struct str guard_word(enum guard guard)
{
	return rows[guard].word;
}

/* A client with many streams can make a guard act on each of them: the metric counts all, the log shows the first. */
static bool may_log(enum guard guard)
{
	static struct {
		int64_t second;
		unsigned lines;
	} said[N_GUARDS];
	int64_t now = clock_monotonic_us() / 1000000;

	if (now != said[guard].second)
		said[guard].lines = 0;
	said[guard].second = now;
	return said[guard].lines++ < GUARD_LINES_MAX;
}

void guard_fired(enum guard guard, struct str peer)
{
	metric_add(rows[guard].metric, 1);
	if (!may_log(guard))
		return;
	log_info("guard fired", LOG_TEXT("guard", rows[guard].word), LOG_TEXT("peer", peer));
}
