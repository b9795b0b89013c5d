/* SPDX-License-Identifier: MIT */
/* A collector types a grade as it comes: it must be understood, and never as another one. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "app/grade.h"

static void every_grade_reads_back_as_itself_and_in_order(void **state)
{
	static const char *const order[] = { "M",  "NM",  "NM-", "EX+", "EX", "EX-", "VG+",
					     "VG", "VG-", "G+",	 "G",	"G-", "F",   "P" };
	(void)state;
	assert_int_equal(N_GRADES - 1, countof(order));
	for (unsigned i = 0; i < countof(order); i++) {
		assert_int_equal(grade_parse(str_of(order[i])), i + 1);
		assert_true(str_equal(grade_text((enum grade)(i + 1)), str_of(order[i])));
	}
	assert_false(str_present(grade_text(GRADE_NONE)));
}

static void a_grade_is_understood_however_it_is_spelt(void **state)
{
	static const struct {
		const char *text;
		enum grade grade;
	} cases[] = {
		{ "nm", GRADE_NM },
		{ "N.M.", GRADE_NM },
		{ "near mint", GRADE_NM },
		{ "Near_Mint", GRADE_NM },
		{ "NM+", GRADE_NM },
		{ "near mint plus", GRADE_NM },
		{ "M-", GRADE_NM },
		{ "mint minus", GRADE_NM },
		{ "m minus", GRADE_NM },
		{ "near mint minus", GRADE_NM_MINUS },
		{ "mint", GRADE_M },
		{ " m ", GRADE_M },
		{ "vg plus", GRADE_VG_PLUS },
		{ "VGplus", GRADE_VG_PLUS },
		{ "v.g.+", GRADE_VG_PLUS },
		{ "very good +", GRADE_VG_PLUS },
		{ "Very Good", GRADE_VG },
		{ "VG_minus", GRADE_VG_MINUS },
		{ "excellent", GRADE_EX },
		{ "Ex -", GRADE_EX_MINUS },
		{ "EXCELLENT PLUS", GRADE_EX_PLUS },
		{ "good", GRADE_G },
		{ "good+", GRADE_G_PLUS },
		{ "g minus", GRADE_G_MINUS },
		{ "fair", GRADE_F },
		{ "F.", GRADE_F },
		{ "poor", GRADE_P },
	};
	(void)state;
	for (size_t i = 0; i < countof(cases); i++)
		assert_int_equal(grade_parse(str_of(cases[i].text)), cases[i].grade);
}

static void what_is_no_grade_is_not_taken_for_one(void **state)
{
	static const char *const cases[] = { "",
					     " ",
					     "+",
					     "-",
					     "plus",
					     "M+",
					     "mint plus",
					     "F+",
					     "P-",
					     "VG++",
					     "VG+-",
					     "A",
					     "superb",
					     "VG/VG+",
					     "nm?",
					     "10/10",
					     "g o od x",
					     "fair minus",
					     "near mint near mint near mint near mint" };
	(void)state;
	for (size_t i = 0; i < countof(cases); i++)
		assert_int_equal(grade_parse(str_of(cases[i])), GRADE_NONE);
	assert_int_equal(grade_parse(STR_ABSENT), GRADE_NONE);
}

static void the_worse_of_two_grades_wins_and_an_ungraded_side_does_not(void **state)
{
	(void)state;
	assert_int_equal(grade_worse(GRADE_NM, GRADE_VG_PLUS), GRADE_VG_PLUS);
	assert_int_equal(grade_worse(GRADE_P, GRADE_M), GRADE_P);
	assert_int_equal(grade_worse(GRADE_NONE, GRADE_M), GRADE_M);
	assert_int_equal(grade_worse(GRADE_M, GRADE_NONE), GRADE_M);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_grade_reads_back_as_itself_and_in_order),
		cmocka_unit_test(a_grade_is_understood_however_it_is_spelt),
		cmocka_unit_test(what_is_no_grade_is_not_taken_for_one),
		cmocka_unit_test(the_worse_of_two_grades_wins_and_an_ungraded_side_does_not),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
