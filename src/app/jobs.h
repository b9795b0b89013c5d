/* SPDX-License-Identifier: MIT */
/*
 * Jobs at work: calls of their own on the worker pool, kept in the database and gone on with after a stop. Begin, work,
 * note how it ended; again after a database that was away. What there is to do is the kind's.
 */
#ifndef APP_JOBS_H
#define APP_JOBS_H

#include <stdatomic.h>

#include "app/app.h"
#include "codec/json.h"

struct job {
	struct call call; /* in whose arena all of it is */
	struct link link; /* of app->running_jobs */
	struct app *app;
	const struct job_kind *kind;
	struct uuid user, id;
	void *order;	  /* the kind's own */
	atomic_bool stop; /* set by the loop, seen by the worker */
	int outcome;
	struct str said;
	struct str state, error; /* how it ended */
	unsigned tries, n_looks; /* n_looks: how often more it is looked for */
};

struct job_kind {
	struct str name; /* in the database */
	/* What is asked for, and where an interrupted one stood, into job->order; again at each try. False: cannot be read. */
	bool (*read)(struct job *job, const struct json *args, const struct json *progress);
	/* On a worker, until it is done or job->stop is set. An enum import_outcome; *said in the call's arena. */
	int (*work)(struct job *job, struct str *said);
	/* It is at its end (job->state): to be logged and counted. */
	void (*told)(const struct job *job);
	/* Its row says that it is over: what it had may go. May be NULL. */
	void (*over)(struct job *job);
	/* Whether this node can go on with it; NULL: any can. */
	bool (*is_here)(const struct app *app, const struct uuid *id, struct arena *arena);
};

extern const struct job_kind import_job_kind, undo_job_kind;

enum {
	JOB_THERE = 0,
	JOB_COMES = 10, /* what adds it may be on its way still, its client having hung up: it is looked for so often */
};

/* Starts a job that is in the database, or comes. False without memory, or when the server stops: the next start takes it up. */
bool job_start(struct app *app, const struct job_kind *kind, const struct uuid *user, const struct uuid *id, unsigned n_looks);

/* At the start: goes on with what a stop interrupted. */
void jobs_resume(struct app *app);
/* At a stop: running jobs end after the step they are in. The loop waits for them. */
void jobs_stop(struct app *app);

#endif
