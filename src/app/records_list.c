/* SPDX-License-Identifier: MIT */
/*
 * The collection as a list: narrowed, ordered, page by page.
 *
 * The beginning of the whole in its usual order has an index, and going on behind a cursor counts no rows off: these are
 * read as they are. Anything else is read by its order (app/records_order.h).
 */
#include "app/app.h"
#include "app/handlers.h"
#include "app/records_order.h"
#include "auth/identity.h"
#include "store_statements.h"

enum {
	LIST_LIMIT = 100,
	LIST_LIMIT_MAX = 200,
	NEAR_OFFSET = 1000, /* further rows are not counted off */
};

static const struct problem *read_list(struct call *call, struct ordered *list)
{
	struct record_check check = { .arena = call->arena };

	list->page = page_of(call, LIST_LIMIT, LIST_LIMIT_MAX, &check);
	list->ask.filter = records_filter_read(call, &check);
	list->ask.q = page_query(call, &check);
	list->ask.match = str_blank(list->ask.q) ? ORDER_ALL : ORDER_WORDS;
	const struct problem *problem = page_read_cursor(call, &list->page, &check);
	return problem ? problem : record_problem(&check);
}

static bool is_narrowed(const struct ordered *list)
{
	return list->ask.match != ORDER_ALL || records_filter_any(&list->ask.filter);
}

/* ── As it is ── */

static struct turn records_list_answer(struct call *call)
{
	const struct ordered *list = call->state;
	owned(page_body_drop) struct page_body body = page_body_new();
	size_t n = db_n_rows(call->rows), at;
	struct store_records_list_row last = { 0 };

	for (at = 0; at < n && at < (size_t)list->page.limit; at++) {
		struct store_records_list_row row = store_records_list_row(call, at);
		if (!page_body_add(&body, row.doc))
			break;
		last = row;
	}
	if (at < n)
		page_link_behind(call, &list->page, last.sort_key, &last.id);
	return page_reply(call, &body);
}

/* One row more than asked for tells whether there is a next page. */
static struct turn records_list_rows(struct call *call)
{
	const struct ordered *list = call->state;
	const struct page *page = &list->page;
	struct str_list words;

	if (!order_words(list->ask.match, list->ask.q, call->arena, &words))
		return call_fail_with(call, PROBLEM_INTERNAL, "the request's memory budget is spent");
	return store_records_list(call, app_of(call)->db, &call->identity->user, FILTER_PARAMS(&list->ask.filter), words,
				  page->sort, page->after_key, page->after_id, page->offset, page->limit + 1,
				  STEP(records_list_answer));
}

static struct turn records_list_total(struct call *call)
{
	int64_t n = db_n_rows(call->rows) ? store_records_stats_row(call, 0).n : 0;
	reply_header(call, STR("x-total-count"), arena_printf(call->arena, "%lld", (long long)n));
	return records_list_rows(call);
}

/* ── By its order ── */

static struct turn records_list_ordered(struct call *call)
{
	const struct ordered *list = call->state;

	if (list->n && (size_t)list->page.offset + list->n < list->total)
		page_link_behind(call, &list->page, list->last_key, &list->last_id);
	return ordered_reply(call);
}

static bool is_near(const struct ordered *list)
{
	struct str sort = list->page.sort;
	bool indexed = str_equal(sort, STR("updatedAt")) || str_equal(sort, STR("-updatedAt"));
	return list->page.after_id || (indexed && !is_narrowed(list) && list->page.offset <= NEAR_OFFSET);
}

struct turn records_list(struct call *call)
{
	struct ordered *list = arena_new_of(call->arena, struct ordered);

	if (!list)
		return call_fail_with(call, PROBLEM_UNAVAILABLE, "out of memory");
	const struct problem *problem = read_list(call, list);
	if (problem)
		return call_fail(call, problem);
	call->state = list;
	if (!is_near(list)) {
		list->answer = STEP(records_list_ordered);
		return ordered_fetch(call, list);
	}
	if (is_narrowed(list))
		return records_list_rows(call);
	return store_records_stats(call, app_of(call)->db, &call->identity->user, STEP(records_list_total));
}
