/* SPDX-License-Identifier: MIT */
/* A whole collection into a file, as CSV or as a JSON array. */
#include "app/export_run.h"

#include <errno.h>
#include <string.h>

#include "app/export_rows.h"
#include "db/sync.h"
#include "store_statements.h"

enum { PAGE_ROWS = 1000, PAGE_ROOM = 256 << 20, SCRATCH_ROOM = 16 << 20 };

bool export_format_parse(struct str text, enum export_format *out)
{
	static const struct str texts[] = { [EXPORT_CSV] = STR("csv"), [EXPORT_JSON] = STR("json") };
	for (size_t i = 0; i < countof(texts); i++) {
		if (str_equal_nocase(texts[i], text)) {
			*out = (enum export_format)i;
			return true;
		}
	}
	return false;
}

struct export
{
	const struct export_order *order;
	struct db_sync *sync;
	struct buf page;
	struct uuid after; /* nil at first */
	int64_t n_done;
};

static bool add_record(struct export *export, struct str doc)
{
	if (export->order->format == EXPORT_JSON) {
		buf_add(&export->page, export->n_done ? STR(",\n") : STR("\n"));
		buf_add(&export->page, doc);
		return true;
	}
	owned(arena_drop) struct arena *scratch = arena_new(SCRATCH_ROOM);
	return scratch && export_doc(doc, scratch, &export->page);
}

static int write_page(struct export *export, struct arena *arena, struct str *said)
{
	struct str bytes = buf_str(&export->page);
	*said = STR("out of memory");
	if (buf_failed(&export->page))
		return -1;
	if (fwrite(bytes.at, 1, bytes.len, export->order->to) < bytes.len) {
		*said = arena_printf(arena, "the file cannot be written: %s", strerror(errno));
		return -1;
	}
	buf_clear(&export->page);
	if (export->order->progress)
		export->order->progress(export->order->arg, export->n_done);
	return 0;
}

/* One page; 1 when there are more. */
static int export_page(struct export *export, struct arena *arena, struct str *said)
{
	owned(arena_drop) struct arena *scratch = arena_new(SCRATCH_ROOM);
	struct db_params params = { 0 };

	*said = STR("out of memory");
	if (!scratch)
		return -1;
	db_add_uuid(&params, scratch, &export->order->user);
	db_add_uuid(&params, scratch, uuid_is_nil(&export->after) ? NULL : &export->after);
	db_add_int(&params, scratch, PAGE_ROWS);
	if (db_sync_run(export->sync, &store_statement_records_export_page, &params)) {
		*said = arena_copy(arena, db_sync_said(export->sync));
		return -1;
	}
	struct call rows = { .rows = db_sync_rows(export->sync) };
	size_t n = db_n_rows(rows.rows);
	for (size_t i = 0; i < n; i++) {
		struct store_records_export_page_row row = store_records_export_page_row(&rows, i);
		if (!add_record(export, row.doc)) {
			*said = STR("a stored record cannot be read");
			return -1;
		}
		export->after = row.id;
		export->n_done++;
	}
	return write_page(export, arena, said) ? -1 : n == PAGE_ROWS;
}

static int export_all(struct export *export, struct arena *arena, struct str *said)
{
	bool csv = export->order->format == EXPORT_CSV;
	int more;

	if (csv)
		export_header(&export->page);
	else
		buf_add_char(&export->page, '[');
	while ((more = export_page(export, arena, said)) > 0)
		continue;
	if (more < 0)
		return -1;
	if (!csv)
		buf_add(&export->page, STR("\n]\n"));
	return write_page(export, arena, said);
}

int export_run(const struct export_order *order, int64_t *n_done, struct arena *arena, struct str *said)
{
	struct export export = { .order = order, .page = buf_of(PAGE_ROOM) };
	int error = -1;

	export.sync = db_sync_open(order->conninfo, "recordd export", arena, said);
	if (export.sync)
		error = export_all(&export, arena, said);
	*n_done = export.n_done;
	db_sync_close(export.sync);
	buf_free(&export.page);
	return error;
}
