/* SPDX-License-Identifier: MIT */
/* The wheel of deadlines in real time: none early, none lost, none after it was taken out. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "net/deadlines.h"

enum { N = 4 };

struct watch {
	struct deadline deadline;
	uint64_t passed_ms; /* 0: has not */
	unsigned times;
};

static struct loop loop;
static struct deadlines deadlines;
static struct watch watches[N];
static uint64_t begin_ms;

static void passed(struct deadline *deadline)
{
	struct watch *watch = container_of(deadline, struct watch, deadline);
	watch->passed_ms = uv_now(&loop.uv) - begin_ms;
	watch->times++;
}

static int setup(void **state)
{
	(void)state;
	for (size_t i = 0; i < N; i++)
		watches[i] = (struct watch){ 0 };
	if (loop_init(&loop) || deadlines_init(&deadlines, &loop, passed))
		return -1;
	begin_ms = uv_now(&loop.uv);
	return 0;
}

static void set(size_t i, uint64_t ms)
{
	deadline_set(&deadlines, &watches[i].deadline, ms ? begin_ms + ms : 0);
}

static void over(struct timer *timer)
{
	timer_close(timer);
	loop_stop(&loop);
}

/* Runs the loop for that long, then takes everything down. */
static void run_for(uint64_t ms)
{
	struct timer timer;
	assert_int_equal(timer_open(&timer, &loop, over), 0);
	timer_start(&timer, ms, 0);
	loop_run(&loop);
	for (size_t i = 0; i < N; i++)
		deadline_forget(&deadlines, &watches[i].deadline);
	deadlines_deinit(&deadlines);
	loop_deinit(&loop);
}

static void assert_passed_at(size_t i, uint64_t ms)
{
	assert_int_equal(watches[i].times, 1);
	assert_in_range(watches[i].passed_ms, ms, ms + 3 * DEADLINE_TICK_MS);
}

static void deadlines_would_pass_early_or_never(void **state)
{
	(void)state;
	set(0, 350);
	set(1, 120);
	set(2, 600);
	run_for(1000);
	assert_passed_at(0, 350);
	assert_passed_at(1, 120);
	assert_passed_at(2, 600);
}

static void busy_connection_would_be_closed_by_its_first_deadline(void **state)
{
	(void)state;
	set(0, 150);
	set(0, 500); /* moved later: one store */
	set(1, 500);
	set(1, 150); /* moved earlier */
	set(2, 150);
	set(2, 0);     /* switched off */
	set(3, 60000); /* beyond the wheel */
	run_for(900);
	assert_passed_at(0, 500);
	assert_passed_at(1, 150);
	assert_int_equal(watches[2].times, 0);
	assert_int_equal(watches[3].times, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(deadlines_would_pass_early_or_never, setup),
		cmocka_unit_test_setup(busy_connection_would_be_closed_by_its_first_deadline, setup),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
