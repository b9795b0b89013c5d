/* SPDX-License-Identifier: MIT */
/* Accounts for commands: blocking, each with a connection of its own. Each works beside a running server. */
#ifndef APP_USERS_ADMIN_H
#define APP_USERS_ADMIN_H

#include "auth/password.h"
#include "base/arena.h"
#include "base/uuid.h"

struct users_admin {
	struct str conninfo; /* as the server's own role */
	struct auth_password_settings cost;
	int64_t access_ttl_s; /* so long must the end of a session be remembered */
	struct arena *arena;  /* holds what is returned */
};

enum users_admin_outcome {
	USERS_DONE = 0,
	USERS_REFUSED = 1, /* the address or password will not do, or the address is taken */
	USERS_UNKNOWN = 2, /* no account has that address */
	USERS_FAULT = -1,  /* the database failed, or no memory */
};

/* An account, as `user list` shows it. */
struct users_row {
	struct uuid id;
	struct str email;
	int64_t created_ms;
	int64_t n_sessions;
};

/* In each, *said is one sentence for a person unless USERS_DONE is returned. */

must_use int users_admin_add(const struct users_admin *admin, struct str email, struct str password,
			     struct users_row *out, struct str *said);
/* Sets it and ends all sessions of the account, on every node. */
must_use int users_admin_set_password(const struct users_admin *admin, struct str email, struct str password,
				      struct str *said);
must_use int users_admin_find(const struct users_admin *admin, struct str email, struct users_row *out,
			      struct str *said);
/* All accounts by address. */
must_use int users_admin_list(const struct users_admin *admin, struct users_row **rows, size_t *n, struct str *said);

/*
 * A new key signs from now on, on every node that runs; tokens of the one before it stay valid until they expire.
 * `keys_file` is the data directory's, or NULL for the keys in an external database.
 */
must_use int users_admin_rotate_keys(const struct users_admin *admin, const char *keys_file, struct str *said);

#endif
