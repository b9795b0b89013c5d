/* SPDX-License-Identifier: MIT */
/* recordd: see cli/commands.def for what it can do. */
#include "cli/command.h"

int main(int argc, char **argv)
{
	return command_main(argc, argv);
}
