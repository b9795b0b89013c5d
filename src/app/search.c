/* SPDX-License-Identifier: MIT */
/*
 * Searching a collection. What a query finds is matched in memory (app/search_find.h); every answer is a finished JSON
 * text from the database, kept in the cache under the user, what kind it is, and a text that holds all it depends on:
 * the parameters, a line feed, the folded query.
 */
#include "app/app.h"
#include "app/handlers.h"
#include "app/records_order.h"
#include "app/search_find.h"
#include "auth/identity.h"
#include "codec/fold.h"
#include "codec/url.h"
#include "codec/utf8.h"
#include "store_statements.h"

enum {
	SEARCH_LIMIT = 50,
	SEARCH_LIMIT_MAX = 200,
	FACETS_KEY_MAX = 1 << 18,
	COMPLETE_LIMIT = 10,
	COMPLETE_LIMIT_MAX = 50,
	FACET_VALUES = 100,
	CATALOG_MATCHES = 2000,
};

/* Which way to look. */
enum { CONTAINING = 0, FUZZY = 1 };

/* ── Keys ── */

/* Up to three whole numbers at the front of a key's text, and the query behind them. */
struct parsed_key {
	int64_t numbers[3];
	struct str query;
};

static struct parsed_key parse_key(const struct cache_key *key)
{
	struct parsed_key parsed = { 0 };
	struct str numbers = str_cut(key->text, '\n', &parsed.query);

	for (size_t i = 0; i < countof(parsed.numbers) && str_present(numbers); i++)
		check(str_to_int(str_cut(numbers, ' ', &numbers), 0, INT64_MAX, &parsed.numbers[i]));
	return parsed;
}

static struct turn fetch(struct call *call, const struct cache_kind *kind, struct str text, bool brief, struct step next)
{
	const struct cache_key key = { .kind = kind, .user = call->identity->user, .text = text, .brief = brief };

	if (!str_present(text))
		return call_fail_with(call, PROBLEM_INTERNAL, "the request's memory budget is spent");
	return cache_fetch(call, app_of(call)->cache, &key, next);
}

static struct turn answer_json(struct call *call)
{
	struct cache_answer answer = cache_answer_of(call);
	return reply_answer(call, app_of(call)->cache, &answer, STR("application/json"));
}

static struct turn answer_empty_list(struct call *call)
{
	reply_header(call, STR("cache-status"), STR("recordd; fwd=bypass"));
	reply_header(call, STR("x-cache"), STR("MISS"));
	return reply_json(call, 200, STR("[]"));
}

static struct turn out_of_budget(struct call *flight)
{
	return call_fail_with(flight, PROBLEM_INTERNAL, "the request's memory budget is spent");
}

/* ── Records ── */

static struct turn ask_page(struct call *flight, const struct search_order *order, struct db_ints rids, struct step next)
{
	return store_search_page(flight, app_of(flight)->db, &order->user, rids, next);
}

static int64_t version_of_page(const struct call *flight)
{
	return store_search_page_row(flight, 0).version;
}

/* What goes with a page of records: "TOTAL CORRECTED", the latter empty when the query was taken as it is. */
static struct turn land_page(struct call *flight)
{
	const struct search_found *found = &search_order_of(flight)->found;
	struct str note = arena_printf(flight->arena, "%zu %.*s", found->total, STR_ARG(found->corrected));

	return cache_land_noted(flight, store_search_page_row(flight, 0).docs, note);
}

static bool match_page(const struct search_index *index, struct search_order *order, struct arena *arena)
{
	return search_index_find(index, &order->query, order->skip, order->most, arena, &order->found);
}

static const struct search_order_kind page_order = { match_page, ask_page, version_of_page, { land_page, "land_page" } };

static struct turn fill_search(struct call *flight)
{
	const struct cache_key *key = cache_key_of(flight);
	struct parsed_key parsed = parse_key(key);
	struct search_order order = { .kind = &page_order,
				      .user = key->user,
				      .most = (size_t)parsed.numbers[0],
				      .skip = (size_t)parsed.numbers[1] };

	return fold_query(flight->arena, parsed.query, &order.query) ? search_find(flight, &order) : out_of_budget(flight);
}

static const struct cache_kind search_kind = {
	.name = "search",
	.ttl_ms = 60000,
	.short_ttl_ms = 15000,
	.fill = { fill_search, "fill_search" },
};

/* A header holds ASCII: other letters of a corrected query are percent-encoded. */
static struct str header_text(struct call *call, struct str text)
{
	owned(buf_free) struct buf encoded = buf_of(4 * PAGE_QUERY_MAX);

	for (size_t i = 0; i < text.len; i++) {
		if ((unsigned char)text.at[i] < 0x80)
			buf_add_char(&encoded, text.at[i]);
		else
			url_encode(&encoded, (struct str){ text.at + i, 1 });
	}
	return arena_copy(call->arena, buf_str(&encoded));
}

static struct turn answer_search(struct call *call)
{
	struct cache_answer answer = cache_answer_of(call);
	struct str corrected, total = str_cut(blob_str(answer.note), ' ', &corrected);

	reply_header(call, STR("x-total-count"), arena_copy(call->arena, total));
	if (corrected.len)
		reply_header(call, STR("x-search-corrected"), header_text(call, corrected));
	return reply_answer(call, app_of(call)->cache, &answer, STR("application/json"));
}

static struct turn answer_ordered(struct call *call)
{
	const struct ordered *list = call->state;

	if (list->corrected.len)
		reply_header(call, STR("x-search-corrected"), header_text(call, list->corrected));
	return ordered_reply(call);
}

/* The best first unless it is said otherwise; what is only contained has no best: the newest first. */
static void read_sort(struct call *call, struct ordered *list, struct record_check *check)
{
	if (str_equal(request_param(call->request, STR("sort")), STR("rank")))
		list->page.sort = list->ask.match == ORDER_FUZZY ? STR("") : list->page.sort;
	else
		page_read_sort(call, &list->page, check);
}

static const struct problem *read_search(struct call *call, struct ordered *list)
{
	struct record_check check = { .arena = call->arena };
	int64_t fuzzy = page_int(call, STR("fuzzy"), 0, INT64_MAX, FUZZY, &check);
	struct fold_query query = { 0 };

	*list = (struct ordered){ .answer = STEP(answer_ordered), .ask.q = page_query(call, &check) };
	list->page = page_of(call, SEARCH_LIMIT, SEARCH_LIMIT_MAX, &check);
	list->ask.filter = records_filter_read(call, &check);
	if (fuzzy > FUZZY)
		record_wrong(&check, STR("fuzzy"), STR("must be 0 or 1"));
	/* A query of signs alone ("÷", "!!!") has no words to look up: it can only be contained. */
	if (fold_query(call->arena, list->ask.q, &query) && query.words.n && fuzzy == FUZZY)
		list->ask.match = ORDER_FUZZY;
	else
		list->ask.match = ORDER_CONTAINING;
	if (list->ask.match == ORDER_FUZZY)
		list->page.sort = STR("");
	read_sort(call, list, &check);
	return record_problem(&check);
}

/* The best first and nothing narrowed: pages are matched each for itself, and kept. */
static struct turn fetch_search(struct call *call, const struct ordered *list)
{
	char numbers[2][STR_INT];
	const struct str parts[] = { str_of_int(list->page.limit, numbers[0]), STR(" "), str_of_int(list->page.offset, numbers[1]),
				     STR("\n"), list->ask.q };
	struct str text = arena_concat(call->arena, parts, countof(parts));
	return fetch(call, &search_kind, text, utf8_count(list->ask.q) <= 3, STEP(answer_search));
}

struct turn search_records(struct call *call)
{
	struct ordered *list = arena_new_of(call->arena, struct ordered);

	if (!list)
		return out_of_budget(call);
	const struct problem *problem = read_search(call, list);
	if (problem)
		return call_fail(call, problem);
	if (str_blank(list->ask.q))
		return answer_empty_list(call);
	if (str_blank(list->page.sort) && !records_filter_any(&list->ask.filter))
		return fetch_search(call, list);
	return ordered_fetch(call, list);
}

/* ── Completing what is being typed ── */

/* A field as clients spell it; the database's word is the same. */
enum { COMPLETE_ARTIST, COMPLETE_LABEL, COMPLETE_CATALOG };
static const struct str complete_fields[] = {
	[COMPLETE_ARTIST] = STR("artist"), [COMPLETE_LABEL] = STR("label"), [COMPLETE_CATALOG] = STR("catalog"),
};

static struct turn ask_catalog(struct call *flight, const struct search_order *order, struct db_ints rids, struct step next)
{
	int64_t k = parse_key(cache_key_of(flight)).numbers[1];
	return store_search_catalog_numbers(flight, app_of(flight)->db, &order->user, rids, k, next);
}

static int64_t version_of_catalog(const struct call *flight)
{
	return store_search_catalog_numbers_row(flight, 0).version;
}

static struct turn land_catalog(struct call *flight)
{
	return cache_land(flight, store_search_catalog_numbers_row(flight, 0).body);
}

/* Blanks and signs in a catalogue number are nothing to go by. */
static bool match_catalog(const struct search_index *index, struct search_order *order, struct arena *arena)
{
	struct str prefix = arena_concat(arena, order->query.words.items, order->query.words.n);
	return str_present(prefix) && search_index_catalog(index, prefix, order->most, arena, &order->found);
}

static const struct search_order_kind catalog_order = { match_catalog, ask_catalog, version_of_catalog, { land_catalog, "land_catalog" } };

static struct turn ask_completions(struct call *flight, struct str prefix, size_t n_corrected, struct step next)
{
	const struct cache_key *key = cache_key_of(flight);
	struct parsed_key parsed = parse_key(key);

	return store_search_completions(flight, app_of(flight)->db, &key->user, complete_fields[parsed.numbers[0]], prefix,
					(int64_t)n_corrected, parsed.numbers[1], next);
}

static struct turn land_complete(struct call *flight)
{
	struct store_search_completions_row row = store_search_completions_row(flight, 0);

	cache_read_version(flight, row.version);
	return cache_land(flight, row.body);
}

/* What it was corrected by may be older than what it completes: the version is that of take_completions. */
static struct turn land_corrected(struct call *flight)
{
	return cache_land(flight, store_search_completions_row(flight, 0).body);
}

static struct turn complete_corrected(struct call *flight)
{
	struct index_view view = indexes_view(flight);
	struct fold_query query;
	struct str corrected;
	size_t n_corrected;

	if (!fold_query(flight->arena, parse_key(cache_key_of(flight)).query, &query) ||
	    !search_index_correct(view.index, query.words, flight->arena, &corrected, &n_corrected))
		return out_of_budget(flight);
	if (!n_corrected)
		return cache_land(flight, STR("[]"));
	return ask_completions(flight, corrected, n_corrected, STEP(land_corrected));
}

/* Where nothing begins so, a word may be misspelt. */
static struct turn take_completions(struct call *flight)
{
	struct store_search_completions_row row = store_search_completions_row(flight, 0);

	if (!str_equal(row.body, STR("[]")))
		return land_complete(flight);
	cache_read_version(flight, row.version);
	return search_with_index(flight, &cache_key_of(flight)->user, row.version, STEP(complete_corrected));
}

static struct turn fill_complete(struct call *flight)
{
	const struct cache_key *key = cache_key_of(flight);
	struct parsed_key parsed = parse_key(key);
	struct search_order order = { .kind = &catalog_order, .user = key->user, .most = CATALOG_MATCHES };

	if (!fold_query(flight->arena, parsed.query, &order.query))
		return out_of_budget(flight);
	if (parsed.numbers[0] == COMPLETE_CATALOG)
		return search_find(flight, &order);
	return ask_completions(flight, parsed.query, 0, STEP(take_completions));
}

static const struct cache_kind complete_kind = {
	.name = "autocomplete",
	.ttl_ms = 15000,
	.short_ttl_ms = 5000,
	.fill = { fill_complete, "fill_complete" },
};

static size_t read_field(struct call *call, struct record_check *check)
{
	struct str name = request_param(call->request, STR("field"));

	for (size_t i = 0; i < countof(complete_fields); i++)
		if (str_equal(complete_fields[i], name))
			return i;
	record_wrong(check, STR("field"), STR("must be artist, label or catalog"));
	return 0;
}

struct turn search_autocomplete(struct call *call)
{
	struct record_check check = { .arena = call->arena };
	size_t field = read_field(call, &check);
	struct str q = page_query(call, &check);
	int64_t k = page_int(call, STR("k"), 1, COMPLETE_LIMIT_MAX, COMPLETE_LIMIT, &check);
	const struct problem *problem = record_problem(&check);

	if (problem)
		return call_fail(call, problem);
	if (str_blank(q))
		return answer_empty_list(call);
	struct str text = arena_printf(call->arena, "%zu %lld\n%.*s", field, (long long)k, STR_ARG(q));
	return fetch(call, &complete_kind, text, utf8_count(q) <= 2, STEP(answer_json));
}

/* ── Facets and prices: of what a query finds, of the whole collection without one ── */

/* Of what a query finds. One of signs alone is looked for as if it were a word: nothing has it. */
static struct turn find_all(struct call *flight, const struct search_order_kind *kind, struct str query)
{
	struct search_order order = { .kind = kind, .user = cache_key_of(flight)->user };

	if (!fold_query(flight->arena, query, &order.query))
		return out_of_budget(flight);
	if (!order.query.words.n)
		order.query.words.items[order.query.words.n++] = order.query.key;
	return search_find(flight, &order);
}

static bool match_everything(const struct search_index *index, struct search_order *order, struct arena *arena)
{
	return search_index_all(index, order->query.words, arena, &order->found);
}

/* The key of facets: the filters, a line feed, the query. */
static struct str facets_key(struct call *call, const struct records_filter *filter, struct str q)
{
	owned(buf_free) struct buf text = buf_of(FACETS_KEY_MAX);

	records_filter_write(filter, &text);
	buf_add_char(&text, '\n');
	buf_add(&text, q);
	return buf_failed(&text) ? STR_ABSENT : arena_copy(call->arena, buf_str(&text));
}

static struct turn ask_facets_of(struct call *flight, const struct db_ints *among, struct step next)
{
	const struct cache_key *key = cache_key_of(flight);
	struct db_ints rids = among ? *among : (struct db_ints){ 0 };
	struct records_filter filter;
	struct str q;

	if (!records_filter_parse(str_cut(key->text, '\n', &q), flight->arena, &filter))
		return out_of_budget(flight);
	return store_search_facets_of(flight, app_of(flight)->db, &key->user, FILTER_PARAMS(&filter), (struct str_list){ 0 }, rids,
				      among != NULL, FACET_VALUES, next);
}

static struct turn ask_facets(struct call *flight, const struct search_order *order, struct db_ints rids, struct step next)
{
	(void)order;
	return ask_facets_of(flight, &rids, next);
}

static int64_t version_of_facets(const struct call *flight)
{
	return store_search_facets_of_row(flight, 0).version;
}

static struct turn land_facets(struct call *flight)
{
	return cache_land(flight, store_search_facets_of_row(flight, 0).body);
}

static const struct search_order_kind facets_order = { match_everything, ask_facets, version_of_facets, { land_facets, "land_facets" } };

static struct turn land_facets_narrowed(struct call *flight)
{
	cache_read_version(flight, version_of_facets(flight));
	return land_facets(flight);
}

static struct turn land_facets_all(struct call *flight)
{
	struct store_search_facets_all_row row = store_search_facets_all_row(flight, 0);

	cache_read_version(flight, row.version);
	return cache_land(flight, row.body);
}

static struct turn fill_facets(struct call *flight)
{
	const struct cache_key *key = cache_key_of(flight);
	struct str q, filters = str_cut(key->text, '\n', &q);

	if (!str_blank(q))
		return find_all(flight, &facets_order, q);
	if (!str_blank(filters))
		return ask_facets_of(flight, NULL, STEP(land_facets_narrowed));
	return store_search_facets_all(flight, app_of(flight)->db, &key->user, FACET_VALUES, STEP(land_facets_all));
}

static struct turn ask_prices(struct call *flight, const struct search_order *order, struct db_ints rids, struct step next)
{
	return store_search_prices_of(flight, app_of(flight)->db, &order->user, rids, next);
}

static int64_t version_of_prices(const struct call *flight)
{
	return store_search_prices_of_row(flight, 0).version;
}

static struct turn land_prices(struct call *flight)
{
	return cache_land(flight, store_search_prices_of_row(flight, 0).body);
}

static const struct search_order_kind prices_order = { match_everything, ask_prices, version_of_prices, { land_prices, "land_prices" } };

static struct turn land_prices_all(struct call *flight)
{
	struct store_search_prices_all_row row = store_search_prices_all_row(flight, 0);

	cache_read_version(flight, row.version);
	return cache_land(flight, row.body);
}

static struct turn fill_prices(struct call *flight)
{
	const struct cache_key *key = cache_key_of(flight);

	if (!str_blank(key->text))
		return find_all(flight, &prices_order, key->text);
	return store_search_prices_all(flight, app_of(flight)->db, &key->user, STEP(land_prices_all));
}

static const struct cache_kind facets_kind = { .name = "facets", .ttl_ms = 30000, .fill = { fill_facets, "fill_facets" } };
static const struct cache_kind prices_kind = { .name = "price-stats", .ttl_ms = 60000, .fill = { fill_prices, "fill_prices" } };

struct turn search_facets(struct call *call)
{
	struct record_check check = { .arena = call->arena };
	struct str q = page_query(call, &check);
	struct records_filter filter = records_filter_read(call, &check);
	const struct problem *problem = record_problem(&check);

	if (problem)
		return call_fail(call, problem);
	return fetch(call, &facets_kind, facets_key(call, &filter, q), false, STEP(answer_json));
}

struct turn search_price_stats(struct call *call)
{
	struct record_check check = { .arena = call->arena };
	struct str q = page_query(call, &check);
	const struct problem *problem = record_problem(&check);

	if (problem)
		return call_fail(call, problem);
	return fetch(call, &prices_kind, q, false, STEP(answer_json));
}
