/* SPDX-License-Identifier: MIT */
/* Reading and writing at the same time. */
#include "app/import_pipe.h"

/* The batch that is not being filled. */
static struct import_batch *other_batch(struct import_pipe *pipe)
{
	return &pipe->batches[1 - pipe->filling];
}

int import_pipe_open(struct import_pipe *pipe, const struct import_order *order, const struct import_counts *counts,
		     const char *application_name, struct arena *arena, struct str *said)
{
	*pipe = (struct import_pipe){ .writer = { .order = order, .counts = *counts } };
	pipe->batches[0].writer = pipe->batches[1].writer = &pipe->writer;
	pipe->batches[0].read.position = counts->position;
	pipe->batches[0].room = IMPORT_FIRST_BATCH;
	pipe->writer.sync = db_sync_open(order->conninfo, application_name, arena, said);
	if (!pipe->writer.sync)
		return -1;
	if (import_batch_begin(&pipe->batches[0]))
		return 0;
	*said = STR("out of memory");
	return -1;
}

void import_pipe_close(struct import_pipe *pipe)
{
	if (pipe->writing)
		pthread_join(pipe->thread, NULL);
	import_batch_free(&pipe->batches[0]);
	import_batch_free(&pipe->batches[1]);
	import_seen_free(&pipe->writer.seen);
	db_sync_close(pipe->writer.sync);
}

static void *write_batch(void *arg)
{
	struct import_pipe *pipe = arg;
	pipe->outcome = import_batch_write(other_batch(pipe));
	return NULL;
}

/* What a batch had to say, when it is written. */
static int tell(const struct import_pipe *pipe, const struct import_batch *batch)
{
	const struct import_order *order = pipe->writer.order;

	for (const struct import_fault_link *link = batch->faults; order->faulty && link; link = link->next)
		order->faulty(order->arg, &link->fault);
	if (order->progress && !order->progress(order->arg, &pipe->writer.counts))
		return IMPORT_STOPPED;
	return IMPORT_DONE;
}

/* Until the batch under way is written. */
static int await(struct import_pipe *pipe, struct arena *arena, struct str *said)
{
	if (!pipe->writing)
		return IMPORT_DONE;
	pthread_join(pipe->thread, NULL);
	pipe->writing = false;
	if (pipe->outcome == IMPORT_DONE)
		return tell(pipe, other_batch(pipe));
	*said = arena_copy(arena, other_batch(pipe)->said);
	return pipe->outcome;
}

int import_pipe_flush(struct import_pipe *pipe, struct arena *arena, struct str *said)
{
	int outcome = await(pipe, arena, said);
	if (outcome)
		return outcome;
	pipe->filling = 1 - pipe->filling;
	size_t room = 2 * other_batch(pipe)->room;
	import_pipe_batch(pipe)->room = room < IMPORT_BATCH_ROWS ? room : IMPORT_BATCH_ROWS;
	import_pipe_batch(pipe)->read.position = other_batch(pipe)->read.position;
	*said = STR("out of memory");
	if (!import_batch_begin(import_pipe_batch(pipe)) || pthread_create(&pipe->thread, NULL, write_batch, pipe))
		return IMPORT_FAILED;
	pipe->writing = true;
	return IMPORT_DONE;
}

int import_pipe_finish(struct import_pipe *pipe, struct arena *arena, struct str *said)
{
	import_pipe_batch(pipe)->last = true;
	int outcome = import_pipe_flush(pipe, arena, said);
	return outcome ? outcome : await(pipe, arena, said);
}
