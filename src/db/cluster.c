/* SPDX-License-Identifier: MIT */
/* The life of the private cluster: made, started, watched, stopped. */
#include "db/cluster.h"

#include <errno.h>
#include <fcntl.h>
#include <libpq-fe.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "db/child.h"
#include "db/cluster_files.h"
#include "db/cluster_setup.h"
#include "obs/log.h"

enum {
	OWN_MEMORY = 128 * 1024,
	PREDECESSOR_MS = 5000, /* for the child of a server that was killed to end */
	READY_MS = 60000,      /* recovery after a crash included */
	FIRST_STEP_MS = 5,     /* between two looks whether it is ready; growing when it takes long */
	LAST_STEP_MS = 50,
	QUIT_MS = 6000, /* the postmaster kills its own children after 5 s */
};

struct db_cluster {
	struct arena *arena; /* holds this struct, too */
	struct db_cluster_paths paths;
	struct db_user user;
	const char *postgres;
	pid_t pid; /* 0: not running */
	int64_t started_us;
};

/* ---- connecting ---- */

static struct str conninfo_of(const struct db_cluster_paths *paths, const char *role, const char *database,
			      struct arena *arena)
{
	return arena_printf(arena, "host=%s port=5432 user=%s dbname=%s",
			    paths->run_root ? paths->run_root : paths->run, role, database);
}

struct str db_cluster_conninfo(const char *data_dir, const char *role, struct arena *arena)
{
	struct db_cluster_paths paths;
	return db_cluster_paths_of(&paths, data_dir, arena) ? conninfo_of(&paths, role, "recordd", arena) : STR_ABSENT;
}

struct str db_cluster_socket_dir(const char *data_dir, struct arena *arena)
{
	struct db_cluster_paths paths;
	bool there = db_cluster_paths_of(&paths, data_dir, arena) && paths.run_root;
	return there ? str_of(paths.run_root) : STR_ABSENT;
}

bool db_cluster_running(const char *data_dir)
{
	owned(arena_drop) struct arena *arena = arena_new(OWN_MEMORY);
	struct str conninfo = arena ? db_cluster_conninfo(data_dir, "recordd_app", arena) : STR_ABSENT;
	return str_present(conninfo) && PQping(conninfo.at) == PQPING_OK;
}

/* ---- making ---- */

/* What initdb left unsynchronised must be on the disk before anything relies on it. */
static int settle_fresh(void *arg)
{
	const struct db_cluster_paths *paths = arg;
	int dir = open(paths->top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool settled = dir >= 0 && syncfs(dir) == 0 && rename(paths->fresh, paths->data) == 0 && fsync(dir) == 0;

	if (dir >= 0)
		close(dir);
	return !settled;
}

/* A directory that a first start did not finish. */
static bool remove_fresh(const struct db_cluster *cluster)
{
	if (access(cluster->paths.fresh, F_OK))
		return true;
	const char *argv[] = { "/bin/rm", "-rf", cluster->paths.fresh, NULL };
	pid_t pid = db_child_spawn(&cluster->user, argv, cluster->paths.log);
	return pid > 0 && db_child_wait(pid) == 0;
}

static int make_cluster(struct db_cluster *cluster, const char *initdb, struct arena *arena, struct str *said)
{
	const char *argv[] = {
		initdb,	       "--no-sync",	      "--data-checksums",  "--locale=C.UTF-8", "--encoding=UTF8",
		"--auth=peer", "--username=postgres", "--no-instructions", "--pgdata",	       cluster->paths.fresh,
		NULL
	};

	pid_t pid = remove_fresh(cluster) ? db_child_spawn(&cluster->user, argv, cluster->paths.log) : -1;
	if (pid < 0 || db_child_wait(pid) != 0) {
		*said = arena_printf(arena, "the database could not be made: %.*s",
				     STR_ARG(db_cluster_last_words(&cluster->paths, arena)));
		return DB_CLUSTER_FAILED;
	}
	if (db_child_do(&cluster->user, settle_fresh, &cluster->paths)) {
		*said = arena_printf(arena, "the new database could not be moved to %s", cluster->paths.data);
		return DB_CLUSTER_FAILED;
	}
	return DB_CLUSTER_UP;
}

/* ---- starting ---- */

static bool spawn(struct db_cluster *cluster)
{
	const char *argv[] = { cluster->postgres, "-D", cluster->paths.data, NULL };
	pid_t pid = db_child_spawn(&cluster->user, argv, cluster->paths.log);

	cluster->pid = pid > 0 ? pid : 0;
	cluster->started_us = clock_monotonic_us();
	return pid > 0;
}

static bool wait_for_predecessor(const struct db_cluster_paths *paths, struct arena *arena, struct str *said)
{
	int64_t until = clock_monotonic_us() + PREDECESSOR_MS * 1000;
	pid_t pid;

	while ((pid = db_cluster_postmaster(paths)) && clock_monotonic_us() < until)
		db_sleep_ms(10);
	if (pid)
		*said = arena_printf(arena, "PostgreSQL is already running on %s (process %d): another recordd uses it",
				     paths->data, pid);
	return !pid;
}

static PGconn *connect_when_ready(struct db_cluster *cluster, struct arena *arena, struct str *said)
{
	struct str conninfo = conninfo_of(&cluster->paths, "postgres", "postgres", arena);
	unsigned step_ms = FIRST_STEP_MS;

	for (int64_t until = clock_monotonic_us() + (int64_t)READY_MS * 1000; clock_monotonic_us() < until;) {
		PGconn *pg = PQconnectdb(conninfo.at);
		if (PQstatus(pg) == CONNECTION_OK)
			return pg;
		PQfinish(pg);
		if (db_child_ended(cluster->pid)) {
			cluster->pid = 0;
			*said = arena_printf(arena, "PostgreSQL ended at once: %.*s",
					     STR_ARG(db_cluster_last_words(&cluster->paths, arena)));
			return NULL;
		}
		db_sleep_ms(step_ms);
		step_ms += step_ms < LAST_STEP_MS && clock_monotonic_us() - cluster->started_us > 500000;
	}
	*said = arena_printf(arena, "PostgreSQL does not answer: %.*s",
			     STR_ARG(db_cluster_last_words(&cluster->paths, arena)));
	return NULL;
}

static int start(struct db_cluster *cluster, struct arena *arena, struct str *said)
{
	if (!wait_for_predecessor(&cluster->paths, arena, said))
		return DB_CLUSTER_FAILED;
	if (!spawn(cluster)) {
		*said = arena_printf(arena, "%s could not be started: %m", cluster->postgres);
		return DB_CLUSTER_FAILED;
	}
	PGconn *pg = connect_when_ready(cluster, arena, said);
	bool up = pg && db_cluster_setup(pg, arena, said);
	PQfinish(pg);
	return up ? DB_CLUSTER_UP : DB_CLUSTER_FAILED;
}

static int find_binaries(struct db_binaries *binaries, const char *bin_dir, const struct db_cluster_paths *paths,
			 struct arena *arena, struct str *said)
{
	int newest, wanted = db_cluster_version(paths);

	if (db_binaries_find(binaries, bin_dir, wanted, &newest, arena))
		return DB_CLUSTER_UP;
	if (!newest) {
		*said = STR("PostgreSQL 15 or newer is not installed (on Debian: apt install postgresql)");
		return DB_CLUSTER_NO_BINARIES;
	}
	*said = arena_printf(
		arena,
		"%s belongs to PostgreSQL %d, but PostgreSQL %d is installed: install version %d beside it, or "
		"move the data by a backup",
		paths->data, wanted, newest, wanted);
	return DB_CLUSTER_NEWER;
}

static int prepare_and_start(struct db_cluster *cluster, const struct db_cluster_settings *settings,
			     struct arena *arena, struct str *said)
{
	struct db_binaries binaries;

	int outcome = find_binaries(&binaries, settings->bin_dir, &cluster->paths, cluster->arena, said);
	if (outcome)
		return outcome;
	cluster->postgres = binaries.postgres;
	if (!db_user_find(&cluster->user, settings->user, cluster->arena, said) ||
	    !db_cluster_make_dirs(&cluster->paths, settings->data_dir, &cluster->user, cluster->arena, said))
		return DB_CLUSTER_FAILED;
	db_cluster_log_trim(&cluster->paths);
	if (!db_cluster_version(&cluster->paths)) {
		outcome = make_cluster(cluster, binaries.initdb, arena, said);
		if (outcome)
			return outcome;
	}
	if (!db_cluster_write_conf(&cluster->paths, settings, &binaries, &cluster->user)) {
		*said = arena_printf(arena, "the configuration in %s could not be written", cluster->paths.data);
		return DB_CLUSTER_FAILED;
	}
	return start(cluster, arena, said);
}

int db_cluster_start(const struct db_cluster_settings *settings, struct arena *arena, struct db_cluster **out,
		     struct str *said)
{
	struct arena *own = arena_new(OWN_MEMORY);
	struct db_cluster *cluster = own ? arena_new_of(own, struct db_cluster) : NULL;

	*out = NULL;
	*said = STR("out of memory");
	if (!cluster || !db_cluster_paths_of(&cluster->paths, settings->data_dir, own)) {
		arena_free(own);
		return DB_CLUSTER_FAILED;
	}
	cluster->arena = own;
	int outcome = prepare_and_start(cluster, settings, arena, said);
	if (outcome == DB_CLUSTER_UP) {
		*said = STR("PostgreSQL is up");
		*out = cluster;
		return outcome;
	}
	*said = arena_copy(arena, *said); /* it may stand in our own arena */
	db_cluster_stop(cluster, 2000);
	return outcome;
}

/* ---- watching ---- */

void db_cluster_tend(struct db_cluster *cluster)
{
	db_cluster_log_trim(&cluster->paths);
}

bool db_cluster_child_lost(struct db_cluster *cluster)
{
	if (!cluster->pid)
		return true;
	if (!db_child_ended(cluster->pid))
		return false;
	log_error("PostgreSQL ended by itself", LOG_INT("pid", cluster->pid),
		  LOG_INT("ran_ms", (clock_monotonic_us() - cluster->started_us) / 1000));
	cluster->pid = 0;
	return true;
}

void db_cluster_restart(struct db_cluster *cluster)
{
	if (cluster->pid)
		return;
	(void)db_cluster_postmaster(&cluster->paths); /* removes a pid file that names a stranger */
	if (spawn(cluster))
		log_info("PostgreSQL started again", LOG_INT("pid", cluster->pid));
}

/* ---- stopping ---- */

void db_cluster_stop(struct db_cluster *cluster, unsigned timeout_ms)
{
	static const struct {
		int signal;
		unsigned wait_ms;
	} harder[] = { { SIGQUIT, QUIT_MS }, { SIGKILL, QUIT_MS } };

	if (cluster->pid) {
		kill(cluster->pid, SIGINT);
		bool ended = db_child_ends_within(cluster->pid, timeout_ms);
		for (size_t i = 0; !ended && i < countof(harder); i++) {
			kill(cluster->pid, harder[i].signal);
			ended = db_child_ends_within(cluster->pid, harder[i].wait_ms);
		}
	}
	arena_free(cluster->arena);
}
