/* SPDX-License-Identifier: MIT */
/* Words of a folded text. */
#include "codec/fold_words.h"

#include <string.h>
#include <utf8proc.h>

#include "codec/fold.h"
#include "codec/utf8.h"

/* Han, Hiragana and Katakana. */
static bool is_dense(uint32_t c)
{
	return (c >= 0x3005 && c <= 0x3007) || (c >= 0x3040 && c <= 0x30ff) || (c >= 0x31f0 && c <= 0x31ff) ||
	       (c >= 0x3400 && c <= 0x4dbf) || (c >= 0x4e00 && c <= 0x9fff) || (c >= 0xf900 && c <= 0xfaff) ||
	       (c >= 0x20000 && c <= 0x3ffff);
}

enum sort { SORT_OTHER, SORT_LETTER, SORT_DIGIT, SORT_MARK };

static enum sort sort_of(uint32_t c)
{
	if (c < 0x80)
		return char_is_digit((char)c) ? SORT_DIGIT : char_is_alpha((char)c) ? SORT_LETTER : SORT_OTHER;
	switch (utf8proc_category((int32_t)c)) {
	case UTF8PROC_CATEGORY_LU: case UTF8PROC_CATEGORY_LL: case UTF8PROC_CATEGORY_LT:
	case UTF8PROC_CATEGORY_LM: case UTF8PROC_CATEGORY_LO:
		return SORT_LETTER;
	case UTF8PROC_CATEGORY_ND: case UTF8PROC_CATEGORY_NL: case UTF8PROC_CATEGORY_NO:
		return SORT_DIGIT;
	case UTF8PROC_CATEGORY_MN: case UTF8PROC_CATEGORY_MC: case UTF8PROC_CATEGORY_ME:
		return SORT_MARK;
	default:
		return SORT_OTHER;
	}
}

/* The word being read; its text grows at the end of the reader's room. */
struct reader {
	struct fold_words *out;
	size_t max;
	char *room;
	struct fold_word word;
	size_t n_between; /* bytes since the last word: how it is glued */
	bool blank_between, dot_between;
};

static void end_word(struct reader *r)
{
	if (!r->word.n_points)
		return;
	if (r->out->n < r->max)
		r->out->items[r->out->n++] = r->word;
	r->room += r->word.text.len;
	r->word = (struct fold_word){ 0 };
	r->n_between = 0;
	r->blank_between = r->dot_between = false;
}

static void begin_word(struct reader *r, bool dense)
{
	r->word = (struct fold_word){
		.text = { r->room, 0 },
		.glued = r->out->n && !r->blank_between,
		.dotted = r->out->n && r->n_between == 1 && r->dot_between,
		.dense = dense,
		.letters = true,
	};
}

static void add_to_word(struct reader *r, struct str character, uint32_t c, enum sort sort)
{
	bool dense = is_dense(c);

	if (r->word.n_points && r->word.dense != dense && sort != SORT_MARK)
		end_word(r);
	if (!r->word.n_points)
		begin_word(r, dense);
	if (r->word.text.len + character.len > FOLD_MAX_WORD)
		return;
	memcpy(r->room + r->word.text.len, character.at, character.len);
	r->word.text.len += character.len;
	r->word.n_points++;
	r->word.letters &= sort != SORT_DIGIT;
}

/* An apostrophe inside a word vanishes: the word goes on when a letter follows. */
static bool is_inner_apostrophe(const struct reader *r, uint32_t c, struct str rest)
{
	return c == '\'' && r->word.n_points && utf8_next(&rest, &c) && sort_of(c) == SORT_LETTER;
}

bool fold_words_of(struct arena *arena, struct str folded, size_t max, struct fold_words *out)
{
	max = folded.len < max ? folded.len : max; /* no word is empty */
	struct reader r = { .out = out, .max = max };
	struct str rest = folded;
	uint32_t c;

	*out = (struct fold_words){ .items = arena_array(arena, max, sizeof(*out->items)) };
	r.room = arena_alloc(arena, folded.len + 1);
	if (!out->items || !r.room)
		return false;
	for (struct str here = rest; out->n < max && utf8_next(&rest, &c); here = rest) {
		struct str character = { here.at, here.len - rest.len };
		enum sort sort = sort_of(c);
		if (sort == SORT_LETTER || sort == SORT_DIGIT || (sort == SORT_MARK && r.word.n_points)) {
			add_to_word(&r, character, c, sort);
		} else if (!is_inner_apostrophe(&r, c, rest)) {
			end_word(&r);
			r.n_between++;
			r.blank_between |= c == ' ';
			r.dot_between = c == '.';
		}
	}
	end_word(&r);
	return true;
}

bool fold_only_letters(struct str text)
{
	for (uint32_t c; utf8_next(&text, &c);)
		if (is_dense(c) || sort_of(c) == SORT_DIGIT)
			return false;
	return true;
}

size_t fold_initials(const struct fold_words *words, size_t first)
{
	size_t n = 0;

	for (size_t i = first; i < words->n; i++, n++) {
		const struct fold_word *word = &words->items[i];
		if (word->n_points != 1 || word->dense || !word->letters || (n && !word->dotted))
			break;
	}
	/* "e.mail" begins like initials and is none. */
	if (n && first + n < words->n && words->items[first + n].dotted)
		n--;
	return n >= 2 ? n : 0;
}

struct str fold_joined(struct arena *arena, const struct fold_words *words, size_t first, size_t n)
{
	char *to = arena_alloc(arena, FOLD_MAX_WORD + 1);
	size_t len = 0;

	if (!to)
		return STR_ABSENT;
	for (size_t i = first; i < first + n; i++) {
		struct str text = words->items[i].text;
		if (len + text.len > FOLD_MAX_WORD)
			break;
		memcpy(to + len, text.at, text.len);
		len += text.len;
	}
	return (struct str){ to, len };
}
