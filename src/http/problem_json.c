/* SPDX-License-Identifier: MIT */
/* A problem as RFC 9457 JSON, with the members `error`, `requestId` and `errors` of our own. */
#include "codec/json_out.h"
#include "http/inside.h"

static void render_fields(struct json_out *out, const struct field_error *field)
{
	json_key(out, STR("errors"));
	json_array(out);
	for (; field; field = field->next) {
		json_object(out);
		json_put_str(out, STR("field"), field->field);
		json_put_str(out, STR("message"), field->message);
		json_object_end(out);
	}
	json_array_end(out);
}

void problem_render(struct buf *to, const struct problem *problem, const struct request *request)
{
	struct json_out out = json_out_of(to);
	/* What went wrong inside is for the log alone. */
	bool internal = problem->kind == PROBLEM_INTERNAL;
	struct str error = internal ? problem_sentence(problem->kind) : problem->error;

	json_object(&out);
	json_put_str(&out, STR("type"), STR("about:blank"));
	json_put_str(&out, STR("title"), http_reason(problem_status(problem->kind)));
	json_put_int(&out, STR("status"), problem_status(problem->kind));
	json_put_str(&out, STR("error"), error);
	json_put_str(&out, STR("detail"), !internal && str_present(problem->detail) ? problem->detail : error);
	json_put_str(&out, STR("instance"), str_present(request->path) ? request->path : STR("/"));
	json_put_str(&out, STR("requestId"), request->id);
	if (problem->fields)
		render_fields(&out, problem->fields);
	json_object_end(&out);
}
