/* SPDX-License-Identifier: MIT */
/* Grades: their order, and the many ways in which people write them. */
#include "app/grade.h"

/* The spellings of a grade's stem, and what it becomes without a sign, with '+' and with '-'. */
static const struct stem {
	struct str text;
	enum grade plain, plus, minus;
} stems[] = {
	{ STR("m"), GRADE_M, GRADE_NONE, GRADE_NM },
	{ STR("mint"), GRADE_M, GRADE_NONE, GRADE_NM },
	{ STR("nm"), GRADE_NM, GRADE_NM, GRADE_NM_MINUS },
	{ STR("nearmint"), GRADE_NM, GRADE_NM, GRADE_NM_MINUS },
	{ STR("ex"), GRADE_EX, GRADE_EX_PLUS, GRADE_EX_MINUS },
	{ STR("excellent"), GRADE_EX, GRADE_EX_PLUS, GRADE_EX_MINUS },
	{ STR("vg"), GRADE_VG, GRADE_VG_PLUS, GRADE_VG_MINUS },
	{ STR("verygood"), GRADE_VG, GRADE_VG_PLUS, GRADE_VG_MINUS },
	{ STR("g"), GRADE_G, GRADE_G_PLUS, GRADE_G_MINUS },
	{ STR("good"), GRADE_G, GRADE_G_PLUS, GRADE_G_MINUS },
	{ STR("f"), GRADE_F, GRADE_NONE, GRADE_NONE },
	{ STR("fair"), GRADE_F, GRADE_NONE, GRADE_NONE },
	{ STR("p"), GRADE_P, GRADE_NONE, GRADE_NONE },
	{ STR("poor"), GRADE_P, GRADE_NONE, GRADE_NONE },
};

static const struct str texts[N_GRADES] = {
#define GRADE(name, text) [GRADE_##name] = STR(text),
#include "app/grade.def"
#undef GRADE
};

enum { LONGEST_SPELLING = 32 };

/* Lower case without dots, underscores and white space; absent when it is too long to be a grade. */
static struct str squeeze(struct str text, char to[LONGEST_SPELLING])
{
	size_t n = 0;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.at[i];
		if (c == '.' || c == '_' || char_is_space(c))
			continue;
		if (n == LONGEST_SPELLING)
			return STR_ABSENT;
		to[n++] = char_lower(c);
	}
	return (struct str){ to, n };
}

/* Cuts the sign off the end of *text: '+', '-' or 0. */
static char cut_sign(struct str *text)
{
	static const struct {
		struct str spelling;
		char sign;
	} signs[] = { { STR("+"), '+' }, { STR("-"), '-' }, { STR("plus"), '+' }, { STR("minus"), '-' } };

	for (size_t i = 0; i < countof(signs); i++) {
		if (!str_ends(*text, signs[i].spelling))
			continue;
		text->len -= signs[i].spelling.len;
		return signs[i].sign;
	}
	return 0;
}

enum grade grade_parse(struct str text)
{
	char room[LONGEST_SPELLING];
	struct str stem = squeeze(text, room);
	char sign = cut_sign(&stem);

	for (size_t i = 0; i < countof(stems); i++)
		if (str_equal(stems[i].text, stem))
			return sign == '+' ? stems[i].plus : sign == '-' ? stems[i].minus : stems[i].plain;
	return GRADE_NONE;
}

struct str grade_text(enum grade grade)
{
	return texts[grade];
}

enum grade grade_worse(enum grade a, enum grade b)
{
	return a > b ? a : b;
}
