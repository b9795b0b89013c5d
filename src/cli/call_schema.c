/* SPDX-License-Identifier: MIT */
/* Descriptors of google/protobuf/descriptor.proto as those of protobuf-c. */
#include "cli/call_schema.h"

#include "app/proto_files.h"

enum { FIELD_NUMBER = 3, FIELD_LABEL = 4, FIELD_TYPE = 5, FIELD_TYPE_NAME = 6, FIELD_ONEOF = 9 };
enum { VALUE_NUMBER = 2, METHOD_INPUT = 2, METHOD_OUTPUT = 3, METHOD_CLIENT_STREAMS = 5, METHOD_SERVER_STREAMS = 6 };
enum { REPEATED = 3, MAX_FIELDS = 255, MAX_MESSAGES = 2000, MAX_DEPTH = 16 };

/* A message or an enumeration. */
struct declared {
	struct declared *next;
	struct str name, raw; /* ".records.Record", and what declares it */
	bool filled, broken;
	ProtobufCMessageDescriptor message;
	ProtobufCEnumDescriptor values;
};

struct schema {
	struct arena *arena;
	struct declared *messages, *enums;
	size_t n; /* of both: who fills one in goes as deep as there are others */
	struct file {
		struct file *next;
		struct str raw, package;
	} * files;
};

/* The types as descriptor.proto numbers them; 0 and 10, a group, are none of ours. */
static const struct {
	bool known;
	ProtobufCType type;
} types[] = {
	[1] = { true, PROTOBUF_C_TYPE_DOUBLE },	   [2] = { true, PROTOBUF_C_TYPE_FLOAT },
	[3] = { true, PROTOBUF_C_TYPE_INT64 },	   [4] = { true, PROTOBUF_C_TYPE_UINT64 },
	[5] = { true, PROTOBUF_C_TYPE_INT32 },	   [6] = { true, PROTOBUF_C_TYPE_FIXED64 },
	[7] = { true, PROTOBUF_C_TYPE_FIXED32 },   [8] = { true, PROTOBUF_C_TYPE_BOOL },
	[9] = { true, PROTOBUF_C_TYPE_STRING },	   [11] = { true, PROTOBUF_C_TYPE_MESSAGE },
	[12] = { true, PROTOBUF_C_TYPE_BYTES },	   [13] = { true, PROTOBUF_C_TYPE_UINT32 },
	[14] = { true, PROTOBUF_C_TYPE_ENUM },	   [15] = { true, PROTOBUF_C_TYPE_SFIXED32 },
	[16] = { true, PROTOBUF_C_TYPE_SFIXED64 }, [17] = { true, PROTOBUF_C_TYPE_SINT32 },
	[18] = { true, PROTOBUF_C_TYPE_SINT64 },
};

/* ── Looking at descriptors ── */

/* The number in a field; `absent` when it is not there. */
static uint64_t number_in(struct str raw, uint32_t id, uint64_t absent)
{
	struct wire_field field;

	while (wire_next(&raw, &field) == WIRE_FIELD)
		if (field.id == id && field.type == WIRE_VARINT)
			absent = field.number;
	return absent;
}

static struct str text_in(struct str raw, uint32_t id)
{
	return proto_files_next(&raw, id);
}

static size_t count_in(struct str raw, uint32_t id)
{
	size_t n = 0;

	while (str_present(proto_files_next(&raw, id)))
		n++;
	return n;
}

/* ── Declaring: names first, for types refer to each other ── */

static bool declare(struct schema *schema, struct declared **list, struct str prefix, struct str raw)
{
	struct declared *declared = arena_new_of(schema->arena, struct declared);

	if (!declared || ++schema->n > MAX_MESSAGES)
		return false;
	declared->name = arena_concat(schema->arena, (struct str[]){ prefix, STR("."), proto_files_name(raw) }, 3);
	declared->raw = raw;
	declared->next = *list;
	*list = declared;
	return str_present(declared->name);
}

static bool declare_message(struct schema *schema, struct str prefix, struct str raw, unsigned depth)
{
	struct str part, nested = raw, enums = raw;

	if (depth > MAX_DEPTH || !declare(schema, &schema->messages, prefix, raw))
		return false;
	struct str name = schema->messages->name;
	while (str_present(part = proto_files_next(&nested, MESSAGE_NESTED)))
		if (!declare_message(schema, name, part, depth + 1))
			return false;
	while (str_present(part = proto_files_next(&enums, MESSAGE_ENUM)))
		if (!declare(schema, &schema->enums, name, part))
			return false;
	return true;
}

struct schema *schema_new(struct arena *arena)
{
	struct schema *schema = arena_new_of(arena, struct schema);
	if (schema)
		schema->arena = arena;
	return schema;
}

bool schema_add(struct schema *schema, struct str raw)
{
	struct str part, messages = raw, enums = raw, package = text_in(raw, FILE_PACKAGE), prefix = STR("");
	struct file *file = arena_new_of(schema->arena, struct file);

	if (!file)
		return false;
	if (str_present(package))
		prefix = arena_concat(schema->arena, (struct str[]){ STR("."), package }, 2);
	*file = (struct file){ schema->files, raw, prefix };
	schema->files = file;
	while (str_present(part = proto_files_next(&messages, FILE_MESSAGE)))
		if (!declare_message(schema, prefix, part, 0))
			return false;
	while (str_present(part = proto_files_next(&enums, FILE_ENUM)))
		if (!declare(schema, &schema->enums, prefix, part))
			return false;
	return str_present(prefix);
}

/* ── Filling in ── */

static struct declared *find(struct declared *list, struct str name)
{
	while (list && !str_equal(list->name, name))
		list = list->next;
	return list;
}

static const char *copy_name(struct schema *schema, struct str raw)
{
	struct str name = proto_files_name(raw);
	return arena_copy(schema->arena, str_present(name) ? name : STR("")).at;
}

static const ProtobufCEnumDescriptor *fill_enum(struct schema *schema, struct declared *declared)
{
	struct str part, rest = declared->raw;
	size_t n = count_in(rest, 2), i = 0;
	ProtobufCEnumValue *values = arena_array(schema->arena, n + 1, sizeof(*values));

	if (!values)
		return NULL;
	while (str_present(part = proto_files_next(&rest, 2)))
		values[i++] = (ProtobufCEnumValue){ .name = copy_name(schema, part),
						    .value = (int)number_in(part, VALUE_NUMBER, 0) };
	declared->values.values = values;
	declared->values.n_values = (unsigned)n;
	return &declared->values;
}

static const ProtobufCMessageDescriptor *fill_message(struct schema *schema, struct declared *declared);

/* The type of a field that is a message or an enumeration; false when it was not told of. */
static bool fill_type(struct schema *schema, ProtobufCFieldDescriptor *field, struct str type_name)
{
	struct declared *declared;

	if (field->type == PROTOBUF_C_TYPE_MESSAGE && (declared = find(schema->messages, type_name)))
		field->descriptor = fill_message(schema, declared);
	else if (field->type == PROTOBUF_C_TYPE_ENUM && (declared = find(schema->enums, type_name)))
		field->descriptor = fill_enum(schema, declared);
	else
		return field->type != PROTOBUF_C_TYPE_MESSAGE && field->type != PROTOBUF_C_TYPE_ENUM;
	return field->descriptor;
}

static bool fill_field(struct schema *schema, ProtobufCFieldDescriptor *field, struct str raw)
{
	uint64_t type = number_in(raw, FIELD_TYPE, 0);

	if (type >= countof(types) || !types[type].known)
		return false;
	*field = (ProtobufCFieldDescriptor){
		.name = copy_name(schema, raw),
		.id = (uint32_t)number_in(raw, FIELD_NUMBER, 0),
		.label = number_in(raw, FIELD_LABEL, 0) == REPEATED ? PROTOBUF_C_LABEL_REPEATED : PROTOBUF_C_LABEL_NONE,
		.type = types[type].type,
		.flags = number_in(raw, FIELD_ONEOF, UINT64_MAX) == UINT64_MAX ? 0 : PROTOBUF_C_FIELD_FLAG_ONEOF,
	};
	return field->name && fill_type(schema, field, text_in(raw, FIELD_TYPE_NAME));
}

/* Once; a message that is within itself finds itself. NULL when something is missing. */
static const ProtobufCMessageDescriptor *fill_message(struct schema *schema, struct declared *declared)
{
	struct str part, rest = declared->raw;
	size_t n = count_in(rest, MESSAGE_FIELD), i = 0;

	if (declared->filled)
		return declared->broken ? NULL : &declared->message;
	ProtobufCFieldDescriptor *fields = arena_array(schema->arena, n + 1, sizeof(*fields));
	if (!fields || n > MAX_FIELDS)
		return NULL;
	declared->filled = true;
	declared->message.short_name = copy_name(schema, declared->raw);
	declared->message.fields = fields;
	declared->message.n_fields = (unsigned)n;
	while (!declared->broken && str_present(part = proto_files_next(&rest, MESSAGE_FIELD)))
		declared->broken = !fill_field(schema, &fields[i++], part);
	if (!declared->broken && declared->message.short_name)
		return &declared->message;
	declared->broken = true;
	declared->message.n_fields = 0; /* others may have found it meanwhile */
	return NULL;
}

/* ── Methods ── */

static struct str part_named(struct str raw, uint32_t id, struct str name)
{
	struct str part;

	while (str_present(part = proto_files_next(&raw, id)))
		if (str_equal(proto_files_name(part), name))
			return part;
	return STR_ABSENT;
}

/* What declares the service; absent when none of the files does. */
static struct str service_named(const struct schema *schema, struct str name)
{
	for (const struct file *file = schema->files; file; file = file->next) {
		struct str package = str_skip(file->package, 1), bare = name;
		if (package.len && str_starts(name, package) && name.len > package.len && name.at[package.len] == '.')
			bare = str_skip(name, package.len + 1);
		struct str service = part_named(file->raw, FILE_SERVICE, bare);
		if (str_present(service))
			return service;
	}
	return STR_ABSENT;
}

bool schema_find(struct schema *schema, struct str service, struct str method, struct schema_method *out)
{
	struct str raw = service_named(schema, service);

	raw = str_present(raw) ? part_named(raw, SERVICE_METHOD, method) : raw;
	if (!str_present(raw))
		return false;
	struct declared *request = find(schema->messages, text_in(raw, METHOD_INPUT));
	struct declared *response = find(schema->messages, text_in(raw, METHOD_OUTPUT));
	if (!request || !response)
		return false;
	*out = (struct schema_method){
		.request = fill_message(schema, request),
		.response = fill_message(schema, response),
		.client_streams = number_in(raw, METHOD_CLIENT_STREAMS, 0),
		.server_streams = number_in(raw, METHOD_SERVER_STREAMS, 0),
	};
	return out->request && out->response;
}
