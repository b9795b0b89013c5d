/* SPDX-License-Identifier: MIT */
/* Opaque secrets and their digests. */
#include "auth/secret.h"

#include <mbedtls/platform_util.h>
#include <mbedtls/sha256.h>

#include "base/random.h"
#include "codec/hex.h"

enum { SECRET_BYTES = 32, SHA256_BYTES = 32 };

/* Hashing memory cannot fail: Mbed TLS's int results are for hardware drivers. */
static void text_digest(struct str text, char digest[AUTH_DIGEST_TEXT])
{
	uint8_t hash[SHA256_BYTES];
	check(mbedtls_sha256((const uint8_t *)text.at, text.len, hash, 0) == 0);
	hex_write(digest, (struct str){ (const char *)hash, sizeof(hash) });
}

void auth_secret_new(struct auth_secret *secret)
{
	uint8_t bytes[SECRET_BYTES];

	random_bytes(bytes, sizeof(bytes));
	hex_write(secret->text, (struct str){ (const char *)bytes, sizeof(bytes) });
	mbedtls_platform_zeroize(bytes, sizeof(bytes));
	text_digest((struct str){ secret->text, sizeof(secret->text) }, secret->digest);
}

bool auth_secret_digest(struct str shown, char digest[AUTH_DIGEST_TEXT])
{
	uint8_t bytes[SECRET_BYTES];
	bool ours = hex_decode(shown, bytes, sizeof(bytes));

	mbedtls_platform_zeroize(bytes, sizeof(bytes));
	if (ours)
		text_digest(shown, digest);
	return ours;
}

void auth_digest(const struct str *parts, size_t n, char digest[AUTH_DIGEST_TEXT])
{
	uint8_t hash[SHA256_BYTES];
	mbedtls_sha256_context sha;

	mbedtls_sha256_init(&sha);
	check(mbedtls_sha256_starts(&sha, 0) == 0);
	for (size_t i = 0; i < n; i++) {
		uint64_t len = parts[i].len;
		check(mbedtls_sha256_update(&sha, (const uint8_t *)&len, sizeof(len)) == 0);
		check(mbedtls_sha256_update(&sha, (const uint8_t *)parts[i].at, parts[i].len) == 0);
	}
	check(mbedtls_sha256_finish(&sha, hash) == 0);
	mbedtls_sha256_free(&sha);
	hex_write(digest, (struct str){ (const char *)hash, sizeof(hash) });
}
