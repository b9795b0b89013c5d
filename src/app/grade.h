/* SPDX-License-Identifier: MIT */
/*
 * The condition of a disc, a sleeve or an insert, as collectors grade it.
 *
 * Grades are ordered: a lower value is a better condition, and GRADE_NONE (nobody graded it) stands outside the order.
 */
#ifndef APP_GRADE_H
#define APP_GRADE_H

#include "base/str.h"

enum grade {
	GRADE_NONE,
#define GRADE(name, text) GRADE_##name,
#include "app/grade.def"
#undef GRADE
	N_GRADES,
};

/*
 * Reads a grade as people write it: any case, with dots, underscores and spaces ignored, "plus" and "minus" for the
 * signs, and the words (near mint, mint minus, excellent, very good, good, fair, poor). Anything else gives GRADE_NONE.
 */
enum grade grade_parse(struct str text);
/* "VG+"; absent for GRADE_NONE. */
struct str grade_text(enum grade grade);
/* The worse of the two; GRADE_NONE counts for nothing. */
enum grade grade_worse(enum grade a, enum grade b);

#endif
