/* SPDX-License-Identifier: MIT */
/* Accounts for the rest of the program: what serve needs of them besides the handlers. */
#ifndef APP_USERS_H
#define APP_USERS_H

#include "app/app.h"
#include "auth/identity.h"
#include "http/http.h"

/*
 * The gate's hook (http_hooks.identify; arg is the struct app). Until users_load is through nothing can be told, and
 * *why is a 503.
 */
int app_identify(void *arg, const struct request *request, struct arena *arena, const struct identity **out,
		 const struct problem **why);
/* The gate's other hook (http_hooks.ask), for API tokens that are not remembered. */
struct turn users_token_ask(struct call *call);
/* The 401 for a bearer, with its challenge. */
const struct problem *users_refuse(struct arena *arena, struct str error, struct str challenge);
/* The request's access token, whether or not its time is over or it is revoked; *why of a 401 otherwise, NULL when read. */
const struct problem *users_token_read(const struct app *app, const struct request *request, struct arena *arena,
				       struct identity *out);
/* Whether who passed the gate would pass it now: the token's time is not over, and it has not been revoked. */
bool users_identity_holds(const struct app *app, const struct identity *identity);
/*
 * Whether a stream that was begun by them may go on: the end of an access token ends none, as days may pass; a revocation
 * does, and the end of an API token. `app` is the struct app.
 */
bool users_stream_holds(const void *app, const struct identity *identity);

/* Part of the start-up call: reads into memory what is revoked and, with an external database, the shared signing keys. */
must_use struct turn users_load(struct call *call, struct step next);

/* What a start finds out about the first account; `text` is empty when there are accounts already. */
struct users_setup {
	struct str token; /* for the one-time link https://HOST:PORT/#setup=TOKEN, valid for 30 minutes; or absent */
};
/* Makes a new one-time token when there is no account yet; *out in the caller's memory, texts in the call's arena. */
must_use struct turn users_setup_begin(struct call *call, struct users_setup *out, struct step next);

/* After notifications were lost: reads the revocations again, as a call of its own. */
void users_revocations_load(struct app *app);
/* A notification on the channel recordd_revoked. */
void users_revocation_notified(struct app *app, struct str payload);

/* Now and then, when something was added: removes expired sessions, revocations and idempotency keys, as a call of its own. */
void users_prune_when_due(struct app *app);

#endif
