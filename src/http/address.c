/* SPDX-License-Identifier: MIT */
/* Addresses and networks as text. */
#include "http/address.h"

#include <arpa/inet.h>
#include <string.h>

enum { MAPPED_BITS = 96 };

static bool address_parse(struct str text, uint8_t to[16], bool *is_v4)
{
	char copy[INET6_ADDRSTRLEN];
	if (text.len == 0 || text.len >= sizeof(copy))
		return false;
	memcpy(copy, text.at, text.len);
	copy[text.len] = '\0';
	memset(to, 0, 16);
	*is_v4 = inet_pton(AF_INET, copy, to + 12) == 1;
	if (*is_v4) {
		to[10] = to[11] = 0xff;
		return true;
	}
	return inet_pton(AF_INET6, copy, to) == 1;
}

bool network_parse(struct str text, struct network *out)
{
	struct str bits, address = str_cut(text, '/', &bits);
	bool is_v4;
	if (!address_parse(address, out->bytes, &is_v4))
		return false;
	int64_t n = is_v4 ? 32 : 128;
	if (str_present(bits) && !str_to_int(bits, 0, n, &n))
		return false;
	out->bits = (unsigned)n + (is_v4 ? MAPPED_BITS : 0);
	return true;
}

static bool holds(const struct network *network, const uint8_t address[16])
{
	size_t whole = network->bits / 8;
	unsigned rest = network->bits % 8;
	if (memcmp(network->bytes, address, whole) != 0)
		return false;
	return !rest || ((network->bytes[whole] ^ address[whole]) >> (8 - rest)) == 0;
}

bool networks_hold(const struct network *networks, size_t n, struct str address)
{
	uint8_t bytes[16];
	bool is_v4;
	if (n == 0 || !address_parse(address_bare(address), bytes, &is_v4))
		return false;
	for (size_t i = 0; i < n; i++)
		if (holds(&networks[i], bytes))
			return true;
	return false;
}

struct str address_bare(struct str text)
{
	struct str rest, bare;
	uint8_t bytes[16];
	bool is_v4;

	if (address_parse(text, bytes, &is_v4))
		return text;
	if (text.len && text.at[0] == '[')
		bare = str_cut(str_skip(text, 1), ']', &rest);
	else
		bare = str_cut(text, ':', &rest);
	return address_parse(bare, bytes, &is_v4) ? bare : STR_ABSENT;
}

struct str authority_host(struct str authority)
{
	struct str rest;
	if (authority.len && authority.at[0] == '[')
		return str_first(authority, str_find_char(authority, ']') + 1);
	return str_cut(authority, ':', &rest);
}

bool authority_is_name(struct str authority)
{
	struct str host = authority_host(authority);
	return host.len && !str_present(address_bare(host)) && !str_equal(host, STR("localhost")) &&
	       !str_ends(host, STR(".localhost"));
}
