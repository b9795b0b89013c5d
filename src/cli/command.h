/* SPDX-License-Identifier: MIT */
/* Commands and their options; both are tables (commands.def, options.def). */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include "base/arena.h"
#include "cli/config.h"

enum { MAX_SETS = 64 };

struct options {
	const char *config, *data, *web_dir, *user, *format, *on_duplicate, *address, *token, *queries;
	const char *sets[MAX_SETS];
	size_t n_sets;
	int64_t n, seed;
	bool dry_run, password_stdin, licenses, ca, json, help;
};

/* What a command runs with. */
struct invocation {
	struct options options;
	const char *argument, *second; /* the positional arguments, or NULL */
	struct arena *arena;  /* for the whole run */
	struct config config;
};

/* Finds, checks and runs the command; returns the process's exit code (sysexits). */
int command_main(int argc, char **argv);

/* For commands: one sentence on standard error, and the exit code handed back. */
int command_failed(int exit_code, struct str said);

#define COMMAND(name, function, arguments, options, sentence, example) int function(struct invocation *run);
#include "cli/commands.def"
#undef COMMAND

#endif
