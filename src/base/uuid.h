/* SPDX-License-Identifier: MIT */
/* UUIDs (RFC 9562): any version is read, version 7 is issued. */
#ifndef BASE_UUID_H
#define BASE_UUID_H

#include "base/str.h"

struct uuid {
	uint8_t bytes[16];
};

enum { UUID_TEXT = 36 };

/* 8-4-4-4-12 hexadecimal digits of either case, nothing else. */
must_use bool uuid_parse(struct str s, struct uuid *out);
/* Lower case, NUL-terminated. Returns `to` as a slice. */
struct str uuid_format(const struct uuid *uuid, char to[UUID_TEXT + 1]);
/* A new version-7 id; ids of one process ascend strictly. */
struct uuid uuid_new(void);
bool uuid_equal(const struct uuid *a, const struct uuid *b);
bool uuid_is_nil(const struct uuid *uuid);

#endif
