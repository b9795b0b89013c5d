/* SPDX-License-Identifier: MIT */
/* The file of signing keys: a comment line, then a key a line; private to its owner, replaced as a whole. */
#include "auth/keys.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mbedtls/platform_util.h>

#include "base/buf.h"

enum { LARGEST_FILE = 4096 };

static void fd_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static void buf_wipe(struct buf *buf)
{
	mbedtls_platform_zeroize(buf->at, buf->room);
	buf_free(buf);
}

static int failed(struct arena *arena, struct str *said, const char *path, const char *cause)
{
	*said = arena_printf(arena, "the signing keys in %s %s", path, cause);
	return AUTH_KEYS_FAILED;
}

static int failed_to(struct arena *arena, struct str *said, const char *path, const char *verb)
{
	*said = arena_printf(arena, "the signing keys in %s could not be %s: %s", path, verb, strerror(errno));
	return AUTH_KEYS_FAILED;
}

static bool parse(struct str text, struct auth_keys *keys)
{
	while (str_present(text)) {
		struct auth_key key;
		struct str line = str_cut(text, '\n', &text);
		if (str_blank(line) || str_starts(line, STR("#")))
			continue;
		if (!auth_key_parse(line, &key) || !auth_keys_add(keys, &key))
			return false;
		mbedtls_platform_zeroize(&key, sizeof(key));
	}
	return keys->n > 0;
}

static int load(int fd, const char *path, struct auth_keys *keys, struct arena *arena, struct str *said)
{
	owned(buf_wipe) struct buf text = buf_of(LARGEST_FILE + 1);
	struct stat status;

	if (fstat(fd, &status))
		return failed_to(arena, said, path, "examined");
	if (status.st_mode & 077)
		return failed(arena, said, path,
			      "may be read by others: run chmod 600 on it, or delete it "
			      "to have new ones (clients then renew their tokens)");
	char *at = buf_reserve(&text, LARGEST_FILE + 1);
	if (!at)
		return failed(arena, said, path, "could not be read: out of memory");
	ssize_t got = read(fd, at, LARGEST_FILE + 1);
	if (got < 0)
		return failed_to(arena, said, path, "read");
	buf_commit(&text, (size_t)got);
	auth_keys_wipe(keys);
	if (got > LARGEST_FILE || !parse(buf_str(&text), keys))
		return failed(arena, said, path,
			      "are damaged: restore the file from a backup, or delete it "
			      "to have new ones (clients then renew their tokens)");
	return AUTH_KEYS_LOADED;
}

static void format(const struct auth_keys *keys, struct buf *to)
{
	char line[AUTH_KEY_TEXT + 1];

	/* Room for all at once: growing would leave copies of secrets behind in freed memory. */
	if (!buf_reserve(to, LARGEST_FILE))
		return;
	buf_add(to, STR("# The keys that sign access tokens; the first signs, all verify. Keep this file secret.\n"));
	for (unsigned i = 0; i < keys->n; i++) {
		buf_add(to, auth_key_format(&keys->items[i], line));
		buf_add_char(to, '\n');
	}
	mbedtls_platform_zeroize(line, sizeof(line));
}

static bool write_whole(int fd, struct str text)
{
	while (text.len) {
		ssize_t n = write(fd, text.at, text.len);
		if (n < 0 && errno != EINTR)
			return false;
		text = str_skip(text, n < 0 ? 0 : (size_t)n);
	}
	return fsync(fd) == 0;
}

/* The directory of `path`, as a NUL-terminated text. */
static const char *directory_of(const char *path, struct arena *arena)
{
	struct str all = str_of(path);
	while (all.len > 1 && all.at[all.len - 1] != '/')
		all.len--;
	return arena_copy(arena, all.len > 1 ? all : STR(".")).at;
}

static int sync_directory(const char *directory)
{
	owned(fd_close) int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -1 : fsync(fd);
}

/* Root may do this for a server that runs as somebody else. */
static void keep_owner(int fd, const char *path)
{
	struct stat old;
	if (stat(path, &old) == 0 && fchown(fd, old.st_uid, old.st_gid))
		return; /* not root: then the owner is who we are */
}

const char *auth_keys_path(struct str data_dir, struct arena *arena)
{
	return arena_printf(arena, "%.*s/keys/signing", STR_ARG(data_dir)).at;
}

int auth_keys_save(const char *path, const struct auth_keys *keys, struct arena *arena, struct str *said)
{
	owned(buf_wipe) struct buf text = buf_of(LARGEST_FILE);
	const char *directory = directory_of(path, arena), *temporary = arena_printf(arena, "%s.new", path).at;

	format(keys, &text);
	if (buf_failed(&text) || !directory || !temporary)
		return failed(arena, said, path, "could not be written: out of memory");
	if (mkdir(directory, 0700) && errno != EEXIST)
		return failed_to(arena, said, path, "written");
	if (unlink(temporary) && errno != ENOENT)
		return failed_to(arena, said, path, "written");
	owned(fd_close) int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd >= 0)
		keep_owner(fd, path);
	if (fd < 0 || !write_whole(fd, buf_str(&text)) || rename(temporary, path) || sync_directory(directory))
		return failed_to(arena, said, path, "written");
	return 0;
}

int auth_keys_open(const char *path, int64_t now_s, struct auth_keys *keys, struct arena *arena, struct str *said)
{
	owned(fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0)
		return load(fd, path, keys, arena, said);
	if (errno != ENOENT)
		return failed_to(arena, said, path, "read");
	auth_keys_wipe(keys);
	auth_keys_rotate(keys, now_s);
	return auth_keys_save(path, keys, arena, said) ? AUTH_KEYS_FAILED : AUTH_KEYS_CREATED;
}
