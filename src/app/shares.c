/* SPDX-License-Identifier: MIT */
/* Making, listing, changing and revoking links to a record or a collection. */
#include "app/shares.h"

#include <string.h>

#include "app/app.h"
#include "app/handlers.h"
#include "app/records.h"
#include "auth/identity.h"
#include "base/clock.h"
#include "base/random.h"
#include "codec/base64.h"
#include "codec/time.h"
#include "codec/utf8.h"
#include "store_statements.h"

enum { TOKEN_BYTES = 24, LONGEST_TITLE = 200, ROW_ROOM = 4096 };

/* ── Tokens ── */

static void digest_token(struct share_token *token)
{
	const struct str parts[] = { STR("share"), { token->text, sizeof(token->text) } };
	auth_digest(parts, countof(parts), token->digest);
}

struct share_token share_token_new(void)
{
	owned(buf_free) struct buf text = buf_of(SHARE_TOKEN_TEXT);
	struct share_token token;
	char bytes[TOKEN_BYTES];

	random_bytes(bytes, sizeof(bytes));
	base64url_encode(&text, (struct str){ bytes, sizeof(bytes) });
	check(text.len == sizeof(token.text));
	memcpy(token.text, text.at, sizeof(token.text));
	digest_token(&token);
	return token;
}

bool share_token_read(struct str shown, struct share_token *token)
{
	if (shown.len != sizeof(token->text))
		return false;
	memcpy(token->text, shown.at, shown.len);
	digest_token(token);
	return true;
}

/* ── What a link is made of, as its owner says it ── */

struct order {
	struct uuid id;
	struct str kind, record_text, title;
	struct uuid record;
	int64_t show_prices, show_notes; /* RECORD_UNSAID, 0, 1 */
	bool sets_title, sets_expiry;
	int64_t expires_at; /* RECORD_UNSAID: never */
};

static void read_flag(const struct json_member *member, int64_t *to, struct record_check *check)
{
	bool truth;

	if (json_read_bool(&member->value, &truth))
		*to = truth;
	else
		record_wrong(check, member->key, STR("must be true or false"));
}

static void read_text(const struct json_member *member, struct str *to, struct record_check *check)
{
	if (member->value.kind != JSON_KIND_NULL && !json_read_text(&member->value, to))
		record_wrong(check, member->key, STR("must be text"));
}

static bool has_control(struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.at[i] < ' ' || text.at[i] == 0x7f)
			return true;
	return false;
}

static void read_title(const struct json_member *member, struct order *order, struct record_check *check)
{
	read_text(member, &order->title, check);
	order->sets_title = true;
	order->title = str_trim(order->title);
	if (has_control(order->title) || utf8_count(order->title) > LONGEST_TITLE)
		record_wrong(check, member->key, STR("must be one line of at most 200 characters"));
	if (str_blank(order->title))
		order->title = STR_ABSENT;
}

static void read_expiry(const struct json_member *member, struct order *order, struct record_check *check)
{
	struct str text = STR_ABSENT;

	read_text(member, &text, check);
	order->sets_expiry = true;
	if (!str_present(text))
		return;
	if (!time_parse(text, &order->expires_at))
		record_wrong(check, member->key, STR("must be a time as in 2026-01-31T09:30:00Z, or a date"));
	else if (order->expires_at <= clock_wall_ms())
		record_wrong(check, member->key, STR("must be later than now"));
}

/* kind and recordId are said once, when the link is made. */
static void read_member(const struct json_member *member, struct order *order, bool fresh, struct record_check *check)
{
	if (str_equal(member->key, STR("title")))
		read_title(member, order, check);
	else if (str_equal(member->key, STR("showPrices")))
		read_flag(member, &order->show_prices, check);
	else if (str_equal(member->key, STR("showNotes")))
		read_flag(member, &order->show_notes, check);
	else if (str_equal(member->key, STR("expiresAt")))
		read_expiry(member, order, check);
	else if (fresh && str_equal(member->key, STR("kind")))
		read_text(member, &order->kind, check);
	else if (fresh && str_equal(member->key, STR("recordId")))
		read_text(member, &order->record_text, check);
	else
		record_wrong(check, member->key, STR("unknown field"));
}

static void check_what_is_shown(struct order *order, struct record_check *check)
{
	bool one = str_equal(order->kind, STR("record"));

	if (!one && !str_equal(order->kind, STR("collection")))
		record_wrong(check, STR("kind"), STR("must be record or collection"));
	else if (one && !str_present(order->record_text))
		record_wrong(check, STR("recordId"), STR("is required"));
	else if (one && !uuid_parse(order->record_text, &order->record))
		record_wrong(check, STR("recordId"), STR("must be a UUID"));
	else if (!one && str_present(order->record_text))
		record_wrong(check, STR("recordId"), STR("is for kind record"));
}

/* NULL, with *refused, for a body that will not do. */
static struct order *read_order(struct call *call, bool fresh, struct turn *refused)
{
	struct record_check check = { .arena = call->arena };
	struct order *order = arena_new_of(call->arena, struct order);
	const struct json *body = records_body(call, refused);

	if (!body)
		return NULL;
	if (!order) {
		*refused = call_fail_with(call, PROBLEM_UNAVAILABLE, "out of memory");
		return NULL;
	}
	order->show_prices = order->show_notes = order->expires_at = RECORD_UNSAID;
	if (body->kind != JSON_KIND_OBJECT)
		record_wrong(&check, STR("body"), STR("must be an object"));
	for (size_t i = 0; body->kind == JSON_KIND_OBJECT && i < body->n; i++)
		read_member(&body->members[i], order, fresh, &check);
	if (fresh)
		check_what_is_shown(order, &check);
	const struct problem *problem = record_problem(&check);
	if (!problem)
		return order;
	*refused = call_fail(call, problem);
	return NULL;
}

/* ── Answers ── */

static void put_share(struct json_out *out, const struct store_shares_list_row *row, struct arena *arena)
{
	bool one = !uuid_is_nil(&row->record_id);

	json_object(out);
	json_put_uuid(out, STR("id"), &row->id);
	json_put_str(out, STR("kind"), one ? STR("record") : STR("collection"));
	json_put_uuid(out, STR("recordId"), one ? &row->record_id : NULL);
	json_put_str(out, STR("title"), row->title);
	json_put_bool(out, STR("showPrices"), row->show_prices);
	json_put_bool(out, STR("showNotes"), row->show_notes);
	json_put_str(out, STR("token"), row->token);
	json_put_str(out, STR("url"), arena_printf(arena, "/s/%.*s", STR_ARG(row->token)));
	json_put_int(out, STR("views"), row->views);
	json_put_time_ms(out, STR("createdAt"), row->created_at);
	json_put_time_ms(out, STR("expiresAt"), row->expires_at);
	json_object_end(out);
}

static struct turn no_such_share(struct call *call)
{
	return call_fail_with(call, PROBLEM_NOT_FOUND, "no such link");
}

static struct turn answer_one(struct call *call, int status)
{
	owned(buf_free) struct buf body = buf_of(ROW_ROOM);
	struct json_out out = json_out_of(&body);

	if (db_n_rows(call->rows) == 0)
		return no_such_share(call);
	struct store_shares_list_row row = store_shares_list_row(call, 0);
	put_share(&out, &row, call->arena);
	return reply_json(call, status, buf_str(&body));
}

static struct turn shares_list_answer(struct call *call)
{
	size_t n = db_n_rows(call->rows);
	owned(buf_free) struct buf body = buf_of((n + 1) * ROW_ROOM);
	struct json_out out = json_out_of(&body);

	json_array(&out);
	for (size_t i = 0; i < n; i++) {
		struct store_shares_list_row row = store_shares_list_row(call, i);
		put_share(&out, &row, call->arena);
	}
	json_array_end(&out);
	if (buf_failed(&body))
		return call_fail_with(call, PROBLEM_UNAVAILABLE, "out of memory");
	return reply_json(call, 200, buf_str(&body));
}

struct turn shares_list(struct call *call)
{
	return store_shares_list(call, app_of(call)->db, &call->identity->user, NULL, STEP(shares_list_answer));
}

/* ── Making ── */

static struct turn shares_create_answer(struct call *call)
{
	return answer_one(call, 201);
}

static struct turn shares_create_added(struct call *call)
{
	const struct order *order = call->state;
	struct store_shares_add_row row = store_shares_add_row(call, 0);

	if (!row.known)
		return call_fail(call, problem_field(call->arena, STR("recordId"), STR("is not one of your records")));
	if (!row.room)
		return call_fail_with(call, PROBLEM_CONFLICT, "there are %lld links already; revoke one first",
				      (long long)app_of(call)->settings.max_shares);
	return store_shares_list(call, app_of(call)->db, &call->identity->user, &order->id, STEP(shares_create_answer));
}

struct turn shares_create(struct call *call)
{
	const struct app *app = app_of(call);
	struct share_token token = share_token_new();
	struct turn refused;
	struct order *order = read_order(call, true, &refused);

	if (!order)
		return refused;
	order->id = uuid_new();
	call->state = order;
	return store_shares_add(
		call, app->db, &call->identity->user, &order->id, uuid_is_nil(&order->record) ? NULL : &order->record,
		order->title, order->show_prices == 1, order->show_notes == 1,
		(struct str){ token.text, sizeof(token.text) }, (struct str){ token.digest, sizeof(token.digest) },
		order->expires_at, app->settings.max_shares, STEP(shares_create_added));
}

/* ── Changing and revoking ── */

static struct turn shares_update_answer(struct call *call)
{
	return answer_one(call, 200);
}

static struct turn shares_update_changed(struct call *call)
{
	const struct order *order = call->state;

	if (db_n_rows(call->rows) == 0)
		return no_such_share(call);
	return store_shares_list(call, app_of(call)->db, &call->identity->user, &order->id, STEP(shares_update_answer));
}

struct turn shares_update(struct call *call)
{
	struct uuid id;
	struct turn refused;

	if (!records_path_id(call, &id))
		return no_such_share(call);
	struct order *order = read_order(call, false, &refused);
	if (!order)
		return refused;
	order->id = id;
	call->state = order;
	return store_shares_change(call, app_of(call)->db, &call->identity->user, &order->id, order->sets_title,
				   order->title, order->show_prices, order->show_notes, order->sets_expiry,
				   order->expires_at, STEP(shares_update_changed));
}

static struct turn shares_delete_answer(struct call *call)
{
	return db_n_rows(call->rows) ? reply_empty(call, 204) : no_such_share(call);
}

struct turn shares_delete(struct call *call)
{
	struct uuid id;

	if (!records_path_id(call, &id))
		return no_such_share(call);
	return store_shares_remove(call, app_of(call)->db, &call->identity->user, &id, STEP(shares_delete_answer));
}
