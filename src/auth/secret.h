/* SPDX-License-Identifier: MIT */
/*
 * Opaque secrets handed to a client once (refresh tokens, the first account's link): 256 random bits as hexadecimal digits.
 * Only the SHA-256 of the text is ever stored; with that much entropy no salt is needed.
 */
#ifndef AUTH_SECRET_H
#define AUTH_SECRET_H

#include "base/str.h"

enum { AUTH_SECRET_TEXT = 64, AUTH_DIGEST_TEXT = 64 };

struct auth_secret {
	char text[AUTH_SECRET_TEXT];   /* for the client */
	char digest[AUTH_DIGEST_TEXT]; /* for the database: lower-case hexadecimal */
};

void auth_secret_new(struct auth_secret *secret);
/* The digest of what a client showed; false when it cannot be one of ours. */
must_use bool auth_secret_digest(struct str shown, char digest[AUTH_DIGEST_TEXT]);
/* SHA-256 over the parts, each preceded by its length, in lower-case hexadecimal. */
void auth_digest(const struct str *parts, size_t n, char digest[AUTH_DIGEST_TEXT]);

#endif
