/* SPDX-License-Identifier: MIT */
/* What the handlers of records have in common. */
#include "app/records.h"

#include "app/app.h"
#include "app/indexes.h"
#include "app/reads.h"
#include "auth/identity.h"

bool records_path_id(struct call *call, struct uuid *id)
{
	return uuid_parse(call->request->path_params[0], id);
}

struct turn records_not_found(struct call *call)
{
	return call_fail_with(call, PROBLEM_NOT_FOUND, "no such record");
}

int64_t record_version_of(struct str doc)
{
	static const struct str key = STR(",\"version\":");
	/* Within a text a quote has a backslash before it, and `extra`, whose keys are anybody's, comes later: the first is ours. */
	size_t at = str_find(doc, key);
	int64_t version = 0;

	if (at == SIZE_MAX)
		return 0;
	struct str digits = str_skip(doc, at + key.len);
	for (size_t i = 0; i < digits.len && char_is_digit(digits.at[i]); i++)
		version = version * 10 + (digits.at[i] - '0');
	return version;
}

/* ── Entity tags ── */

struct str records_etag(struct call *call, const struct uuid *id, int64_t version)
{
	char text[UUID_TEXT + 1];
	uuid_format(id, text);
	return arena_printf(call->arena, "\"%s-v%lld\"", text, (long long)version);
}

/* Whether a list of tags names this one. Tags of ours hold no comma. */
static bool names_tag(struct str list, struct str etag, bool weakly)
{
	while (str_present(list)) {
		struct str tag = str_trim(str_cut(list, ',', &list));
		if (weakly && str_starts(tag, STR("W/")))
			tag = str_skip(tag, 2);
		if (str_equal(tag, STR("*")) || str_equal(tag, etag))
			return true;
	}
	return false;
}

bool records_none_match(const struct request *request, struct str etag)
{
	return names_tag(request_header(request, STR("if-none-match")), etag, true);
}

bool records_has_condition(const struct request *request)
{
	return str_present(request_header(request, STR("if-match")));
}

bool records_match(const struct request *request, struct str etag)
{
	return !records_has_condition(request) || names_tag(request_header(request, STR("if-match")), etag, false);
}

struct turn records_changed_meanwhile(struct call *call)
{
	return call_fail_with(call, PROBLEM_PRECONDITION_FAILED, "the record has changed since");
}

/* ── Covers ── */

bool records_cover_unknown(const struct call *call)
{
	return str_equal(str_of(db_sqlstate(call->rows)), STR("23503"));
}

struct turn records_no_such_cover(struct call *call)
{
	return call_fail(call, problem_field(call->arena, STR("cover"), STR("is not the address of a cover of yours")));
}

/* ── Bodies and answers ── */

const struct json *records_body(struct call *call, struct turn *refused)
{
	const struct json *root = NULL;
	struct str said;

	if (json_parse(call->arena, call->request->body, &root, &said)) {
		*refused = call_fail_with(call, PROBLEM_BAD_REQUEST, "%.*s", STR_ARG(said));
		return NULL;
	}
	return root;
}

struct turn records_reply(struct call *call, int status, const struct uuid *id, struct str doc)
{
	char text[UUID_TEXT + 1];

	reply_header(call, STR("etag"), records_etag(call, id, record_version_of(doc)));
	if (status == 201) {
		uuid_format(id, text);
		reply_header(call, STR("location"), arena_printf(call->arena, "/api/records/%s", text));
	}
	return reply_json(call, status, doc);
}

void records_written(struct call *call, int64_t version)
{
	struct app *app = app_of(call);

	if (!call->session && version != RECORD_UNSAID) {
		records_changed(app, &call->identity->user, version);
		return;
	}
	/* What a transaction may still take back is not known as a version. */
	reads_changed(app, &call->identity->user);
	cache_invalidate(app->cache, &call->identity->user);
}

void records_learn(struct app *app, const struct uuid *user, int64_t version)
{
	reads_changed(app, user);
	cache_invalidate_to(app->cache, user, version);
	indexes_learn(app->indexes, user, version);
}

void records_changed(struct app *app, const struct uuid *user, int64_t version)
{
	records_learn(app, user, version);
	watchers_changed(&app->watchers, user);
}
