/* SPDX-License-Identifier: MIT */
/* One setting: its row of config.def as data, and its value as text. */
#ifndef CLI_CONFIG_VALUE_H
#define CLI_CONFIG_VALUE_H

#include "cli/config.h"

enum setting_kind {
	SETTING_TEXT,
	SETTING_SECRET,
	SETTING_CHOICE,
	SETTING_BOOL,
	SETTING_INT,
	SETTING_SIZE,
	SETTING_TIME,
	SETTING_PORT,
};

struct setting {
	const char *section, *key;
	enum setting_kind kind;
	const char *standard; /* the default, as one would write it */
	int64_t min, max;
	const char *choices; /* "a|b|c" */
	const char *unit;    /* "" where the kind says it */
	const char *sentence;
	size_t offset; /* in struct config */
};

extern const struct setting settings[];
extern const size_t settings_count;

/* NULL when there is none. */
const struct setting *setting_find(struct str section, struct str key);
/* The known setting with the smallest edit distance to the name. */
const struct setting *setting_nearest(struct str section, struct str key);
/* Parses and stores; false with *why, a clause for a person ("cache.size: …"). */
must_use bool setting_store(const struct setting *setting, struct config *config, struct str value, struct arena *arena,
			    struct str *why);
/*
 * Gives a setting of `config` the value it has in `other`; texts are copied into the arena. 1 if it had another one, 0 if
 * not, negative without memory.
 */
must_use int setting_keep(const struct setting *setting, struct config *config, const struct config *other,
			  struct arena *arena);
/* The value in effect as one would write it; a secret is hidden. */
void setting_show(const struct setting *setting, const struct config *config, struct buf *to);

#endif
