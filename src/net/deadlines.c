/* SPDX-License-Identifier: MIT */
/* The wheel of deadlines. A slot holds the deadlines of its tick and those of later rounds, which are parked again. */
#include "net/deadlines.h"

static uint64_t now_ms(const struct deadlines *deadlines)
{
	return uv_now(&deadlines->loop->uv);
}

static void arm(struct deadlines *deadlines, uint64_t tick)
{
	uint64_t at = tick * DEADLINE_TICK_MS, now = now_ms(deadlines);
	deadlines->armed_tick = tick;
	timer_start(&deadlines->timer, at > now ? at - now : 0, 0);
}

static void arm_for_next(struct deadlines *deadlines)
{
	deadlines->armed_tick = 0;
	if (deadlines->n == 0)
		return;
	uint64_t tick = deadlines->tick + 1;
	while (list_empty(&deadlines->slots[tick % DEADLINE_SLOTS]))
		tick++;
	arm(deadlines, tick);
}

static void park(struct deadlines *deadlines, struct deadline *deadline)
{
	uint64_t tick = (deadline->due_ms + DEADLINE_TICK_MS - 1) / DEADLINE_TICK_MS;
	uint64_t first = deadlines->tick + 1, last = deadlines->tick + DEADLINE_SLOTS - 1;

	deadline->parked_tick = tick < first ? first : tick > last ? last : tick;
	list_push_back(&deadlines->slots[deadline->parked_tick % DEADLINE_SLOTS], &deadline->link);
	deadlines->n++;
}

static void slot_turn(struct deadlines *deadlines, struct link *slot)
{
	struct link due;
	list_init(&due);
	for (struct link *link; (link = list_pop_front(slot));)
		list_push_back(&due, link);

	for (struct link *link; (link = list_pop_front(&due));) {
		struct deadline *deadline = list_entry(link, struct deadline, link);
		deadlines->n--;
		if (deadline->due_ms == 0)
			continue;
		if (deadline->due_ms > now_ms(deadlines)) {
			park(deadlines, deadline);
			continue;
		}
		deadline->due_ms = 0;
		deadlines->passed(deadline);
	}
}

static void wheel_turn(struct timer *timer)
{
	struct deadlines *deadlines = container_of(timer, struct deadlines, timer);
	uint64_t now = now_ms(deadlines) / DEADLINE_TICK_MS;
	uint64_t from = deadlines->tick + 1;

	if (now >= from + DEADLINE_SLOTS)
		from = now - DEADLINE_SLOTS + 1;
	deadlines->tick = now;
	for (uint64_t tick = from; tick <= now; tick++)
		slot_turn(deadlines, &deadlines->slots[tick % DEADLINE_SLOTS]);
	arm_for_next(deadlines);
}

int deadlines_init(struct deadlines *deadlines, struct loop *loop, void (*passed)(struct deadline *deadline))
{
	*deadlines = (struct deadlines){ .loop = loop, .passed = passed };
	for (size_t i = 0; i < DEADLINE_SLOTS; i++)
		list_init(&deadlines->slots[i]);
	return timer_open(&deadlines->timer, loop, wheel_turn);
}

void deadlines_deinit(struct deadlines *deadlines)
{
	check(deadlines->n == 0);
	timer_close(&deadlines->timer);
}

void deadline_set(struct deadlines *deadlines, struct deadline *deadline, uint64_t due_ms)
{
	bool listed = link_listed(&deadline->link);

	deadline->due_ms = due_ms;
	if (due_ms == 0 || (listed && deadline->parked_tick * DEADLINE_TICK_MS <= due_ms))
		return;
	if (listed)
		deadline_forget(deadlines, deadline);
	if (deadlines->n == 0)
		deadlines->tick = now_ms(deadlines) / DEADLINE_TICK_MS;
	deadline->due_ms = due_ms;
	park(deadlines, deadline);
	if (deadlines->armed_tick == 0 || deadline->parked_tick < deadlines->armed_tick)
		arm(deadlines, deadline->parked_tick);
}

void deadline_forget(struct deadlines *deadlines, struct deadline *deadline)
{
	deadline->due_ms = 0;
	if (!link_listed(&deadline->link))
		return;
	list_remove(&deadline->link);
	deadlines->n--;
}
