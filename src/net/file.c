/* SPDX-License-Identifier: MIT */
/* Reading and atomically replacing small files, and the directory they are in. */
#include "net/file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void fd_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

int file_read(const char *path, struct buf *to)
{
	owned(fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	for (;;) {
		char chunk[4096];
		ssize_t n = read(fd, chunk, sizeof(chunk));
		if (n < 0 && errno == EINTR)
			continue;
		if (n > 0)
			buf_add(to, (struct str){ chunk, (size_t)n });
		explicit_bzero(chunk, sizeof(chunk));
		if (n < 0)
			return -errno;
		if (buf_failed(to))
			return -EFBIG;
		if (n == 0)
			return 0;
	}
}

static int write_whole(int fd, struct str bytes)
{
	while (bytes.len) {
		ssize_t n = write(fd, bytes.at, bytes.len);
		if (n < 0 && errno != EINTR)
			return -errno;
		bytes = str_skip(bytes, n > 0 ? (size_t)n : 0);
	}
	return fsync(fd) ? -errno : 0;
}

/* Root works for the owner of the directory, who will have to read it. */
static int inherit_owner(int fd, const char *path)
{
	char copy[PATH_MAX];
	struct stat directory;
	if (geteuid() != 0)
		return 0;
	snprintf(copy, sizeof(copy), "%s", path);
	if (stat(dirname(copy), &directory))
		return -errno;
	return fchown(fd, directory.st_uid, directory.st_gid) ? -errno : 0;
}

/* So that what was replaced stays so when the power goes, and in the order it was done. */
static int directory_sync(const char *path)
{
	char copy[PATH_MAX];
	snprintf(copy, sizeof(copy), "%s", path);
	owned(fd_close) int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 || fsync(fd) ? -errno : 0;
}

int file_replace(const char *path, struct str bytes, unsigned mode)
{
	char draft[PATH_MAX];
	if ((size_t)snprintf(draft, sizeof(draft), "%s.new", path) >= sizeof(draft))
		return -ENAMETOOLONG;
	if (unlink(draft) && errno != ENOENT)
		return -errno;
	owned(fd_close) int fd = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, (mode_t)mode);
	if (fd < 0)
		return -errno;
	int error = fchmod(fd, (mode_t)mode) ? -errno : inherit_owner(fd, path);
	if (!error)
		error = write_whole(fd, bytes);
	if (!error && rename(draft, path))
		error = -errno;
	if (error)
		unlink(draft);
	return error ? error : directory_sync(path);
}

int file_move(const char *from, const char *to)
{
	return rename(from, to) ? -errno : directory_sync(to);
}

int directory_make(const char *path)
{
	if (mkdir(path, 0700))
		return errno == EEXIST ? 0 : -errno;
	owned(fd_close) int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : inherit_owner(fd, path);
}

void buf_wipe(struct buf *buf)
{
	if (buf->at)
		explicit_bzero(buf->at, buf->room);
	buf_free(buf);
}
