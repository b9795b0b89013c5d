/* SPDX-License-Identifier: MIT */
/* Access tokens from strangers: as they come, and with their header and claims signed by the right key. */
#include "auth/token.h"
#include "codec/base64.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Signs whatever precedes the last dot, so that the claims' reader is reached too. */
static struct str resign(const struct auth_keys *keys, struct str token, struct arena *arena)
{
	owned(buf_free) struct buf text = buf_of(2 * AUTH_TOKEN_MAX + 65536);
	uint8_t signature[AUTH_SIGNATURE_BYTES];

	while (token.len && token.at[token.len - 1] != '.')
		token.len--;
	token.len -= token.len > 0;
	auth_token_sign((struct str){ (const char *)keys->items[0].secret, AUTH_KEY_BYTES }, token, signature);
	buf_add(&text, token);
	buf_add_char(&text, '.');
	base64url_encode(&text, (struct str){ (const char *)signature, sizeof(signature) });
	return arena_copy(arena, buf_str(&text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct auth_token_settings settings = auth_token_defaults();
	struct auth_keys keys = { .n = 1, .items = { { .kid = "0123456789abcde" } } };
	struct identity identity;
	struct str token = { (const char *)data, size };
	owned(arena_drop) struct arena *arena = arena_new(1 << 20);

	keys.items[0].kid[AUTH_KID_TEXT - 1] = 'f';
	if (!arena || size > 65536)
		return 0;
	int outcome = auth_token_verify(&settings, &keys, token, 1700000000, arena, &identity);
	check(outcome != AUTH_TOKEN_VALID || identity.expires_s > 1700000000);
	outcome = auth_token_verify(&settings, &keys, resign(&keys, token, arena), 1700000000, arena, &identity);
	check(outcome != AUTH_TOKEN_VALID || identity.expires_s > 1700000000);
	return 0;
}
