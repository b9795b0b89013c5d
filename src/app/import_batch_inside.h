/* SPDX-License-Identifier: MIT */
/*
 * Between import_batch.c, which reads, import_match.c, which compares, import_values.c, which counts, and
 * import_write.c and import_load.c, which write.
 */
#ifndef APP_IMPORT_BATCH_INSIDE_H
#define APP_IMPORT_BATCH_INSIDE_H

#include "app/import_batch.h"

void import_batch_fault(struct import_batch *batch, int64_t row, int64_t line, struct str field, struct str message);
/* Marks items that are duplicates; runs inside the batch's transaction. IMPORT_DONE or IMPORT_FAILED. */
must_use int import_batch_find_duplicates(struct import_batch *batch);
/* Adds new records and all that is derived from them. False when the database refused; then the transaction has failed. */
must_use bool import_batch_load(struct import_batch *batch, struct import_item *const *items, size_t n);

/* What the database counts by, as parallel lists: each value that a record has, sorted by kind and value. */
struct import_counted {
	struct str_list kinds, values, folded, counts;
};
/* False over the arena's budget. */
must_use bool import_count_values(struct import_item *const *items, size_t n, struct arena *arena,
				  struct import_counted *counted);

/* Runs a statement: IMPORT_DONE, or IMPORT_FAILED with batch->said. */
must_use int import_batch_run(struct import_batch *batch, const struct db_statement *statement,
			      const struct db_params *params);
/* Keeps the sentence and is IMPORT_FAILED. */
int import_batch_failed(struct import_batch *batch, struct str said);

#endif
