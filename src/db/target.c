/* SPDX-License-Identifier: MIT */
/* The parameters of a session: what every connection of ours has in common. */
#include "db/target.h"

#include <arpa/inet.h>
#include <libpq-fe.h>

void db_target_add(struct db_target *target, const char *keyword, const char *value)
{
	unsigned n = 0;

	while (target->keywords[n])
		n++;
	check(n < TARGET_MAX);
	target->keywords[n] = keyword;
	target->values[n] = value;
}

static struct str first_line(struct arena *arena, const char *text)
{
	struct str rest;
	return arena_copy(arena, str_cut(str_trim(str_of(text)), '\n', &rest));
}

/* What the conninfo says itself and we must know. */
struct given {
	struct str options, host, hostaddr;
};

/* False when it does not parse. */
static bool parse(struct given *given, const char *conninfo, struct arena *arena, struct str *said)
{
	char *error = NULL;
	PQconninfoOption *rows = PQconninfoParse(conninfo, &error);

	*given = (struct given){ 0 };
	if (!rows) {
		*said = first_line(arena, error ? error : "out of memory");
		PQfreemem(error);
		return false;
	}
	for (const PQconninfoOption *row = rows; row->keyword; row++) {
		struct str keyword = str_of(row->keyword), value = arena_copy(arena, str_of(row->val));
		if (str_equal(keyword, STR("options")))
			given->options = value;
		else if (str_equal(keyword, STR("host")))
			given->host = value;
		else if (str_equal(keyword, STR("hostaddr")))
			given->hostaddr = value;
	}
	PQconninfoFree(rows);
	return true;
}

/* One name, neither an address nor the directory of a socket. A list of hosts is left to libpq. */
static bool is_name(const struct given *given)
{
	unsigned char address[sizeof(struct in6_addr)];
	struct str host = given->host;

	return host.len && !given->hostaddr.len && str_find_char(host, ',') == host.len && host.at[0] != '/' &&
	       host.at[0] != '@' && inet_pton(AF_INET, host.at, address) != 1 &&
	       inet_pton(AF_INET6, host.at, address) != 1;
}

bool db_target_make(struct db_target *target, const struct db_target_settings *settings, struct arena *arena,
		    struct str *said)
{
	struct str conninfo = arena_copy(arena, settings->conninfo);
	struct given given;

	*target = (struct db_target){ 0 };
	if (!str_present(conninfo) || !parse(&given, conninfo.at, arena, said))
		return false;
	struct str timeouts =
		settings->role_timeout
			? STR("")
			: arena_printf(arena, "-c statement_timeout=%u -c idle_in_transaction_session_timeout=60000 ",
				       settings->statement_timeout_ms);
	struct str options =
		arena_printf(arena,
			     "%.*s-c jit=off -c TimeZone=UTC -c DateStyle=ISO,YMD -c client_min_messages=warning "
			     "-c standard_conforming_strings=on %.*s",
			     STR_ARG(timeouts), STR_ARG(given.options));
	/* What stands before dbname may be overruled by the conninfo, what stands behind it may not. */
	db_target_add(target, "connect_timeout", "5");
	db_target_add(target, "tcp_user_timeout", "15000");
	db_target_add(target, "keepalives_idle", "30");
	db_target_add(target, "dbname", conninfo.at);
	db_target_add(target, "client_encoding", "UTF8");
	db_target_add(target, "options", options.at);
	if (settings->application_name)
		db_target_add(target, "application_name", arena_copy(arena, str_of(settings->application_name)).at);
	target->host = is_name(&given) ? given.host.at : NULL;
	*said = arena_exhausted(arena) ? STR("the connection string is too long") : STR_ABSENT;
	return !arena_exhausted(arena);
}
