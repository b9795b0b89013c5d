/* SPDX-License-Identifier: MIT */
/*
 * Making a user's index and catching up: one way for both, as making is catching up from nothing.
 *
 * What has changed since a version is read in pages, oldest change first, and becomes a segment of the index, or several
 * when it is much: on the loop when it is little, on a worker otherwise. A page that was asked for after somebody began
 * to wait tells all that was committed before that. Where reading breaks off, changes may be in the index that its
 * version does not tell of: they are read again, and are the same.
 */
#include <stdlib.h>

#include "app/indexes_inside.h"
#include "base/clock.h"
#include "obs/log.h"
#include "obs/metrics.h"
#include "store_statements.h"

enum { PAGE_ROWS = 2000, LITTLE = 256, LITTLE_BYTES = 256 << 10, LOAD_BUDGET = 1 << 20, SEGMENT_FROM = 8 << 20, REFUSED_S = 60 };

struct index_load {
	struct call call;
	struct indexes *indexes;
	struct held *held;
	struct search_index *fresh;	/* what takes the place of the held one, or NULL: goes on with that */
	struct search_changes *changes;
	struct search_segment *segment; /* made of the changes; NULL without memory */
	int64_t since;			/* the last change that was read */
	int64_t horizon;		/* purges up to this one are no matter */
	int64_t version;		/* of the last page */
	int64_t known;			/* what was known before it */
	bool more;			/* pages to come */
};

struct index_merge {
	struct call call;
	struct indexes *indexes;
	struct held *held;
	uint64_t n_made; /* of the held one, which may be another by now */
	struct search_merge *merge;
};

/* ── Whose turn it is ── */

static void load_start(struct indexes *indexes, struct held *held);

static void start_queued(struct indexes *indexes)
{
	struct link *link;

	while (indexes->n_loading < indexes->settings.max_loading && (link = list_pop_front(&indexes->queue)))
		load_start(indexes, list_entry(link, struct held, queued));
}

void held_load(struct indexes *indexes, struct held *held)
{
	if (held->loading)
		return;
	held->loading = true;
	held->pins++;
	list_push_back(&indexes->queue, &held->queued);
	start_queued(indexes);
}

static struct index_load *load_of(struct call *call)
{
	return container_of(call, struct index_load, call);
}

static void load_weigh(struct index_load *load)
{
	load->held->loading_bytes = (load->changes ? search_changes_bytes(load->changes) : 0) +
				    (load->fresh ? search_index_bytes(load->fresh) : 0);
	held_weigh(load->indexes, load->held);
}

static struct turn load_failed(struct call *call, const struct problem *problem)
{
	held_fail(load_of(call)->held, problem);
	return call_end(call);
}

static void load_ended(struct call *call)
{
	struct index_load *load = load_of(call);
	struct indexes *indexes = load->indexes;
	struct held *held = load->held;

	search_segment_unref(load->segment);
	search_changes_free(load->changes);
	search_index_free(load->fresh);
	arena_free(call->arena);
	free(load);
	indexes->n_loading--;
	held->loading = false;
	held->loading_bytes = 0;
	held_weigh(indexes, held);
	if (!list_empty(&held->waiters)) /* they came when it had failed already */
		held_load(indexes, held);
	held_unpin(indexes, held);
	start_queued(indexes);
}

static const struct call_kind load_kind = { .name = "search index", .failed = load_failed, .ended = load_ended };

/* ── Reading ── */

static struct turn read_page(struct call *call);
static struct turn take_page(struct call *call);
static struct turn build_segment(struct call *call);
static struct turn take_segment(struct call *call);

static struct turn out_of_memory(struct call *call)
{
	return call_fail_with(call, PROBLEM_INTERNAL, "out of memory");
}

const struct problem held_too_large = {
	.kind = PROBLEM_UNAVAILABLE,
	.error = STR("this collection's search index needs more memory than search.memory allows"),
	.retry_after_s = REFUSED_S,
};

/* Found out by reading most of the collection: not for every search. */
static struct turn too_large(struct call *call)
{
	struct held *held = load_of(call)->held;

	metric_add(METRIC_SEARCH_INDEX_REFUSALS, 1);
	held->doubtful = true;
	held->refused_us = clock_monotonic_us() + REFUSED_S * INT64_C(1000000);
	return call_fail(call, &held_too_large);
}

/* From nothing: at first, when in doubt, and when what is in the database does not follow what is here. */
static bool start_over(struct index_load *load)
{
	search_segment_unref(load->segment);
	search_index_free(load->fresh);
	search_changes_free(load->changes);
	load->segment = NULL;
	load->fresh = search_index_new();
	load->changes = search_changes_new();
	load->since = 0;
	load->horizon = -1;
	load->held->doubtful = false;
	metric_add(METRIC_SEARCH_INDEX_LOADS, 1);
	return load->fresh && load->changes;
}

static struct turn load_begin(struct call *call)
{
	struct index_load *load = load_of(call);
	const struct held *held = load->held;

	if (!held->index || held->doubtful) {
		if (!start_over(load))
			return out_of_memory(call);
	} else {
		metric_add(METRIC_SEARCH_INDEX_CATCH_UPS, 1);
		load->since = load->horizon = held->version;
	}
	return read_page(call);
}

static struct turn read_page(struct call *call)
{
	struct index_load *load = load_of(call);

	if (!load->changes && !(load->changes = search_changes_new()))
		return out_of_memory(call);
	load->known = load->held->known;
	load->held->n_reads++;
	return store_search_changes(call, load->indexes->db, &load->held->user, load->since, PAGE_ROWS, STEP(take_page));
}

static bool take_row(struct index_load *load, const struct store_search_changes_row *row)
{
	load->since = row->changed;
	if (row->gone)
		return search_changes_drop(load->changes, (int32_t)row->rid);
	return search_changes_put(load->changes, (int32_t)row->rid, row->terms, row->alias_terms);
}

/* What was purged meanwhile is not told any more; neither is what a database that was put back has forgotten. */
static bool follows(struct index_load *load, int64_t version, int64_t horizon)
{
	if (load->horizon < 0)
		load->horizon = horizon;
	return !load->held->doubtful && version >= load->since && horizon <= load->horizon;
}

/* There is always a row, for the version; its rid is 0 when nothing has changed. */
static struct turn take_page(struct call *call)
{
	struct index_load *load = load_of(call);
	struct store_search_changes_row row = store_search_changes_row(call, 0);
	size_t n = row.rid ? db_n_rows(call->rows) : 0;

	if (!follows(load, row.version, row.horizon))
		return start_over(load) ? read_page(call) : out_of_memory(call);
	load->version = row.version;
	for (size_t i = 0; i < n; i++) {
		row = store_search_changes_row(call, i);
		if (!take_row(load, &row))
			return out_of_memory(call);
	}
	load_weigh(load);
	load->more = n == PAGE_ROWS;
	return load->more && search_changes_bytes(load->changes) < SEGMENT_FROM ? read_page(call) : build_segment(call);
}

/* ── Building ── */

static void build(void *arg)
{
	struct index_load *load = arg;
	load->segment = search_segment_build(load->changes);
	if (load->fresh)
		(void)!search_index_make_room(load->fresh); /* else adding the segment fails */
}

static struct turn build_segment(struct call *call)
{
	struct index_load *load = load_of(call);
	size_t n = search_changes_n(load->changes);

	if (n > LITTLE || search_changes_bytes(load->changes) > LITTLE_BYTES)
		return work_run(call, &load->indexes->building, build, load, STEP(take_segment));
	if (n)
		build(load);
	return take_segment(call);
}

static struct search_index *index_of(const struct index_load *load)
{
	return load->fresh ? load->fresh : load->held->index;
}

/* False without memory. */
static bool add_segment(struct index_load *load)
{
	bool any = search_changes_n(load->changes) > 0;

	search_changes_free(load->changes);
	load->changes = NULL;
	if (any && (!load->segment || !search_index_add(index_of(load), load->segment)))
		return false;
	load->segment = NULL;
	return true;
}

/* Everything has been read. */
static void install(struct index_load *load)
{
	struct held *held = load->held;

	if (load->fresh) {
		search_index_free(held->index);
		held->index = load->fresh;
		held->n_made++;
		load->fresh = NULL;
	}
	held->loading_bytes = 0;
	held->version = load->version;
	if (held->known == load->known && held->known > held->version)
		held->known = held->version; /* it was not so, or is not so any more */
	held_weigh(load->indexes, held);
}

static struct turn take_segment(struct call *call)
{
	struct index_load *load = load_of(call);
	struct held *held = load->held;

	if (held->doubtful)
		return start_over(load) ? read_page(call) : out_of_memory(call);
	if (!add_segment(load))
		return out_of_memory(call);
	if (search_index_bytes(index_of(load)) > load->indexes->settings.max_bytes)
		return too_large(call);
	if (load->more)
		return read_page(call);
	install(load);
	if (held_wake(held)) {
		load->since = load->horizon = held->version;
		return read_page(call);
	}
	held_merge(load->indexes, held);
	return call_end(call);
}

static void load_start(struct indexes *indexes, struct held *held)
{
	static const struct problem no_memory = { .kind = PROBLEM_INTERNAL, .error = STR("out of memory") };
	struct index_load *load = calloc(1, sizeof(*load));
	struct arena *arena = load ? arena_new(LOAD_BUDGET) : NULL;

	if (!arena) {
		free(load);
		held->loading = false;
		held_fail(held, &no_memory);
		held_unpin(indexes, held);
		return;
	}
	load->indexes = indexes;
	load->held = held;
	indexes->n_loading++;
	call_init(&load->call, &indexes->loop->calls, &load_kind, arena);
	call_start(&load->call, STEP(load_begin));
}

/* ── Merging ── */

static struct index_merge *merge_of(struct call *call)
{
	return container_of(call, struct index_merge, call);
}

static struct turn merge_failed(struct call *call, const struct problem *problem)
{
	log_warn("a search index stays in pieces", LOG_TEXT("because", problem->error));
	return call_end(call);
}

static void merge_ended(struct call *call)
{
	struct index_merge *merge = merge_of(call);
	struct indexes *indexes = merge->indexes;
	struct held *held = merge->held;

	search_merge_free(merge->merge);
	arena_free(call->arena);
	free(merge);
	held->merging = false;
	held_unpin(indexes, held);
}

static const struct call_kind merge_kind = { .name = "search index merge", .failed = merge_failed, .ended = merge_ended };

static void run_merge(void *arg)
{
	struct index_merge *merge = arg;
	search_merge_run(merge->merge);
}

static struct turn merge_install(struct call *call)
{
	struct index_merge *merge = merge_of(call);
	struct held *held = merge->held;

	if (held->n_made == merge->n_made)
		search_index_merged(held->index, merge->merge);
	held_weigh(merge->indexes, held);
	return call_end(call);
}

static struct turn merge_begin(struct call *call)
{
	struct index_merge *merge = merge_of(call);

	if (search_merge_n_records(merge->merge) > LITTLE)
		return work_run(call, &merge->indexes->building, run_merge, merge, STEP(merge_install));
	run_merge(merge);
	return merge_install(call);
}

void held_merge(struct indexes *indexes, struct held *held)
{
	struct search_merge *due = held->merging ? NULL : search_index_merge_due(held->index);
	struct index_merge *merge = due ? calloc(1, sizeof(*merge)) : NULL;
	struct arena *arena = merge ? arena_new(LOAD_BUDGET) : NULL;

	if (!arena) { /* nothing to do, or no memory for it now */
		search_merge_free(due);
		free(merge);
		return;
	}
	merge->indexes = indexes;
	merge->held = held;
	merge->n_made = held->n_made;
	merge->merge = due;
	held->merging = true;
	held->pins++;
	call_init(&merge->call, &indexes->loop->calls, &merge_kind, arena);
	call_start(&merge->call, STEP(merge_begin));
}
