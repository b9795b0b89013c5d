/* SPDX-License-Identifier: MIT */
/*
 * The private PostgreSQL cluster inside the data directory: made by initdb, run as our child, ended with us.
 * Unix socket only, peer authentication, an unprivileged user when we are root.
 */
#ifndef DB_CLUSTER_H
#define DB_CLUSTER_H

#include "base/arena.h"

struct db_cluster;

struct db_cluster_settings {
	const char *data_dir; /* absolute; the cluster lives in data_dir/pg */
	const char *user;     /* whom the child becomes when we are root; NULL: postgres, else nobody */
	const char *bin_dir;  /* NULL: found under /usr/lib/postgresql, newest >= 15 first, or in PATH */
	unsigned shared_buffers_mb;
	unsigned max_connections;
};

enum db_cluster_outcome {
	DB_CLUSTER_UP = 0,
	DB_CLUSTER_NO_BINARIES = 1, /* no PostgreSQL >= 15 installed */
	DB_CLUSTER_NEWER = 2,	    /* the data directory belongs to another major version */
	DB_CLUSTER_FAILED = -1,
};

/*
 * Blocking: makes the cluster if there is none, starts it (recovering a stale pid file), waits until it answers,
 * makes the roles and the database. *said gets a sentence for a person. The child is tied to the calling thread's
 * life (parent-death signal), so call it from the main thread. *out is freed by db_cluster_stop.
 */
must_use int db_cluster_start(const struct db_cluster_settings *settings, struct arena *arena, struct db_cluster **out,
			      struct str *said);
/* A libpq conninfo for one of the roles ("recordd_app", "recordd_owner", …); in the arena. */
struct str db_cluster_conninfo(const char *data_dir, const char *role, struct arena *arena);
/* The directory of the cluster's socket; in the arena. */
struct str db_cluster_socket_dir(const char *data_dir, struct arena *arena);
/* Whether a cluster of this data directory is accepting connections now (someone else's child, say). */
bool db_cluster_running(const char *data_dir);
/* The child ended: start it again (non-blocking part: fork and exec only). To be called from SIGCHLD handling or a timer. */
must_use bool db_cluster_child_lost(struct db_cluster *cluster);
void db_cluster_restart(struct db_cluster *cluster);
/* Every few seconds: keeps PostgreSQL's log within its bound. */
void db_cluster_tend(struct db_cluster *cluster);
/* SIGINT (fast), waits at most timeout_ms, then SIGQUIT. */
void db_cluster_stop(struct db_cluster *cluster, unsigned timeout_ms);

#endif
