/* SPDX-License-Identifier: MIT */
/* What the streams of one connection have ready, and who waits to make more. */
#include "http/outflow.h"

#include "http/inside.h"
#include "obs/metrics.h"

enum { AMPLE = 32 * 1024 };

void outflow_init(struct outflow *outflow, size_t max)
{
	*outflow = (struct outflow){ .max = max };
	list_init(&outflow->ample);
	list_init(&outflow->scant);
}

static bool has_room(const struct outflow *outflow, size_t max)
{
	return outflow->queued + outflow->promised < max;
}

/* The exchange neither brings anything now nor waits to. */
static void release(struct exchange *exchange)
{
	exchange->outflow->promised -= exchange->promised;
	exchange->promised = 0;
	list_remove(&exchange->turn);
}

static bool admits(struct exchange *exchange, size_t max)
{
	struct outflow *outflow = exchange->outflow;

	if (!has_room(outflow, max))
		return false;
	release(exchange);
	exchange->promised = exchange->server->settings.reply_mark;
	outflow->promised += exchange->promised;
	return true;
}

bool outflow_admits(struct exchange *exchange)
{
	return !exchange->outflow || admits(exchange, exchange->outflow->max / 2);
}

bool outflow_admits_next(struct exchange *exchange, size_t window)
{
	struct outflow *outflow = exchange->outflow;
	bool ample = window >= AMPLE;

	if (!outflow || admits(exchange, ample ? outflow->max : outflow->max / 2))
		return true;
	list_remove(&exchange->turn);
	list_push_back(ample ? &outflow->ample : &outflow->scant, &exchange->turn);
	return false;
}

static void wake_waiting(struct outflow *outflow, struct link *waiting, size_t max, size_t window)
{
	while (!list_empty(waiting) && has_room(outflow, max))
		exchange_invite(list_entry(list_pop_front(waiting), struct exchange, turn), window);
}

static void offer_room(struct outflow *outflow)
{
	wake_waiting(outflow, &outflow->ample, outflow->max, AMPLE);
	wake_waiting(outflow, &outflow->scant, outflow->max / 2, 0);
}

void outflow_came(struct exchange *exchange, size_t n)
{
	metric_add(METRIC_REPLY_QUEUED, (int64_t)n);
	if (!exchange->outflow)
		return;
	release(exchange);
	exchange->outflow->queued += n;
}

void outflow_went(struct exchange *exchange, size_t n)
{
	metric_add(METRIC_REPLY_QUEUED, -(int64_t)n);
	if (!exchange->outflow)
		return;
	exchange->outflow->queued -= n;
	offer_room(exchange->outflow);
}

void outflow_leave(struct exchange *exchange)
{
	if (!exchange->outflow)
		return;
	release(exchange);
	offer_room(exchange->outflow);
}
