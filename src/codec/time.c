/* SPDX-License-Identifier: MIT */
/* Time and dates, without locale and time zone tables. */
#include "codec/time.h"

static const int64_t ms_per_day = 86400000;
static const int64_t first_ms = -62135596800000; /* 0001-01-01T00:00:00.000Z */
static const int64_t last_ms = 253402300799999;	 /* 9999-12-31T23:59:59.999Z */

static bool is_leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

bool date_valid(struct date date)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	if (date.year < 1 || date.year > 9999 || date.month < 1 || date.month > 12)
		return false;
	int last = days[date.month - 1] + (date.month == 2 && is_leap(date.year));
	return date.day >= 1 && date.day <= last;
}

/* Both ways count in eras of 400 years that begin on 1 March, so that the leap day is a year's last. */
int64_t date_to_days(struct date date)
{
	int64_t year = date.year - (date.month <= 2);
	int64_t era = (year >= 0 ? year : year - 399) / 400;
	int64_t year_of_era = year - era * 400;
	int64_t day_of_year = (153 * (date.month + (date.month > 2 ? -3 : 9)) + 2) / 5 + date.day - 1;
	int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
	return era * 146097 + day_of_era - 719468;
}

struct date date_of_days(int64_t days)
{
	days += 719468;
	int64_t era = (days >= 0 ? days : days - 146096) / 146097;
	int64_t day_of_era = days - era * 146097;
	int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64_t march_month = (5 * day_of_year + 2) / 153;
	int month = (int)(march_month < 10 ? march_month + 3 : march_month - 9);
	return (struct date){ .year = (int)(year_of_era + era * 400) + (month <= 2),
			      .month = month,
			      .day = (int)(day_of_year - (153 * march_month + 2) / 5) + 1 };
}

static char *put_digits(char *to, int64_t value, size_t width)
{
	for (size_t i = width; i-- > 0; value /= 10)
		to[i] = (char)('0' + value % 10);
	return to + width;
}

struct str date_format(struct date date, char to[DATE_TEXT + 1])
{
	char *at = put_digits(to, date.year, 4);
	*at++ = '-';
	at = put_digits(at, date.month, 2);
	*at++ = '-';
	at = put_digits(at, date.day, 2);
	*at = 0;
	return (struct str){ to, DATE_TEXT };
}

struct str time_format(int64_t ms, char to[TIME_TEXT + 1])
{
	ms = ms < first_ms ? first_ms : ms > last_ms ? last_ms : ms;
	int64_t days = ms / ms_per_day - (ms % ms_per_day < 0);
	int64_t rest = ms - days * ms_per_day;

	date_format(date_of_days(days), to);
	char *at = to + DATE_TEXT;
	*at++ = 'T';
	at = put_digits(at, rest / 3600000, 2);
	*at++ = ':';
	at = put_digits(at, rest / 60000 % 60, 2);
	*at++ = ':';
	at = put_digits(at, rest / 1000 % 60, 2);
	*at++ = '.';
	at = put_digits(at, rest % 1000, 3);
	*at++ = 'Z';
	*at = 0;
	return (struct str){ to, TIME_TEXT };
}

/* Takes exactly `width` digits off the front. */
static bool take_digits(struct str *s, size_t width, int *out)
{
	int64_t value;
	if (s->len < width || !char_is_digit(s->at[0]) || !str_to_int(str_first(*s, width), 0, 9999, &value))
		return false;
	*s = str_skip(*s, width);
	*out = (int)value;
	return true;
}

static bool take_char(struct str *s, char c)
{
	if (s->len == 0 || s->at[0] != c)
		return false;
	*s = str_skip(*s, 1);
	return true;
}

static bool take_date(struct str *s, struct date *out)
{
	return take_digits(s, 4, &out->year) && take_char(s, '-') && take_digits(s, 2, &out->month) &&
	       take_char(s, '-') && take_digits(s, 2, &out->day) && date_valid(*out);
}

bool date_parse(struct str s, struct date *out)
{
	struct date date;
	if (!take_date(&s, &date) || s.len)
		return false;
	*out = date;
	return true;
}

/* ".5" is 500; digits past the third are read and dropped. */
static bool take_fraction(struct str *s, int *ms)
{
	int weight = 100;

	*ms = 0;
	if (!take_char(s, '.'))
		return true;
	if (s->len == 0 || !char_is_digit(s->at[0]))
		return false;
	for (; s->len && char_is_digit(s->at[0]); *s = str_skip(*s, 1), weight /= 10)
		*ms += (s->at[0] - '0') * weight;
	return true;
}

/* A second of 60 is a leap second: read, as PostgreSQL does, as the first of the next minute. */
static bool take_clock(struct str *s, int64_t *ms)
{
	int hour, minute, second, fraction;
	if (!take_digits(s, 2, &hour) || !take_char(s, ':') || !take_digits(s, 2, &minute) || !take_char(s, ':') ||
	    !take_digits(s, 2, &second) || !take_fraction(s, &fraction))
		return false;
	*ms = ((hour * 60 + minute) * 60 + second) * (int64_t)1000 + fraction;
	return hour <= 23 && minute <= 59 && second <= 60;
}

static bool take_offset(struct str *s, int64_t *ms)
{
	int hour, minute;

	*ms = 0;
	if (take_char(s, 'Z') || take_char(s, 'z'))
		return true;
	bool west = take_char(s, '-');
	if (!west && !take_char(s, '+'))
		return false;
	if (!take_digits(s, 2, &hour) || !take_char(s, ':') || !take_digits(s, 2, &minute))
		return false;
	*ms = (hour * 60 + minute) * (int64_t)(west ? -60000 : 60000);
	return hour <= 23 && minute <= 59;
}

bool time_parse(struct str s, int64_t *ms)
{
	struct date date;
	int64_t of_day = 0, offset = 0;

	if (!take_date(&s, &date))
		return false;
	if (s.len) {
		if (!take_char(&s, 'T') && !take_char(&s, 't') && !take_char(&s, ' '))
			return false;
		if (!take_clock(&s, &of_day) || !take_offset(&s, &offset) || s.len)
			return false;
	}
	int64_t value = date_to_days(date) * ms_per_day + of_day - offset;
	if (value < first_ms || value > last_ms)
		return false;
	*ms = value;
	return true;
}
