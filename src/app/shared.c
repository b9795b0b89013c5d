/* SPDX-License-Identifier: MIT */
/* What anybody sees who has a link. Each answer begins with a look whether the link is still one. */
#include "app/app.h"
#include "app/handlers.h"
#include "app/records.h"
#include "app/records_page.h"
#include "app/shares.h"
#include "codec/fold.h"
#include "obs/log.h"
#include "obs/metrics.h"
#include "store_statements.h"

enum {
	PAGE = 100,
	PAGE_MAX = 200,
	QUERY_MAX = 1000,   /* bytes */
	SCRATCH = 16 << 20, /* to read one record in */
};

struct look {
	struct uuid owner;
	bool of_one; /* a link to a record, which is `doc` */
	struct str doc, title;
	unsigned shown; /* FIELD_PRICE, FIELD_NOTE */
	int64_t n;	/* records that it shows */
	struct step then;
	struct page page;
	struct str query; /* folded; blank: everything */
};

/* ── The link ── */

/* Unknown, revoked, over, its record gone: nobody is told which. */
static struct turn nothing_here(struct call *call)
{
	return call_fail_with(call, PROBLEM_NOT_FOUND, "this link leads nowhere, or not any more");
}

static struct turn look_opened(struct call *call)
{
	struct look *look = call->state;

	if (db_n_rows(call->rows) == 0)
		return nothing_here(call);
	struct store_shares_open_row row = store_shares_open_row(call, 0);
	look->owner = row.owner;
	look->of_one = str_present(row.doc);
	look->doc = look->of_one ? arena_copy(call->arena, row.doc) : STR_ABSENT;
	look->title = str_present(row.title) ? arena_copy(call->arena, row.title) : STR_ABSENT;
	look->shown = (row.show_prices ? FIELD_PRICE : 0) | (row.show_notes ? FIELD_NOTE : 0);
	look->n = row.n;
	reply_header(call, STR("x-robots-tag"), STR("noindex"));
	return look->then.run(call);
}

static struct turn open_link(struct call *call, struct look *look, bool counts, struct step then)
{
	struct share_token token;

	if (!look)
		return call_fail_with(call, PROBLEM_UNAVAILABLE, "out of memory");
	if (!share_token_read(call->request->path_params[0], &token))
		return nothing_here(call);
	look->then = then;
	call->state = look;
	return store_shares_open(call, app_of(call)->db, (struct str){ token.digest, sizeof(token.digest) }, counts,
				 STEP(look_opened));
}

/* Appends the record as others see it; with memory of its own, so that those of a page do not add up. */
static bool put_shared(const struct look *look, struct str doc, struct buf *to)
{
	owned(arena_drop) struct arena *scratch = arena_new(SCRATCH);
	struct record record;

	if (!scratch || !record_of_doc(&record, doc, scratch)) {
		log_error("a stored record cannot be read", LOG_ID("user", &look->owner));
		return false;
	}
	record_render_shared(&record, look->shown, to);
	return !buf_failed(to);
}

static struct turn unreadable(struct call *call)
{
	return call_fail_with(call, PROBLEM_INTERNAL, "a record cannot be shown");
}

/* ── What it leads to ── */

static struct turn shared_get_answer(struct call *call)
{
	const struct look *look = call->state;
	owned(buf_free) struct buf body = buf_of(2 * RECORD_DOC_MAX), record = buf_of(RECORD_DOC_MAX);
	struct json_out out = json_out_of(&body);

	if (look->of_one && !put_shared(look, look->doc, &record))
		return unreadable(call);
	json_object(&out);
	json_put_str(&out, STR("kind"), look->of_one ? STR("record") : STR("collection"));
	json_put_str(&out, STR("title"), look->title);
	json_put_bool(&out, STR("showPrices"), look->shown & FIELD_PRICE);
	json_put_bool(&out, STR("showNotes"), look->shown & FIELD_NOTE);
	json_put_int(&out, STR("count"), look->n);
	if (look->of_one)
		json_put_raw(&out, STR("record"), buf_str(&record));
	json_object_end(&out);
	metric_add(METRIC_SHARES_OPENED, 1);
	return reply_json(call, 200, buf_str(&body));
}

struct turn shared_get(struct call *call)
{
	return open_link(call, arena_new_of(call->arena, struct look), call->request->method == HTTP_GET,
			 STEP(shared_get_answer));
}

/* ── A page ── */

/* Adds a row's record to a page. False: the page is full. */
static bool add_shared(const struct look *look, struct page_body *body, struct str doc)
{
	owned(buf_free) struct buf record = buf_of(RECORD_DOC_MAX);

	return !put_shared(look, doc, &record) || page_body_add(body, buf_str(&record));
}

static struct turn reply_page(struct call *call, struct page_body *body, int64_t total)
{
	const struct look *look = call->state;
	int64_t behind = look->page.offset + (int64_t)body->n;

	reply_header(call, STR("x-total-count"), arena_printf(call->arena, "%lld", (long long)total));
	if (body->n && behind < total)
		page_link_offset(call, behind);
	return page_reply(call, body);
}

static struct turn shared_page_answer(struct call *call)
{
	const struct look *look = call->state;
	owned(page_body_drop) struct page_body body = page_body_new();

	for (size_t i = 0; i < db_n_rows(call->rows); i++)
		if (!add_shared(look, &body, store_shares_page_row(call, i).doc))
			break;
	return reply_page(call, &body, look->n);
}

/*
 * What is looked for is looked for in what is shown: the search index knows notes and aliases as well, and would tell
 * which records have a word in them.
 */
static struct turn shared_found_answer(struct call *call)
{
	const struct look *look = call->state;
	owned(page_body_drop) struct page_body body = page_body_new();

	for (size_t i = 0; i < db_n_rows(call->rows); i++) {
		struct str doc = store_shares_search_row(call, i).doc;
		if (str_present(doc) && !add_shared(look, &body, doc))
			break;
	}
	return reply_page(call, &body, store_shares_search_row(call, 0).n);
}

static struct turn search(struct call *call, const struct look *look)
{
	struct fold_query query = { 0 };

	if (!fold_query(call->arena, look->query, &query))
		return call_fail_with(call, PROBLEM_BAD_REQUEST, "the query is too long");
	/* One of signs alone is looked for as if it were a word. */
	if (!query.words.n)
		query.words.items[query.words.n++] = query.key;
	return store_shares_search(call, app_of(call)->db, &look->owner, query.words, look->page.offset,
				   look->page.limit, STEP(shared_found_answer));
}

/* ── Records ── */

static struct turn shared_records_answer(struct call *call)
{
	const struct look *look = call->state;
	owned(page_body_drop) struct page_body body = page_body_new();

	if (!look->of_one && !str_blank(look->query))
		return search(call, look);
	if (!look->of_one)
		return store_shares_page(call, app_of(call)->db, &look->owner, look->page.offset, look->page.limit,
					 STEP(shared_page_answer));
	if (look->page.offset == 0 && !add_shared(look, &body, look->doc))
		return unreadable(call);
	return reply_page(call, &body, look->n);
}

struct turn shared_records(struct call *call)
{
	struct record_check check = { .arena = call->arena };
	struct look *look = arena_new_of(call->arena, struct look);
	struct str q = request_param(call->request, STR("q"));

	if (!look)
		return call_fail_with(call, PROBLEM_UNAVAILABLE, "out of memory");
	look->page = page_of(call, PAGE, PAGE_MAX, &check);
	if (q.len > QUERY_MAX)
		record_wrong(&check, STR("q"), STR("must not be longer than 1000 bytes"));
	else if (str_present(q))
		look->query = fold_key(call->arena, q);
	const struct problem *problem = record_problem(&check);
	if (problem)
		return call_fail(call, problem);
	return open_link(call, look, false, STEP(shared_records_answer));
}

/* ── One of them ── */

static struct turn reply_shared(struct call *call, struct str doc)
{
	owned(buf_free) struct buf body = buf_of(RECORD_DOC_MAX);

	return put_shared(call->state, doc, &body) ? reply_json(call, 200, buf_str(&body)) : unreadable(call);
}

static struct turn shared_record_read(struct call *call)
{
	if (db_n_rows(call->rows) == 0)
		return nothing_here(call);
	struct store_records_get_row row = store_records_get_row(call, 0);
	return row.deleted ? nothing_here(call) : reply_shared(call, row.doc);
}

/* A link to a record shows no other one. */
static struct turn shared_record_answer(struct call *call)
{
	const struct look *look = call->state;
	struct record record;
	struct uuid id;

	if (!uuid_parse(call->request->path_params[1], &id))
		return nothing_here(call);
	if (!look->of_one)
		return store_records_get(call, app_of(call)->db, &look->owner, &id, STEP(shared_record_read));
	if (!record_of_doc(&record, look->doc, call->arena) || !uuid_equal(&record.id, &id))
		return nothing_here(call);
	return reply_shared(call, look->doc);
}

struct turn shared_record(struct call *call)
{
	return open_link(call, arena_new_of(call->arena, struct look), false, STEP(shared_record_answer));
}
