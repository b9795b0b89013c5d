/* SPDX-License-Identifier: MIT */
/* Barcodes: digits, check digits, and when two are the same. */
#include "codec/barcode.h"

struct str barcode_digits(struct arena *arena, struct str text)
{
	char *to = arena_alloc(arena, text.len + 1);
	size_t n = 0;

	for (size_t i = 0; to && i < text.len; i++) {
		char c = text.at[i];
		if (char_is_digit(c))
			to[n++] = c;
		else if (!char_is_space(c) && c != '-')
			return STR_ABSENT;
	}
	return to && n && n <= BARCODE_MAX ? (struct str){ to, n } : STR_ABSENT;
}

/* From the right, every other digit counts three times; the sum is a multiple of ten. */
bool barcode_is_right(struct str digits)
{
	int sum = 0;

	if (digits.len != 8 && (digits.len < 12 || digits.len > 14))
		return true;
	for (size_t i = 0; i < digits.len; i++)
		sum += (digits.at[digits.len - 1 - i] - '0') * (i % 2 ? 3 : 1);
	return sum % 10 == 0;
}

struct str barcode_key(struct str digits)
{
	while (digits.len && *digits.at == '0')
		digits = str_skip(digits, 1);
	return digits.len ? digits : STR_ABSENT;
}
