/* SPDX-License-Identifier: MIT */
/* recordd keys: what signs access tokens. */
#include <sysexits.h>

#include "app/users_admin.h"
#include "auth/keys.h"
#include "cli/command.h"
#include "cli/workspace.h"

int cmd_keys_rotate(struct invocation *run)
{
	struct workspace work;
	struct str said = STR_ABSENT;

	int error = workspace_open(&work, &run->config, false, run->arena, &said);
	if (error)
		return command_failed(error, said);
	struct users_admin admin = { .conninfo = work.app, .arena = run->arena };
	const char *file = work.external ? NULL : auth_keys_path(work.dir.path, run->arena);
	error = users_admin_rotate_keys(&admin, file, &said);
	workspace_close(&work);
	if (error)
		return command_failed(EX_SOFTWARE, said);
	puts("A new key signs; tokens of the one before stay valid until they expire.");
	return EX_OK;
}
