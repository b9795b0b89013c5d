/* SPDX-License-Identifier: MIT */
/*
 * The search index fed with any packed terms, written in any order: it finds only records that are there, each once, and
 * the same before and after a merge. Commands are parted by blank lines:
 *
 *     +7        record 7 is there, with the packed terms of the lines that follow; those behind a line "&" are of its aliases
 *     -7        it is gone
 *     |         what was said so far becomes a segment
 *     anything  is a query
 */
#include <string.h>

#include "search/index.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { N_RIDS = 64, PAGE = 8, MAX_INPUT = 20000 };

struct world {
	struct search_index *index;
	struct search_changes *changes;
	bool is_there[N_RIDS];
	struct arena *arena;
};

/* The number in the command, and the lines behind it. */
static int32_t rid_of(struct str command, struct str *lines)
{
	int64_t rid;
	struct str number = str_skip(str_cut(command, '\n', lines), 1);

	return str_to_int(number, 0, N_RIDS - 1, &rid) ? (int32_t)rid : 0;
}

static void put(struct world *world, struct str command)
{
	struct str lines, further = STR_ABSENT;
	int32_t rid = rid_of(command, &lines);
	size_t at = str_find(lines, STR("\n&\n"));

	if (at != SIZE_MAX) {
		further = str_skip(lines, at + 3);
		lines = str_first(lines, at);
	}
	check(search_changes_put(world->changes, rid, lines, further));
	world->is_there[rid] = true;
}

static void drop(struct world *world, struct str command)
{
	struct str lines;
	int32_t rid = rid_of(command, &lines);

	check(search_changes_drop(world->changes, rid));
	world->is_there[rid] = false;
}

static void make_segment(struct world *world)
{
	size_t n = 0;
	struct search_segment *segment = search_segment_build(world->changes);

	check(segment && search_index_add(world->index, segment));
	search_changes_free(world->changes);
	world->changes = search_changes_new();
	check(world->changes != NULL);
	for (size_t i = 0; i < N_RIDS; i++)
		n += world->is_there[i];
	check(search_index_n_records(world->index) == n);
}

static bool merge(struct world *world)
{
	struct search_merge *due = search_index_merge_due(world->index);

	if (!due)
		return false;
	search_merge_run(due);
	search_index_merged(world->index, due);
	search_merge_free(due);
	return true;
}

static void check_found(const struct world *world, const struct search_found *found)
{
	bool seen[N_RIDS] = { false };

	check(found->n <= found->total);
	for (size_t i = 0; i < found->n; i++) {
		check(found->rids[i] >= 0 && found->rids[i] < N_RIDS);
		check(world->is_there[found->rids[i]] && !seen[found->rids[i]]);
		seen[found->rids[i]] = true;
	}
}

static bool same(const struct search_found *a, const struct search_found *b)
{
	return a->n == b->n && a->total == b->total && str_equal(a->corrected, b->corrected) &&
	       memcmp(a->rids, b->rids, a->n * sizeof(*a->rids)) == 0;
}

static void ask(struct world *world, struct str text)
{
	struct search_found page, rest, all, again;
	struct fold_query query;
	struct str corrected;
	size_t n_corrected;

	arena_reset(world->arena);
	make_segment(world);
	check(fold_query(world->arena, text, &query));
	check(search_index_find(world->index, &query, 0, PAGE, world->arena, &page));
	check(search_index_find(world->index, &query, PAGE, SIZE_MAX, world->arena, &rest));
	check(search_index_all(world->index, query.words, world->arena, &all));
	check(page.n + rest.n == page.total && rest.total == page.total && all.n == page.total);
	check_found(world, &page);
	check_found(world, &all);
	check(search_index_correct(world->index, query.words, world->arena, &corrected, &n_corrected));
	check(n_corrected <= query.words.n);
	check(search_index_catalog(world->index, text, PAGE, world->arena, &all));
	check_found(world, &all);
	if (!merge(world))
		return;
	/* What was found before must not lie in the segments that are gone now. */
	check(search_index_find(world->index, &query, 0, PAGE, world->arena, &again));
	check(same(&page, &again));
}

static void obey(struct world *world, struct str command)
{
	if (str_starts(command, STR("+")))
		put(world, command);
	else if (str_starts(command, STR("-")))
		drop(world, command);
	else if (str_equal(command, STR("|")))
		make_segment(world);
	else
		ask(world, command);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str rest = { (const char *)data, size };
	struct world world = { .index = search_index_new(),
			       .changes = search_changes_new(),
			       .arena = arena_new(16 << 20) };

	check(world.index && world.changes && world.arena);
	while (rest.len && size <= MAX_INPUT) {
		size_t end = str_find(rest, STR("\n\n"));
		obey(&world, str_first(rest, end));
		rest = end == SIZE_MAX ? STR("") : str_skip(rest, end + 2);
	}
	search_changes_free(world.changes);
	search_index_free(world.index);
	arena_free(world.arena);
	return 0;
}
