/* SPDX-License-Identifier: MIT */
/* The four promises of the engine of calls, kept without a loop underneath. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "loop/call.h"

static struct calls engine;
static struct call call;
static char trace[256]; /* what happened, in order, blank-separated */
static unsigned n_became_ready, n_ended;
static const struct problem *told; /* dies with the call's arena, unless it is `lost` */
static enum problem_kind told_kind;
static char told_error[64];
static const struct problem lost = { .kind = PROBLEM_UNAVAILABLE, .error = STR("the database is away") };

static void note(const char *what)
{
	size_t len = strlen(trace);
	snprintf(trace + len, sizeof(trace) - len, "%s%s", len ? " " : "", what);
}

static struct turn failed(struct call *failing, const struct problem *problem)
{
	note("failed");
	told = problem;
	told_kind = problem->kind;
	snprintf(told_error, sizeof(told_error), "%.*s", STR_ARG(problem->error));
	return call_end(failing);
}

static void ended(struct call *ending)
{
	note("ended");
	n_ended++;
	arena_free(ending->arena);
}

static const struct call_kind kind = { "test", failed, ended };

static void became_ready(struct calls *calls)
{
	(void)calls;
	n_became_ready++;
}

static int set_up(void **state)
{
	(void)state;
	trace[0] = 0;
	n_became_ready = n_ended = 0;
	told = NULL;
	calls_init(&engine);
	engine.became_ready = became_ready;
	call = (struct call){ 0 };
	call_init(&call, &engine, &kind, arena_new(1 << 16));
	return call.arena ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	return n_ended == 1 && engine.n_running == 0 ? 0 : -1;
}

/* ── Steps ── */

static unsigned n_cancelled;
static bool cancel_result;

static bool cancel(struct call *cancelled, void *source)
{
	assert_ptr_equal(cancelled, &call);
	assert_ptr_equal(source, &n_cancelled);
	note("cancelled");
	n_cancelled++;
	return cancel_result;
}

static struct turn last(struct call *running)
{
	note("last");
	return call_end(running);
}

static struct turn waits(struct call *running)
{
	note("waits");
	return call_wait(running, STEP(last), cancel, &n_cancelled);
}

static struct turn wakes_itself(struct call *running)
{
	struct turn turn = call_wait(running, STEP(last), NULL, NULL);
	call_wake(running);
	note("woken");
	return turn;
}

static struct turn sees_failure(struct call *running)
{
	note(running->failure ? "saw" : "clean");
	told = running->failure;
	return call_next(running, STEP(last));
}

static struct turn catches(struct call *running)
{
	call_catch(running);
	return call_wait(running, STEP(sees_failure), NULL, NULL);
}

static struct turn waits_again(struct call *running)
{
	note(running->failure ? "stale failure" : "again");
	return call_wait(running, STEP(last), NULL, NULL);
}

static struct turn catches_once(struct call *running)
{
	call_catch(running);
	return call_wait(running, STEP(waits_again), NULL, NULL);
}

static struct turn fails(struct call *running)
{
	return call_fail_with(running, PROBLEM_CONFLICT, "%s already exists", "email");
}

/* ── Tests ── */

static void no_step_runs_inside_what_started_or_woke_it(void **state)
{
	(void)state;
	call_start(&call, STEP(wakes_itself));
	assert_string_equal(trace, "");
	assert_int_equal(n_became_ready, 1);
	calls_run(&engine);
	assert_string_equal(trace, "woken");
	calls_run(&engine);
	assert_string_equal(trace, "woken last ended");
	assert_int_equal(engine.n_running, 0);
}

static void a_wake_from_outside_only_enqueues(void **state)
{
	(void)state;
	call_start(&call, STEP(waits));
	calls_run(&engine);
	calls_run(&engine);
	assert_string_equal(trace, "waits");
	call_wake(&call);
	assert_string_equal(trace, "waits");
	assert_int_equal(n_became_ready, 2);
	calls_run(&engine);
	assert_string_equal(trace, "waits last ended");
}

static void a_failed_wait_never_reaches_the_next_step(void **state)
{
	(void)state;
	call_start(&call, STEP(waits));
	calls_run(&engine);
	call_wake_failed(&call, &lost);
	calls_run(&engine);
	assert_string_equal(trace, "waits failed ended");
	assert_ptr_equal(told, &lost);
}

static void a_catching_step_sees_the_failure(void **state)
{
	(void)state;
	call_start(&call, STEP(catches));
	calls_run(&engine);
	call_wake_failed(&call, &lost);
	calls_run(&engine);
	assert_ptr_equal(told, &lost);
	calls_run(&engine);
	assert_string_equal(trace, "saw last ended");
}

static void catching_holds_for_one_wait_and_leaves_no_failure_behind(void **state)
{
	(void)state;
	call_start(&call, STEP(catches_once));
	calls_run(&engine);
	call_wake(&call);
	calls_run(&engine);
	call_wake_failed(&call, &lost);
	calls_run(&engine);
	assert_string_equal(trace, "again failed ended");
}

static void a_step_that_fails_tells_its_kind_once(void **state)
{
	(void)state;
	call_start(&call, STEP(fails));
	calls_run(&engine);
	assert_string_equal(trace, "failed ended");
	assert_int_equal(told_kind, PROBLEM_CONFLICT);
	assert_string_equal(told_error, "email already exists");
}

static void one_that_is_gone_runs_no_further_step(void **state)
{
	(void)state;
	n_cancelled = 0;
	cancel_result = true;
	call_start(&call, STEP(waits));
	calls_run(&engine);
	call_gone(&call);
	assert_string_equal(trace, "waits cancelled");
	call_gone(&call);
	calls_run(&engine);
	assert_string_equal(trace, "waits cancelled ended");
	assert_int_equal(n_cancelled, 1);
}

static void one_that_is_gone_lives_until_its_source_lets_go(void **state)
{
	(void)state;
	cancel_result = false;
	call_start(&call, STEP(waits));
	calls_run(&engine);
	call_gone(&call);
	calls_run(&engine);
	assert_string_equal(trace, "waits cancelled");
	call_wake(&call);
	calls_run(&engine);
	assert_string_equal(trace, "waits cancelled ended");
}

static void what_takes_too_long_is_given_up_and_told_as_a_failure(void **state)
{
	static const struct problem late = { .kind = PROBLEM_TIMEOUT, .error = STR("timed out") };
	(void)state;
	cancel_result = true;
	call_start(&call, STEP(waits));
	calls_run(&engine);
	call_give_up(&call, &late);
	calls_run(&engine);
	assert_string_equal(trace, "waits cancelled failed ended");
	assert_int_equal(told_kind, PROBLEM_TIMEOUT);
}

static void what_cannot_be_given_up_is_waited_for(void **state)
{
	static const struct problem late = { .kind = PROBLEM_TIMEOUT, .error = STR("timed out") };
	(void)state;
	cancel_result = false;
	call_start(&call, STEP(waits));
	calls_run(&engine);
	call_give_up(&call, &late);
	calls_run(&engine);
	assert_string_equal(trace, "waits cancelled");
	call_wake(&call);
	calls_run(&engine);
	assert_string_equal(trace, "waits cancelled last ended");
}

static void one_gone_before_its_first_step_never_runs_it(void **state)
{
	(void)state;
	call_start(&call, STEP(last));
	call_gone(&call);
	calls_run(&engine);
	assert_string_equal(trace, "ended");
}

static void release(void *arg)
{
	note(arg);
}

static struct turn defers(struct call *running)
{
	assert_true(call_defer(running, release, "one"));
	assert_true(call_defer(running, release, "two"));
	assert_true(call_defer(running, release, "three"));
	return call_next(running, STEP(fails));
}

static void what_was_deferred_is_released_last_first_and_before_the_end(void **state)
{
	(void)state;
	call_start(&call, STEP(defers));
	calls_run(&engine);
	assert_string_equal(trace, "");
	calls_run(&engine);
	assert_string_equal(trace, "failed three two one ended");
}

static struct turn defers_and_waits(struct call *running)
{
	assert_true(call_defer(running, release, "released"));
	return waits(running);
}

static void one_that_is_gone_releases_too(void **state)
{
	(void)state;
	cancel_result = true;
	call_start(&call, STEP(defers_and_waits));
	calls_run(&engine);
	call_gone(&call);
	calls_run(&engine);
	assert_string_equal(trace, "waits cancelled released ended");
}

static struct turn defers_too_much(struct call *running)
{
	while (call_defer(running, release, "x"))
		trace[0] = 0;
	running->deferred = NULL;
	return call_end(running);
}

static void a_spent_arena_refuses_to_defer(void **state)
{
	(void)state;
	call_start(&call, STEP(defers_too_much));
	calls_run(&engine);
	assert_string_equal(trace, "ended");
}

/* ── Several calls ── */

static struct call others[3];
static unsigned turns_of[3];

static struct turn takes_three(struct call *running)
{
	size_t i = (size_t)(running - others);
	turns_of[i]++;
	return turns_of[i] < 3 ? call_next(running, STEP(takes_three)) : call_end(running);
}

static void other_ended(struct call *ending)
{
	arena_free(ending->arena);
}

static const struct call_kind other_kind = { "other", failed, other_ended };

static void ready_calls_get_one_turn_each(void **state)
{
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		others[i] = (struct call){ 0 };
		turns_of[i] = 0;
		call_init(&others[i], &engine, &other_kind, arena_new(4096));
		call_start(&others[i], STEP(takes_three));
	}
	for (unsigned round = 1; round <= 3; round++) {
		calls_run(&engine);
		for (size_t i = 0; i < 3; i++)
			assert_int_equal(turns_of[i], round);
	}
	assert_int_equal(engine.n_running, 1);
	call_start(&call, STEP(last));
	calls_run(&engine);
}

static const char *slow_name;

static void slow_step(struct calls *calls, const char *step, int64_t us)
{
	(void)calls;
	assert_true(us >= 0);
	slow_name = step;
}

static void a_slow_step_is_named(void **state)
{
	(void)state;
	engine.slow_step = slow_step;
	engine.slow_step_us = -1;
	slow_name = "";
	call_start(&call, STEP(last));
	calls_run(&engine);
	assert_string_equal(slow_name, "last");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(no_step_runs_inside_what_started_or_woke_it),
		TEST(a_wake_from_outside_only_enqueues),
		TEST(a_failed_wait_never_reaches_the_next_step),
		TEST(a_catching_step_sees_the_failure),
		TEST(catching_holds_for_one_wait_and_leaves_no_failure_behind),
		TEST(a_step_that_fails_tells_its_kind_once),
		TEST(one_that_is_gone_runs_no_further_step),
		TEST(one_that_is_gone_lives_until_its_source_lets_go),
		TEST(what_takes_too_long_is_given_up_and_told_as_a_failure),
		TEST(what_cannot_be_given_up_is_waited_for),
		TEST(one_gone_before_its_first_step_never_runs_it),
		TEST(what_was_deferred_is_released_last_first_and_before_the_end),
		TEST(one_that_is_gone_releases_too),
		TEST(a_spent_arena_refuses_to_defer),
		TEST(ready_calls_get_one_turn_each),
		TEST(a_slow_step_is_named),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
