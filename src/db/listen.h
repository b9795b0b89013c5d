/* SPDX-License-Identifier: MIT */
/* One connection that only listens (LISTEN), reconnecting by itself. */
#ifndef DB_LISTEN_H
#define DB_LISTEN_H

#include "loop/loop.h"

struct db_listener;

struct db_listener_events {
	/* A notification arrived. */
	void (*notified)(void *arg, struct str channel, struct str payload);
	/* The connection was lost (up=false) or is listening again (up=true): what was sent meanwhile is gone. */
	void (*changed)(void *arg, bool up);
	void *arg;
};

/*
 * `channels` is a NULL-terminated list of identifiers that outlives the listener. NULL without memory, or when the
 * conninfo is malformed (logged). An event may close the listener.
 */
must_use struct db_listener *db_listen(struct loop *loop, struct str conninfo, const char *const *channels,
				       const struct db_listener_events *events);
void db_listener_close(struct db_listener *listener, void (*closed)(void *arg), void *arg);

#endif
