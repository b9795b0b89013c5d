/* SPDX-License-Identifier: MIT */
/* The configuration file's syntax: small enough to be read here, so that each error can name its line. */
#include "codec/ini.h"

/* NULL, or why the line is none. An empty line and a comment leave row->key absent. */
static const char *read_line(struct str line, struct ini_row *row)
{
	struct str text = str_trim(line);

	row->key = row->value = STR_ABSENT;
	if (text.len == 0 || text.at[0] == '#' || text.at[0] == ';')
		return NULL;
	if (str_find_char(text, 0) < text.len)
		return "there is a NUL byte in it";
	if (text.at[0] == '[') {
		row->section = STR_ABSENT;
		if (!str_ends(text, STR("]")))
			return "']' is missing";
		struct str name = str_trim(str_first(str_skip(text, 1), text.len - 2));
		if (name.len == 0)
			return "the section has no name";
		row->section = name;
		return NULL;
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

void ini_read(struct str text, void (*row)(void *arg, const struct ini_row *row), void *arg)
{
	struct ini_row current = { .section = STR("") };
	struct str rest = str_starts(text, STR("\xef\xbb\xbf")) ? str_skip(text, 3) : text;

	while (rest.len) {
		struct str line = str_cut(rest, '\n', &rest);
		current.line++;
		current.fault = read_line(line, &current);
		if (current.fault || str_present(current.key))
			row(arg, &current);
	}
}
