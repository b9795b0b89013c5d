/* SPDX-License-Identifier: MIT */
/* What commands that work on an account share: an open, migrated database, and the account by its address. */
#ifndef CLI_ACCOUNTS_H
#define CLI_ACCOUNTS_H

#include "app/users_admin.h"
#include "cli/command.h"
#include "cli/workspace.h"

/* workspace_open and workspace_migrate; EX_OK, or a code with *said (nothing is left open then). */
must_use int accounts_open(struct workspace *work, struct invocation *run, struct str *said);
struct users_admin accounts_admin(const struct workspace *work, struct invocation *run);
/* The account that --user names; EX_OK, or a code with *said. */
must_use int accounts_find(const struct workspace *work, struct invocation *run, struct users_row *out, struct str *said);
/* An enum users_admin_outcome as a code of sysexits. */
int accounts_exit_code(int outcome);

#endif
