/* SPDX-License-Identifier: MIT */
/* Some thousand rows of an import: read, compared with each other and with what is there, written as one transaction. */
#ifndef APP_IMPORT_BATCH_H
#define APP_IMPORT_BATCH_H

#include "app/import_run.h"
#include "app/import_seen.h"
#include "app/record_row.h"
#include "codec/csv.h"
#include "db/sync.h"

enum { IMPORT_FIRST_BATCH = 1000, IMPORT_BATCH_ROWS = 8000 };

/* One row on its way in. */
struct import_item {
	struct record record;	 /* the new one, or the stored one with what the row adds to it */
	struct fold_index index; /* of the record as it was read */
	struct str doc;		 /* of the same */
	int64_t row, line;
	int64_t stored_version; /* of the stored one it goes into; 0: none, it is new */
	bool changed;		/* has to be written */
	bool filled;		/* by other rows: index and doc are out of date */
	bool dropped;		/* is part of another item, or skipped */
};

struct import_fault_link {
	struct import_fault fault;
	struct import_fault_link *next;
};

/* What all batches of an import are written with, one after another. */
struct import_writer {
	const struct import_order *order;
	struct db_sync *sync;
	struct import_seen seen;
	struct import_counts counts; /* of the batches written so far */
};

/* While one thread writes a batch, another may fill the next: filling touches neither the writer's state nor its order's. */
struct import_batch {
	struct import_writer *writer;
	struct arena *arena;
	struct import_item *items;
	size_t n, room;		     /* the first batches are small, so that the database has something to do soon */
	bool last;		     /* of its import: safe on disk once it is written */
	struct import_counts read;   /* rows and failed: of this batch; position, bytes_done: of the file */
	struct import_counts counts; /* of the import, once this batch is written */
	struct import_fault_link *faults, *last_fault;
	struct str said; /* of a failure */
};

/* Begins a batch: what it held is gone. False without memory. */
must_use bool import_batch_begin(struct import_batch *batch);
void import_batch_free(struct import_batch *batch);
bool import_batch_full(const struct import_batch *batch);
/* Takes one row of the file: an item, or its faults. */
void import_batch_take(struct import_batch *batch, const struct import_columns *columns, const struct csv_row *row);
/* Takes a record that was not read from a file. False over the memory budget. */
must_use bool import_batch_add(struct import_batch *batch, const struct record *record);
/* Writes the batch and how far the import is: IMPORT_DONE, IMPORT_CANCELLED or IMPORT_FAILED with batch->said. */
must_use int import_batch_write(struct import_batch *batch);

#endif
