/* SPDX-License-Identifier: MIT */
/*
 * What a list, a search or its facets are narrowed by: of each filter that is given a record must have one of the
 * values. Values are kept as the database compares them.
 */
#ifndef APP_RECORDS_FILTER_H
#define APP_RECORDS_FILTER_H

#include "app/record.h"
#include "base/buf.h"
#include "loop/call.h"

enum {
	FILTER_FORMAT,
	FILTER_LABEL,
	FILTER_ARTIST,
	FILTER_GRADE,
	FILTER_YEAR,
	FILTER_DECADE,
	FILTER_BARCODE,
	N_FILTERS
};

enum { FILTER_MAX_VALUES = 20 }; /* of one filter */

struct records_filter {
	struct str_list of[N_FILTERS];
};

/* The request's parameters of these names, each as often as it comes; blank ones are none. Notes in the check what is wrong. */
struct records_filter records_filter_read(struct call *call, struct record_check *check);
bool records_filter_any(const struct records_filter *filter);

/* As text for a key, on one line, and back. False over the arena's budget. */
void records_filter_write(const struct records_filter *filter, struct buf *to);
must_use bool records_filter_parse(struct str text, struct arena *arena, struct records_filter *out);

/* In the order of the statements' parameters. */
#define FILTER_PARAMS(filter)                                                                          \
	(filter)->of[FILTER_FORMAT], (filter)->of[FILTER_LABEL], (filter)->of[FILTER_ARTIST],          \
		(filter)->of[FILTER_GRADE], (filter)->of[FILTER_YEAR], (filter)->of[FILTER_DECADE],    \
		(filter)->of[FILTER_BARCODE]

#endif
