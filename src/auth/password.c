/* SPDX-License-Identifier: MIT */
/* Passwords by libargon2. */
#include "auth/password.h"

#include <argon2.h>

#include "base/random.h"

enum { SALT_BYTES = 16, HASH_BYTES = 32 };

struct str auth_password_fault(struct str password)
{
	if (password.len < AUTH_PASSWORD_MIN)
		return STR("must have at least 8 characters");
	if (password.len > AUTH_PASSWORD_MAX)
		return STR("must not exceed 1,024 bytes");
	return STR_ABSENT;
}

int auth_password_hash(const struct auth_password_settings *settings, struct str password, char to[AUTH_PASSWORD_HASH])
{
	uint8_t salt[SALT_BYTES];
	random_bytes(salt, sizeof(salt));
	int failure = argon2id_hash_encoded(settings->passes, settings->memory_kib, settings->lanes, password.at,
					    password.len, salt, sizeof(salt), HASH_BYTES, to, AUTH_PASSWORD_HASH);
	return failure == ARGON2_OK ? 0 : -1;
}

void auth_password_dummy(const struct auth_password_settings *settings, char to[AUTH_PASSWORD_HASH])
{
	/* Salt and hash of zero bytes in base64: an output that 256-bit Argon2id gives for no password anyone will find. */
	snprintf(to, AUTH_PASSWORD_HASH, "$argon2id$v=19$m=%u,t=%u,p=%u$%s$%s", settings->memory_kib, settings->passes,
		 settings->lanes, "AAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
}

int auth_password_verify(const char *encoded, struct str password)
{
	switch (argon2id_verify(encoded, password.at, password.len)) {
	case ARGON2_OK:
		return AUTH_PASSWORD_RIGHT;
	case ARGON2_VERIFY_MISMATCH:
		return AUTH_PASSWORD_WRONG;
	default:
		return AUTH_PASSWORD_FAULT;
	}
}
