/* SPDX-License-Identifier: MIT */
/* Messages: taken apart, checked, and shown as JSON. */
#include "codec/proto.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "codec/base64.h"
#include "codec/utf8.h"

enum { LONGEST_REAL = 40 };

/* ── Types ── */

static bool is_repeated(const ProtobufCFieldDescriptor *field)
{
	return field->label == PROTOBUF_C_LABEL_REPEATED;
}

static enum wire_type wire_type_of(ProtobufCType type)
{
	switch (type) {
	case PROTOBUF_C_TYPE_FIXED32:
	case PROTOBUF_C_TYPE_SFIXED32:
	case PROTOBUF_C_TYPE_FLOAT:
		return WIRE_FIXED32;
	case PROTOBUF_C_TYPE_FIXED64:
	case PROTOBUF_C_TYPE_SFIXED64:
	case PROTOBUF_C_TYPE_DOUBLE:
		return WIRE_FIXED64;
	case PROTOBUF_C_TYPE_STRING:
	case PROTOBUF_C_TYPE_BYTES:
	case PROTOBUF_C_TYPE_MESSAGE:
		return WIRE_BYTES;
	default:
		return WIRE_VARINT;
	}
}

static int field_numbered(const ProtobufCMessageDescriptor *type, uint32_t id)
{
	for (unsigned i = 0; i < type->n_fields; i++)
		if (type->fields[i].id == id)
			return (int)i;
	return -1;
}

int proto_field_at(const ProtobufCMessageDescriptor *type, struct str name)
{
	for (unsigned i = 0; i < type->n_fields; i++)
		if (str_equal(str_of(type->fields[i].name), name))
			return (int)i;
	return -1;
}

/* The compiler makes the type of a map's entries, named so; nobody else's may be. */
bool proto_is_map(const ProtobufCFieldDescriptor *field)
{
	if (!is_repeated(field) || field->type != PROTOBUF_C_TYPE_MESSAGE)
		return false;
	const ProtobufCMessageDescriptor *entry = field->descriptor;
	return entry->n_fields == 2 && entry->fields[0].id == 1 && entry->fields[1].id == 2 &&
	       !strcmp(entry->fields[0].name, "key") && !strcmp(entry->fields[1].name, "value") &&
	       str_ends(str_of(entry->short_name), STR("Entry"));
}

/* ── Checking ── */

static int broken(struct arena *arena, struct str *said, const char *name, const char *what)
{
	*said = arena_printf(arena, "%s %s", name, what);
	return PROTO_BROKEN;
}

/* Several numbers in one field: of varints, that each is whole. */
static bool is_packed(ProtobufCType type, struct str bytes)
{
	enum wire_type wire = wire_type_of(type);
	uint64_t number;

	if (wire != WIRE_VARINT)
		return bytes.len % (wire == WIRE_FIXED32 ? 4 : 8) == 0;
	while (bytes.len)
		if (!wire_varint(&bytes, &number))
			return false;
	return true;
}

static int check_message(const ProtobufCMessageDescriptor *type, struct str bytes, unsigned depth, struct arena *arena,
			 struct str *said);

static int check_field(const ProtobufCFieldDescriptor *field, const struct wire_field *found, unsigned depth,
		       struct arena *arena, struct str *said)
{
	enum wire_type wanted = wire_type_of(field->type);

	if (found->type == WIRE_BYTES && wanted != WIRE_BYTES && is_repeated(field))
		return is_packed(field->type, found->bytes)
			       ? PROTO_DONE
			       : broken(arena, said, field->name, "is not packed as numbers are");
	if (found->type != wanted)
		return broken(arena, said, field->name, "is not of its type");
	if (field->type == PROTOBUF_C_TYPE_STRING && !utf8_valid(found->bytes))
		return broken(arena, said, field->name, "is not valid UTF-8");
	if (field->type == PROTOBUF_C_TYPE_MESSAGE)
		return check_message(field->descriptor, found->bytes, depth + 1, arena, said);
	return PROTO_DONE;
}

static int check_message(const ProtobufCMessageDescriptor *type, struct str bytes, unsigned depth, struct arena *arena,
			 struct str *said)
{
	struct wire_field field;
	int outcome, at;

	if (depth > PROTO_MAX_DEPTH)
		return broken(arena, said, type->short_name, "is nested too deeply");
	while ((outcome = wire_next(&bytes, &field)) == WIRE_FIELD) {
		at = field_numbered(type, field.id);
		if (at >= 0 && (outcome = check_field(&type->fields[at], &field, depth, arena, said)))
			return outcome;
	}
	return outcome == WIRE_END ? PROTO_DONE : broken(arena, said, type->short_name, "is not a message of protobuf");
}

/* ── Taking apart ── */

/* Of one that has been checked. */
static bool take_apart(struct proto_message *message, const ProtobufCMessageDescriptor *type, struct str bytes,
		       struct arena *arena)
{
	struct wire_field field;
	struct str rest = bytes;

	*message = (struct proto_message){ type, bytes,
					   arena_array(arena, type->n_fields + 1, sizeof(struct proto_found)) };
	if (!message->found)
		return false;
	while (wire_next(&rest, &field) == WIRE_FIELD) {
		int at = field_numbered(type, field.id);
		if (at < 0)
			continue;
		message->found[at].n++;
		message->found[at].last = field;
	}
	return true;
}

int proto_read(struct proto_message *message, const ProtobufCMessageDescriptor *type, struct str bytes,
	       struct arena *arena, struct str *said)
{
	int outcome = check_message(type, bytes, 1, arena, said);
	if (outcome)
		return outcome;
	return take_apart(message, type, bytes, arena) ? PROTO_DONE : -ENOMEM;
}

bool proto_is_set(const struct proto_message *message, int i)
{
	const ProtobufCFieldDescriptor *field = &message->type->fields[i];
	const struct proto_found *found = &message->found[i];

	if (!found->n || is_repeated(field) || field->type == PROTOBUF_C_TYPE_MESSAGE ||
	    field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)
		return found->n > 0;
	return found->last.type == WIRE_BYTES ? found->last.bytes.len > 0 : found->last.number != 0;
}

struct str proto_text(const struct proto_message *message, int i)
{
	return message->found[i].n ? message->found[i].last.bytes : STR("");
}

/* A number as its type spells it in a varint. */
static int64_t plain_number(ProtobufCType type, uint64_t number)
{
	switch (type) {
	case PROTOBUF_C_TYPE_INT32:
	case PROTOBUF_C_TYPE_SFIXED32:
	case PROTOBUF_C_TYPE_ENUM:
		return (int32_t)(uint32_t)number;
	case PROTOBUF_C_TYPE_SINT32:
	case PROTOBUF_C_TYPE_SINT64:
		return (int64_t)(number >> 1 ^ (0 - (number & 1)));
	case PROTOBUF_C_TYPE_UINT32:
		return (uint32_t)number;
	case PROTOBUF_C_TYPE_BOOL:
		return number != 0;
	default:
		return (int64_t)number;
	}
}

int64_t proto_number(const struct proto_message *message, int i)
{
	const struct proto_found *found = &message->found[i];
	return found->n ? plain_number(message->type->fields[i].type, found->last.number) : 0;
}

bool proto_each(const struct proto_message *message, int i, struct str *rest, struct str *element)
{
	struct wire_field field;

	while (wire_next(rest, &field) == WIRE_FIELD) {
		if (field.id == message->type->fields[i].id) {
			*element = field.bytes;
			return true;
		}
	}
	return false;
}

struct str proto_part(const struct proto_message *message, int i, struct arena *arena)
{
	struct str rest = message->bytes, part, whole = STR("");

	if (message->found[i].n <= 1)
		return proto_text(message, i);
	while (proto_each(message, i, &rest, &part))
		whole = arena_concat(arena, (struct str[]){ whole, part }, 2);
	return whole;
}

/* ── As JSON ── */

struct str proto_key(const ProtobufCFieldDescriptor *field, char room[PROTO_KEY])
{
	size_t n = 0;
	bool upper = false;

	for (const char *at = field->name; *at && n < PROTO_KEY; at++) {
		if (*at == '_') {
			upper = true;
			continue;
		}
		room[n++] = upper && *at >= 'a' && *at <= 'z' ? (char)(*at & ~0x20) : *at;
		upper = false;
	}
	return (struct str){ room, n };
}

void proto_put_key(struct json_out *out, const ProtobufCFieldDescriptor *field)
{
	char room[PROTO_KEY];
	json_key(out, proto_key(field, room));
}

/* The shortest of the spellings that read back as the same number. */
static void put_real(struct json_out *out, double value, int most_digits)
{
	char text[LONGEST_REAL];

	if (!isfinite(value)) {
		json_str(out, isnan(value) ? STR("NaN") : value > 0 ? STR("Infinity") : STR("-Infinity"));
		return;
	}
	for (int digits = most_digits > 9 ? 15 : 6; digits <= most_digits; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, value);
		double again = strtod(text, NULL);
		if (most_digits > 9 ? again == value : (float)again == (float)value)
			break;
	}
	json_raw(out, str_of(text));
}

static void put_enum(struct json_out *out, const ProtobufCEnumDescriptor *type, int64_t number)
{
	for (unsigned i = 0; i < type->n_values; i++) {
		if (type->values[i].value == number) {
			json_str(out, str_of(type->values[i].name));
			return;
		}
	}
	json_int(out, number);
}

static void put_unsigned(struct json_out *out, uint64_t number)
{
	char text[LONGEST_REAL];
	int n = snprintf(text, sizeof(text), "%llu", (unsigned long long)number);
	json_raw(out, (struct str){ text, (size_t)n });
}

static void put_number(struct json_out *out, const ProtobufCFieldDescriptor *field, uint64_t number)
{
	uint32_t half = (uint32_t)number;
	double real;
	float small;

	switch (field->type) {
	case PROTOBUF_C_TYPE_DOUBLE:
		memcpy(&real, &number, sizeof(real));
		put_real(out, real, 17);
		break;
	case PROTOBUF_C_TYPE_FLOAT:
		memcpy(&small, &half, sizeof(small));
		put_real(out, (double)small, 9);
		break;
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_FIXED64:
		put_unsigned(out, number);
		break;
	case PROTOBUF_C_TYPE_BOOL:
		json_bool(out, number != 0);
		break;
	case PROTOBUF_C_TYPE_ENUM:
		put_enum(out, field->descriptor, plain_number(field->type, number));
		break;
	default:
		json_int(out, plain_number(field->type, number));
	}
}

/* Standard base64, as the JSON of protobuf has it. */
static void put_bytes(struct json_out *out, struct str bytes)
{
	owned(buf_free) struct buf text = buf_of(bytes.len / 3 * 4 + 8);

	base64url_encode(&text, bytes);
	for (size_t i = 0; i < text.len; i++)
		text.at[i] = text.at[i] == '-' ? '+' : text.at[i] == '_' ? '/' : text.at[i];
	while (text.len % 4)
		buf_add_char(&text, '=');
	json_str(out, buf_str(&text));
}

static void put_part(struct json_out *out, const ProtobufCMessageDescriptor *type, struct str bytes,
		     struct arena *arena)
{
	struct proto_message part;
	if (take_apart(&part, type, bytes, arena))
		proto_put_message(out, &part, arena);
	else
		json_null(out); /* the arena's budget is spent, which its owner notices */
}

static void put_one(struct json_out *out, const ProtobufCFieldDescriptor *field, const struct wire_field *value,
		    struct arena *arena)
{
	switch (field->type) {
	case PROTOBUF_C_TYPE_STRING:
		json_str(out, value->bytes);
		break;
	case PROTOBUF_C_TYPE_BYTES:
		put_bytes(out, value->bytes);
		break;
	case PROTOBUF_C_TYPE_MESSAGE:
		put_part(out, field->descriptor, value->bytes, arena);
		break;
	default:
		put_number(out, field, value->number);
	}
}

static void put_packed(struct json_out *out, const ProtobufCFieldDescriptor *field, struct str bytes)
{
	enum wire_type wire = wire_type_of(field->type);
	size_t size = wire == WIRE_FIXED32 ? 4 : 8;

	while (bytes.len) {
		uint64_t number = 0;
		if (wire == WIRE_VARINT) {
			if (!wire_varint(&bytes, &number))
				return;
		} else {
			for (size_t i = 0; i < size; i++)
				number |= (uint64_t)(unsigned char)bytes.at[i] << (8 * i);
			bytes = str_skip(bytes, size);
		}
		put_number(out, field, number);
	}
}

static void put_list(struct json_out *out, const struct proto_message *message, int i, struct arena *arena)
{
	const ProtobufCFieldDescriptor *field = &message->type->fields[i];
	struct str rest = message->bytes;
	struct wire_field value;

	json_array(out);
	while (wire_next(&rest, &value) == WIRE_FIELD) {
		if (value.id != field->id)
			continue;
		if (value.type == WIRE_BYTES && wire_type_of(field->type) != WIRE_BYTES)
			put_packed(out, field, value.bytes);
		else
			put_one(out, field, &value, arena);
	}
	json_array_end(out);
}

/* An empty text is null: a side without a grade. */
static void put_entry(struct json_out *out, const struct proto_message *entry, struct arena *arena)
{
	const ProtobufCFieldDescriptor *key = &entry->type->fields[0], *value = &entry->type->fields[1];
	char digits[STR_INT];

	json_key(out, key->type == PROTOBUF_C_TYPE_STRING ? proto_text(entry, 0)
							  : str_of_int(proto_number(entry, 0), digits));
	if (proto_is_set(entry, 1) || value->type != PROTOBUF_C_TYPE_STRING)
		put_one(out, value,
			entry->found[1].n ? &entry->found[1].last : &(struct wire_field){ .bytes = STR("") }, arena);
	else
		json_null(out);
}

/* A key that is there twice is twice in the object: who reads the JSON refuses that. */
static void put_map(struct json_out *out, const struct proto_message *message, int i, struct arena *arena)
{
	const ProtobufCMessageDescriptor *type = message->type->fields[i].descriptor;
	struct str rest = message->bytes, part;
	struct proto_message entry;

	json_object(out);
	while (proto_each(message, i, &rest, &part))
		if (take_apart(&entry, type, part, arena))
			put_entry(out, &entry, arena);
	json_object_end(out);
}

static void put_default(struct json_out *out, const ProtobufCFieldDescriptor *field)
{
	if (field->type == PROTOBUF_C_TYPE_BOOL)
		json_bool(out, false);
	else
		json_null(out);
}

void proto_put_value(struct json_out *out, const struct proto_message *message, int i, struct arena *arena)
{
	const ProtobufCFieldDescriptor *field = &message->type->fields[i];

	if (proto_is_map(field))
		put_map(out, message, i, arena);
	else if (is_repeated(field))
		put_list(out, message, i, arena);
	else if (!proto_is_set(message, i))
		put_default(out, field);
	else if (field->type == PROTOBUF_C_TYPE_MESSAGE)
		put_part(out, field->descriptor, proto_part(message, i, arena), arena);
	else
		put_one(out, field, &message->found[i].last, arena);
}

void proto_put_message(struct json_out *out, const struct proto_message *message, struct arena *arena)
{
	json_object(out);
	for (unsigned i = 0; i < message->type->n_fields; i++) {
		if (!proto_is_set(message, (int)i))
			continue;
		proto_put_key(out, &message->type->fields[i]);
		proto_put_value(out, message, (int)i, arena);
	}
	json_object_end(out);
}
