/* SPDX-License-Identifier: MIT */
/* Preferences: how an account likes to be shown things, on whichever device. */
#include "app/app.h"
#include "app/form.h"
#include "app/handlers.h"
#include "auth/identity.h"
#include "codec/json_out.h"
#include "http/http.h"
#include "store_statements.h"

enum { PREFERENCES_JSON = 1024, LONGEST_LOCALE = 35, CURRENCY = 3 };

/* ISO 4217, as far as its form goes. */
static bool is_currency(struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.at[i] < 'A' || text.at[i] > 'Z')
			return false;
	return text.len == CURRENCY;
}

static bool is_subtag(struct str part, size_t most)
{
	for (size_t i = 0; i < part.len; i++)
		if (!char_is_alpha(part.at[i]) && !char_is_digit(part.at[i]))
			return false;
	return part.len > 0 && part.len <= most;
}

/* A well-formed language tag such as de-CH (RFC 5646): a language, and subtags of up to eight characters. */
static bool is_locale(struct str text)
{
	struct str rest, language = str_cut(text, '-', &rest);

	for (size_t i = 0; i < language.len; i++)
		if (!char_is_alpha(language.at[i]))
			return false;
	if (language.len < 2 || language.len > 3 || text.len > LONGEST_LOCALE)
		return false;
	while (str_present(rest))
		if (!is_subtag(str_cut(rest, '-', &rest), 8))
			return false;
	return true;
}

static bool is_theme(struct str text)
{
	return str_equal(text, STR("light")) || str_equal(text, STR("dark")) || str_equal(text, STR("system"));
}

static bool is_density(struct str text)
{
	return str_equal(text, STR("comfortable")) || str_equal(text, STR("compact"));
}

static struct turn send_preferences(struct call *call, const struct store_preferences_get_row *row)
{
	owned(buf_free) struct buf body = buf_of(PREFERENCES_JSON);
	struct json_out out = json_out_of(&body);

	json_object(&out);
	json_put_str(&out, STR("currency"), row->currency);
	json_put_str(&out, STR("locale"), row->locale);
	json_put_str(&out, STR("theme"), row->theme);
	json_put_str(&out, STR("density"), row->density);
	json_object_end(&out);
	return buf_failed(&body) ? call_fail_with(call, PROBLEM_INTERNAL, "out of memory")
				 : reply_json(call, 200, buf_str(&body));
}

static struct turn preferences_get_send(struct call *call)
{
	struct store_preferences_get_row row = { 0 };

	if (db_n_rows(call->rows))
		row = store_preferences_get_row(call, 0);
	return send_preferences(call, &row);
}

struct turn preferences_get(struct call *call)
{
	return store_preferences_get(call, app_of(call)->db, &call->identity->user, STEP(preferences_get_send));
}

static struct turn preferences_set_send(struct call *call)
{
	if (db_n_rows(call->rows) == 0)
		return call_fail_with(call, PROBLEM_NOT_FOUND, "no such account");
	struct store_preferences_set_row row = store_preferences_set_row(call, 0);
	return send_preferences(call, &(struct store_preferences_get_row){ row.currency, row.locale, row.theme, row.density });
}

/* All of them are replaced: what is not given is null. */
struct turn preferences_set(struct call *call)
{
	struct store_preferences_get_row wish;
	const struct form_field fields[] = { { STR("currency"), &wish.currency, false },
					     { STR("locale"), &wish.locale, false },
					     { STR("theme"), &wish.theme, false },
					     { STR("density"), &wish.density, false } };
	static bool (*const fits[])(struct str text) = { is_currency, is_locale, is_theme, is_density };
	static const struct str faults[] = { STR("must be a currency such as EUR"), STR("must be a language tag such as de-CH"),
					     STR("must be light, dark or system"), STR("must be comfortable or compact") };
	const struct problem *problem = form_read(call, fields, countof(fields));

	if (problem)
		return call_fail(call, problem);
	for (size_t i = 0; i < countof(fields); i++)
		if (str_present(*fields[i].to) && !fits[i](*fields[i].to))
			return call_fail(call, problem_field(call->arena, fields[i].name, faults[i]));
	return store_preferences_set(call, app_of(call)->db, &call->identity->user, wish.currency, wish.locale, wish.theme,
				     wish.density, STEP(preferences_set_send));
}
