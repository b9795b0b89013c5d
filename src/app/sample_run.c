/* SPDX-License-Identifier: MIT */
/* A made-up collection, written the way imports are. */
#include "app/sample_run.h"

#include "app/import_batch.h"
#include "app/sample.h"
#include "base/clock.h"

static bool make_batch(struct import_batch *batch, struct sample *sample, uint64_t n)
{
	struct record record;

	if (!import_batch_begin(batch))
		return false;
	while (sample->n < n && !import_batch_full(batch))
		if (!sample_next(sample, batch->arena, &record) || !import_batch_add(batch, &record))
			return false;
	return true;
}

static int write_all(const struct sample_order *order, struct import_batch *batch)
{
	struct sample sample = sample_of(order->seed, clock_wall_ms());

	while (sample.n < (uint64_t)order->n) {
		batch->said = STR("out of memory");
		if (!make_batch(batch, &sample, (uint64_t)order->n) || import_batch_write(batch))
			return -1;
		if (order->progress)
			order->progress(order->arg, batch->counts.added);
	}
	return 0;
}

int sample_run(const struct sample_order *order, int64_t *n_added, struct arena *arena, struct str *said)
{
	struct import_order import = { .conninfo = order->conninfo, .user = order->user, .duplicates = IMPORT_ADD };
	struct import_batch batch = { .order = &import };
	int error = -1;

	batch.sync = db_sync_open(order->conninfo, "recordd sample", arena, said);
	if (batch.sync) {
		error = write_all(order, &batch);
		*said = error ? arena_copy(arena, batch.said) : STR("");
	}
	*n_added = batch.counts.added;
	db_sync_close(batch.sync);
	import_batch_free(&batch);
	return error;
}
