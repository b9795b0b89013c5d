/* SPDX-License-Identifier: MIT */
/*
 * Imports as jobs. The file of one lies in the data directory until the job has ended; a node goes on with the jobs
 * whose files it has.
 */
#ifndef APP_IMPORT_JOBS_H
#define APP_IMPORT_JOBS_H

#include "app/import_run.h"
#include "app/jobs.h"

/* Where a job's file is; NUL-terminated, in the arena. Absent over its budget. */
struct str import_job_path(const struct app *app, const struct uuid *id, struct arena *arena);

/* What a job is asked for, as the database keeps it. */
struct import_job_args {
	enum import_format format;
	enum import_duplicates duplicates;
	bool dry_run;
	struct str mapping; /* JSON, as import_mapping_parse takes it; or absent */
};
struct str import_job_args_text(const struct import_job_args *args, struct arena *arena);

#endif
