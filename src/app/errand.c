/* SPDX-License-Identifier: MIT */
/* Errands: calls that bring something to another call. */
#include "app/errand.h"

static void errand_free(struct errand *errand)
{
	buf_free(&errand->out);
	arena_free(errand->arena);
	free(errand);
}

static struct turn errand_failed(struct call *call, const struct problem *problem)
{
	container_of(call, struct errand, call)->problem = problem;
	return call_end(call);
}

static void errand_ended(struct call *call)
{
	struct errand *errand = container_of(call, struct errand, call);

	errand->running = false;
	if (!errand->owner) {
		errand_free(errand);
		return;
	}
	if (!errand->awaited)
		return;
	errand->awaited = false;
	if (errand->problem)
		call_wake_failed(errand->owner, problem_copy(errand->owner->arena, errand->problem));
	else
		call_wake(errand->owner);
}

static const struct call_kind errand_kind = { .name = "errand", .failed = errand_failed, .ended = errand_ended };

static void owner_ends(void *arg)
{
	struct errand *errand = arg;

	errand->owner = NULL;
	if (errand->running)
		call_gone(&errand->call);
	else
		errand_free(errand);
}

struct errand *errand_new(struct call *owner, size_t arena_budget, size_t out_max)
{
	struct errand *errand = calloc(1, sizeof(*errand));
	struct arena *arena = errand ? arena_new(arena_budget) : NULL;

	if (!arena || !call_defer(owner, owner_ends, errand)) {
		arena_free(arena);
		free(errand);
		return NULL;
	}
	errand->owner = owner;
	errand->arena = arena;
	errand->out = buf_of(out_max);
	return errand;
}

void errand_start(struct errand *errand, struct step first)
{
	check(!errand->running && errand->owner);
	arena_reset(errand->arena);
	buf_clear(&errand->out);
	errand->problem = NULL;
	errand->running = true;
	errand->call = (struct call){ 0 };
	call_init(&errand->call, errand->owner->engine, &errand_kind, errand->arena);
	errand->call.identity = errand->owner->identity;
	call_start(&errand->call, first);
}

static bool owner_is_gone(struct call *call, void *source)
{
	(void)call;
	((struct errand *)source)->awaited = false;
	return true;
}

struct turn errand_await(struct errand *errand, struct step next)
{
	struct call *owner = errand->owner;

	if (errand->running) {
		errand->awaited = true;
		return call_wait(owner, next, owner_is_gone, errand);
	}
	if (errand->problem)
		return call_fail(owner, problem_copy(owner->arena, errand->problem));
	return call_next(owner, next);
}

void errand_rest(struct errand *errand)
{
	check(!errand->running);
	buf_free(&errand->out);
	arena_reset(errand->arena);
	errand->problem = NULL;
}

static struct errand *errand_of(struct call *call)
{
	check(call->kind == &errand_kind);
	return container_of(call, struct errand, call);
}

struct buf *errand_out(struct call *call)
{
	return &errand_of(call)->out;
}

/* No step of an errand runs once the owner has ended. */
void *errand_owners(struct call *call)
{
	return errand_of(call)->owner->state;
}
