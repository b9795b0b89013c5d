/* SPDX-License-Identifier: MIT */
/*
 * Numbered, forward-only, checksummed migrations, applied under an advisory lock. Blocking: for a worker or a command.
 */
#ifndef DB_MIGRATE_H
#define DB_MIGRATE_H

#include "base/arena.h"

/* Made by sqlgen from store/migrations/NNNN_name.sql. */
struct db_migration {
	int number;
	const char *name; /* NNNN_name */
	const char *sql;
	const char *checksum; /* SHA-256 of the file, hex */
};

enum db_migrate_outcome {
	DB_MIGRATED = 0,
	DB_MIGRATE_NEWER = 1,	/* the schema is newer than this program; nothing touched */
	DB_MIGRATE_CHANGED = 2, /* an applied migration's checksum differs; nothing touched */
	DB_MIGRATE_AWAY = 3,	/* the database could not be reached */
	DB_MIGRATE_FAILED = -1,
};

/* Applies what is missing, each in its own transaction; *said gets one sentence for a person, in the arena. *n_applied counts. */
must_use int db_migrate(struct str conninfo, const struct db_migration *migrations, size_t n, struct arena *arena,
			struct str *said, int *n_applied);

#endif
