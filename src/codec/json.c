/* SPDX-License-Identifier: MIT */
/* jansson, bounded, and its tree moved into the arena. */
#include "codec/json.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>

static void tree_drop(json_t **tree)
{
	json_decref(*tree);
}

/* jansson recurses as deep as the input says, up to a depth of its own: look first. Returns bytes.len, or the offset of the bracket that is too deep. */
static size_t find_too_deep(struct str bytes)
{
	size_t depth = 0;
	bool quoted = false;

	for (size_t i = 0; i < bytes.len; i++) {
		char c = bytes.at[i];
		if (quoted) {
			i += c == '\\';
			quoted = c != '"';
		} else if (c == '"') {
			quoted = true;
		} else if (c == '[' || c == '{') {
			if (++depth > JSON_MAX_DEPTH)
				return i;
		} else if ((c == ']' || c == '}') && depth) {
			depth--;
		}
	}
	return bytes.len;
}

static struct str copy_text(struct arena *arena, const char *at, size_t len)
{
	return arena_copy(arena, (struct str){ at, len });
}

static struct json move(struct arena *arena, json_t *tree);

static struct json move_array(struct arena *arena, json_t *tree)
{
	size_t n = json_array_size(tree);
	struct json *items = arena_array(arena, n, sizeof(*items));
	for (size_t i = 0; items && i < n; i++)
		items[i] = move(arena, json_array_get(tree, i));
	return (struct json){ .kind = JSON_KIND_ARRAY, .items = items, .n = items ? n : 0 };
}

static struct json move_object(struct arena *arena, json_t *tree)
{
	size_t n = 0;
	struct json_member *members = arena_array(arena, json_object_size(tree), sizeof(*members));
	for (void *at = json_object_iter(tree); members && at; at = json_object_iter_next(tree, at))
		members[n++] = (struct json_member){
			.key = copy_text(arena, json_object_iter_key(at), json_object_iter_key_len(at)),
			.value = move(arena, json_object_iter_value(at)),
		};
	return (struct json){ .kind = JSON_KIND_OBJECT, .members = members, .n = n };
}

/* Recurses no deeper than JSON_MAX_DEPTH: that was looked at. */
static struct json move(struct arena *arena, json_t *tree)
{
	switch (json_typeof(tree)) {
	case JSON_OBJECT: return move_object(arena, tree);
	case JSON_ARRAY: return move_array(arena, tree);
	case JSON_STRING:
		return (struct json){ .kind = JSON_KIND_TEXT,
				      .text = copy_text(arena, json_string_value(tree), json_string_length(tree)) };
	case JSON_INTEGER: return (struct json){ .kind = JSON_KIND_INT, .whole = json_integer_value(tree) };
	case JSON_REAL: return (struct json){ .kind = JSON_KIND_REAL, .real = json_real_value(tree) };
	case JSON_TRUE:
	case JSON_FALSE: return (struct json){ .kind = JSON_KIND_BOOL, .truth = json_is_true(tree) };
	case JSON_NULL: break;
	}
	return (struct json){ .kind = JSON_KIND_NULL };
}

/* jansson's words without its quotation of the input, and without the names of its flags. */
static struct str reason_of(const json_error_t *error)
{
	if (json_error_code(error) == json_error_null_character)
		return STR("\\u0000 is not allowed");
	struct str text = str_of(error->text);
	size_t near = str_find(text, STR(" near "));
	return near == SIZE_MAX ? text : str_first(text, near);
}

int json_parse(struct arena *arena, struct str bytes, const struct json **root, struct str *said)
{
	json_error_t error;
	size_t deep = find_too_deep(bytes);

	if (deep < bytes.len) {
		*said = arena_printf(arena, "invalid JSON at byte %zu: nested deeper than %d levels", deep,
				     JSON_MAX_DEPTH);
		return JSON_BROKEN;
	}
	owned(tree_drop) json_t *tree = json_loadb(bytes.at ? bytes.at : "", bytes.len,
						   JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
	if (!tree) {
		*said = arena_printf(arena, "invalid JSON at byte %d: %.*s", error.position,
				     STR_ARG(reason_of(&error)));
		return JSON_BROKEN;
	}
	struct json *copy = arena_new_of(arena, struct json);
	if (copy)
		*copy = move(arena, tree);
	if (arena_exhausted(arena)) {
		*said = STR("the JSON needs more memory than a request may use");
		return -ENOMEM;
	}
	*root = copy;
	return JSON_PARSED;
}

const struct json *json_get(const struct json *object, struct str key)
{
	if (!object || object->kind != JSON_KIND_OBJECT)
		return NULL;
	for (size_t i = 0; i < object->n; i++)
		if (str_equal(object->members[i].key, key))
			return &object->members[i].value;
	return NULL;
}

bool json_read_text(const struct json *value, struct str *out)
{
	if (!value || value->kind != JSON_KIND_TEXT)
		return false;
	*out = value->text;
	return true;
}

bool json_read_bool(const struct json *value, bool *out)
{
	if (!value || value->kind != JSON_KIND_BOOL)
		return false;
	*out = value->truth;
	return true;
}

bool json_read_int(const struct json *value, int64_t min, int64_t max, int64_t *out)
{
	if (!value || value->kind != JSON_KIND_INT || value->whole < min || value->whole > max)
		return false;
	*out = value->whole;
	return true;
}

bool json_money(const struct json *value, int64_t *cents)
{
	const int64_t whole_limit = 10000000000; /* NUMERIC(12,2): ten digits before the point */

	if (!value)
		return false;
	if (value->kind == JSON_KIND_INT) {
		if (value->whole <= -whole_limit || value->whole >= whole_limit)
			return false;
		*cents = value->whole * 100;
		return true;
	}
	if (value->kind != JSON_KIND_REAL || !(fabs(value->real) < (double)whole_limit))
		return false;
	/* Below 10^12 hundredths each two-decimal number has a double of its own: the nearest must be exactly this one. */
	int64_t nearest = llround(value->real * 100);
	if ((double)nearest / 100 != value->real || nearest <= -whole_limit * 100 || nearest >= whole_limit * 100)
		return false;
	*cents = nearest;
	return true;
}
