/* SPDX-License-Identifier: MIT */
/* recordd bench: how good the search is, in figures. */
#include <errno.h>
#include <string.h>
#include <sysexits.h>

#include "app/quality.h"
#include "cli/accounts.h"
#include "cli/command.h"
#include "cli/progress.h"
#include "codec/json_out.h"
#include "net/file.h"

enum { QUERIES_MAX = 64 << 20, REPORT_MAX = 64 << 10, BELOW_FLOOR = 1 };

static void asked_more(void *arg, int64_t n_done)
{
	progress_show(arg, "%lld queries", (long long)n_done);
}

/* ── On a terminal ── */

static void print_kind(const struct quality_report *report, enum quality_kind kind)
{
	const struct quality_row *row = &report->rows[kind];

	if (row->ours.n == 0)
		return;
	printf("%-9.*s %6zu ", STR_ARG(quality_kinds[kind]), row->ours.n);
	for (size_t i = 0; i < N_QUALITY_FIGURES; i++) {
		enum quality_figure figure = (enum quality_figure)i;
		printf("  %.3f of %.3f", quality_mean(&row->ours, figure), quality_mean(&row->bounds, figure));
		if (report->has_trigrams)
			printf(" (%.3f)", quality_mean(&row->trigrams, figure));
	}
	printf("  %zu corrected\n", row->n_corrected);
}

static void print_report(const struct quality_report *report)
{
	printf("%zu records, an index of %.1f MB, %.1f µs of CPU for a search in it.\n"
	       "Each figure, of what the best ranking would reach%s:\n\n%-9s %6s ",
	       report->n_records, (double)report->index_bytes / 1e6, report->cpu_us,
	       report->has_trigrams ? " (in brackets: PostgreSQL's trigram similarity)" : "", "", "");
	for (size_t i = 0; i < N_QUALITY_FIGURES; i++)
		printf("  %-*.*s", report->has_trigrams ? 22 : 14, STR_ARG(quality_figures[i]));
	puts("");
	for (size_t i = 0; i < N_QUALITY_KINDS; i++)
		print_kind(report, (enum quality_kind)i);
	if (!report->has_trigrams)
		puts("\nWithout a comparison: this PostgreSQL has no pg_trgm, or this account may not make it.");
}

static void print_verdicts(const struct quality_verdict *below, size_t n)
{
	for (size_t i = 0; i < n; i++)
		fprintf(stderr, "%.*s: %.*s is %.3f, below the floor of %.3f\n", STR_ARG(below[i].kind),
			STR_ARG(below[i].figure), below[i].measured, below[i].least);
}

/* ── For scripts ── */

static void put_share(struct json_out *out, struct str key, double value, struct arena *arena)
{
	json_put_raw(out, key, arena_printf(arena, "%.4f", value));
}

static void put_sums(struct json_out *out, const char *key, const struct quality_sums *sums, struct arena *arena)
{
	json_key(out, str_of(key));
	json_object(out);
	for (size_t i = 0; i < N_QUALITY_FIGURES; i++)
		put_share(out, quality_figures[i], quality_mean(sums, (enum quality_figure)i), arena);
	json_object_end(out);
}

static void put_row(struct json_out *out, const struct quality_report *report, enum quality_kind kind,
		    struct arena *arena)
{
	const struct quality_row *row = &report->rows[kind];

	if (row->ours.n == 0)
		return;
	json_key(out, quality_kinds[kind]);
	json_object(out);
	json_put_int(out, STR("queries"), (int64_t)row->ours.n);
	json_put_int(out, STR("corrected"), (int64_t)row->n_corrected);
	put_sums(out, "recordd", &row->ours, arena);
	put_sums(out, "bound", &row->bounds, arena);
	if (report->has_trigrams)
		put_sums(out, "trigrams", &row->trigrams, arena);
	json_object_end(out);
}

static void print_json(const struct quality_report *report, const struct quality_verdict *below, size_t n_below,
		       struct arena *arena)
{
	owned(buf_free) struct buf text = buf_of(REPORT_MAX);
	struct json_out out = json_out_of(&text);

	json_object(&out);
	json_put_int(&out, STR("records"), (int64_t)report->n_records);
	json_put_int(&out, STR("indexBytes"), (int64_t)report->index_bytes);
	json_put_raw(&out, STR("searchMicroseconds"), arena_printf(arena, "%.1f", report->cpu_us));
	json_key(&out, STR("kinds"));
	json_object(&out);
	for (size_t i = 0; i < N_QUALITY_KINDS; i++)
		put_row(&out, report, (enum quality_kind)i, arena);
	json_object_end(&out);
	json_key(&out, STR("belowFloor"));
	json_array(&out);
	for (size_t i = 0; i < n_below; i++) {
		json_object(&out);
		json_put_str(&out, STR("kind"), below[i].kind);
		json_put_str(&out, STR("figure"), below[i].figure);
		put_share(&out, STR("measured"), below[i].measured, arena);
		put_share(&out, STR("floor"), below[i].least, arena);
		json_object_end(&out);
	}
	json_array_end(&out);
	json_object_end(&out);
	printf("%.*s\n", STR_ARG(buf_str(&text)));
}

/* ── The command ── */

static int measure(struct invocation *run, struct str queries, struct quality_report *report, struct str *said)
{
	struct progress progress = progress_begin(run->options.json);
	struct quality_order order = { .queries = queries, .progress = asked_more, .arg = &progress };
	struct workspace work;
	struct users_row user;
	int error = accounts_open(&work, run, said);

	if (error)
		return error;
	error = accounts_find(&work, run, &user, said);
	if (!error) {
		order.owner = work.owner;
		order.user = user.id;
		error = quality_run(&order, report, run->arena, said) ? EX_DATAERR : EX_OK;
	}
	progress_end(&progress);
	workspace_close(&work);
	return error;
}

int cmd_bench_quality(struct invocation *run)
{
	owned(buf_free) struct buf queries = buf_of(QUERIES_MAX);
	struct quality_verdict below[QUALITY_MAX_FLOORS];
	struct quality_report report;
	struct str said = STR_ABSENT;

	if (!run->options.queries)
		return command_failed(EX_USAGE, STR("--queries FILE is missing; perf/dataset writes such files"));
	int error = file_read(run->options.queries, &queries);
	if (error)
		return command_failed(EX_NOINPUT,
				      arena_printf(run->arena, "%s: %s", run->options.queries, strerror(-error)));
	error = measure(run, buf_str(&queries), &report, &said);
	if (error)
		return command_failed(error, said);
	size_t n_below = quality_below(&report, below);
	if (run->options.json)
		print_json(&report, below, n_below, run->arena);
	else
		print_report(&report);
	print_verdicts(below, n_below);
	return n_below ? BELOW_FLOOR : EX_OK;
}
