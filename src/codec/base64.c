/* SPDX-License-Identifier: MIT */
/* base64url. */
#include "codec/base64.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static size_t encoded_length(size_t n)
{
	return n / 3 * 4 + (n % 3 ? n % 3 + 1 : 0);
}

void base64url_encode(struct buf *to, struct str bytes)
{
	size_t len = encoded_length(bytes.len);
	char *at = bytes.len <= SIZE_MAX / 2 ? buf_reserve(to, len) : NULL;
	uint32_t bits = 0;
	unsigned n_bits = 0;

	if (!at)
		return;
	for (size_t i = 0; i < bytes.len; i++) {
		bits = bits << 8 | (unsigned char)bytes.at[i];
		for (n_bits += 8; n_bits >= 6; n_bits -= 6)
			*at++ = alphabet[bits >> (n_bits - 6) & 63];
	}
	if (n_bits)
		*at = alphabet[bits << (6 - n_bits) & 63];
	buf_commit(to, len);
}

/* 0–63, or -1. */
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

bool base64url_decode(struct buf *to, struct str text)
{
	size_t len = text.len / 4 * 3 + (text.len % 4 ? text.len % 4 - 1 : 0);
	char *at = text.len % 4 == 1 ? NULL : buf_reserve(to, len);
	uint32_t bits = 0;
	unsigned n_bits = 0;

	if (!at)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		int value = value_of(text.at[i]);
		if (value < 0)
			return false;
		bits = bits << 6 | (uint32_t)value;
		n_bits += 6;
		if (n_bits >= 8) {
			n_bits -= 8;
			*at++ = (char)(bits >> n_bits);
		}
	}
	if (bits & ((1u << n_bits) - 1))
		return false;
	buf_commit(to, len);
	return true;
}
