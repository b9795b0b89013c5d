/* SPDX-License-Identifier: MIT */
/* The private cluster's places and its binaries. */
#include "db/cluster_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"

enum {
	OLDEST_MAJOR = 15,
	NEWEST_MAJOR = 99,
	LONGEST_SOCKET_DIR = 107 - (int)sizeof("/.s.PGSQL.5432") + 1,
	LOG_BOUND = 8 * 1024 * 1024,
	LOG_TAIL = 4096,
};

static const char *path_in(const char *dir, const char *name, struct arena *arena)
{
	return arena_printf(arena, "%s/%s", dir, name).at;
}

/* A short file as text, in the arena; absent when it cannot be read. */
static struct str read_small(const char *path, size_t room, off_t from, struct arena *arena)
{
	int file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	char *at = file >= 0 ? arena_alloc(arena, room) : NULL;
	ssize_t got = at ? pread(file, at, room, from) : -1;

	if (file >= 0)
		close(file);
	return got < 0 ? STR_ABSENT : (struct str){ at, (size_t)got };
}

/* ---- places ---- */

/* The socket is in `run`, or where that links to: a path of a socket has 107 bytes at most. */
static const char *follow(const char *run, struct arena *arena)
{
	char target[PATH_MAX];
	struct stat stat;

	if (lstat(run, &stat))
		return NULL;
	if (!S_ISLNK(stat.st_mode))
		return run;
	ssize_t len = readlink(run, target, sizeof(target));
	if (len <= 0 || (size_t)len >= sizeof(target))
		return NULL;
	return arena_copy(arena, (struct str){ target, (size_t)len }).at;
}

bool db_cluster_paths_of(struct db_cluster_paths *paths, const char *data_dir, struct arena *arena)
{
	const char *top = path_in(data_dir, "pg", arena);
	*paths = (struct db_cluster_paths){ .top = top };
	if (!top)
		return false;
	paths->data = path_in(top, "data", arena);
	paths->fresh = path_in(top, "data.new", arena);
	paths->run = path_in(top, "run", arena);
	paths->log = path_in(top, "log", arena);
	paths->old_log = path_in(top, "log.1", arena);
	paths->pid_file = path_in(top, "data/postmaster.pid", arena);
	paths->version_file = path_in(top, "data/PG_VERSION", arena);
	if (!paths->version_file)
		return false;
	paths->run_root = follow(paths->run, arena);
	return !arena_exhausted(arena);
}

int db_cluster_version(const struct db_cluster_paths *paths)
{
	owned(arena_drop) struct arena *arena = arena_new(256);
	int64_t major = 0;
	struct str text = arena ? read_small(paths->version_file, 16, 0, arena) : STR_ABSENT;

	return str_present(text) && str_to_int(str_trim(text), 1, 1000, &major) ? (int)major : 0;
}

/* A comma or a quote in a path would mean something to libpq or PostgreSQL. */
static bool fit_for_socket(const char *dir)
{
	struct str path = str_of(dir);

	for (size_t i = 0; i < path.len; i++)
		if (!char_is_alpha(path.at[i]) && !char_is_digit(path.at[i]) &&
		    str_find_char(STR("/_.+-"), path.at[i]) == 5)
			return false;
	return path.len <= LONGEST_SOCKET_DIR;
}

static bool is_ours(const char *dir, uid_t uid)
{
	struct stat stat;
	return lstat(dir, &stat) == 0 && S_ISDIR(stat.st_mode) && stat.st_uid == uid && (stat.st_mode & 077) == 0;
}

/* Runs as the user. */
static int make_short_dir(void *arg)
{
	const struct db_cluster_paths *paths = arg;
	char in_run[64], in_tmp[] = "/tmp/recordd-XXXXXX";

	snprintf(in_run, sizeof(in_run), "/run/user/%u/recordd-XXXXXX", getuid());
	const char *dir = mkdtemp(in_run);
	if (!dir)
		dir = mkdtemp(in_tmp);
	unlink(paths->run);
	return !dir || symlink(dir, paths->run);
}

static int make_run_dir(void *arg)
{
	const struct db_cluster_paths *paths = arg;
	return mkdir(paths->run, 0700) && errno != EEXIST;
}

static bool make_socket_dir(struct db_cluster_paths *paths, const struct db_user *user, struct arena *arena)
{
	if (paths->run_root && is_ours(paths->run_root, user->uid))
		return true;
	if (db_child_do(user, fit_for_socket(paths->run) ? make_run_dir : make_short_dir, paths))
		return false;
	paths->run_root = follow(paths->run, arena);
	return paths->run_root && is_ours(paths->run_root, user->uid);
}

static int try_to_reach(void *arg)
{
	const struct db_cluster_paths *paths = arg;
	return access(paths->top, R_OK | W_OK | X_OK) != 0;
}

/* The user must get through the data directory, and see nothing in it. */
static void let_through(const char *data_dir)
{
	struct stat stat_;
	if (stat(data_dir, &stat_) == 0 && !(stat_.st_mode & S_IXOTH))
		chmod(data_dir, (stat_.st_mode & 07777) | S_IXGRP | S_IXOTH);
}

bool db_cluster_make_dirs(struct db_cluster_paths *paths, const char *data_dir, const struct db_user *user,
			  struct arena *arena, struct str *said)
{
	bool made = mkdir(paths->top, 0700) == 0;

	if (!made && errno != EEXIST) {
		*said = arena_printf(arena, "%s cannot be made: %m", paths->top);
		return false;
	}
	if (user->change) {
		let_through(data_dir);
		if (made && lchown(paths->top, user->uid, user->gid)) {
			*said = arena_printf(arena, "%s cannot be given to user %.*s: %m", paths->top,
					     STR_ARG(user->name));
			return false;
		}
	}
	if (db_child_do(user, try_to_reach, paths)) {
		*said = arena_printf(
			arena,
			"user %.*s, who runs PostgreSQL, cannot write to %s: choose a data directory that other "
			"users can pass through, or give %s to that user",
			STR_ARG(user->name), paths->top, paths->top);
		return false;
	}
	if (make_socket_dir(paths, user, arena))
		return true;
	*said = arena_printf(arena, "no directory for PostgreSQL's socket could be made (%s)", paths->run);
	return false;
}

/* ---- binaries ---- */

static const char *executable(const char *dir, const char *name, struct arena *arena)
{
	const char *path = path_in(dir, name, arena);
	return path && access(path, X_OK) == 0 ? path : NULL;
}

/* "postgres (PostgreSQL) 17.2 (Debian …)" → 17 */
static int ask_version(const char *postgres, struct arena *arena)
{
	const char *command = arena_printf(arena, "'%s' --version 2>/dev/null", postgres).at;
	FILE *out =
		command && str_find_char(str_of(postgres), '\'') == str_of(postgres).len ? popen(command, "re") : NULL;
	char line[128] = "";
	int64_t major = 0;
	struct str rest;

	if (!out)
		return 0;
	if (!fgets(line, sizeof(line), out))
		line[0] = '\0';
	pclose(out);
	struct str version = str_skip(str_of(line), str_find(str_of(line), STR(") ")) + 2);
	size_t digits = 0;
	while (digits < version.len && char_is_digit(version.at[digits]))
		digits++;
	rest = str_first(version, digits);
	return str_to_int(rest, 1, 1000, &major) ? (int)major : 0;
}

static bool binaries_in(struct db_binaries *found, const char *dir, int major, struct arena *arena)
{
	const char *postgres = executable(dir, "postgres", arena), *initdb = executable(dir, "initdb", arena);

	if (!postgres || !initdb)
		return false;
	const char *prewarm = path_in(dir, "../lib/pg_prewarm.so", arena);
	*found = (struct db_binaries){ .major = major ? major : ask_version(postgres, arena),
				       .postgres = postgres,
				       .initdb = initdb,
				       .prewarm = prewarm && access(prewarm, R_OK) == 0 };
	return found->major >= OLDEST_MAJOR;
}

static bool binaries_in_path(struct db_binaries *found, struct arena *arena)
{
	struct str rest = str_of(getenv("PATH"));

	while (str_present(rest)) {
		struct str dir = arena_copy(arena, str_cut(rest, ':', &rest));
		if (str_present(dir) && dir.len && binaries_in(found, dir.at, 0, arena))
			return true;
	}
	return false;
}

bool db_binaries_find(struct db_binaries *found, const char *bin_dir, int wanted, int *newest, struct arena *arena)
{
	*newest = 0;
	if (bin_dir) {
		bool there = binaries_in(found, bin_dir, 0, arena);
		*newest = there ? found->major : 0;
		return there && (!wanted || found->major == wanted);
	}
	for (int major = NEWEST_MAJOR; major >= OLDEST_MAJOR; major--) {
		char dir[64];
		snprintf(dir, sizeof(dir), "/usr/lib/postgresql/%d/bin", major);
		if (!executable(dir, "postgres", arena) || !binaries_in(found, dir, major, arena))
			continue;
		*newest = *newest ? *newest : major;
		if (!wanted || major == wanted)
			return true;
	}
	bool in_path = binaries_in_path(found, arena);
	if (in_path && found->major > *newest)
		*newest = found->major;
	return in_path && (!wanted || found->major == wanted);
}

/* ---- the running one ---- */

/*
 * Whether this process is a postgres at work on this data directory (where it has its working directory), so that a
 * pid used again by a stranger is not taken for one.
 */
static bool is_postgres_of(pid_t pid, const char *data, struct arena *arena)
{
	const char *comm = arena_printf(arena, "/proc/%d/comm", pid).at,
		   *cwd = arena_printf(arena, "/proc/%d/cwd", pid).at;
	struct stat here, there;

	if (!comm || !cwd || !str_starts(read_small(comm, 64, 0, arena), STR("postgres")))
		return false;
	if (stat(cwd, &there) || stat(data, &here))
		return errno ==
		       EACCES; /* we may not look: better careful; a dead one that nobody waited for has none */
	return here.st_dev == there.st_dev && here.st_ino == there.st_ino;
}

/* postmaster.pid begins with the pid and the data directory, a line each. */
static pid_t named_in(const struct db_cluster_paths *paths, struct arena *arena)
{
	int64_t pid;
	struct str rest, file = read_small(paths->pid_file, 4096, 0, arena);
	if (!str_present(file))
		return 0;
	struct str first = str_cut(file, '\n', &rest);
	return str_to_int(str_trim(first), 2, INT_MAX, &pid) ? (pid_t)pid : -1;
}

pid_t db_cluster_postmaster(const struct db_cluster_paths *paths)
{
	owned(arena_drop) struct arena *arena = arena_new(16 * 1024);
	pid_t pid = arena ? named_in(paths, arena) : 0;

	if (pid == 0)
		return 0;
	if (pid > 0 && (kill(pid, 0) == 0 || errno == EPERM) && is_postgres_of(pid, paths->data, arena))
		return pid;
	unlink(paths->pid_file);
	return 0;
}

/* ---- the log ---- */

/* Its writer appends, so that what is cut off here leaves no hole. Runs as whoever we are. */
void db_cluster_log_trim(const struct db_cluster_paths *paths)
{
	struct stat stat;
	int from = open(paths->log, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (from < 0)
		return;
	if (fstat(from, &stat) == 0 && S_ISREG(stat.st_mode) && stat.st_size > LOG_BOUND) {
		int to = open(paths->old_log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
		off_t at = stat.st_size - LOG_BOUND;
		while (to >= 0 && copy_file_range(from, &at, to, NULL, LOG_BOUND, 0) > 0)
			;
		if (to >= 0)
			close(to);
		if (ftruncate(from, 0))
			unlink(paths->log);
	}
	close(from);
}

struct str db_cluster_last_words(const struct db_cluster_paths *paths, struct arena *arena)
{
	struct stat stat_;
	off_t from = stat(paths->log, &stat_) == 0 && stat_.st_size > LOG_TAIL ? stat_.st_size - LOG_TAIL : 0;
	struct str words = STR_ABSENT, rest = read_small(paths->log, LOG_TAIL, from, arena);

	while (str_present(rest)) {
		struct str line = str_trim(str_cut(rest, '\n', &rest));
		if (str_find(line, STR("FATAL:")) != SIZE_MAX)
			words = str_trim(str_skip(line, str_find(line, STR("FATAL:")) + 6));
		else if (str_find(line, STR("error:")) != SIZE_MAX)
			words = str_trim(str_skip(line, str_find(line, STR("error:")) + 6));
	}
	return str_present(words) ? words : arena_printf(arena, "see %s", paths->log);
}
