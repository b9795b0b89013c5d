/* SPDX-License-Identifier: MIT */
/* A request's body on its way to a temporary file: one file operation at a time, off the loop. */
#include <errno.h>
#include <unistd.h>

#include "http/inside.h"

enum { PATH_ROOM = 4096, MAX_PENDING = 8 * 1024 * 1024 };

struct spool {
	struct exchange *exchange;
	uv_fs_t operation;
	uv_file file; /* -1 until it is open, and when it is closed */
	bool opened, busy, ended;
	struct buf arriving, writing;
	size_t written; /* of `writing` */
	char path[PATH_ROOM];
};

static void proceed(struct spool *spool);

static uv_loop_t *uv_of(const struct spool *spool)
{
	return &spool->exchange->server->loop->uv;
}

/* An operation ended. When the exchange was refused meanwhile, or its client has gone, this was what it waited for. */
static bool may_go_on(struct spool *spool)
{
	struct exchange *exchange = spool->exchange;

	spool->busy = false;
	if (!exchange->started && (exchange->refusal || !exchange->transport)) {
		exchange_start(exchange, STEP(exchange_refused));
		return false;
	}
	return !exchange->started;
}

static void fail(struct spool *spool, ssize_t error)
{
	bool full = error == UV_ENOSPC || error == -EDQUOT;
	exchange_refuse(spool->exchange, full ? PROBLEM_NO_SPACE : PROBLEM_INTERNAL,
			full ? STR_ABSENT : str_of(uv_strerror((int)error)));
}

static void opened(uv_fs_t *operation)
{
	struct spool *spool = operation->data;
	ssize_t result = operation->result;
	struct str path = str_of(operation->path);

	if (result >= 0) {
		spool->file = (uv_file)result;
		spool->opened = true;
		snprintf(spool->path, sizeof(spool->path), "%.*s", STR_ARG(path));
	}
	uv_fs_req_cleanup(operation);
	if (!may_go_on(spool))
		return;
	if (result < 0)
		fail(spool, result);
	else
		proceed(spool);
}

static void wrote(uv_fs_t *operation)
{
	struct spool *spool = operation->data;
	ssize_t result = operation->result;

	uv_fs_req_cleanup(operation);
	if (!may_go_on(spool))
		return;
	if (result < 0) {
		fail(spool, result);
		return;
	}
	spool->written += (size_t)result;
	spool->exchange->transport->taken(spool->exchange, (size_t)result);
	proceed(spool);
}

static void closed(uv_fs_t *operation)
{
	struct spool *spool = operation->data;
	ssize_t result = operation->result;

	uv_fs_req_cleanup(operation);
	spool->file = -1;
	if (!may_go_on(spool))
		return;
	if (result < 0) {
		fail(spool, result);
		return;
	}
	spool->exchange->request.body_file = spool->path;
	exchange_start(spool->exchange, spool->exchange->first);
}

/* The next operation: write what there is, or close when no more comes. */
static void proceed(struct spool *spool)
{
	int error = 0;

	if (spool->written == spool->writing.len) {
		struct buf empty = spool->writing;
		buf_clear(&empty);
		spool->writing = spool->arriving;
		spool->arriving = empty;
		spool->written = 0;
	}
	spool->operation.data = spool;
	if (spool->writing.len) {
		uv_buf_t bytes = uv_buf_init(spool->writing.at + spool->written,
					     (unsigned)(spool->writing.len - spool->written));
		error = uv_fs_write(uv_of(spool), &spool->operation, spool->file, &bytes, 1, -1, wrote);
		spool->busy = !error;
	} else if (spool->ended) {
		error = uv_fs_close(uv_of(spool), &spool->operation, spool->file, closed);
		spool->busy = !error;
	}
	if (error)
		fail(spool, error);
}

struct spool *spool_new(struct exchange *exchange)
{
	struct spool *spool = malloc(sizeof(*spool));
	if (!spool)
		return NULL;
	*spool = (struct spool){
		.exchange = exchange, .file = -1, .arriving = buf_of(MAX_PENDING), .writing = buf_of(MAX_PENDING)
	};
	spool->operation.data = spool;
	snprintf(spool->path, sizeof(spool->path), "%s/body-XXXXXX", exchange->server->settings.spool_dir);
	if (uv_fs_mkstemp(uv_of(spool), &spool->operation, spool->path, opened)) {
		free(spool);
		return NULL;
	}
	spool->busy = true;
	return spool;
}

void spool_add(struct spool *spool, struct str bytes)
{
	buf_add(&spool->arriving, bytes);
	if (buf_failed(&spool->arriving))
		exchange_refuse(spool->exchange, PROBLEM_UNAVAILABLE, STR("out of memory"));
	else if (!spool->busy)
		proceed(spool);
}

void spool_end(struct spool *spool)
{
	spool->ended = true;
	if (!spool->busy)
		proceed(spool);
}

bool spool_busy(const struct spool *spool)
{
	return spool && spool->busy;
}

static void removed(uv_fs_t *operation)
{
	uv_fs_req_cleanup(operation);
	free(operation);
}

/* Removing may wait for the disk: off the loop, unless there is no memory for that. */
void spool_free(struct spool *spool)
{
	if (!spool)
		return;
	check(!spool->busy);
	if (spool->file >= 0)
		close(spool->file);
	if (spool->opened) {
		uv_fs_t *operation = malloc(sizeof(*operation));
		if (!operation || uv_fs_unlink(uv_of(spool), operation, spool->path, removed)) {
			free(operation);
			unlink(spool->path);
		}
	}
	buf_free(&spool->arriving);
	buf_free(&spool->writing);
	free(spool);
}
