/* SPDX-License-Identifier: MIT */
/* Requests that take too long to answer: what they wait for is given up, and 504 is the answer. */
#include "base/clock.h"
#include "http/exchange.h"
#include "http/grpc_inside.h"

/* All have the same time, so the first in the list is due first; a reload counts for those that begin after it. */
static void await_first(struct http_server *server)
{
	if (list_empty(&server->answering)) {
		timer_stop(&server->overdue);
		return;
	}
	const struct exchange *first = list_entry(server->answering.next, struct exchange, answering);
	int64_t left_us = first->due_us - clock_monotonic_us();
	timer_start(&server->overdue, left_us > 0 ? (uint64_t)(left_us + 999) / 1000 : 0, 0);
}

/* What has begun to be answered has a pace of its own; a call for messages is as long as its client wants. */
static void expire(struct exchange *exchange)
{
	static const struct problem late = { .kind = PROBLEM_TIMEOUT, .error = STR("timed out") };

	list_remove(&exchange->answering);
	if (exchange->asking)
		ask_give_up(exchange, &late);
	else if (!exchange->reply.begun && !(exchange->grpc && grpc_is_stream(exchange)))
		call_give_up(&exchange->call, &late);
}

static void first_is_due(struct timer *timer)
{
	struct http_server *server = container_of(timer, struct http_server, overdue);

	while (!list_empty(&server->answering)) {
		struct exchange *first = list_entry(server->answering.next, struct exchange, answering);
		if (first->due_us > clock_monotonic_us())
			break;
		expire(first);
	}
	await_first(server);
}

int overdue_init(struct http_server *server)
{
	list_init(&server->answering);
	return timer_open(&server->overdue, server->loop, first_is_due);
}

void overdue_deinit(struct http_server *server)
{
	timer_close(&server->overdue);
}

void overdue_watch(struct exchange *exchange)
{
	struct http_server *server = exchange->server;

	if (link_listed(&exchange->answering)) /* it was asked who they are */
		list_remove(&exchange->answering);
	bool first = list_empty(&server->answering);
	exchange->due_us = clock_coarse_us() + (int64_t)server->settings.answer_ms * 1000;
	list_push_back(&server->answering, &exchange->answering);
	if (first)
		await_first(server);
}

void overdue_forget(struct exchange *exchange)
{
	if (link_listed(&exchange->answering))
		list_remove(&exchange->answering);
	if (list_empty(&exchange->server->answering))
		timer_stop(&exchange->server->overdue);
}
