/* SPDX-License-Identifier: MIT */
/* Folding: from the spelling somebody chose to the one that search compares. */
#include "codec/fold.h"

#include <utf8proc.h>

#include "base/buf.h"
#include "codec/utf8.h"

/* Letters that no decomposition takes apart, though readers type them plain. Sorted. */
static const struct plain {
	int32_t letter;
	char to[3];
} plain_letters[] = {
	{ 0x00e6, "ae" }, { 0x00f0, "d" },  { 0x00f8, "o" },  { 0x00fe, "th" }, { 0x0111, "d" },
	{ 0x0127, "h" },  { 0x0131, "i" },  { 0x0138, "k" },  { 0x0142, "l" },	{ 0x014b, "n" },
	{ 0x0153, "oe" }, { 0x0167, "t" },  { 0x0180, "b" },  { 0x0199, "k" },	{ 0x019a, "l" },
	{ 0x01b6, "z" },  { 0x01e5, "g" },  { 0x0253, "b" },  { 0x0254, "o" },	{ 0x0256, "d" },
	{ 0x0257, "d" },  { 0x025b, "e" },  { 0x0268, "i" },  { 0x0272, "n" },	{ 0x0275, "o" },
	{ 0x0289, "u" },  { 0x028b, "v" },  { 0x2c65, "a" },  { 0x2c66, "t" },
};

/* Marks above, below and through a letter that search does without; marks that are letters' parts are not here. */
static const struct range {
	int32_t first, last;
} dropped_marks[] = {
	{ 0x0300, 0x036f }, { 0x0483, 0x0489 }, { 0x0591, 0x05c7 }, { 0x0610, 0x061a }, { 0x064b, 0x065f },
	{ 0x0670, 0x0670 }, { 0x06d6, 0x06ed }, { 0x1ab0, 0x1aff }, { 0x1dc0, 0x1dff }, { 0x20d0, 0x20ff },
	{ 0xfe20, 0xfe2f },
};

static bool is_mark(utf8proc_category_t category)
{
	return category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_MC || category == UTF8PROC_CATEGORY_ME;
}

static bool is_dropped(int32_t c, utf8proc_category_t category)
{
	if (category == UTF8PROC_CATEGORY_CF)
		return true;
	if (!is_mark(category))
		return false;
	for (size_t i = 0; i < countof(dropped_marks); i++)
		if (c >= dropped_marks[i].first && c <= dropped_marks[i].last)
			return true;
	return false;
}

static bool is_blank(utf8proc_category_t category)
{
	return category == UTF8PROC_CATEGORY_ZS || category == UTF8PROC_CATEGORY_ZL ||
	       category == UTF8PROC_CATEGORY_ZP || category == UTF8PROC_CATEGORY_CC;
}

/*
 * The typewriter's sign for printers' apostrophes, quotes and dashes. Runs before decomposition, which would make a
 * blank of an acute accent standing alone, and after it, which yields an apostrophe for U+0149.
 */
static utf8proc_int32_t plain_sign(utf8proc_int32_t c, void *unused)
{
	(void)unused;
	switch (c) {
	case 0x0060: case 0x00b4: case 0x02b9: case 0x02bb: case 0x02bc: case 0x2018: case 0x2019: case 0x201b: case 0x2032:
		return '\'';
	case 0x201c: case 0x201d: case 0x201f: case 0x2033:
		return '"';
	case 0x2010: case 0x2011: case 0x2012: case 0x2013: case 0x2014: case 0x2015: case 0x2212:
		return '-';
	default:
		return c;
	}
}

static const char *plain_letter(int32_t c)
{
	for (size_t i = 0; i < countof(plain_letters); i++)
		if (plain_letters[i].letter == c)
			return plain_letters[i].to;
	return NULL;
}

/* Where folded code points go: leading, trailing and repeated blanks never get in. */
struct folded {
	int32_t *at;
	size_t n;
	bool blank; /* one is due before the next character */
};

static void folded_add(struct folded *to, int32_t c)
{
	if (to->blank && to->n)
		to->at[to->n++] = ' ';
	to->blank = false;
	to->at[to->n++] = c;
}

static void folded_take(struct folded *to, int32_t c)
{
	utf8proc_category_t category = utf8proc_category(c);
	const char *plain;

	if (is_blank(category)) {
		to->blank = true;
	} else if (is_dropped(c, category)) {
		return;
	} else if ((plain = plain_letter(c))) {
		for (; *plain; plain++)
			folded_add(to, *plain);
	} else {
		folded_add(to, plain_sign(c, NULL));
	}
}

static struct str fold_ascii(struct arena *arena, struct str text)
{
	char *to = arena_alloc(arena, text.len + 1);
	size_t n = 0;
	bool blank = false;

	if (!to)
		return STR_ABSENT;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.at[i];
		if (c <= ' ' || c == 0x7f) {
			blank = true;
			continue;
		}
		if (blank && n)
			to[n++] = ' ';
		blank = false;
		to[n++] = c == '`' ? '\'' : char_lower(c);
	}
	return (struct str){ to, n };
}

static bool is_ascii(struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.at[i] >= 0x80)
			return false;
	return true;
}

/* Writes code points, composed again: Hangul syllables and voiced kana are single characters. */
static struct str encode(struct arena *arena, int32_t *points, size_t n)
{
	utf8proc_ssize_t composed =
		utf8proc_normalize_utf32(points, (utf8proc_ssize_t)n, UTF8PROC_COMPOSE | UTF8PROC_STABLE);
	char *to = arena_array(arena, n + 1, 4);
	size_t len = 0;

	if (!to || composed < 0)
		return to ? STR("") : STR_ABSENT;
	for (utf8proc_ssize_t i = 0; i < composed; i++)
		len += (size_t)utf8proc_encode_char(points[i], (uint8_t *)to + len);
	return (struct str){ to, len };
}

struct str fold_key(struct arena *arena, struct str text)
{
	const utf8proc_option_t options = UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE;
	const uint8_t *bytes = (const uint8_t *)text.at;
	utf8proc_ssize_t n;

	if (str_blank(text))
		return STR("");
	if (is_ascii(text))
		return fold_ascii(arena, text);
	n = utf8proc_decompose_custom(bytes, (utf8proc_ssize_t)text.len, NULL, 0, options, plain_sign, NULL);
	if (n < 0)
		return STR("");
	int32_t *points = arena_array(arena, (size_t)n + 1, sizeof(*points));
	/* A plain letter may take two places where one was, and a blank may be due: room for both. */
	struct folded folded = { .at = arena_array(arena, 2 * (size_t)n + 1, sizeof(*folded.at)) };
	if (!points || !folded.at)
		return STR_ABSENT;
	n = utf8proc_decompose_custom(bytes, (utf8proc_ssize_t)text.len, points, n, options, plain_sign, NULL);
	check(n >= 0);
	for (utf8proc_ssize_t i = 0; i < n; i++)
		folded_take(&folded, points[i]);
	return encode(arena, folded.at, folded.n);
}
