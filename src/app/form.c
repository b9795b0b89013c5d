/* SPDX-License-Identifier: MIT */
/* Small JSON bodies. */
#include "app/form.h"

#include "codec/json.h"
#include "http/http.h"

static const struct form_field *field_named(const struct form_field *fields, size_t n, struct str name)
{
	for (size_t i = 0; i < n; i++)
		if (str_equal(fields[i].name, name))
			return &fields[i];
	return NULL;
}

static const struct problem *take_member(struct arena *arena, const struct json_member *member,
					 const struct form_field *field)
{
	if (!field)
		return problem_field(arena, member->key, STR("is unknown"));
	if (member->value.kind != JSON_KIND_NULL && !json_read_text(&member->value, field->to))
		return problem_field(arena, member->key, STR("must be a text"));
	return NULL;
}

static const struct problem *find_missing(struct arena *arena, const struct form_field *fields, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (fields[i].required && str_blank(*fields[i].to))
			return problem_new(arena, PROBLEM_BAD_REQUEST,
					   arena_printf(arena, "%.*s is missing", STR_ARG(fields[i].name)));
	return NULL;
}

const struct problem *form_read(struct call *call, const struct form_field *fields, size_t n)
{
	struct str body = call->request->body, said;
	const struct problem *problem;
	const struct json *root;

	for (size_t i = 0; i < n; i++)
		*fields[i].to = STR_ABSENT;
	if (json_parse(call->arena, str_blank(body) ? STR("{}") : body, &root, &said))
		return problem_new(call->arena, PROBLEM_BAD_REQUEST, said);
	if (root->kind != JSON_KIND_OBJECT)
		return problem_new(call->arena, PROBLEM_BAD_REQUEST, STR("the body must be a JSON object"));
	for (size_t i = 0; i < root->n; i++)
		if ((problem =
			     take_member(call->arena, &root->members[i], field_named(fields, n, root->members[i].key))))
			return problem;
	return find_missing(call->arena, fields, n);
}
