/* SPDX-License-Identifier: MIT */
/* Signing keys: making, naming and serialising them. Their file is keys_file.c's. */
#include "auth/keys.h"

#include <inttypes.h>
#include <string.h>

#include <mbedtls/platform_util.h>

#include "base/random.h"

static void hex_encode(const uint8_t *bytes, size_t n, char *to)
{
	static const char digits[] = "0123456789abcdef";
	for (size_t i = 0; i < n; i++) {
		to[2 * i] = digits[bytes[i] >> 4];
		to[2 * i + 1] = digits[bytes[i] & 15];
	}
}

static bool hex_decode(struct str text, uint8_t *to, size_t n)
{
	if (text.len != 2 * n)
		return false;
	for (size_t i = 0; i < n; i++) {
		int high = char_hex(text.at[2 * i]), low = char_hex(text.at[2 * i + 1]);
		if (high < 0 || low < 0)
			return false;
		to[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

void auth_key_new(struct auth_key *key, int64_t now_s)
{
	uint8_t name[AUTH_KID_TEXT / 2];
	random_bytes(name, sizeof(name));
	hex_encode(name, sizeof(name), key->kid);
	random_bytes(key->secret, sizeof(key->secret));
	key->created_s = now_s;
}

struct str auth_key_format(const struct auth_key *key, char to[AUTH_KEY_TEXT + 1])
{
	char secret[2 * AUTH_KEY_BYTES];
	hex_encode(key->secret, sizeof(key->secret), secret);
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
	hex_encode(name, sizeof(name), out->kid);
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
