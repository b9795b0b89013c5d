/* SPDX-License-Identifier: MIT */
/*
 * How often a search finds the record that was meant, and how far up: one blocking function for the command line.
 *
 * The queries come with the record meant and with *bounds*, how often the best of rankings would have it that far up
 * (perf/queries.py). They are asked of an index made here, by the same code as the server's, and of PostgreSQL's trigram
 * similarity where that is to be had.
 */
#ifndef APP_QUALITY_H
#define APP_QUALITY_H

#include "base/arena.h"
#include "base/uuid.h"

enum quality_kind {
#define KIND(name) QUALITY_##name,
#include "app/quality.def"
	N_QUALITY_KINDS,
};

enum quality_figure {
#define FIGURE(name, shown) QUALITY_##name,
#include "app/quality.def"
	N_QUALITY_FIGURES,
};

extern const struct str quality_kinds[N_QUALITY_KINDS];
extern const struct str quality_figures[N_QUALITY_FIGURES];

/* Sums over a kind's queries. */
struct quality_sums {
	size_t n;
	double of[N_QUALITY_FIGURES];
};
static inline double quality_mean(const struct quality_sums *sums, enum quality_figure figure)
{
	return sums->n ? sums->of[figure] / (double)sums->n : 0;
}

struct quality_row {
	struct quality_sums ours, trigrams, bounds;
	size_t n_corrected; /* understood as something else than was asked */
};

struct quality_report {
	struct quality_row rows[N_QUALITY_KINDS];
	bool has_trigrams;
	size_t n_records, index_bytes;
	double cpu_us; /* of a search in the index, on average */
};

struct quality_order {
	struct str owner; /* a conninfo, of the schema's owner */
	struct uuid user;
	struct str queries;			     /* the text of a file of queries */
	void (*progress)(void *arg, int64_t n_done); /* may be NULL */
	void *arg;
};

/* 0, or -1 with *said in the arena. */
must_use int quality_run(const struct quality_order *order, struct quality_report *report, struct arena *arena,
			 struct str *said);

/* A floor, and what it is compared with. */
struct quality_verdict {
	struct str kind, figure;
	double measured, least;
};
enum { QUALITY_MAX_FLOORS = 16 };
/* The floors that the report is below; how many. Kinds that were not asked for have none. */
size_t quality_below(const struct quality_report *report, struct quality_verdict below[QUALITY_MAX_FLOORS]);

#endif
