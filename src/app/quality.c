/* SPDX-License-Identifier: MIT */
/* Search quality: queries asked of an index in memory and of trigrams, and what came of each. */
#include "app/quality.h"

#include <time.h>

#include "db/sync.h"
#include "search/index.h"
#include "store_statements.h"

enum { PAGE_ROWS = 5000, DEPTH = 50, N_COLUMNS = 8, QUERY_BUDGET = 64 << 20, TOLD_EVERY = 50 };

const struct str quality_kinds[N_QUALITY_KINDS] = {
#define KIND(name) STR(#name),
#include "app/quality.def"
};

const struct str quality_figures[N_QUALITY_FIGURES] = {
#define FIGURE(name, shown) STR(shown),
#include "app/quality.def"
};

struct question {
	enum quality_kind kind;
	struct str text;
	int64_t rid; /* 0: nothing is meant to be found */
	double bounds[N_QUALITY_FIGURES];
};

struct asking {
	const struct quality_order *order;
	struct quality_report *report;
	struct db_sync *sync;
	struct search_index *index;
	struct arena *arena; /* of one query, or one page of rows */
};

/* ── The questions ── */

static bool read_kind(struct str text, enum quality_kind *kind)
{
	for (size_t i = 0; i < N_QUALITY_KINDS; i++)
		if (str_equal(text, quality_kinds[i])) {
			*kind = (enum quality_kind)i;
			return true;
		}
	return false;
}

/* "0.1258": four digits behind the point. */
static bool read_share(struct str text, double *share)
{
	struct str fraction, whole = str_cut(text, '.', &fraction);
	int64_t left, right;

	if (fraction.len != 4 || !str_to_int(whole, 0, 1, &left) || !str_to_int(fraction, 0, 9999, &right))
		return false;
	*share = (double)left + (double)right / 10000;
	return true;
}

/* kind, query, rid, id, the bounds of hit@1, hit@10, hit@50 and MRR, with tabs between them. */
static bool read_question(struct str line, struct question *question)
{
	struct str columns[N_COLUMNS];
	size_t n = 0;

	while (n < N_COLUMNS && str_present(line))
		columns[n++] = str_cut(line, '\t', &line);
	*question = (struct question){ 0 };
	if (n < N_COLUMNS || str_present(line) || !read_kind(columns[0], &question->kind) ||
	    !str_to_int(columns[2], 0, INT32_MAX, &question->rid))
		return false;
	question->text = columns[1];
	for (size_t i = QUALITY_HIT1; i <= QUALITY_MRR; i++)
		if (!read_share(columns[4 + i], &question->bounds[i]))
			return false;
	question->bounds[QUALITY_EMPTY] = question->rid == 0;
	return true;
}

/* ── The index ── */

static bool take_changes(struct asking *asking, struct search_changes *changes, size_t n, int64_t *since)
{
	for (size_t i = 0; i < n; i++) {
		struct call rows = { .rows = db_sync_rows(asking->sync) };
		struct store_search_changes_row row = store_search_changes_row(&rows, i);
		bool kept = row.gone ? search_changes_drop(changes, (int32_t)row.rid)
				     : search_changes_put(changes, (int32_t)row.rid, row.terms, row.alias_terms);
		if (!kept)
			return false;
		*since = row.changed;
	}
	return true;
}

static bool add_changes(struct asking *asking, struct search_changes *changes)
{
	struct search_segment *segment = search_segment_build(changes);
	return segment && search_index_add(asking->index, segment);
}

/* One page of what has changed after *since: how many rows, or -1 with *said; a literal when memory is short. */
static int64_t read_changes(struct asking *asking, int64_t *since, struct str *said)
{
	struct search_changes *changes = search_changes_new();
	struct db_params params = { 0 };
	int64_t n = -1;

	db_add_uuid(&params, asking->arena, &asking->order->user);
	db_add_int(&params, asking->arena, *since);
	db_add_int(&params, asking->arena, PAGE_ROWS);
	*said = STR("out of memory");
	if (changes && db_sync_run(asking->sync, &store_statement_search_changes, &params)) {
		*said = db_sync_said(asking->sync);
	} else if (changes) {
		struct call rows = { .rows = db_sync_rows(asking->sync) };
		size_t n_rows = store_search_changes_row(&rows, 0).rid ? db_n_rows(rows.rows) : 0;
		if (n_rows == 0 || (take_changes(asking, changes, n_rows, since) && add_changes(asking, changes)))
			n = (int64_t)n_rows;
	}
	search_changes_free(changes);
	return n;
}

static void merge_all(struct search_index *index)
{
	for (struct search_merge *merge; (merge = search_index_merge_due(index));) {
		search_merge_run(merge);
		search_index_merged(index, merge);
		search_merge_free(merge);
	}
}

static int load_index(struct asking *asking, struct str *said)
{
	int64_t n, since = 0;

	asking->index = search_index_new();
	*said = STR("out of memory");
	if (!asking->index)
		return -1;
	do {
		arena_reset(asking->arena);
		n = read_changes(asking, &since, said);
	} while (n == PAGE_ROWS);
	if (n < 0)
		return -1;
	merge_all(asking->index);
	asking->report->n_records = search_index_n_records(asking->index);
	asking->report->index_bytes = search_index_bytes(asking->index);
	return 0;
}

/* ── Asking ── */

/* `place` is where the record meant was found, from 1; 0: not at all. */
static void count_answer(struct quality_sums *sums, size_t place, bool empty)
{
	sums->n++;
	sums->of[QUALITY_HIT1] += place == 1;
	sums->of[QUALITY_HIT10] += place >= 1 && place <= 10;
	sums->of[QUALITY_HIT50] += place >= 1 && place <= DEPTH;
	sums->of[QUALITY_MRR] += place ? 1 / (double)place : 0;
	sums->of[QUALITY_EMPTY] += empty;
}

static bool ask_index(struct asking *asking, const struct question *question, const struct fold_query *query)
{
	struct quality_row *row = &asking->report->rows[question->kind];
	struct search_found found = { 0 };
	clock_t from = clock();
	size_t place = 0;

	if (query->words.n && !search_index_find(asking->index, query, 0, DEPTH, asking->arena, &found))
		return false;
	asking->report->cpu_us += (double)(clock() - from) * 1e6 / CLOCKS_PER_SEC;
	for (size_t i = 0; i < found.n && !place; i++)
		place = found.rids[i] == question->rid ? i + 1 : 0;
	count_answer(&row->ours, place, found.n == 0);
	row->n_corrected += str_present(found.corrected);
	return true;
}

static int ask_trigrams(struct asking *asking, const struct question *question, struct str key)
{
	struct db_params params = { 0 };
	size_t place = 0;

	db_add_text(&params, asking->arena, key);
	db_add_int(&params, asking->arena, DEPTH);
	if (db_sync_run(asking->sync, &store_statement_bench_similar, &params))
		return -1;
	struct call rows = { .rows = db_sync_rows(asking->sync) };
	size_t n = db_n_rows(rows.rows);
	for (size_t i = 0; i < n && !place; i++)
		place = store_bench_similar_row(&rows, i).rid == question->rid ? i + 1 : 0;
	count_answer(&asking->report->rows[question->kind].trigrams, place, n == 0);
	return 0;
}

static int ask(struct asking *asking, const struct question *question, struct str *said)
{
	struct quality_sums *bounds = &asking->report->rows[question->kind].bounds;
	struct fold_query query;

	arena_reset(asking->arena);
	*said = STR("out of memory");
	if (!fold_query(asking->arena, question->text, &query) || !ask_index(asking, question, &query))
		return -1;
	if (asking->report->has_trigrams && ask_trigrams(asking, question, query.key)) {
		*said = db_sync_said(asking->sync);
		return -1;
	}
	bounds->n++;
	for (size_t i = 0; i < N_QUALITY_FIGURES; i++)
		bounds->of[i] += question->bounds[i];
	return 0;
}

static int ask_all(struct asking *asking, struct arena *arena, struct str *said)
{
	struct str rest = asking->order->queries;
	int64_t n_done = 0;
	size_t line_number = 1;

	if (!str_starts(str_cut(rest, '\n', &rest), STR("kind\tquery\t"))) {
		*said = STR("this is no file of queries; perf/dataset writes them");
		return -1;
	}
	while (rest.len) {
		struct question question;
		struct str line = str_cut(rest, '\n', &rest);
		line_number++;
		if (!read_question(line, &question)) {
			*said = arena_printf(arena, "line %zu is no query", line_number);
			return -1;
		}
		if (ask(asking, &question, said))
			return -1;
		if (asking->order->progress && ++n_done % TOLD_EVERY == 0)
			asking->order->progress(asking->order->arg, n_done);
	}
	if (line_number > 1)
		asking->report->cpu_us /= (double)(line_number - 1);
	return 0;
}

/* ── The whole ── */

static int begin_trigrams(struct asking *asking, struct str *said)
{
	struct db_params params = { 0 };

	arena_reset(asking->arena);
	db_add_uuid(&params, asking->arena, &asking->order->user);
	if (db_sync_begin(asking->sync) || db_sync_run(asking->sync, &store_statement_bench_trigrams, &params)) {
		*said = db_sync_said(asking->sync);
		return -1;
	}
	struct call rows = { .rows = db_sync_rows(asking->sync) };
	asking->report->has_trigrams = store_bench_trigrams_row(&rows, 0).there;
	return 0;
}

int quality_run(const struct quality_order *order, struct quality_report *report, struct arena *arena, struct str *said)
{
	owned(arena_drop) struct arena *scratch = arena_new(QUERY_BUDGET);
	owned(db_sync_drop) struct db_sync *sync = db_sync_open(order->owner, "recordd bench", arena, said);
	struct asking asking = { .order = order, .report = report, .sync = sync, .arena = scratch };

	*report = (struct quality_report){ 0 };
	if (!sync)
		return -1;
	int error =
		load_index(&asking, said) || begin_trigrams(&asking, said) || ask_all(&asking, arena, said) ? -1 : 0;
	*said = arena_copy(arena, *said);
	db_sync_rollback(sync);
	search_index_free(asking.index);
	return error;
}

size_t quality_below(const struct quality_report *report, struct quality_verdict below[QUALITY_MAX_FLOORS])
{
	enum of { ALL, BOUND };
	static const struct floor {
		enum quality_kind kind;
		enum quality_figure figure;
		double least;
		enum of of;
	} floors[] = {
#define FLOOR(kind, figure, least, of) { QUALITY_##kind, QUALITY_##figure, least, of },
#include "app/quality.def"
	};
	size_t n = 0;
	_Static_assert(countof(floors) <= QUALITY_MAX_FLOORS, "room for each floor");

	for (size_t i = 0; i < countof(floors); i++) {
		const struct quality_row *row = &report->rows[floors[i].kind];
		double measured = quality_mean(&row->ours, floors[i].figure);
		double least =
			floors[i].least * (floors[i].of == BOUND ? quality_mean(&row->bounds, floors[i].figure) : 1);
		if (row->ours.n && measured < least)
			below[n++] = (struct quality_verdict){ quality_kinds[floors[i].kind],
							       quality_figures[floors[i].figure], measured, least };
	}
	return n;
}
