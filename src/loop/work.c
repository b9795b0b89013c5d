/* SPDX-License-Identifier: MIT */
/* The worker pool: libuv's threads behind bounded queues. */
#include "loop/work.h"

#include "loop/loop.h"

struct work {
	uv_work_t request;
	struct work_class *work_class;
	struct call *call;
	void (*job)(void *arg);
	void *arg;
	struct link link;
};

static void start_waiting(struct work_class *work_class);

static void run(uv_work_t *request)
{
	struct work *work = request->data;
	work->job(work->arg);
}

static void finished(uv_work_t *request, int status)
{
	struct work *work = request->data;
	struct work_class *work_class = work->work_class;
	struct call *call = work->call;

	check(status == 0);
	free(work);
	work_class->n_running--;
	start_waiting(work_class);
	call_wake(call);
}

static void start(struct work *work)
{
	work->work_class->n_running++;
	check(uv_queue_work(&loop_of(work->call)->uv, &work->request, run, finished) == 0);
}

static void start_waiting(struct work_class *work_class)
{
	struct link *link;
	if (work_class->n_running >= work_class->max_running || !(link = list_pop_front(&work_class->waiting)))
		return;
	work_class->n_waiting--;
	start(list_entry(link, struct work, link));
}

/* Only work that has not begun can be forgotten. */
static bool forget(struct call *call, void *source)
{
	struct work *work = source;
	(void)call;
	if (!link_listed(&work->link))
		return false;
	list_remove(&work->link);
	work->work_class->n_waiting--;
	free(work);
	return true;
}

struct turn work_run(struct call *call, struct work_class *work_class, void (*job)(void *arg), void *arg, struct step next)
{
	if (!work_class->waiting.next)
		list_init(&work_class->waiting);
	bool wait = work_class->n_running >= work_class->max_running;
	if (wait && work_class->n_waiting >= work_class->max_waiting)
		return call_fail_with(call, PROBLEM_UNAVAILABLE, "busy: too much %s is waiting", work_class->name);
	struct work *work = malloc(sizeof(*work));
	if (!work)
		return call_fail_with(call, PROBLEM_INTERNAL, "out of memory");
	*work = (struct work){ .work_class = work_class, .call = call, .job = job, .arg = arg };
	work->request.data = work;
	list_init(&work->link);
	struct turn turn = call_wait(call, next, forget, work);
	if (wait) {
		work_class->n_waiting++;
		list_push_back(&work_class->waiting, &work->link);
	} else {
		start(work);
	}
	return turn;
}
