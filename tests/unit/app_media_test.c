/* SPDX-License-Identifier: MIT */
/* A collector names a medium in any of the usual words: kind, size and speed must come out right. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "app/media.h"

#define UNSAID INT64_MIN

static void a_medium_is_recognised_by_the_words_for_it(void **state)
{
	static const struct {
		const char *text;
		enum media_kind kind;
		int64_t size, speed;
		const char *format;
	} cases[] = {
		{ "LP", MEDIA_VINYL, 12, 33, NULL },
		{ "lp", MEDIA_VINYL, 12, 33, NULL },
		{ "12\"", MEDIA_VINYL, 12, 33, NULL },
		{ "12 inch", MEDIA_VINYL, 12, 33, NULL },
		{ "12in", MEDIA_VINYL, 12, 33, NULL },
		{ "Vinyl", MEDIA_VINYL, 12, 33, NULL },
		{ "VINYL", MEDIA_VINYL, 12, 33, NULL },
		{ "10\"", MEDIA_VINYL, 10, 33, NULL },
		{ "7\"", MEDIA_VINYL, 7, 45, "EP" },
		{ "7", MEDIA_VINYL, 7, 45, "EP" },
		{ "EP", MEDIA_VINYL, 7, 45, "EP" },
		{ "45", MEDIA_VINYL, 7, 45, "EP" },
		{ "CD", MEDIA_CD, UNSAID, UNSAID, NULL },
		{ "cassette", MEDIA_CASSETTE, UNSAID, UNSAID, NULL },
		{ "Tape", MEDIA_CASSETTE, UNSAID, UNSAID, NULL },
		{ "OTHER", MEDIA_OTHER, UNSAID, UNSAID, NULL },
		{ "8-Track Cartridge", MEDIA_OTHER, UNSAID, UNSAID, NULL },
		{ "Blu-ray", MEDIA_OTHER, UNSAID, UNSAID, NULL },
		{ "", MEDIA_OTHER, UNSAID, UNSAID, NULL },
		{ "2xLP, Album", MEDIA_VINYL, 12, 33, NULL },
		{ "2 x LP", MEDIA_VINYL, 12, 33, NULL },
		{ "7xLP", MEDIA_VINYL, 12, 33, NULL },
		{ "10xCD, Box", MEDIA_CD, UNSAID, UNSAID, NULL },
		{ "3x12\"", MEDIA_VINYL, 12, 33, NULL },
		{ "Vinyl, 12\", 45 RPM, Single", MEDIA_VINYL, 12, 45, NULL },
		{ "LP, 45RPM", MEDIA_VINYL, 12, 45, NULL },
		{ "12\", EP", MEDIA_VINYL, 12, 33, NULL },
		{ "Shellac, 10\", 78 RPM", MEDIA_VINYL, 10, 78, NULL },
		{ "CD, EP", MEDIA_CD, UNSAID, UNSAID, NULL },
		{ "helped", MEDIA_OTHER, UNSAID, UNSAID, NULL },
	};
	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		struct media_hint hint = media_hint_of(str_of(cases[i].text));
		if (hint.kind != cases[i].kind || hint.size_inch != cases[i].size || hint.speed_rpm != cases[i].speed)
			fail_msg("%s: %d %ld %ld", cases[i].text, (int)hint.kind, (long)hint.size_inch,
				 (long)hint.speed_rpm);
		assert_true(str_equal(hint.format, str_of(cases[i].format)));
	}
}

static void the_sides_of_a_set_are_lettered_through(void **state)
{
	static const struct {
		int64_t piece;
		unsigned side;
		const char *name;
	} cases[] = {
		{ 1, 0, "A" },	{ 1, 1, "B" },	 { 2, 0, "C" },	  { 2, 1, "D" },
		{ 13, 1, "Z" }, { 14, 0, "AA" }, { 14, 1, "AB" }, { 351, 1, "ZZ" },
	};
	char room[SIDE_NAME_MAX + 1];
	(void)state;
	for (size_t i = 0; i < countof(cases); i++)
		assert_true(str_equal(media_side_name(cases[i].piece, cases[i].side, room), str_of(cases[i].name)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_medium_is_recognised_by_the_words_for_it),
		cmocka_unit_test(the_sides_of_a_set_are_lettered_through),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
