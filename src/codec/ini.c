/* SPDX-License-Identifier: MIT */
/* The configuration file's syntax: small enough to be read here, so that each error can name its line. */
#include "codec/ini.h"

static int broken(struct arena *arena, unsigned line, const char *why, struct str *said)
{
	*said = arena_printf(arena, "line %u: %s", line, why);
	return INI_BROKEN;
}

/* NULL, or why the line is none. An empty line and a comment leave row->key absent. */
static const char *read_line(struct str line, struct ini_row *row)
{
	struct str text = str_trim(line);

	row->key = STR_ABSENT;
	if (text.len == 0 || text.at[0] == '#' || text.at[0] == ';')
		return NULL;
	if (str_find_char(text, 0) < text.len)
		return "there is a NUL byte in it";
	if (text.at[0] == '[') {
		if (!str_ends(text, STR("]")))
			return "']' is missing";
		row->section = str_trim(str_first(str_skip(text, 1), text.len - 2));
		return row->section.len ? NULL : "the section has no name";
	}
	struct str value, key = str_trim(str_cut(text, '=', &value));
	if (!str_present(value))
		return "neither [section] nor key = value";
	if (key.len == 0)
		return "nothing stands before '='";
	row->key = key;
	row->value = str_trim(value);
	return NULL;
}

int ini_read(struct str text, int (*row)(void *arg, const struct ini_row *row), void *arg, struct arena *arena,
	     struct str *said)
{
	struct ini_row current = { .section = STR("") };
	struct str rest = str_starts(text, STR("\xef\xbb\xbf")) ? str_skip(text, 3) : text;

	while (rest.len) {
		struct str line = str_cut(rest, '\n', &rest);
		current.line++;
		const char *why = read_line(line, &current);
		if (why)
			return broken(arena, current.line, why, said);
		int stop = str_present(current.key) ? row(arg, &current) : 0;
		if (stop)
			return stop;
	}
	return INI_READ;
}
