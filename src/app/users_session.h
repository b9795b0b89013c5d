/* SPDX-License-Identifier: MIT */
/* Sessions begin here, whoever has proved who they are: by password, by a first-account link, by registering. */
#ifndef APP_USERS_SESSION_H
#define APP_USERS_SESSION_H

#include "app/app.h"
#include "http/http.h"

/* An account as a client may see it. Texts are the call's. */
struct account {
	struct uuid id;
	struct str email;
	int64_t created_ms;
};

/* Begins a session, if the account's password hash still is this one, and answers `status` with its tokens. */
must_use struct turn session_start(struct call *call, const struct account *account, struct str password_hash,
				   int status);

/*
 * Where the session's cookie is at stake, sent along or asked for: NULL, or the 403 for a browser that says that another
 * site's page sent the request. SameSite keeps the cookie from such, too; this does not rely on it.
 */
const struct problem *session_refuse_other_site(struct call *call);

/* Adds `{"id":…,"email":…,"createdAt":…}`. */
struct json_out;
void account_render(struct json_out *out, const struct account *account);

/* What a family's access tokens may live on for, at most: until then its revocation must be remembered. */
int64_t session_revoked_until_s(const struct app *app);

#endif
