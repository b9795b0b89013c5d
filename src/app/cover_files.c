/* SPDX-License-Identifier: MIT */
/* Covers on the disk. */
#include "app/cover_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/random.h"
#include "obs/log.h"

enum { FOLDERS = 256, UNTOUCHED_S = 3600 };

static const char upload_name[] = ".upload-";

/* Between looking whether a file is there, or how old it is, and what is done about it. */
static pthread_mutex_t in_place = PTHREAD_MUTEX_INITIALIZER;

struct str cover_path(struct str dir, struct str id, struct arena *arena)
{
	return arena_printf(arena, "%.*s/%.2s/%.*s", STR_ARG(dir), id.at, STR_ARG(id));
}

/* ── Writing ── */

static int fault(const char *what)
{
	int error = errno;

	if (error == ENOSPC || error == EDQUOT)
		return COVER_NO_SPACE;
	log_error("cover not stored", LOG_TEXT("step", str_of(what)), LOG_INT("errno", error));
	return COVER_FAULT;
}

/* The cover is there already: what is new about it is that it is wanted. */
static bool touch(const char *path)
{
	pthread_mutex_lock(&in_place);
	bool there = utimensat(AT_FDCWD, path, NULL, AT_SYMLINK_NOFOLLOW) == 0;
	pthread_mutex_unlock(&in_place);
	return there;
}

static bool write_all(int file, struct str bytes)
{
	while (bytes.len) {
		ssize_t n = write(file, bytes.at, bytes.len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		bytes = str_skip(bytes, (size_t)n);
	}
	return fsync(file) == 0;
}

static int sync_folder(const char *path)
{
	int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int outcome = folder < 0 || fsync(folder) ? fault("folder") : COVER_OK;

	if (folder >= 0)
		close(folder);
	return outcome;
}

static int put_in_place(const char *from, const char *to)
{
	pthread_mutex_lock(&in_place);
	int outcome = rename(from, to) ? fault("rename") : COVER_OK;
	pthread_mutex_unlock(&in_place);
	return outcome;
}

static int write_upload(const char *path, struct str bytes)
{
	int outcome = COVER_OK, file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (file < 0)
		return fault("create");
	if (!write_all(file, bytes))
		outcome = fault("write");
	if (close(file) && !outcome)
		outcome = fault("close");
	return outcome;
}

/* Makes a folder that is not there yet, and has it on the disk before anything is put into it. */
static int make_folder(const char *path, const char *above)
{
	if (mkdir(path, 0700) == 0)
		return sync_folder(above);
	return errno == EEXIST ? COVER_OK : fault("folder");
}

static int make_folders(struct str dir, const char *folder)
{
	char top[PATH_MAX], above[PATH_MAX];

	if (access(folder, F_OK) == 0)
		return COVER_OK;
	snprintf(top, sizeof(top), "%.*s", STR_ARG(dir));
	snprintf(above, sizeof(above), "%.*s/..", STR_ARG(dir));
	int outcome = make_folder(top, above);
	return outcome ? outcome : make_folder(folder, top);
}

int cover_file_write(struct str dir, struct str id, struct str bytes)
{
	char folder[PATH_MAX], upload[PATH_MAX], path[PATH_MAX];

	snprintf(folder, sizeof(folder), "%.*s/%.2s", STR_ARG(dir), id.at);
	snprintf(path, sizeof(path), "%.*s/%.2s/%.*s", STR_ARG(dir), id.at, STR_ARG(id));
	if (snprintf(upload, sizeof(upload), "%.*s/%.2s/%s%016llx", STR_ARG(dir), id.at, upload_name,
		     (unsigned long long)random_below(UINT64_MAX)) >= PATH_MAX) {
		errno = ENAMETOOLONG;
		return fault("name");
	}
	if (touch(path))
		return sync_folder(folder); /* who put it there may not have got that far */
	int outcome = make_folders(dir, folder);
	if (outcome)
		return outcome;
	outcome = write_upload(upload, bytes);
	if (!outcome)
		outcome = put_in_place(upload, path);
	if (outcome) {
		unlink(upload);
		return outcome;
	}
	return sync_folder(folder);
}

/* ── Sweeping ── */

static bool is_id(const char *name)
{
	return strspn(name, "0123456789abcdef") == RECORD_COVER_ID && !name[RECORD_COVER_ID];
}

static bool is_untouched(int folder, const char *name)
{
	struct stat facts;
	return fstatat(folder, name, &facts, AT_SYMLINK_NOFOLLOW) == 0 && facts.st_mtime < time(NULL) - UNTOUCHED_S;
}

/* Each of the folder's is as likely as any other to be among those taken down. */
static void take_down(struct cover_sweep *sweep, const char *name, size_t n_before)
{
	size_t at = n_before < COVER_SWEEP ? n_before : random_below(n_before + 1);

	if (at < COVER_SWEEP)
		memcpy(sweep->ids[at], name, RECORD_COVER_ID);
}

static void look_into(struct cover_sweep *sweep, DIR *dir)
{
	struct dirent *entry;
	size_t n = 0;

	while ((entry = readdir(dir))) {
		bool upload = strncmp(entry->d_name, upload_name, sizeof(upload_name) - 1) == 0;
		if ((!upload && !is_id(entry->d_name)) || !is_untouched(dirfd(dir), entry->d_name))
			continue;
		if (upload)
			unlinkat(dirfd(dir), entry->d_name, 0);
		else
			take_down(sweep, entry->d_name, n++);
	}
	sweep->n = n < COVER_SWEEP ? n : COVER_SWEEP;
}

void cover_sweep_next(struct cover_sweep *sweep)
{
	char path[PATH_MAX];

	for (sweep->n = 0; !sweep->n && sweep->folder < FOLDERS; sweep->folder++) {
		snprintf(path, sizeof(path), "%.*s/%02x", STR_ARG(sweep->dir), sweep->folder);
		DIR *dir = opendir(path);
		if (!dir)
			continue;
		look_into(sweep, dir);
		closedir(dir);
	}
}

static bool remove_untouched(int top, const char *id)
{
	char path[sizeof("ab/") + RECORD_COVER_ID];

	snprintf(path, sizeof(path), "%.2s/%.*s", id, RECORD_COVER_ID, id);
	pthread_mutex_lock(&in_place);
	bool gone = is_untouched(top, path) && unlinkat(top, path, 0) == 0;
	pthread_mutex_unlock(&in_place);
	return gone;
}

size_t cover_sweep_remove(const struct cover_sweep *sweep)
{
	char path[PATH_MAX];
	size_t n_gone = 0;

	snprintf(path, sizeof(path), "%.*s", STR_ARG(sweep->dir));
	int top = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (size_t i = 0; top >= 0 && i < sweep->n; i++)
		n_gone += remove_untouched(top, sweep->ids[i]);
	if (top >= 0)
		close(top);
	return n_gone;
}
