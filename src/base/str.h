/* SPDX-License-Identifier: MIT */
/*
 * Text as a slice: a pointer and a length, owning nothing, not NUL-terminated.
 *
 * A slice is valid as long as the memory it points into. The *absent* slice has `at == NULL`; the *empty* one
 * has `at != NULL, len == 0`. Absent compares equal only to absent.
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"

struct str {
	const char *at;
	size_t len;
};

/* A list of slices; owns nothing. */
struct str_list {
	struct str *items;
	size_t n;
};

#define STR(literal) ((struct str){ "" literal, sizeof(literal) - 1 })
#define STR_ABSENT ((struct str){ NULL, 0 })
/* For printf: `"%.*s", STR_ARG(s)`. */
#define STR_ARG(s) (int)(s).len, ((s).at ? (s).at : "")

/* The slice of a NUL-terminated text; absent for NULL. */
struct str str_of(const char *text);
struct str str_span(const char *at, const char *end);

static inline bool str_present(struct str s) { return s.at != NULL; }
static inline bool str_blank(struct str s) { return s.len == 0; }

bool str_equal(struct str a, struct str b);
/* Equality of ASCII letters regardless of case; other bytes must be the same. */
bool str_equal_nocase(struct str a, struct str b);
/* Byte order, shorter first on a tie: <0, 0, >0. */
int str_compare(struct str a, struct str b);
bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
/* Offset of the first `c` (or `needle`) in s, or s.len (SIZE_MAX for the needle) when there is none. */
size_t str_find_char(struct str s, char c);
size_t str_find(struct str s, struct str needle);

/* Without the first n bytes; the empty end when n > len. */
struct str str_skip(struct str s, size_t n);
struct str str_first(struct str s, size_t n);
/* Without ASCII white space at both ends. */
struct str str_trim(struct str s);
/* Cuts at the first `c`: returns what stands before it and leaves in *rest what follows it; with no `c`, all of it and an absent rest. */
struct str str_cut(struct str s, char c, struct str *rest);

/* A whole decimal number with an optional '-', nothing else, within [min, max]. False leaves *out as it was. */
must_use bool str_to_int(struct str s, int64_t min, int64_t max, int64_t *out);
enum { STR_INT = 20 }; /* digits of any int64_t, with its sign */
/* The number in decimals, written into `room`. */
struct str str_of_int(int64_t value, char room[STR_INT]);
/* Compares in a time that depends on the lengths only. */
bool str_equal_secret(struct str a, struct str b);

static inline bool char_is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
static inline bool char_is_digit(char c) { return c >= '0' && c <= '9'; }
static inline bool char_is_alpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
static inline char char_lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c; }
/* 0–15, or -1. */
static inline int char_hex(char c)
{
	if (char_is_digit(c))
		return c - '0';
	c = char_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

#endif
