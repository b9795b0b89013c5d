/* SPDX-License-Identifier: MIT */
/* Where to connect and how a session is set up, in the form libpq takes it. */
#ifndef DB_TARGET_H
#define DB_TARGET_H

#include "base/arena.h"

enum { TARGET_MAX = 10 };

/* Keywords and values for PQconnectStartParams and PQconnectdbParams with expand_dbname = 1. */
struct db_target {
	const char *keywords[TARGET_MAX + 1];
	const char *values[TARGET_MAX + 1];
	const char *host; /* a name that is to be looked up, which libpq would do blocking; else NULL */
};

struct db_target_settings {
	struct str conninfo; /* connection string or URL; its own `options` are kept, ours come first */
	const char *application_name;
	unsigned statement_timeout_ms; /* 0: none */
	bool role_timeout;	       /* instead, whatever the role has */
};

/* Everything is copied into the arena. False with one sentence in *said when the conninfo is malformed. */
must_use bool db_target_make(struct db_target *target, const struct db_target_settings *settings, struct arena *arena,
			     struct str *said);
/* One more keyword with its value, which must live as long. */
void db_target_add(struct db_target *target, const char *keyword, const char *value);

#endif
