/* SPDX-License-Identifier: MIT */
/* The loop: libuv underneath, calls and flushers between its polls. */
#include "loop/loop.h"

#include "obs/log.h"
#include "obs/metrics.h"

static void spin(uv_idle_t *idle)
{
	(void)idle;
}

static void became_ready(struct calls *calls)
{
	struct loop *loop = container_of(calls, struct loop, calls);
	uv_idle_start(&loop->spin, spin);
}

static void slow_step(struct calls *calls, const char *step, int64_t us)
{
	(void)calls;
	metric_add(METRIC_SLOW_STEPS, 1);
	log_warn("slow step", LOG_TEXT("step", str_of(step)), LOG_INT("us", us));
}

static void run_ready(struct loop *loop)
{
	calls_run(&loop->calls);
	for (struct link *link; (link = list_pop_front(&loop->flushers));) {
		struct flusher *flusher = list_entry(link, struct flusher, link);
		flusher->run(flusher);
	}
	if (list_empty(&loop->calls.ready))
		uv_idle_stop(&loop->spin);
}

static void after_poll(uv_check_t *handle)
{
	run_ready(handle->data);
}

static void before_poll(uv_prepare_t *handle)
{
	run_ready(handle->data);
}

int loop_init(struct loop *loop)
{
	*loop = (struct loop){ 0 };
	int error = uv_loop_init(&loop->uv);
	if (error)
		return error;
	calls_init(&loop->calls);
	loop->calls.became_ready = became_ready;
	loop->calls.slow_step = slow_step;
	list_init(&loop->flushers);
	uv_check_init(&loop->uv, &loop->after_poll);
	uv_prepare_init(&loop->uv, &loop->before_poll);
	uv_idle_init(&loop->uv, &loop->spin);
	loop->after_poll.data = loop->before_poll.data = loop->spin.data = loop;
	uv_check_start(&loop->after_poll, after_poll);
	uv_prepare_start(&loop->before_poll, before_poll);
	uv_unref((uv_handle_t *)&loop->after_poll);
	uv_unref((uv_handle_t *)&loop->before_poll);
	return 0;
}

void loop_run(struct loop *loop)
{
	uv_run(&loop->uv, UV_RUN_DEFAULT);
}

void loop_stop(struct loop *loop)
{
	uv_stop(&loop->uv);
}

void loop_deinit(struct loop *loop)
{
	check(loop->calls.n_running == 0);
	uv_close((uv_handle_t *)&loop->after_poll, NULL);
	uv_close((uv_handle_t *)&loop->before_poll, NULL);
	uv_close((uv_handle_t *)&loop->spin, NULL);
	uv_run(&loop->uv, UV_RUN_DEFAULT);
	check(uv_loop_close(&loop->uv) == 0);
}

void loop_flush_later(struct loop *loop, struct flusher *flusher)
{
	if (!link_listed(&flusher->link))
		list_push_back(&loop->flushers, &flusher->link);
}

void flusher_forget(struct flusher *flusher)
{
	list_remove(&flusher->link);
}

struct loop *loop_of(struct call *call)
{
	return container_of(call->engine, struct loop, calls);
}
