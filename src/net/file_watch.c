/* SPDX-License-Identifier: MIT */
/* Watching files by looking at them, sooner when the kernel hints. */
#include "net/file_watch.h"

#include <libgen.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

/* A directory's notices. The handle outlives the watch by a turn of the loop, as libuv needs it. */
struct file_notice {
	uv_fs_event_t handle;
	struct file_watch *watch;
};

static struct file_mark mark_of(const char *path)
{
	struct file_mark mark;
	struct stat facts;
	memset(&mark, 0, sizeof(mark)); /* it is compared as bytes */
	if (stat(path, &facts))
		return mark;
	mark.device = facts.st_dev;
	mark.inode = facts.st_ino;
	mark.size = facts.st_size;
	mark.changed = facts.st_ctim;
	mark.modified = facts.st_mtim;
	return mark;
}

/* Whether anything is not as it was last time. */
static bool look(struct file_watch *watch)
{
	bool differs = false;
	for (size_t i = 0; i < watch->n_paths; i++) {
		struct file_mark mark = mark_of(watch->paths[i]);
		differs |= memcmp(&mark, &watch->marks[i], sizeof(mark)) != 0;
		watch->marks[i] = mark;
	}
	return differs;
}

static void look_soon(struct file_watch *watch)
{
	uint64_t now = uv_now(&watch->loop->uv);
	if (!look(watch))
		return;
	if (watch->unsettled_ms == 0)
		watch->unsettled_ms = now;
	if (now - watch->unsettled_ms < WATCH_PATIENCE_MS)
		timer_start(&watch->settle, WATCH_SETTLE_MS, 0);
}

static void polled(struct timer *timer)
{
	look_soon(container_of(timer, struct file_watch, poll));
}

static void settled(struct timer *timer)
{
	struct file_watch *watch = container_of(timer, struct file_watch, settle);
	uint64_t waited = uv_now(&watch->loop->uv) - watch->unsettled_ms;
	if (look(watch) && waited < WATCH_PATIENCE_MS) {
		timer_start(&watch->settle, WATCH_SETTLE_MS, 0);
		return;
	}
	watch->unsettled_ms = 0;
	watch->changed(watch);
}

static void noticed(uv_fs_event_t *handle, const char *name, int events, int status)
{
	const struct file_notice *notice = handle->data;
	(void)name, (void)events;
	if (status == 0 && notice->watch)
		look_soon(notice->watch);
}

static void notice_closed(uv_handle_t *handle)
{
	free(handle->data);
}

/* Without it the change is seen by looking. */
static struct file_notice *notice_open(struct file_watch *watch, const char *path)
{
	char copy[PATH_MAX];
	struct file_notice *notice = calloc(1, sizeof(*notice));
	if (!notice || uv_fs_event_init(&watch->loop->uv, &notice->handle)) {
		free(notice);
		return NULL;
	}
	notice->watch = watch;
	notice->handle.data = notice;
	snprintf(copy, sizeof(copy), "%s", path);
	uv_fs_event_start(&notice->handle, noticed, dirname(copy), 0);
	return notice;
}

int file_watch_open(struct file_watch *watch, struct loop *loop)
{
	int error;
	check(watch->n_paths <= WATCH_MAX_FILES);
	watch->loop = loop;
	if ((error = timer_open(&watch->poll, loop, polled)) || (error = timer_open(&watch->settle, loop, settled)))
		return error;
	file_watch_seen(watch);
	for (size_t i = 0; i < watch->n_paths; i++)
		watch->notices[i] = notice_open(watch, watch->paths[i]);
	timer_start(&watch->poll, WATCH_POLL_MS, WATCH_POLL_MS);
	return 0;
}

void file_watch_seen(struct file_watch *watch)
{
	look(watch);
	timer_stop(&watch->settle);
	watch->unsettled_ms = 0;
}

void file_watch_close(struct file_watch *watch)
{
	for (size_t i = 0; i < watch->n_paths; i++) {
		struct file_notice *notice = take(watch->notices[i]);
		if (!notice)
			continue;
		notice->watch = NULL;
		uv_close((uv_handle_t *)&notice->handle, notice_closed);
	}
	timer_close(&watch->poll);
	timer_close(&watch->settle);
}
