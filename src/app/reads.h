/* SPDX-License-Identifier: MIT */
/*
 * Who may be read from a replica: a user none of whose changes, as far as this server has heard, may be missing there.
 *
 * Now and then the primary is asked how far its log of changes goes, and the replica how far it has replayed it. What
 * was known to have changed before a question is at the replica once that has come as far as the answer. Users are told
 * apart by a hash of their ids, in a fixed amount of memory: some are taken for changed who are not.
 */
#ifndef APP_READS_H
#define APP_READS_H

#include "app/app.h"

struct reads;

/* Begins to follow the replica, whose pool it takes over; app->db sends there what may be read there. NULL without memory. */
must_use struct reads *reads_open(struct app *app, struct db *replica, int64_t max_lag_ms);
/* Ends the pool; `closed` runs when it has gone, and the rest with it. */
void reads_close(struct reads *reads, void (*closed)(void *arg), void *arg);

/* The user's data has changed, here or elsewhere: what is kept and what the replica has is older. */
void reads_changed(struct app *app, const struct uuid *user);
/* Anybody's may have changed. */
void reads_all_changed(struct app *app);
/* Whether changes elsewhere are heard of; while they are not, nobody is read from the replica. */
void reads_set_hearing(struct app *app, bool hearing);

#endif
