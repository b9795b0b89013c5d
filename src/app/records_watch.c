/* SPDX-License-Identifier: MIT */
/*
 * records.RecordsService/WatchRecords: what changed since a version, then each change as it is committed, by whomever, on
 * whichever node. The change feed only says that there is something; what it is comes from the database, in the order of
 * versions. So nothing is lost or doubled, and a client goes on from the last version it got.
 */
#include <string.h>

#include "app/app.h"
#include "app/errand.h"
#include "app/grpc_map.h"
#include "app/grpc_methods.h"
#include "app/record.h"
#include "app/users.h"
#include "auth/identity.h"
#include "codec/proto.h"
#include "records.pb-c.h"
#include "store_statements.h"

enum {
	PAGE_ROWS = 256,
	PAGE_ROOM = 2 * PAGE_ROWS * RECORD_DOC_MAX,
	ERRAND_BUDGET = 1 << 20,
	ELEMENT = 1, /* of what an errand brings: each message as this field */
};

struct watch {
	struct errand *errand;
	struct watcher watcher;
	int64_t since;
	int64_t horizon; /* when it began: deletions before are not known any more */
	bool more;	 /* the last page was full */
	bool begun;
};

/* ── Reading, beside the call ── */

/* A deleted record is its id. */
static bool put_change(struct buf *to, struct proto_writer *writer, const struct store_records_changes_row *row)
{
	const ProtobufCFieldDescriptor *fields = records__record_change__descriptor.fields;
	char id[UUID_TEXT + 1];
	struct str said, doc = row->doc;
	owned(buf_free) struct buf stub = buf_of(128);

	if (row->deleted) {
		buf_printf(&stub, "{\"id\":\"%.*s\"}", STR_ARG(uuid_format(&row->id, id)));
		doc = buf_str(&stub);
	}
	size_t element = wire_open(to, ELEMENT);
	wire_put_number(to, fields[0].id, (uint64_t)row->version);
	if (row->deleted)
		wire_put_number(to, fields[1].id, true);
	bool done = proto_write_field(writer, &fields[2], doc, to, &said);
	wire_close(to, element);
	return done;
}

static struct turn watch_read_rows(struct call *errand)
{
	struct watch *watch = errand_owners(errand);
	struct proto_writer writer = { 0 };
	size_t n = db_n_rows(errand->rows);
	struct buf *out = errand_out(errand);

	for (size_t i = 0; i < n; i++) {
		struct store_records_changes_row row = store_records_changes_row(errand, i);
		if (!put_change(out, &writer, &row) || buf_failed(out))
			return call_fail_with(errand, PROBLEM_INTERNAL, "a change cannot be told");
		watch->since = row.version;
	}
	watch->more = n == PAGE_ROWS;
	return call_end(errand);
}

/* One that began with nothing, or beyond the horizon, misses no deletion while the horizon stays where it was. */
static bool is_known(const struct watch *watch, const struct store_records_stats_row *stats)
{
	if (watch->begun)
		return watch->since >= stats->horizon || watch->horizon == stats->horizon;
	return watch->since <= stats->version && (watch->since == 0 || watch->since >= stats->horizon);
}

static struct turn watch_read_stats(struct call *errand)
{
	static const struct problem unknown = {
		.kind = PROBLEM_GONE,
		.error = STR("changes since then are not known: read everything again, from since_version 0"),
		.grpc_code = GRPC_OUT_OF_RANGE,
	};
	struct watch *watch = errand_owners(errand);
	struct store_records_stats_row stats = { 0 };

	if (db_n_rows(errand->rows))
		stats = store_records_stats_row(errand, 0);
	if (!is_known(watch, &stats))
		return call_fail(errand, &unknown);
	if (!watch->begun)
		watch->horizon = stats.horizon;
	watch->begun = true;
	return store_records_changes(errand, app_of(errand)->db, &errand->identity->user, watch->since, PAGE_ROWS,
				     STEP(watch_read_rows));
}

static struct turn watch_read(struct call *errand)
{
	return store_records_stats(errand, app_of(errand)->db, &errand->identity->user, STEP(watch_read_stats));
}

/* ── Telling ── */

static struct turn watch_send(struct call *call);

static struct turn watch_again(struct call *call)
{
	struct watch *watch = call->state;

	if (!users_stream_holds(app_of(call), call->identity))
		return call_fail_with(call, PROBLEM_UNAUTHENTICATED, "the token was revoked");
	if (app_of(call)->draining)
		return call_fail_with(call, PROBLEM_UNAVAILABLE, "the server is stopping");
	errand_start(watch->errand, STEP(watch_read));
	return errand_await(watch->errand, STEP(watch_send));
}

static struct turn watch_sent(struct call *call)
{
	struct watch *watch = call->state;

	if (watch->more)
		return watch_again(call);
	errand_rest(watch->errand);
	return watcher_wait(&watch->watcher, STEP(watch_again));
}

static struct turn watch_send(struct call *call)
{
	const struct watch *watch = call->state;
	struct str rest = buf_str(&watch->errand->out);
	struct wire_field change;

	while (wire_next(&rest, &change) == WIRE_FIELD) {
		void *room = grpc_room(call, change.bytes.len);
		if (!room)
			return call_fail_with(call, PROBLEM_UNAVAILABLE, "out of memory");
		memcpy(room, change.bytes.at, change.bytes.len);
	}
	return grpc_flush(call, STEP(watch_sent));
}

struct turn records_watch(struct call *call)
{
	struct app *app = app_of(call);
	struct watch *watch = arena_new_of(call->arena, struct watch);
	struct proto_message message;
	const struct problem *problem = grpc_map_read(&records__watch_records_request__descriptor, grpc_message(call),
						      call->arena, call->identity, &message);

	if (problem)
		return call_fail(call, problem);
	if (!watch || !(watch->errand = errand_new(call, ERRAND_BUDGET, PAGE_ROOM)) ||
	    !watcher_begin(&watch->watcher, &app->watchers, call, &call->identity->user))
		return call_fail_with(call, PROBLEM_INTERNAL, "out of memory");
	watch->since = proto_number(&message, 0);
	if (watch->since < 0)
		return call_fail(call, problem_field(call->arena, STR("sinceVersion"), STR("must be 0 or more")));
	call->state = watch;
	return watch_again(call);
}
