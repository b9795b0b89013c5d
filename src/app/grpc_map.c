/* SPDX-License-Identifier: MIT */
/* Messages and REST, by a row of grpc.def. */
#include "app/grpc_map.h"

#include "app/record.h"

enum { LARGEST_BODY = 8 << 20, MAX_PARAMS = 8 };

static const struct problem *out_of_budget(struct arena *arena)
{
	return problem_new(arena, PROBLEM_INTERNAL, STR("the request's memory budget is spent"));
}

/* ── Whose ── */

/* Empty means the caller; who names another has been told nothing about whether there is one. */
static const struct problem *check_owner(const struct proto_message *message, const struct identity *identity,
					 struct arena *arena)
{
	int at = proto_field_at(message->type, STR("user_id"));
	struct uuid named;

	if (at < 0 || !proto_is_set(message, at))
		return NULL;
	if (identity && uuid_parse(proto_text(message, at), &named) && uuid_equal(&named, &identity->user))
		return NULL;
	return problem_new(arena, PROBLEM_FORBIDDEN, STR("user_id is not the caller's"));
}

const struct problem *grpc_map_read(const ProtobufCMessageDescriptor *type, struct str bytes, struct arena *arena,
				    const struct identity *identity, struct proto_message *message)
{
	struct str said = STR_ABSENT;

	switch (proto_read(message, type, bytes, arena, &said)) {
	case PROTO_DONE:
		return check_owner(message, identity, arena);
	case PROTO_BROKEN:
		return problem_new(arena, PROBLEM_BAD_REQUEST, said);
	default:
		return out_of_budget(arena);
	}
}

/* ── The body ── */

/* What of a message is wanted as JSON: what is set, or, with a mask, what that names. */
struct choice {
	const struct proto_message *mask; /* NULL: none */
	bool all;			  /* the mask is "*" */
};

static bool mask_names(const struct proto_message *mask, struct str name)
{
	struct str rest = mask->bytes, path;

	while (proto_each(mask, 0, &rest, &path))
		if (str_equal(path, name))
			return true;
	return false;
}

/* What only we set is not cleared by "*". */
static bool is_read_only(struct str key)
{
	const struct record_field *field = record_field_named(key);
	return field && field->flags & FIELD_READ_ONLY;
}

static bool is_chosen(const struct choice *choice, const struct proto_message *message, int i)
{
	const ProtobufCFieldDescriptor *field = &message->type->fields[i];
	char room[PROTO_KEY];

	if (choice->mask && !choice->all)
		return mask_names(choice->mask, str_of(field->name));
	return proto_is_set(message, i) || (choice->all && !is_read_only(proto_key(field, room)));
}

/* user_id is the caller's by now, and said by the token. */
static void put_chosen(struct json_out *out, const struct proto_message *message, const struct choice *choice,
		       struct arena *arena)
{
	json_object(out);
	for (unsigned i = 0; i < message->type->n_fields; i++) {
		const ProtobufCFieldDescriptor *field = &message->type->fields[i];
		if (str_equal(str_of(field->name), STR("user_id")) || !is_chosen(choice, message, (int)i))
			continue;
		proto_put_key(out, field);
		proto_put_value(out, message, (int)i, arena);
	}
	json_object_end(out);
}

static const struct problem *check_mask(struct choice *choice, const ProtobufCMessageDescriptor *type,
					struct arena *arena)
{
	struct str rest = choice->mask->bytes, path;

	while (proto_each(choice->mask, 0, &rest, &path)) {
		if (str_equal(path, STR("*")))
			choice->all = true;
		else if (proto_field_at(type, path) < 0)
			return problem_field(arena, STR("updateMask"),
					     arena_printf(arena, "there is no field %.*s", STR_ARG(path)));
	}
	return NULL;
}

/* A mask that names nothing is none. */
static const struct problem *read_mask(const struct proto_message *request, const ProtobufCMessageDescriptor *type,
				       struct arena *arena, struct proto_message *mask, struct choice *choice)
{
	int at = proto_field_at(request->type, STR("update_mask"));

	if (at < 0 || !proto_is_set(request, at))
		return NULL;
	const struct problem *problem =
		grpc_map_read(request->type->fields[at].descriptor, proto_part(request, at, arena), arena, NULL, mask);
	if (problem || !mask->found[0].n)
		return problem;
	choice->mask = mask;
	return check_mask(choice, type, arena);
}

static const struct problem *make_body(const struct proto_message *message, const struct choice *choice,
				       struct grpc_ask *ask)
{
	owned(buf_free) struct buf json = buf_of(LARGEST_BODY);
	struct json_out out = json_out_of(&json);

	put_chosen(&out, message, choice, ask->arena);
	if (buf_failed(&json))
		return out_of_budget(ask->arena);
	ask->body = arena_copy(ask->arena, buf_str(&json));
	return str_present(ask->body) ? NULL : out_of_budget(ask->arena);
}

static const struct problem *make_part_body(const struct grpc_map *map, const struct proto_message *request,
					    struct grpc_ask *ask)
{
	int at = proto_field_at(request->type, map->body);
	const ProtobufCMessageDescriptor *type = request->type->fields[at].descriptor;
	struct proto_message part, mask;
	struct choice choice = { 0 };
	const struct problem *problem;

	if ((problem = grpc_map_read(type, proto_part(request, at, ask->arena), ask->arena, ask->identity, &part)) ||
	    (problem = read_mask(request, type, ask->arena, &mask, &choice)))
		return problem;
	return make_body(&part, &choice, ask);
}

/* ── Path and query ── */

/* A field as a parameter: its text, or its number in decimals. */
static struct str value_of(const struct proto_message *request, int at, struct arena *arena)
{
	if (request->type->fields[at].type == PROTOBUF_C_TYPE_STRING)
		return proto_text(request, at);
	return arena_printf(arena, "%lld", (long long)proto_number(request, at));
}

static const struct problem *make_query(struct str words, const struct proto_message *request, struct grpc_ask *ask)
{
	if (words.len && !(ask->params = arena_array(ask->arena, MAX_PARAMS, sizeof(*ask->params))))
		return out_of_budget(ask->arena);
	while (words.len) {
		struct str field, name = str_cut(str_cut(words, ' ', &words), '=', &field);
		int at = proto_field_at(request->type, str_present(field) ? field : name);
		check(at >= 0 && ask->n_params < MAX_PARAMS);
		if (proto_is_set(request, at))
			ask->params[ask->n_params++] = (struct http_param){ name, value_of(request, at, ask->arena) };
	}
	return NULL;
}

const struct problem *grpc_map_ask(const struct grpc_map *map, struct grpc_ask *ask)
{
	struct proto_message request;
	const struct problem *problem = grpc_map_read(map->request, ask->message, ask->arena, ask->identity, &request);

	if (problem || (problem = make_query(map->query, &request, ask)))
		return problem;
	if (map->path.len)
		ask->path_params[0] = proto_text(&request, proto_field_at(map->request, map->path));
	if (str_equal(map->body, STR("*")))
		return make_body(&request, &(struct choice){ 0 }, ask);
	return map->body.len ? make_part_body(map, &request, ask) : NULL;
}

/* ── The answer ── */

static size_t count_of(struct str message, uint32_t id)
{
	struct wire_field field;
	size_t n = 0;

	while (wire_next(&message, &field) == WIRE_FIELD)
		n += field.id == id;
	return n;
}

/* Where the whole was not counted, what is on this page. */
static void tell_total(const struct reply_view *view, const ProtobufCFieldDescriptor *total, uint32_t listed,
		       struct buf *to)
{
	struct str text = headers_find(view->headers, STR("x-total-count"));
	int64_t n;

	if (!str_present(text) || !str_to_int(text, 0, INT32_MAX, &n))
		n = (int64_t)count_of(buf_str(to), listed);
	if (n)
		wire_put_number(to, total->id, (uint64_t)n);
}

static bool tell_field(const struct grpc_map *map, const struct reply_view *view, struct buf *to)
{
	const ProtobufCFieldDescriptor *field = &map->response->fields[proto_field_at(map->response, map->answer)];
	int total = proto_field_at(map->response, STR("total"));
	struct proto_writer writer = { 0 };
	struct str said;

	if (!proto_write_field(&writer, field, view->body, to, &said))
		return false;
	if (total >= 0)
		tell_total(view, &map->response->fields[total], field->id, to);
	return true;
}

bool grpc_map_tell(const struct grpc_map *map, const struct reply_view *view, struct arena *arena, struct buf *to)
{
	struct proto_writer writer = { 0 };
	struct str said;

	(void)arena;
	if (!map->answer.len) {
		wire_put_number(to, map->response->fields[proto_field_at(map->response, STR("success"))].id, true);
		return true;
	}
	if (!view->body.len)
		return false;
	if (str_equal(map->answer, STR("*")))
		return proto_write(&writer, map->response, view->body, to, &said);
	return tell_field(map, view, to);
}
