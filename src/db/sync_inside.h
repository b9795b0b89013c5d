/* SPDX-License-Identifier: MIT */
/* The blocking connection's inside, shared by its queries and its COPY. */
#ifndef DB_SYNC_INSIDE_H
#define DB_SYNC_INSIDE_H

#include "base/buf.h"
#include "db/rows.h"
#include "db/statement_set.h"
#include "db/sync.h"

enum { COPY_CHUNK = 128 * 1024, COPY_ROW_MAX = 64 * 1024 * 1024 };

struct db_sync {
	PGconn *pg;
	struct db_statement_set prepared;
	struct db_rows rows;
	char said[512];
	struct buf copy;  /* rows not yet sent */
	size_t row;	  /* where the last one begins */
	size_t n_columns; /* of the row that is not yet at its end */
	bool copy_failed;
};

/* Remembers libpq's last error as the sentence; returns -1. */
int db_sync_fail(struct db_sync *sync, const char *what);

#endif
