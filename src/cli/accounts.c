/* SPDX-License-Identifier: MIT */
/* Accounts for commands. */
#include "cli/accounts.h"

#include <sysexits.h>

int accounts_open(struct workspace *work, struct invocation *run, struct str *said)
{
	int error = workspace_open(work, &run->config, false, run->arena, said);

	if (error)
		return error;
	error = workspace_migrate(work, run->arena, said, NULL);
	if (error)
		workspace_close(work);
	return error;
}

struct users_admin accounts_admin(const struct workspace *work, struct invocation *run)
{
	struct auth_password_settings cost = auth_password_defaults();

	cost.memory_kib = (uint32_t)(run->config.auth_argon2_memory >> 10);
	cost.passes = (uint32_t)run->config.auth_argon2_passes;
	return (struct users_admin){ .conninfo = work->app, .cost = cost, .access_ttl_s = run->config.auth_access_ttl / 1000,
				     .arena = run->arena };
}

int accounts_find(const struct workspace *work, struct invocation *run, struct users_row *out, struct str *said)
{
	struct users_admin admin = accounts_admin(work, run);

	if (!run->options.user) {
		*said = STR("--user EMAIL is missing; recordd user list names the accounts");
		return EX_USAGE;
	}
	return accounts_exit_code(users_admin_find(&admin, str_of(run->options.user), out, said));
}

int accounts_exit_code(int outcome)
{
	switch (outcome) {
	case USERS_DONE:
		return EX_OK;
	case USERS_REFUSED:
		return EX_DATAERR;
	case USERS_UNKNOWN:
		return EX_NOUSER;
	default:
		return EX_UNAVAILABLE;
	}
}
