/* SPDX-License-Identifier: MIT */
/*
 * Access tokens: JWTs signed with HMAC-SHA-256 (RFC 7519, RFC 8725).
 *
 * Header `alg` (HS256 and nothing else), `kid`, `typ`; claims `sub` (user id), `email`, `jti`, `iat`, `exp`, `iss`,
 * `aud`, and `fam`, the session's refresh family. It is let do everything. Nothing of a token is believed before its signature is.
 */
#ifndef AUTH_TOKEN_H
#define AUTH_TOKEN_H

#include "auth/identity.h"
#include "auth/keys.h"

enum { AUTH_TOKEN_MAX = 2048, AUTH_SIGNATURE_BYTES = 32 };

struct auth_token_settings {
	struct str issuer, audience;
	int64_t ttl_s; /* of an access token */
};

static inline struct auth_token_settings auth_token_defaults(void)
{
	return (struct auth_token_settings){ .issuer = STR("recordd"), .audience = STR("recordd"), .ttl_s = 15 * 60 };
}

enum auth_token_outcome {
	AUTH_TOKEN_VALID = 0,
	AUTH_TOKEN_EXPIRED = 1, /* correctly signed, its time is over: *out is filled all the same (logout takes it) */
	AUTH_TOKEN_INVALID = 2, /* not ours, tampered with or malformed: *out is untouched */
};

/* A token for the identity, signed by the first key, in the arena; absent over the budget. issued_s and expires_s are used as given. */
struct str auth_token_issue(const struct auth_token_settings *settings, const struct auth_keys *keys,
			    const struct identity *identity, struct arena *arena);
/* out->email lives in the arena. Out of budget counts as invalid. */
must_use int auth_token_verify(const struct auth_token_settings *settings, const struct auth_keys *keys,
			       struct str token, int64_t now_s, struct arena *arena, struct identity *out);
/* HMAC-SHA-256. */
void auth_token_sign(struct str secret, struct str input, uint8_t signature[AUTH_SIGNATURE_BYTES]);

#endif
