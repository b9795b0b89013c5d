/* SPDX-License-Identifier: MIT */
/* UTF-8 after Unicode 15, table 3-7. */
#include "codec/utf8.h"

#include <string.h>

static unsigned char byte_at(struct str s, size_t at)
{
	return (unsigned char)s.at[at];
}

static bool is_continuation(unsigned char byte)
{
	return (byte & 0xc0) == 0x80;
}

/* The second byte is where overlong forms, surrogates and what lies above U+10FFFF show. */
static bool second_fits(unsigned char lead, unsigned char second)
{
	switch (lead) {
	case 0xe0: return second >= 0xa0 && second <= 0xbf;
	case 0xed: return second >= 0x80 && second <= 0x9f;
	case 0xf0: return second >= 0x90 && second <= 0xbf;
	case 0xf4: return second >= 0x80 && second <= 0x8f;
	default: return is_continuation(second);
	}
}

static size_t length_by_lead(unsigned char lead)
{
	if (lead < 0x80)
		return 1;
	if (lead < 0xc2 || lead > 0xf4)
		return 0;
	return lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

size_t utf8_sequence(struct str s)
{
	size_t len = s.len ? length_by_lead(byte_at(s, 0)) : 0;

	if (len <= 1)
		return len;
	if (s.len < len || !second_fits(byte_at(s, 0), byte_at(s, 1)))
		return 0;
	for (size_t i = 2; i < len; i++)
		if (!is_continuation(byte_at(s, i)))
			return 0;
	return len;
}

size_t utf8_ascii(struct str s)
{
	uint64_t eight;
	size_t n = 0;

	for (; s.len - n >= sizeof(eight); n += sizeof(eight)) {
		memcpy(&eight, s.at + n, sizeof(eight));
		if (eight & 0x8080808080808080)
			break;
	}
	return n;
}

bool utf8_valid(struct str s)
{
	while (s.len) {
		s = str_skip(s, utf8_ascii(s));
		if (s.len == 0)
			break;
		size_t len = utf8_sequence(s);
		if (len == 0)
			return false;
		s = str_skip(s, len);
	}
	return true;
}

bool utf8_next(struct str *rest, uint32_t *code_point)
{
	static const unsigned char lead_bits[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	size_t len = utf8_sequence(*rest);

	if (len == 0)
		return false;
	uint32_t value = byte_at(*rest, 0) & lead_bits[len];
	for (size_t i = 1; i < len; i++)
		value = value << 6 | (byte_at(*rest, i) & 0x3f);
	*rest = str_skip(*rest, len);
	*code_point = value;
	return true;
}

void utf8_add(struct buf *to, uint32_t code_point)
{
	char bytes[4];
	size_t n = 0;

	if (code_point > 0x10ffff || (code_point >= 0xd800 && code_point <= 0xdfff))
		code_point = 0xfffd;
	if (code_point < 0x80) {
		bytes[n++] = (char)code_point;
	} else if (code_point < 0x800) {
		bytes[n++] = (char)(0xc0 | code_point >> 6);
	} else if (code_point < 0x10000) {
		bytes[n++] = (char)(0xe0 | code_point >> 12);
		bytes[n++] = (char)(0x80 | (code_point >> 6 & 0x3f));
	} else {
		bytes[n++] = (char)(0xf0 | code_point >> 18);
		bytes[n++] = (char)(0x80 | (code_point >> 12 & 0x3f));
		bytes[n++] = (char)(0x80 | (code_point >> 6 & 0x3f));
	}
	if (code_point >= 0x80)
		bytes[n++] = (char)(0x80 | (code_point & 0x3f));
	buf_add(to, (struct str){ bytes, n });
}

size_t utf8_count(struct str s)
{
	size_t n = 0;
	for (size_t i = 0; i < s.len; i++)
		n += !is_continuation(byte_at(s, i));
	return n;
}

void utf8_from_latin1(struct buf *to, struct str latin1)
{
	/* 0x80–0x9f of Windows-1252; its five holes stay the control characters they are in Latin-1. */
	static const uint16_t windows[32] = {
		0x20ac, 0x0081, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
		0x2039, 0x0152, 0x008d, 0x017d, 0x008f, 0x0090, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
		0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x009d, 0x017e, 0x0178,
	};

	for (size_t i = 0; i < latin1.len; i++) {
		unsigned char byte = byte_at(latin1, i);
		utf8_add(to, byte >= 0x80 && byte < 0xa0 ? windows[byte - 0x80] : byte);
	}
}
