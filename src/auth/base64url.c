/* SPDX-License-Identifier: MIT */
/* Base64url without padding. */
#include "auth/base64url.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

struct str base64url_encode(struct str bytes, char *to)
{
	char *end = to;
	uint32_t held = 0;
	unsigned bits = 0;

	for (size_t i = 0; i < bytes.len; i++) {
		held = held << 8 | (uint8_t)bytes.at[i];
		for (bits += 8; bits >= 6; bits -= 6)
			*end++ = alphabet[held >> (bits - 6) & 63];
	}
	if (bits)
		*end++ = alphabet[held << (6 - bits) & 63];
	return str_span(to, end);
}

static int value_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (char_is_digit(c))
		return c - '0' + 52;
	return c == '-' ? 62 : c == '_' ? 63 : -1;
}

bool base64url_decode(struct str text, uint8_t *to, size_t room, size_t *len)
{
	uint32_t held = 0;
	unsigned bits = 0;
	size_t n = 0;

	if (text.len % 4 == 1 || text.len / 4 * 3 + text.len % 4 * 3 / 4 > room)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		int value = value_of(text.at[i]);
		if (value < 0)
			return false;
		held = held << 6 | (uint32_t)value;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			to[n++] = (uint8_t)(held >> bits);
		}
	}
	*len = n;
	return (held & ((1u << bits) - 1)) == 0;
}
