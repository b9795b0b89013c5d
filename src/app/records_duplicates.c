/* SPDX-License-Identifier: MIT */
/*
 * Whether a record is there already, before it is added: candidates are what a search for artist and name finds, so that
 * word order and small words do not matter; the database then compares what is said of each.
 */
#include "app/app.h"
#include "app/handlers.h"
#include "app/record.h"
#include "app/search_find.h"
#include "auth/identity.h"
#include "codec/fold.h"
#include "http/http.h"
#include "store_statements.h"

enum { CANDIDATES = 200, LIKELY_MAX = 20 };

/* What is to be added, as it is compared; blank where it was not said. */
struct likely {
	struct str artist, name, format, catalog_number, barcode;
};

static struct str folded(struct call *call, struct str name)
{
	return fold_key(call->arena, request_param(call->request, name));
}

static struct likely read_likely(struct call *call)
{
	struct str barcode = request_param(call->request, STR("barcode"));

	return (struct likely){
		.artist = folded(call, STR("artist")),
		.name = folded(call, STR("name")),
		.format = str_trim(request_param(call->request, STR("format"))),
		.catalog_number = folded(call, STR("catalogNumber")),
		.barcode = barcode_key(barcode_digits(call->arena, barcode)),
	};
}

static struct turn ask_likely(struct call *call, const struct search_order *order, struct db_ints rids, struct step next)
{
	struct likely likely = read_likely(call);

	(void)order;
	return store_records_likely(call, app_of(call)->db, &call->identity->user, rids, likely.artist, likely.name, likely.format,
				    likely.catalog_number, likely.barcode, LIKELY_MAX, next);
}

static int64_t version_of_likely(const struct call *call)
{
	return store_records_likely_row(call, 0).version;
}

static struct turn answer_likely(struct call *call)
{
	return reply_json(call, 200, store_records_likely_row(call, 0).docs);
}

static bool match_candidates(const struct search_index *index, struct search_order *order, struct arena *arena)
{
	return search_index_find(index, &order->query, 0, CANDIDATES, arena, &order->found);
}

static const struct search_order_kind likely_kind = { match_candidates, ask_likely, version_of_likely, { answer_likely, "answer_likely" } };

struct turn records_duplicates(struct call *call)
{
	struct record_check check = { .arena = call->arena };
	struct likely likely = read_likely(call);
	struct search_order order = { .kind = &likely_kind, .user = call->identity->user, .uncached = true };
	bool named = !str_blank(likely.artist) && !str_blank(likely.name);
	struct str barcode = request_param(call->request, STR("barcode"));

	if (!str_blank(str_trim(barcode)) && str_blank(likely.barcode))
		record_wrong(&check, STR("barcode"), STR("must be a barcode, of 32 digits at most"));
	else if (!named && str_blank(likely.barcode))
		record_wrong(&check, STR("artist"), STR("and name must be given, or a barcode"));
	const struct problem *problem = record_problem(&check);
	if (problem)
		return call_fail(call, problem);
	const struct str both[] = { likely.artist, STR(" "), likely.name };
	if (!fold_query(call->arena, named ? arena_concat(call->arena, both, countof(both)) : STR(""), &order.query))
		return call_fail_with(call, PROBLEM_INTERNAL, "the request's memory budget is spent");
	if (!order.query.words.n)
		return ask_likely(call, &order, (struct db_ints){ 0 }, STEP(answer_likely));
	return search_find(call, &order);
}
