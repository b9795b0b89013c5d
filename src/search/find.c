/* SPDX-License-Identifier: MIT */
/* Finding: what a query's words stand for, which records have them, and the best of those. */
#include "search/match.h"

struct finder {
	struct sought words[FOLD_MAX_QUERY_WORDS];
	size_t n_words;
	struct str phrase; /* or absent */
	struct sought beginning;
	struct matches matches;
};

static void finder_deinit(struct finder *finder)
{
	matches_deinit(&finder->matches);
}

/* ── The query ── */

static bool seek_all(struct finder *finder, struct str_list words, bool widen, struct arena *arena)
{
	finder->n_words = 0;
	for (size_t i = 0; i < words.n && i < FOLD_MAX_QUERY_WORDS; i++, finder->n_words++)
		if (!words_seek(finder->matches.index, words, i, widen, arena, &finder->words[i]))
			return false;
	return true;
}

static bool any_known(const struct finder *finder)
{
	for (size_t i = 0; i < finder->n_words; i++)
		if (finder->words[i].known)
			return true;
	return false;
}

static size_t n_corrected_in(const struct finder *finder)
{
	size_t n = 0;

	for (size_t i = 0; i < finder->n_words; i++)
		n += str_present(finder->words[i].corrected);
	return n;
}

/* The words as they were understood, joined by blanks. Absent over budget. */
static struct str understood(const struct finder *finder, struct arena *arena)
{
	struct str parts[2 * FOLD_MAX_QUERY_WORDS];
	size_t n = 0;

	for (size_t i = 0; i < finder->n_words; i++) {
		const struct sought *word = &finder->words[i];
		if (i)
			parts[n++] = STR(" ");
		parts[n++] = str_present(word->corrected) ? word->corrected : word->word;
	}
	return arena_concat(arena, parts, n);
}

/* "=metalica" asks for "=metallica" once the word is taken for that. */
static bool correct_phrase(struct finder *finder, struct arena *arena)
{
	for (size_t i = 0; i < finder->n_words && str_present(finder->phrase); i++) {
		const struct sought *word = &finder->words[i];
		const struct str parts[] = { STR("="), word->corrected };
		if (!str_present(word->corrected) || !str_equal(str_skip(finder->phrase, 1), word->word))
			continue;
		finder->phrase = arena_concat(arena, parts, countof(parts));
		return str_present(finder->phrase);
	}
	return true;
}

/* All that matches. The arena holds what is left of the query only. */
static bool match(struct finder *finder, struct str_list words, struct arena *arena, struct str *corrected)
{
	struct matches *matches = &finder->matches;

	*corrected = STR_ABSENT;
	if (!seek_all(finder, words, false, arena) || !correct_phrase(finder, arena))
		return false;
	if (n_corrected_in(finder) && !str_present(*corrected = understood(finder, arena)))
		return false;
	if (!match_all(matches, finder->words, finder->n_words, finder->phrase, &finder->beginning))
		return false;
	if (matches->n || words.n < 2 || !any_known(finder))
		return true;
	if (!seek_all(finder, words, true, arena) ||
	    !match_all(matches, finder->words, finder->n_words, finder->phrase, &finder->beginning))
		return false;
	return matches->n || (seek_all(finder, words, false, arena) &&
			      match_any(matches, finder->words, finder->n_words, finder->phrase));
}

static bool give(struct matches *matches, size_t skip, size_t most, struct arena *arena, struct search_found *found)
{
	struct match *page;

	found->total = matches->n;
	found->n = matches_rank(matches, skip, most, &page);
	found->rids = arena_array(arena, found->n, sizeof(*found->rids));
	for (size_t i = 0; found->rids && i < found->n; i++)
		found->rids[i] = page[i].rid;
	return found->rids != NULL;
}

bool search_index_find(const struct search_index *index, const struct fold_query *query, size_t skip, size_t most,
		       struct arena *arena, struct search_found *found)
{
	owned(finder_deinit) struct finder finder = { .phrase = query->phrase, .matches.index = index };

	return words_beginning(index, query->beginning, arena, &finder.beginning) &&
	       match(&finder, query->words, arena, &found->corrected) &&
	       give(&finder.matches, skip, most, arena, found);
}

bool search_index_all(const struct search_index *index, struct str_list words, struct arena *arena,
		      struct search_found *found)
{
	owned(finder_deinit) struct finder finder = { .matches.index = index };
	const struct matches *matches = &finder.matches;

	if (!match(&finder, words, arena, &found->corrected))
		return false;
	found->n = found->total = matches->n;
	found->rids = arena_array(arena, found->n, sizeof(*found->rids));
	for (size_t i = 0; found->rids && i < found->n; i++)
		found->rids[i] = matches->items[i].rid;
	return found->rids != NULL;
}

bool search_index_correct(const struct search_index *index, struct str_list words, struct arena *arena,
			  struct str *corrected, size_t *n_corrected)
{
	struct finder finder = { .matches.index = index };

	if (!seek_all(&finder, words, false, arena))
		return false;
	*n_corrected = n_corrected_in(&finder);
	*corrected = understood(&finder, arena);
	return str_present(*corrected);
}

bool search_index_catalog(const struct search_index *index, struct str prefix, size_t most, struct arena *arena,
			  struct search_found *found)
{
	owned(finder_deinit) struct finder finder = { .matches.index = index };

	found->corrected = STR_ABSENT;
	return match_catalog(&finder.matches, prefix) && give(&finder.matches, 0, most, arena, found);
}
