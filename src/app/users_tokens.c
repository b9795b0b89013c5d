/* SPDX-License-Identifier: MIT */
/* API tokens: whose one is, by memory or by the database; making, listing and revoking them. */
#include "app/users_tokens.h"

#include "app/handlers.h"
#include "app/users.h"
#include "auth/memo.h"
#include "auth/revoked.h"
#include "auth/secret.h"
#include "base/clock.h"
#include "codec/json.h"
#include "codec/json_out.h"
#include "codec/time.h"
#include "codec/utf8.h"
#include "http/server.h"
#include "obs/log.h"
#include "obs/metrics.h"
#include "store_statements.h"

enum { LONGEST_NAME = 64, PREFIX_DIGITS = 8, TOKEN_JSON = 8192, LIST_JSON = 2 << 20 };

/*
 * Nobody remembers a token for longer than REMEMBERED_S after having asked the database about it; a revocation is kept
 * for many times that, as clocks disagree.
 */
enum { REMEMBERED_S = 60, REVOKED_S = 600 };

#define MARK "rcd_"

static int64_t now_s(void)
{
	return clock_wall_ms() / 1000;
}

static struct turn fail_without_memory(struct call *call)
{
	return call_fail_with(call, PROBLEM_INTERNAL, "out of memory");
}

/* ── Whose it is ── */

bool users_token_is(struct str token)
{
	return str_starts(token, STR(MARK));
}

static const struct problem *refuse_invalid(struct arena *arena)
{
	return users_refuse(arena, STR("invalid API token"), STR("Bearer error=\"invalid_token\""));
}

static const struct problem *refuse_expired(struct arena *arena)
{
	return users_refuse(arena, STR("the API token has expired"),
		      STR("Bearer error=\"invalid_token\", error_description=\"expired\""));
}

static bool has_form(struct str token, char digest[AUTH_DIGEST_TEXT])
{
	return auth_secret_digest(str_skip(token, sizeof(MARK) - 1), digest);
}

/* What is remembered of one began when the database was asked (issued_s), and ends with the token or its revocation. */
int users_token_recall(const struct app *app, struct str token, struct arena *arena, struct identity *out,
		       const struct problem **why)
{
	char digest[AUTH_DIGEST_TEXT];

	if (auth_memo_find(app->tokens, token, arena, out) && now_s() - out->issued_s < REMEMBERED_S &&
	    out->expires_s > now_s() && !auth_revoked_covers(app->revoked, out, now_s()))
		return HTTP_IDENTIFIED;
	if (has_form(token, digest))
		return HTTP_MUST_ASK;
	*why = refuse_invalid(arena);
	return HTTP_REFUSED;
}

/* Lives in the call's arena. */
struct lookup {
	struct str token;
	char digest[AUTH_DIGEST_TEXT];
	int64_t asked_s;
};

static struct turn users_token_found(struct call *call)
{
	struct app *app = app_of(call);
	const struct lookup *lookup = call->state;

	if (db_n_rows(call->rows) == 0)
		return call_fail(call, refuse_invalid(call->arena));
	struct store_api_tokens_use_row row = store_api_tokens_use_row(call, 0);
	const struct identity identity = {
		.user = row.user_id,
		.email = row.email,
		.jti = row.id,
		.issued_s = lookup->asked_s,
		.expires_s = row.expires_at == INT64_MIN ? INT64_MAX : row.expires_at / 1000,
		.scopes = auth_scopes_of_text(row.scopes),
	};
	if (identity.expires_s <= now_s())
		return call_fail(call, refuse_expired(call->arena));
	/* Revoked while the answer was on its way. */
	if (auth_revoked_covers(app->revoked, &identity, now_s()))
		return call_fail(call, refuse_invalid(call->arena));
	auth_memo_keep(app->tokens, lookup->token, &identity);
	return http_tell_identity(call, &identity);
}

struct turn users_token_ask(struct call *call)
{
	struct lookup *lookup = arena_new_of(call->arena, struct lookup);

	if (!lookup)
		return fail_without_memory(call);
	lookup->token = arena_copy(call->arena, request_bearer(call->args));
	lookup->asked_s = now_s();
	if (!str_present(lookup->token) || !has_form(lookup->token, lookup->digest))
		return call_fail(call, refuse_invalid(call->arena));
	call->state = lookup;
	metric_add(METRIC_API_TOKEN_LOOKUPS, 1);
	return store_api_tokens_use(call, app_of(call)->db, (struct str){ lookup->digest, sizeof(lookup->digest) },
				    STEP(users_token_found));
}

/* ── Making one ── */

/* Lives in the call's arena. */
struct order {
	struct uuid id;
	struct str name, scopes_text;
	unsigned scopes;
	int64_t expires_ms; /* INT64_MIN: never */
	struct auth_secret secret;
	struct str token, prefix;
};

static struct str name_fault(struct str name)
{
	struct str rest = name;
	uint32_t c;

	if (str_blank(name))
		return STR("must not be empty");
	if (utf8_count(name) > LONGEST_NAME)
		return STR("must have at most 64 characters");
	while (utf8_next(&rest, &c))
		if (c < ' ' || (c >= 0x7f && c < 0xa0))
			return STR("must not hold control characters");
	return STR_ABSENT;
}

static const struct problem *read_name(struct arena *arena, const struct json *value, struct order *order)
{
	if (!json_read_text(value, &order->name))
		return problem_field(arena, STR("name"), value ? STR("must be a text") : STR("is missing"));
	order->name = str_trim(order->name);
	struct str fault = name_fault(order->name);
	return str_present(fault) ? problem_field(arena, STR("name"), fault) : NULL;
}

static const struct problem *read_scopes(struct arena *arena, const struct json *value, struct order *order)
{
	struct str word;

	if (!value || value->kind != JSON_KIND_ARRAY || value->n == 0)
		return problem_field(arena, STR("scopes"), STR("must be a list of one scope or more"));
	for (size_t i = 0; i < value->n; i++) {
		unsigned scope = json_read_text(&value->items[i], &word) ? auth_scope_of_word(word) : 0;
		if (!scope)
			return problem_field(arena, arena_printf(arena, "scopes[%zu]", i),
					     STR("must be records:read or records:write"));
		order->scopes |= scope;
	}
	order->scopes_text = auth_scopes_text(order->scopes, arena);
	return NULL;
}

static const struct problem *read_expiry(struct arena *arena, const struct json *value, struct order *order)
{
	struct str text;

	order->expires_ms = INT64_MIN;
	if (!value || value->kind == JSON_KIND_NULL)
		return NULL;
	if (!json_read_text(value, &text) || !time_parse(text, &order->expires_ms))
		return problem_field(arena, STR("expiresAt"), STR("must be a time such as 2026-01-31T09:30:00Z"));
	if (order->expires_ms <= clock_wall_ms())
		return problem_field(arena, STR("expiresAt"), STR("must be in the future"));
	return NULL;
}

static const struct problem *read_order(struct call *call, struct order *order)
{
	struct arena *arena = call->arena;
	const struct problem *problem;
	const struct json *root;
	struct str said;

	if (json_parse(arena, call->request->body, &root, &said))
		return problem_new(arena, PROBLEM_BAD_REQUEST, said);
	if (root->kind != JSON_KIND_OBJECT)
		return problem_new(arena, PROBLEM_BAD_REQUEST, STR("the body must be a JSON object"));
	for (size_t i = 0; i < root->n; i++) {
		struct str key = root->members[i].key;
		if (!str_equal(key, STR("name")) && !str_equal(key, STR("scopes")) && !str_equal(key, STR("expiresAt")))
			return problem_field(arena, key, STR("is unknown"));
	}
	if ((problem = read_name(arena, json_get(root, STR("name")), order)) ||
	    (problem = read_scopes(arena, json_get(root, STR("scopes")), order)))
		return problem;
	return read_expiry(arena, json_get(root, STR("expiresAt")), order);
}

/* What can be seen of a token at any time. */
static void render(struct json_out *out, const struct store_api_tokens_list_row *row)
{
	struct str word, rest = row->scopes;

	json_put_uuid(out, STR("id"), &row->id);
	json_put_str(out, STR("name"), row->name);
	json_key(out, STR("scopes"));
	json_array(out);
	while (str_present(rest)) {
		word = str_cut(rest, ' ', &rest);
		json_str(out, word);
	}
	json_array_end(out);
	json_put_str(out, STR("prefix"), row->prefix);
	json_put_time_ms(out, STR("createdAt"), row->created_at);
	json_put_time_ms(out, STR("expiresAt"), row->expires_at);
	json_put_time_ms(out, STR("lastUsedAt"), row->last_used_at);
}

static struct turn tokens_create_send(struct call *call)
{
	const struct order *order = call->state;
	owned(buf_free) struct buf body = buf_of(TOKEN_JSON);
	struct json_out out = json_out_of(&body);

	if (db_n_rows(call->rows) == 0)
		return call_fail_with(call, PROBLEM_CONFLICT, "there are %lld API tokens already, no more are allowed",
				      (long long)app_of(call)->settings.max_api_tokens);
	const struct store_api_tokens_list_row row = {
		.id = order->id,
		.name = order->name,
		.prefix = order->prefix,
		.scopes = order->scopes_text,
		.created_at = store_api_tokens_add_row(call, 0).created_at,
		.expires_at = order->expires_ms,
		.last_used_at = INT64_MIN,
	};
	json_object(&out);
	render(&out, &row);
	json_put_str(&out, STR("token"), order->token);
	json_object_end(&out);
	log_info("API token made", LOG_ID("user", &call->identity->user), LOG_ID("token", &order->id),
		 LOG_TEXT("scopes", order->scopes_text), LOG_TEXT("address", call->request->peer));
	return buf_failed(&body) ? fail_without_memory(call) : reply_json(call, 201, buf_str(&body));
}

struct turn tokens_create(struct call *call)
{
	struct app *app = app_of(call);
	struct order *order = arena_new_of(call->arena, struct order);
	const struct problem *problem;

	if (!order)
		return fail_without_memory(call);
	if ((problem = read_order(call, order)))
		return call_fail(call, problem);
	order->id = uuid_new();
	auth_secret_new(&order->secret);
	order->token = arena_concat(
		call->arena, (struct str[]){ STR(MARK), { order->secret.text, sizeof(order->secret.text) } }, 2);
	order->prefix = str_first(order->token, sizeof(MARK) - 1 + PREFIX_DIGITS);
	call->state = order;
	return store_api_tokens_add(call, app->db, &call->identity->user, &order->id,
				    (struct str){ order->secret.digest, sizeof(order->secret.digest) }, order->name,
				    order->prefix, order->scopes_text, order->expires_ms, app->settings.max_api_tokens,
				    STEP(tokens_create_send));
}

/* ── Listing and revoking ── */

static struct turn tokens_list_send(struct call *call)
{
	owned(buf_free) struct buf body = buf_of(LIST_JSON);
	struct json_out out = json_out_of(&body);

	json_array(&out);
	for (size_t i = 0; i < db_n_rows(call->rows); i++) {
		struct store_api_tokens_list_row row = store_api_tokens_list_row(call, i);
		json_object(&out);
		render(&out, &row);
		json_object_end(&out);
	}
	json_array_end(&out);
	return buf_failed(&body) ? fail_without_memory(call) : reply_json(call, 200, buf_str(&body));
}

struct turn tokens_list(struct call *call)
{
	return store_api_tokens_list(call, app_of(call)->db, &call->identity->user, STEP(tokens_list_send));
}

static struct turn tokens_revoke_done(struct call *call)
{
	struct app *app = app_of(call);

	if (db_n_rows(call->rows) == 0)
		return call_fail_with(call, PROBLEM_NOT_FOUND, "no such API token");
	struct uuid id = store_api_tokens_revoke_row(call, 0).id;
	auth_revoked_add(app->revoked, &id, now_s() + REVOKED_S, now_s());
	log_info("API token revoked", LOG_ID("user", &call->identity->user), LOG_ID("token", &id),
		 LOG_TEXT("address", call->request->peer));
	return reply_empty(call, 204);
}

struct turn tokens_revoke(struct call *call)
{
	struct uuid *id = arena_new_of(call->arena, struct uuid);

	if (!id)
		return fail_without_memory(call);
	if (!uuid_parse(call->request->path_params[0], id))
		return call_fail_with(call, PROBLEM_NOT_FOUND, "no such API token");
	return store_api_tokens_revoke(call, app_of(call)->db, &call->identity->user, id,
				       clock_wall_ms() + (int64_t)REVOKED_S * 1000, STEP(tokens_revoke_done));
}
