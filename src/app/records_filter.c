/* SPDX-License-Identifier: MIT */
/* Filters: read, as part of a key, and read again. */
#include "app/records_filter.h"

#include "app/record.h"
#include "codec/barcode.h"
#include "codec/fold.h"
#include "codec/url.h"
#include "http/http.h"

enum { FIRST_DECADE = RECORD_YEAR_MIN / 10 * 10 };

/* Each takes a value as a client gives it, trimmed, and gives the one that is compared; absent when *wrong says why not. */

static struct str take_as_is(struct arena *arena, struct str text, struct str *wrong)
{
	(void)arena;
	(void)wrong;
	return text;
}

static struct str take_folded(struct arena *arena, struct str text, struct str *wrong)
{
	(void)wrong;
	return fold_key(arena, text);
}

static struct str take_grade(struct arena *arena, struct str text, struct str *wrong)
{
	enum grade grade = grade_parse(text);

	(void)arena;
	if (grade == GRADE_NONE)
		*wrong = STR("must be a grade, as in VG+");
	return grade_text(grade);
}

static struct str take_year(struct arena *arena, struct str text, struct str *wrong)
{
	int64_t year;

	if (str_to_int(text, RECORD_YEAR_MIN, RECORD_YEAR_MAX, &year))
		return arena_printf(arena, "%lld", (long long)year);
	*wrong = STR("must be a year, 1857 to 2100");
	return STR_ABSENT;
}

/* "1970" or "1970s". */
static struct str take_decade(struct arena *arena, struct str text, struct str *wrong)
{
	struct str digits = str_ends(text, STR("s")) ? str_first(text, text.len - 1) : text;
	int64_t year;

	if (str_to_int(digits, FIRST_DECADE, RECORD_YEAR_MAX, &year) && year % 10 == 0)
		return arena_printf(arena, "%lld", (long long)year);
	*wrong = STR("must be the first year of a decade, 1850 to 2100");
	return STR_ABSENT;
}

static struct str take_barcode(struct arena *arena, struct str text, struct str *wrong)
{
	struct str digits = barcode_digits(arena, text);

	if (!str_present(barcode_key(digits)))
		*wrong = STR("must be a barcode, of 32 digits at most");
	return barcode_key(digits);
}

static const struct filter_kind {
	struct str name;
	struct str (*read)(struct arena *arena, struct str text, struct str *wrong);
} kinds[N_FILTERS] = {
	[FILTER_FORMAT] = { STR("format"), take_as_is },    [FILTER_LABEL] = { STR("label"), take_folded },
	[FILTER_ARTIST] = { STR("artist"), take_folded },   [FILTER_GRADE] = { STR("grade"), take_grade },
	[FILTER_YEAR] = { STR("year"), take_year },	    [FILTER_DECADE] = { STR("decade"), take_decade },
	[FILTER_BARCODE] = { STR("barcode"), take_barcode },
};

static int kind_named(struct str name)
{
	for (int i = 0; i < N_FILTERS; i++)
		if (str_equal(kinds[i].name, name))
			return i;
	return -1;
}

/* Each once. False without room for it, or over budget. */
static bool add(struct str_list *values, struct str value, struct arena *arena)
{
	for (size_t i = 0; i < values->n; i++)
		if (str_equal(values->items[i], value))
			return true;
	if (!values->items)
		values->items = arena_array(arena, FILTER_MAX_VALUES, sizeof(*values->items));
	if (!values->items || values->n == FILTER_MAX_VALUES)
		return false;
	values->items[values->n++] = value;
	return true;
}

static void read_value(const struct filter_kind *kind, struct str text, struct str_list *values, struct record_check *check)
{
	struct str wrong = STR_ABSENT, value = kind->read(check->arena, text, &wrong);

	if (!str_present(wrong) && !add(values, value, check->arena))
		wrong = STR("must not have more than 20 values");
	if (str_present(wrong))
		record_wrong(check, kind->name, wrong);
}

struct records_filter records_filter_read(struct call *call, struct record_check *check)
{
	struct records_filter filter = { 0 };

	for (size_t i = 0; i < call->request->n_params; i++) {
		const struct http_param *param = &call->request->params[i];
		int at = kind_named(param->name);
		struct str text = str_trim(param->value);
		if (at >= 0 && !str_blank(text))
			read_value(&kinds[at], text, &filter.of[at], check);
	}
	return filter;
}

bool records_filter_any(const struct records_filter *filter)
{
	for (size_t i = 0; i < N_FILTERS; i++)
		if (filter->of[i].n)
			return true;
	return false;
}

/* ── In a key ── */

void records_filter_write(const struct records_filter *filter, struct buf *to)
{
	struct str between = STR("");

	for (size_t i = 0; i < N_FILTERS; i++) {
		for (size_t at = 0; at < filter->of[i].n; at++) {
			buf_add(to, between);
			buf_add(to, kinds[i].name);
			buf_add_char(to, '=');
			url_encode(to, filter->of[i].items[at]);
			between = STR("&");
		}
	}
}

bool records_filter_parse(struct str text, struct arena *arena, struct records_filter *out)
{
	struct str name, value;
	int outcome;

	*out = (struct records_filter){ 0 };
	while ((outcome = url_param_next(arena, &text, &name, &value)) == URL_OK) {
		int at = kind_named(name);
		if (at < 0 || !add(&out->of[at], value, arena))
			return false;
	}
	return outcome == URL_END;
}
