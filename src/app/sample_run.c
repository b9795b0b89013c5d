/* SPDX-License-Identifier: MIT */
/* A made-up collection, written the way imports are. */
#include "app/sample_run.h"

#include "app/import_pipe.h"
#include "app/sample.h"
#include "base/clock.h"

static bool fill_batch(struct import_batch *batch, struct sample *sample, uint64_t n)
{
	struct record record;

	while (sample->n < n && !import_batch_full(batch))
		if (!sample_next(sample, batch->arena, &record) || !import_batch_add(batch, &record))
			return false;
	return true;
}

static int write_all(const struct sample_order *order, struct import_pipe *pipe, struct arena *arena, struct str *said)
{
	struct sample sample = sample_of(order->seed, clock_wall_ms());

	while (sample.n < (uint64_t)order->n) {
		*said = STR("out of memory");
		if (!fill_batch(import_pipe_batch(pipe), &sample, (uint64_t)order->n) ||
		    import_pipe_flush(pipe, arena, said))
			return -1;
	}
	return import_pipe_finish(pipe, arena, said) ? -1 : 0;
}

static bool tell(void *arg, const struct import_counts *counts)
{
	const struct sample_order *order = arg;
	if (order->progress)
		order->progress(order->arg, counts->added);
	return true;
}

int sample_run(const struct sample_order *order, int64_t *n_added, struct arena *arena, struct str *said)
{
	struct sample_order copy = *order;
	struct import_order import = { .conninfo = order->conninfo,
				       .user = order->user,
				       .duplicates = IMPORT_ADD,
				       .progress = tell,
				       .arg = &copy };
	struct import_pipe pipe;
	int error = import_pipe_open(&pipe, &import, &import.from, "recordd sample", arena, said);

	if (!error)
		error = write_all(order, &pipe, arena, said);
	import_pipe_close(&pipe);
	*n_added = pipe.writer.counts.added;
	return error;
}
