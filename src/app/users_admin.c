/* SPDX-License-Identifier: MIT */
/* Accounts for commands. */
#include "app/users_admin.h"

#include "auth/email.h"
#include "auth/keys.h"
#include "base/clock.h"
#include "db/sync.h"
#include "store_statements.h"

static struct db_sync *open_sync(const struct users_admin *admin, struct str *said)
{
	return db_sync_open(admin->conninfo, "recordd user", admin->arena, said);
}

static int fault(const struct users_admin *admin, const struct db_sync *sync, struct str *said)
{
	*said = arena_copy(admin->arena, db_sync_said(sync));
	return USERS_FAULT;
}

static int fault_of_memory(struct str *said)
{
	*said = STR("out of memory");
	return USERS_FAULT;
}

/* The row readers take a call; they look at its rows alone. */
static struct call rows_of(struct db_sync *sync)
{
	return (struct call){ .rows = db_sync_rows(sync) };
}

/* ── Making one ── */

static int check_given(const struct users_admin *admin, struct str email, struct str password, struct str *said)
{
	struct str weakness = auth_password_fault(password);

	if (!auth_email_valid(email)) {
		*said = arena_printf(admin->arena, "%.*s is no e-mail address", STR_ARG(email));
		return USERS_REFUSED;
	}
	if (str_present(weakness)) {
		*said = arena_printf(admin->arena, "the password %.*s", STR_ARG(weakness));
		return USERS_REFUSED;
	}
	return USERS_DONE;
}

int users_admin_add(const struct users_admin *admin, struct str email, struct str password, struct users_row *out,
		    struct str *said)
{
	char hash[AUTH_PASSWORD_HASH];
	struct db_params params = { 0 };
	struct uuid id = uuid_new();
	int outcome = check_given(admin, email, password, said);

	if (outcome)
		return outcome;
	owned(db_sync_drop) struct db_sync *sync = open_sync(admin, said);
	if (!sync)
		return USERS_FAULT;
	if (auth_password_hash(&admin->cost, password, hash))
		return fault_of_memory(said);
	db_add_uuid(&params, admin->arena, &id);
	db_add_text(&params, admin->arena, email);
	db_add_text(&params, admin->arena, auth_email_fold(email, admin->arena));
	db_add_text(&params, admin->arena, str_of(hash));
	if (db_sync_run(sync, &store_statement_accounts_add, &params))
		return fault(admin, sync, said);
	struct call call = rows_of(sync);
	if (db_n_rows(call.rows) == 0) {
		*said = arena_printf(admin->arena, "an account for %.*s exists already", STR_ARG(email));
		return USERS_REFUSED;
	}
	*out = (struct users_row){ id, arena_copy(admin->arena, email), store_accounts_add_row(&call, 0).created_at,
				   0 };
	return USERS_DONE;
}

/* ── Finding one ── */

static int find(const struct users_admin *admin, struct db_sync *sync, struct str email, struct users_row *out,
		struct str *said)
{
	struct db_params params = { 0 };

	db_add_text(&params, admin->arena, auth_email_fold(email, admin->arena));
	if (db_sync_run(sync, &store_statement_accounts_find, &params))
		return fault(admin, sync, said);
	struct call call = rows_of(sync);
	if (db_n_rows(call.rows) == 0) {
		*said = arena_printf(admin->arena, "there is no account for %.*s", STR_ARG(email));
		return USERS_UNKNOWN;
	}
	struct store_accounts_find_row row = store_accounts_find_row(&call, 0);
	*out = (struct users_row){ row.id, arena_copy(admin->arena, row.email), row.created_at, 0 };
	return USERS_DONE;
}

int users_admin_find(const struct users_admin *admin, struct str email, struct users_row *out, struct str *said)
{
	owned(db_sync_drop) struct db_sync *sync = open_sync(admin, said);
	return sync ? find(admin, sync, email, out, said) : USERS_FAULT;
}

/* ── A new password ── */

static int set_password(const struct users_admin *admin, struct db_sync *sync, const struct uuid *user, struct str hash,
			struct str *said)
{
	struct db_params params = { 0 };

	db_add_uuid(&params, admin->arena, user);
	db_add_null(&params); /* whatever the old one is */
	db_add_text(&params, admin->arena, hash);
	db_add_null(&params); /* no session is kept */
	db_add_time(&params, admin->arena, clock_wall_ms() + admin->access_ttl_s * 1000);
	return db_sync_run(sync, &store_statement_accounts_set_password, &params) ? fault(admin, sync, said)
										  : USERS_DONE;
}

int users_admin_set_password(const struct users_admin *admin, struct str email, struct str password, struct str *said)
{
	char hash[AUTH_PASSWORD_HASH];
	struct users_row user;
	int outcome = check_given(admin, email, password, said);

	if (outcome)
		return outcome;
	owned(db_sync_drop) struct db_sync *sync = open_sync(admin, said);
	if (!sync)
		return USERS_FAULT;
	if ((outcome = find(admin, sync, email, &user, said)))
		return outcome;
	if (auth_password_hash(&admin->cost, password, hash))
		return fault_of_memory(said);
	return set_password(admin, sync, &user.id, str_of(hash), said);
}

/* ── All ── */

int users_admin_list(const struct users_admin *admin, struct users_row **rows, size_t *n, struct str *said)
{
	owned(db_sync_drop) struct db_sync *sync = open_sync(admin, said);

	if (!sync)
		return USERS_FAULT;
	if (db_sync_run(sync, &store_statement_accounts_list, NULL))
		return fault(admin, sync, said);
	struct call call = rows_of(sync);
	*n = db_n_rows(call.rows);
	*rows = arena_array(admin->arena, *n, sizeof(**rows));
	for (size_t i = 0; *rows && i < *n; i++) {
		struct store_accounts_list_row row = store_accounts_list_row(&call, i);
		(*rows)[i] = (struct users_row){ row.id, arena_copy(admin->arena, row.email), row.created_at,
						 row.n_sessions };
	}
	return arena_exhausted(admin->arena) ? fault_of_memory(said) : USERS_DONE;
}

/* ── Signing keys ── */

static int rotate_file(const struct users_admin *admin, const char *path, struct str *said)
{
	int64_t now_s = clock_wall_ms() / 1000;
	struct auth_keys keys = { 0 };
	int outcome = auth_keys_open(path, now_s, &keys, admin->arena, said);

	if (outcome == AUTH_KEYS_LOADED) {
		auth_keys_rotate(&keys, now_s);
		outcome = auth_keys_save(path, &keys, admin->arena, said);
	}
	auth_keys_wipe(&keys);
	return outcome < 0 ? USERS_FAULT : USERS_DONE;
}

static int rotate_table(const struct users_admin *admin, struct db_sync *sync, struct str *said)
{
	struct db_params params = { 0 };
	char text[AUTH_KEY_TEXT + 1];
	struct auth_key key;

	auth_key_new(&key, clock_wall_ms() / 1000);
	db_add_text(&params, admin->arena, auth_key_format(&key, text));
	return db_sync_run(sync, &store_statement_signing_keys_rotate, &params) ? fault(admin, sync, said) : USERS_DONE;
}

int users_admin_rotate_keys(const struct users_admin *admin, const char *keys_file, struct str *said)
{
	owned(db_sync_drop) struct db_sync *sync = open_sync(admin, said);

	if (!sync)
		return USERS_FAULT;
	int outcome = keys_file ? rotate_file(admin, keys_file, said) : rotate_table(admin, sync, said);
	if (outcome)
		return outcome;
	return db_sync_run(sync, &store_statement_signing_keys_tell, NULL) ? fault(admin, sync, said) : USERS_DONE;
}
