/* SPDX-License-Identifier: MIT */
/* Deadlines of gRPC's calls: a binary heap and one timer for its top. */
#include "base/clock.h"
#include "http/grpc_inside.h"

enum { FEW = 64 };

static struct grpc_deadlines *deadlines_of(const struct exchange *exchange)
{
	return &exchange->server->grpc->deadlines;
}

/* ── The heap: places count from 1 ── */

static void put(struct grpc_deadlines *deadlines, size_t place, struct exchange *exchange)
{
	deadlines->heap[place - 1] = exchange;
	exchange->grpc->place = place;
}

static struct exchange *at(const struct grpc_deadlines *deadlines, size_t place)
{
	return deadlines->heap[place - 1];
}

static bool is_before(const struct exchange *a, const struct exchange *b)
{
	return a->grpc->due_us < b->grpc->due_us;
}

static void rise(struct grpc_deadlines *deadlines, struct exchange *exchange, size_t place)
{
	for (; place > 1 && is_before(exchange, at(deadlines, place / 2)); place /= 2)
		put(deadlines, place, at(deadlines, place / 2));
	put(deadlines, place, exchange);
}

static void sink(struct grpc_deadlines *deadlines, struct exchange *exchange, size_t place)
{
	for (size_t child; (child = 2 * place) <= deadlines->n; place = child) {
		if (child < deadlines->n && is_before(at(deadlines, child + 1), at(deadlines, child)))
			child++;
		if (!is_before(at(deadlines, child), exchange))
			break;
		put(deadlines, place, at(deadlines, child));
	}
	put(deadlines, place, exchange);
}

static bool make_room(struct grpc_deadlines *deadlines)
{
	if (deadlines->n < deadlines->room)
		return true;
	size_t room = deadlines->room ? 2 * deadlines->room : FEW;
	struct exchange **wider = realloc(deadlines->heap, room * sizeof(*wider));
	if (!wider)
		return false;
	deadlines->heap = wider;
	deadlines->room = room;
	return true;
}

/* ── Time ── */

/* A timer without calls would only keep the loop from ending. */
static void await_top(struct grpc_deadlines *deadlines)
{
	if (deadlines->n == 0) {
		timer_stop(&deadlines->timer);
		return;
	}
	int64_t left_us = at(deadlines, 1)->grpc->due_us - clock_monotonic_us();
	timer_start(&deadlines->timer, left_us > 0 ? (uint64_t)(left_us + 999) / 1000 : 0, 0);
}

static void expire(struct exchange *exchange)
{
	struct call *call = &exchange->call;
	const struct problem *late = grpc_problem(exchange, GRPC_DEADLINE_EXCEEDED, STR("deadline exceeded"));

	grpc_deadline_clear(exchange);
	if (exchange->reply.ended)
		return;
	if (!exchange->started) {
		exchange_refuse_with(exchange, late);
		return;
	}
	/* The call is over as if the client had gone: what it waits for is cancelled. It is answered nevertheless. */
	call_gone(call);
	grpc_refuse(exchange, late);
}

static void top_is_due(struct timer *timer)
{
	struct grpc_deadlines *deadlines = container_of(timer, struct grpc_deadlines, timer);

	while (deadlines->n && at(deadlines, 1)->grpc->due_us <= clock_monotonic_us())
		expire(at(deadlines, 1));
	await_top(deadlines);
}

bool grpc_deadlines_init(struct grpc_deadlines *deadlines, struct loop *loop)
{
	return timer_open(&deadlines->timer, loop, top_is_due) == 0;
}

void grpc_deadlines_deinit(struct grpc_deadlines *deadlines)
{
	check(deadlines->n == 0);
	timer_close(&deadlines->timer);
	free(deadlines->heap);
}

bool grpc_deadline_set(struct exchange *exchange, int64_t ms)
{
	struct grpc_deadlines *deadlines = deadlines_of(exchange);

	if (!make_room(deadlines))
		return false;
	exchange->grpc->due_us = clock_monotonic_us() + ms * 1000;
	rise(deadlines, exchange, ++deadlines->n);
	if (exchange->grpc->place == 1)
		await_top(deadlines);
	return true;
}

void grpc_deadline_clear(struct exchange *exchange)
{
	struct grpc_deadlines *deadlines = deadlines_of(exchange);
	size_t place = exchange->grpc->place;

	if (!place)
		return;
	exchange->grpc->place = 0;
	struct exchange *last = at(deadlines, deadlines->n--);
	if (last != exchange) {
		sink(deadlines, last, place);
		rise(deadlines, last, last->grpc->place);
	}
	if (deadlines->n == 0)
		timer_stop(&deadlines->timer);
}
