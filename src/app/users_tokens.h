/* SPDX-License-Identifier: MIT */
/*
 * API tokens: bearers for programs, `rcd_` and 64 hexadecimal digits. The database keeps a digest; this process
 * remembers those in use for a minute at most, and none that it hears has been revoked.
 */
#ifndef APP_USERS_TOKENS_H
#define APP_USERS_TOKENS_H

#include "app/app.h"
#include "auth/identity.h"
#include "http/http.h"

/* Whether it looks like one. */
bool users_token_is(struct str token);
/* enum http_identified: whose it is, if that is remembered; *why of what cannot be one. */
int users_token_recall(const struct app *app, struct str token, struct arena *arena, struct identity *out,
		       const struct problem **why);

#endif
