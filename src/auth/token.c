/* SPDX-License-Identifier: MIT */
/* Access tokens: issuing and verifying JWTs. */
#include "auth/token.h"

#include <string.h>

#include <jansson.h>
#include <mbedtls/md.h>

#include "auth/base64url.h"

enum { HEADER_MAX = 256, CLAIMS_MAX = 1536 };

static void json_drop(json_t **json)
{
	json_decref(*json);
}

void auth_token_sign(struct str secret, struct str input, uint8_t signature[AUTH_SIGNATURE_BYTES])
{
	const mbedtls_md_info_t *sha256 = mbedtls_md_info_from_type(MBEDTLS_MD_SHA256);
	check(mbedtls_md_hmac(sha256, (const uint8_t *)secret.at, secret.len, (const uint8_t *)input.at, input.len,
			      signature) == 0);
}

static struct str key_secret(const struct auth_key *key)
{
	return (struct str){ (const char *)key->secret, sizeof(key->secret) };
}

/* ── Issuing ── */

static size_t add_encoded(char *to, struct str bytes)
{
	return base64url_encode(bytes, to).len;
}

static size_t render_claims(const struct auth_token_settings *settings, const struct identity *identity,
			    char to[CLAIMS_MAX])
{
	char user[UUID_TEXT + 1], jti[UUID_TEXT + 1], family[UUID_TEXT + 1];
	owned(json_drop) json_t *claims =
		json_pack("{s:s, s:s%, s:s, s:I, s:I, s:s%, s:s%, s:s}", "sub", uuid_format(&identity->user, user).at,
			  "email", identity->email.at, identity->email.len, "jti", uuid_format(&identity->jti, jti).at,
			  "iat", (json_int_t)identity->issued_s, "exp", (json_int_t)identity->expires_s, "iss",
			  settings->issuer.at, settings->issuer.len, "aud", settings->audience.at,
			  settings->audience.len, "fam", uuid_format(&identity->family, family).at);
	size_t len = claims ? json_dumpb(claims, to, CLAIMS_MAX, JSON_COMPACT) : 0;
	return len <= CLAIMS_MAX ? len : 0;
}

struct str auth_token_issue(const struct auth_token_settings *settings, const struct auth_keys *keys,
			    const struct identity *identity, struct arena *arena)
{
	const struct auth_key *key = &keys->items[0];
	char header[HEADER_MAX], claims[CLAIMS_MAX];
	uint8_t signature[AUTH_SIGNATURE_BYTES];

	check(keys->n > 0);
	int header_len = snprintf(header, sizeof(header), "{\"alg\":\"HS256\",\"kid\":\"%.*s\",\"typ\":\"JWT\"}",
				  AUTH_KID_TEXT, key->kid);
	size_t claims_len = render_claims(settings, identity, claims);
	char *token = arena_alloc(arena, AUTH_TOKEN_MAX + BASE64URL_TEXT(HEADER_MAX));
	if (!claims_len || !token)
		return STR_ABSENT;
	size_t len = add_encoded(token, (struct str){ header, (size_t)header_len });
	token[len++] = '.';
	len += add_encoded(token + len, (struct str){ claims, claims_len });
	auth_token_sign(key_secret(key), (struct str){ token, len }, signature);
	token[len++] = '.';
	len += add_encoded(token + len, (struct str){ (const char *)signature, sizeof(signature) });
	return len <= AUTH_TOKEN_MAX ? (struct str){ token, len } : STR_ABSENT;
}

/* ── Verifying ── */

static json_t *read_object(struct str encoded, uint8_t *room, size_t max)
{
	json_t *json;
	size_t len;

	if (!base64url_decode(encoded, room, max, &len))
		return NULL;
	json = json_loadb((const char *)room, len, JSON_REJECT_DUPLICATES, NULL);
	if (json_is_object(json))
		return json;
	json_decref(json);
	return NULL;
}

static struct str member_text(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);
	return json_is_string(value) ? (struct str){ json_string_value(value), json_string_length(value) } : STR_ABSENT;
}

static bool member_is(const json_t *object, const char *name, struct str expected)
{
	return str_equal(member_text(object, name), expected);
}

static bool member_uuid(const json_t *object, const char *name, struct uuid *out)
{
	return uuid_parse(member_text(object, name), out);
}

static bool member_time(const json_t *object, const char *name, int64_t *out)
{
	const json_t *value = json_object_get(object, name);
	*out = json_integer_value(value);
	return json_is_integer(value) && *out >= 0;
}

/* The key that the header names; NULL for another algorithm, a stranger's kid, or extensions that we would have to know. */
static const struct auth_key *key_of_header(const struct auth_keys *keys, struct str encoded)
{
	uint8_t room[HEADER_MAX];
	owned(json_drop) json_t *header = read_object(encoded, room, sizeof(room));

	if (!header || !member_is(header, "alg", STR("HS256")) || !member_is(header, "typ", STR("JWT")) ||
	    json_object_get(header, "crit"))
		return NULL;
	return auth_keys_find(keys, member_text(header, "kid"));
}

static bool signature_is_right(const struct auth_key *key, struct str input, struct str encoded)
{
	uint8_t right[AUTH_SIGNATURE_BYTES], given[AUTH_SIGNATURE_BYTES];
	size_t len;

	if (!base64url_decode(encoded, given, sizeof(given), &len) || len != sizeof(given))
		return false;
	auth_token_sign(key_secret(key), input, right);
	return str_equal_secret((struct str){ (const char *)right, sizeof(right) },
				(struct str){ (const char *)given, sizeof(given) });
}

static bool claims_read(const struct auth_token_settings *settings, struct str encoded, struct arena *arena,
			struct identity *out)
{
	uint8_t room[CLAIMS_MAX];
	owned(json_drop) json_t *claims = read_object(encoded, room, sizeof(room));

	if (!claims || !member_is(claims, "iss", settings->issuer) || !member_is(claims, "aud", settings->audience))
		return false;
	out->email = arena_copy(arena, member_text(claims, "email"));
	return str_present(out->email) && member_uuid(claims, "sub", &out->user) &&
	       member_uuid(claims, "jti", &out->jti) && member_uuid(claims, "fam", &out->family) &&
	       member_time(claims, "iat", &out->issued_s) && member_time(claims, "exp", &out->expires_s);
}

int auth_token_verify(const struct auth_token_settings *settings, const struct auth_keys *keys, struct str token,
		      int64_t now_s, struct arena *arena, struct identity *out)
{
	struct identity found = { 0 };
	struct str rest, signature;

	if (token.len > AUTH_TOKEN_MAX)
		return AUTH_TOKEN_INVALID;
	struct str header = str_cut(token, '.', &rest);
	struct str claims = str_cut(rest, '.', &signature);
	if (!str_present(signature))
		return AUTH_TOKEN_INVALID;
	const struct auth_key *key = key_of_header(keys, header);
	struct str input = str_first(token, header.len + 1 + claims.len);
	if (!key || !signature_is_right(key, input, signature) || !claims_read(settings, claims, arena, &found))
		return AUTH_TOKEN_INVALID;
	*out = found;
	return found.expires_s > now_s ? AUTH_TOKEN_VALID : AUTH_TOKEN_EXPIRED;
}
