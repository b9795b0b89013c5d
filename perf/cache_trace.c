/* SPDX-License-Identifier: MIT */
/* The generator: sessions of one user each, whose requests are mixed with those of others. */
#include "cache_trace.h"

#include <math.h>
#include <stdlib.h>

enum { SESSIONS = 64, SCAN_PAGES = 100, FACET_FILTERS = 60 };

enum kind { COMPLETE, SEARCH, FACETS, PAGE, FILTER };

/* What one user is at: a query that is being typed, or a scan. */
struct session {
	enum kind kind;
	unsigned user, query, step, last;
};

struct trace {
	struct trace_settings settings;
	uint64_t random, at_us, n_scans;
	double *users, *queries; /* sums of Zipf's shares */
	struct session sessions[SESSIONS];
};

static uint64_t scramble(uint64_t x)
{
	x += 0x9e3779b97f4a7c15;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return x ^ x >> 31;
}

static double chance(struct trace *trace)
{
	return (double)(scramble(trace->random++) >> 11) * 0x1p-53;
}

static double *zipf(unsigned n, double skew)
{
	double *sums = malloc(n * sizeof(*sums)), sum = 0;

	for (unsigned i = 0; sums && i < n; i++)
		sums[i] = sum += pow(i + 1, -skew);
	return sums;
}

static unsigned draw(struct trace *trace, const double *sums, unsigned n)
{
	double at = chance(trace) * sums[n - 1];
	unsigned low = 0, high = n - 1;

	while (low < high) {
		unsigned middle = (low + high) / 2;
		if (sums[middle] < at)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* A key's size is always the same: 0.2 to 2 KB for completions, 0.3 to 60 KB (log-normal, 6 KB in the middle) for searches. */
static unsigned size_of(enum kind kind, uint64_t key)
{
	double a = (double)(scramble(key) >> 11) * 0x1p-53 + 1e-12, b = (double)(scramble(~key) >> 11) * 0x1p-53;
	double normal = sqrt(-2 * log(a)) * cos(6.283185307179586 * b);
	double bytes = 6000 * exp(normal);

	switch (kind) {
	case COMPLETE: return 200 + (unsigned)(1800 * b);
	case FACETS:
	case FILTER: return 2000 + (unsigned)(6000 * b);
	case PAGE: return 40000 + (unsigned)(20000 * b);
	case SEARCH: break;
	}
	return bytes < 300 ? 300 : bytes > 60000 ? 60000 : (unsigned)bytes;
}

static void session_begin(struct trace *trace, struct session *session)
{
	const struct trace_settings *settings = &trace->settings;

	*session = (struct session){ .user = draw(trace, trace->users, settings->n_users),
				     .query = draw(trace, trace->queries, settings->n_queries) };
	if (chance(trace) < settings->scan_share) {
		bool pages = chance(trace) < 0.5;
		session->kind = pages ? PAGE : FILTER;
		session->last = pages ? SCAN_PAGES : FACET_FILTERS;
		trace->n_scans++;
		session->query = (unsigned)trace->n_scans;
		return;
	}
	/* From the second letter on, four to nine letters; some stop early, on what is one more search. */
	session->last = 3 + session->query % 6;
}

/* Letters, then the search, then its facets. */
static enum kind kind_at(const struct session *session)
{
	if (session->kind != COMPLETE)
		return session->kind;
	if (session->step < session->last)
		return COMPLETE;
	return session->step == session->last ? SEARCH : FACETS;
}

/* Beginnings are shared by queries that begin alike: the fewer letters, the more of them. */
static uint64_t key_of(const struct session *session, enum kind kind)
{
	uint64_t what = session->query;

	if (kind == COMPLETE)
		what = session->query % (20u << 2 * session->step);
	else if (kind == PAGE || kind == FILTER)
		what = (uint64_t)session->query << 10 | session->step;
	return scramble((uint64_t)session->user << 40 ^ (uint64_t)kind << 36 ^
			(kind == COMPLETE ? (uint64_t)session->step << 32 : 0) ^ what);
}

struct trace_event trace_next(struct trace *trace)
{
	static const unsigned ttl_ms[] = {
		[COMPLETE] = 15000, [SEARCH] = 60000, [FACETS] = 30000, [PAGE] = 60000, [FILTER] = 30000
	};
	struct session *session = &trace->sessions[(unsigned)(chance(trace) * SESSIONS)];
	enum kind kind = kind_at(session);
	struct trace_event event = { .user = session->user, .key = key_of(session, kind), .ttl_ms = ttl_ms[kind] };

	trace->at_us += 1000000 / trace->settings.events_per_second;
	event.at_ms = trace->at_us / 1000;
	event.bytes = size_of(kind, event.key);
	event.write = chance(trace) < trace->settings.write_share;
	if (event.write)
		return event;
	if (++session->step > session->last + (session->kind == COMPLETE))
		session_begin(trace, session);
	return event;
}

struct trace *trace_new(const struct trace_settings *settings)
{
	struct trace *trace = calloc(1, sizeof(*trace));

	if (!trace)
		return NULL;
	trace->settings = *settings;
	trace->random = scramble(settings->seed);
	trace->users = zipf(settings->n_users, settings->users_skew);
	trace->queries = zipf(settings->n_queries, settings->queries_skew);
	if (!trace->users || !trace->queries) {
		trace_free(trace);
		return NULL;
	}
	for (unsigned i = 0; i < SESSIONS; i++)
		session_begin(trace, &trace->sessions[i]);
	return trace;
}

void trace_free(struct trace *trace)
{
	free(trace->users);
	free(trace->queries);
	free(trace);
}
