/* SPDX-License-Identifier: MIT */
/* Text slices. */
#include "base/str.h"

#include <string.h>

struct str str_of(const char *text)
{
	return text ? (struct str){ text, strlen(text) } : STR_ABSENT;
}

struct str str_span(const char *at, const char *end)
{
	return (struct str){ at, (size_t)(end - at) };
}

bool str_equal(struct str a, struct str b)
{
	if (!a.at || !b.at)
		return a.at == b.at;
	return a.len == b.len && memcmp(a.at, b.at, a.len) == 0;
}

bool str_equal_nocase(struct str a, struct str b)
{
	if (!a.at || !b.at)
		return a.at == b.at;
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		if (char_lower(a.at[i]) != char_lower(b.at[i]))
			return false;
	return true;
}

int str_compare(struct str a, struct str b)
{
	size_t n = a.len < b.len ? a.len : b.len;
	int order = n ? memcmp(a.at, b.at, n) : 0;
	return order ? order : (a.len > b.len) - (a.len < b.len);
}

bool str_starts(struct str s, struct str prefix)
{
	return s.len >= prefix.len && (prefix.len == 0 || memcmp(s.at, prefix.at, prefix.len) == 0);
}

bool str_ends(struct str s, struct str suffix)
{
	return s.len >= suffix.len &&
	       (suffix.len == 0 || memcmp(s.at + s.len - suffix.len, suffix.at, suffix.len) == 0);
}

size_t str_find_char(struct str s, char c)
{
	const char *hit = s.len ? memchr(s.at, c, s.len) : NULL;
	return hit ? (size_t)(hit - s.at) : s.len;
}

size_t str_find(struct str s, struct str needle)
{
	if (needle.len == 0)
		return 0;
	const char *hit = s.len ? memmem(s.at, s.len, needle.at, needle.len) : NULL;
	return hit ? (size_t)(hit - s.at) : SIZE_MAX;
}

struct str str_skip(struct str s, size_t n)
{
	if (!s.at)
		return s;
	n = n < s.len ? n : s.len;
	return (struct str){ s.at + n, s.len - n };
}

struct str str_first(struct str s, size_t n)
{
	return (struct str){ s.at, n < s.len ? n : s.len };
}

struct str str_trim(struct str s)
{
	while (s.len && char_is_space(s.at[0]))
		s = str_skip(s, 1);
	while (s.len && char_is_space(s.at[s.len - 1]))
		s.len--;
	return s;
}

struct str str_cut(struct str s, char c, struct str *rest)
{
	size_t at = str_find_char(s, c);
	*rest = at < s.len ? str_skip(s, at + 1) : STR_ABSENT;
	return str_first(s, at);
}

bool str_to_int(struct str s, int64_t min, int64_t max, int64_t *out)
{
	bool negative = s.len && s.at[0] == '-';
	struct str digits = negative ? str_skip(s, 1) : s;
	int64_t value = 0;

	if (digits.len == 0)
		return false;
	for (size_t i = 0; i < digits.len; i++) {
		if (!char_is_digit(digits.at[i]))
			return false;
		int digit = digits.at[i] - '0';
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, negative ? -digit : digit, &value))
			return false;
	}
	if (value < min || value > max)
		return false;
	*out = value;
	return true;
}

bool str_equal_secret(struct str a, struct str b)
{
	size_t whole = a.len & ~(size_t)7;
	uint64_t difference = 0, of_a, of_b;

	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < whole; i += 8) {
		memcpy(&of_a, a.at + i, 8);
		memcpy(&of_b, b.at + i, 8);
		difference |= of_a ^ of_b;
	}
	for (size_t i = whole; i < a.len; i++)
		difference |= (unsigned char)(a.at[i] ^ b.at[i]);
	return difference == 0;
}

struct str str_of_int(int64_t value, char room[STR_INT])
{
	char *end = room + STR_INT, *at = end;
	uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;

	do
		*--at = (char)('0' + rest % 10);
	while (rest /= 10);
	if (value < 0)
		*--at = '-';
	return str_span(at, end);
}
