/* SPDX-License-Identifier: MIT */
/* recordd import, export, sample: a whole collection at a time. */
#include <errno.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "app/export_run.h"
#include "app/import_run.h"
#include "app/sample_run.h"
#include "cli/accounts.h"
#include "cli/command.h"
#include "cli/progress.h"
#include "codec/json_out.h"

enum { LARGEST_TEXT = 4096 };

/* The account and the database it is in; EX_OK, or a code with *said (nothing is left open then). */
static int open_account(struct workspace *work, struct invocation *run, struct users_row *user, struct str *said)
{
	int error = accounts_open(work, run, said);

	if (error)
		return error;
	error = accounts_find(work, run, user, said);
	if (error)
		workspace_close(work);
	return error;
}

/* ── Import ── */

struct import_view {
	struct progress progress;
	bool json;
};

static bool import_moved(void *arg, const struct import_counts *counts)
{
	struct import_view *view = arg;
	int64_t percent = counts->bytes_total ? counts->bytes_done * 100 / counts->bytes_total : 0;

	progress_show(&view->progress, "%3lld %%  %lld rows, %lld added, %lld merged, %lld there already, %lld with errors", (long long)percent,
		      (long long)counts->rows, (long long)counts->added, (long long)counts->merged, (long long)counts->skipped,
		      (long long)counts->failed);
	return !interrupt_seen();
}

static void import_fault_told(void *arg, const struct import_fault *fault)
{
	struct import_view *view = arg;

	if (view->json)
		return;
	progress_end(&view->progress);
	fprintf(stderr, "row %lld (line %lld): %.*s%s%.*s\n", (long long)fault->row, (long long)fault->line, STR_ARG(fault->field),
		fault->field.len ? ": " : "", STR_ARG(fault->message));
}

static void print_import(const struct import_counts *counts, bool dry_run, bool json)
{
	owned(buf_free) struct buf text = buf_of(LARGEST_TEXT);
	struct json_out out = json_out_of(&text);

	if (!json) {
		printf("%s%lld rows read: %lld added, %lld merged, %lld there already, %lld with errors.\n", dry_run ? "Dry run: " : "",
		       (long long)counts->rows, (long long)counts->added, (long long)counts->merged, (long long)counts->skipped,
		       (long long)counts->failed);
		return;
	}
	json_object(&out);
	json_put_bool(&out, STR("dryRun"), dry_run);
	import_counts_put(counts, &out);
	json_object_end(&out);
	printf("%.*s\n", STR_ARG(buf_str(&text)));
}

static int import_exit_code(int outcome, struct arena *arena, struct str *said)
{
	switch (outcome) {
	case IMPORT_DONE:
		return EX_OK;
	case IMPORT_REFUSED:
		return EX_DATAERR;
	case IMPORT_FAILED:
		return EX_UNAVAILABLE;
	default:
		*said = arena_printf(arena, "interrupted; what was read so far is kept, and the same command goes on (rows that are there "
					    "already are left as they are)");
		return EX_TEMPFAIL;
	}
}

int cmd_import(struct invocation *run)
{
	const struct options *options = &run->options;
	struct import_view view = { .progress = progress_begin(options->json), .json = options->json };
	struct import_order order = { .path = str_of(run->argument), .dry_run = options->dry_run, .progress = import_moved,
				      .faulty = import_fault_told, .arg = &view };
	struct import_counts counts;
	struct workspace work;
	struct users_row user;
	struct str said = STR_ABSENT;

	if (options->format && !import_format_parse(str_of(options->format), &order.format))
		return command_failed(EX_USAGE, STR("--format is auto, recordd or discogs"));
	if (options->on_duplicate && !import_duplicates_parse(str_of(options->on_duplicate), &order.duplicates))
		return command_failed(EX_USAGE, STR("--on-duplicate is skip, merge or add"));
	if (access(run->argument, R_OK))
		return command_failed(EX_NOINPUT, arena_printf(run->arena, "%s cannot be read: %s", run->argument, strerror(errno)));
	int error = open_account(&work, run, &user, &said);
	if (error)
		return command_failed(error, said);
	interrupt_catch();
	order.conninfo = work.job;
	order.user = user.id;
	error = import_exit_code(import_run(&order, &counts, run->arena, &said), run->arena, &said);
	progress_end(&view.progress);
	workspace_close(&work);
	print_import(&counts, options->dry_run, options->json);
	return error ? command_failed(error, said) : EX_OK;
}

/* ── Export ── */

static void export_moved(void *arg, int64_t n_done)
{
	progress_show(arg, "%lld records", (long long)n_done);
}

static int run_export(struct invocation *run, struct export_order *order, int64_t *n_done, struct str *said)
{
	struct workspace work;
	struct users_row user;

	int error = open_account(&work, run, &user, said);
	if (error)
		return error;
	order->conninfo = work.job;
	order->user = user.id;
	if (export_run(order, n_done, run->arena, said))
		error = EX_IOERR;
	workspace_close(&work);
	return error;
}

int cmd_export(struct invocation *run)
{
	struct progress progress = progress_begin(run->options.json);
	bool to_stdout = str_equal(str_of(run->argument), STR("-"));
	struct export_order order = { .progress = export_moved, .arg = &progress };
	struct str said = STR_ABSENT;
	int64_t n_done = 0;

	if (run->options.format && !export_format_parse(str_of(run->options.format), &order.format))
		return command_failed(EX_USAGE, STR("--format is csv or json"));
	order.to = to_stdout ? stdout : fopen(run->argument, "we");
	if (!order.to)
		return command_failed(EX_CANTCREAT, arena_printf(run->arena, "%s: %s", run->argument, strerror(errno)));
	int error = run_export(run, &order, &n_done, &said);
	progress_end(&progress);
	if ((to_stdout ? fflush(stdout) : fclose(order.to)) && !error) {
		error = EX_IOERR;
		said = arena_printf(run->arena, "%s: %s", run->argument, strerror(errno));
	}
	if (error)
		return command_failed(error, said);
	if (run->options.json && !to_stdout)
		printf("{\"exported\":%lld}\n", (long long)n_done);
	else if (!to_stdout)
		printf("%lld records exported to %s.\n", (long long)n_done, run->argument);
	return EX_OK;
}

/* ── Sample ── */

int cmd_sample(struct invocation *run)
{
	struct progress progress = progress_begin(run->options.json);
	struct sample_order order = { .n = run->options.n, .seed = (uint64_t)run->options.seed, .progress = export_moved, .arg = &progress };
	struct workspace work;
	struct users_row user;
	struct str said = STR_ABSENT;
	int64_t n_added = 0;

	int error = open_account(&work, run, &user, &said);
	if (error)
		return command_failed(error, said);
	order.conninfo = work.job;
	order.user = user.id;
	if (sample_run(&order, &n_added, run->arena, &said))
		error = EX_UNAVAILABLE;
	progress_end(&progress);
	workspace_close(&work);
	if (error)
		return command_failed(error, said);
	printf(run->options.json ? "{\"added\":%lld}\n" : "%lld records added.\n", (long long)n_added);
	return EX_OK;
}
