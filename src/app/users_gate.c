/* SPDX-License-Identifier: MIT */
/* The gate: who asks, by the access token; and what it knows in memory, which is what the database and other nodes say. */
#include <string.h>

#include "app/events.h"
#include "app/task.h"
#include "app/users.h"
#include "app/users_keys.h"
#include "app/users_tokens.h"
#include "auth/memo.h"
#include "auth/revoked.h"
#include "auth/secret.h"
#include "auth/token.h"
#include "base/clock.h"
#include "http/server.h"
#include "obs/log.h"
#include "store_statements.h"

enum { SETUP_LINK_MS = 30 * 60 * 1000, PRUNE_EVERY_MS = 60 * 60 * 1000 };

static int64_t now_s(void)
{
	return clock_wall_ms() / 1000;
}

/* ── Judging a token ── */

const struct problem *users_refuse(struct arena *arena, struct str error, struct str challenge)
{
	struct problem *problem = arena_new_of(arena, struct problem);

	if (!problem)
		return problem_new(arena, PROBLEM_UNAUTHENTICATED, error);
	*problem = (struct problem){ .kind = PROBLEM_UNAUTHENTICATED, .error = error, .challenge = challenge };
	return problem;
}

static const struct problem *refuse_expired(struct arena *arena)
{
	return users_refuse(arena, STR("the access token has expired"),
		      STR("Bearer error=\"invalid_token\", error_description=\"expired\""));
}

static const struct problem *refuse_invalid(struct arena *arena)
{
	return users_refuse(arena, STR("invalid access token"), STR("Bearer error=\"invalid_token\""));
}

static int verify(const struct app *app, struct str token, struct arena *arena, struct identity *out)
{
	const struct auth_token_settings settings = auth_token_defaults();

	if (auth_memo_find(app->tokens, token, arena, out))
		return out->expires_s > now_s() ? AUTH_TOKEN_VALID : AUTH_TOKEN_EXPIRED;
	int outcome = auth_token_verify(&settings, app->keys, token, now_s(), arena, out);
	if (outcome == AUTH_TOKEN_VALID)
		auth_memo_keep(app->tokens, token, out);
	return outcome;
}

/* enum auth_token_outcome, or -1 when there is no token. */
static int read_token(const struct app *app, const struct request *request, struct arena *arena, struct identity *out)
{
	struct str token = request_bearer(request);

	if (!str_present(token))
		return -1;
	/* What is remembered of an API token lies with what is remembered of these. */
	return users_token_is(token) ? AUTH_TOKEN_INVALID : verify(app, token, arena, out);
}

static const struct problem *problem_of(int outcome, struct arena *arena)
{
	switch (outcome) {
	case AUTH_TOKEN_VALID:
		return NULL;
	case AUTH_TOKEN_EXPIRED:
		return refuse_expired(arena);
	case AUTH_TOKEN_INVALID:
		return refuse_invalid(arena);
	default:
		return users_refuse(arena, STR("authentication required"), STR("Bearer realm=\"recordd\""));
	}
}

const struct problem *users_token_read(const struct app *app, const struct request *request, struct arena *arena,
				       struct identity *out)
{
	if (!app->gate_ready)
		return problem_new(arena, PROBLEM_UNAVAILABLE, STR("starting"));
	int outcome = read_token(app, request, arena, out);
	return outcome == AUTH_TOKEN_EXPIRED ? NULL : problem_of(outcome, arena);
}

int app_identify(void *arg, const struct request *request, struct arena *arena, const struct identity **out,
		 const struct problem **why)
{
	const struct app *app = arg;
	struct identity *identity = arena_new_of(arena, struct identity);

	if (!app->gate_ready || !identity) {
		*why = problem_new(arena, PROBLEM_UNAVAILABLE, STR("starting"));
		return HTTP_REFUSED;
	}
	if (users_token_is(request_bearer(request))) {
		int outcome = users_token_recall(app, request_bearer(request), arena, identity, why);
		*out = outcome == HTTP_IDENTIFIED ? identity : NULL;
		return outcome;
	}
	*why = problem_of(read_token(app, request, arena, identity), arena);
	if (!*why && auth_revoked_covers(app->revoked, identity, now_s()))
		*why = users_refuse(arena, STR("the access token was revoked"),
			      STR("Bearer error=\"invalid_token\", error_description=\"revoked\""));
	*out = *why ? NULL : identity;
	return *why ? HTTP_REFUSED : HTTP_IDENTIFIED;
}

bool users_identity_holds(const struct app *app, const struct identity *identity)
{
	return identity->expires_s > now_s() && !auth_revoked_covers(app->revoked, identity, now_s());
}

bool users_stream_holds(const void *app, const struct identity *identity)
{
	bool outlives = identity->scopes & AUTH_ACCOUNT || identity->expires_s > now_s();
	return outlives && !auth_revoked_covers(((const struct app *)app)->revoked, identity, now_s());
}

/* Streams that were begun by who is let in no longer end. */
static void end_streams(struct app *app)
{
	events_revoked(app);
	watchers_revoked(&app->watchers, users_stream_holds, app);
}

/* ── What it knows ── */

/* Reading it all, as part of a longer call. */
struct load {
	struct step next;
	void *state; /* the longer call's own */
};

static struct turn load_done(struct call *call)
{
	struct load *load = call->state;

	app_of(call)->gate_ready = true;
	end_streams(app_of(call));
	call->state = load->state;
	return call_next(call, load->next);
}

static struct turn load_revocations_take(struct call *call)
{
	struct app *app = app_of(call);

	for (size_t i = 0; i < db_n_rows(call->rows); i++) {
		struct store_revocations_list_row row = store_revocations_list_row(call, i);
		auth_revoked_add(app->revoked, &row.id, (row.until + 999) / 1000, now_s());
	}
	return app->settings.shared_keys ? users_keys_load(call, STEP(load_done)) : load_done(call);
}

struct turn users_load(struct call *call, struct step next)
{
	struct load *load = arena_new_of(call->arena, struct load);

	if (!load)
		return call_fail_with(call, PROBLEM_INTERNAL, "out of memory");
	*load = (struct load){ .next = next, .state = call->state };
	call->state = load;
	return store_revocations_list(call, app_of(call)->db, STEP(load_revocations_take));
}

static struct turn revocations_loaded(struct call *call)
{
	return call_end(call);
}

static struct turn revocations_load(struct call *call)
{
	return users_load(call, STEP(revocations_loaded));
}

void users_revocations_load(struct app *app)
{
	if (!task_start(app, "reading revocations", STEP(revocations_load)))
		log_error("revocations not read: out of memory");
}

/* "<id>:<seconds since 1970>", or "keys" when the signing keys are others now. */
void users_revocation_notified(struct app *app, struct str payload)
{
	struct str until, text = str_cut(payload, ':', &until);
	struct uuid id;
	int64_t until_s;

	if (uuid_parse(text, &id) && str_to_int(until, 0, INT64_MAX, &until_s)) {
		auth_revoked_add(app->revoked, &id, until_s, now_s());
		end_streams(app);
	} else if (str_equal(payload, STR("keys"))) {
		users_keys_reload(app);
	} else {
		log_warn("revocation not understood", LOG_TEXT("payload", payload));
	}
}

/* ── The first account's link ── */

struct setup {
	struct auth_secret secret;
	struct users_setup *out;
	struct step next;
	void *state; /* the longer call's own */
};

static struct turn setup_begun(struct call *call)
{
	struct setup *setup = call->state;

	if (db_n_rows(call->rows) > 0)
		setup->out->token = (struct str){ setup->secret.text, sizeof(setup->secret.text) };
	call->state = setup->state;
	return call_next(call, setup->next);
}

struct turn users_setup_begin(struct call *call, struct users_setup *out, struct step next)
{
	struct setup *setup = arena_new_of(call->arena, struct setup);

	if (!setup)
		return call_fail_with(call, PROBLEM_INTERNAL, "out of memory");
	*out = (struct users_setup){ .token = STR_ABSENT };
	*setup = (struct setup){ .out = out, .next = next, .state = call->state };
	auth_secret_new(&setup->secret);
	call->state = setup;
	return store_setup_link_set(call, app_of(call)->db,
				    (struct str){ setup->secret.digest, sizeof(setup->secret.digest) },
				    clock_wall_ms() + SETUP_LINK_MS, STEP(setup_begun));
}

/* ── Pruning ── */

static struct turn pruned(struct call *call)
{
	return call_end(call);
}

static struct turn prune(struct call *call)
{
	return store_auth_prune(call, app_of(call)->db, STEP(pruned));
}

void users_prune_when_due(struct app *app)
{
	int64_t now_ms = clock_wall_ms();

	if (now_ms - app->pruned_ms < PRUNE_EVERY_MS)
		return;
	app->pruned_ms = now_ms;
	task_start(app, "pruning accounts", STEP(prune));
}
