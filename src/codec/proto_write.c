/* SPDX-License-Identifier: MIT */
/* JSON into messages, in one pass over the text: what the database has as JSON is sent without a tree in between. */
#include <stdlib.h>
#include <string.h>

#include "codec/base64.h"
#include "codec/proto.h"
#include "codec/utf8.h"

enum { LONGEST_NUMBER = 64, MAX_SKIP_DEPTH = 64 };

struct scan {
	struct proto_writer *writer;
	struct str rest;
	struct buf *to;
	struct str said; /* absent: nothing is wrong */
	unsigned depth;
};

static bool wrong(struct scan *scan, const char *what)
{
	if (!str_present(scan->said))
		scan->said = str_of(what);
	return false;
}

static bool wrong_field(struct scan *scan, const ProtobufCFieldDescriptor *field, const char *what)
{
	if (!str_present(scan->said))
		scan->writer->where = field->name;
	return wrong(scan, what);
}

/* ── Tokens ── */

static void skip_space(struct scan *scan)
{
	size_t n = 0;
	while (n < scan->rest.len && char_is_space(scan->rest.at[n]))
		n++;
	scan->rest = str_skip(scan->rest, n);
}

static char peek(struct scan *scan)
{
	skip_space(scan);
	return scan->rest.len ? scan->rest.at[0] : 0;
}

static bool take_char(struct scan *scan, char c)
{
	if (peek(scan) != c)
		return false;
	scan->rest = str_skip(scan->rest, 1);
	return true;
}

static bool take_word(struct scan *scan, struct str word)
{
	skip_space(scan);
	if (!str_starts(scan->rest, word))
		return false;
	scan->rest = str_skip(scan->rest, word.len);
	return true;
}

/* The quote that ends a text; NULL when there is none. */
static const char *end_of_text(struct str text, bool *escaped)
{
	const char *end = memchr(text.at, '"', text.len), *at = text.at;

	*escaped = end && memchr(at, '\\', (size_t)(end - at));
	if (!*escaped)
		return end;
	for (end = at + text.len; at < end && *at != '"'; at++)
		at += *at == '\\';
	return at < end ? at : NULL;
}

/* What stands between the quotes, as it stands there. */
static bool take_quoted(struct scan *scan, struct str *raw, bool *escaped)
{
	if (!take_char(scan, '"'))
		return wrong(scan, "is not JSON: a text is missing");
	const char *end = end_of_text(scan->rest, escaped);
	if (!end)
		return wrong(scan, "is not JSON: a text does not end");
	*raw = str_span(scan->rest.at, end);
	scan->rest = str_skip(scan->rest, raw->len + 1);
	return true;
}

static struct str take_number(struct scan *scan)
{
	size_t n = 0;

	skip_space(scan);
	for (; n < scan->rest.len; n++) {
		char c = scan->rest.at[n];
		if (!char_is_digit(c) && c != '-' && c != '+' && c != '.' && c != 'e' && c != 'E')
			break;
	}
	struct str number = str_first(scan->rest, n);
	scan->rest = str_skip(scan->rest, n);
	return number;
}

/* A value that nobody wants. */
static bool skip_value(struct scan *scan)
{
	unsigned depth = 0;
	struct str raw;
	bool escaped;

	do {
		char c = peek(scan);
		if (c == '"') {
			if (!take_quoted(scan, &raw, &escaped))
				return false;
		} else if (c == '{' || c == '[') {
			if (++depth > MAX_SKIP_DEPTH)
				return wrong(scan, "is nested too deeply");
			scan->rest = str_skip(scan->rest, 1);
		} else if (c == '}' || c == ']') {
			if (!depth)
				return wrong(scan, "is not JSON: a value is missing");
			depth--;
			scan->rest = str_skip(scan->rest, 1);
		} else if (c == ',' || c == ':') {
			if (!depth)
				return wrong(scan, "is not JSON: a value is missing");
			scan->rest = str_skip(scan->rest, 1);
		} else if (!take_word(scan, STR("true")) && !take_word(scan, STR("false")) &&
			   !take_word(scan, STR("null")) && !take_number(scan).len) {
			return wrong(scan, "is not JSON: a value is missing");
		}
	} while (depth);
	return true;
}

/* ── Texts ── */

static bool hex4(struct str digits, uint32_t *out)
{
	if (digits.len < 4)
		return false;
	*out = 0;
	for (size_t i = 0; i < 4; i++) {
		int digit = char_hex(digits.at[i]);
		if (digit < 0)
			return false;
		*out = *out << 4 | (uint32_t)digit;
	}
	return true;
}

/* Behind "\u": one code point, of a pair of surrogates if need be. */
static bool add_code_point(struct buf *to, struct str *raw)
{
	uint32_t high, low;

	if (!hex4(*raw, &high))
		return false;
	*raw = str_skip(*raw, 4);
	if (high >= 0xd800 && high < 0xdc00) {
		if (!str_starts(*raw, STR("\\u")) || !hex4(str_skip(*raw, 2), &low) || low < 0xdc00 || low > 0xdfff)
			return false;
		*raw = str_skip(*raw, 6);
		high = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
	}
	utf8_add(to, high);
	return true;
}

static bool add_unescaped(struct buf *to, struct str raw)
{
	static const char names[] = "\"\\/bfnrt", bytes[] = "\"\\/\b\f\n\r\t";

	while (raw.len) {
		size_t plain = str_find_char(raw, '\\');
		buf_add(to, str_first(raw, plain));
		raw = str_skip(raw, plain);
		if (!raw.len)
			break;
		char c = raw.len > 1 ? raw.at[1] : 0;
		const char *name = c ? strchr(names, c) : NULL;
		raw = str_skip(raw, 2);
		if (name)
			buf_add_char(to, bytes[name - names]);
		else if (c != 'u' || !add_code_point(to, &raw))
			return false;
	}
	return true;
}

static bool put_text(struct scan *scan, const ProtobufCFieldDescriptor *field, struct str raw, bool escaped)
{
	if (!escaped) {
		wire_put_bytes(scan->to, field->id, raw);
		return true;
	}
	size_t opened = wire_open(scan->to, field->id);
	if (!add_unescaped(scan->to, raw))
		return wrong_field(scan, field, "is not JSON: an escape is malformed");
	wire_close(scan->to, opened);
	return true;
}

/* Either alphabet of base64, padded or not. */
static bool put_base64(struct scan *scan, const ProtobufCFieldDescriptor *field, struct str raw)
{
	owned(buf_free) struct buf text = buf_of(raw.len + 1), bytes = buf_of(raw.len + 1);

	while (raw.len && raw.at[raw.len - 1] == '=')
		raw = str_first(raw, raw.len - 1);
	for (size_t i = 0; i < raw.len; i++)
		buf_add_char(&text, raw.at[i] == '+' ? '-' : raw.at[i] == '/' ? '_' : raw.at[i]);
	if (!base64url_decode(&bytes, buf_str(&text)))
		return wrong_field(scan, field, "must be base64");
	wire_put_bytes(scan->to, field->id, buf_str(&bytes));
	return true;
}

/* ── Numbers ── */

static void put_integer(struct scan *scan, const ProtobufCFieldDescriptor *field, int64_t value)
{
	switch (field->type) {
	case PROTOBUF_C_TYPE_SINT32:
	case PROTOBUF_C_TYPE_SINT64:
		wire_put_number(scan->to, field->id, (uint64_t)value << 1 ^ (value < 0 ? UINT64_MAX : 0));
		break;
	case PROTOBUF_C_TYPE_FIXED32:
	case PROTOBUF_C_TYPE_SFIXED32:
		wire_put_fixed32(scan->to, field->id, (uint32_t)value);
		break;
	case PROTOBUF_C_TYPE_FIXED64:
	case PROTOBUF_C_TYPE_SFIXED64:
		wire_put_fixed64(scan->to, field->id, (uint64_t)value);
		break;
	default:
		wire_put_number(scan->to, field->id, (uint64_t)value);
	}
}

static bool put_whole(struct scan *scan, const ProtobufCFieldDescriptor *field, struct str text, bool always)
{
	int64_t min = INT64_MIN, max = INT64_MAX, value;

	switch (field->type) {
	case PROTOBUF_C_TYPE_INT32:
	case PROTOBUF_C_TYPE_SINT32:
	case PROTOBUF_C_TYPE_SFIXED32:
	case PROTOBUF_C_TYPE_ENUM:
		min = INT32_MIN;
		max = INT32_MAX;
		break;
	case PROTOBUF_C_TYPE_UINT32:
	case PROTOBUF_C_TYPE_FIXED32:
		min = 0;
		max = UINT32_MAX;
		break;
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_FIXED64:
		min = 0;
		break;
	default:
		break;
	}
	if (!str_to_int(text, min, max, &value))
		return wrong_field(scan, field, "must be a whole number in the range of its type");
	if (value || always)
		put_integer(scan, field, value);
	return true;
}

static bool put_real(struct scan *scan, const ProtobufCFieldDescriptor *field, struct str text, bool always)
{
	char copy[LONGEST_NUMBER], *end;
	uint64_t bits;
	uint32_t half;

	if (!text.len || text.len >= sizeof(copy))
		return wrong_field(scan, field, "must be a number");
	memcpy(copy, text.at, text.len);
	copy[text.len] = 0;
	double value = strtod(copy, &end);
	if (*end)
		return wrong_field(scan, field, "must be a number");
	memcpy(&bits, &value, sizeof(bits));
	if (!bits && !always)
		return true;
	if (field->type == PROTOBUF_C_TYPE_DOUBLE) {
		wire_put_fixed64(scan->to, field->id, bits);
		return true;
	}
	float small = (float)value;
	memcpy(&half, &small, sizeof(half));
	wire_put_fixed32(scan->to, field->id, half);
	return true;
}

/* A number may be written as a text, as the JSON of protobuf has those of 64 bits. */
static bool write_number(struct scan *scan, const ProtobufCFieldDescriptor *field, bool always)
{
	bool real = field->type == PROTOBUF_C_TYPE_DOUBLE || field->type == PROTOBUF_C_TYPE_FLOAT, escaped;
	struct str text;

	if (peek(scan) != '"')
		text = take_number(scan);
	else if (!take_quoted(scan, &text, &escaped))
		return false;
	return real ? put_real(scan, field, text, always) : put_whole(scan, field, text, always);
}

static bool write_enum(struct scan *scan, const ProtobufCFieldDescriptor *field, bool always)
{
	const ProtobufCEnumDescriptor *type = field->descriptor;
	struct str name;
	bool escaped;

	if (peek(scan) != '"')
		return write_number(scan, field, always);
	if (!take_quoted(scan, &name, &escaped))
		return false;
	for (unsigned i = 0; i < type->n_values; i++) {
		if (!str_equal(str_of(type->values[i].name), name))
			continue;
		if (type->values[i].value || always)
			put_integer(scan, field, type->values[i].value);
		return true;
	}
	return wrong_field(scan, field, "is none of its names");
}

static bool write_bool(struct scan *scan, const ProtobufCFieldDescriptor *field, bool always)
{
	bool truth = take_word(scan, STR("true"));

	if (!truth && !take_word(scan, STR("false")))
		return wrong_field(scan, field, "must be true or false");
	if (truth || always)
		wire_put_number(scan->to, field->id, truth);
	return true;
}

/* ── Fields ── */

static bool write_object(struct scan *scan, const ProtobufCMessageDescriptor *type);

static bool write_text(struct scan *scan, const ProtobufCFieldDescriptor *field, bool always)
{
	struct str raw;
	bool escaped;

	if (peek(scan) != '"')
		return wrong_field(scan, field, "must be a text");
	if (!take_quoted(scan, &raw, &escaped))
		return false;
	if (!raw.len && !always)
		return true;
	return field->type == PROTOBUF_C_TYPE_BYTES ? put_base64(scan, field, raw)
						    : put_text(scan, field, raw, escaped);
}

static bool write_part(struct scan *scan, const ProtobufCFieldDescriptor *field)
{
	size_t opened = wire_open(scan->to, field->id);

	if (!write_object(scan, field->descriptor))
		return false;
	wire_close(scan->to, opened);
	return true;
}

/* `always`: also when it is the default, as an element of a list must. */
static bool write_one(struct scan *scan, const ProtobufCFieldDescriptor *field, bool always)
{
	switch (field->type) {
	case PROTOBUF_C_TYPE_STRING:
	case PROTOBUF_C_TYPE_BYTES:
		return write_text(scan, field, always);
	case PROTOBUF_C_TYPE_MESSAGE:
		return write_part(scan, field);
	case PROTOBUF_C_TYPE_BOOL:
		return write_bool(scan, field, always);
	case PROTOBUF_C_TYPE_ENUM:
		return write_enum(scan, field, always);
	default:
		return write_number(scan, field, always);
	}
}

static bool write_list(struct scan *scan, const ProtobufCFieldDescriptor *field)
{
	if (!take_char(scan, '['))
		return wrong_field(scan, field, "must be a list");
	if (take_char(scan, ']'))
		return true;
	do {
		if (!write_one(scan, field, true))
			return false;
	} while (take_char(scan, ','));
	return take_char(scan, ']') || wrong_field(scan, field, "is not JSON: a list does not end");
}

static bool write_entry(struct scan *scan, const ProtobufCFieldDescriptor *field)
{
	const ProtobufCMessageDescriptor *entry = field->descriptor;
	size_t opened = wire_open(scan->to, field->id);
	struct str key;
	bool escaped;

	if (!take_quoted(scan, &key, &escaped))
		return false;
	if (entry->fields[0].type != PROTOBUF_C_TYPE_STRING) {
		if (!put_whole(scan, &entry->fields[0], key, true))
			return false;
	} else if (!put_text(scan, &entry->fields[0], key, escaped)) {
		return false;
	}
	if (!take_char(scan, ':'))
		return wrong_field(scan, field, "is not JSON: ':' is missing");
	if (!take_word(scan, STR("null")) && !write_one(scan, &entry->fields[1], false))
		return false;
	wire_close(scan->to, opened);
	return true;
}

static bool write_map(struct scan *scan, const ProtobufCFieldDescriptor *field)
{
	if (!take_char(scan, '{'))
		return wrong_field(scan, field, "must be an object");
	if (take_char(scan, '}'))
		return true;
	do {
		if (!write_entry(scan, field))
			return false;
	} while (take_char(scan, ','));
	return take_char(scan, '}') || wrong_field(scan, field, "is not JSON: an object does not end");
}

static bool write_field(struct scan *scan, const ProtobufCFieldDescriptor *field)
{
	if (take_word(scan, STR("null")))
		return true;
	if (proto_is_map(field))
		return write_map(scan, field);
	if (field->label == PROTOBUF_C_LABEL_REPEATED)
		return write_list(scan, field);
	return write_one(scan, field, field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF);
}

/* ── Objects ── */

/* "catalogNumber" or "catalog_number" for catalog_number. */
static bool key_names(struct str key, const char *name)
{
	size_t i = 0;

	for (; *name && i < key.len; name++, i++) {
		if (*name == key.at[i])
			continue;
		if (*name != '_' || !name[1] || char_lower(key.at[i]) != *++name)
			return false;
	}
	return !*name && i == key.len;
}

static const ProtobufCFieldDescriptor *field_of_key(struct proto_writer *writer, const ProtobufCMessageDescriptor *type,
						    struct str key, size_t place)
{
	unsigned char *guess = &writer->at[place % sizeof(writer->at)];

	if (*guess < type->n_fields && key_names(key, type->fields[*guess].name))
		return &type->fields[*guess];
	for (unsigned i = 0; i < type->n_fields; i++) {
		if (key_names(key, type->fields[i].name)) {
			*guess = (unsigned char)i;
			return &type->fields[i];
		}
	}
	return NULL;
}

static bool write_member(struct scan *scan, const ProtobufCMessageDescriptor *type, size_t place)
{
	struct str key;
	bool escaped;

	if (!take_quoted(scan, &key, &escaped))
		return false;
	if (!take_char(scan, ':'))
		return wrong(scan, "is not JSON: ':' is missing");
	const ProtobufCFieldDescriptor *field = field_of_key(scan->writer, type, key, place);
	if (field)
		return write_field(scan, field);
	if (scan->writer->strict) {
		scan->writer->where = type->short_name;
		return wrong(scan, "has no such field");
	}
	return skip_value(scan);
}

static bool write_object(struct scan *scan, const ProtobufCMessageDescriptor *type)
{
	size_t place = 0;

	if (++scan->depth > PROTO_MAX_DEPTH)
		return wrong(scan, "is nested too deeply");
	if (!take_char(scan, '{'))
		return wrong(scan, "must be an object");
	if (!take_char(scan, '}')) {
		do {
			if (!write_member(scan, type, place++))
				return false;
		} while (take_char(scan, ','));
		if (!take_char(scan, '}'))
			return wrong(scan, "is not JSON: an object does not end");
	}
	scan->depth--;
	return true;
}

static bool finish(struct scan *scan, bool done, struct str *said)
{
	if (done && peek(scan))
		done = wrong(scan, "is not JSON: something follows it");
	if (!done)
		*said = scan->said;
	return done;
}

bool proto_write(struct proto_writer *writer, const ProtobufCMessageDescriptor *type, struct str json, struct buf *to,
		 struct str *said)
{
	struct scan scan = { .writer = writer, .rest = json, .to = to };

	writer->where = NULL;
	return finish(&scan, write_object(&scan, type), said);
}

bool proto_write_field(struct proto_writer *writer, const ProtobufCFieldDescriptor *field, struct str json,
		       struct buf *to, struct str *said)
{
	struct scan scan = { .writer = writer, .rest = json, .to = to };

	writer->where = NULL;
	return finish(&scan, write_field(&scan, field), said);
}
