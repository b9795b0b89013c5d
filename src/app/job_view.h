/* SPDX-License-Identifier: MIT */
/* A job as clients see it, wherever its row came from. */
#ifndef APP_JOB_VIEW_H
#define APP_JOB_VIEW_H

#include "base/arena.h"
#include "base/uuid.h"
#include "codec/json_out.h"

struct job_view {
	struct uuid id;
	struct str kind, state, args, progress, error; /* args and progress: JSON, as the database keeps it */
	int64_t created_at, updated_at, finished_at;   /* ms since 1970; INT64_MIN: not yet */
	bool undoable;
	struct uuid undone_by; /* nil: nobody */
};

/* Of a row of jobs_get, jobs_list or events_look. */
#define JOB_VIEW(row)                                                                                          \
	((struct job_view){ .id = (row)->id,                                                                   \
			    .kind = (row)->kind,                                                               \
			    .state = (row)->state,                                                             \
			    .args = (row)->args,                                                               \
			    .progress = (row)->progress,                                                       \
			    .error = (row)->error,                                                             \
			    .created_at = (row)->created_at,                                                   \
			    .updated_at = (row)->updated_at,                                                   \
			    .finished_at = (row)->finished_at,                                                 \
			    .undoable = (row)->undoable,                                                       \
			    .undone_by = (row)->undone_by })

/* Adds the job as an object; on one line, as all JSON of ours. False when it cannot be read, or over the arena's budget. */
must_use bool job_put(const struct job_view *job, struct arena *arena, struct json_out *out);

#endif
