/* SPDX-License-Identifier: MIT */
/* The collection as a download: a stream of pages, never the whole of it in memory. */
#include "app/app.h"
#include "app/export_rows.h"
#include "app/handlers.h"
#include "auth/identity.h"
#include "http/http.h"
#include "obs/log.h"
#include "store_statements.h"

enum {
	PAGE_ROWS = 128,	 /* some 50 KB: what a stream may have made ahead */
	PAGE_ROOM = 64 << 20,	 /* bytes of one page as CSV */
	SCRATCH_ROOM = 16 << 20, /* to read one record in */
};

struct export
{
	bool json;
	struct uuid after; /* the last record sent; nil at first */
	bool last;
};

static struct turn export_page(struct call *call);

static struct turn export_sent(struct call *call)
{
	const struct export *export = call->state;
	return export->last ? reply_stream_end(call) : export_page(call);
}

/* One record with an arena of its own: a page of them must not add up. */
static void add_record(struct str doc, const struct uuid *id, struct buf *page)
{
	owned(arena_drop) struct arena *scratch = arena_new(SCRATCH_ROOM);
	if (!scratch || !export_doc(doc, scratch, page))
		log_error("a stored record cannot be read", LOG_ID("record", id));
}

static void add_records(struct call *call, struct export *export, struct buf *page)
{
	for (size_t i = 0; i < db_n_rows(call->rows); i++) {
		struct store_records_export_page_row row = store_records_export_page_row(call, i);
		if (export->json) {
			buf_add(page, uuid_is_nil(&export->after) ? STR("\n") : STR(",\n"));
			buf_add(page, row.doc);
		} else {
			add_record(row.doc, &row.id, page);
		}
		export->after = row.id;
	}
}

static struct turn export_rows(struct call *call)
{
	struct export *export = call->state;
	owned(buf_free) struct buf page = buf_of(PAGE_ROOM);
	size_t n = db_n_rows(call->rows);

	if (uuid_is_nil(&export->after) && export->json)
		buf_add_char(&page, '[');
	else if (uuid_is_nil(&export->after))
		export_header(&page);
	add_records(call, export, &page);
	export->last = n < PAGE_ROWS;
	if (export->last && export->json)
		buf_add(&page, STR("\n]\n"));
	if (buf_failed(&page))
		return call_fail_with(call, PROBLEM_UNAVAILABLE, "out of memory");
	return page.len ? reply_chunk(call, buf_str(&page), STEP(export_sent)) : reply_stream_end(call);
}

static struct turn export_page(struct call *call)
{
	const struct export *export = call->state;
	const struct uuid *after = uuid_is_nil(&export->after) ? NULL : &export->after;
	return store_records_export_page(call, app_of(call)->db, &call->identity->user, after, PAGE_ROWS,
					 STEP(export_rows));
}

static struct turn export_begin(struct call *call, bool json)
{
	struct export *export = arena_new_of(call->arena, struct export);

	if (!export)
		return call_fail_with(call, PROBLEM_UNAVAILABLE, "out of memory");
	export->json = json;
	call->state = export;
	reply_header(call, STR("content-disposition"),
		     json ? STR("attachment; filename=\"records.json\"") : STR("attachment; filename=\"records.csv\""));
	reply_header(call, STR("cache-control"), STR("private, no-store"));
	return reply_stream(call, 200, json ? STR("application/json") : STR("text/csv; charset=utf-8"), STEP(export_page));
}

struct turn export_csv(struct call *call)
{
	return export_begin(call, false);
}

struct turn export_json(struct call *call)
{
	return export_begin(call, true);
}

struct turn export_to_storage(struct call *call)
{
	return call_fail_with(call, PROBLEM_UNAVAILABLE,
			      "no S3-compatible storage is configured; GET /api/records/export.csv downloads the same");
}
