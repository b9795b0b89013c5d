/* SPDX-License-Identifier: MIT */
/* Any bytes as a path, a query, a component: what is accepted is UTF-8 without NUL, and no path leaves the root. */
#include "codec/url.h"
#include "codec/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { BUDGET = 64 << 20 };

static void check_text(struct str text)
{
	check(utf8_valid(text) && str_find_char(text, 0) == text.len);
}

static void try_path(struct arena *arena, struct str raw)
{
	struct str path, rest;

	if (url_path(arena, raw, &path))
		return;
	check_text(path);
	check(str_starts(path, STR("/")));
	for (rest = path; str_present(rest);) {
		struct str segment = str_cut(rest, '/', &rest);
		check(!str_equal(segment, STR("..")) && !str_equal(segment, STR(".")));
	}
}

static void try_query(struct arena *arena, struct str query)
{
	struct str name, value;
	size_t before = query.len + 1;

	while (url_param_next(arena, &query, &name, &value) == URL_OK) {
		check_text(name);
		check_text(value);
		check(query.len < before);
		before = query.len;
		if (!str_present(query))
			break;
	}
}

static void try_component(struct arena *arena, struct str text)
{
	owned(buf_free) struct buf encoded = buf_of(BUDGET);
	struct str decoded, again;

	if (url_decode(arena, text, &decoded))
		return;
	check_text(decoded);
	url_encode(&encoded, decoded);
	check(url_decode(arena, buf_str(&encoded), &again) == URL_OK);
	check(str_equal(decoded, again));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	owned(arena_drop) struct arena *arena = arena_new(BUDGET);
	struct str text = { size ? (const char *)data : "", size };

	try_path(arena, text);
	try_query(arena, text);
	try_component(arena, text);
	return 0;
}
