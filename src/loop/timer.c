/* SPDX-License-Identifier: MIT */
/* Timers whose handle outlives their owner by one turn of the loop, as libuv needs it. */
#include "loop/loop.h"

static void fired(uv_timer_t *handle)
{
	struct timer *timer = handle->data;
	timer->fired(timer);
}

static void closed(uv_handle_t *handle)
{
	free(handle);
}

int timer_open(struct timer *timer, struct loop *loop, void (*on_fired)(struct timer *timer))
{
	timer->handle = calloc(1, sizeof(*timer->handle));
	if (!timer->handle)
		return UV_ENOMEM;
	timer->fired = on_fired;
	timer->handle->data = timer;
	return uv_timer_init(&loop->uv, timer->handle);
}

void timer_start(struct timer *timer, uint64_t after_ms, uint64_t every_ms)
{
	uv_timer_start(timer->handle, fired, after_ms, every_ms);
}

void timer_stop(struct timer *timer)
{
	uv_timer_stop(timer->handle);
}

bool timer_running(const struct timer *timer)
{
	return timer->handle && uv_is_active((const uv_handle_t *)timer->handle);
}

void timer_close(struct timer *timer)
{
	if (timer->handle)
		uv_close((uv_handle_t *)take(timer->handle), closed);
}

/* A sleeping call. */
struct sleep {
	struct timer timer;
	struct call *call;
};

static void sleep_over(struct timer *timer)
{
	struct sleep *sleep = container_of(timer, struct sleep, timer);
	timer_close(timer);
	call_wake(sleep->call);
}

static bool sleep_cancelled(struct call *call, void *source)
{
	struct sleep *sleep = source;
	(void)call;
	timer_close(&sleep->timer);
	return true;
}

struct turn call_sleep(struct call *call, unsigned ms, struct step next)
{
	struct sleep *sleep = arena_new_of(call->arena, struct sleep);
	if (!sleep || timer_open(&sleep->timer, loop_of(call), sleep_over))
		return call_fail_with(call, PROBLEM_INTERNAL, "out of memory");
	sleep->call = call;
	timer_start(&sleep->timer, ms, 0);
	return call_wait(call, next, sleep_cancelled, sleep);
}
