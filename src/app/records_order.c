/* SPDX-License-Identifier: MIT */
/* Orders: made by the database, kept in the cache under a text that holds all they depend on, and sliced. */
#include "app/records_order.h"

#include <string.h>

#include "app/app.h"
#include "app/reads.h"
#include "app/search_find.h"
#include "auth/identity.h"
#include "codec/fold.h"
#include "store_statements.h"

enum {
	ORDER_TTL_MS = 600000,
	ORDER_TIMES = 16, /* four bytes a record: a million and a half of them by default, for nothing may be over a tenth of cache.size */
	KEY_MAX = 1 << 18,
};

bool order_words(enum order_match match, struct str q, struct arena *arena, struct str_list *words)
{
	struct fold_query query;

	*words = (struct str_list){ 0 };
	if (match == ORDER_ALL)
		return true;
	if (!fold_query(arena, q, &query))
		return false;
	*words = query.words;
	if (match == ORDER_CONTAINING || !query.words.n) {
		words->items[0] = q;
		words->n = 1;
	}
	return true;
}

/* ── Keys: sort, match, filters and what is typed, a line each ── */

static struct str key_text(struct arena *arena, const struct order_ask *ask, struct str sort)
{
	owned(buf_free) struct buf text = buf_of(KEY_MAX);

	buf_add(&text, sort);
	buf_printf(&text, "\n%d\n", (int)ask->match);
	records_filter_write(&ask->filter, &text);
	buf_add_char(&text, '\n');
	buf_add(&text, ask->q);
	return buf_failed(&text) ? STR_ABSENT : arena_copy(arena, buf_str(&text));
}

static bool parse_key(struct str text, struct arena *arena, struct order_ask *ask, struct str *sort)
{
	struct str match, filter;
	int64_t number;

	*sort = str_cut(text, '\n', &text);
	match = str_cut(text, '\n', &text);
	filter = str_cut(text, '\n', &text);
	check(str_to_int(match, ORDER_ALL, ORDER_FUZZY, &number));
	ask->match = (enum order_match)number;
	ask->q = text;
	return records_filter_parse(filter, arena, &ask->filter);
}

/* ── Making one ── */

/* A fill: what its key asks for, and the search, where there is one. */
struct order_fill {
	struct order_ask ask;
	struct str sort;
};

static struct turn out_of_budget(struct call *call)
{
	return call_fail_with(call, PROBLEM_INTERNAL, "the request's memory budget is spent");
}

/* "{7,1,12}" as numbers of four bytes. */
static bool read_numbers(struct str text, struct buf *to)
{
	struct str rest = str_skip(str_first(text, text.len ? text.len - 1 : 0), 1);

	while (rest.len) {
		int64_t number = 0;
		if (!str_to_int(str_cut(rest, ',', &rest), 1, INT32_MAX, &number))
			return false;
		int32_t rid = (int32_t)number;
		buf_add(to, (struct str){ (const char *)&rid, sizeof(rid) });
	}
	return !buf_failed(to);
}

/* With an order goes "VERSION TOTAL CORRECTED". */
static struct turn land_numbers(struct call *flight, struct str corrected)
{
	struct store_records_order_row row = store_records_order_row(flight, 0);
	owned(buf_free) struct buf rids = buf_of(SIZE_MAX);

	if (!read_numbers(row.rids, &rids))
		return call_fail_with(flight, PROBLEM_INTERNAL, "out of memory");
	struct str note = arena_printf(flight->arena, "%lld %zu %.*s", (long long)row.version,
				       rids.len / sizeof(int32_t), STR_ARG(corrected));
	return cache_land_noted(flight, buf_str(&rids), note);
}

static struct turn ask_order(struct call *flight, const struct order_fill *fill, struct str_list words, const struct db_ints *among,
			     struct step next)
{
	struct db_ints rids = among ? *among : (struct db_ints){ 0 };

	return store_records_order(flight, app_of(flight)->db, &cache_key_of(flight)->user, FILTER_PARAMS(&fill->ask.filter),
				   words, fill->sort, rids, among != NULL, next);
}

static struct turn land_all(struct call *flight)
{
	cache_read_version(flight, store_records_order_row(flight, 0).version);
	return land_numbers(flight, STR_ABSENT);
}

static bool read_fill(struct call *flight, struct order_fill *fill)
{
	return parse_key(cache_key_of(flight)->text, flight->arena, &fill->ask, &fill->sort);
}

/* By what is best only where nothing else is asked for: all are put in order then. */
static bool match_found(const struct search_index *index, struct search_order *order, struct arena *arena)
{
	return order->most ? search_index_find(index, &order->query, 0, order->most, arena, &order->found)
			   : search_index_all(index, order->query.words, arena, &order->found);
}

static struct turn ask_found(struct call *flight, const struct search_order *order, struct db_ints rids, struct step next)
{
	struct order_fill fill;

	(void)order;
	if (!read_fill(flight, &fill))
		return out_of_budget(flight);
	return ask_order(flight, &fill, (struct str_list){ 0 }, &rids, next);
}

static int64_t version_of_found(const struct call *flight)
{
	return store_records_order_row(flight, 0).version;
}

static struct turn land_found(struct call *flight)
{
	return land_numbers(flight, search_order_of(flight)->found.corrected);
}

static const struct search_order_kind found_kind = { match_found, ask_found, version_of_found, { land_found, "land_found" } };

static struct turn fill_order(struct call *flight)
{
	struct order_fill fill;
	struct str_list words;

	if (!read_fill(flight, &fill))
		return out_of_budget(flight);
	if (fill.ask.match == ORDER_FUZZY) {
		struct search_order order = { .kind = &found_kind,
					      .user = cache_key_of(flight)->user,
					      .most = str_blank(fill.sort) ? SIZE_MAX : 0 };
		return fold_query(flight->arena, fill.ask.q, &order.query) ? search_find(flight, &order) : out_of_budget(flight);
	}
	if (!order_words(fill.ask.match, fill.ask.q, flight->arena, &words))
		return out_of_budget(flight);
	return ask_order(flight, &fill, words, NULL, STEP(land_all));
}

/* What is old is of no use: its version tells. */
static const struct cache_kind order_kind = {
	.name = "order",
	.ttl_ms = ORDER_TTL_MS,
	.fill = { fill_order, "fill_order" },
	.never_stale = true,
	.max_times = ORDER_TIMES,
};

/* ── Reading a page ── */

static struct turn ordered_page(struct call *call);

static struct turn fetch_order(struct call *call)
{
	const struct ordered *list = call->state;
	struct cache_key key = { .kind = &order_kind,
				 .user = call->identity->user,
				 .text = key_text(call->arena, &list->ask, list->page.sort) };

	if (!str_present(key.text))
		return out_of_budget(call);
	return cache_fetch(call, app_of(call)->cache, &key, STEP(ordered_page));
}

/* A version behind the order's: that was made from a replica that lags. One before it: from another database. */
static struct turn ordered_check(struct call *call)
{
	struct ordered *list = call->state;
	struct store_records_page_in_order_row row = store_records_page_in_order_row(call, 0);
	struct cache *cache = app_of(call)->cache;

	if (row.version != list->version && !list->again) {
		list->again = true;
		reads_changed(app_of(call), &call->identity->user);
		if (row.version > list->version)
			cache_invalidate_to(cache, &call->identity->user, row.version);
		else
			cache_invalidate(cache, &call->identity->user);
		return fetch_order(call);
	}
	list->docs = row.docs;
	list->last_id = row.last_id;
	list->last_key = row.last_key;
	return list->answer.run(call);
}

static bool read_note(struct ordered *list, struct blob *note, struct arena *arena)
{
	struct str rest, text = arena_copy(arena, blob_str(note)), version = str_cut(text, ' ', &rest);
	int64_t total;

	if (!str_to_int(version, 0, INT64_MAX, &list->version) ||
	    !str_to_int(str_cut(rest, ' ', &list->corrected), 0, INT64_MAX, &total))
		return false;
	list->total = (size_t)total;
	return true;
}

static struct turn ordered_page(struct call *call)
{
	struct ordered *list = call->state;
	struct cache_answer answer = cache_answer_of(call);
	int32_t *rids = arena_array(call->arena, (size_t)list->page.limit, sizeof(*rids));

	if (!rids || !read_note(list, answer.note, call->arena))
		return out_of_budget(call);
	size_t skip = (size_t)list->page.offset, left = skip < list->total ? list->total - skip : 0;
	list->n = left < (size_t)list->page.limit ? left : (size_t)list->page.limit;
	if (list->n)
		memcpy(rids, blob_str(answer.body).at + skip * sizeof(*rids), list->n * sizeof(*rids));
	list->cache_status = cache_status_text(&answer, call->arena);
	return store_records_page_in_order(call, app_of(call)->db, &call->identity->user, (struct db_ints){ rids, list->n },
					   list->page.sort, STEP(ordered_check));
}

struct turn ordered_fetch(struct call *call, struct ordered *list)
{
	call->state = list;
	return fetch_order(call);
}

struct turn ordered_reply(struct call *call)
{
	const struct ordered *list = call->state;

	reply_header(call, STR("x-total-count"), arena_printf(call->arena, "%zu", list->total));
	reply_header(call, STR("cache-status"), list->cache_status);
	reply_header(call, STR("x-cache"), str_find(list->cache_status, STR("; hit")) == SIZE_MAX ? STR("MISS") : STR("HIT"));
	return reply_json(call, 200, list->docs);
}
