/* SPDX-License-Identifier: MIT */
/* Tasks: calls without a client. */
#include "app/task.h"

#include "obs/log.h"

enum { TASK_BUDGET = 1 << 20 };

struct task {
	struct call call;
	const char *name;
};

static struct turn task_failed(struct call *call, const struct problem *problem)
{
	const struct task *task = container_of(call, struct task, call);

	log_warn("task failed", LOG_TEXT("task", str_of(task->name)), LOG_TEXT("why", problem->error));
	return call_end(call);
}

static void task_ended(struct call *call)
{
	arena_free(call->arena);
}

bool task_start(struct app *app, const char *name, struct step first)
{
	static const struct call_kind kind = { .name = "task", .failed = task_failed, .ended = task_ended };
	struct arena *arena = arena_new(TASK_BUDGET);
	struct task *task = arena ? arena_new_of(arena, struct task) : NULL;

	if (!task) {
		arena_free(arena);
		return false;
	}
	task->name = name;
	call_init(&task->call, &app->loop->calls, &kind, arena);
	call_start(&task->call, first);
	return true;
}
