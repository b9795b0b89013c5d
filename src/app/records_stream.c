/* SPDX-License-Identifier: MIT */
/*
 * records.RecordsService/StreamRecords: all that a search finds, or a whole collection, page by page. The next page is
 * fetched while the last one is sent; what is held is two pages and, of a search, the numbers of the records.
 */
#include <string.h>

#include "app/app.h"
#include "app/errand.h"
#include "app/grpc_map.h"
#include "app/grpc_methods.h"
#include "app/record.h"
#include "app/search_find.h"
#include "auth/identity.h"
#include "codec/fold.h"
#include "records.pb-c.h"
#include "store_statements.h"

enum {
	PAGE_ROWS = 512,
	PAGE_ROOM = PAGE_ROWS * RECORD_DOC_MAX,
	ERRAND_BUDGET = 128 << 20,
	QUERY_MAX = 1000, /* bytes */
	ELEMENT = 1,	  /* of what an errand brings: each record as this field */
};

struct stream {
	struct errand *errand;
	struct step fetch; /* the next page */
	struct proto_writer writer;
	int64_t skip, left; /* left: to be sent, at most */
	bool last;
	int64_t after;	  /* of a whole collection: the last record's number */
	struct str query; /* folded */
	struct buf rids;  /* of a search: what was found, int32_t each */
	size_t at;	  /* in it, the next page's first */
};

static bool put_record(struct stream *stream, struct str doc, struct buf *to)
{
	struct str said;
	size_t element = wire_open(to, ELEMENT);
	bool done = proto_write(&stream->writer, &records__record__descriptor, doc, to, &said);
	wire_close(to, element);
	return done && !buf_failed(to);
}

static struct turn fail_to_tell(struct call *errand)
{
	return call_fail_with(errand, PROBLEM_INTERNAL, "a record cannot be told");
}

/* ── The whole collection, as it was added ── */

static struct turn stream_all_rows(struct call *errand)
{
	struct stream *stream = errand_owners(errand);
	size_t n = db_n_rows(errand->rows);

	for (size_t i = 0; i < n && stream->left; i++) {
		struct store_records_stream_page_row row = store_records_stream_page_row(errand, i);
		stream->after = row.rid;
		if (!str_present(row.doc))
			continue;
		if (stream->skip) {
			stream->skip--;
			continue;
		}
		stream->left--;
		if (!put_record(stream, row.doc, errand_out(errand)))
			return fail_to_tell(errand);
	}
	stream->last = n < PAGE_ROWS || !stream->left;
	return call_end(errand);
}

static struct turn stream_all(struct call *errand)
{
	const struct stream *stream = errand_owners(errand);
	return store_records_stream_page(errand, app_of(errand)->db, &errand->identity->user, stream->after, PAGE_ROWS,
					 STEP(stream_all_rows));
}

/* ── What a search finds: matched once, so that its pages fit together whatever changes meanwhile ── */

/* A page of the database's is an array of records, which a field of records is, too. */
static struct turn put_page(struct call *errand, struct str docs)
{
	struct stream *stream = errand_owners(errand);
	const ProtobufCFieldDescriptor *records = &records__search_records_response__descriptor.fields[0];
	struct str said;

	if (!proto_write_field(&stream->writer, records, docs, errand_out(errand), &said) ||
	    buf_failed(errand_out(errand)))
		return fail_to_tell(errand);
	return call_end(errand);
}

static struct db_ints next_page(struct stream *stream)
{
	size_t n = stream->rids.len / sizeof(int32_t) - stream->at;
	struct db_ints page = { (const int32_t *)(const void *)stream->rids.at + stream->at,
				n < PAGE_ROWS ? n : PAGE_ROWS };

	stream->at += page.n;
	stream->last = page.n == n;
	return page;
}

static struct turn stream_page_rows(struct call *errand)
{
	struct stream *stream = errand_owners(errand);
	size_t n = db_n_rows(errand->rows);

	for (size_t i = 0; i < n; i++)
		if (!put_record(stream, store_records_stream_found_row(errand, i).doc, errand_out(errand)))
			return fail_to_tell(errand);
	return call_end(errand);
}

static struct turn stream_page(struct call *errand)
{
	struct stream *stream = errand_owners(errand);
	return store_records_stream_found(errand, app_of(errand)->db, &errand->identity->user, next_page(stream),
					  STEP(stream_page_rows));
}

static bool match_all(const struct search_index *index, struct search_order *order, struct arena *arena)
{
	return search_index_find(index, &order->query, order->skip, order->most, arena, &order->found);
}

/* May come twice, when the records had changed: the second match counts. */
static struct turn ask_first_page(struct call *errand, const struct search_order *order, struct db_ints rids,
				  struct step next)
{
	struct stream *stream = errand_owners(errand);

	buf_clear(&stream->rids);
	buf_add(&stream->rids, (struct str){ (const char *)rids.items, rids.n * sizeof(int32_t) });
	if (buf_failed(&stream->rids))
		return call_fail_with(errand, PROBLEM_UNAVAILABLE, "out of memory");
	stream->at = 0;
	return store_search_page(errand, app_of(errand)->db, &order->user, next_page(stream), next);
}

static struct turn stream_first_land(struct call *errand)
{
	return put_page(errand, store_search_page_row(errand, 0).docs);
}

static int64_t version_of_page(const struct call *errand)
{
	return store_search_page_row(errand, 0).version;
}

static const struct search_order_kind whole_order = {
	match_all, ask_first_page, version_of_page, { stream_first_land, "stream_first_land" }
};

/* A query of signs alone has no words to look up: the newest of those that contain it. */
static struct turn stream_containing_land(struct call *errand)
{
	struct stream *stream = errand_owners(errand);
	struct str docs = store_search_containing_row(errand, 0).docs;

	stream->skip += PAGE_ROWS;
	stream->last = str_equal(docs, STR("[]")) || !stream->left;
	return put_page(errand, docs);
}

static struct turn stream_containing(struct call *errand)
{
	struct stream *stream = errand_owners(errand);
	int64_t n = stream->left < PAGE_ROWS ? stream->left : PAGE_ROWS;

	stream->left -= n;
	return store_search_containing(errand, app_of(errand)->db, &errand->identity->user, stream->query, n,
				       stream->skip, STEP(stream_containing_land));
}

static struct turn stream_search(struct call *errand)
{
	struct stream *stream = errand_owners(errand);
	struct search_order order = { .kind = &whole_order,
				      .user = errand->identity->user,
				      .skip = (size_t)stream->skip,
				      .most = (size_t)stream->left,
				      .uncached = true };

	if (!fold_query(errand->arena, stream->query, &order.query))
		return call_fail_with(errand, PROBLEM_INTERNAL, "the request's memory budget is spent");
	stream->fetch = order.query.words.n ? STEP(stream_page) : STEP(stream_containing);
	return order.query.words.n ? search_find(errand, &order) : stream_containing(errand);
}

/* ── Sending ── */

static struct turn stream_send(struct call *call);

static struct turn stream_next(struct call *call)
{
	const struct stream *stream = call->state;
	return errand_await(stream->errand, STEP(stream_send));
}

static bool pack(struct call *call, struct str page)
{
	struct wire_field record;

	while (wire_next(&page, &record) == WIRE_FIELD) {
		void *room = grpc_room(call, record.bytes.len);
		if (!room)
			return false;
		memcpy(room, record.bytes.at, record.bytes.len);
	}
	return true;
}

static struct turn stream_send(struct call *call)
{
	struct stream *stream = call->state;

	if (!pack(call, buf_str(&stream->errand->out)))
		return call_fail_with(call, PROBLEM_UNAVAILABLE, "out of memory");
	if (stream->last)
		return grpc_end(call);
	errand_start(stream->errand, stream->fetch);
	return grpc_flush(call, STEP(stream_next));
}

static void drop_rids(void *arg)
{
	buf_free(&((struct stream *)arg)->rids);
}

/* What is asked for; NULL, or the problem. */
static const struct problem *read_order(struct call *call, struct stream *stream)
{
	struct proto_message message;
	const struct problem *problem = grpc_map_read(&records__search_records_request__descriptor, grpc_message(call),
						      call->arena, call->identity, &message);
	if (problem)
		return problem;
	stream->left = proto_number(&message, 2);
	stream->skip = proto_number(&message, 3);
	if (stream->left < 0 || stream->skip < 0)
		return problem_field(call->arena, stream->left < 0 ? STR("limit") : STR("offset"),
				     STR("must be 0 or more"));
	if (!stream->left)
		stream->left = INT32_MAX;
	if (proto_text(&message, 1).len > QUERY_MAX)
		return problem_field(call->arena, STR("query"), STR("must not be longer than 1000 bytes"));
	stream->query = fold_key(call->arena, proto_text(&message, 1));
	stream->fetch = str_blank(stream->query) ? STEP(stream_all) : STEP(stream_search);
	return NULL;
}

struct turn records_stream(struct call *call)
{
	struct stream *stream = arena_new_of(call->arena, struct stream);
	const struct problem *problem;

	if (!stream || !(stream->errand = errand_new(call, ERRAND_BUDGET, PAGE_ROOM)) ||
	    !call_defer(call, drop_rids, stream))
		return call_fail_with(call, PROBLEM_INTERNAL, "out of memory");
	if ((problem = read_order(call, stream)))
		return call_fail(call, problem);
	stream->rids = buf_of(SIZE_MAX);
	call->state = stream;
	errand_start(stream->errand, stream->fetch);
	return stream_next(call);
}
