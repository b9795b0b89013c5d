/* SPDX-License-Identifier: MIT */
/* Idempotency-Key: claiming a key, keeping the first answer, giving it again. */
#include "app/idempotency.h"

#include "app/app.h"
#include "app/reads.h"
#include "app/users.h"
#include "auth/secret.h"
#include "codec/utf8.h"
#include "http/http.h"
#include "http/route.h"
#include "store_statements.h"

enum {
	LONGEST_KEY = 255,
	LARGEST_HEADERS = 8192,
	MAX_CLAIMS = 10, /* of a key that another request holds, ... */
	PAUSE_MS = 20,	 /* ... so far apart */
};

/* What is kept of a head, besides content-type; the rest is made anew for each answer. */
static const struct str kept_headers[] = { STR("location"), STR("etag") };

/* Before the handler runs. */
struct once {
	char request_hash[AUTH_DIGEST_TEXT];
	unsigned n_claims;
	int status;
	struct str headers, body; /* of the first answer */
};

static struct str key_of(const struct call *call)
{
	return request_header(call->request, STR("idempotency-key"));
}

static bool key_allowed(struct str key)
{
	for (size_t i = 0; i < key.len; i++)
		if (key.at[i] < '!' || key.at[i] > '~')
			return false;
	return key.len > 0 && key.len <= LONGEST_KEY;
}

static struct str hash_of(const struct once *once)
{
	return (struct str){ once->request_hash, sizeof(once->request_hash) };
}

static void hash_request(const struct request *request, struct once *once)
{
	const struct str parts[] = { request->method_text, request->target, request->body };
	auth_digest(parts, countof(parts), once->request_hash);
}

/* ── The first time: the handler runs, then its answer is kept ── */

static struct turn idempotency_committed(struct call *call)
{
	/* What was read into the cache between the handler's write and its commit is stale. */
	reads_changed(app_of(call), &call->identity->user);
	cache_invalidate(app_of(call)->cache, &call->identity->user);
	return reply_release(call);
}

static struct turn idempotency_kept(struct call *call)
{
	return db_commit(call, STEP(idempotency_committed));
}

static void add_line(struct buf *to, struct str name, struct str value)
{
	if (!str_present(value))
		return;
	buf_add(to, name);
	buf_add(to, STR(": "));
	buf_add(to, value);
	buf_add_char(to, '\n');
}

/* A refusal wrote nothing and is not kept: the next try may fare better. */
static struct turn keep_answer(struct call *call, const struct reply_view *view)
{
	owned(buf_free) struct buf lines = buf_of(LARGEST_HEADERS);

	if (view->status >= 400)
		return db_rollback(call, STEP(reply_release));
	add_line(&lines, STR("content-type"), view->content_type);
	for (size_t i = 0; i < countof(kept_headers); i++)
		add_line(&lines, kept_headers[i], headers_find(view->headers, kept_headers[i]));
	struct str kept = arena_copy(call->arena, buf_str(&lines));
	if (buf_failed(&lines) || !str_present(kept) || !utf8_valid(kept) || !utf8_valid(view->body))
		return call_fail_with(call, PROBLEM_INTERNAL, "the answer cannot be kept for its idempotency key");
	return store_idempotency_keep(call, app_of(call)->db, &call->identity->user, key_of(call), view->status, kept,
				      view->body, STEP(idempotency_kept));
}

/* ── Again: the first answer is given ── */

static struct turn idempotency_replay(struct call *call)
{
	const struct once *once = call->state;
	struct str lines = once->headers, content_type = STR_ABSENT;

	while (lines.len) {
		struct str value, line = str_cut(lines, '\n', &lines);
		struct str name = str_cut(line, ':', &value);
		if (str_equal(name, STR("content-type")))
			content_type = str_trim(value);
		else
			reply_header(call, name, str_trim(value));
	}
	reply_header(call, STR("idempotency-replayed"), STR("true"));
	if (!str_present(content_type))
		return reply_empty(call, once->status);
	return reply_text(call, once->status, content_type, once->body);
}

/* ── Claiming ── */

static struct turn idempotency_claim(struct call *call);

static struct turn claim_begin(struct call *call)
{
	return db_begin(call, app_of(call)->db, STEP(idempotency_claim));
}

static struct turn claim_later(struct call *call)
{
	return call_sleep(call, PAUSE_MS, STEP(claim_begin));
}

/* The one that holds the key may be about to end: a client that was refused and corrects itself at once meets its own rollback. */
static struct turn key_is_held(struct call *call)
{
	struct once *once = call->state;

	if (++once->n_claims < MAX_CLAIMS)
		return db_rollback(call, STEP(claim_later));
	return call_fail_with(call, PROBLEM_CONFLICT, "a request with this Idempotency-Key is under way");
}

static struct turn idempotency_found(struct call *call)
{
	struct once *once = call->state;

	if (db_n_rows(call->rows) == 0) /* its 24 hours ended since: the key is free now */
		return key_is_held(call);
	struct store_idempotency_find_row row = store_idempotency_find_row(call, 0);
	if (!str_equal(row.request_hash, hash_of(once)))
		return call_fail_with(call, PROBLEM_INVALID, "this Idempotency-Key was used for another request");
	once->status = (int)row.status;
	once->headers = arena_copy(call->arena, row.headers);
	once->body = arena_copy(call->arena, row.body);
	return db_rollback(call, STEP(idempotency_replay));
}

static struct turn idempotency_claimed(struct call *call)
{
	struct store_idempotency_claim_row row = store_idempotency_claim_row(call, 0);

	if (!row.free)
		return key_is_held(call);
	if (!row.claimed)
		return store_idempotency_find(call, app_of(call)->db, &call->identity->user, key_of(call),
					      STEP(idempotency_found));
	call->state = NULL;
	reply_hold(call, keep_answer);
	return call->request->route->handler(call);
}

static struct turn idempotency_claim(struct call *call)
{
	return store_idempotency_claim(call, app_of(call)->db, &call->identity->user, key_of(call),
				       hash_of(call->state), STEP(idempotency_claimed));
}

struct turn idempotency_begin(struct call *call)
{
	const struct request *request = call->request;
	struct once *once = arena_new_of(call->arena, struct once);

	if (!call->identity || request->body_file)
		return request->route->handler(call);
	if (!key_allowed(key_of(call)))
		return call_fail_with(call, PROBLEM_BAD_REQUEST, "Idempotency-Key must be 1 to 255 visible characters");
	if (!once)
		return call_fail_with(call, PROBLEM_INTERNAL, "out of memory");
	hash_request(request, once);
	call->state = once;
	users_prune_when_due(app_of(call));
	return claim_begin(call);
}
