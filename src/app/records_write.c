/* SPDX-License-Identifier: MIT */
/* Writing records: add, change, delete, restore, aliases. */
#include "app/app.h"
#include "app/handlers.h"
#include "app/record_row.h"
#include "app/records.h"
#include "auth/identity.h"
#include "base/clock.h"
#include "codec/utf8.h"
#include "store_statements.h"

enum {
	MAX_TRIES = 5, /* of a change without If-Match, each after somebody else was first */
	MAX_ALIASES = 50,	    /* at a time */
	MAX_ALIASES_OF_RECORD = 200, /* they are read with its terms, all of them, whenever it has changed */
	LONGEST_ALIAS = 256,
};

/* ── Adding ── */

struct creation {
	struct record record;
	struct record_row row;
};

static struct turn records_create_answer(struct call *call)
{
	const struct creation *creation = call->state;

	if (records_cover_unknown(call))
		return records_no_such_cover(call);
	if (db_sqlstate(call->rows)[0])
		return call_fail_with(call, PROBLEM_CONFLICT, "there is such a record already");
	records_written(call, store_records_insert_row(call, 0).change_version);
	return records_reply(call, 201, &creation->record.id, creation->row.doc);
}

struct turn records_create(struct call *call)
{
	struct record_check check = { .arena = call->arena };
	struct creation *creation = arena_new_of(call->arena, struct creation);
	struct turn refused;
	const struct json *body = records_body(call, &refused);

	if (!body)
		return refused;
	if (!creation)
		return call_fail_with(call, PROBLEM_UNAVAILABLE, "out of memory");
	struct record *record = &creation->record;
	*record = record_blank();
	record_change(record, body, &check);
	record_settle(record, &check);
	const struct problem *problem = record_problem(&check);
	if (problem)
		return call_fail(call, problem);
	record_begin(record, &call->identity->user, clock_wall_ms());
	if (!record_row_of(record, call->arena, &creation->row))
		return call_fail_with(call, PROBLEM_TOO_LARGE, "the record is too large");
	call->state = creation;
	return store_records_insert(call, app_of(call)->db, &call->identity->user, &record->id, creation->row.doc,
				    creation->row.index.terms, creation->row.index.dup_key,
				    creation->row.index.search_text, STEP(records_create_answer));
}

/* ── Changing ── */

struct change {
	struct uuid id;
	const struct json *body;
	struct record_row row;
	unsigned tries;
};

static struct turn records_update_read(struct call *call);

static struct turn records_update_answer(struct call *call)
{
	struct change *change = call->state;

	if (records_cover_unknown(call))
		return records_no_such_cover(call);
	if (db_n_rows(call->rows)) {
		records_written(call, store_records_update_row(call, 0).change_version);
		return records_reply(call, 200, &change->id, change->row.doc);
	}
	if (records_has_condition(call->request))
		return records_changed_meanwhile(call);
	if (++change->tries < MAX_TRIES)
		return records_update_read(call);
	return call_fail_with(call, PROBLEM_CONFLICT, "others keep changing this record; try again");
}

static struct turn records_update_apply(struct call *call)
{
	struct change *change = call->state;
	struct record_check check = { .arena = call->arena };
	struct record record;

	if (db_n_rows(call->rows) == 0)
		return records_not_found(call);
	struct store_records_get_row stored = store_records_get_row(call, 0);
	if (stored.deleted)
		return records_not_found(call);
	if (!records_match(call->request, records_etag(call, &change->id, stored.version)))
		return records_changed_meanwhile(call);
	if (!record_of_doc(&record, stored.doc, call->arena))
		return call_fail_with(call, PROBLEM_INTERNAL, "the stored record cannot be read");
	record_change(&record, change->body, &check);
	record_settle(&record, &check);
	const struct problem *problem = record_problem(&check);
	if (problem)
		return call_fail(call, problem);
	record_advance(&record, clock_wall_ms());
	if (!record_row_of(&record, call->arena, &change->row))
		return call_fail_with(call, PROBLEM_TOO_LARGE, "the record is too large");
	return store_records_update(call, app_of(call)->db, &call->identity->user, &change->id, stored.version,
				    change->row.doc, change->row.index.terms, change->row.index.dup_key,
				    change->row.index.search_text, STEP(records_update_answer));
}

static struct turn records_update_read(struct call *call)
{
	const struct change *change = call->state;
	return store_records_get(call, app_of(call)->db, &call->identity->user, &change->id,
				 STEP(records_update_apply));
}

struct turn records_change(struct call *call, const struct uuid *id, const struct json *body)
{
	struct change *change = arena_new_of(call->arena, struct change);

	if (!change)
		return call_fail_with(call, PROBLEM_UNAVAILABLE, "out of memory");
	*change = (struct change){ .id = *id, .body = body };
	call->state = change;
	return records_update_read(call);
}

struct turn records_update(struct call *call)
{
	struct uuid id;
	struct turn refused;

	if (!records_path_id(call, &id))
		return records_not_found(call);
	const struct json *body = records_body(call, &refused);
	return body ? records_change(call, &id, body) : refused;
}

/* ── Deleting and restoring ── */

static struct turn records_delete_answer(struct call *call)
{
	if (db_n_rows(call->rows) == 0)
		return records_has_condition(call->request) ? records_changed_meanwhile(call) : records_not_found(call);
	records_written(call, store_records_delete_row(call, 0).change_version);
	return reply_empty(call, 204);
}

static struct turn records_delete_matching(struct call *call)
{
	const struct uuid *id = call->state;

	if (db_n_rows(call->rows) == 0)
		return records_not_found(call);
	struct store_records_get_row stored = store_records_get_row(call, 0);
	if (stored.deleted)
		return records_not_found(call);
	if (!records_match(call->request, records_etag(call, id, stored.version)))
		return records_changed_meanwhile(call);
	return store_records_delete(call, app_of(call)->db, &call->identity->user, id, stored.version,
				    STEP(records_delete_answer));
}

struct turn records_delete(struct call *call)
{
	struct uuid *id = arena_new_of(call->arena, struct uuid);
	const struct uuid *user = &call->identity->user;
	struct db *db = app_of(call)->db;

	if (!id || !records_path_id(call, id))
		return records_not_found(call);
	call->state = id;
	if (records_has_condition(call->request))
		return store_records_get(call, db, user, id, STEP(records_delete_matching));
	return store_records_delete(call, db, user, id, RECORD_UNSAID, STEP(records_delete_answer));
}

/* Restoring what is not in the trash (any more) is done already: the record is the answer. */
static struct turn records_restore_live(struct call *call)
{
	if (db_n_rows(call->rows) == 0)
		return records_not_found(call);
	struct store_records_get_row stored = store_records_get_row(call, 0);
	return stored.deleted ? records_not_found(call) : records_reply(call, 200, call->state, stored.doc);
}

static struct turn records_restore_answer(struct call *call)
{
	const struct uuid *id = call->state;

	if (db_n_rows(call->rows) == 0)
		return store_records_get(call, app_of(call)->db, &call->identity->user, id, STEP(records_restore_live));
	records_written(call, store_records_restore_row(call, 0).change_version);
	return records_reply(call, 200, id, store_records_restore_row(call, 0).doc);
}

struct turn records_restore(struct call *call)
{
	struct uuid *id = arena_new_of(call->arena, struct uuid);

	if (!id || !records_path_id(call, id))
		return records_not_found(call);
	call->state = id;
	return store_records_restore(call, app_of(call)->db, &call->identity->user, id, STEP(records_restore_answer));
}

/* ── Aliases ── */

struct aliases {
	struct str_list folded, terms;
};

static void read_alias(struct aliases *aliases, const struct json *json, size_t at, struct record_check *check)
{
	struct str text, folded, terms, field = arena_printf(check->arena, "terms[%zu]", at);

	if (!json_read_text(json, &text) || utf8_count(text) > LONGEST_ALIAS) {
		record_wrong(check, field, STR("must be text of at most 256 characters"));
		return;
	}
	if (!fold_alias(check->arena, text, &folded, &terms))
		return; /* over the arena's budget: record_problem will tell */
	if (str_blank(folded) || str_blank(terms)) {
		record_wrong(check, field, STR("has nothing to search for"));
		return;
	}
	aliases->folded.items[aliases->folded.n++] = folded;
	aliases->terms.items[aliases->terms.n++] = terms;
}

static void read_aliases(struct aliases *aliases, const struct json *body, struct record_check *check)
{
	const struct json *terms = json_get(body, STR("terms"));

	for (size_t i = 0; body->kind == JSON_KIND_OBJECT && i < body->n; i++)
		if (!str_equal(body->members[i].key, STR("terms")))
			record_wrong(check, body->members[i].key, STR("unknown field"));
	if (!terms || terms->kind != JSON_KIND_ARRAY || terms->n == 0 || terms->n > MAX_ALIASES) {
		record_wrong(check, STR("terms"), STR("must be a list of 1 to 50 texts"));
		return;
	}
	aliases->folded.items = arena_array(check->arena, terms->n, sizeof(struct str));
	aliases->terms.items = arena_array(check->arena, terms->n, sizeof(struct str));
	for (size_t i = 0; aliases->folded.items && aliases->terms.items && i < terms->n; i++)
		read_alias(aliases, &terms->items[i], i, check);
}

static struct turn records_aliases_answer(struct call *call)
{
	if (db_n_rows(call->rows) == 0)
		return records_not_found(call);
	int64_t added = store_records_add_aliases_row(call, 0).added;
	if (added < 0)
		return call_fail(call, problem_field(call->arena, STR("terms"), STR("a record may have 200 aliases at most")));
	records_written(call, RECORD_UNSAID);
	return reply_json(call, 200, arena_printf(call->arena, "{\"added\":%lld}", (long long)added));
}

struct turn records_add_aliases(struct call *call)
{
	struct record_check check = { .arena = call->arena };
	struct aliases aliases = { 0 };
	struct uuid *id = arena_new_of(call->arena, struct uuid);
	struct turn refused;

	if (!id || !records_path_id(call, id))
		return records_not_found(call);
	const struct json *body = records_body(call, &refused);
	if (!body)
		return refused;
	read_aliases(&aliases, body, &check);
	const struct problem *problem = record_problem(&check);
	if (problem)
		return call_fail(call, problem);
	return store_records_add_aliases(call, app_of(call)->db, &call->identity->user, id, aliases.folded,
					 aliases.terms, MAX_ALIASES_OF_RECORD, STEP(records_aliases_answer));
}
