/* SPDX-License-Identifier: MIT */
/* Growing buffers with a maximum. */
#include "base/buf.h"

#include <stdarg.h>
#include <string.h>

enum { SMALLEST_ROOM = 256 };

void buf_free(struct buf *buf)
{
	free(buf->at);
	*buf = buf_of(buf->max);
}

char *buf_reserve(struct buf *buf, size_t n)
{
	if (buf->failed || n > buf->max - buf->len) {
		buf->failed = true;
		return NULL;
	}
	if (n <= buf->room - buf->len && buf->at)
		return buf->at + buf->len;
	size_t room = buf->room < SMALLEST_ROOM ? SMALLEST_ROOM : buf->room;
	while (room - buf->len < n)
		room = room > buf->max / 2 ? buf->max : room * 2;
	char *at = realloc(buf->at, room);
	if (!at) {
		buf->failed = true;
		return NULL;
	}
	buf->at = at;
	buf->room = room;
	return at + buf->len;
}

void buf_add(struct buf *buf, struct str s)
{
	if (s.len == 0)
		return;
	char *end = buf_reserve(buf, s.len);
	if (!end)
		return;
	memcpy(end, s.at, s.len);
	buf->len += s.len;
}

void buf_add_char(struct buf *buf, char c)
{
	buf_add(buf, (struct str){ &c, 1 });
}

void buf_add_int(struct buf *buf, int64_t value)
{
	char digits[STR_INT];
	buf_add(buf, str_of_int(value, digits));
}

void buf_printf(struct buf *buf, const char *format, ...)
{
	va_list args, again;
	va_start(args, format);
	va_copy(again, args);
	int len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	char *end = len < 0 ? NULL : buf_reserve(buf, (size_t)len + 1);
	if (end) {
		vsnprintf(end, (size_t)len + 1, format, again);
		buf->len += (size_t)len;
	}
	va_end(again);
}

void buf_consume(struct buf *buf, size_t n)
{
	check(n <= buf->len);
	if (n == 0)
		return;
	memmove(buf->at, buf->at + n, buf->len - n);
	buf->len -= n;
}
