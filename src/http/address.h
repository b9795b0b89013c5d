/* SPDX-License-Identifier: MIT */
/* Networks as text ("10.0.0.0/8", "::1") and whether an address lies in one. */
#ifndef HTTP_ADDRESS_H
#define HTTP_ADDRESS_H

#include "base/str.h"

/* An address or network; IPv4 as its mapped IPv6 form, so that both compare alike. */
struct network {
	uint8_t bytes[16];
	unsigned bits;
};

must_use bool network_parse(struct str text, struct network *out);
/* Whether `address` (a single one, as text, brackets and port allowed) lies in any of the networks; false for what is no address. */
bool networks_hold(const struct network *networks, size_t n, struct str address);
/* The bare address of "1.2.3.4:5", "[::1]:5", "[::1]", "1.2.3.4", "::1"; absent when it is none. */
struct str address_bare(struct str text);
/* The host of an authority, without its port; an IPv6 address keeps its brackets. */
struct str authority_host(struct str authority);
/* Whether an authority names a host that is neither an address nor this machine. */
bool authority_is_name(struct str authority);

#endif
