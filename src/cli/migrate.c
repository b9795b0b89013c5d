/* SPDX-License-Identifier: MIT */
/* recordd migrate: the schema up to date without serving. */
#include <sysexits.h>

#include "cli/command.h"
#include "cli/workspace.h"

int cmd_migrate(struct invocation *run)
{
	struct workspace work;
	struct str said = STR_ABSENT;
	int n_applied = 0;

	int error = workspace_open(&work, &run->config, false, run->arena, &said);
	if (error)
		return command_failed(error, said);
	error = workspace_migrate(&work, run->arena, &said, &n_applied);
	workspace_close(&work);
	if (error)
		return command_failed(error, said);
	if (run->options.json)
		printf("{\"applied\":%d}\n", n_applied);
	else
		printf(n_applied ? "%d migrations applied.\n" : "The schema is current.\n", n_applied);
	return EX_OK;
}
