/* SPDX-License-Identifier: MIT */
/* The parameters of a session: what every connection of ours has in common. */
#include "db/target.h"

#include <libpq-fe.h>

static void add(struct db_target *target, const char *keyword, const char *value)
{
	for (unsigned i = 0; i < TARGET_MAX; i++)
		if (!target->keywords[i]) {
			target->keywords[i] = keyword;
			target->values[i] = value;
			return;
		}
	check(!"more session parameters than TARGET_MAX");
}

static struct str first_line(struct arena *arena, const char *text)
{
	struct str rest;
	return arena_copy(arena, str_cut(str_trim(str_of(text)), '\n', &rest));
}

/* The conninfo's own `options`, so that ours do not replace them. False when it does not parse. */
static bool options_given(const char *conninfo, struct arena *arena, struct str *options, struct str *said)
{
	char *error = NULL;
	PQconninfoOption *rows = PQconninfoParse(conninfo, &error);

	*options = STR("");
	if (!rows) {
		*said = first_line(arena, error ? error : "out of memory");
		PQfreemem(error);
		return false;
	}
	for (const PQconninfoOption *row = rows; row->keyword; row++)
		if (row->val && str_equal(str_of(row->keyword), STR("options")))
			*options = arena_copy(arena, str_of(row->val));
	PQconninfoFree(rows);
	return true;
}

bool db_target_make(struct db_target *target, const struct db_target_settings *settings, struct arena *arena, struct str *said)
{
	struct str conninfo = arena_copy(arena, settings->conninfo), given = STR_ABSENT;

	*target = (struct db_target){ 0 };
	if (!str_present(conninfo) || !options_given(conninfo.at, arena, &given, said))
		return false;
	struct str timeouts = settings->role_timeout ?
				      STR("") :
				      arena_printf(arena,
						   "-c statement_timeout=%u -c idle_in_transaction_session_timeout=60000 ",
						   settings->statement_timeout_ms);
	struct str options = arena_printf(arena,
					  "%.*s-c jit=off -c TimeZone=UTC -c DateStyle=ISO,YMD -c client_min_messages=warning "
					  "-c standard_conforming_strings=on %.*s",
					  STR_ARG(timeouts), STR_ARG(given));
	/* What stands before dbname may be overruled by the conninfo, what stands behind it may not. */
	add(target, "connect_timeout", "5");
	add(target, "tcp_user_timeout", "15000");
	add(target, "keepalives_idle", "30");
	add(target, "dbname", conninfo.at);
	add(target, "client_encoding", "UTF8");
	add(target, "options", options.at);
	if (settings->application_name)
		add(target, "application_name", arena_copy(arena, str_of(settings->application_name)).at);
	*said = arena_exhausted(arena) ? STR("the connection string is too long") : STR_ABSENT;
	return !arena_exhausted(arena);
}
