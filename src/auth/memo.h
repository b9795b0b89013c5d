/* SPDX-License-Identifier: MIT */
/*
 * Access tokens that were verified lately: a client sends the same one with each request, and looking it up takes a
 * twentieth of the time that verifying it takes. Knows nothing of time and revocation: both are asked anew for each request.
 */
#ifndef AUTH_MEMO_H
#define AUTH_MEMO_H

#include "auth/identity.h"
#include "base/arena.h"

struct auth_memo;

/* Of at most n tokens (a power of two); a newer one takes an older one's place. NULL without memory. */
must_use struct auth_memo *auth_memo_new(size_t n);
void auth_memo_free(struct auth_memo *memo);

/* Whether this very token was kept; out->email is copied to the arena. */
must_use bool auth_memo_find(const struct auth_memo *memo, struct str token, struct arena *arena, struct identity *out);
/* Only what auth_token_verify called valid or expired. Without memory it is not kept. */
void auth_memo_keep(struct auth_memo *memo, struct str token, const struct identity *identity);
/* The signing keys are others now. */
void auth_memo_clear(struct auth_memo *memo);

#endif
