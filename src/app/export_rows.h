/* SPDX-License-Identifier: MIT */
/* A collection as CSV: the columns in their order, and a record as a row. import_rows.h reads them back. */
#ifndef APP_EXPORT_ROWS_H
#define APP_EXPORT_ROWS_H

#include "app/record.h"

/* Appends the header. */
void export_header(struct buf *to);
/* Appends one record. */
void export_row(const struct record *record, struct buf *to);
/* The same for a stored document. False, with nothing appended, when it cannot be read. Scratch goes into the arena. */
must_use bool export_doc(struct str doc, struct arena *arena, struct buf *to);

#endif
