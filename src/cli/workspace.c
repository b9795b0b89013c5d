/* SPDX-License-Identifier: MIT */
/* Opening what a command works on. */
#include "cli/workspace.h"

#include <sysexits.h>
#include <unistd.h>

#include "db/migrate.h"
#include "store_migrations.h"

enum { STARTING_SERVER_MS = 10000, POLL_MS = 20, STOP_MS = 30000 };

static const char *text_or_null(struct str s)
{
	return s.len ? s.at : NULL;
}

/* In MB. A quarter of the memory serves reads well; above half a gigabyte the kernel's cache does as well. */
static unsigned shared_buffers(const struct config *config)
{
	enum { LEAST = 96, MOST = 512, SMALLEST = 1 };
	int64_t asked = config->database_shared_buffers >> 20;
	int64_t quarter = (int64_t)sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE) / 4 >> 20;

	if (config->database_shared_buffers)
		return (unsigned)(asked < SMALLEST ? SMALLEST : asked);
	return (unsigned)(quarter < LEAST ? LEAST : quarter > MOST ? MOST : quarter);
}

static int start_cluster(struct workspace *work, const struct config *config, struct arena *arena, struct str *said)
{
	struct db_cluster_settings settings = {
		.data_dir = work->dir.path.at,
		.user = text_or_null(config->server_user),
		.bin_dir = text_or_null(config->database_bin_dir),
		.shared_buffers_mb = shared_buffers(config),
		.max_connections = (unsigned)config->database_max_connections,
	};

	switch (db_cluster_start(&settings, arena, &work->cluster, said)) {
	case DB_CLUSTER_UP:
		return EX_OK;
	case DB_CLUSTER_NO_BINARIES:
		return EX_UNAVAILABLE;
	case DB_CLUSTER_NEWER:
		return EX_DATAERR;
	default:
		return EX_OSERR;
	}
}

/* Another recordd holds the directory: its cluster is ours to use, as soon as it answers. */
static int join_running(struct workspace *work, struct arena *arena, struct str *said)
{
	for (int waited = 0; !db_cluster_running(work->dir.path.at); waited += POLL_MS) {
		if (waited >= STARTING_SERVER_MS) {
			*said = arena_printf(arena, "the recordd that uses %.*s has no database that answers",
					     STR_ARG(work->dir.path));
			return EX_UNAVAILABLE;
		}
		usleep(POLL_MS * 1000);
	}
	return EX_OK;
}

static int open_database(struct workspace *work, const struct config *config, bool running, struct arena *arena, struct str *said)
{
	const char *dir = work->dir.path.at;

	work->external = config->database_url.len > 0;
	if (work->external) {
		work->owner = work->app = work->job = config->database_url;
		return EX_OK;
	}
	int error = running ? join_running(work, arena, said) : start_cluster(work, config, arena, said);
	work->owner = db_cluster_conninfo(dir, "recordd_owner", arena);
	work->app = db_cluster_conninfo(dir, "recordd_app", arena);
	work->job = db_cluster_conninfo(dir, "recordd_job", arena);
	return error;
}

int workspace_open(struct workspace *work, const struct config *config, bool exclusive, struct arena *arena, struct str *said)
{
	*work = (struct workspace){ 0 };
	int outcome = datadir_open(&work->dir, config_data_dir(config, arena), arena, said);
	bool running = outcome == DATADIR_IN_USE;

	if (outcome == DATADIR_NEWER)
		return EX_DATAERR;
	if (outcome == DATADIR_FAILED)
		return EX_CANTCREAT;
	if (running && exclusive)
		return EX_UNAVAILABLE;
	int error = open_database(work, config, running, arena, said);
	if (error)
		workspace_close(work);
	return error;
}

void workspace_close(struct workspace *work)
{
	if (work->cluster)
		db_cluster_stop(take(work->cluster), STOP_MS);
	datadir_close(&work->dir);
}

int workspace_migrate(const struct workspace *work, struct arena *arena, struct str *said, int *n_applied)
{
	int n = 0;
	int outcome = db_migrate(work->owner, store_migrations, store_migrations_count, arena, said, &n);

	if (n_applied)
		*n_applied = n;
	switch (outcome) {
	case DB_MIGRATED:
		return EX_OK;
	case DB_MIGRATE_AWAY:
		return EX_UNAVAILABLE;
	case DB_MIGRATE_NEWER:
	case DB_MIGRATE_CHANGED:
		return EX_DATAERR;
	default:
		return EX_SOFTWARE;
	}
}
