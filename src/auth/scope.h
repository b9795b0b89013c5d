/* SPDX-License-Identifier: MIT */
/* Scopes: what a bearer may be let do. A session's access token may do all of it, an API token what it was made for. */
#ifndef AUTH_SCOPE_H
#define AUTH_SCOPE_H

#include "base/arena.h"

enum auth_scope_row {
#define SCOPE(NAME, word, sentence) AUTH_SCOPE_ROW_##NAME,
#include "auth/scope.def"
#undef SCOPE
	N_AUTH_SCOPES,
};

/* As bits, of which several make a set. */
enum auth_scope {
#define SCOPE(NAME, word, sentence) AUTH_##NAME = 1 << AUTH_SCOPE_ROW_##NAME,
#include "auth/scope.def"
#undef SCOPE
	AUTH_ACCOUNT = 1 << N_AUTH_SCOPES, /* the account itself, its sessions, tokens and shares; no API token can have it */
	AUTH_EVERYTHING = AUTH_ACCOUNT * 2 - 1,
};

/* "records:read" of one bit; absent for what has no word. */
struct str auth_scope_word(unsigned scope);
/* The bit of a word, 0 for none of ours. */
unsigned auth_scope_of_word(struct str word);
/* Blank-separated, in one order. Absent without memory. */
struct str auth_scopes_text(unsigned scopes, struct arena *arena);
/* The set that such a text names; unknown words are left out. */
unsigned auth_scopes_of_text(struct str text);

#endif
