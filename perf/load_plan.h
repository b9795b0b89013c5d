/* SPDX-License-Identifier: MIT */
/*
 * When a load generator sends which request, and how long each took.
 *
 * At a rate, request i is due at i / rate seconds whatever became of those before it, and its time counts from when it
 * was due: a server that stalls is charged for all that waited (no coordinated omission). Without a rate, a request is
 * due as soon as there is room for it, which measures throughput; its times then tell little.
 */
#ifndef PERF_LOAD_PLAN_H
#define PERF_LOAD_PLAN_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PLAN_SECOND UINT64_C(1000000000)

struct plan {
	char **paths; /* one after the other, again and again */
	size_t n_paths;
	double rate;			/* requests a second; 0: as many as there is room for */
	double warm_s;			/* what is due so long after the beginning does not count */
	uint64_t began_ns, ends_ns;
	uint64_t begun; /* requests sent */
	uint64_t done, failed, hits, unanswered;
	uint64_t first_ns, last_ns; /* of the answers that count */
	uint32_t *took;		    /* microseconds, the lowest bit for a hit of the server's cache */
	size_t n_took, room;
};

static inline uint64_t plan_now_ns(void)
{
	struct timespec at;
	clock_gettime(CLOCK_MONOTONIC, &at);
	return (uint64_t)at.tv_sec * PLAN_SECOND + (uint64_t)at.tv_nsec;
}

/* A path a line. False: not readable, or nothing in it. */
static inline bool plan_read(struct plan *plan, const char *file)
{
	FILE *from = fopen(file, "r");
	char *line = NULL;
	size_t size = 0, room = 0;

	if (!from)
		return false;
	for (ssize_t n; (n = getline(&line, &size, from)) > 0;) {
		if (line[n - 1] == '\n')
			line[--n] = 0;
		if (plan->n_paths == room)
			plan->paths = realloc(plan->paths, (room = room ? room * 2 : 1024) * sizeof(*plan->paths));
		if (n && plan->paths)
			plan->paths[plan->n_paths++] = strdup(line);
	}
	free(line);
	fclose(from);
	return plan->n_paths > 0;
}

static inline void plan_begin(struct plan *plan, double seconds)
{
	plan->began_ns = plan_now_ns();
	plan->ends_ns = plan->began_ns + (uint64_t)((seconds + plan->warm_s) * (double)PLAN_SECOND);
}

/* When the next request is due; UINT64_MAX: never. */
static inline uint64_t plan_due_ns(const struct plan *plan, uint64_t now)
{
	uint64_t due = plan->rate > 0 ? plan->began_ns + (uint64_t)((double)plan->begun * (double)PLAN_SECOND / plan->rate) : now;
	return due < plan->ends_ns ? due : UINT64_MAX;
}

/* Takes the next request if it is due: its path, and from when its time counts. */
static inline bool plan_take(struct plan *plan, uint64_t now, const char **path, uint64_t *from_ns)
{
	uint64_t due = plan_due_ns(plan, now);

	if (due > now)
		return false;
	*path = plan->paths[plan->begun++ % plan->n_paths];
	*from_ns = due;
	return true;
}

static inline bool plan_counts(const struct plan *plan, uint64_t from_ns)
{
	return from_ns >= plan->began_ns + (uint64_t)(plan->warm_s * (double)PLAN_SECOND);
}

static inline void plan_note(struct plan *plan, uint64_t from_ns, uint64_t now, bool hit)
{
	uint64_t us = (now - from_ns) / 1000;

	if (plan->n_took == plan->room) {
		plan->took = realloc(plan->took, (plan->room = plan->room ? plan->room * 2 : 65536) * sizeof(*plan->took));
		if (!plan->took)
			abort();
	}
	plan->took[plan->n_took++] = (uint32_t)(us > UINT32_MAX >> 1 ? UINT32_MAX >> 1 : us) << 1 | hit;
}

static inline void plan_answered(struct plan *plan, uint64_t from_ns, bool good, bool hit)
{
	uint64_t now = plan_now_ns();

	if (!good) {
		plan->failed++;
		return;
	}
	if (!plan_counts(plan, from_ns))
		return;
	plan->first_ns = plan->first_ns ? plan->first_ns : from_ns;
	plan->last_ns = now;
	plan->done++;
	plan->hits += hit;
	plan_note(plan, from_ns, now, hit);
}

/* What was under way when nobody waited any longer: it took so long at least. */
static inline void plan_given_up(struct plan *plan, uint64_t from_ns)
{
	plan->unanswered++;
	if (plan_counts(plan, from_ns))
		plan_note(plan, from_ns, plan_now_ns(), false);
}

/* Requests that were due and never sent. */
static inline void plan_finish(struct plan *plan)
{
	const char *path;
	uint64_t from_ns;

	while (plan->rate > 0 && plan_take(plan, plan->ends_ns, &path, &from_ns))
		plan_given_up(plan, from_ns);
}

static inline int plan_compare(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
	return left < right ? -1 : left > right;
}

/* Sorted; hits: of these only. The members of a JSON object. */
static inline void plan_print_times(const char *name, const uint32_t *took, size_t n)
{
	static const struct { const char *name; double share; } steps[] = {
		{ "p50", .5 }, { "p95", .95 }, { "p99", .99 }, { "p999", .999 }, { "max", 1 },
	};

	printf(", \"%s\": {\"n\": %zu", name, n);
	for (size_t i = 0; n && i < sizeof(steps) / sizeof(*steps); i++) {
		size_t at = (size_t)(steps[i].share * (double)n + 0.999999);
		printf(", \"%s_ms\": %.3f", steps[i].name, (double)(took[at ? at - 1 : 0] >> 1) / 1000);
	}
	printf("}");
}

static inline void plan_print(struct plan *plan, uint64_t handshakes, uint64_t bytes)
{
	double seconds = (double)(plan->last_ns - plan->first_ns) / (double)PLAN_SECOND;
	size_t n_hits = 0;

	qsort(plan->took, plan->n_took, sizeof(*plan->took), plan_compare);
	printf("{\"requests\": %llu, \"failed\": %llu, \"unanswered\": %llu, \"hits\": %llu, \"bytes\": %llu, \"handshakes\": %llu, "
	       "\"seconds\": %.3f, \"rate\": %.1f, \"asked_rate\": %.1f",
	       (unsigned long long)plan->done, (unsigned long long)plan->failed, (unsigned long long)plan->unanswered,
	       (unsigned long long)plan->hits, (unsigned long long)bytes, (unsigned long long)handshakes, seconds,
	       seconds > 0 ? (double)plan->done / seconds : 0, plan->rate);
	plan_print_times("times", plan->took, plan->n_took);
	for (size_t i = 0; i < plan->n_took; i++)
		if (plan->took[i] & 1)
			plan->took[n_hits++] = plan->took[i];
	plan_print_times("hit_times", plan->took, n_hits);
	puts("}");
}

#endif
