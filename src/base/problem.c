/* SPDX-License-Identifier: MIT */
/* Problems: the table, and making one. */
#include "base/problem.h"

static const struct row {
	int status;
	const char *name;
	struct str sentence;
} rows[] = {
#define PROBLEM(name, status, sentence) { status, #name, STR(sentence) },
#include "base/problem.def"
#undef PROBLEM
};

int problem_status(enum problem_kind kind)
{
	return rows[kind].status;
}

struct str problem_sentence(enum problem_kind kind)
{
	return rows[kind].sentence;
}

const char *problem_name(enum problem_kind kind)
{
	return rows[kind].name;
}

const struct problem *problem_new(struct arena *arena, enum problem_kind kind, struct str error)
{
	static const struct problem exhausted = { .kind = PROBLEM_INTERNAL, .error = { "internal error", 14 } };
	struct problem *problem = arena_new_of(arena, struct problem);
	if (!problem)
		return &exhausted;
	problem->kind = kind;
	problem->error = str_present(error) ? error : rows[kind].sentence;
	return problem;
}

const struct problem *problem_field(struct arena *arena, struct str field, struct str message)
{
	static const struct problem exhausted = { .kind = PROBLEM_INVALID, .error = { "invalid input", 13 } };
	struct problem *problem = arena_new_of(arena, struct problem);
	struct field_error *row = arena_new_of(arena, struct field_error);
	if (!problem || !row)
		return &exhausted;
	*row = (struct field_error){ .field = field, .message = message };
	*problem = (struct problem){ .kind = PROBLEM_INVALID,
				     .error = arena_printf(arena, "%.*s: %.*s", STR_ARG(field), STR_ARG(message)),
				     .fields = row };
	return problem;
}

static struct field_error *copy_fields(struct arena *arena, const struct field_error *fields)
{
	struct field_error *first = NULL, **end = &first;

	for (; fields; fields = fields->next) {
		struct field_error *row = arena_new_of(arena, struct field_error);
		if (!row)
			break;
		row->field = arena_copy(arena, fields->field);
		row->message = arena_copy(arena, fields->message);
		*end = row;
		end = &row->next;
	}
	return first;
}

const struct problem *problem_copy(struct arena *arena, const struct problem *problem)
{
	struct problem *copy = arena_new_of(arena, struct problem);
	if (!copy)
		return problem_new(arena, problem->kind, STR_ABSENT);
	*copy = *problem;
	copy->error = arena_copy(arena, problem->error);
	copy->detail = arena_copy(arena, problem->detail);
	copy->fields = copy_fields(arena, problem->fields);
	copy->challenge = arena_copy(arena, problem->challenge);
	copy->allow = arena_copy(arena, problem->allow);
	return copy;
}
