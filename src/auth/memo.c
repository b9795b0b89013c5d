/* SPDX-License-Identifier: MIT */
/* Tokens verified lately: one place for each keyed hash. */
#include "auth/memo.h"

#include <string.h>

#include "base/hash.h"

enum { TELLING = 32 }; /* bytes of a token's end */

struct place {
	char *bytes; /* the token, then the address; NULL: free */
	size_t token_len;
	struct identity identity; /* its email points into bytes */
};

struct auth_memo {
	size_t n;
	struct place places[];
};

struct auth_memo *auth_memo_new(size_t n)
{
	check(n && (n & (n - 1)) == 0);
	struct auth_memo *memo = calloc(1, sizeof(*memo) + n * sizeof(memo->places[0]));
	if (memo)
		memo->n = n;
	return memo;
}

void auth_memo_free(struct auth_memo *memo)
{
	if (memo)
		auth_memo_clear(memo);
	free(memo);
}

/*
 * By the token's end, which is its signature's: each token that was verified has another. The hash's key is this
 * process's own: nobody can aim at a place.
 */
static size_t place_of(const struct auth_memo *memo, struct str token)
{
	struct str end = str_skip(token, token.len > TELLING ? token.len - TELLING : 0);
	return hash_str(end) & (memo->n - 1);
}

bool auth_memo_find(const struct auth_memo *memo, struct str token, struct arena *arena, struct identity *out)
{
	const struct place *place = &memo->places[place_of(memo, token)];

	if (!place->bytes || !str_equal_secret((struct str){ place->bytes, place->token_len }, token))
		return false;
	*out = place->identity;
	out->email = arena_copy(arena, place->identity.email);
	return str_present(out->email);
}

void auth_memo_keep(struct auth_memo *memo, struct str token, const struct identity *identity)
{
	struct place *place = &memo->places[place_of(memo, token)];
	char *bytes = malloc(token.len + identity->email.len + 1);

	if (!bytes)
		return;
	char *email = mempcpy(bytes, token.at, token.len);
	mempcpy(email, identity->email.at, identity->email.len);
	free(place->bytes);
	*place = (struct place){ .bytes = bytes, .token_len = token.len, .identity = *identity };
	place->identity.email.at = email;
}

void auth_memo_clear(struct auth_memo *memo)
{
	for (size_t i = 0; i < memo->n; i++) {
		free(memo->places[i].bytes);
		memo->places[i] = (struct place){ 0 };
	}
}
