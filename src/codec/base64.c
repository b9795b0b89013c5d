/* SPDX-License-Identifier: MIT */
/* base64 in its two alphabets. */
#include "codec/base64.h"

static const char url_alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static size_t encoded_length(size_t n)
{
	return n / 3 * 4 + (n % 3 ? n % 3 + 1 : 0);
}

static void encode(struct buf *to, struct str bytes, const char *letters)
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
			*at++ = letters[bits >> (n_bits - 6) & 63];
	}
	if (n_bits)
		*at = letters[bits << (6 - n_bits) & 63];
	buf_commit(to, len);
}

void base64url_encode(struct buf *to, struct str bytes)
{
	encode(to, bytes, url_alphabet);
}

void base64_encode(struct buf *to, struct str bytes, enum base64_padding padding)
{
	encode(to, bytes, alphabet);
	if (padding == BASE64_PADDED && bytes.len % 3)
		buf_add(to, str_first(STR("=="), 3 - bytes.len % 3));
}

/* What the two alphabets share. */
static int common_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	return char_is_digit(c) ? c - '0' + 52 : -1;
}

static int url_value(char c)
{
	return c == '-' ? 62 : c == '_' ? 63 : common_value(c);
}

int base64_value(char c)
{
	return c == '+' ? 62 : c == '/' ? 63 : common_value(c);
}

static bool decode(struct buf *to, struct str text, int (*value_of)(char c))
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

bool base64url_decode(struct buf *to, struct str text)
{
	return decode(to, text, url_value);
}

bool base64_decode(struct buf *to, struct str text)
{
	if (text.len % 4 == 0)
		for (int i = 0; i < 2 && str_ends(text, STR("=")); i++)
			text.len--;
	return decode(to, text, base64_value);
}
