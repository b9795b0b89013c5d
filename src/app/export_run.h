/* SPDX-License-Identifier: MIT */
/* A whole collection into a file: one blocking function for a worker or the command line. */
#ifndef APP_EXPORT_RUN_H
#define APP_EXPORT_RUN_H

#include <stdio.h>

#include "base/arena.h"
#include "base/uuid.h"

enum export_format { EXPORT_CSV, EXPORT_JSON };

/* "csv", "json"; false for anything else. */
must_use bool export_format_parse(struct str text, enum export_format *out);

struct export_order {
	struct str conninfo;
	struct uuid user;
	enum export_format format;
	FILE *to;				     /* stays the caller's to close */
	void (*progress)(void *arg, int64_t n_done); /* may be NULL */
	void *arg;
};

/* 0, or -1 with *said in the arena (the file is then incomplete). */
must_use int export_run(const struct export_order *order, int64_t *n_done, struct arena *arena, struct str *said);

#endif
