/* SPDX-License-Identifier: MIT */
/* Tags, varints and lengths. */
#include "codec/wire.h"

#include <string.h>

enum { MAX_VARINT = 10, MAX_GROUPS = 32, GROUP_BEGIN = 3, GROUP_END = 4 };

bool wire_varint(struct str *rest, uint64_t *out)
{
	uint64_t value = 0;

	for (size_t i = 0; i < rest->len && i < MAX_VARINT; i++) {
		uint64_t byte = (unsigned char)rest->at[i];
		if (i == MAX_VARINT - 1 && byte > 1)
			return false;
		value |= (byte & 0x7f) << (7 * i);
		if (byte < 0x80) {
			*rest = str_skip(*rest, i + 1);
			*out = value;
			return true;
		}
	}
	return false;
}

/* Little-endian, of n bytes. */
static bool take_fixed(struct str *rest, size_t n, uint64_t *out)
{
	if (rest->len < n)
		return false;
	*out = 0;
	for (size_t i = 0; i < n; i++)
		*out |= (uint64_t)(unsigned char)rest->at[i] << (8 * i);
	*rest = str_skip(*rest, n);
	return true;
}

static bool take_bytes(struct str *rest, struct str *out)
{
	uint64_t len;

	if (!wire_varint(rest, &len) || len > rest->len)
		return false;
	*out = str_first(*rest, (size_t)len);
	*rest = str_skip(*rest, (size_t)len);
	return true;
}

static bool take_value(struct str *rest, struct wire_field *out)
{
	switch ((int)out->type) {
	case WIRE_VARINT:
		return wire_varint(rest, &out->number);
	case WIRE_FIXED64:
		return take_fixed(rest, 8, &out->number);
	case WIRE_BYTES:
		return take_bytes(rest, &out->bytes);
	case WIRE_FIXED32:
		return take_fixed(rest, 4, &out->number);
	default:
		return false;
	}
}

static bool take_tag(struct str *rest, uint32_t *id, unsigned *type)
{
	uint64_t tag;

	if (!wire_varint(rest, &tag) || tag >> 32 || tag >> 3 == 0)
		return false;
	*id = (uint32_t)(tag >> 3);
	*type = (unsigned)(tag & 7);
	return true;
}

/* To behind the end of a group that has begun. */
static bool skip_group(struct str *rest, uint32_t id)
{
	uint32_t open[MAX_GROUPS] = { id };
	size_t depth = 1;

	while (depth) {
		struct wire_field field;
		unsigned type;
		if (!take_tag(rest, &field.id, &type))
			return false;
		if (type == GROUP_BEGIN && depth < MAX_GROUPS) {
			open[depth++] = field.id;
		} else if (type == GROUP_END && field.id == open[depth - 1]) {
			depth--;
		} else {
			field.type = (enum wire_type)type;
			if (!take_value(rest, &field))
				return false;
		}
	}
	return true;
}

int wire_next(struct str *rest, struct wire_field *out)
{
	while (rest->len) {
		unsigned type;
		*out = (struct wire_field){ 0 };
		if (!take_tag(rest, &out->id, &type))
			return WIRE_BROKEN;
		out->type = (enum wire_type)type;
		if (type != GROUP_BEGIN)
			return take_value(rest, out) ? WIRE_FIELD : WIRE_BROKEN;
		if (!skip_group(rest, out->id))
			return WIRE_BROKEN;
	}
	return WIRE_END;
}

/* ── Writing ── */

static size_t varint_of(uint64_t value, char bytes[MAX_VARINT])
{
	size_t n = 0;

	for (; value >= 0x80; value >>= 7)
		bytes[n++] = (char)(value | 0x80);
	bytes[n++] = (char)value;
	return n;
}

void wire_put_varint(struct buf *to, uint64_t value)
{
	char bytes[MAX_VARINT];
	buf_add(to, (struct str){ bytes, varint_of(value, bytes) });
}

static void put_tag(struct buf *to, uint32_t id, enum wire_type type)
{
	wire_put_varint(to, (uint64_t)id << 3 | type);
}

void wire_put_number(struct buf *to, uint32_t id, uint64_t value)
{
	put_tag(to, id, WIRE_VARINT);
	wire_put_varint(to, value);
}

static void put_fixed(struct buf *to, uint64_t value, size_t n)
{
	char bytes[8];

	for (size_t i = 0; i < n; i++)
		bytes[i] = (char)(value >> (8 * i));
	buf_add(to, (struct str){ bytes, n });
}

void wire_put_fixed64(struct buf *to, uint32_t id, uint64_t value)
{
	put_tag(to, id, WIRE_FIXED64);
	put_fixed(to, value, 8);
}

void wire_put_fixed32(struct buf *to, uint32_t id, uint32_t value)
{
	put_tag(to, id, WIRE_FIXED32);
	put_fixed(to, value, 4);
}

void wire_put_bytes(struct buf *to, uint32_t id, struct str bytes)
{
	put_tag(to, id, WIRE_BYTES);
	wire_put_varint(to, bytes.len);
	buf_add(to, bytes);
}

size_t wire_open(struct buf *to, uint32_t id)
{
	put_tag(to, id, WIRE_BYTES);
	buf_add_char(to, 0);
	return to->len;
}

/* The length had one byte; what is longer moves on for it. */
void wire_close(struct buf *to, size_t opened)
{
	char bytes[MAX_VARINT];

	if (buf_failed(to))
		return;
	size_t len = to->len - opened, n = varint_of(len, bytes);
	if (n > 1 && !buf_reserve(to, n - 1))
		return;
	memmove(to->at + opened + n - 1, to->at + opened, len);
	memcpy(to->at + opened - 1, bytes, n);
	buf_commit(to, n - 1);
}
