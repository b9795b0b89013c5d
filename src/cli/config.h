/* SPDX-License-Identifier: MIT */
/* The settings: a struct made from config.def, filled from defaults, file, environment and command line. */
#ifndef CLI_CONFIG_H
#define CLI_CONFIG_H

#include "base/arena.h"
#include "base/buf.h"

struct config {
#define TEXT(section, key, standard, sentence) struct str section##_##key;
#define SECRET(section, key, standard, sentence) struct str section##_##key;
#define CHOICE(section, key, standard, choices, sentence) int64_t section##_##key;
#define BOOL(section, key, standard, sentence) bool section##_##key;
#define INT(section, key, standard, min, max, unit, sentence) int64_t section##_##key;
#define SIZE(section, key, standard, min, max, sentence) int64_t section##_##key;
#define TIME(section, key, standard, min, max, sentence) int64_t section##_##key;
#define PORT(section, key, standard, sentence) int64_t section##_##key;
#include "config.def"
#undef TEXT
#undef SECRET
#undef CHOICE
#undef BOOL
#undef INT
#undef SIZE
#undef TIME
#undef PORT
	struct str file; /* the file that was read, or absent */
};

enum { CONFIG_PORT_AUTO = -1 };

/* What the command line says. */
struct config_sources {
	const char *file; /* --config, or NULL: recordd.conf here, then /etc/recordd/recordd.conf, then none */
	const char *data; /* --data, or NULL */
	const char *web_dir; /* --web-dir, or NULL */
	const char *const *sets; /* --set section.key=value */
	size_t n_sets;
};

enum config_outcome { CONFIG_OK = 0, CONFIG_BAD = 1, CONFIG_UNREADABLE = 2 };

/*
 * Loads everything; texts live in the arena. On CONFIG_BAD *said has a line for each mistake (50 at most) with file, line
 * and, for an unknown key, the nearest known one; on CONFIG_UNREADABLE it is one sentence; *config must not be used.
 * *warning is absent or one sentence.
 */
must_use int config_load(struct config *config, const struct config_sources *sources, struct arena *arena, struct str *said,
			 struct str *warning);

/* The settings in effect, secrets hidden, each with where it came from; as an INI text or as JSON. */
void config_print_text(const struct config *config, struct buf *to);
void config_print_json(const struct config *config, struct str socket_dir, struct buf *to);
/* A whole configuration file with every setting at its default, as a comment. */
void config_print_example(struct buf *to);

/* The data directory in effect, absolute; never empty. */
struct str config_data_dir(const struct config *config, struct arena *arena);

#endif
