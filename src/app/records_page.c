/* SPDX-License-Identifier: MIT */
/* Limits, offsets, cursors and the bodies of lists. */
#include "app/records_page.h"

#include "app/app.h"
#include "auth/identity.h"
#include "auth/keys.h"
#include "auth/secret.h"
#include "codec/base64.h"
#include "codec/fold.h"
#include "codec/url.h"

enum { MAC_TEXT = 32, LONGEST_CURSOR = 4096, MAX_OFFSET = 1000000000 };

static const struct str default_sort = STR("-updatedAt");

/* As records.sort_of of the database has them. */
#define SORTS(EACH)                                                                                                  \
	EACH("updatedAt") EACH("createdAt") EACH("purchasedAt") EACH("artist") EACH("name") EACH("label")            \
	EACH("catalogNumber") EACH("format") EACH("grade") EACH("year") EACH("price")
#define SORT_NAME(name) STR(name),
#define SORT_SAID(name) name ", "
static const struct str sorts[] = { SORTS(SORT_NAME) };
static const struct str sorts_said = STR("must be one of " SORTS(SORT_SAID) "with '-' before it for descending");

int64_t page_int(struct call *call, struct str name, int64_t min, int64_t max, int64_t fallback,
		 struct record_check *check)
{
	struct str text = request_param(call->request, name);
	int64_t value;

	if (!str_present(text))
		return fallback;
	if (!str_to_int(text, min, INT64_MAX, &value)) {
		record_wrong(check, name,
			     arena_printf(call->arena, "must be a whole number, %lld or more", (long long)min));
		return fallback;
	}
	return value > max ? max : value;
}

struct str page_query(struct call *call, struct record_check *check)
{
	struct str q = request_param(call->request, STR("q"));

	if (q.len > PAGE_QUERY_MAX) {
		record_wrong(check, STR("q"), STR("must not be longer than 1000 bytes"));
		return STR("");
	}
	return fold_key(call->arena, q);
}

struct page page_of(struct call *call, int64_t fallback, int64_t max, struct record_check *check)
{
	return (struct page){
		.limit = page_int(call, STR("limit"), 1, max, fallback, check),
		.offset = page_int(call, STR("offset"), 0, MAX_OFFSET, 0, check),
		.sort = default_sort,
	};
}

/* ── Cursors: base64url of `sort LF id LF key`, a dot, and the start of a keyed digest over it and the user ── */

static void sign(const struct auth_key *key, const struct uuid *user, struct str payload, char mac[AUTH_DIGEST_TEXT])
{
	const struct str parts[] = {
		STR("cursor"),
		{ (const char *)key->secret, sizeof(key->secret) },
		{ (const char *)user->bytes, sizeof(user->bytes) },
		payload,
	};
	auth_digest(parts, countof(parts), mac);
}

static bool is_signed(struct call *call, struct str payload, struct str mac)
{
	const struct auth_keys *keys = app_of(call)->keys;
	char expected[AUTH_DIGEST_TEXT];

	for (unsigned i = 0; i < keys->n; i++) {
		sign(&keys->items[i], &call->identity->user, payload, expected);
		if (str_equal_secret((struct str){ expected, MAC_TEXT }, mac))
			return true;
	}
	return false;
}

static bool read_cursor(struct call *call, struct str text, struct page *page)
{
	owned(buf_free) struct buf bytes = buf_of(LONGEST_CURSOR);
	struct str mac, rest, payload = str_cut(text, '.', &mac);
	struct uuid *id = arena_new_of(call->arena, struct uuid);

	if (!id || !str_present(mac) || !base64url_decode(&bytes, payload) || !is_signed(call, buf_str(&bytes), mac))
		return false;
	struct str sort = str_cut(buf_str(&bytes), '\n', &rest);
	struct str id_text = str_cut(rest, '\n', &rest);
	if (!str_equal(sort, page->sort) || !uuid_parse(id_text, id))
		return false;
	page->after_key = arena_copy(call->arena, rest);
	page->after_id = id;
	return true;
}

static bool is_sort(struct str text)
{
	struct str bare = str_starts(text, STR("-")) ? str_skip(text, 1) : text;
	for (size_t i = 0; i < countof(sorts); i++)
		if (str_equal(sorts[i], bare))
			return true;
	return false;
}

void page_read_sort(struct call *call, struct page *page, struct record_check *check)
{
	struct str sort = request_param(call->request, STR("sort"));

	if (str_present(sort) && !is_sort(sort))
		record_wrong(check, STR("sort"), sorts_said);
	else if (str_present(sort))
		page->sort = sort;
}

const struct problem *page_read_cursor(struct call *call, struct page *page, struct record_check *check)
{
	struct str cursor = request_param(call->request, STR("cursor"));

	page_read_sort(call, page, check);
	if (str_present(cursor) && !read_cursor(call, cursor, page))
		return problem_new(call->arena, PROBLEM_BAD_REQUEST, STR("the cursor is not one of this list"));
	return NULL;
}

static struct str cursor_behind(struct call *call, const struct page *page, struct str key, const struct uuid *id)
{
	char id_text[UUID_TEXT + 1], mac[AUTH_DIGEST_TEXT];
	const struct str parts[] = { page->sort, STR("\n"), uuid_format(id, id_text), STR("\n"), key };
	struct str payload = arena_concat(call->arena, parts, countof(parts));
	owned(buf_free) struct buf text = buf_of(LONGEST_CURSOR);

	sign(&app_of(call)->keys->items[0], &call->identity->user, payload, mac);
	base64url_encode(&text, payload);
	buf_add_char(&text, '.');
	buf_add(&text, (struct str){ mac, MAC_TEXT });
	return buf_failed(&text) ? STR_ABSENT : arena_copy(call->arena, buf_str(&text));
}

/* ── Links ── */

static void add_param(struct buf *to, struct str name, struct str value)
{
	buf_add_char(to, str_find_char(buf_str(to), '?') == to->len ? '?' : '&');
	url_encode(to, name);
	buf_add_char(to, '=');
	url_encode(to, value);
}

struct param {
	struct str name, value;
};

static bool is_set(const struct param *params, size_t n, struct str name)
{
	for (size_t i = 0; i < n; i++)
		if (str_equal(params[i].name, name))
			return true;
	return str_equal(name, STR("cursor")) || str_equal(name, STR("offset"));
}

/* The request's own address, with the n parameters set and whatever else places a page left out. */
static void link_next(struct call *call, const struct param *params, size_t n)
{
	const struct request *request = call->request;
	owned(buf_free) struct buf link = buf_of(3 * LONGEST_CURSOR);

	buf_add_char(&link, '<');
	buf_add(&link, request->path);
	for (size_t i = 0; i < request->n_params; i++) {
		struct str other = request->params[i].name;
		if (!is_set(params, n, other))
			add_param(&link, other, request->params[i].value);
	}
	for (size_t i = 0; i < n; i++)
		add_param(&link, params[i].name, params[i].value);
	buf_add(&link, STR(">; rel=\"next\""));
	if (!buf_failed(&link))
		reply_header(call, STR("link"), arena_copy(call->arena, buf_str(&link)));
}

void page_link_behind(struct call *call, const struct page *page, struct str key, const struct uuid *id)
{
	struct str cursor = cursor_behind(call, page, key, id);
	if (str_present(cursor))
		link_next(call, &(struct param){ STR("cursor"), cursor }, 1);
}

static struct str number(struct call *call, int64_t value)
{
	return arena_printf(call->arena, "%lld", (long long)value);
}

void page_link_offset(struct call *call, int64_t offset)
{
	link_next(call, &(struct param){ STR("offset"), number(call, offset) }, 1);
}

void page_link_since(struct call *call, int64_t since, int64_t horizon)
{
	const struct param params[] = {
		{ STR("since"), number(call, since) },
		{ STR("horizon"), number(call, horizon) },
	};
	link_next(call, params, countof(params));
}

/* ── Bodies ── */

struct page_body page_body_new(void)
{
	/* Room for one document beyond the bound, so that the first always fits. */
	return (struct page_body){ .bytes = buf_of(PAGE_BYTES + 2 * RECORD_DOC_MAX) };
}

void page_body_drop(struct page_body *body)
{
	buf_free(&body->bytes);
}

bool page_body_add(struct page_body *body, struct str json)
{
	if (body->n && body->bytes.len + json.len > PAGE_BYTES)
		return false;
	buf_add_char(&body->bytes, body->n++ ? ',' : '[');
	buf_add(&body->bytes, json);
	return true;
}

struct turn page_reply(struct call *call, struct page_body *body)
{
	if (body->n == 0)
		buf_add_char(&body->bytes, '[');
	buf_add_char(&body->bytes, ']');
	if (buf_failed(&body->bytes))
		return call_fail_with(call, PROBLEM_UNAVAILABLE, "out of memory");
	return reply_json(call, 200, buf_str(&body->bytes));
}
