/* SPDX-License-Identifier: MIT */
/*
 * Imports at work: a job each, on the worker pool, kept in the database and gone on with after a stop.
 *
 * A job's file lies in the data directory until the job has ended; a node goes on with the jobs whose files it has.
 */
#ifndef APP_IMPORT_JOBS_H
#define APP_IMPORT_JOBS_H

#include "app/app.h"
#include "app/import_run.h"

/* Where a job's file is; NUL-terminated, in the arena. Absent over its budget. */
struct str import_job_path(const struct app *app, const struct uuid *id, struct arena *arena);

/* What a job was asked for, as the database keeps it. */
struct str import_job_args(enum import_format format, enum import_duplicates duplicates, bool dry_run,
			   struct arena *arena);

/* Starts a job that is in the database. False without memory: it will be taken up at the next start. */
bool import_job_start(struct app *app, const struct uuid *user, const struct uuid *id);

/* At the start: goes on with what a stop interrupted. */
void import_jobs_resume(struct app *app);
/* At a stop: running jobs end after the batch they are in. The loop waits for them. */
void import_jobs_stop(struct app *app);

#endif
