/* SPDX-License-Identifier: MIT */
/* Passwords: Argon2id (RFC 9106). Hashing and verifying burn a core for tens of milliseconds: for a worker, never the loop. */
#ifndef AUTH_PASSWORD_H
#define AUTH_PASSWORD_H

#include "base/str.h"

enum { AUTH_PASSWORD_MIN = 8, AUTH_PASSWORD_MAX = 1024, AUTH_PASSWORD_HASH = 128 };

struct auth_password_settings {
	uint32_t memory_kib; /* for each hash under way */
	uint32_t passes;
	uint32_t lanes;
};

/* What OWASP's password storage cheat sheet asks for first. */
static inline struct auth_password_settings auth_password_defaults(void)
{
	return (struct auth_password_settings){ .memory_kib = 19 * 1024, .passes = 2, .lanes = 1 };
}

/* What is wrong with it as a new password, for the client; absent when nothing is. */
struct str auth_password_fault(struct str password);

/* The encoded hash (`$argon2id$v=19$m=…`), NUL-terminated. 0, or -1 without memory. */
must_use int auth_password_hash(const struct auth_password_settings *settings, struct str password,
				char to[AUTH_PASSWORD_HASH]);
/* A hash that no password has, but that takes as long to verify: for an address that is unknown. */
void auth_password_dummy(const struct auth_password_settings *settings, char to[AUTH_PASSWORD_HASH]);

enum auth_password_outcome { AUTH_PASSWORD_RIGHT = 0, AUTH_PASSWORD_WRONG = 1, AUTH_PASSWORD_FAULT = -1 };
/* AUTH_PASSWORD_FAULT: no memory, or `encoded` is none of ours. */
must_use int auth_password_verify(const char *encoded, struct str password);

#endif
