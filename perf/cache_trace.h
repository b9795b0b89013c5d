/* SPDX-License-Identifier: MIT */
/*
 * A day of searching in small, made of a seed: what the cache is asked for and when, by people who type, page and write.
 *
 * Each user has queries of their own, asked as Zipf's law has it and typed letter by letter: completions on the way,
 * the search at the end, its facets beside it. Now and then somebody pages through a whole collection or tries many
 * filters, each answer once (a scan). A write makes all of its user's answers old.
 */
#ifndef PERF_CACHE_TRACE_H
#define PERF_CACHE_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct trace_settings {
	uint64_t seed;
	unsigned n_users, n_queries; /* of each */
	double users_skew, queries_skew;
	unsigned events_per_second;
	double scan_share, write_share; /* of what people do */
};

struct trace_event {
	uint64_t at_ms;
	uint64_t key; /* of all users' answers */
	unsigned user;
	unsigned bytes, ttl_ms;
	bool write;
};

struct trace;

/* NULL without memory. */
struct trace *trace_new(const struct trace_settings *settings);
void trace_free(struct trace *trace);
struct trace_event trace_next(struct trace *trace);

#endif
