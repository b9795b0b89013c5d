/* SPDX-License-Identifier: MIT */
/*
 * Where the private cluster keeps what, and the configuration written for it.
 *
 *	DATA/pg/data	PostgreSQL's data directory
 *	DATA/pg/run	the socket's directory, or a symbolic link to a short one elsewhere
 *	DATA/pg/log	what PostgreSQL says; DATA/pg/log.1 what it said before
 */
#ifndef DB_CLUSTER_FILES_H
#define DB_CLUSTER_FILES_H

#include "db/child.h"
#include "db/cluster.h"

struct db_cluster_paths {
	const char *top, *data, *fresh, *run, *log, *old_log, *pid_file, *version_file;
	const char *run_root; /* where the socket is: `run`, or what it links to */
};

struct db_binaries {
	int major;
	const char *postgres, *initdb;
	bool prewarm; /* pg_prewarm is installed */
};

/* The paths; false over the arena's budget. run_root is absent (NULL) until there is a socket directory. */
must_use bool db_cluster_paths_of(struct db_cluster_paths *paths, const char *data_dir, struct arena *arena);
/* The major version the data directory belongs to; 0: there is none yet. */
int db_cluster_version(const struct db_cluster_paths *paths);
/* The binaries of major version `wanted` (0: the newest from 15 on). False when not installed; *newest says what is. */
must_use bool db_binaries_find(struct db_binaries *found, const char *bin_dir, int wanted, int *newest,
			       struct arena *arena);
/* Makes DATA/pg and the socket directory, for the user. False with a sentence in *said. */
must_use bool db_cluster_make_dirs(struct db_cluster_paths *paths, const char *data_dir, const struct db_user *user,
				   struct arena *arena, struct str *said);
/* Writes recordd.conf, pg_hba.conf and pg_ident.conf into `data`, in a child that is the user. */
must_use bool db_cluster_write_conf(const struct db_cluster_paths *paths, const struct db_cluster_settings *settings,
				    const struct db_binaries *binaries, const struct db_user *user);
/* The pid of a live postmaster of this data directory, or 0; a pid file left by a dead one is removed. */
pid_t db_cluster_postmaster(const struct db_cluster_paths *paths);
/* Moves a log that has grown past its bound aside. */
void db_cluster_log_trim(const struct db_cluster_paths *paths);
/* The last line of the log that tells a cause, in the arena. */
struct str db_cluster_last_words(const struct db_cluster_paths *paths, struct arena *arena);

/* All roles, NULL-terminated, the administrator first. */
extern const char *const db_cluster_roles[];

#endif
