/* SPDX-License-Identifier: MIT */
/* A small stack of buffers nobody needs at the moment. */
#include "net/spares.h"

void spares_lend(struct spares *spares, struct buf *buf)
{
	if (buf->at || spares->n == 0)
		return;
	size_t max = buf->max;
	*buf = spares->bufs[--spares->n];
	buf->max = max;
}

void spares_return(struct spares *spares, struct buf *buf)
{
	if (spares->n == N_SPARES || !buf->at || buf->room > LARGEST_SPARE) {
		buf_free(buf);
		return;
	}
	size_t max = buf->max;
	buf_clear(buf);
	spares->bufs[spares->n++] = *buf;
	*buf = buf_of(max);
}

void spares_deinit(struct spares *spares)
{
	while (spares->n)
		buf_free(&spares->bufs[--spares->n]);
}
