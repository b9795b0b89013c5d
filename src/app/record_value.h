/* SPDX-License-Identifier: MIT */
/*
 * One value of one field: from text, from JSON, and compared. Each `to` or `value` points to the C type of the field's
 * type (record.h); PIECES and EXTRA are not handled here.
 */
#ifndef APP_RECORD_VALUE_H
#define APP_RECORD_VALUE_H

#include "app/record.h"

/* Absent when the value was taken, else what is wrong with it (a literal, or in the arena); then *to is as it was. */
must_use struct str value_of_text(const struct record_field *field, struct str text, struct arena *arena, void *to);
/* The same for JSON; null clears. */
must_use struct str value_of_json(const struct record_field *field, const struct json *json, struct arena *arena,
				  void *to);
void value_clear(const struct record_field *field, void *to);
/* Whether nobody said it. A FLAG is always said. */
bool value_unsaid(const struct record_field *field, const void *value);
/* Whether two values are the same; for ID, INT, TIME, FLAG and GRADE. */
bool value_same(const struct record_field *field, const void *a, const void *b);

#endif
