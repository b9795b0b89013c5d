/* SPDX-License-Identifier: MIT */
/* Accounts: registering, logging in, the first account's link, changing the password. */
#include <string.h>

#include "app/form.h"
#include "app/handlers.h"
#include "app/users_session.h"
#include "auth/email.h"
#include "auth/identity.h"
#include "auth/password.h"
#include "auth/revoked.h"
#include "auth/secret.h"
#include "base/clock.h"
#include "codec/json_out.h"
#include "obs/metrics.h"
#include "store_statements.h"

enum { ACCOUNT_JSON = 4096 };

/* Somebody with a password, on the way through the worker pool. Lives in the call's arena. */
struct attempt {
	struct account account;
	struct str email_folded, password, new_password;
	struct str link; /* digest of a first-account link's token */
	struct auth_password_settings cost;
	char hash[AUTH_PASSWORD_HASH]; /* stored, or the one to be stored */
	char new_hash[AUTH_PASSWORD_HASH];
	bool known;
	int outcome; /* of the job */
};

static struct attempt *attempt_new(struct call *call)
{
	const struct app_settings *settings = &app_of(call)->settings;
	struct attempt *attempt = arena_new_of(call->arena, struct attempt);

	if (!attempt)
		return NULL;
	attempt->cost = auth_password_defaults();
	attempt->cost.memory_kib = settings->argon2_memory_kib;
	attempt->cost.passes = settings->argon2_passes;
	call->state = attempt;
	return attempt;
}

static struct turn fail_without_memory(struct call *call)
{
	return call_fail_with(call, PROBLEM_INTERNAL, "out of memory");
}

static struct turn fail_credentials(struct call *call)
{
	metric_add(METRIC_LOGIN_FAILURES, 1);
	return call_fail_with(call, PROBLEM_UNAUTHENTICATED, "invalid credentials");
}

static void keep_hash(struct attempt *attempt, struct str hash)
{
	snprintf(attempt->hash, sizeof(attempt->hash), "%.*s", STR_ARG(hash));
}

/* All work on passwords goes this way: bounded, off the loop, counted. */
static struct turn hash_on_worker(struct call *call, void (*job)(void *arg), struct attempt *attempt, struct step next)
{
	metric_add(METRIC_PASSWORD_HASHES, 1);
	return work_run(call, &app_of(call)->hashing, job, attempt, next);
}

/* ── Registering ── */

static void hash_password(void *arg)
{
	struct attempt *attempt = arg;
	attempt->outcome = auth_password_hash(&attempt->cost, attempt->password, attempt->hash);
}

/* What is wrong with the address and password of a coming account; NULL when nothing is, and *attempt is filled. */
static const struct problem *check_newcomer(struct call *call, struct attempt *attempt)
{
	struct str fault = auth_password_fault(attempt->password);

	attempt->email_folded = auth_email_fold(attempt->account.email, call->arena);
	if (!auth_email_valid(attempt->account.email) || !str_present(attempt->email_folded))
		return problem_field(call->arena, STR("email"), STR("is no e-mail address"));
	if (str_present(fault))
		return problem_field(call->arena, STR("password"), fault);
	attempt->account.id = uuid_new();
	return NULL;
}

static struct turn users_register_done(struct call *call)
{
	struct attempt *attempt = call->state;

	if (db_n_rows(call->rows) == 0)
		return call_fail_with(call, PROBLEM_CONFLICT, "email already exists");
	attempt->account.created_ms = store_accounts_add_row(call, 0).created_at;
	return session_start(call, &attempt->account, str_of(attempt->hash), 201);
}

static struct turn users_register_add(struct call *call)
{
	struct attempt *attempt = call->state;

	if (attempt->outcome)
		return fail_without_memory(call);
	return store_accounts_add(call, app_of(call)->db, &attempt->account.id, attempt->account.email,
				  attempt->email_folded, str_of(attempt->hash), STEP(users_register_done));
}

struct turn users_register(struct call *call)
{
	struct app *app = app_of(call);
	struct attempt *attempt = attempt_new(call);
	const struct problem *problem;

	if (!attempt)
		return fail_without_memory(call);
	const struct form_field fields[] = { { STR("email"), &attempt->account.email, true },
					     { STR("password"), &attempt->password, true } };
	if ((problem = session_refuse_other_site(call)) || (problem = form_read(call, fields, countof(fields))) ||
	    (problem = check_newcomer(call, attempt)))
		return call_fail(call, problem);
	if (!app->settings.registration_open)
		return call_fail_with(call, PROBLEM_FORBIDDEN, "registration is closed");
	return hash_on_worker(call, hash_password, attempt, STEP(users_register_add));
}

/* ── The first account's one-time link ── */

static struct turn users_setup_done(struct call *call)
{
	struct attempt *attempt = call->state;

	if (db_n_rows(call->rows) == 0)
		return call_fail_with(call, PROBLEM_GONE, "this link has expired or was used");
	attempt->account.created_ms = store_setup_link_take_row(call, 0).created_at;
	return session_start(call, &attempt->account, str_of(attempt->hash), 201);
}

static struct turn users_setup_take(struct call *call)
{
	struct attempt *attempt = call->state;

	if (attempt->outcome)
		return fail_without_memory(call);
	return store_setup_link_take(call, app_of(call)->db, attempt->link, &attempt->account.id,
				     attempt->account.email, attempt->email_folded, str_of(attempt->hash),
				     STEP(users_setup_done));
}

struct turn users_setup(struct call *call)
{
	struct attempt *attempt = attempt_new(call);
	char *digest = arena_alloc(call->arena, AUTH_DIGEST_TEXT);
	const struct problem *problem;
	struct str token;

	if (!attempt || !digest)
		return fail_without_memory(call);
	const struct form_field fields[] = { { STR("token"), &token, true },
					     { STR("email"), &attempt->account.email, true },
					     { STR("password"), &attempt->password, true } };
	if ((problem = session_refuse_other_site(call)) || (problem = form_read(call, fields, countof(fields))) ||
	    (problem = check_newcomer(call, attempt)))
		return call_fail(call, problem);
	if (!auth_secret_digest(token, digest))
		return call_fail_with(call, PROBLEM_GONE, "this link has expired or was used");
	attempt->link = (struct str){ digest, AUTH_DIGEST_TEXT };
	return hash_on_worker(call, hash_password, attempt, STEP(users_setup_take));
}

/* ── Logging in ── */

static void verify_password(void *arg)
{
	struct attempt *attempt = arg;
	attempt->outcome = auth_password_verify(attempt->hash, attempt->password);
}

static struct turn users_login_done(struct call *call)
{
	struct attempt *attempt = call->state;

	if (attempt->outcome == AUTH_PASSWORD_FAULT)
		return fail_without_memory(call);
	if (attempt->outcome != AUTH_PASSWORD_RIGHT || !attempt->known)
		return fail_credentials(call);
	return session_start(call, &attempt->account, str_of(attempt->hash), 200);
}

/* An unknown address takes the same way, so that neither answer nor time tells it from a known one. */
static struct turn users_login_verify(struct call *call)
{
	struct attempt *attempt = call->state;

	attempt->known = db_n_rows(call->rows) > 0;
	if (attempt->known) {
		struct store_accounts_find_row row = store_accounts_find_row(call, 0);
		attempt->account = (struct account){ row.id, arena_copy(call->arena, row.email), row.created_at };
		keep_hash(attempt, row.password_hash);
	} else {
		auth_password_dummy(&attempt->cost, attempt->hash);
	}
	return hash_on_worker(call, verify_password, attempt, STEP(users_login_done));
}

struct turn users_login(struct call *call)
{
	struct attempt *attempt = attempt_new(call);
	const struct problem *problem;

	if (!attempt)
		return fail_without_memory(call);
	const struct form_field fields[] = { { STR("email"), &attempt->account.email, true },
					     { STR("password"), &attempt->password, true } };
	if ((problem = session_refuse_other_site(call)) || (problem = form_read(call, fields, countof(fields))))
		return call_fail(call, problem);
	if (attempt->password.len > AUTH_PASSWORD_MAX)
		return call_fail(call,
				 problem_field(call->arena, STR("password"), auth_password_fault(attempt->password)));
	attempt->email_folded = auth_email_fold(attempt->account.email, call->arena);
	return store_accounts_find(call, app_of(call)->db, attempt->email_folded, STEP(users_login_verify));
}

/* ── Changing the password ── */

static void verify_and_hash(void *arg)
{
	struct attempt *attempt = arg;
	attempt->outcome = auth_password_verify(attempt->hash, attempt->password);
	if (attempt->outcome == AUTH_PASSWORD_RIGHT &&
	    auth_password_hash(&attempt->cost, attempt->new_password, attempt->new_hash))
		attempt->outcome = AUTH_PASSWORD_FAULT;
}

static struct turn fail_current(struct call *call)
{
	return call_fail(call, problem_field(call->arena, STR("currentPassword"), STR("is wrong")));
}

static struct turn users_password_done(struct call *call)
{
	struct app *app = app_of(call);

	if (db_n_rows(call->rows) == 0)
		return fail_current(call);
	for (size_t i = 0; i < db_n_rows(call->rows); i++) {
		struct uuid ended = store_accounts_set_password_row(call, i).ended;
		if (!uuid_is_nil(&ended))
			auth_revoked_add(app->revoked, &ended, session_revoked_until_s(app), clock_wall_ms() / 1000);
	}
	return reply_empty(call, 204);
}

static struct turn users_password_set(struct call *call)
{
	struct app *app = app_of(call);
	struct attempt *attempt = call->state;

	if (attempt->outcome == AUTH_PASSWORD_FAULT)
		return fail_without_memory(call);
	if (attempt->outcome == AUTH_PASSWORD_WRONG)
		return fail_current(call);
	return store_accounts_set_password(call, app->db, &call->identity->user, str_of(attempt->hash),
					   str_of(attempt->new_hash), &call->identity->family,
					   session_revoked_until_s(app) * 1000, STEP(users_password_done));
}

static struct turn users_password_verify(struct call *call)
{
	struct attempt *attempt = call->state;

	if (db_n_rows(call->rows) == 0)
		return call_fail_with(call, PROBLEM_NOT_FOUND, "no such account");
	keep_hash(attempt, store_accounts_get_row(call, 0).password_hash);
	return hash_on_worker(call, verify_and_hash, attempt, STEP(users_password_set));
}

struct turn users_password(struct call *call)
{
	struct attempt *attempt = attempt_new(call);
	const struct problem *problem;

	if (!attempt)
		return fail_without_memory(call);
	const struct form_field fields[] = { { STR("currentPassword"), &attempt->password, true },
					     { STR("newPassword"), &attempt->new_password, true } };
	if ((problem = form_read(call, fields, countof(fields))))
		return call_fail(call, problem);
	struct str fault = auth_password_fault(attempt->new_password);
	if (str_present(fault))
		return call_fail(call, problem_field(call->arena, STR("newPassword"), fault));
	if (attempt->password.len > AUTH_PASSWORD_MAX)
		return fail_current(call);
	return store_accounts_get(call, app_of(call)->db, &call->identity->user, STEP(users_password_verify));
}

/* ── Who am I ── */

static struct turn users_me_send(struct call *call)
{
	owned(buf_free) struct buf body = buf_of(ACCOUNT_JSON);
	struct json_out out = json_out_of(&body);

	if (db_n_rows(call->rows) == 0)
		return call_fail_with(call, PROBLEM_NOT_FOUND, "no such account");
	struct store_accounts_get_row row = store_accounts_get_row(call, 0);
	account_render(&out, &(struct account){ call->identity->user, row.email, row.created_at });
	return buf_failed(&body) ? fail_without_memory(call) : reply_json(call, 200, buf_str(&body));
}

struct turn users_me(struct call *call)
{
	return store_accounts_get(call, app_of(call)->db, &call->identity->user, STEP(users_me_send));
}
