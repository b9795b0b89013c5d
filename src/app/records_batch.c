/* SPDX-License-Identifier: MIT */
/*
 * Many records changed, deleted or restored in one request, each for itself.
 *
 * A round reads the records that are open, applies to each what is asked, and writes them all with one statement, each
 * under the row version that was read. What somebody else changed in between is left over for the next round, unless the
 * client said which version it must be.
 */
#include "app/app.h"
#include "app/batch.h"
#include "app/handlers.h"
#include "app/records.h"
#include "app/records_page.h"
#include "auth/identity.h"
#include "base/clock.h"
#include "store_statements.h"

enum {
	MAX_ROUNDS = 5,
	MEMORY = 64 << 20, /* of a batch */
	SLICE = 50,	   /* records changed in one turn */
};

static struct turn batch_apply(struct call *call);

/* ── Applying ── */

static void settle(struct batch_operation *operation, int status, struct str error)
{
	operation->status = status;
	operation->error = error;
}

static void settle_as_it_is(struct batch_operation *operation, int status)
{
	operation->status = status;
	operation->record = operation->doc;
}

static void apply_update(struct batch *batch, struct batch_operation *operation)
{
	struct record_check check = { .arena = batch->arena };
	struct record was, record;
	owned(buf_free) struct buf before = buf_of(RECORD_DOC_MAX);

	if (!record_of_doc(&was, operation->doc, batch->arena) || !record_of_doc(&record, operation->doc, batch->arena)) {
		settle(operation, 500, STR("the stored record cannot be read"));
		return;
	}
	record_change(&record, operation->set, &check);
	record_settle(&record, &check);
	const struct problem *problem = record_problem(&check);
	if (problem) {
		batch_refuse(operation, problem);
		return;
	}
	bool changes = record_render_former(&was, &record, &before);
	operation->before = arena_copy(batch->arena, buf_str(&before));
	if (!changes) {
		settle_as_it_is(operation, 200);
		return;
	}
	operation->cover = str_equal(was.cover, record.cover) ? STR_ABSENT : record.cover;
	record_advance(&record, clock_wall_ms());
	operation->writes = record_row_of(&record, batch->arena, &operation->row);
	if (!operation->writes)
		settle(operation, 413, STR("the record is too large"));
}

static void apply(struct batch *batch, struct batch_operation *operation)
{
	bool restores = operation->op == BATCH_RESTORE;

	operation->writes = false;
	if (!operation->there || (operation->deleted && !restores)) {
		settle(operation, 404, STR("no such record"));
	} else if (operation->expected != RECORD_UNSAID && operation->expected != operation->version) {
		settle(operation, 412, STR("the record has changed since"));
		operation->record = operation->doc;
	} else if (operation->op == BATCH_UPDATE) {
		apply_update(batch, operation);
	} else if (restores && !operation->deleted) {
		settle_as_it_is(operation, 200); /* it is done already */
	} else {
		operation->writes = true;
	}
}

/* ── Writing ── */

static struct turn batch_round(struct call *call);

static struct turn batch_answer(struct call *call)
{
	struct batch *batch = call->state;
	owned(buf_free) struct buf body = buf_of(PAGE_BYTES + 2 * BATCH_MAX * RECORD_DOC_MAX);

	batch_render(batch, &body);
	if (buf_failed(&body))
		return call_fail_with(call, PROBLEM_UNAVAILABLE, "out of memory");
	return reply_json(call, 200, buf_str(&body));
}

static void written(struct batch_operation *operation)
{
	switch (operation->op) {
	case BATCH_UPDATE:
		operation->record = operation->row.doc;
		operation->status = 200;
		return;
	case BATCH_DELETE:
		operation->status = 204;
		return;
	case BATCH_RESTORE:
		settle_as_it_is(operation, 200);
		return;
	}
}

static bool is_open(const struct batch_operation *operation)
{
	return operation->status == 0;
}

/* Before anything is written nothing will be; what was written is told. */
static struct turn batch_too_large(struct call *call)
{
	static const struct str words = STR("the batch needs too much memory, send fewer operations");
	struct batch *batch = call->state;

	if (!batch->changed)
		return call_fail_with(call, PROBLEM_TOO_LARGE, "%.*s", STR_ARG(words));
	for (size_t i = 0; i < batch->n; i++)
		if (is_open(&batch->items[i]))
			settle(&batch->items[i], 413, words);
	return batch_answer(call);
}

/* The n-th of those that were written. */
static struct batch_operation *nth_written(struct batch *batch, int64_t n)
{
	for (size_t i = 0; i < batch->n; i++)
		if (batch->items[i].writes && --n == 0)
			return &batch->items[i];
	return NULL;
}

/* Places come in order. */
static struct turn batch_written(struct call *call)
{
	struct batch *batch = call->state;
	size_t n = db_n_rows(call->rows);

	if (records_cover_unknown(call))
		return records_no_such_cover(call);
	for (size_t i = 0; i < n; i++) {
		struct store_records_change_batch_row row = store_records_change_batch_row(call, i);
		struct batch_operation *operation = nth_written(batch, row.place);
		check(operation);
		written(operation);
		batch->changed = row.change_version;
	}
	for (size_t i = 0; i < batch->n; i++)
		batch->items[i].writes = false;
	if (n)
		records_written(call, batch->changed);
	return batch_round(call);
}

/* Arrays of the statement's parameters, an element for each that is written. */
struct columns {
	struct str_list ids, expected, deleted, docs, terms, dup_keys, search_texts;
};

static void add(struct str_list *column, struct str value)
{
	column->items[column->n++] = value;
}

static void add_operation(struct columns *columns, const struct batch_operation *operation, struct arena *arena)
{
	const struct record_row *row = &operation->row;
	bool update = operation->op == BATCH_UPDATE, any = !update && operation->expected == RECORD_UNSAID;

	add(&columns->ids, operation->id_text);
	add(&columns->expected, any ? STR_ABSENT : arena_printf(arena, "%lld", (long long)operation->version));
	add(&columns->deleted, operation->op == BATCH_DELETE ? STR("true") : STR("false"));
	add(&columns->docs, update ? row->doc : STR_ABSENT);
	add(&columns->terms, update ? row->index.terms : STR_ABSENT);
	add(&columns->dup_keys, update ? row->index.dup_key : STR_ABSENT);
	add(&columns->search_texts, update ? row->index.search_text : STR_ABSENT);
}

/* The parameters are as large as the records: they are in the batch's memory, not in the request's. */
static struct turn batch_write(struct call *call)
{
	struct batch *batch = call->state;
	struct columns columns = { 0 };
	struct str_list *const all[] = { &columns.ids,	 &columns.expected, &columns.deleted,	  &columns.docs,
					 &columns.terms, &columns.dup_keys, &columns.search_texts };
	struct db_params params = { 0 };

	for (size_t i = 0; i < countof(all); i++)
		if (!(all[i]->items = arena_array(batch->arena, batch->n, sizeof(struct str))))
			return batch_too_large(call);
	for (size_t i = 0; i < batch->n; i++)
		if (batch->items[i].writes)
			add_operation(&columns, &batch->items[i], batch->arena);
	db_add_uuid(&params, batch->arena, &call->identity->user);
	for (size_t i = 0; i < countof(all); i++)
		db_add_text_array(&params, batch->arena, *all[i]);
	if (arena_exhausted(batch->arena))
		return batch_too_large(call);
	return db_query(call, app_of(call)->db, &store_statement_records_change_batch, &params, STEP(batch_written));
}

/* ── Covers: one that is not the user's would fail the whole statement ── */

static struct turn batch_covers_known(struct call *call)
{
	struct batch *batch = call->state;
	size_t n = db_n_rows(call->rows);

	for (size_t i = 0; i < batch->n; i++) {
		struct batch_operation *operation = &batch->items[i];
		for (size_t row = 0; operation->writes && str_present(operation->cover) && row < n; row++) {
			if (!str_equal(store_records_unknown_covers_row(call, row).cover, operation->cover))
				continue;
			operation->writes = false;
			batch_refuse(operation, problem_field(batch->arena, STR("cover"), STR("is none of your covers")));
		}
	}
	return batch_write(call);
}

static struct turn batch_check_covers(struct call *call)
{
	struct batch *batch = call->state;
	struct str_list covers = { arena_array(call->arena, batch->n, sizeof(struct str)), 0 };

	for (size_t i = 0; covers.items && i < batch->n; i++)
		if (batch->items[i].writes && str_present(batch->items[i].cover))
			add(&covers, batch->items[i].cover);
	if (!covers.n)
		return batch_write(call);
	return store_records_unknown_covers(call, app_of(call)->db, &call->identity->user, covers, STEP(batch_covers_known));
}

/* ── Rounds ── */

static size_t n_writing(const struct batch *batch)
{
	size_t n = 0;

	for (size_t i = 0; i < batch->n; i++)
		n += batch->items[i].writes;
	return n;
}

/* Some at a time: others have their turns, too. */
static struct turn batch_apply(struct call *call)
{
	struct batch *batch = call->state;

	for (size_t n = 0; n < SLICE && batch->at < batch->n; batch->at++) {
		if (!is_open(&batch->items[batch->at]))
			continue;
		apply(batch, &batch->items[batch->at]);
		n++;
	}
	if (arena_exhausted(batch->arena))
		return batch_too_large(call);
	if (batch->at < batch->n)
		return call_next(call, STEP(batch_apply));
	return n_writing(batch) ? batch_check_covers(call) : batch_answer(call);
}

static struct turn batch_take(struct call *call)
{
	struct batch *batch = call->state;
	size_t n = db_n_rows(call->rows), row = 0;

	for (size_t i = 0; i < batch->n; i++) {
		struct batch_operation *operation = &batch->items[i];
		if (!is_open(operation))
			continue;
		check(row < n);
		struct store_records_get_batch_row stored = store_records_get_batch_row(call, row++);
		operation->there = str_present(stored.doc);
		operation->deleted = stored.deleted;
		operation->version = stored.version;
		operation->doc = arena_copy(batch->arena, stored.doc);
	}
	batch->at = 0;
	return batch_apply(call);
}

static struct turn batch_round(struct call *call)
{
	struct batch *batch = call->state;
	struct str_list ids = { arena_array(batch->arena, batch->n, sizeof(struct str)), 0 };

	batch->rounds++;
	for (size_t i = 0; ids.items && i < batch->n; i++) {
		if (!is_open(&batch->items[i]))
			continue;
		if (batch->rounds > MAX_ROUNDS)
			settle(&batch->items[i], 409, STR("others keep changing this record; try again"));
		else
			add(&ids, batch->items[i].id_text);
	}
	if (!ids.n)
		return batch_answer(call);
	return store_records_get_batch(call, app_of(call)->db, &call->identity->user, ids, STEP(batch_take));
}

static void drop_memory(void *arena)
{
	arena_free(arena);
}

struct turn records_batch(struct call *call)
{
	struct batch *batch = arena_new_of(call->arena, struct batch);

	if (!batch || !(batch->arena = arena_new(MEMORY)))
		return call_fail_with(call, PROBLEM_UNAVAILABLE, "out of memory");
	if (!call_defer(call, drop_memory, batch->arena)) {
		arena_free(batch->arena);
		return call_fail_with(call, PROBLEM_UNAVAILABLE, "out of memory");
	}
	const struct problem *problem = batch_read(batch, call->request->body);
	if (problem)
		return call_fail(call, problem);
	call->state = batch;
	return batch_round(call);
}
