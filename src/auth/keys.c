/* SPDX-License-Identifier: MIT */
/* Signing keys: making, naming and serialising them. Their file is keys_file.c's. */
#include "auth/keys.h"

#include <inttypes.h>
#include <string.h>

#include <mbedtls/platform_util.h>

#include "base/random.h"
#include "codec/hex.h"

static void write_digits(char *to, const uint8_t *bytes, size_t n)
{
	hex_write(to, (struct str){ (const char *)bytes, n });
}

void auth_key_new(struct auth_key *key, int64_t now_s)
{
	uint8_t name[AUTH_KID_TEXT / 2];
	random_bytes(name, sizeof(name));
	write_digits(key->kid, name, sizeof(name));
	random_bytes(key->secret, sizeof(key->secret));
	key->created_s = now_s;
}

struct str auth_key_format(const struct auth_key *key, char to[AUTH_KEY_TEXT + 1])
{
	char secret[2 * AUTH_KEY_BYTES];
	write_digits(secret, key->secret, sizeof(key->secret));
	int len = snprintf(to, AUTH_KEY_TEXT + 1, "%.*s %" PRId64 " %.*s", AUTH_KID_TEXT, key->kid, key->created_s,
			   (int)sizeof(secret), secret);
	mbedtls_platform_zeroize(secret, sizeof(secret));
	return (struct str){ to, (size_t)len };
}

bool auth_key_parse(struct str text, struct auth_key *out)
{
	uint8_t name[AUTH_KID_TEXT / 2];
	struct str rest, secret, kid = str_cut(text, ' ', &rest);
	struct str created = str_cut(rest, ' ', &secret);

	if (!hex_decode(kid, name, sizeof(name)) || !hex_decode(secret, out->secret, sizeof(out->secret)))
		return false;
	write_digits(out->kid, name, sizeof(name));
	return str_to_int(created, 0, INT64_MAX, &out->created_s);
}

bool auth_keys_add(struct auth_keys *keys, const struct auth_key *key)
{
	if (keys->n == AUTH_MAX_KEYS || auth_keys_find(keys, (struct str){ key->kid, sizeof(key->kid) }))
		return false;
	keys->items[keys->n++] = *key;
	return true;
}

void auth_keys_rotate(struct auth_keys *keys, int64_t now_s)
{
	struct auth_keys old = *keys;
	auth_keys_wipe(keys);
	auth_key_new(&keys->items[keys->n++], now_s);
	if (old.n)
		keys->items[keys->n++] = old.items[0];
	auth_keys_wipe(&old);
}

const struct auth_key *auth_keys_find(const struct auth_keys *keys, struct str kid)
{
	for (unsigned i = 0; i < keys->n; i++)
		if (kid.len == AUTH_KID_TEXT && memcmp(keys->items[i].kid, kid.at, AUTH_KID_TEXT) == 0)
			return &keys->items[i];
	return NULL;
}

void auth_keys_wipe(struct auth_keys *keys)
{
	mbedtls_platform_zeroize(keys, sizeof(*keys));
}
