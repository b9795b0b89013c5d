/* SPDX-License-Identifier: MIT */
/*
 * A growing buffer that is born with its maximum.
 *
 * Appending past the maximum, or without memory, changes nothing and marks the buffer failed; every later
 * append is refused too, so that a chain of appends is checked once with buf_failed.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/str.h"

struct buf {
	char *at;
	size_t len;
	size_t room; /* allocated bytes */
	size_t max;
	bool failed;
};

/* An empty buffer of at most `max` bytes; allocates nothing yet. Release with buf_free. */
static inline struct buf buf_of(size_t max) { return (struct buf){ .max = max }; }
/* Releases the bytes; the buffer is empty and usable again with the same maximum. */
void buf_free(struct buf *buf);
/* Empties it and keeps the memory. */
static inline void buf_clear(struct buf *buf) { buf->len = 0; buf->failed = false; }

void buf_add(struct buf *buf, struct str s);
void buf_add_char(struct buf *buf, char c);
void buf_add_int(struct buf *buf, int64_t value);
void buf_printf(struct buf *buf, const char *format, ...) printf_like(2, 3);
/* Room for n more bytes at the end, to be filled by the caller who then adds them with buf_commit; NULL if refused. */
must_use char *buf_reserve(struct buf *buf, size_t n);
static inline void buf_commit(struct buf *buf, size_t n) { check(n <= buf->room - buf->len); buf->len += n; }
/* Drops the first n bytes. */
void buf_consume(struct buf *buf, size_t n);

static inline struct str buf_str(const struct buf *buf) { return (struct str){ buf->at ? buf->at : "", buf->len }; }
static inline bool buf_failed(const struct buf *buf) { return buf->failed; }

#endif
