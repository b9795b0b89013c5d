/* SPDX-License-Identifier: MIT */
/* Between import_batch.c, which reads and compares, and import_write.c, which writes. */
#ifndef APP_IMPORT_BATCH_INSIDE_H
#define APP_IMPORT_BATCH_INSIDE_H

#include "app/import_batch.h"

void import_batch_fault(struct import_batch *batch, int64_t row, int64_t line, struct str field, struct str message);
/* Marks items that are duplicates; runs inside the batch's transaction. */
must_use int import_batch_find_duplicates(struct import_batch *batch);

/* An empty list with room for a text an item. */
struct str_list import_batch_texts(struct import_batch *batch);
/* Keeps the sentence and is IMPORT_FAILED. */
int import_batch_failed(struct import_batch *batch, struct str said);

#endif
