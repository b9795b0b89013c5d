/* SPDX-License-Identifier: MIT */
/* What a collection amounts to: how many, what was paid, of what, when. */
#include "app/app.h"
#include "app/handlers.h"
#include "auth/identity.h"
#include "http/http.h"
#include "store_statements.h"

enum { INSIGHTS_TTL_MS = 60000 };

static struct turn land_insights(struct call *flight)
{
	struct store_records_insights_row row = store_records_insights_row(flight, 0);

	cache_read_version(flight, row.version);
	return cache_land(flight, row.body);
}

static struct turn fill_insights(struct call *flight)
{
	return store_records_insights(flight, app_of(flight)->db, &cache_key_of(flight)->user, STEP(land_insights));
}

static const struct cache_kind insights_kind = {
	.name = "insights",
	.ttl_ms = INSIGHTS_TTL_MS,
	.fill = { fill_insights, "fill_insights" },
};

static struct turn answer_insights(struct call *call)
{
	struct cache_answer answer = cache_answer_of(call);
	return reply_answer(call, app_of(call)->cache, &answer, STR("application/json"));
}

struct turn records_insights(struct call *call)
{
	const struct cache_key key = { .kind = &insights_kind, .user = call->identity->user, .text = STR("") };
	return cache_fetch(call, app_of(call)->cache, &key, STEP(answer_insights));
}
