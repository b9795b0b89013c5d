/* SPDX-License-Identifier: MIT */
/* SipHash-1-3 (Aumasson, Bernstein 2012) with a random key per process. */
#include "base/hash.h"

#include <string.h>

#include "base/random.h"

struct hash_key {
	uint64_t words[2];
};

static struct hash_key process_key;

static uint64_t rotate(uint64_t x, int by)
{
	return x << by | x >> (64 - by);
}

/* Inlined by force, so that the four words stay in registers. */
__attribute__((always_inline)) static inline void mix(uint64_t v[4])
{
	v[0] += v[1];
	v[1] = rotate(v[1], 13) ^ v[0];
	v[0] = rotate(v[0], 32);
	v[2] += v[3];
	v[3] = rotate(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = rotate(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = rotate(v[1], 17) ^ v[2];
	v[2] = rotate(v[2], 32);
}

__attribute__((constructor)) static void key_draw(void)
{
	random_bytes(&process_key, sizeof(process_key));
}

__attribute__((always_inline)) static inline uint64_t sip(const struct hash_key *key, struct str s)
{
	uint64_t v[4] = { key->words[0] ^ 0x736f6d6570736575, key->words[1] ^ 0x646f72616e646f6d,
			  key->words[0] ^ 0x6c7967656e657261, key->words[1] ^ 0x7465646279746573 };
	size_t whole = s.len & ~(size_t)7;
	uint64_t word;

	for (size_t i = 0; i < whole; i += 8) {
		memcpy(&word, s.at + i, 8);
		v[3] ^= word;
		mix(v);
		v[0] ^= word;
	}
	word = (uint64_t)s.len << 56;
	for (size_t i = whole; i < s.len; i++)
		word |= (uint64_t)(unsigned char)s.at[i] << (8 * (i - whole));
	v[3] ^= word;
	mix(v);
	v[0] ^= word;
	v[2] ^= 0xff;
	mix(v);
	mix(v);
	mix(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

uint64_t hash_str(struct str s)
{
	return sip(&process_key, s);
}

uint64_t hash_content(struct str s)
{
	static const struct hash_key none = { 0 };
	return sip(&none, s);
}
