/* SPDX-License-Identifier: MIT */
/* A folded text as words: what fold_query and fold_record both start from. */
#ifndef CODEC_FOLD_WORDS_H
#define CODEC_FOLD_WORDS_H

#include "base/arena.h"

/* A run of letters and digits. */
struct fold_word {
	struct str text;     /* at most FOLD_MAX_WORD bytes, without apostrophes */
	unsigned n_points;   /* code points in it */
	bool glued;	     /* no blank stands between it and the word before */
	bool dotted;	     /* glued by exactly one dot */
	bool dense;	     /* of a script written without blanks */
	bool letters;	     /* has no digit */
};

struct fold_words {
	struct fold_word *items;
	size_t n;
};

/* The words of a folded text, at most `max`. Texts live in the arena. False only over budget. */
must_use bool fold_words_of(struct arena *arena, struct str folded, size_t max, struct fold_words *out);
/* Whether a text has no digits and nothing of a script written without blanks. */
bool fold_only_letters(struct str text);
/* How many words from `first` on are initials of one (R.E.M.): 0 or at least 2. */
size_t fold_initials(const struct fold_words *words, size_t first);
/* Words first … first+n-1 run together, cut at FOLD_MAX_WORD; absent over budget. */
struct str fold_joined(struct arena *arena, const struct fold_words *words, size_t first, size_t n);

#endif
