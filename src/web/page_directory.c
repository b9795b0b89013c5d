/* SPDX-License-Identifier: MIT */
/* The web application from a directory, as a build tool leaves it: read anew for each request, kept by nobody. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/buf.h"
#include "http/static.h"
#include "loop/work.h"
#include "web/page.h"

enum { LARGEST_FILE = 16 << 20 };

static char directory[PATH_MAX];

/* One file on its way through the worker pool. Lives in the call's arena, but for the bytes. */
struct reading {
	const char *name; /* below the directory */
	bool may_be_page;
	struct buf bytes;
	int error; /* 0, or a negative errno */
};

/*
 * The kernel keeps the whole resolution below the directory: no `..` and no link, wherever in the path, leads out. It
 * is opened by its path each time, as build tools may put another one in its place. A pipe must hold nobody up.
 */
static int open_below(const char *name)
{
	struct open_how how = { .flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
				.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS };
	int root = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int file = root < 0 ? -1 : (int)syscall(SYS_openat2, root, name, &how, sizeof(how));
	int error = -errno;

	if (root >= 0)
		close(root);
	return file < 0 ? error : file;
}

static int read_whole(int file, struct buf *to)
{
	struct stat facts;
	ssize_t n;

	if (fstat(file, &facts))
		return -errno;
	if (!S_ISREG(facts.st_mode))
		return -ENOENT;
	if (facts.st_size > LARGEST_FILE)
		return -EFBIG;
	size_t room = (size_t)facts.st_size + 1;
	char *at = buf_reserve(to, room);
	if (!at)
		return -ENOMEM;
	while ((n = read(file, at, room)) > 0) {
		buf_commit(to, (size_t)n);
		at += n;
		room -= (size_t)n;
		if (!room)
			return -EAGAIN; /* it is still being written */
	}
	return n < 0 ? -errno : 0;
}

static int read_file(struct reading *reading)
{
	int file = open_below(reading->name);

	if (file < 0)
		return file;
	int error = read_whole(file, &reading->bytes);
	close(file);
	return error;
}

static void read_on_worker(void *arg)
{
	struct reading *reading = arg;

	reading->error = read_file(reading);
	if ((reading->error != -ENOENT && reading->error != -ENOTDIR) || !reading->may_be_page)
		return;
	reading->name = "index.html";
	reading->error = read_file(reading);
}

static void drop_bytes(void *arg)
{
	struct reading *reading = arg;
	buf_free(&reading->bytes);
}

static struct str type_of(struct str name)
{
	static const struct {
		struct str ending, content_type;
	} types[] = {
#define PAGE_TYPE(ending, content_type, compressible) { STR(ending), STR(content_type) },
#include "web/page_types.def"
#undef PAGE_TYPE
	};
	size_t i = 0;

	while (!str_ends(name, types[i].ending)) /* the last fits all */
		i++;
	return types[i].content_type;
}

static struct turn page_file_send(struct call *call)
{
	const struct reading *reading = call->state;

	switch (-reading->error) {
	case 0:
		break;
	case ENOENT:
	case ENOTDIR:
	case EXDEV: /* it leads out of the directory */
	case ELOOP:
	case ENAMETOOLONG:
	case EACCES:
		return call_fail_with(call, PROBLEM_NOT_FOUND, "no such path");
	case EFBIG:
		return call_fail_with(call, PROBLEM_NOT_FOUND, "the file is larger than %d MB", LARGEST_FILE >> 20);
	default:
		return call_fail_with(call, PROBLEM_UNAVAILABLE, "the file cannot be read");
	}
	page_protect(call);
	reply_header(call, STR("cache-control"), STR("no-store"));
	return reply_text(call, 200, type_of(str_of(reading->name)), buf_str(&reading->bytes));
}

/* Names that begin with a dot are not the application's (nor does assetgen pack them). */
static bool has_hidden(struct str path)
{
	while (str_present(path))
		if (str_starts(str_cut(path, '/', &path), STR(".")))
			return true;
	return false;
}

struct turn page_get_from_directory(struct call *call)
{
	static struct work_class files = { .name = "web application files", .max_running = 2, .max_waiting = 256 };
	struct str path = call->request->path;
	struct reading *reading = arena_new_of(call->arena, struct reading);
	struct str name = arena_copy(call->arena, str_skip(path, 1));

	if (has_hidden(path))
		return call_fail_with(call, PROBLEM_NOT_FOUND, "no such path");
	if (!reading || !str_present(name) || !call_defer(call, drop_bytes, reading))
		return call_fail_with(call, PROBLEM_INTERNAL, "out of memory");
	*reading = (struct reading){ .name = name.len ? name.at : "index.html",
				     .may_be_page = asset_path_is_page(path),
				     .bytes = buf_of(LARGEST_FILE + 1) };
	call->state = reading;
	return work_run(call, &files, read_on_worker, reading, STEP(page_file_send));
}

int page_set_directory(struct str path)
{
	char name[PATH_MAX];

	if ((size_t)snprintf(name, sizeof(name), "%.*s", STR_ARG(path)) >= sizeof(name))
		return -ENAMETOOLONG;
	if (!realpath(name, directory))
		return -errno;
	int here = open_below(".");
	if (here < 0)
		return here;
	close(here);
	return 0;
}
