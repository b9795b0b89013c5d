/* SPDX-License-Identifier: MIT */
/* Any bytes as JSON: refused with an offset within them, or a tree whose rendering reads back as the same tree. */
#include "codec/json.h"
#include "codec/json_out.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { BUDGET = 64 << 20 };

static void render(struct json_out *out, const struct json *value)
{
	char real[64];

	switch (value->kind) {
	case JSON_KIND_NULL: json_null(out); break;
	case JSON_KIND_BOOL: json_bool(out, value->truth); break;
	case JSON_KIND_INT: json_int(out, value->whole); break;
	case JSON_KIND_REAL:
		snprintf(real, sizeof(real), "%.17e", value->real);
		json_raw(out, str_of(real));
		break;
	case JSON_KIND_TEXT: json_str(out, value->text); break;
	case JSON_KIND_ARRAY:
		json_array(out);
		for (size_t i = 0; i < value->n; i++)
			render(out, &value->items[i]);
		json_array_end(out);
		break;
	case JSON_KIND_OBJECT:
		json_object(out);
		for (size_t i = 0; i < value->n; i++) {
			json_key(out, value->members[i].key);
			render(out, &value->members[i].value);
		}
		json_object_end(out);
		break;
	}
}

static void money_survives(const struct json *value)
{
	char text[48];
	int64_t cents;

	if (!json_money(value, &cents))
		return;
	check(cents > -1000000000000 && cents < 1000000000000);
	if (value->kind == JSON_KIND_REAL) {
		snprintf(text, sizeof(text), "%.2f", value->real);
		check(strtod(text, NULL) == value->real);
	}
}

static void read_back(struct arena *arena, const struct json *root)
{
	owned(buf_free) struct buf first = buf_of(BUDGET), second = buf_of(BUDGET);
	struct json_out out = json_out_of(&first), again = json_out_of(&second);
	const struct json *copy;
	struct str said;

	render(&out, root);
	check(!buf_failed(&first));
	check(json_parse(arena, buf_str(&first), &copy, &said) == JSON_PARSED);
	render(&again, copy);
	check(str_equal(buf_str(&first), buf_str(&second)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	owned(arena_drop) struct arena *arena = arena_new(BUDGET);
	struct str bytes = { (const char *)data, size }, said = STR_ABSENT;
	const struct json *root = NULL;

	switch (json_parse(arena, bytes, &root, &said)) {
	case JSON_PARSED:
		money_survives(root);
		read_back(arena, root);
		break;
	case JSON_BROKEN:
		check(str_starts(said, STR("invalid JSON at byte ")));
		break;
	default:
		check(arena_exhausted(arena));
	}
	return 0;
}
