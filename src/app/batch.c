/* SPDX-License-Identifier: MIT */
/* A batch as JSON: in and out. */
#include "app/batch.h"

#include "app/records_page.h"
#include "base/hash.h"

static const struct str op_texts[] = {
	[BATCH_UPDATE] = STR("update"),
	[BATCH_DELETE] = STR("delete"),
	[BATCH_RESTORE] = STR("restore"),
};

/* ── In ── */

/* One operation being read: its place names what is wrong with it. */
struct reader {
	struct record_check check;
	size_t at;
};

static void wrong(struct reader *reader, const char *member, struct str message)
{
	record_wrong(&reader->check, arena_printf(reader->check.arena, "operations[%zu]%s", reader->at, member), message);
}

static bool read_op(const struct json *json, enum batch_op *out)
{
	struct str text;

	if (!json_read_text(json, &text))
		return false;
	for (size_t i = 0; i < countof(op_texts); i++) {
		if (str_equal(op_texts[i], text)) {
			*out = (enum batch_op)i;
			return true;
		}
	}
	return false;
}

static void check_members(struct reader *reader, const struct json *json)
{
	static const struct str known[] = { STR("op"), STR("id"), STR("set"), STR("version") };

	for (size_t i = 0; i < json->n; i++) {
		size_t j = 0;
		while (j < countof(known) && !str_equal(known[j], json->members[i].key))
			j++;
		if (j == countof(known))
			wrong(reader, "", STR("has an unknown field"));
	}
}

static void read_operation(struct reader *reader, const struct json *json, struct batch_operation *out)
{
	const struct json *version = json_get(json, STR("version"));

	*out = (struct batch_operation){ .set = json_get(json, STR("set")), .expected = RECORD_UNSAID };
	if (json->kind != JSON_KIND_OBJECT) {
		wrong(reader, "", STR("must be an object"));
		return;
	}
	check_members(reader, json);
	if (!read_op(json_get(json, STR("op")), &out->op)) {
		wrong(reader, ".op", STR("must be update, delete or restore"));
		return;
	}
	if (!json_read_text(json_get(json, STR("id")), &out->id_text))
		wrong(reader, ".id", STR("must be the id of a record"));
	if (version && version->kind != JSON_KIND_NULL && !json_read_int(version, 1, INT32_MAX, &out->expected))
		wrong(reader, ".version", STR("must be a whole number, 1 or more"));
	if (out->op == BATCH_UPDATE && (!out->set || out->set->kind != JSON_KIND_OBJECT))
		wrong(reader, ".set", STR("must be an object of the fields that change"));
	if (out->op != BATCH_UPDATE && out->set)
		wrong(reader, ".set", STR("is for an update alone"));
}

static void settle(struct batch_operation *operation, enum problem_kind kind, struct str error)
{
	operation->status = problem_status(kind);
	operation->error = error;
}

/* What is no id is not there, as anywhere; the second of two operations on one record would not know what it is on. */
static bool check_ids(struct batch *batch)
{
	enum { SLOTS = 4 * BATCH_MAX };
	const struct batch_operation **slots = arena_array(batch->arena, SLOTS, sizeof(struct batch_operation *));

	for (size_t i = 0; slots && i < batch->n; i++) {
		struct batch_operation *operation = &batch->items[i];
		if (!uuid_parse(operation->id_text, &operation->id)) {
			settle(operation, PROBLEM_NOT_FOUND, STR("no such record"));
			continue;
		}
		size_t slot = hash_content((struct str){ (const char *)operation->id.bytes, sizeof(operation->id.bytes) }) % SLOTS;
		while (slots[slot] && !uuid_equal(&slots[slot]->id, &operation->id))
			slot = (slot + 1) % SLOTS;
		if (slots[slot])
			settle(operation, PROBLEM_INVALID, STR("the record is in this batch already"));
		else
			slots[slot] = operation;
	}
	return slots != NULL;
}

const struct problem *batch_read(struct batch *batch, struct str body)
{
	struct reader reader = { .check.arena = batch->arena };
	const struct json *root, *operations;
	struct str said;

	if (json_parse(batch->arena, body, &root, &said))
		return problem_new(batch->arena, PROBLEM_BAD_REQUEST, said);
	operations = json_get(root, STR("operations"));
	if (!operations || operations->kind != JSON_KIND_ARRAY || operations->n == 0 || operations->n > BATCH_MAX)
		return problem_field(batch->arena, STR("operations"), STR("must be a list of 1 to 500 operations"));
	if (root->n > 1)
		return problem_field(batch->arena, STR("body"), STR("must have operations alone"));
	batch->n = operations->n;
	batch->items = arena_array(batch->arena, batch->n, sizeof(*batch->items));
	for (; batch->items && reader.at < batch->n; reader.at++)
		read_operation(&reader, &operations->items[reader.at], &batch->items[reader.at]);
	if (reader.check.n)
		return record_problem(&reader.check);
	return batch->items && check_ids(batch) ? NULL : problem_new(batch->arena, PROBLEM_TOO_LARGE, STR_ABSENT);
}

void batch_refuse(struct batch_operation *operation, const struct problem *problem)
{
	operation->status = problem_status(problem->kind);
	operation->error = problem->error;
	operation->fields = problem->fields;
}

/* ── Out ── */

static void put_fields(struct json_out *out, const struct field_error *fields)
{
	json_key(out, STR("errors"));
	json_array(out);
	for (; fields; fields = fields->next) {
		json_object(out);
		json_put_str(out, STR("field"), fields->field);
		json_put_str(out, STR("message"), fields->message);
		json_object_end(out);
	}
	json_array_end(out);
}

static void put_result(struct json_out *out, const struct batch_operation *operation)
{
	json_object(out);
	json_put_str(out, STR("id"), operation->id_text);
	json_put_int(out, STR("status"), operation->status);
	if (str_present(operation->record) && out->to->len + operation->record.len < PAGE_BYTES)
		json_put_raw(out, STR("record"), operation->record);
	if (str_present(operation->before))
		json_put_raw(out, STR("before"), operation->before);
	if (str_present(operation->error))
		json_put_str(out, STR("error"), operation->error);
	if (operation->fields)
		put_fields(out, operation->fields);
	json_object_end(out);
}

void batch_render(const struct batch *batch, struct buf *to)
{
	struct json_out out = json_out_of(to);

	json_object(&out);
	json_key(&out, STR("results"));
	json_array(&out);
	for (size_t i = 0; i < batch->n; i++)
		put_result(&out, &batch->items[i]);
	json_array_end(&out);
	json_object_end(&out);
}
