/* SPDX-License-Identifier: MIT */
/* ClientHello messages made by hand, out of extensions that a test chooses. */
#ifndef SUPPORT_HELLO_MADE_H
#define SUPPORT_HELLO_MADE_H

#include <stdarg.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"

/* Extensions as they are on the wire: type, length, content. */
#define EXT_TLS13 STR("\x00\x2b\x00\x03\x02\x03\x04")
#define EXT_TLS12 STR("\x00\x2b\x00\x03\x02\x03\x03")
#define EXT_GROUPS STR("\x00\x0a\x00\x08\x00\x06\x00\x1d\x00\x17\x00\x18")
#define EXT_SIGNATURES STR("\x00\x0d\x00\x0e\x00\x0c\x04\x03\x05\x03\x08\x04\x08\x05\x08\x06\x04\x01")
/* X25519, the base point. */
#define EXT_KEY_SHARE                                                                                              \
	STR("\x00\x33\x00\x26\x00\x24\x00\x1d\x00\x20\x09\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0" \
	    "\0\0\0")
#define EXT_NO_KEY_SHARE STR("\x00\x33\x00\x02\x00\x00")
#define EXT_ALPN_H3 STR("\x00\x10\x00\x05\x00\x03\x02h3")
#define EXT_ALPN_OTHER STR("\x00\x10\x00\x05\x00\x03\x02hq")
/* initial_source_connection_id (RFC 9000, 18.2) is HELLO_MADE_CID. */
#define HELLO_MADE_CID "CLIENT.."
#define EXT_PARAMS STR("\x00\x39\x00\x0a\x0f\x08" HELLO_MADE_CID)
/* Whoever resumes with a ticket that is none, and would send data at once. */
#define EXT_EARLY_DATA STR("\x00\x2a\x00\x00")
#define EXT_PSK_MODES STR("\x00\x2d\x00\x02\x01\x01")
#define EXT_PSK                                \
	STR("\x00\x29\x00\x2f\x00\x0a\x00\x04" \
	    "none\0\0\0\0\x00\x21\x20................................")

/* All that a server needs for an answer. */
#define HELLO_WHOLE EXT_TLS13, EXT_GROUPS, EXT_SIGNATURES, EXT_KEY_SHARE, EXT_ALPN_H3, EXT_PARAMS

static inline void hello_add_number(struct buf *to, size_t number, unsigned n_bytes)
{
	while (n_bytes--)
		buf_add_char(to, (char)(number >> 8 * n_bytes));
}

/* With the extensions that follow, an absent one last. */
static inline struct str hello_made_as(struct arena *arena, struct str session_id, ...)
{
	struct buf extensions = buf_of(65536), body = buf_of(131072);
	va_list list;

	va_start(list, session_id);
	for (struct str one; str_present(one = va_arg(list, struct str));)
		buf_add(&extensions, one);
	va_end(list);
	size_t len = 2 + 32 + 1 + session_id.len + 8 + 2 + 2 + extensions.len;
	hello_add_number(&body, 1, 1);
	hello_add_number(&body, len, 3);
	buf_add(&body, STR("\x03\x03"
			   "32 bytes that are not all random"));
	hello_add_number(&body, session_id.len, 1);
	buf_add(&body, session_id);
	buf_add(&body, STR("\x00\x06\x13\x01\x13\x02\x13\x03"));
	buf_add(&body, STR("\x01\x00"));
	hello_add_number(&body, extensions.len, 2);
	buf_add(&body, buf_str(&extensions));
	check(!buf_failed(&body) && body.len == 4 + len);
	struct str made = arena_copy(arena, buf_str(&body));
	buf_free(&extensions);
	buf_free(&body);
	return made;
}

#define hello_made(arena, ...) hello_made_as(arena, STR(""), __VA_ARGS__, STR_ABSENT)

#endif
