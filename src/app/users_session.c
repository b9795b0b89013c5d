/* SPDX-License-Identifier: MIT */
/* Sessions: their pairs of tokens, renewing, listing and ending them. */
#include "app/users_session.h"

#include "app/form.h"
#include "app/handlers.h"
#include "app/users.h"
#include "auth/revoked.h"
#include "auth/secret.h"
#include "auth/token.h"
#include "base/clock.h"
#include "codec/json_out.h"
#include "codec/utf8.h"
#include "obs/log.h"
#include "obs/metrics.h"
#include "store_statements.h"

enum { PAIR_JSON = 8192, LIST_JSON = 1 << 20 };

#define COOKIE_NAME "__Secure-recordd-refresh"
#define COOKIE_RULES "Path=/api/auth; Secure; HttpOnly; SameSite=Strict"

/* A pair on its way to the client. Lives in the call's arena. */
struct pair {
	struct account account;
	struct uuid session;
	struct auth_secret refresh;
	bool in_cookie;
	int status;
};

static int64_t now_s(void)
{
	return clock_wall_ms() / 1000;
}

int64_t session_revoked_until_s(const struct app *app)
{
	return now_s() + app->settings.access_ttl_s;
}

static struct str secret_text(const struct auth_secret *secret)
{
	return (struct str){ secret->text, sizeof(secret->text) };
}

static struct str secret_digest(const struct auth_secret *secret)
{
	return (struct str){ secret->digest, sizeof(secret->digest) };
}

static int64_t refresh_expires_ms(const struct app *app)
{
	return clock_wall_ms() + app->settings.refresh_ttl_s * 1000;
}

static bool asks_for_cookie(const struct request *request)
{
	return str_equal_nocase(request_header(request, STR("x-recordd-session")), STR("cookie"));
}

static bool uses_cookie(const struct request *request)
{
	return asks_for_cookie(request) || str_present(request_cookie(request, STR(COOKIE_NAME)));
}

const struct problem *session_refuse_other_site(struct call *call)
{
	if (!uses_cookie(call->request) || !request_is_of_other_site(call->request))
		return NULL;
	metric_add(METRIC_CROSS_SITE_REFUSALS, 1);
	return problem_new(call->arena, PROBLEM_FORBIDDEN, STR("not from another site"));
}

/* Header fields may be any bytes; the database takes UTF-8. */
static struct str user_agent(const struct request *request)
{
	struct str value = request_header(request, STR("user-agent"));
	return utf8_valid(value) ? value : STR_ABSENT;
}

static struct turn fail_without_memory(struct call *call)
{
	return call_fail_with(call, PROBLEM_INTERNAL, "out of memory");
}

static void forget_session(struct app *app, const struct uuid *session)
{
	auth_revoked_add(app->revoked, session, session_revoked_until_s(app), now_s());
}

/* ── The pair ── */

void account_render(struct json_out *out, const struct account *account)
{
	json_object(out);
	json_put_uuid(out, STR("id"), &account->id);
	json_put_str(out, STR("email"), account->email);
	json_put_time_ms(out, STR("createdAt"), account->created_ms);
	json_object_end(out);
}

static struct str access_token(struct call *call, const struct pair *pair)
{
	const struct app *app = app_of(call);
	const struct auth_token_settings settings = auth_token_defaults();
	const struct identity identity = { .user = pair->account.id,
					   .email = pair->account.email,
					   .jti = uuid_new(),
					   .family = pair->session,
					   .issued_s = now_s(),
					   .expires_s = now_s() + app->settings.access_ttl_s };
	return auth_token_issue(&settings, app->keys, &identity, call->arena);
}

static struct turn send_pair(struct call *call, const struct pair *pair)
{
	owned(buf_free) struct buf body = buf_of(PAIR_JSON);
	struct json_out out = json_out_of(&body);
	struct str token = access_token(call, pair);

	json_object(&out);
	json_put_str(&out, STR("token"), token);
	if (!pair->in_cookie)
		json_put_str(&out, STR("refreshToken"), secret_text(&pair->refresh));
	json_key(&out, STR("user"));
	account_render(&out, &pair->account);
	json_object_end(&out);
	if (!str_present(token) || buf_failed(&body))
		return fail_without_memory(call);
	if (pair->in_cookie)
		reply_header(call, STR("set-cookie"),
			     arena_printf(call->arena, COOKIE_NAME "=%.*s; Max-Age=%lld; " COOKIE_RULES,
					  STR_ARG(secret_text(&pair->refresh)),
					  (long long)app_of(call)->settings.refresh_ttl_s));
	return reply_json(call, pair->status, buf_str(&body));
}

/* ── Beginning ── */

static struct turn session_started(struct call *call)
{
	if (db_n_rows(call->rows) == 0)
		return call_fail_with(call, PROBLEM_UNAUTHENTICATED, "invalid credentials");
	metric_add(METRIC_LOGINS, 1);
	users_prune_when_due(app_of(call));
	return send_pair(call, call->state);
}

struct turn session_start(struct call *call, const struct account *account, struct str password_hash, int status)
{
	struct app *app = app_of(call);
	struct pair *pair = arena_new_of(call->arena, struct pair);

	if (!pair)
		return fail_without_memory(call);
	*pair = (struct pair){ .account = *account,
			       .session = uuid_new(),
			       .in_cookie = asks_for_cookie(call->request),
			       .status = status };
	auth_secret_new(&pair->refresh);
	call->state = pair;
	return store_sessions_start(call, app->db, &account->id, password_hash, &pair->session,
				    secret_digest(&pair->refresh), refresh_expires_ms(app), user_agent(call->request),
				    call->request->peer, STEP(session_started));
}

/* ── Renewing ── */

static struct turn fail_refresh(struct call *call)
{
	return call_fail_with(call, PROBLEM_UNAUTHENTICATED, "invalid refresh token");
}

static struct turn sessions_refresh_send(struct call *call)
{
	struct pair *pair = call->state;
	struct store_sessions_refresh_row row = store_sessions_refresh_row(call, 0);

	if (str_equal(row.outcome, STR("reused"))) {
		forget_session(app_of(call), &row.session_id);
		log_warn("refresh token used again, session ended", LOG_ID("user", &row.user_id),
			 LOG_TEXT("address", call->request->peer));
	}
	if (!str_equal(row.outcome, STR("renewed")))
		return fail_refresh(call);
	pair->account = (struct account){ row.user_id, arena_copy(call->arena, row.email), row.created_at };
	pair->session = row.session_id;
	users_prune_when_due(app_of(call));
	return send_pair(call, pair);
}

/* What came in a cookie goes back in a cookie, asked for or not: no script shall get at it by leaving out a header. */
struct turn sessions_refresh(struct call *call)
{
	struct app *app = app_of(call);
	struct pair *pair = arena_new_of(call->arena, struct pair);
	char *digest = arena_alloc(call->arena, AUTH_DIGEST_TEXT);
	struct str shown, cookie = request_cookie(call->request, STR(COOKIE_NAME));
	const struct form_field fields[] = { { STR("refreshToken"), &shown, false } };
	const struct problem *problem = session_refuse_other_site(call);

	if (problem || (problem = form_read(call, fields, countof(fields))))
		return call_fail(call, problem);
	if (!pair || !digest)
		return fail_without_memory(call);
	pair->status = 200;
	pair->in_cookie = asks_for_cookie(call->request) || !str_present(shown);
	if (!str_present(shown) && !str_present(cookie) && !asks_for_cookie(call->request))
		return call_fail_with(call, PROBLEM_BAD_REQUEST, "refreshToken is missing");
	if (!auth_secret_digest(str_present(shown) ? shown : cookie, digest))
		return fail_refresh(call);
	auth_secret_new(&pair->refresh);
	call->state = pair;
	return store_sessions_refresh(call, app->db, (struct str){ digest, AUTH_DIGEST_TEXT },
				      secret_digest(&pair->refresh), refresh_expires_ms(app),
				      app->settings.refresh_grace_ms, session_revoked_until_s(app) * 1000,
				      user_agent(call->request), call->request->peer, STEP(sessions_refresh_send));
}

/* ── Ending ── */

static void take_cookie_away(struct call *call)
{
	if (uses_cookie(call->request))
		reply_header(call, STR("set-cookie"), STR(COOKIE_NAME "=; Max-Age=0; " COOKIE_RULES));
}

static struct turn sessions_logout_done(struct call *call)
{
	take_cookie_away(call);
	return reply_empty(call, 204);
}

/* Not behind the gate: it takes what the gate would not, a token that has expired or is revoked. */
struct turn sessions_logout(struct call *call)
{
	struct app *app = app_of(call);
	struct identity *token = arena_new_of(call->arena, struct identity);
	const struct problem *problem;

	if (!token)
		return fail_without_memory(call);
	if ((problem = users_token_read(app, call->request, call->arena, token)))
		return call_fail(call, problem);
	int64_t family_until_s = session_revoked_until_s(app);
	if (family_until_s < token->expires_s)
		family_until_s = token->expires_s;
	/* Here at once, whatever becomes of the database. */
	auth_revoked_add(app->revoked, &token->jti, token->expires_s, now_s());
	auth_revoked_add(app->revoked, &token->family, family_until_s, now_s());
	return store_sessions_log_out(call, app->db, &token->user, &token->family, family_until_s * 1000, &token->jti,
				      token->expires_s * 1000, STEP(sessions_logout_done));
}

static struct turn sessions_delete_done(struct call *call)
{
	if (db_n_rows(call->rows) == 0)
		return call_fail_with(call, PROBLEM_NOT_FOUND, "no such session");
	struct uuid ended = store_sessions_end_row(call, 0).id;
	forget_session(app_of(call), &ended);
	return reply_empty(call, 204);
}

struct turn sessions_delete(struct call *call)
{
	struct app *app = app_of(call);
	struct uuid *session = arena_new_of(call->arena, struct uuid);

	if (!session)
		return fail_without_memory(call);
	if (!uuid_parse(call->request->path_params[0], session))
		return call_fail_with(call, PROBLEM_NOT_FOUND, "no such session");
	return store_sessions_end(call, app->db, &call->identity->user, session, session_revoked_until_s(app) * 1000,
				  STEP(sessions_delete_done));
}

static struct turn sessions_delete_all_done(struct call *call)
{
	bool this_too = false;

	for (size_t i = 0; i < db_n_rows(call->rows); i++) {
		struct uuid ended = store_sessions_end_all_row(call, i).id;
		forget_session(app_of(call), &ended);
		this_too |= uuid_equal(&ended, &call->identity->family);
	}
	if (this_too)
		take_cookie_away(call);
	return reply_empty(call, 204);
}

struct turn sessions_delete_all(struct call *call)
{
	struct app *app = app_of(call);
	struct str except = request_param(call->request, STR("except"));
	bool others = str_present(except) && str_equal(except, STR("current"));

	if (str_present(except) && !others)
		return call_fail(call, problem_field(call->arena, STR("except"), STR("must be current")));
	return store_sessions_end_all(call, app->db, &call->identity->user, others ? &call->identity->family : NULL,
				      session_revoked_until_s(app) * 1000, STEP(sessions_delete_all_done));
}

/* ── Listing ── */

static struct turn sessions_list_send(struct call *call)
{
	owned(buf_free) struct buf body = buf_of(LIST_JSON);
	struct json_out out = json_out_of(&body);

	json_array(&out);
	for (size_t i = 0; i < db_n_rows(call->rows); i++) {
		struct store_sessions_list_row row = store_sessions_list_row(call, i);
		json_object(&out);
		json_put_uuid(&out, STR("id"), &row.id);
		json_put_time_ms(&out, STR("createdAt"), row.created_at);
		json_put_time_ms(&out, STR("usedAt"), row.used_at);
		json_put_time_ms(&out, STR("lastUsedAt"), row.used_at);
		json_put_time_ms(&out, STR("expiresAt"), row.expires_at);
		json_put_str(&out, STR("userAgent"), row.user_agent);
		json_put_str(&out, STR("address"), row.address);
		json_put_bool(&out, STR("current"), uuid_equal(&row.id, &call->identity->family));
		json_object_end(&out);
	}
	json_array_end(&out);
	return buf_failed(&body) ? fail_without_memory(call) : reply_json(call, 200, buf_str(&body));
}

struct turn sessions_list(struct call *call)
{
	return store_sessions_list(call, app_of(call)->db, &call->identity->user, STEP(sessions_list_send));
}
