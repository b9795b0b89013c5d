/* SPDX-License-Identifier: MIT */
/*
 * One connection that only listens (LISTEN), reconnecting by itself.
 *
 * A quiet connection and a dead one look the same. So it *beats*: every so often it asks the database something, and
 * tells when the answer is late. An answer in time means that what was notified before has been heard.
 */
#ifndef DB_LISTEN_H
#define DB_LISTEN_H

#include "db/db.h"

struct db_listener;

enum db_listening {
	DB_LISTENER_BEGUN,  /* it listens (again): what was sent before is gone */
	DB_LISTENER_LOST,   /* the connection was lost */
	DB_LISTENER_SILENT, /* a beat's answer is late: there may be more that did not arrive */
	DB_LISTENER_HEARD,  /* the late answer came: nothing was lost */
};

struct db_listener_events {
	/* A notification arrived. */
	void (*notified)(void *arg, struct str channel, struct str payload);
	void (*changed)(void *arg, enum db_listening now);
	/* A beat: the statement to run and its parameters, whose bytes may be in the arena. NULL: nothing to ask. */
	const struct db_statement *(*ask)(void *arg, struct db_params *params, struct arena *arena);
	/* Its rows, valid until this returns. */
	void (*answered)(void *arg, struct db_rows *rows);
	void *arg;
};

struct db_listener_settings {
	struct str conninfo;
	const char *const *channels; /* NULL-terminated identifiers, which outlive the listener */
	unsigned beat_ms;	     /* from an answer to the next beat */
	unsigned silence_ms;	     /* an answer that takes longer is late */
};

/* NULL without memory, or when the conninfo is malformed (logged). */
must_use struct db_listener *db_listen(struct loop *loop, const struct db_listener_settings *settings,
				       const struct db_listener_events *events);
/* Another time between beats from now on. */
void db_listener_pace(struct db_listener *listener, unsigned beat_ms);
void db_listener_close(struct db_listener *listener, void (*closed)(void *arg), void *arg);

#endif
