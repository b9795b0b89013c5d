/* SPDX-License-Identifier: MIT */
/* Reading records: one, the newest, the trash, what changed. A page is in records_list.c. */
#include "app/app.h"
#include "app/handlers.h"
#include "app/records.h"
#include "app/records_page.h"
#include "auth/identity.h"
#include "store_statements.h"

enum {
	LIST_LIMIT = 100,
	LIST_LIMIT_MAX = 200,
	CHANGES_LIMIT = 500,
	CHANGES_LIMIT_MAX = 1000,
	RECORD_TTL_MS = 120000,
};

/* ── One ── */

static struct turn fill_record_land(struct call *flight)
{
	if (db_n_rows(flight->rows) == 0)
		return records_not_found(flight);
	struct store_records_get_row row = store_records_get_row(flight, 0);
	return row.deleted ? records_not_found(flight) : cache_land(flight, row.doc);
}

static struct turn fill_record(struct call *flight)
{
	const struct cache_key *key = cache_key_of(flight);
	struct uuid id;
	if (!uuid_parse(key->text, &id))
		return records_not_found(flight);
	return store_records_get(flight, app_of(flight)->db, &key->user, &id, STEP(fill_record_land));
}

static const struct cache_kind record_kind = {
	.name = "record",
	.ttl_ms = RECORD_TTL_MS,
	.fill = { fill_record, "fill_record" },
	.never_stale = true, /* what is edited next must be what there is */
};

static struct turn records_get_answer(struct call *call)
{
	struct cache_answer answer = cache_answer_of(call);
	struct uuid id;

	if (!records_path_id(call, &id))
		return records_not_found(call);
	struct str etag = records_etag(call, &id, record_version_of(blob_str(answer.body)));
	reply_header(call, STR("etag"), etag);
	reply_header(call, STR("cache-status"), cache_status_text(&answer, call->arena));
	reply_header(call, STR("x-cache"), answer.status == CACHE_HIT ? STR("HIT") : STR("MISS"));
	if (records_none_match(call->request, etag))
		return reply_empty(call, 304);
	return reply_blob(call, 200, STR("application/json"), answer.body, STR_ABSENT);
}

struct turn records_get(struct call *call)
{
	struct cache_key key = { .kind = &record_kind, .user = call->identity->user };
	char *text = arena_alloc(call->arena, UUID_TEXT + 1);
	struct uuid id;

	if (!text || !records_path_id(call, &id))
		return records_not_found(call);
	key.text = uuid_format(&id, text);
	return cache_fetch(call, app_of(call)->cache, &key, STEP(records_get_answer));
}

/* ── The newest ── */

static struct turn records_recent_answer(struct call *call)
{
	owned(page_body_drop) struct page_body body = page_body_new();

	for (size_t i = 0; i < db_n_rows(call->rows); i++)
		if (!page_body_add(&body, store_records_recent_row(call, i).doc))
			break;
	return page_reply(call, &body);
}

struct turn records_recent(struct call *call)
{
	struct record_check check = { .arena = call->arena };
	int64_t limit = page_int(call, STR("limit"), 1, LIST_LIMIT_MAX, LIST_LIMIT, &check);
	const struct problem *problem = record_problem(&check);

	if (problem)
		return call_fail(call, problem);
	return store_records_recent(call, app_of(call)->db, &call->identity->user, limit, STEP(records_recent_answer));
}

/* ── The trash ── */

/* The document with one member more: when it was deleted. */
static struct str with_deleted_at(struct str doc, int64_t deleted_at, struct buf *to)
{
	struct json_out out = json_out_of(to);
	buf_clear(to);
	buf_add(to, str_first(doc, doc.len - 1));
	buf_add_char(to, ',');
	json_put_time_ms(&out, STR("deletedAt"), deleted_at);
	buf_add_char(to, '}');
	return buf_str(to);
}

static struct turn records_trash_answer(struct call *call)
{
	const struct page *page = call->state;
	owned(page_body_drop) struct page_body body = page_body_new();
	owned(buf_free) struct buf doc = buf_of(2 * RECORD_DOC_MAX);
	size_t n = db_n_rows(call->rows), at;

	for (at = 0; at < n && at < (size_t)page->limit; at++) {
		struct store_records_trash_row row = store_records_trash_row(call, at);
		if (!page_body_add(&body, with_deleted_at(row.doc, row.deleted_at, &doc)))
			break;
	}
	if (at < n)
		page_link_offset(call, page->offset + (int64_t)at);
	return page_reply(call, &body);
}

struct turn records_trash(struct call *call)
{
	struct record_check check = { .arena = call->arena };
	struct page *page = arena_new_of(call->arena, struct page);

	if (!page)
		return call_fail_with(call, PROBLEM_UNAVAILABLE, "out of memory");
	*page = page_of(call, LIST_LIMIT, LIST_LIMIT_MAX, &check);
	const struct problem *problem = record_problem(&check);
	if (problem)
		return call_fail(call, problem);
	call->state = page;
	return store_records_trash(call, app_of(call)->db, &call->identity->user, page->offset, page->limit + 1,
				   STEP(records_trash_answer));
}

/* ── What changed ── */

struct changes_request {
	int64_t since, limit;
	int64_t version; /* the user's, before the rows were read */
	int64_t horizon; /* asked for: that under which the reading began; then the user's */
};

static struct str change_json(const struct store_records_changes_row *row, struct buf *to)
{
	struct json_out out = json_out_of(to);
	buf_clear(to);
	json_object(&out);
	json_put_int(&out, STR("version"), row->version);
	json_put_uuid(&out, STR("id"), &row->id);
	json_put_bool(&out, STR("deleted"), row->deleted);
	json_put_raw(&out, STR("record"), row->doc);
	json_object_end(&out);
	return buf_str(to);
}

static struct turn records_changes_answer(struct call *call)
{
	const struct changes_request *changes = call->state;
	owned(page_body_drop) struct page_body body = page_body_new();
	owned(buf_free) struct buf json = buf_of(2 * RECORD_DOC_MAX);
	size_t n = db_n_rows(call->rows), at;
	int64_t version = changes->since;

	for (at = 0; at < n && at < (size_t)changes->limit; at++) {
		struct store_records_changes_row row = store_records_changes_row(call, at);
		if (!page_body_add(&body, change_json(&row, &json)))
			break;
		version = row.version;
	}
	if (at < n)
		page_link_since(call, version, changes->horizon);
	else if (version < changes->version)
		version = changes->version; /* the last changes may be deletions that were purged */
	reply_header(call, STR("x-change-version"), arena_printf(call->arena, "%lld", (long long)version));
	return page_reply(call, &body);
}

/* A reading that began with nothing, or beyond the horizon, misses no deletion while the horizon stays where it was. */
static bool changes_known(const struct changes_request *changes, const struct store_records_stats_row *stats)
{
	if (changes->since > stats->version)
		return false;
	return changes->since == 0 || changes->since >= stats->horizon || changes->horizon == stats->horizon;
}

static struct turn records_changes_rows(struct call *call)
{
	struct changes_request *changes = call->state;
	struct store_records_stats_row stats = { 0 };

	if (db_n_rows(call->rows))
		stats = store_records_stats_row(call, 0);
	if (!changes_known(changes, &stats))
		return call_fail_with(call, PROBLEM_GONE,
				      "changes since then are no longer known: read everything again, since=0");
	changes->version = stats.version;
	changes->horizon = stats.horizon;
	return store_records_changes(call, app_of(call)->db, &call->identity->user, changes->since, changes->limit + 1,
				     STEP(records_changes_answer));
}

struct turn records_changes(struct call *call)
{
	struct record_check check = { .arena = call->arena };
	struct changes_request *changes = arena_new_of(call->arena, struct changes_request);

	if (!changes)
		return call_fail_with(call, PROBLEM_UNAVAILABLE, "out of memory");
	*changes = (struct changes_request){
		.since = page_int(call, STR("since"), 0, INT64_MAX, 0, &check),
		.limit = page_int(call, STR("limit"), 1, CHANGES_LIMIT_MAX, CHANGES_LIMIT, &check),
		.horizon = page_int(call, STR("horizon"), 0, INT64_MAX, RECORD_UNSAID, &check),
	};
	const struct problem *problem = record_problem(&check);
	if (problem)
		return call_fail(call, problem);
	call->state = changes;
	return store_records_stats(call, app_of(call)->db, &call->identity->user, STEP(records_changes_rows));
}
