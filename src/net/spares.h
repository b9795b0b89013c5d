/* SPDX-License-Identifier: MIT */
/*
 * Output buffers that go from connection to connection: an idle connection holds none, a busy one finds a warm one.
 */
#ifndef NET_SPARES_H
#define NET_SPARES_H

#include "base/buf.h"

enum { N_SPARES = 8, LARGEST_SPARE = 256 * 1024 };

struct spares {
	struct buf bufs[N_SPARES];
	size_t n;
};

/* Gives memory to an empty buffer, if there is some to spare; its maximum stays. */
void spares_lend(struct spares *spares, struct buf *buf);
/* Takes the memory back; the buffer is empty, and its own again by the next append. */
void spares_return(struct spares *spares, struct buf *buf);
void spares_deinit(struct spares *spares);

#endif
