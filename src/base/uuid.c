/* SPDX-License-Identifier: MIT */
/* UUIDs. */
#include "base/uuid.h"

#include <string.h>

#include "base/clock.h"
#include "base/random.h"

static bool dash_at(size_t i)
{
	return i == 8 || i == 13 || i == 18 || i == 23;
}

bool uuid_parse(struct str s, struct uuid *out)
{
	struct uuid uuid = { 0 };
	size_t n = 0;

	if (s.len != UUID_TEXT)
		return false;
	for (size_t i = 0; i < UUID_TEXT; i++) {
		if (dash_at(i)) {
			if (s.at[i] != '-')
				return false;
			continue;
		}
		int nibble = char_hex(s.at[i]);
		if (nibble < 0)
			return false;
		uuid.bytes[n / 2] = (uint8_t)(uuid.bytes[n / 2] << 4 | nibble);
		n++;
	}
	*out = uuid;
	return true;
}

struct str uuid_format(const struct uuid *uuid, char to[UUID_TEXT + 1])
{
	static const char hex[] = "0123456789abcdef";
	size_t n = 0;

	for (size_t i = 0; i < UUID_TEXT; i++) {
		if (dash_at(i)) {
			to[i] = '-';
			continue;
		}
		uint8_t byte = uuid->bytes[n / 2];
		to[i] = hex[n % 2 ? byte & 15 : byte >> 4];
		n++;
	}
	to[UUID_TEXT] = 0;
	return (struct str){ to, UUID_TEXT };
}

/* Version 7 with a 12-bit counter in rand_a (RFC 9562, section 6.2, method 1). */
struct uuid uuid_new(void)
{
	static _Thread_local uint64_t last_ms;
	static _Thread_local unsigned counter;
	uint64_t now = (uint64_t)clock_wall_ms();
	struct uuid uuid;

	if (now > last_ms) {
		last_ms = now;
		counter = (unsigned)random_below(1024);
	} else if (++counter > 0xfff) {
		last_ms++;
		counter = 0;
	}
	random_bytes(&uuid, sizeof(uuid));
	for (int i = 0; i < 6; i++)
		uuid.bytes[i] = (uint8_t)(last_ms >> (40 - 8 * i));
	uuid.bytes[6] = (uint8_t)(0x70 | counter >> 8);
	uuid.bytes[7] = (uint8_t)counter;
	uuid.bytes[8] = (uint8_t)(0x80 | (uuid.bytes[8] & 0x3f));
	return uuid;
}

bool uuid_equal(const struct uuid *a, const struct uuid *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

bool uuid_is_nil(const struct uuid *uuid)
{
	static const struct uuid nil;
	return uuid_equal(uuid, &nil);
}
