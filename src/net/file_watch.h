/* SPDX-License-Identifier: MIT */
/*
 * Tells when files have changed, however that was done: written in place, renamed over, a symbolic link on the way to
 * them turned elsewhere.
 *
 * The kernel's notices (of the directories that the paths name) only make it sooner. What counts is a look at what the
 * paths lead to, by stat, every WATCH_POLL_MS: it sees through links, and works where there are no notices. A change
 * is told when the files have been quiet for WATCH_SETTLE_MS, and at the latest WATCH_PATIENCE_MS after it began.
 */
#ifndef NET_FILE_WATCH_H
#define NET_FILE_WATCH_H

#include <sys/types.h>

#include "loop/loop.h"

enum { WATCH_MAX_FILES = 18, WATCH_POLL_MS = 400, WATCH_SETTLE_MS = 80, WATCH_PATIENCE_MS = 400 };

/* What tells one state of a file from another; all zero when there is none. */
struct file_mark {
	dev_t device;
	ino_t inode;
	off_t size;
	struct timespec changed, modified;
};

struct file_watch {
	void (*changed)(struct file_watch *watch);
	const char *paths[WATCH_MAX_FILES];
	size_t n_paths;
	/* Its own. */
	struct file_mark marks[WATCH_MAX_FILES];
	struct loop *loop;
	struct timer poll, settle;
	uint64_t unsettled_ms; /* the loop's clock, when the change began; 0: all is told */
	struct file_notice *notices[WATCH_MAX_FILES];
};

/* `changed` and `paths` must be set; the paths must live until the watch is closed. 0 or a negative uv error. */
must_use int file_watch_open(struct file_watch *watch, struct loop *loop);
/* What the files are now is known to its owner: only what comes from here on is told. */
void file_watch_seen(struct file_watch *watch);
/* Harmless when it was never opened. */
void file_watch_close(struct file_watch *watch);

#endif
