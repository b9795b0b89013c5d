/* SPDX-License-Identifier: MIT */
/*
 * A search: matched in memory, answered by the database.
 *
 * The one statement that follows a match tells the user's change version of the same snapshot. If that is not the
 * index's, the index catches up and the search is made once more; then it has everything that was committed before it
 * began, on whichever node.
 */
#ifndef APP_SEARCH_FIND_H
#define APP_SEARCH_FIND_H

#include "app/indexes.h"
#include "db/db.h"

/* What is being looked for. In the flight's arena; call->state points to it. */
struct search_order {
	const struct search_order_kind *kind;
	struct uuid user;
	struct fold_query query;
	size_t skip, most;
	struct search_found found;
	int64_t version; /* of the index it was found in */
	bool behind; /* an answer was older than the index */
	bool again;  /* matched a second time */
	bool uncached; /* no flight of the cache searches */
};

/* A constant table row of the module that searches. */
struct search_order_kind {
	must_use bool (*match)(const struct search_index *index, struct search_order *order, struct arena *arena);
	struct turn (*ask)(struct call *call, const struct search_order *order, struct db_ints rids, struct step next);
	int64_t (*version)(const struct call *call); /* in the statement's row */
	struct step land;			     /* finds the row */
};

/* `order` is copied. */
must_use struct turn search_find(struct call *flight, const struct search_order *order);
/* For the landing step. */
static inline const struct search_order *search_order_of(const struct call *flight)
{
	return flight->state;
}

/* Goes on to `next` with an index that has the changes up to this version, which a statement has told: none need follow. */
must_use struct turn search_with_index(struct call *flight, const struct uuid *user, int64_t version, struct step next);

#endif
