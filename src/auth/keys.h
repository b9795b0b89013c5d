/* SPDX-License-Identifier: MIT */
/*
 * The keys that sign access tokens: 256 random bits each, named by a `kid`.
 *
 * The first key signs, all verify. Two may live at once, so that a rotation ends nobody's session. With the private
 * cluster they are kept in a file of the data directory (mode 0600); with an external database in a table, one
 * auth_key_format text a row, so that every node agrees.
 */
#ifndef AUTH_KEYS_H
#define AUTH_KEYS_H

#include "base/arena.h"

enum {
	AUTH_MAX_KEYS = 2,
	AUTH_KEY_BYTES = 32,
	AUTH_KID_TEXT = 16,
	AUTH_KEY_TEXT = AUTH_KID_TEXT + 1 + 20 + 1 + 2 * AUTH_KEY_BYTES, /* the longest auth_key_format text */
};

struct auth_key {
	char kid[AUTH_KID_TEXT]; /* lower-case hexadecimal digits */
	uint8_t secret[AUTH_KEY_BYTES];
	int64_t created_s;
};

struct auth_keys {
	struct auth_key items[AUTH_MAX_KEYS];
	unsigned n;
};

void auth_key_new(struct auth_key *key, int64_t now_s);
/* `KID CREATED SECRET`, blank-separated, the secret in hexadecimal; NUL-terminated. Secret as long as it exists. */
struct str auth_key_format(const struct auth_key *key, char to[AUTH_KEY_TEXT + 1]);
/* Exactly what auth_key_format writes, nothing else. */
must_use bool auth_key_parse(struct str text, struct auth_key *out);

/* Adds a key behind those there are; false when AUTH_MAX_KEYS live already, or one has its kid. */
must_use bool auth_keys_add(struct auth_keys *keys, const struct auth_key *key);
/* A new key signs from now on; the one that did still verifies, an older one is forgotten. */
void auth_keys_rotate(struct auth_keys *keys, int64_t now_s);
/* NULL for a stranger's kid. */
const struct auth_key *auth_keys_find(const struct auth_keys *keys, struct str kid);
/* Overwrites the secrets. */
void auth_keys_wipe(struct auth_keys *keys);

/* Where a data directory has its keys; in the arena. */
const char *auth_keys_path(struct str data_dir, struct arena *arena);

enum auth_keys_outcome {
	AUTH_KEYS_LOADED = 0,
	AUTH_KEYS_CREATED = 1,
	AUTH_KEYS_FAILED = -1,
};

/*
 * Reads the file, or makes it (and its directory, mode 0700) with one new key. Refuses a file that others may read.
 * On failure *said is one sentence naming file and cause, in the arena.
 */
must_use int auth_keys_open(const char *path, int64_t now_s, struct auth_keys *keys, struct arena *arena,
			    struct str *said);
/* Replaces the file as a whole: after a crash it is the old one or the new one. Its owner stays. Fails as auth_keys_open does. */
must_use int auth_keys_save(const char *path, const struct auth_keys *keys, struct arena *arena, struct str *said);

#endif
