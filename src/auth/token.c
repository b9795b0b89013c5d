/* SPDX-License-Identifier: MIT */
/* Access tokens: issuing and verifying JWTs. */
#include "auth/token.h"

#include <mbedtls/md.h>

#include "codec/base64.h"
#include "codec/json.h"
#include "codec/json_out.h"

enum { HEADER_MAX = 256, CLAIMS_MAX = 1536 };

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

static void render_header(const struct auth_key *key, struct buf *to)
{
	struct json_out out = json_out_of(to);
	json_object(&out);
	json_put_str(&out, STR("alg"), STR("HS256"));
	json_put_str(&out, STR("kid"), (struct str){ key->kid, sizeof(key->kid) });
	json_put_str(&out, STR("typ"), STR("JWT"));
	json_object_end(&out);
}

static void render_claims(const struct auth_token_settings *settings, const struct identity *identity, struct buf *to)
{
	struct json_out out = json_out_of(to);
	json_object(&out);
	json_put_uuid(&out, STR("sub"), &identity->user);
	json_put_str(&out, STR("email"), identity->email);
	json_put_uuid(&out, STR("jti"), &identity->jti);
	json_put_int(&out, STR("iat"), identity->issued_s);
	json_put_int(&out, STR("exp"), identity->expires_s);
	json_put_str(&out, STR("iss"), settings->issuer);
	json_put_str(&out, STR("aud"), settings->audience);
	json_put_uuid(&out, STR("fam"), &identity->family);
	json_object_end(&out);
}

struct str auth_token_issue(const struct auth_token_settings *settings, const struct auth_keys *keys,
			    const struct identity *identity, struct arena *arena)
{
	owned(buf_free) struct buf part = buf_of(CLAIMS_MAX), token = buf_of(AUTH_TOKEN_MAX);
	uint8_t signature[AUTH_SIGNATURE_BYTES];

	check(keys->n > 0);
	render_header(&keys->items[0], &part);
	base64url_encode(&token, buf_str(&part));
	buf_add_char(&token, '.');
	buf_clear(&part);
	render_claims(settings, identity, &part);
	base64url_encode(&token, buf_str(&part));
	auth_token_sign(key_secret(&keys->items[0]), buf_str(&token), signature);
	buf_add_char(&token, '.');
	base64url_encode(&token, (struct str){ (const char *)signature, sizeof(signature) });
	return buf_failed(&part) || buf_failed(&token) ? STR_ABSENT : arena_copy(arena, buf_str(&token));
}

/* ── Verifying ── */

/* NULL unless it is one JSON object of at most `max` bytes. */
static const struct json *read_object(struct str encoded, size_t max, struct arena *arena)
{
	owned(buf_free) struct buf text = buf_of(max);
	const struct json *json;
	struct str said;

	if (!base64url_decode(&text, encoded) || json_parse(arena, buf_str(&text), &json, &said))
		return NULL;
	return json->kind == JSON_KIND_OBJECT ? json : NULL;
}

static struct str member_text(const struct json *object, struct str name)
{
	struct str text;
	return json_read_text(json_get(object, name), &text) ? text : STR_ABSENT;
}

static bool member_is(const struct json *object, struct str name, struct str expected)
{
	return str_equal(member_text(object, name), expected);
}

static bool member_uuid(const struct json *object, struct str name, struct uuid *out)
{
	return uuid_parse(member_text(object, name), out);
}

static bool member_time(const struct json *object, struct str name, int64_t *out)
{
	return json_read_int(json_get(object, name), 0, INT64_MAX, out);
}

/* The key that the header names; NULL for another algorithm, a stranger's kid, or extensions that we would have to know. */
static const struct auth_key *key_of_header(const struct auth_keys *keys, struct str encoded, struct arena *arena)
{
	const struct json *header = read_object(encoded, HEADER_MAX, arena);

	if (!header || !member_is(header, STR("alg"), STR("HS256")) || !member_is(header, STR("typ"), STR("JWT")) ||
	    json_get(header, STR("crit")))
		return NULL;
	return auth_keys_find(keys, member_text(header, STR("kid")));
}

static bool signature_is_right(const struct auth_key *key, struct str input, struct str encoded)
{
	owned(buf_free) struct buf given = buf_of(AUTH_SIGNATURE_BYTES);
	uint8_t right[AUTH_SIGNATURE_BYTES];

	if (!base64url_decode(&given, encoded))
		return false;
	auth_token_sign(key_secret(key), input, right);
	return str_equal_secret((struct str){ (const char *)right, sizeof(right) }, buf_str(&given));
}

static bool claims_read(const struct auth_token_settings *settings, struct str encoded, struct arena *arena,
			struct identity *out)
{
	const struct json *claims = read_object(encoded, CLAIMS_MAX, arena);

	if (!claims || !member_is(claims, STR("iss"), settings->issuer) ||
	    !member_is(claims, STR("aud"), settings->audience))
		return false;
	out->email = member_text(claims, STR("email"));
	return str_present(out->email) && member_uuid(claims, STR("sub"), &out->user) &&
	       member_uuid(claims, STR("jti"), &out->jti) && member_uuid(claims, STR("fam"), &out->family) &&
	       member_time(claims, STR("iat"), &out->issued_s) && member_time(claims, STR("exp"), &out->expires_s);
}

int auth_token_verify(const struct auth_token_settings *settings, const struct auth_keys *keys, struct str token,
		      int64_t now_s, struct arena *arena, struct identity *out)
{
	struct identity found = { .scopes = AUTH_EVERYTHING };
	struct str rest, signature;

	if (token.len > AUTH_TOKEN_MAX)
		return AUTH_TOKEN_INVALID;
	struct str header = str_cut(token, '.', &rest);
	struct str claims = str_cut(rest, '.', &signature);
	if (!str_present(signature))
		return AUTH_TOKEN_INVALID;
	const struct auth_key *key = key_of_header(keys, header, arena);
	struct str input = str_first(token, header.len + 1 + claims.len);
	if (!key || !signature_is_right(key, input, signature) || !claims_read(settings, claims, arena, &found))
		return AUTH_TOKEN_INVALID;
	*out = found;
	return found.expires_s > now_s ? AUTH_TOKEN_VALID : AUTH_TOKEN_EXPIRED;
}
