/* SPDX-License-Identifier: MIT */
/* Kinds of media, and what the words for them tell. */
#include "app/media.h"

#define UNSAID INT64_MIN

static const struct str kind_texts[N_MEDIA_KINDS] = {
	[MEDIA_VINYL] = STR("VINYL"),
	[MEDIA_CD] = STR("CD"),
	[MEDIA_CASSETTE] = STR("CASSETTE"),
	[MEDIA_OTHER] = STR("OTHER"),
};

/* A word, what it tells, and how much it weighs against the other words of the same description. */
static const struct word {
	struct str text;
	int weight;
	enum media_kind kind;
	int64_t size_inch, speed_rpm;
} words[] = {
	{ STR("cd"), 5, MEDIA_CD, UNSAID, UNSAID },
	{ STR("cdr"), 5, MEDIA_CD, UNSAID, UNSAID },
	{ STR("sacd"), 5, MEDIA_CD, UNSAID, UNSAID },
	{ STR("cassette"), 5, MEDIA_CASSETTE, UNSAID, UNSAID },
	{ STR("cass"), 5, MEDIA_CASSETTE, UNSAID, UNSAID },
	{ STR("tape"), 5, MEDIA_CASSETTE, UNSAID, UNSAID },
	{ STR("12"), 4, MEDIA_VINYL, 12, 33 },
	{ STR("10"), 4, MEDIA_VINYL, 10, 33 },
	{ STR("7"), 4, MEDIA_VINYL, 7, 45 },
	{ STR("lp"), 3, MEDIA_VINYL, 12, 33 },
	{ STR("ep"), 2, MEDIA_VINYL, 7, 45 },
	{ STR("45"), 2, MEDIA_VINYL, 7, 45 },
	{ STR("vinyl"), 1, MEDIA_VINYL, 12, 33 },
};

/* Words that tell the speed whatever else is said. */
static const struct {
	struct str text;
	int64_t rpm;
} speeds[] = { { STR("16"), 16 }, { STR("33"), 33 }, { STR("45"), 45 }, { STR("78"), 78 } };

static bool is_word_char(char c)
{
	return char_is_alpha(c) || char_is_digit(c);
}

/* The next run of digits or of letters, so that `2xLP`, `12in` and `45RPM` fall apart; absent at the end. */
static struct str next_word(struct str *text)
{
	size_t from = 0, to;
	while (from < text->len && !is_word_char(text->at[from]))
		from++;
	for (to = from; to < text->len && is_word_char(text->at[to]); to++)
		if (char_is_digit(text->at[to]) != char_is_digit(text->at[from]))
			break;
	struct str found = to > from ? str_span(text->at + from, text->at + to) : STR_ABSENT;
	*text = str_skip(*text, to);
	return found;
}

static const struct word *word_named(struct str text)
{
	for (size_t i = 0; i < countof(words); i++)
		if (str_equal_nocase(words[i].text, text))
			return &words[i];
	return NULL;
}

static int64_t speed_named(struct str text)
{
	for (size_t i = 0; i < countof(speeds); i++)
		if (str_equal(speeds[i].text, text))
			return speeds[i].rpm;
	return UNSAID;
}

/* A count is no size: the number in `7xLP`, `10 x CD`. */
static bool is_count(struct str rest)
{
	struct str mark = next_word(&rest);
	return mark.len && char_lower(mark.at[0]) == 'x';
}

/* `xLP`: the mark of a count grown together with its word. */
static struct str without_count_mark(struct str text, bool after_count)
{
	return after_count && text.len > 1 && char_lower(text.at[0]) == 'x' ? str_skip(text, 1) : text;
}

struct media_hint media_hint_of(struct str text)
{
	const struct word *best = NULL;
	int64_t speed = UNSAID;
	bool after_count = false;

	for (struct str found = next_word(&text); str_present(found); found = next_word(&text)) {
		bool count = char_is_digit(found.at[0]) && is_count(text);
		if (!count) {
			const struct word *word = word_named(without_count_mark(found, after_count));
			int64_t rpm = speed_named(found);
			if (word && (!best || word->weight > best->weight))
				best = word;
			speed = rpm == UNSAID ? speed : rpm;
		}
		after_count = count;
	}
	if (!best)
		return (struct media_hint){ MEDIA_OTHER, UNSAID, speed, STR_ABSENT };
	bool vinyl = best->kind == MEDIA_VINYL;
	return (struct media_hint){
		.kind = best->kind,
		.size_inch = best->size_inch,
		.speed_rpm = vinyl && speed != UNSAID ? speed : best->speed_rpm,
		.format = vinyl && best->size_inch == 7 ? STR("EP") : STR_ABSENT,
	};
}

struct str media_kind_text(enum media_kind kind)
{
	return kind_texts[kind];
}

struct str media_side_name(int64_t piece, unsigned side, char to[SIDE_NAME_MAX + 1])
{
	unsigned n = (unsigned)(piece - 1) * 2 + side;
	size_t len = 0;
	check(piece >= 1 && n < 26 + 26 * 26);
	if (n >= 26)
		to[len++] = (char)('A' + n / 26 - 1);
	to[len++] = (char)('A' + n % 26);
	to[len] = 0;
	return (struct str){ to, len };
}
