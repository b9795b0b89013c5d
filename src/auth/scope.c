/* SPDX-License-Identifier: MIT */
/* Scopes and their words. */
#include "auth/scope.h"

static const struct str words[] = {
#define SCOPE(NAME, word, sentence) STR(word),
#include "auth/scope.def"
#undef SCOPE
};

struct str auth_scope_word(unsigned scope)
{
	for (size_t i = 0; i < countof(words); i++)
		if (scope == 1u << i)
			return words[i];
	return STR_ABSENT;
}

unsigned auth_scope_of_word(struct str word)
{
	for (size_t i = 0; i < countof(words); i++)
		if (str_equal(words[i], word))
			return 1u << i;
	return 0;
}

struct str auth_scopes_text(unsigned scopes, struct arena *arena)
{
	struct str parts[2 * countof(words)];
	size_t n = 0;

	for (size_t i = 0; i < countof(words); i++) {
		if (!(scopes & 1u << i))
			continue;
		if (n)
			parts[n++] = STR(" ");
		parts[n++] = words[i];
	}
	return arena_concat(arena, parts, n);
}

unsigned auth_scopes_of_text(struct str text)
{
	unsigned scopes = 0;

	while (str_present(text))
		scopes |= auth_scope_of_word(str_cut(text, ' ', &text));
	return scopes;
}
