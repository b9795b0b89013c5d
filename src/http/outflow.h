/* SPDX-License-Identifier: MIT */
/*
 * How much of their answers the streams of one connection may have made ready and not sent: one that is not read must
 * not fill the memory, however many streams it opens. Only answers that are made piece by piece can wait; whole ones
 * are counted.
 *
 * Half of it is for what is made ahead. The rest is for streams that could send a good deal at once and have nothing
 * (the transport says so by exchange_invite), so that answers which nobody takes do not hold up those that somebody
 * does.
 */
#ifndef HTTP_OUTFLOW_H
#define HTTP_OUTFLOW_H

#include "http/exchange.h"

struct outflow {
	size_t max;	 /* bytes */
	size_t queued;	 /* in its exchanges' queues */
	size_t promised; /* to producers that may go on and have not brought anything yet */
	/* Exchanges that could send at once and wait for room: a good deal, or a little. */
	struct link ample, scant;
};

/* For a transport with many streams, which gives it to each exchange it makes (exchange->outflow), and outlives them. */
void outflow_init(struct outflow *outflow, size_t max);

/* Asks whether the producer may make another piece now; if so, room is kept for it. Always, without an outflow. */
must_use bool outflow_admits(struct exchange *exchange);
/* The same for a stream that could send at once: if not now, it is invited again when there is room, in turn. */
must_use bool outflow_admits_next(struct exchange *exchange, size_t window);
/* n bytes came into the exchange's queue; n went. */
void outflow_came(struct exchange *exchange, size_t n);
void outflow_went(struct exchange *exchange, size_t n);
/* The producer neither brings anything more nor waits to: the room kept for it is for those that wait. */
void outflow_leave(struct exchange *exchange);

#endif
