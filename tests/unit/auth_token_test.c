/* SPDX-License-Identifier: MIT */
/* Access tokens: what is accepted, and all that must not be. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "auth/token.h"
#include "codec/base64.h"

enum { NOW = 1700000000 };

struct fixture {
	struct arena *arena;
	struct auth_token_settings settings;
	struct auth_keys keys;
	struct identity identity;
	struct str token;
};

static int setup(void **state)
{
	static struct fixture f;
	f = (struct fixture){ .arena = arena_new(1 << 20), .settings = auth_token_defaults() };
	auth_keys_rotate(&f.keys, NOW);
	f.identity = (struct identity){ .user = uuid_new(),
					.email = STR("zoë@example.org"),
					.jti = uuid_new(),
					.family = uuid_new(),
					.issued_s = NOW,
					.expires_s = NOW + 900 };
	f.token = auth_token_issue(&f.settings, &f.keys, &f.identity, f.arena);
	*state = &f;
	return str_present(f.token) ? 0 : -1;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	arena_free(f->arena);
	return 0;
}

static int verify_at(struct fixture *f, struct str token, int64_t now_s)
{
	struct identity found;
	return auth_token_verify(&f->settings, &f->keys, token, now_s, f->arena, &found);
}

static int verify(struct fixture *f, struct str token)
{
	return verify_at(f, token, NOW);
}

/* A token of any header and claims, signed correctly by the fixture's key: only the parser can refuse it. */
static struct str forge(struct fixture *f, struct str header, struct str claims)
{
	owned(buf_free) struct buf token = buf_of(8192);
	uint8_t signature[AUTH_SIGNATURE_BYTES];

	base64url_encode(&token, header);
	buf_add_char(&token, '.');
	base64url_encode(&token, claims);
	auth_token_sign((struct str){ (const char *)f->keys.items[0].secret, AUTH_KEY_BYTES }, buf_str(&token),
			signature);
	buf_add_char(&token, '.');
	base64url_encode(&token, (struct str){ (const char *)signature, sizeof(signature) });
	return arena_copy(f->arena, buf_str(&token));
}

static struct str header_of(struct fixture *f, const char *alg, const char *more)
{
	return arena_printf(f->arena, "{\"alg\":\"%s\",\"kid\":\"%.*s\",\"typ\":\"JWT\"%s}", alg, AUTH_KID_TEXT,
			    f->keys.items[0].kid, more);
}

static struct str claims_of(struct fixture *f, const char *issuer, const char *audience, const char *expires)
{
	return arena_printf(f->arena,
			    "{\"sub\":\"018f0000-0000-7000-8000-000000000001\",\"email\":\"a@b\",\"jti\":\"018f0000-"
			    "0000-7000-8000-000000000002\",\"iat\":1,\"exp\":%s,\"iss\":\"%s\",\"aud\":\"%s\",\"fam\":"
			    "\"018f0000-0000-7000-8000-000000000003\"}",
			    expires, issuer, audience);
}

static struct str good_claims(struct fixture *f)
{
	return claims_of(f, "recordd", "recordd", "1700000900");
}

static void a_token_says_who_it_was_issued_to(void **state)
{
	struct fixture *f = *state;
	struct identity found;
	assert_int_equal(auth_token_verify(&f->settings, &f->keys, f->token, NOW, f->arena, &found), AUTH_TOKEN_VALID);
	assert_true(uuid_equal(&found.user, &f->identity.user));
	assert_true(uuid_equal(&found.jti, &f->identity.jti));
	assert_true(uuid_equal(&found.family, &f->identity.family));
	assert_true(str_equal(found.email, f->identity.email));
	assert_int_equal(found.issued_s, NOW);
	assert_int_equal(found.expires_s, NOW + 900);
}

static void a_token_ends_at_the_second_it_says(void **state)
{
	struct fixture *f = *state;
	struct identity found;
	assert_int_equal(verify_at(f, f->token, NOW + 899), AUTH_TOKEN_VALID);
	assert_int_equal(auth_token_verify(&f->settings, &f->keys, f->token, NOW + 900, f->arena, &found),
			 AUTH_TOKEN_EXPIRED);
	assert_true(uuid_equal(&found.jti, &f->identity.jti));
}

static void every_changed_byte_breaks_the_token(void **state)
{
	struct fixture *f = *state;
	char *copy = arena_alloc(f->arena, f->token.len);
	for (size_t i = 0; i < f->token.len; i++) {
		memcpy(copy, f->token.at, f->token.len);
		copy[i] = copy[i] == 'A' ? 'B' : 'A';
		assert_int_equal(verify(f, (struct str){ copy, f->token.len }), AUTH_TOKEN_INVALID);
	}
}

static void every_cut_and_every_addition_breaks_the_token(void **state)
{
	struct fixture *f = *state;
	for (size_t len = 0; len < f->token.len; len++)
		assert_int_equal(verify(f, str_first(f->token, len)), AUTH_TOKEN_INVALID);
	const char *ends[] = { "A", "=", ".", ".AAAA", " ", "\n" };
	for (size_t i = 0; i < countof(ends); i++)
		assert_int_equal(verify(f, arena_printf(f->arena, "%.*s%s", STR_ARG(f->token), ends[i])),
				 AUTH_TOKEN_INVALID);
	assert_int_equal(verify(f, STR_ABSENT), AUTH_TOKEN_INVALID);
	assert_int_equal(verify(f, STR("..")), AUTH_TOKEN_INVALID);
}

static void only_hs256_is_an_algorithm(void **state)
{
	struct fixture *f = *state;
	const char *others[] = { "none", "None", "hs256", "HS384", "HS512", "RS256", "ES256", "" };
	assert_int_equal(verify(f, forge(f, header_of(f, "HS256", ""), good_claims(f))), AUTH_TOKEN_VALID);
	for (size_t i = 0; i < countof(others); i++)
		assert_int_equal(verify(f, forge(f, header_of(f, others[i], ""), good_claims(f))), AUTH_TOKEN_INVALID);
}

static void an_unsigned_token_is_refused(void **state)
{
	struct fixture *f = *state;
	struct str forged = forge(f, header_of(f, "none", ""), good_claims(f));
	while (forged.at[forged.len - 1] != '.')
		forged.len--;
	assert_int_equal(verify(f, forged), AUTH_TOKEN_INVALID);
	assert_int_equal(verify(f, str_first(forged, forged.len - 1)), AUTH_TOKEN_INVALID);
}

static void a_strangers_key_is_refused(void **state)
{
	struct fixture *f = *state;
	struct auth_keys others = { 0 };
	auth_keys_rotate(&others, NOW);
	struct str token = auth_token_issue(&f->settings, &others, &f->identity, f->arena);
	assert_int_equal(verify(f, token), AUTH_TOKEN_INVALID);
	memcpy(others.items[0].kid, f->keys.items[0].kid, AUTH_KID_TEXT);
	token = auth_token_issue(&f->settings, &others, &f->identity, f->arena);
	assert_int_equal(verify(f, token), AUTH_TOKEN_INVALID);
}

static void a_rotation_ends_nobodys_session_and_two_do(void **state)
{
	struct fixture *f = *state;
	auth_keys_rotate(&f->keys, NOW);
	assert_int_equal(verify(f, f->token), AUTH_TOKEN_VALID);
	struct str newer = auth_token_issue(&f->settings, &f->keys, &f->identity, f->arena);
	assert_int_equal(verify(f, newer), AUTH_TOKEN_VALID);
	auth_keys_rotate(&f->keys, NOW);
	assert_int_equal(verify(f, f->token), AUTH_TOKEN_INVALID);
	assert_int_equal(verify(f, newer), AUTH_TOKEN_VALID);
}

static void a_signed_but_malformed_token_is_refused(void **state)
{
	struct fixture *f = *state;
	struct str good = header_of(f, "HS256", ""), claims = good_claims(f);
	const struct str headers[] = {
		header_of(f, "HS256", ",\"alg\":\"HS256\""),
		header_of(f, "HS256", ",\"crit\":[\"exp\"]"),
		header_of(f, "HS256", ",\"typ\":\"at+jwt\""),
		STR("{\"alg\":\"HS256\",\"typ\":\"JWT\"}"),
		STR("[]"),
		STR("{"),
		STR(""),
	};
	const struct str bodies[] = {
		claims_of(f, "someone", "recordd", "1700000900"),
		claims_of(f, "recordd", "someone", "1700000900"),
		claims_of(f, "recordd", "recordd", "\"1700000900\""),
		claims_of(f, "recordd", "recordd", "1700000900.5"),
		claims_of(f, "recordd", "recordd", "-1"),
		claims_of(f, "recordd", "recordd", "99999999999999999999"),
		claims_of(f, "recordd", "recordd", "1,\"exp\":1700000900"),
		arena_printf(f->arena, "%.*s ", (int)claims.len - 1, claims.at),
		STR("{}"),
		STR("null"),
		STR("[[[[[[[[[[[[[[[[[[[[[[[[[[[["),
	};
	for (size_t i = 0; i < countof(headers); i++)
		assert_int_equal(verify(f, forge(f, headers[i], claims)), AUTH_TOKEN_INVALID);
	for (size_t i = 0; i < countof(bodies); i++)
		assert_int_equal(verify(f, forge(f, good, bodies[i])), AUTH_TOKEN_INVALID);
}

static void an_overlong_token_is_refused_unread(void **state)
{
	struct fixture *f = *state;
	char *long_text = arena_alloc(f->arena, 4000);
	memset(long_text, 'x', 4000);
	struct str claims = arena_printf(f->arena, "{\"x\":\"%.*s\",%s", 1600, long_text, good_claims(f).at + 1);
	assert_int_equal(verify(f, forge(f, header_of(f, "HS256", ""), claims)), AUTH_TOKEN_INVALID);
	assert_int_equal(verify(f, (struct str){ long_text, 4000 }), AUTH_TOKEN_INVALID);
}

/* RFC 7515, appendix A.1. */
static void signatures_are_those_of_rfc_7515(void **state)
{
	static const char key[] =
		"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
	static const char input[] =
		"eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
		"eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
	owned(buf_free) struct buf secret = buf_of(64), encoded = buf_of(64);
	uint8_t signature[AUTH_SIGNATURE_BYTES];
	struct fixture *f = *state;

	assert_true(base64url_decode(&secret, str_of(key)));
	auth_token_sign(buf_str(&secret), str_of(input), signature);
	base64url_encode(&encoded, (struct str){ (const char *)signature, sizeof(signature) });
	assert_true(str_equal(buf_str(&encoded), STR("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")));
	assert_int_equal(verify(f, arena_printf(f->arena, "%s.%.*s", input, STR_ARG(buf_str(&encoded)))),
			 AUTH_TOKEN_INVALID);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_token_says_who_it_was_issued_to),
		TEST(a_token_ends_at_the_second_it_says),
		TEST(every_changed_byte_breaks_the_token),
		TEST(every_cut_and_every_addition_breaks_the_token),
		TEST(only_hs256_is_an_algorithm),
		TEST(an_unsigned_token_is_refused),
		TEST(a_strangers_key_is_refused),
		TEST(a_rotation_ends_nobodys_session_and_two_do),
		TEST(a_signed_but_malformed_token_is_refused),
		TEST(an_overlong_token_is_refused_unread),
		TEST(signatures_are_those_of_rfc_7515),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
