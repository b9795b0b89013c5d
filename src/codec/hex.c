/* SPDX-License-Identifier: MIT */
/* Hexadecimal. */
#include "codec/hex.h"

void hex_write(char *to, struct str bytes)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < bytes.len; i++) {
		unsigned char byte = (unsigned char)bytes.at[i];
		to[2 * i] = digits[byte >> 4];
		to[2 * i + 1] = digits[byte & 15];
	}
}

void hex_encode(struct buf *to, struct str bytes)
{
	char *at = bytes.len <= SIZE_MAX / 2 ? buf_reserve(to, bytes.len * 2) : NULL;

	if (!at)
		return;
	hex_write(at, bytes);
	buf_commit(to, bytes.len * 2);
}

bool hex_decode(struct str digits, void *to, size_t n)
{
	unsigned char *bytes = to;

	if (digits.len / 2 != n || digits.len % 2)
		return false;
	for (size_t i = 0; i < n; i++) {
		int high = char_hex(digits.at[2 * i]), low = char_hex(digits.at[2 * i + 1]);
		if (high < 0 || low < 0)
			return false;
		bytes[i] = (unsigned char)(high << 4 | low);
	}
	return true;
}
