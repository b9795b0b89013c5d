/* SPDX-License-Identifier: MIT */
/* A segment's memory, and finding things in it. */
#include "search/segment.h"

#include <stdlib.h>
#include <string.h>

static void weigh(struct search_segment *segment, size_t text_len)
{
	size_t numbers = (size_t)segment->n_docs + segment->n_gone + 2 * ((size_t)segment->n_terms + 1) +
			 segment->n_postings + segment->n_tails;

	segment->bytes = sizeof(*segment) + text_len + segment->n_terms + numbers * sizeof(uint32_t);
}

bool segment_alloc(struct search_segment *segment, size_t text_len)
{
	size_t terms = (size_t)segment->n_terms + 1;

	weigh(segment, text_len);
	segment->rids = calloc((size_t)segment->n_docs + 1, sizeof(*segment->rids));
	segment->gone = calloc((size_t)segment->n_gone + 1, sizeof(*segment->gone));
	segment->text = malloc(text_len + 1);
	segment->term_at = calloc(terms, sizeof(*segment->term_at));
	segment->posting_at = calloc(terms, sizeof(*segment->posting_at));
	segment->postings = calloc((size_t)segment->n_postings + 1, sizeof(*segment->postings));
	segment->flags = calloc(terms, sizeof(*segment->flags));
	segment->tails = calloc((size_t)segment->n_tails + 1, sizeof(*segment->tails));
	return segment->rids && segment->gone && segment->text && segment->term_at && segment->posting_at &&
	       segment->postings && segment->flags && segment->tails;
}

/* One more than n, so that there is always something. A smaller piece that is not to be had leaves the larger one. */
static void *trimmed(void *array, size_t n, size_t size)
{
	void *smaller = reallocarray(array, n + 1, size);
	return smaller ? smaller : array;
}

void segment_trim(struct search_segment *segment)
{
	size_t text_len = segment->term_at[segment->n_terms];

	segment->text = trimmed(segment->text, text_len, 1);
	segment->term_at = trimmed(segment->term_at, segment->n_terms, sizeof(*segment->term_at));
	segment->posting_at = trimmed(segment->posting_at, segment->n_terms, sizeof(*segment->posting_at));
	segment->postings = trimmed(segment->postings, segment->n_postings, sizeof(*segment->postings));
	segment->flags = trimmed(segment->flags, segment->n_terms, sizeof(*segment->flags));
	segment->tails = trimmed(segment->tails, segment->n_tails, sizeof(*segment->tails));
	weigh(segment, text_len);
}

struct search_segment *search_segment_ref(struct search_segment *segment)
{
	segment->refs++;
	return segment;
}

void search_segment_unref(struct search_segment *segment)
{
	if (!segment || --segment->refs)
		return;
	free(segment->rids);
	free(segment->gone);
	free(segment->text);
	free(segment->term_at);
	free(segment->posting_at);
	free(segment->postings);
	free(segment->flags);
	free(segment->tails);
	free(segment);
}

int64_t segment_doc(const struct search_segment *segment, int32_t rid)
{
	uint32_t low = 0, high = segment->n_docs;

	if (!high || segment->rids[high - 1] < rid) /* as new records are */
		return -1;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (segment->rids[middle] < rid)
			low = middle + 1;
		else
			high = middle;
	}
	return low < segment->n_docs && segment->rids[low] == rid ? (int64_t)low : -1;
}

/* The first term that does not come before the text; with `past`, the first that comes after all that begin with it. */
static term_id bound(const struct search_segment *segment, struct str text, bool past)
{
	term_id low = 0, high = segment->n_terms;

	while (low < high) {
		term_id middle = low + (high - low) / 2;
		struct str term = segment_term(segment, middle);
		int order = str_compare(past ? str_first(term, text.len) : term, text);
		if (order < 0 || (past && order == 0))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

term_id segment_find(const struct search_segment *segment, struct str term)
{
	term_id found = bound(segment, term, false);
	return found < segment->n_terms && str_equal(segment_term(segment, found), term) ? found : NO_TERM;
}

void segment_prefixed(const struct search_segment *segment, struct str prefix, term_id *first, term_id *end)
{
	*first = bound(segment, prefix, false);
	*end = bound(segment, prefix, true);
}

/* ── From the end ── */

static int compare_reversed(struct str a, struct str b)
{
	for (size_t i = 1; i <= a.len && i <= b.len; i++) {
		unsigned char left = (unsigned char)a.at[a.len - i], right = (unsigned char)b.at[b.len - i];
		if (left != right)
			return left < right ? -1 : 1;
	}
	return (a.len > b.len) - (a.len < b.len);
}

static struct str last_bytes(struct str text, size_t n)
{
	return text.len > n ? str_skip(text, text.len - n) : text;
}

static uint32_t tail_bound(const struct search_segment *segment, struct str suffix, bool past)
{
	uint32_t low = 0, high = segment->n_tails;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		struct str term = segment_term(segment, segment->tails[middle]);
		int order = compare_reversed(past ? last_bytes(term, suffix.len) : term, suffix);
		if (order < 0 || (past && order == 0))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void segment_suffixed(const struct search_segment *segment, struct str suffix, uint32_t *first, uint32_t *end)
{
	*first = tail_bound(segment, suffix, false);
	*end = tail_bound(segment, suffix, true);
}

static int by_tail(const void *a, const void *b, void *segment)
{
	return compare_reversed(segment_term(segment, *(const term_id *)a), segment_term(segment, *(const term_id *)b));
}

void segment_sort_tails(struct search_segment *segment)
{
	uint32_t n = 0;

	for (term_id term = 0; term < segment->n_terms; term++)
		if (segment->flags[term] & TERM_CORRECTABLE)
			segment->tails[n++] = term;
	check(n == segment->n_tails);
	qsort_r(segment->tails, n, sizeof(*segment->tails), by_tail, segment);
}
