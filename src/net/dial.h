/* SPDX-License-Identifier: MIT */
/* A blocking connection to a server, for commands: TLS that speaks HTTP/2, or in clear. Not for use on the loop. */
#ifndef NET_DIAL_H
#define NET_DIAL_H

#include "base/arena.h"

struct dial;

struct dial_settings {
	struct str host; /* a name or an address; the certificate must be for it */
	int port;
	bool clear;
	const char *ca_file; /* of authorities to be trusted besides the system's; need not be there */
};

/* NULL with *said in the arena. */
must_use struct dial *dial_open(const struct dial_settings *settings, struct arena *arena, struct str *said);
/* NULL is allowed. */
void dial_close(struct dial *dial);
/* All of the bytes, or false. */
must_use bool dial_write(struct dial *dial, struct str bytes);
/* Some bytes, as soon as there are any. 0: the server has closed; negative: the connection failed. */
must_use long dial_read(struct dial *dial, char *into, size_t size);

#endif
