/* SPDX-License-Identifier: MIT */
/* Who asks, where that takes looking it up: a call of its own, while the request's body arrives. */
#include "http/grpc_inside.h"

enum { ASKING_BUDGET = 64 * 1024 };

/* In its call's arena. */
struct asking {
	struct call call;
	struct exchange *exchange; /* NULL: it wants to know no more */
	const struct identity *identity;
	const struct problem *problem;
};

static struct asking *asking_of(struct call *call)
{
	return container_of(call, struct asking, call);
}

static const struct identity *identity_copy(struct arena *arena, const struct identity *identity)
{
	struct identity *copy = arena_new_of(arena, struct identity);

	if (!copy)
		return NULL;
	*copy = *identity;
	copy->email = arena_copy(arena, identity->email);
	return str_present(copy->email) ? copy : NULL;
}

struct turn http_tell_identity(struct call *call, const struct identity *identity)
{
	struct asking *asking = asking_of(call);

	asking->identity = identity_copy(asking->exchange->arena, identity);
	return asking->identity ? call_end(call) : call_fail_with(call, PROBLEM_UNAVAILABLE, "out of memory");
}

static struct turn asking_failed(struct call *call, const struct problem *problem)
{
	asking_of(call)->problem = problem;
	return call_end(call);
}

/* What is known now is told to the exchange, unless that was refused meanwhile for another reason. */
static void tell(struct exchange *exchange, const struct asking *asking)
{
	const struct problem *problem = asking->problem;

	exchange->asking = NULL;
	if (exchange->started || exchange->refusal)
		return;
	exchange->call.identity = asking->identity;
	problem = problem ? problem_copy(exchange->arena, problem) : gate_check_scope(exchange);
	if (problem)
		exchange_refuse_with(exchange, problem);
	else if (exchange->ready && exchange->grpc && !grpc_takes_stream(exchange))
		grpc_start(exchange);
	else if (exchange->ready)
		exchange_start(exchange, exchange->first);
}

static void asking_ended(struct call *call)
{
	struct asking *asking = asking_of(call);

	if (asking->exchange)
		tell(asking->exchange, asking);
	arena_free(call->arena);
}

bool ask_begin(struct exchange *exchange)
{
	static const struct call_kind kind = { .name = "asking who it is", .failed = asking_failed, .ended = asking_ended };
	struct arena *arena = arena_new(ASKING_BUDGET);
	struct asking *asking = arena ? arena_new_of(arena, struct asking) : NULL;

	if (!asking) {
		arena_free(arena);
		return false;
	}
	check(exchange->server->hooks.ask.run);
	asking->exchange = exchange;
	exchange->asking = asking;
	call_init(&asking->call, exchange->call.engine, &kind, arena);
	asking->call.args = &exchange->request;
	call_start(&asking->call, exchange->server->hooks.ask);
	overdue_watch(exchange);
	return true;
}

void ask_give_up(struct exchange *exchange, const struct problem *problem)
{
	call_give_up(&exchange->asking->call, problem);
}

void ask_forget(struct exchange *exchange)
{
	struct asking *asking = take(exchange->asking);

	if (!asking)
		return;
	asking->exchange = NULL;
	call_gone(&asking->call);
}
