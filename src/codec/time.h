/* SPDX-License-Identifier: MIT */
/* Points in time as milliseconds since 1970-01-01 UTC, civil dates, and both as text (RFC 3339). */
#ifndef CODEC_TIME_H
#define CODEC_TIME_H

#include "base/str.h"

enum { TIME_TEXT = 24, DATE_TEXT = 10 };

/* "2026-01-31T09:30:00.000Z", NUL-terminated, as a slice of `to`. Years 0001–9999; what lies outside is clamped. */
struct str time_format(int64_t ms, char to[TIME_TEXT + 1]);
/* RFC 3339 with any offset ('T', 't' or a blank between; a fraction is cut to milliseconds), or a plain date: its midnight, UTC. */
must_use bool time_parse(struct str s, int64_t *ms);

/* A day of the proleptic Gregorian calendar. */
struct date {
	int year, month, day;
};

/* Whether there is such a day, in the years 0001–9999. */
bool date_valid(struct date date);
/* "YYYY-MM-DD" of a day that there is. */
must_use bool date_parse(struct str s, struct date *out);
/* NUL-terminated, as a slice of `to`. The date must be valid. */
struct str date_format(struct date date, char to[DATE_TEXT + 1]);
/* Days since 1970-01-01, and back. */
int64_t date_to_days(struct date date);
struct date date_of_days(int64_t days);

#endif
