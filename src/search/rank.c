/* SPDX-License-Identifier: MIT */
/* The best matches of many, by a heap of as many as were asked for. */
#include "search/match.h"

/* Of equally good ones the record added last. */
static bool is_better(struct match a, struct match b)
{
	return a.score != b.score ? a.score > b.score : a.rid > b.rid;
}

static void swap(struct match *a, struct match *b)
{
	struct match was = *a;
	*a = *b;
	*b = was;
}

/* The worst is on top. */
static void sift_down(struct match *heap, size_t n, size_t at)
{
	for (size_t child; (child = 2 * at + 1) < n; at = child) {
		if (child + 1 < n && is_better(heap[child], heap[child + 1]))
			child++;
		if (!is_better(heap[at], heap[child]))
			return;
		swap(&heap[at], &heap[child]);
	}
}

/*
 * The heap lies at the end of the list and the rest is looked at backwards: newer records lie further behind, so that of
 * many equally good ones hardly any gets into the heap once it is full.
 */
size_t matches_rank(struct matches *matches, size_t skip, size_t most, struct match **page)
{
	size_t n = matches->n, k = skip < n && most < n - skip ? skip + most : n;
	size_t n_page = skip < k ? k - skip : 0;

	*page = NULL;
	if (!n_page)
		return 0;
	struct match *heap = matches->items + (n - k);
	for (size_t i = k / 2; i-- > 0;)
		sift_down(heap, k, i);
	for (size_t i = n - k; i-- > 0;) {
		if (!is_better(matches->items[i], heap[0]))
			continue;
		swap(&matches->items[i], &heap[0]);
		sift_down(heap, k, 0);
	}
	/* The page is the worst part of what the heap holds: it comes off the top, last one first, and stays behind it. */
	for (size_t i = 0; i < n_page; i++) {
		swap(&heap[0], &heap[k - 1 - i]);
		sift_down(heap, k - 1 - i, 0);
	}
	*page = heap + (k - n_page);
	return n_page;
}
