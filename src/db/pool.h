/* SPDX-License-Identifier: MIT */
/*
 * The pool's inside: connections, and the queue before them.
 *
 * A unit goes to the least loaded connection, or waits in the queue, first come first served. The queue is bounded
 * in length and in time, and outlives an outage within that time.
 */
#ifndef DB_POOL_H
#define DB_POOL_H

#include "db/conn.h"

struct db {
	struct loop *loop;
	struct arena *arena; /* the target's strings */
	struct db_target target;
	struct db_drain drain; /* one share is the pool's own, held by `anchor` */
	uv_idle_t anchor;
	struct db_settings settings; /* its strings are the opener's, gone after db_open */
	struct link waiting;
	unsigned n_waiting, n_up;
	unsigned n_orphans;  /* units in flight whose client has gone */
	struct flusher tidy; /* end of turn: sends what waits, closes when closing */
	struct timer watch;  /* runs while there are waiting or orphaned units */
	struct timer health;
	bool watching, closing;
	bool told;	    /* this outage was logged */
	int64_t closing_us; /* since when */
	void (*closed)(void *arg);
	void *closed_arg;
	struct db *replica; /* or NULL; and who may be read from there */
	bool (*may_read)(void *arg, struct str user);
	void *may_read_arg;
	struct db *primary; /* of a replica: who answers what it cannot; else NULL */
	unsigned n_conns;
	struct db_conn conns[];
};

/* A pinned connection. In the arena of its call. */
struct db_session {
	struct db *db;
	struct db_conn *conn; /* NULL: not begun, over, or lost */
	bool ending;	      /* COMMIT or ROLLBACK was sent */
};

/* Whether there is room for one more; else *why says what the client is told. */
must_use bool db_pool_room(const struct db *db, struct str *why);
/* The unit is taken over, and answered to its call in the end. */
void db_pool_submit(struct db *db, struct db_unit *unit);
/* The same, on the connection of a transaction. False: that is lost, and the unit freed. */
must_use bool db_pool_submit_pinned(struct db_session *session, struct db_unit *unit);
/* Where the statement shall run: on the pool, or on its replica. */
struct db *db_pool_for(struct db *db, const struct db_statement *statement, const struct db_params *params);
/* A unit of a replica that failed there goes to the primary; false: it cannot, or should not. */
must_use bool db_pool_hand_on(struct db *db, struct db_unit *unit);
/* Takes the call's wait for a unit just submitted. */
must_use struct turn db_pool_wait(struct call *call, struct db_unit *unit, struct step next);

/* The end of a unit that somebody waits for: its result to the call, as db.h says; answer.c. */
void db_answer(struct db_unit *unit);
/* Whether the unit failed through no fault of its own and can be sent again; answer.c. */
must_use bool db_answer_again(const struct db *db, const struct db_conn *conn, struct db_unit *unit);

/* The transaction's connection is pinned when its BEGIN is sent; session.c. */
void db_session_begun(struct db_conn *conn, struct db_unit *unit);
/* What a unit's end means to the transaction it belongs to; session.c. */
void db_session_answered(struct db_conn *conn, struct db_unit *unit);
/* The connection is gone; session.c. */
void db_session_lost(struct db_conn *conn);

#endif
