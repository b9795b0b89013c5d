/* SPDX-License-Identifier: MIT */
/*
 * One pipelined connection of the pool: it keeps itself connected, sends units and hands them back answered.
 *
 * Statements are prepared when a connection first meets them, in the same unit as their first run. Output is
 * flushed once, at the end of the loop's turn (with libpq before 17 each Sync flushes by itself).
 */
#ifndef DB_CONN_H
#define DB_CONN_H

#include "db/link.h"
#include "db/statement_set.h"
#include "db/unit.h"

struct db_conn;

/* The owner's answers. None may close the connection it is told about: that is for a later moment. */
struct db_conn_events {
	void (*up)(struct db_conn *conn);
	/* The unit's result, or `lost`, is in it. The owner frees it. */
	void (*answered)(struct db_conn *conn, struct db_unit *unit);
	/* After the units in flight were handed back as lost. It reconnects by itself. */
	void (*down)(struct db_conn *conn, bool was_up, struct str why);
	/* A cancellation is over: units may be sent again. */
	void (*usable)(struct db_conn *conn);
	/* After db_conn_close. */
};

enum db_conn_state { CONN_CLOSED, CONN_AWAY, CONN_CONNECTING, CONN_UP };

struct db_conn {
	struct db_link link;
	struct flusher flusher;
	struct timer timer; /* until the next attempt, or until connecting is given up */
	const struct db_conn_events *events;
	const struct db_target *target;
	void *owner;
	enum db_conn_state state;
	struct link in_flight;
	unsigned depth; /* units in flight */
	struct db_statement_set prepared;
	struct db_session *session; /* the transaction it is pinned to */
	bool pinned;		    /* until the transaction is over on the server, too */
	bool cancelling;	    /* a cancel request is under way */
	bool broken;		    /* to be dropped at the end of this turn */
	bool was_up;		    /* has ever been */
	unsigned generation;	    /* counts connections made */
	unsigned backoff_ms;
};

/* Starts connecting. 0 or a negative uv error (then nothing is to be closed). `target` must outlive it. */
must_use int db_conn_open(struct db_conn *conn, struct loop *loop, struct db_drain *drain,
			  const struct db_target *target, const struct db_conn_events *events, void *owner);
/* Drops what is in flight; its handles are counted in the drain. */
void db_conn_close(struct db_conn *conn);
/* Sends the unit behind those in flight. False: the connection is breaking and the unit stays the caller's. */
must_use bool db_conn_send(struct db_conn *conn, struct db_unit *unit);
/* Breaks the connection at the end of this turn, and makes a new one. */
void db_conn_break(struct db_conn *conn);
/* Connects now instead of after the backoff. */
void db_conn_hurry(struct db_conn *conn);
/* The unit the server is at work on, or NULL. */
struct db_unit *db_conn_head(const struct db_conn *conn);
/* Asks the server to stop what it is at work on; what stands behind it is marked `exposed`. */
void db_conn_cancel(struct db_conn *conn);

#endif
