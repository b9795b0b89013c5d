/* SPDX-License-Identifier: MIT */
/* Randomness: getrandom(2). */
#include "base/random.h"

#include <errno.h>
#include <sys/random.h>

void random_bytes(void *to, size_t len)
{
	char *at = to;
	while (len) {
		ssize_t got = getrandom(at, len, 0);
		if (got < 0) {
			check(errno == EINTR);
			continue;
		}
		at += got;
		len -= (size_t)got;
	}
}

uint64_t random_below(uint64_t below)
{
	check(below > 0);
	uint64_t limit = UINT64_MAX - UINT64_MAX % below, value;
	do
		random_bytes(&value, sizeof(value));
	while (value >= limit);
	return value % below;
}
