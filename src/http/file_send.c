/* SPDX-License-Identifier: MIT */
/* Files of the disk as answers. */
#include "http/file_send.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "http/inside.h"
#include "http/negotiate.h"
#include "http/range.h"
#include "obs/log.h"

enum {
	BEGINNING = 16 * 1024, /* read as the file is opened; one that is no longer is answered at once */
	PIECE = 64 * 1024,     /* read when there is room for it: nothing is held for a client that does not take it */
};

struct sending {
	const struct file_send *file;
	void *state; /* the caller's call->state */
	char *bytes; /* what was read last; NULL while it waits */
	size_t n;    /* in it, or wanted */
	int fd, error;
	size_t size;	/* of the file */
	size_t at, end; /* still to be sent */
};

static void sending_over(void *arg)
{
	struct sending *sending = arg;
	if (sending->fd >= 0)
		close(sending->fd);
	free(sending->bytes);
}

/* ── On a worker ── */

/* The file's next n bytes. */
static void read_bytes(void *arg)
{
	struct sending *sending = arg;

	for (size_t done = 0; done < sending->n;) {
		ssize_t n = pread(sending->fd, sending->bytes + done, sending->n - done, (off_t)(sending->at + done));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			sending->error = n ? errno : EIO;
			return;
		}
		done += (size_t)n;
	}
}

static void open_file(void *arg)
{
	struct sending *sending = arg;
	struct stat facts;

	sending->fd = open(sending->file->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (sending->fd < 0 || fstat(sending->fd, &facts)) {
		sending->error = errno;
		return;
	}
	if (!S_ISREG(facts.st_mode)) {
		sending->error = ENOENT;
		return;
	}
	sending->size = sending->end = (size_t)facts.st_size;
	sending->n = sending->size < BEGINNING ? sending->size : BEGINNING;
	read_bytes(sending);
}

/* ── On the loop ── */

static struct turn unreadable(struct call *call, const struct sending *sending)
{
	log_error("file not readable", LOG_INT("errno", sending->error));
	return call_fail_with(call, PROBLEM_UNAVAILABLE, "the file cannot be read");
}

static bool make_room(struct sending *sending, size_t n)
{
	sending->bytes = malloc(n);
	return sending->bytes != NULL;
}

static struct turn send_next(struct call *call);

static struct turn send_piece(struct call *call)
{
	struct sending *sending = call->state;

	if (sending->error)
		return unreadable(call, sending);
	sending->at += sending->n;
	struct turn turn = reply_chunk(call, (struct str){ sending->bytes, sending->n }, STEP(send_next));
	free(take(sending->bytes));
	return turn;
}

static struct turn send_next(struct call *call)
{
	struct sending *sending = call->state;
	size_t left = sending->end - sending->at;

	if (!left)
		return reply_stream_end(call);
	sending->n = left < PIECE ? left : PIECE;
	if (!make_room(sending, sending->n))
		return call_fail_with(call, PROBLEM_UNAVAILABLE, "out of memory");
	return work_run(call, sending->file->workers, read_bytes, sending, STEP(send_piece));
}

static struct turn send_stream(struct call *call, int status, struct str type)
{
	struct sending *sending = call->state;

	free(take(sending->bytes));
	return reply_stream_sized(call, status, type, (int64_t)(sending->end - sending->at), STEP(send_next));
}

static struct turn send_whole(struct call *call, struct str type)
{
	const struct sending *sending = call->state;

	if (sending->n < sending->size)
		return send_stream(call, 200, type);
	return reply_text(call, 200, type, (struct str){ sending->bytes, sending->n });
}

static struct turn send_range(struct call *call, struct str type, size_t first, size_t len)
{
	struct sending *sending = call->state;

	reply_header(call, STR("content-range"),
		     arena_printf(call->arena, "bytes %zu-%zu/%zu", first, first + len - 1, sending->size));
	sending->at = first;
	sending->end = first + len;
	return send_stream(call, 206, type);
}

static struct turn refuse_range(struct call *call, const struct sending *sending)
{
	reply_header(call, STR("content-range"), arena_printf(call->arena, "bytes */%zu", sending->size));
	return reply_empty(call, problem_status(PROBLEM_RANGE_NOT_SATISFIABLE));
}

static struct turn answer(struct call *call, struct str type)
{
	const struct sending *sending = call->state;
	const struct request *request = call->request;
	struct str condition = request_header(request, STR("if-range"));
	struct str range = request_header(request, STR("range"));
	size_t first = 0, len = 0;

	reply_header(call, STR("etag"), sending->file->etag);
	reply_header(call, STR("cache-control"), sending->file->cache_control);
	reply_header(call, STR("accept-ranges"), STR("bytes"));
	if (etag_listed(request_header(request, STR("if-none-match")), sending->file->etag))
		return reply_empty(call, 304);
	if (request->method != HTTP_GET || (str_present(condition) && !str_equal(condition, sending->file->etag)))
		range = STR_ABSENT;
	switch (range_parse(range, sending->size, &first, &len)) {
	case RANGE_OK:
		return send_range(call, type, first, len);
	case RANGE_UNSATISFIABLE:
		return refuse_range(call, sending);
	default:
		return send_whole(call, type);
	}
}

static struct turn opened(struct call *call)
{
	struct sending *sending = call->state;
	struct str type =
		sending->error ? STR_ABSENT : sending->file->type_of((struct str){ sending->bytes, sending->n });

	if (sending->error && sending->error != ENOENT)
		return unreadable(call, sending);
	if (str_present(type))
		return answer(call, type);
	call->state = sending->state;
	return call_next(call, sending->file->missing);
}

struct turn file_send(struct call *call, const struct file_send *file)
{
	struct sending *sending = arena_new_of(call->arena, struct sending);

	if (!sending)
		return call_fail_with(call, PROBLEM_UNAVAILABLE, "out of memory");
	*sending = (struct sending){ .file = file, .state = call->state, .fd = -1 };
	if (!make_room(sending, BEGINNING) || !call_defer(call, sending_over, sending)) {
		sending_over(sending);
		return call_fail_with(call, PROBLEM_UNAVAILABLE, "out of memory");
	}
	call->state = sending;
	return work_run(call, file->workers, open_file, sending, STEP(opened));
}
