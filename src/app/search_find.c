/* SPDX-License-Identifier: MIT */
/* Match, ask, and match again when the records had changed. */
#include "app/search_find.h"

#include "app/app.h"
#include "app/reads.h"
#include "obs/metrics.h"

static struct turn match(struct call *flight);

struct turn search_find(struct call *flight, const struct search_order *order)
{
	struct search_order *copy = arena_new_of(flight->arena, struct search_order);

	if (!copy)
		return call_fail_with(flight, PROBLEM_INTERNAL, "the request's memory budget is spent");
	*copy = *order;
	flight->state = copy;
	return indexes_await(flight, app_of(flight)->indexes, &order->user, 0, STEP(match));
}

static struct turn check_version(struct call *flight);

static struct turn ask(struct call *flight)
{
	struct search_order *order = flight->state;
	return order->kind->ask(flight, order, (struct db_ints){ order->found.rids, order->found.n }, STEP(check_version));
}

/*
 * A version before the index's: a replica is behind, so the primary is asked; where that says the same, the database is
 * not the one that the index was made from.
 */
static struct turn check_version(struct call *flight)
{
	struct search_order *order = flight->state;
	struct indexes *indexes = app_of(flight)->indexes;
	int64_t version = order->kind->version(flight);

	if (version == order->version || order->again) {
		if (!order->uncached)
			cache_read_version(flight, version < order->version ? version : order->version);
		return order->kind->land.run(flight);
	}
	metric_add(METRIC_SEARCHES_REPEATED, 1);
	if (version < order->version && !order->behind) {
		order->behind = true;
		reads_changed(app_of(flight), &order->user);
		return ask(flight);
	}
	order->again = true;
	if (version < order->version)
		indexes_doubt(indexes, &order->user);
	return indexes_await(flight, indexes, &order->user, version, STEP(match));
}

static struct turn match(struct call *flight)
{
	struct search_order *order = flight->state;
	struct index_view view = indexes_view(flight);

	if (!order->kind->match(view.index, order, flight->arena))
		return call_fail_with(flight, PROBLEM_INTERNAL, "the search needs more memory than a request may have");
	order->version = view.version;
	return ask(flight);
}

struct turn search_with_index(struct call *flight, const struct uuid *user, int64_t version, struct step next)
{
	return indexes_await(flight, app_of(flight)->indexes, user, version, next);
}
