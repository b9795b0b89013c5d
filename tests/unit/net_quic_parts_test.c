/* SPDX-License-Identifier: MIT */
/* The tables and clocks under QUIC: a connection that cannot be found, or is woken too late, is a client that hangs. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/random.h"
#include "net/quic_cids.h"
#include "net/quic_secrets.h"
#include "net/quic_timers.h"

enum { MANY = 5000, MS = 1000000 };

/* ── Connection ids ── */

static struct str key_of(const uint32_t *number)
{
	return (struct str){ (const char *)number, sizeof(*number) };
}

static void every_id_leads_to_its_connection(void **state)
{
	static struct quic_owner owners[MANY / 5];
	struct quic_cids cids;
	(void)state;

	assert_int_equal(quic_cids_init(&cids), 0);
	for (size_t i = 0; i < MANY / 5; i++)
		quic_owner_init(&owners[i], QUIC_OWNER_CONN);
	for (uint32_t i = 0; i < MANY; i++)
		assert_int_equal(quic_cids_add(&cids, key_of(&i), &owners[i / 5]), 0);
	for (uint32_t i = 0; i < MANY; i++)
		assert_ptr_equal(quic_cids_find(&cids, key_of(&i)), &owners[i / 5]);
	uint32_t stranger = MANY;
	assert_null(quic_cids_find(&cids, key_of(&stranger)));
	for (size_t i = 0; i < MANY / 5; i++)
		quic_owner_forget(&owners[i]);
	quic_cids_deinit(&cids);
}

static void nobody_takes_an_id_that_is_anothers(void **state)
{
	struct quic_owner first, second;
	struct quic_cids cids;
	(void)state;

	assert_int_equal(quic_cids_init(&cids), 0);
	quic_owner_init(&first, QUIC_OWNER_CONN);
	quic_owner_init(&second, QUIC_OWNER_CONN);
	assert_int_equal(quic_cids_add(&cids, STR("twenty bytes long id"), &first), 0);
	assert_int_equal(quic_cids_add(&cids, STR("twenty bytes long id"), &second), 1);
	quic_cids_remove(&cids, STR("twenty bytes long id"), &second);
	assert_ptr_equal(quic_cids_find(&cids, STR("twenty bytes long id")), &first);
	quic_cids_remove(&cids, STR("twenty bytes long id"), &first);
	assert_null(quic_cids_find(&cids, STR("twenty bytes long id")));
	quic_cids_deinit(&cids);
}

static void what_is_left_of_a_connection_is_found_by_all_its_ids(void **state)
{
	struct quic_owner conn, ending;
	struct quic_cids cids, others;
	(void)state;

	assert_int_equal(quic_cids_init(&cids), 0);
	assert_int_equal(quic_cids_init(&others), 0);
	quic_owner_init(&conn, QUIC_OWNER_CONN);
	quic_owner_init(&ending, QUIC_OWNER_ENDING);
	assert_int_equal(quic_cids_add(&cids, STR("one"), &conn), 0);
	assert_int_equal(quic_cids_add(&cids, STR("two"), &conn), 0);
	assert_int_equal(quic_cids_add(&others, STR("two"), &conn), 0);
	quic_owner_succeed(&ending, &conn);
	quic_owner_forget(&conn);
	assert_ptr_equal(quic_cids_find(&cids, STR("one")), &ending);
	assert_ptr_equal(quic_cids_find(&cids, STR("two")), &ending);
	assert_ptr_equal(quic_cids_find(&others, STR("two")), &ending);
	quic_owner_forget(&ending);
	quic_cids_deinit(&cids);
	quic_cids_deinit(&others);
}

/* ── Timers ── */

struct alarm {
	struct quic_due due;
	uint64_t wanted, rang_at;
	unsigned times;
};

static struct {
	struct loop loop;
	struct quic_timers timers;
	size_t n_rang, n_wanted;
	uint64_t last;
	bool in_order;
	struct alarm *again;
} clock_test;

static void rang(struct quic_due *due)
{
	struct alarm *alarm = container_of(due, struct alarm, due);

	alarm->rang_at = quic_clock();
	alarm->times++;
	assert_true(alarm->rang_at >= alarm->wanted);
	clock_test.in_order = clock_test.in_order && alarm->wanted >= clock_test.last;
	clock_test.last = alarm->wanted;
	if (alarm == clock_test.again && alarm->times < 3)
		quic_due_set(&clock_test.timers, due, 1); /* long past */
	if (++clock_test.n_rang == clock_test.n_wanted)
		loop_stop(&clock_test.loop);
}

static void timers_begin(size_t n_wanted)
{
	memset(&clock_test, 0, sizeof(clock_test));
	clock_test.n_wanted = n_wanted;
	clock_test.in_order = true;
	assert_int_equal(loop_init(&clock_test.loop), 0);
	assert_int_equal(quic_timers_open(&clock_test.timers, &clock_test.loop), 0);
	for (size_t i = 0; i <= MANY; i++)
		assert_int_equal(quic_timers_admit(&clock_test.timers, i), 0);
}

static void timers_end(void)
{
	quic_timers_close(&clock_test.timers);
	loop_run(&clock_test.loop);
	loop_deinit(&clock_test.loop);
}

static void connections_are_woken_in_order_and_never_early(void **state)
{
	static struct alarm alarms[MANY];
	uint64_t now = quic_clock();
	size_t silent = 0;
	(void)state;

	timers_begin(0);
	for (size_t i = 0; i < MANY; i++) {
		alarms[i] = (struct alarm){ .due.passed = rang };
		quic_due_set(&clock_test.timers, &alarms[i].due, now + random_below(50 * MS));
	}
	for (size_t i = 0; i < MANY; i++) {
		alarms[i].wanted = now + random_below(100 * MS);
		if (i % 7 == 0) {
			quic_due_forget(&clock_test.timers, &alarms[i].due);
			silent++;
		} else {
			quic_due_set(&clock_test.timers, &alarms[i].due, alarms[i].wanted);
		}
	}
	clock_test.n_wanted = MANY - silent;
	loop_run(&clock_test.loop);
	assert_true(clock_test.in_order);
	for (size_t i = 0; i < MANY; i++)
		assert_int_equal(alarms[i].times, i % 7 != 0);
	timers_end();
}

static void a_connection_that_is_always_due_leaves_the_others_their_turn(void **state)
{
	struct alarm eager = { .due.passed = rang }, other = { .due.passed = rang };
	(void)state;

	timers_begin(4);
	clock_test.again = &eager;
	quic_due_set(&clock_test.timers, &eager.due, 1);
	quic_due_set(&clock_test.timers, &other.due, 2);
	loop_run(&clock_test.loop);
	assert_int_equal(eager.times, 3);
	assert_int_equal(other.times, 1);
	timers_end();
}

static void a_timer_moved_to_earlier_rings_then(void **state)
{
	struct alarm alarm = { .due.passed = rang };
	uint64_t began = quic_clock();
	(void)state;

	timers_begin(1);
	quic_due_set(&clock_test.timers, &alarm.due, began + (uint64_t)60000 * MS);
	quic_due_set(&clock_test.timers, &alarm.due, began + 2 * MS);
	loop_run(&clock_test.loop);
	assert_true(alarm.rang_at - began < (uint64_t)10000 * MS);
	quic_due_set(&clock_test.timers, &alarm.due, quic_clock() + MS);
	quic_due_set(&clock_test.timers, &alarm.due, UINT64_MAX);
	timers_end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_id_leads_to_its_connection),
		cmocka_unit_test(nobody_takes_an_id_that_is_anothers),
		cmocka_unit_test(what_is_left_of_a_connection_is_found_by_all_its_ids),
		cmocka_unit_test(connections_are_woken_in_order_and_never_early),
		cmocka_unit_test(a_connection_that_is_always_due_leaves_the_others_their_turn),
		cmocka_unit_test(a_timer_moved_to_earlier_rings_then),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
