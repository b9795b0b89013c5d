/* SPDX-License-Identifier: MIT */
/* Two batches in turn: one is filled while a thread of its own writes the other, so that reading and the database overlap. */
#ifndef APP_IMPORT_PIPE_H
#define APP_IMPORT_PIPE_H

#include <pthread.h>

#include "app/import_batch.h"

struct import_pipe {
	struct import_writer writer;
	struct import_batch batches[2];
	unsigned filling; /* which of them */
	pthread_t thread;
	bool writing; /* the thread is there */
	int outcome;  /* of the last write */
};

/*
 * Connects and begins the first batch. 0, or -1 with *said in the arena. `counts` is where an interrupted import stood.
 * Close in any case.
 */
must_use int import_pipe_open(struct import_pipe *pipe, const struct import_order *order,
			      const struct import_counts *counts, const char *application_name, struct arena *arena,
			      struct str *said);
void import_pipe_close(struct import_pipe *pipe);

/* The batch to be filled. */
static inline struct import_batch *import_pipe_batch(struct import_pipe *pipe)
{
	return &pipe->batches[pipe->filling];
}

/*
 * Hands over the batch that was filled and begins the next. The outcome is that of the batch before: its faults and
 * progress have been told, and unless it is IMPORT_DONE nothing was handed over. *said as in import_run.
 */
must_use int import_pipe_flush(struct import_pipe *pipe, struct arena *arena, struct str *said);
/* The same for the last batch: it has been written when this returns. */
must_use int import_pipe_finish(struct import_pipe *pipe, struct arena *arena, struct str *said);

#endif
