/* SPDX-License-Identifier: MIT */
/*
 * Starting PostgreSQL's programs as another user, tied to our life.
 *
 * Between fork and exec only system calls are made, so that it is safe with other threads running.
 */
#ifndef DB_CHILD_H
#define DB_CHILD_H

#include <sys/types.h>

#include "base/arena.h"

/* Whom a child becomes. When we are not root that is ourselves. */
struct db_user {
	uid_t uid;
	gid_t gid;
	bool change; /* we are root and it must drop */
	struct str name;
};

/* As root: `wanted`, else postgres, else nobody. False with a sentence in *said when there is no such user. */
must_use bool db_user_find(struct db_user *user, const char *wanted, struct arena *arena, struct str *said);

/*
 * Forks and executes argv[0] in / with a clean environment and its output appended to `log`. It gets SIGINT when the
 * calling thread ends. Returns its pid, or -1.
 */
must_use pid_t db_child_spawn(const struct db_user *user, const char *const *argv, const char *log);
/* Forks and runs work(arg) as the user; its return value (0–255), or -1. Only before there are other threads. */
must_use int db_child_do(const struct db_user *user, int (*work)(void *arg), void *arg);
/* Waits until it ended; its exit status, or -1 when a signal ended it. */
must_use int db_child_wait(pid_t pid);
/* Whether it has ended by now (then it is reaped). */
must_use bool db_child_ended(pid_t pid);
/* Waits at most so long for it to end. */
must_use bool db_child_ends_within(pid_t pid, unsigned timeout_ms);

void db_sleep_ms(unsigned ms);

#endif
