/* SPDX-License-Identifier: MIT */
/* A record out of JSON: a client's change, or a document as it is stored. */
#include "app/record_json.h"

#include "app/record_value.h"

/* One reading: what it changes, and what the record was before. */
struct reader {
	struct record *record;
	const struct record before;
	enum record_source source;
	struct record_check *check;
};

/* A client may only repeat what is ours to set. */
static struct str repeat_own(const struct reader *reader, const struct record_field *field, const struct json *json)
{
	struct record given = record_blank();
	struct str wrong = value_of_json(field, json, reader->check->arena, record_at(&given, field));
	if (str_present(wrong))
		return wrong;
	bool same = value_same(field, record_at(&given, field), record_at_const(&reader->before, field));
	return same ? STR_ABSENT : STR("is read-only");
}

/* The owner's own grade stands until it is cleared; repeating a derived one does not make it the owner's. */
static struct str take_grade(const struct reader *reader, const struct record_field *field, const struct json *json)
{
	struct record *record = reader->record;
	struct str wrong = value_of_json(field, json, reader->check->arena, &record->record_grade);
	if (!str_present(wrong) && record->record_grade != reader->before.record_grade)
		record->grade_derived = false;
	return wrong;
}

static void take_field(const struct reader *reader, const struct record_field *field, const struct json *json)
{
	bool client = reader->source == RECORD_OF_CLIENT;
	struct str wrong = STR_ABSENT;

	if (field->type == FIELD_PIECES)
		record_pieces_of_json(&reader->record->pieces, json, reader->source, reader->check);
	else if (field->type == FIELD_EXTRA)
		record_extra_of_json(&reader->record->extra, json, reader->check);
	else if (client && field->flags & FIELD_READ_ONLY)
		wrong = repeat_own(reader, field, json);
	else if (client && field == &record_fields[RECORD_record_grade])
		wrong = take_grade(reader, field, json);
	else
		wrong = value_of_json(field, json, reader->check->arena, record_at(reader->record, field));
	if (str_present(wrong))
		record_wrong(reader->check, field->name, wrong);
}

static void take_object(const struct reader *reader, const struct json *body)
{
	if (body->kind != JSON_KIND_OBJECT) {
		record_wrong(reader->check, STR("body"), STR("must be an object"));
		return;
	}
	for (size_t i = 0; i < body->n; i++) {
		const struct json_member *member = &body->members[i];
		const struct record_field *field = record_field_named(member->key);
		if (field)
			take_field(reader, field, &member->value);
		else
			record_wrong(reader->check, member->key, STR("unknown field"));
	}
}

void record_change(struct record *record, const struct json *body, struct record_check *check)
{
	struct reader reader = { record, *record, RECORD_OF_CLIENT, check };
	take_object(&reader, body);
}

void record_set_pieces(struct record *record, const struct json *pieces, struct record_check *check)
{
	record_pieces_of_json(&record->pieces, pieces, RECORD_OF_FILE, check);
}

bool record_of_doc(struct record *record, struct str doc, struct arena *arena)
{
	struct record_check check = { .arena = arena };
	const struct json *root;
	struct str said;

	*record = record_blank();
	if (json_parse(arena, doc, &root, &said))
		return false;
	struct reader reader = { record, *record, RECORD_OF_STORE, &check };
	take_object(&reader, root);
	return check.n == 0 && !arena_exhausted(arena);
}
