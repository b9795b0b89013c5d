/* SPDX-License-Identifier: MIT */
/* One value of one field, by its type: how it is read and what may be wrong with it. */
#include "app/record_value.h"

#include <string.h>

#include "codec/time.h"
#include "codec/utf8.h"

enum { MS_PER_DAY = 86400000, MONEY_DIGITS = 10 };

static const struct str GOOD = { NULL, 0 };

static bool has_control(struct str text, bool lines_allowed)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.at[i];
		bool line = c == '\n' || c == '\r' || c == '\t';
		if ((c < 0x20 || c == 0x7f) && !(line && lines_allowed))
			return true;
	}
	return false;
}

static bool is_cover(struct str text)
{
	struct str id = str_skip(text, STR(RECORD_COVERS).len);

	if (!str_starts(text, STR(RECORD_COVERS)) || id.len != RECORD_COVER_ID)
		return false;
	for (size_t i = 0; i < id.len; i++)
		if (!char_is_digit(id.at[i]) && (id.at[i] < 'a' || id.at[i] > 'f'))
			return false;
	return true;
}

static struct str barcode_of(struct str text, struct arena *arena, struct str *to)
{
	struct str digits = barcode_digits(arena, text);

	if (!str_present(digits))
		return STR("must be 1 to 32 digits, blanks and dashes aside");
	if (!barcode_is_right(digits))
		return STR("has a wrong check digit");
	*to = digits;
	return GOOD;
}

static struct str text_of(const struct record_field *field, struct str text, struct arena *arena, struct str *to)
{
	if (has_control(text, field->flags & FIELD_LINES))
		return STR("must not hold control characters");
	if (field->flags & FIELD_BARCODE)
		return barcode_of(text, arena, to);
	if (field->flags & FIELD_COVER && !is_cover(text))
		return STR("must be the address of a cover that you uploaded, /covers/…");
	if (text.len > (size_t)field->max && utf8_count(text) > (size_t)field->max)
		return arena_printf(arena, "must have at most %d characters", (int)field->max);
	*to = text;
	return GOOD;
}

static struct str year_of(struct str text, int64_t *to)
{
	return str_to_int(text, RECORD_YEAR_MIN, RECORD_YEAR_MAX, to) ? GOOD : STR("must be a year, 1857 to 2100");
}

static struct str int_of(const struct record_field *field, struct str text, struct arena *arena, int64_t *to)
{
	if (str_to_int(text, 1, field->max, to))
		return GOOD;
	return arena_printf(arena, "must be a whole number from 1 to %lld", (long long)field->max);
}

/* A day, also where a point in time is given: its day in UTC. */
static struct str date_of(struct str text, int64_t *to)
{
	struct date date;
	int64_t ms;
	if (date_parse(text, &date)) {
		*to = date_to_days(date);
	} else if (time_parse(text, &ms)) {
		*to = (ms - ((ms % MS_PER_DAY) + MS_PER_DAY) % MS_PER_DAY) / MS_PER_DAY;
	} else {
		return STR("must be a date, YYYY-MM-DD");
	}
	return GOOD;
}

static struct str time_of(struct str text, int64_t *to)
{
	return time_parse(text, to) ? GOOD : STR("must be a time as in 2026-01-31T09:30:00Z, or a date");
}

/* "12", "12.5", "12.50": never through binary floating point. */
static struct str money_of(struct str text, int64_t *to)
{
	static const struct str wrong = STR("must be an amount with at most two decimals, 0 to 9999999999.99");
	struct str fraction, whole = str_cut(text, '.', &fraction);
	int64_t units, hundredths = 0;

	if (whole.len > MONEY_DIGITS || !str_to_int(whole, 0, INT64_MAX / 100 - 1, &units) || whole.at[0] == '-')
		return wrong;
	if (str_present(fraction)) {
		if (fraction.len > 2 || !str_to_int(fraction, 0, 99, &hundredths) || fraction.at[0] == '-')
			return wrong;
		hundredths *= fraction.len == 1 ? 10 : 1;
	}
	*to = units * 100 + hundredths;
	return GOOD;
}

static struct str grade_of(struct str text, enum grade *to)
{
	enum grade grade = grade_parse(text);
	if (grade == GRADE_NONE)
		return STR("must be a grade: M, NM, NM-, EX+, EX, EX-, VG+, VG, VG-, G+, G, G-, F or P");
	*to = grade;
	return GOOD;
}

static struct str flag_of(struct str text, bool *to)
{
	static const struct {
		struct str word;
		bool truth;
	} words[] = {
		{ STR("true"), true }, { STR("yes"), true }, { STR("y"), true },      { STR("t"), true },
		{ STR("1"), true },    { STR("x"), true },   { STR("false"), false }, { STR("no"), false },
		{ STR("n"), false },   { STR("f"), false },  { STR("0"), false },
	};
	for (size_t i = 0; i < countof(words); i++) {
		if (str_equal_nocase(words[i].word, text)) {
			*to = words[i].truth;
			return GOOD;
		}
	}
	return STR("must be true or false");
}

struct str value_of_text(const struct record_field *field, struct str text, struct arena *arena, void *to)
{
	text = str_trim(text);
	if (str_blank(text)) {
		value_clear(field, to);
		return GOOD;
	}
	switch (field->type) {
	case FIELD_ID:
		return uuid_parse(text, to) ? GOOD : STR("must be a UUID");
	case FIELD_TEXT:
		return text_of(field, text, arena, to);
	case FIELD_INT:
		return int_of(field, text, arena, to);
	case FIELD_YEAR:
		return year_of(text, to);
	case FIELD_DATE:
		return date_of(text, to);
	case FIELD_TIME:
		return time_of(text, to);
	case FIELD_MONEY:
		return money_of(text, to);
	case FIELD_GRADE:
		return grade_of(text, to);
	case FIELD_FLAG:
		return flag_of(text, to);
	case FIELD_PIECES:
	case FIELD_EXTRA:
		break;
	}
	check(field->type != FIELD_PIECES && field->type != FIELD_EXTRA);
	return GOOD;
}

static struct str int_of_json(const struct record_field *field, const struct json *json, struct arena *arena,
			      int64_t *to)
{
	bool year = field->type == FIELD_YEAR;
	if (json_read_int(json, year ? RECORD_YEAR_MIN : 1, year ? RECORD_YEAR_MAX : field->max, to))
		return GOOD;
	return year ? STR("must be a year, 1857 to 2100")
		    : arena_printf(arena, "must be a whole number from 1 to %lld", (long long)field->max);
}

static struct str money_of_json(const struct json *json, int64_t *to)
{
	int64_t cents;
	if (!json_money(json, &cents) || cents < 0)
		return STR("must be a number with at most two decimals, 0 to 9999999999.99");
	*to = cents;
	return GOOD;
}

struct str value_of_json(const struct record_field *field, const struct json *json, struct arena *arena, void *to)
{
	struct str text;

	if (json->kind == JSON_KIND_NULL) {
		value_clear(field, to);
		return GOOD;
	}
	switch (field->type) {
	case FIELD_INT:
	case FIELD_YEAR:
		return int_of_json(field, json, arena, to);
	case FIELD_MONEY:
		return money_of_json(json, to);
	case FIELD_FLAG:
		return json_read_bool(json, to) ? GOOD : STR("must be true or false");
	default:
		return json_read_text(json, &text) ? value_of_text(field, text, arena, to) : STR("must be text");
	}
}

void value_clear(const struct record_field *field, void *to)
{
	switch (field->type) {
	case FIELD_ID:
		*(struct uuid *)to = (struct uuid){ 0 };
		return;
	case FIELD_TEXT:
		*(struct str *)to = STR_ABSENT;
		return;
	case FIELD_GRADE:
		*(enum grade *)to = GRADE_NONE;
		return;
	case FIELD_FLAG:
		*(bool *)to = false;
		return;
	case FIELD_PIECES:
		*(struct media_pieces *)to = (struct media_pieces){ 0 };
		return;
	case FIELD_EXTRA:
		*(struct record_extra *)to = (struct record_extra){ 0 };
		return;
	default:
		*(int64_t *)to = RECORD_UNSAID;
		return;
	}
}

bool value_unsaid(const struct record_field *field, const void *value)
{
	switch (field->type) {
	case FIELD_ID:
		return uuid_is_nil(value);
	case FIELD_TEXT:
		return !str_present(*(const struct str *)value);
	case FIELD_GRADE:
		return *(const enum grade *)value == GRADE_NONE;
	case FIELD_FLAG:
		return false;
	case FIELD_PIECES:
		return ((const struct media_pieces *)value)->n == 0;
	case FIELD_EXTRA:
		return ((const struct record_extra *)value)->n == 0;
	default:
		return *(const int64_t *)value == RECORD_UNSAID;
	}
}

bool value_same(const struct record_field *field, const void *a, const void *b)
{
	switch (field->type) {
	case FIELD_ID:
		return uuid_equal(a, b);
	case FIELD_GRADE:
		return *(const enum grade *)a == *(const enum grade *)b;
	case FIELD_FLAG:
		return *(const bool *)a == *(const bool *)b;
	default:
		return *(const int64_t *)a == *(const int64_t *)b;
	}
}
