/* SPDX-License-Identifier: MIT */
/*
 * The search indexes of the users who search, in memory: made from the database at a user's first search, kept up with
 * what changes, bounded in bytes over all users; who has not searched longest goes first.
 *
 * An index is as of a *change version* of its user's (records.user_state.version). It is never trusted to be current:
 * every statement that follows a search tells the user's version of the same moment, and when that is another one the
 * search is made again on an index that has caught up (search_find.h). Notifications only spare that second round.
 */
#ifndef APP_INDEXES_H
#define APP_INDEXES_H

#include "base/uuid.h"
#include "db/db.h"
#include "loop/loop.h"
#include "search/index.h"

struct indexes;

struct indexes_settings {
	size_t max_bytes;
	unsigned max_loading; /* collections being read at the same time; further ones wait */
};

/* An index at work: valid until the step that got it returns. */
struct index_view {
	const struct search_index *index;
	int64_t version; /* it has every change up to this one */
};

/* NULL without memory. */
must_use struct indexes *indexes_new(struct loop *loop, struct db *db, const struct indexes_settings *settings);
/* Once all calls are over. NULL is allowed. */
void indexes_free(struct indexes *indexes);
/* A smaller bound evicts at once (SIGHUP); what was too large may be tried again. */
void indexes_resize(struct indexes *indexes, size_t max_bytes);

/*
 * Goes on to `next` when the user's index has the changes up to `version` and all that are known of. Fails as the
 * database did; with 503 when the index alone would be larger than the bound, and then at once for a minute. It stays in
 * memory until the call ends.
 */
must_use struct turn indexes_await(struct call *call, struct indexes *indexes, const struct uuid *user, int64_t version,
				   struct step next);
/* For the step that indexes_await went on with. */
struct index_view indexes_view(struct call *call);

/* The user's data is known to have this version now. */
void indexes_learn(struct indexes *indexes, const struct uuid *user, int64_t version);
/* The user's index does not fit the database: it is made anew when it is next asked for. */
void indexes_doubt(struct indexes *indexes, const struct uuid *user);
/* The database may be another one, or older: every index is made anew when it is next asked for. */
void indexes_doubt_all(struct indexes *indexes);

#endif
