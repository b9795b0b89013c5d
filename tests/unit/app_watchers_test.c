/* SPDX-License-Identifier: MIT */
/* Calls that stay: what they are told, what is fetched for them beside, and what becomes of it when they end. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "app/errand.h"
#include "app/watchers.h"

enum { BUDGET = 1 << 16 };

static struct calls engine;
static struct call call;
static struct watchers watchers;
static struct watcher watcher;
static struct errand *errand;
static struct uuid ann = { { 1 } }, ben = { { 2 } };
static unsigned n_looks, n_fetches, n_ended, n_failed;
static struct str brought;

static struct turn failed(struct call *failing, const struct problem *problem)
{
	assert_int_equal(problem->kind, PROBLEM_UNAVAILABLE);
	n_failed++;
	return call_end(failing);
}

static void ended(struct call *ending)
{
	n_ended++;
	arena_free(ending->arena);
}

static const struct call_kind kind = { "test", failed, ended };

static void became_ready(struct calls *calls)
{
	(void)calls;
}

static int set_up(void **state)
{
	(void)state;
	n_looks = n_fetches = n_ended = n_failed = 0;
	calls_init(&engine);
	engine.became_ready = became_ready;
	watchers_init(&watchers);
	call = (struct call){ 0 };
	call_init(&call, &engine, &kind, arena_new(BUDGET));
	return call.arena ? 0 : -1;
}

static void run(void)
{
	for (int i = 0; i < 10; i++)
		calls_run(&engine);
}

static int tear_down(void **state)
{
	(void)state;
	call_gone(&call);
	run();
	return n_ended == 1 && engine.n_running == 0 ? 0 : -1;
}

/* ── Watching ── */

static struct turn look(struct call *looking)
{
	(void)looking;
	n_looks++;
	return watcher_wait(&watcher, STEP(look));
}

static struct turn begin(struct call *beginning)
{
	if (!watcher_begin(&watcher, &watchers, beginning, &ann))
		return call_fail_with(beginning, PROBLEM_INTERNAL, "out of memory");
	return look(beginning);
}

static void a_watcher_looks_when_its_own_user_changed(void **state)
{
	(void)state;
	call_start(&call, STEP(begin));
	run();
	assert_int_equal(n_looks, 1);
	watchers_changed(&watchers, &ben);
	watchers_health(&watchers);
	run();
	assert_int_equal(n_looks, 1);
	watchers_changed(&watchers, &ann);
	run();
	assert_int_equal(n_looks, 2);
	watchers_look(&watchers);
	run();
	assert_int_equal(n_looks, 3);
}

static struct turn look_while_it_changes(struct call *looking)
{
	(void)looking;
	if (n_looks++ == 0) {
		watchers_changed(&watchers, &ann);
		watchers_changed(&watchers, &ann);
	}
	return watcher_wait(&watcher, STEP(look_while_it_changes));
}

static struct turn begin_while_it_changes(struct call *beginning)
{
	if (!watcher_begin(&watcher, &watchers, beginning, &ann))
		return call_fail_with(beginning, PROBLEM_INTERNAL, "out of memory");
	return look_while_it_changes(beginning);
}

static void what_changes_during_a_look_is_looked_at_once_more(void **state)
{
	(void)state;
	call_start(&call, STEP(begin_while_it_changes));
	run();
	assert_int_equal(n_looks, 2);
}

static void nobody_is_told_after_the_end(void **state)
{
	(void)state;
	call_start(&call, STEP(begin));
	run();
	call_gone(&call);
	run();
	watchers_changed(&watchers, &ann);
	watchers_look(&watchers);
	run();
	assert_int_equal(n_looks, 1);
}

static void one_that_is_nudged_goes_on_and_owes_no_look_for_it(void **state)
{
	(void)state;
	call_start(&call, STEP(begin));
	assert_false(watcher_nudge(&watcher));
	run();
	assert_int_equal(n_looks, 1);
	assert_true(watcher_nudge(&watcher));
	assert_false(watcher_nudge(&watcher));
	run();
	assert_int_equal(n_looks, 2);
	watchers_changed(&watchers, &ann);
	assert_false(watcher_nudge(&watcher));
	run();
	assert_int_equal(n_looks, 3);
}

static bool holds(const void *arg, const struct identity *identity)
{
	return identity != arg;
}

static void who_is_let_in_no_longer_looks_and_nobody_else(void **state)
{
	static const struct identity one, other;
	(void)state;
	call.identity = &one;
	call_start(&call, STEP(begin));
	run();
	watchers_revoked(&watchers, holds, &other);
	run();
	assert_int_equal(n_looks, 1);
	watchers_revoked(&watchers, holds, &one);
	run();
	assert_int_equal(n_looks, 2);
	call.identity = NULL; /* of the server's health */
	watchers_revoked(&watchers, holds, NULL);
	run();
	assert_int_equal(n_looks, 2);
}

/* ── Errands ── */

static struct turn fetch(struct call *fetching)
{
	char digit = (char)('1' + n_fetches++);
	assert_ptr_equal(errand_owners(fetching), &n_fetches);
	buf_add_char(errand_out(fetching), digit);
	return call_end(fetching);
}

static struct turn fetch_in_vain(struct call *fetching)
{
	return call_fail_with(fetching, PROBLEM_UNAVAILABLE, "the database is away");
}

static struct turn fetch_for_ever(struct call *fetching)
{
	return call_wait(fetching, STEP(fetch), NULL, NULL);
}

static struct turn take_second(struct call *owner)
{
	brought = arena_copy(owner->arena, buf_str(&errand->out));
	return call_end(owner);
}

static struct turn take_first(struct call *owner)
{
	brought = arena_copy(owner->arena, buf_str(&errand->out));
	assert_true(str_equal(brought, STR("1")));
	errand_start(errand, STEP(fetch));
	return errand_await(errand, STEP(take_second));
}

static struct turn send_out(struct call *owner, struct step what)
{
	owner->state = &n_fetches;
	errand = errand_new(owner, BUDGET, BUDGET);
	if (!errand)
		return call_fail_with(owner, PROBLEM_INTERNAL, "out of memory");
	errand_start(errand, what);
	return errand_await(errand, STEP(take_first));
}

static struct turn send_twice(struct call *owner)
{
	return send_out(owner, STEP(fetch));
}

static struct turn send_in_vain(struct call *owner)
{
	return send_out(owner, STEP(fetch_in_vain));
}

static struct turn send_for_ever(struct call *owner)
{
	return send_out(owner, STEP(fetch_for_ever));
}

static void an_errand_brings_something_each_time(void **state)
{
	(void)state;
	call_start(&call, STEP(send_twice));
	run();
	assert_int_equal(n_fetches, 2);
	assert_int_equal(n_ended, 1);
}

static void an_errand_that_fails_fails_its_owner(void **state)
{
	(void)state;
	call_start(&call, STEP(send_in_vain));
	run();
	assert_int_equal(n_failed, 1);
}

static void an_owner_that_is_gone_leaves_no_errand_that_takes_a_step(void **state)
{
	(void)state;
	call_start(&call, STEP(send_for_ever));
	run();
	call_gone(&call);
	run();
	assert_int_equal(n_ended, 1);
	assert_int_equal(n_fetches, 0);
	call_wake(&errand->call);
	run();
	assert_int_equal(n_fetches, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_watcher_looks_when_its_own_user_changed),
		TEST(what_changes_during_a_look_is_looked_at_once_more),
		TEST(nobody_is_told_after_the_end),
		TEST(one_that_is_nudged_goes_on_and_owes_no_look_for_it),
		TEST(who_is_let_in_no_longer_looks_and_nobody_else),
		TEST(an_errand_brings_something_each_time),
		TEST(an_errand_that_fails_fails_its_owner),
		TEST(an_owner_that_is_gone_leaves_no_errand_that_takes_a_step),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
