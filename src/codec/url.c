/* SPDX-License-Identifier: MIT */
/* Percent-encoding, paths and queries. */
#include "codec/url.h"

#include <errno.h>

#include "codec/utf8.h"

static bool needs_decoding(struct str text, bool plus_is_blank)
{
	return str_find_char(text, '%') < text.len || (plus_is_blank && str_find_char(text, '+') < text.len);
}

/* Decodes in place or elsewhere (`to` may be text.at); SIZE_MAX for a broken escape. */
static size_t decode_escapes(char *to, struct str text, bool plus_is_blank)
{
	size_t n = 0;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.at[i];
		if (c == '%') {
			int high = i + 1 < text.len ? char_hex(text.at[i + 1]) : -1;
			int low = i + 2 < text.len ? char_hex(text.at[i + 2]) : -1;
			if (high < 0 || low < 0)
				return SIZE_MAX;
			c = (char)(high << 4 | low);
			i += 2;
		} else if (c == '+' && plus_is_blank) {
			c = ' ';
		}
		to[n++] = c;
	}
	return n;
}

static int decode(struct arena *arena, struct str text, bool plus_is_blank, struct str *out)
{
	struct str decoded = text;

	if (needs_decoding(text, plus_is_blank)) {
		char *to = arena_alloc(arena, text.len);
		if (!to)
			return -ENOMEM;
		size_t len = decode_escapes(to, text, plus_is_blank);
		if (len == SIZE_MAX)
			return URL_MALFORMED;
		decoded = (struct str){ to, len };
	}
	if (!utf8_valid(decoded) || str_find_char(decoded, 0) < decoded.len)
		return URL_MALFORMED;
	*out = decoded;
	return URL_OK;
}

int url_decode(struct arena *arena, struct str text, struct str *out)
{
	return decode(arena, text, false, out);
}

static bool has_dot_segment(struct str path)
{
	return str_find(path, STR("/.")) != SIZE_MAX;
}

/* Takes the first segment off, its leading '/' included. */
static struct str take_segment(struct str *rest)
{
	size_t slash = str_find_char(str_skip(*rest, 1), '/');
	struct str segment = str_first(*rest, slash + 1);
	*rest = str_skip(*rest, slash + 1);
	return segment;
}

/* Length of the path without its last segment. */
static size_t without_last(const char *path, size_t len)
{
	while (len && path[--len] != '/')
		;
	return len;
}

/* RFC 3986, section 5.2.4, for a path that begins with '/'. */
static struct str resolve_dots(char *to, struct str path)
{
	size_t len = 0;

	while (path.len) {
		struct str segment = take_segment(&path);
		bool up = str_equal(segment, STR("/.."));
		bool stay = str_equal(segment, STR("/."));
		if (up)
			len = without_last(to, len);
		if (up || stay)
			segment = path.len ? STR("") : STR("/");
		for (size_t i = 0; i < segment.len; i++)
			to[len++] = segment.at[i];
	}
	return (struct str){ to, len };
}

int url_path(struct arena *arena, struct str path, struct str *out)
{
	struct str decoded;

	if (!str_starts(path, STR("/")))
		return URL_MALFORMED;
	int outcome = decode(arena, path, false, &decoded);
	if (outcome)
		return outcome;
	if (has_dot_segment(decoded)) {
		char *to = arena_alloc(arena, decoded.len);
		if (!to)
			return -ENOMEM;
		decoded = resolve_dots(to, decoded);
	}
	*out = decoded;
	return URL_OK;
}

int url_param_next(struct arena *arena, struct str *query, struct str *name, struct str *value)
{
	struct str param = STR("");

	while (param.len == 0 && query->len)
		param = str_cut(*query, '&', query);
	if (param.len == 0)
		return URL_END;
	struct str after, before = str_cut(param, '=', &after);
	int outcome = decode(arena, before, true, name);
	return outcome ? outcome : decode(arena, str_present(after) ? after : STR(""), true, value);
}

static bool is_unreserved(char c)
{
	return char_is_alpha(c) || char_is_digit(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

void url_encode(struct buf *to, struct str text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (is_unreserved(text.at[i]))
			buf_add_char(to, text.at[i]);
		else
			buf_printf(to, "%%%02X", (unsigned)(unsigned char)text.at[i]);
	}
}
