/* SPDX-License-Identifier: MIT */
/* Finding a command, reading its options, its --help. */
#include "cli/command.h"

#include <sysexits.h>
#include <unistd.h>

enum { ARENA_BUDGET = 64 << 20 };

static const struct command {
	const char *name;
	int (*run)(struct invocation *run);
	const char *arguments, *options, *sentence, *example;
} commands[] = {
#define COMMAND(name, function, arguments, options, sentence, example) { name, function, arguments, options, sentence, example },
#include "cli/commands.def"
#undef COMMAND
};

static const struct option_row {
	const char *name;
	enum { OPTION_TEXT, OPTION_SETS, OPTION_NUMBER, OPTION_FLAG } kind;
	size_t offset;
	const char *value, *sentence;
} option_rows[] = {
#define OPTION(name, kind, field, value, sentence) { name, OPTION_##kind, offsetof(struct options, field), value, sentence },
#include "cli/options.def"
#undef OPTION
};

int command_failed(int exit_code, struct str said)
{
	bool colour = isatty(STDERR_FILENO);
	fprintf(stderr, "%srecordd:%s %.*s\n", colour ? "\033[1;31m" : "", colour ? "\033[0m" : "", STR_ARG(said));
	return exit_code;
}

/* Whether a blank-separated list names the word. */
static bool lists(const char *words, struct str word)
{
	struct str rest = str_of(words);
	while (str_present(rest))
		if (str_equal(str_cut(rest, ' ', &rest), word))
			return true;
	return false;
}

static bool takes(const struct command *command, const struct option_row *row)
{
	return lists("config data set help", str_of(row->name)) || lists(command->options, str_of(row->name));
}

static void print_option(const struct option_row *row)
{
	char left[64];
	snprintf(left, sizeof(left), "--%s%s%s", row->name, row->value[0] ? " " : "", row->value);
	printf("  %-26s %s\n", left, row->sentence);
}

static int help_on(const struct command *command)
{
	printf("%s.\n\nUsage: recordd %s [OPTION]...%s%s\n\n", command->sentence, command->name, command->arguments[0] ? " " : "",
	       command->arguments);
	for (size_t i = 0; i < countof(option_rows); i++)
		if (takes(command, &option_rows[i]))
			print_option(&option_rows[i]);
	printf("\nExample:\n  %s\n", command->example);
	return EX_OK;
}

/* Whether a first word begins commands, as 'user' does 'user add'. */
static bool is_group(struct str word)
{
	struct str rest;

	for (size_t i = 0; i < countof(commands); i++)
		if (str_equal(word, str_cut(str_of(commands[i].name), ' ', &rest)))
			return true;
	return false;
}

/* Those of one group, or all. */
static void list_commands(struct str group)
{
	struct str rest;

	for (size_t i = 0; i < countof(commands); i++)
		if (!str_present(group) || str_equal(group, str_cut(str_of(commands[i].name), ' ', &rest)))
			printf("  %-16s %s\n", commands[i].name, commands[i].sentence);
}

/* For a first word that is no command by itself. */
static int help_on_group(struct arena *arena, const char *word, const char *next)
{
	if (!is_group(str_of(word)))
		return command_failed(EX_USAGE, arena_printf(arena, "no command '%s'; recordd --help lists them", word));
	if (!next || !str_equal(str_of(next), STR("--help")))
		return command_failed(EX_USAGE, arena_printf(arena, "no command '%s%s%s'; see recordd %s --help", word, next ? " " : "",
							     next ? next : "", word));
	list_commands(str_of(word));
	return EX_OK;
}

static int help(void)
{
	puts("recordd: a server for your record collection, in one program.\n\nUsage: recordd [COMMAND] [OPTION]... [ARGUMENT]\n");
	list_commands(STR_ABSENT);
	puts("\n'recordd COMMAND --help' tells more. Settings: recordd config example.");
	return EX_OK;
}

/* The command that the first one or two words name; *used says how many. */
static const struct command *find(int n_words, char **words, int *used)
{
	for (size_t i = 0; i < countof(commands); i++) {
		struct str second, first = str_cut(str_of(commands[i].name), ' ', &second);
		if (n_words < 1 || !str_equal(first, str_of(words[0])))
			continue;
		if (!str_present(second) || (n_words > 1 && str_equal(second, str_of(words[1])))) {
			*used = str_present(second) ? 2 : 1;
			return &commands[i];
		}
	}
	return NULL;
}

static const struct option_row *find_option(const struct command *command, struct str name)
{
	for (size_t i = 0; i < countof(option_rows); i++)
		if (str_equal(name, str_of(option_rows[i].name)) && takes(command, &option_rows[i]))
			return &option_rows[i];
	return NULL;
}

static bool store(const struct option_row *row, struct options *options, const char *value)
{
	void *place = (char *)options + row->offset;

	switch (row->kind) {
	case OPTION_FLAG:
		return *(bool *)place = true;
	case OPTION_TEXT:
		*(const char **)place = value;
		return true;
	case OPTION_NUMBER:
		return str_to_int(str_of(value), 0, 100000000, place);
	case OPTION_SETS:
		if (options->n_sets == MAX_SETS)
			return false;
		options->sets[options->n_sets++] = value;
		return true;
	}
	return false;
}

static int usage(struct invocation *run, const struct command *command, const char *what, const char *which)
{
	return command_failed(EX_USAGE, arena_printf(run->arena, "%s '%s'; see recordd %s --help", what, which, command->name));
}

static int read_option(struct invocation *run, const struct command *command, const char *word, char **next, int *used)
{
	struct str value, name = str_cut(str_skip(str_of(word), 2), '=', &value);
	const struct option_row *row = find_option(command, name);

	*used = 1;
	if (!row)
		return usage(run, command, "unknown option", word);
	if (row->kind != OPTION_FLAG && !str_present(value)) {
		if (!*next)
			return usage(run, command, "a value is missing after", word);
		value = str_of(*next);
		*used = 2;
	}
	return store(row, &run->options, value.at) ? EX_OK : usage(run, command, "not a usable value for", word);
}

/* The place for the next positional argument, as many as the command names; NULL when there are no more. */
static const char **place_for_argument(struct invocation *run, const struct command *command)
{
	struct str second, first = str_cut(str_of(command->arguments), ' ', &second);

	if (first.len && !run->argument)
		return &run->argument;
	return str_present(second) && !run->second ? &run->second : NULL;
}

static int read_words(struct invocation *run, const struct command *command, int n_words, char **words)
{
	for (int i = 0, used = 1; i < n_words; i += used) {
		used = 1;
		if (str_starts(str_of(words[i]), STR("--"))) {
			int error = read_option(run, command, words[i], &words[i + 1], &used);
			if (error)
				return error;
			continue;
		}
		const char **place = place_for_argument(run, command);
		if (!place)
			return usage(run, command, "unexpected argument", words[i]);
		*place = words[i];
	}
	bool optional = command->arguments[0] == '[' && !run->argument; /* all or none */
	if (!run->options.help && !optional && place_for_argument(run, command))
		return usage(run, command, "missing argument", command->arguments);
	return EX_OK;
}

static int load_config(struct invocation *run)
{
	struct config_sources sources = { .file = run->options.config, .data = run->options.data,
					  .web_dir = run->options.web_dir, .sets = run->options.sets,
					  .n_sets = run->options.n_sets };
	struct str said, warning;
	int outcome = config_load(&run->config, &sources, run->arena, &said, &warning);

	int code = outcome == CONFIG_UNREADABLE ? EX_NOINPUT : EX_CONFIG;

	while (outcome && said.len)
		command_failed(code, str_cut(said, '\n', &said));
	if (outcome)
		return code;
	if (str_present(warning))
		fprintf(stderr, "recordd: warning: %.*s\n", STR_ARG(warning));
	return EX_OK;
}

int command_main(int argc, char **argv)
{
	owned(arena_drop) struct arena *arena = arena_new(ARENA_BUDGET);
	struct invocation run = { .arena = arena, .options = { .n = 5000 } };
	char *serve[] = { "serve", NULL };
	int used = 0, error;

	if (!arena)
		return EX_OSERR;
	if (argc > 1 && (str_equal(str_of(argv[1]), STR("--help")) || str_equal(str_of(argv[1]), STR("help"))))
		return help();
	if (argc > 1 && str_equal(str_of(argv[1]), STR("--version")))
		argv[1] = "version";
	bool alone = argc == 1 || str_starts(str_of(argv[1]), STR("--"));
	const struct command *command = alone ? find(1, serve, &used) : find(argc - 1, argv + 1, &used);
	if (!command)
		return help_on_group(arena, argv[1], argc > 2 ? argv[2] : NULL);
	int first = alone ? 1 : 1 + used;
	error = read_words(&run, command, argc - first, argv + first);
	if (error)
		return error;
	if (run.options.help)
		return help_on(command);
	error = load_config(&run);
	return error ? error : command->run(&run);
}
