/* SPDX-License-Identifier: MIT */
/*
 * Calls that stay and look again when something may have changed: a user's records, on whichever node, or the server's
 * health. Told too often does no harm; nothing is forgotten between a look and the next wait.
 */
#ifndef APP_WATCHERS_H
#define APP_WATCHERS_H

#include "auth/identity.h"
#include "loop/call.h"

enum { WATCHER_BUCKETS = 256 };

/* All of a server; embedded in struct app. */
struct watchers {
	struct link buckets[WATCHER_BUCKETS]; /* by user */
};

/* One call's; in its arena. */
struct watcher {
	struct link link;
	struct call *call;
	struct uuid user; /* nil: of the server's health */
	bool waiting, due;
};

void watchers_init(struct watchers *watchers);
/* From now on until the call ends. False without memory. */
must_use bool watcher_begin(struct watcher *watcher, struct watchers *watchers, struct call *call,
			    const struct uuid *user);
/* Goes on when there may be something new since the last time; at once if it was told meanwhile. */
must_use struct turn watcher_wait(struct watcher *watcher, struct step next);
/* Makes one that waits go on, although nothing is new. False: it does not wait. */
bool watcher_nudge(struct watcher *watcher);

/* The user's records changed. */
void watchers_changed(struct watchers *watchers, const struct uuid *user);
/* The server's health may have. */
void watchers_health(struct watchers *watchers);
/* Those that were begun by someone who is let in no longer, as `holds` says, look again. */
void watchers_revoked(struct watchers *watchers, bool (*holds)(const void *arg, const struct identity *identity),
		      const void *arg);
/* Anything may have changed. */
void watchers_look(struct watchers *watchers);

#endif
