/* SPDX-License-Identifier: MIT */
/* The engine of calls and turns. */
#include "loop/call.h"

#include <stdarg.h>

#include "base/clock.h"

struct call_deferred {
	struct call_deferred *older;
	void (*release)(void *arg);
	void *arg;
};

static const struct turn waiting = { TURN_WAITING };
static const struct turn over = { TURN_ENDED };

void calls_init(struct calls *calls)
{
	*calls = (struct calls){ .slow_step_us = 50000 };
	list_init(&calls->ready);
}

void call_init(struct call *call, struct calls *engine, const struct call_kind *kind, struct arena *arena)
{
	call->engine = engine;
	call->kind = kind;
	call->arena = arena;
	call->started_us = clock_monotonic_us();
	list_init(&call->ready);
	engine->n_running++;
}

static void make_ready(struct call *call)
{
	struct calls *engine = call->engine;
	bool first = list_empty(&engine->ready);

	check(!link_listed(&call->ready));
	list_push_back(&engine->ready, &call->ready);
	if (first && engine->became_ready)
		engine->became_ready(engine);
}

void call_start(struct call *call, struct step first)
{
	check(!call->wait.waiting && !call->ended);
	call->wait = (struct call_wait){ .next = first };
	make_ready(call);
}

struct turn call_wait(struct call *call, struct step next, bool (*cancel)(struct call *, void *), void *source)
{
	check(!call->wait.waiting && !call->ended && !link_listed(&call->ready));
	call->wait.next = next;
	call->wait.cancel = cancel;
	call->wait.source = source;
	call->wait.waiting = true;
	return waiting;
}

void call_catch(struct call *call)
{
	call->wait.catching = true;
}

void call_wake(struct call *call)
{
	check(call->wait.waiting);
	call->wait.waiting = false;
	make_ready(call);
}

void call_wake_failed(struct call *call, const struct problem *problem)
{
	call->wait.failure = problem;
	call_wake(call);
}

static void cancel_wait(struct call *call)
{
	if (call->wait.waiting && call->wait.cancel && call->wait.cancel(call, call->wait.source))
		call_wake(call);
}

void call_gone(struct call *call)
{
	if (call->gone || call->ended)
		return;
	call->gone = true;
	cancel_wait(call);
}

void call_give_up(struct call *call, const struct problem *problem)
{
	if (!call->gone && !call->ended && call->wait.waiting && call->wait.cancel &&
	    call->wait.cancel(call, call->wait.source))
		call_wake_failed(call, problem);
}

struct turn call_next(struct call *call, struct step next)
{
	struct turn turn = call_wait(call, next, NULL, NULL);
	call_wake(call);
	return turn;
}

struct turn call_fail(struct call *call, const struct problem *problem)
{
	check(!call->failing);
	call->failing = true;
	call->wait.catching = false;
	return call->kind->failed(call, problem);
}

struct turn call_fail_with(struct call *call, enum problem_kind kind, const char *error, ...)
{
	char text[512];
	va_list args;
	va_start(args, error);
	vsnprintf(text, sizeof(text), error, args);
	va_end(args);
	return call_fail(call, problem_new(call->arena, kind, arena_copy(call->arena, str_of(text))));
}

struct turn call_end(struct call *call)
{
	check(!call->wait.waiting);
	call->ended = true;
	return over;
}

bool call_defer(struct call *call, void (*release)(void *arg), void *arg)
{
	struct call_deferred *row = arena_new_of(call->arena, struct call_deferred);
	if (!row)
		return false;
	*row = (struct call_deferred){ .older = call->deferred, .release = release, .arg = arg };
	call->deferred = row;
	return true;
}

static void finish(struct call *call)
{
	struct calls *engine = call->engine;

	while (call->deferred) {
		struct call_deferred *row = call->deferred;
		call->deferred = row->older;
		row->release(row->arg);
	}
	check(engine->n_running > 0);
	engine->n_running--;
	call->kind->ended(call);
}

static struct turn take_turn(struct call *call)
{
	bool catching = call->wait.catching || call->failing;

	call->failure = call->wait.failure;
	call->wait.failure = NULL;
	call->wait.catching = false;
	if (call->failure && !catching)
		return call_fail(call, call->failure);
	return call->wait.next.run(call);
}

/* The time after the step, given the time before it. */
static int64_t run(struct call *call, int64_t before)
{
	struct calls *engine = call->engine;

	if (call->gone) {
		call->ended = true;
		finish(call);
		return before;
	}
	call->running = call->wait.next;
	struct step step = call->running;
	struct turn turn = take_turn(call);
	int64_t after = clock_monotonic_us(), took = after - before;
	if (took > call->slowest_us) {
		call->slowest_us = took;
		call->slowest = step.name;
	}
	if (took > engine->slow_step_us && engine->slow_step)
		engine->slow_step(engine, step.name, took);
	if (turn.kind == TURN_ENDED)
		finish(call);
	else if (call->gone)
		cancel_wait(call); /* it went while its own step ran, before there was a wait to cancel */
	return after;
}

void calls_run(struct calls *calls)
{
	struct link batch, *link;

	if (list_empty(&calls->ready))
		return;
	list_insert_between(&batch, calls->ready.prev, calls->ready.next);
	list_init(&calls->ready);
	int64_t now = clock_monotonic_us();
	while ((link = list_pop_front(&batch)))
		now = run(list_entry(link, struct call, ready), now);
}
