/* SPDX-License-Identifier: MIT */
/*
 * One libpq connection on the loop: it connects without blocking and reports when its socket is ready.
 *
 * The host's name is looked up by the loop, as libpq would block for it. libpq may close its socket and open another
 * while it connects, so the poll handle is made anew for each step; its memory goes in its close callback, counted in
 * the owner's drain.
 */
#ifndef DB_LINK_H
#define DB_LINK_H

#include <libpq-fe.h>

#include "db/drain.h"
#include "db/target.h"
#include "loop/loop.h"

struct db_link;
struct db_watch;
struct db_lookup;

/* The owner's answers. Each may close the link. */
struct db_link_events {
	void (*up)(struct db_link *link); /* connected; the connection is non-blocking */
	void (*readable)(struct db_link *link);
	void (*writable)(struct db_link *link); /* as asked for with db_link_want_write */
	void (*broken)(struct db_link *link);	/* connecting or polling failed; db_link_why says why */
};

struct db_link {
	struct loop *loop;
	struct db_drain *drain;
	const struct db_link_events *events;
	PGconn *pg; /* NULL: closed */
	struct db_watch *watch;
	struct db_lookup *lookup; /* of the host's name, under way */
	const char *failure;	  /* static text: what failed before there was a PGconn to say it */
	unsigned n_attempts;
	bool connecting, want_write;
};

void db_link_init(struct db_link *link, struct loop *loop, struct db_drain *drain, const struct db_link_events *events);
/* Starts connecting. False when that failed at once: call db_link_close. */
must_use bool db_link_connect(struct db_link *link, const struct db_target *target);
/* Whether `writable` shall be told. */
void db_link_want_write(struct db_link *link, bool want);
/* Harmless when closed. */
void db_link_close(struct db_link *link);
/* libpq's last error as one line, copied to `to`. */
struct str db_link_why(const struct db_link *link, char *to, size_t room);

#endif
