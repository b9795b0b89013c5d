/* SPDX-License-Identifier: MIT */
/* The data directory. */
#include "cli/datadir.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *under(const struct datadir *dir, const char *name, struct arena *arena)
{
	return arena_printf(arena, "%.*s/%s", STR_ARG(dir->path), name).at;
}

/* mkdir -p; 0 or errno. Root's own directory is 0711: the cluster's unprivileged user must pass through it. */
static int make_path(struct str path, struct arena *arena)
{
	struct str copy = arena_copy(arena, path);
	char *text = (char *)(uintptr_t)copy.at;
	struct stat facts;

	if (!text)
		return ENOMEM;
	if (stat(text, &facts) == 0)
		return S_ISDIR(facts.st_mode) ? 0 : ENOTDIR;
	for (char *slash = text + 1; *slash; slash++) {
		if (*slash != '/')
			continue;
		*slash = 0;
		if (mkdir(text, 0755) && errno != EEXIST)
			return errno;
		*slash = '/';
	}
	return mkdir(text, geteuid() == 0 ? 0711 : 0700) && errno != EEXIST ? errno : 0;
}

/* The format's number, 0 when there is none yet, -1 when unreadable. */
static int64_t read_format(const struct datadir *dir, struct arena *arena)
{
	char text[32];
	int64_t number;
	int file = open(under(dir, "format", arena), O_RDONLY | O_CLOEXEC);

	if (file < 0)
		return errno == ENOENT ? 0 : -1;
	ssize_t got = read(file, text, sizeof(text));
	close(file);
	struct str whole = str_trim((struct str){ text, got < 0 ? 0 : (size_t)got });
	return str_to_int(whole, 1, INT32_MAX, &number) ? number : -1;
}

static int write_format(const struct datadir *dir, struct arena *arena)
{
	int file = open(under(dir, "format", arena), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	bool good = file >= 0 && dprintf(file, "%d\n", DATADIR_FORMAT) > 0 && fsync(file) == 0;

	if (file >= 0)
		close(file);
	return good ? DATADIR_OK : DATADIR_FAILED;
}

static int take_lock(struct datadir *dir, struct arena *arena, struct str *said)
{
	char pid[32] = "";

	dir->lock = open(under(dir, "lock", arena), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (dir->lock < 0) {
		*said = arena_printf(arena, "data directory %.*s cannot be used: %s", STR_ARG(dir->path), strerror(errno));
		return DATADIR_FAILED;
	}
	if (flock(dir->lock, LOCK_EX | LOCK_NB)) {
		ssize_t got = pread(dir->lock, pid, sizeof(pid) - 1, 0);
		struct str holder = str_trim((struct str){ pid, got > 0 ? (size_t)got : 0 });
		*said = arena_printf(arena, "data directory %.*s is in use by another recordd (pid %.*s); stop it or name another with --data",
				     STR_ARG(dir->path), STR_ARG(holder));
		return DATADIR_IN_USE;
	}
	if (ftruncate(dir->lock, 0) || dprintf(dir->lock, "%d\n", getpid()) < 0) {
		*said = arena_printf(arena, "data directory %.*s cannot be written: %s", STR_ARG(dir->path), strerror(errno));
		return DATADIR_FAILED;
	}
	return DATADIR_OK;
}

static int check_format(struct datadir *dir, struct arena *arena, struct str *said)
{
	int64_t format = read_format(dir, arena);

	if (format > DATADIR_FORMAT) {
		*said = arena_printf(arena, "data directory %.*s was made by a newer recordd (format %lld, this one knows %d); nothing was touched",
				     STR_ARG(dir->path), (long long)format, DATADIR_FORMAT);
		return DATADIR_NEWER;
	}
	if (format < 0 || (format == 0 && write_format(dir, arena))) {
		*said = arena_printf(arena, "data directory %.*s: its file 'format' cannot be %s", STR_ARG(dir->path),
				     format < 0 ? "read" : "written");
		return DATADIR_FAILED;
	}
	return DATADIR_OK;
}

int datadir_open(struct datadir *dir, struct str path, struct arena *arena, struct str *said)
{
	int error, outcome;

	*dir = (struct datadir){ .path = path, .lock = -1 };
	if (read_format(dir, arena) > DATADIR_FORMAT)
		return check_format(dir, arena, said);
	if ((error = make_path(path, arena))) {
		*said = arena_printf(arena, "data directory %.*s cannot be made: %s", STR_ARG(path), strerror(error));
		return DATADIR_FAILED;
	}
	if ((outcome = take_lock(dir, arena, said)) || (outcome = check_format(dir, arena, said)))
		datadir_close(dir);
	return outcome;
}

void datadir_close(struct datadir *dir)
{
	if (dir->lock >= 0)
		close(dir->lock);
	dir->lock = -1;
}
