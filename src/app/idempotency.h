/* SPDX-License-Identifier: MIT */
/*
 * Idempotency-Key: a write that is sent again within 24 hours is answered again, not done again.
 *
 * The key, the write and the answer are one transaction: either all three are kept or none. So the handler of a
 * ROUTE_WRITES route must answer whole (no stream), must not begin a transaction of its own, and must not start work
 * that needs to see its writes before it has answered. Requests whose body goes to a file are exempt.
 */
#ifndef APP_IDEMPOTENCY_H
#define APP_IDEMPOTENCY_H

#include "loop/call.h"

/*
 * First step of a request that carries the header (http_hooks.once): goes on with the route's handler, or answers
 * what was answered before, with `idempotency-replayed: true`. The same key while the first is under way waits 0.2 s, then is a 409,
 * with another request a 422.
 */
must_use struct turn idempotency_begin(struct call *call);

#endif
