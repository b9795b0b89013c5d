/* SPDX-License-Identifier: MIT */
/* What a collector would notice if connections misbehaved: answers, memory, bounds, ports. In clear. */
#include "../support/conn_visit.h"

#include <sys/prctl.h>

static void client_echo(struct visit *visit)
{
	owned(fd_close) int fd = dial(visit);
	need(say(fd, "first"));
	need(hears(fd, "first"));
	need(say(fd, "second"));
	need(hears(fd, "second"));
	need(shutdown(fd, SHUT_WR) == 0);
	need(ends(fd));
}

static void answers_would_not_come_back(void **state)
{
	struct visit *visit = *state;
	visit_run(visit, (struct listener_settings){ 0 }, client_echo);
	assert_int_equal(visit->facts.input_ended, 1);
	assert_string_equal(visit->facts.peer, "127.0.0.1");
	assert_string_equal(visit->facts.alpn, "http/1.1");
	assert_true(visit->facts.loopback);
	assert_false(visit->facts.secure);
}

static bool hears_long_answer(int fd, useconds_t pause_us)
{
	size_t total = 0;
	char bytes[60000];
	for (ssize_t n; (n = recv(fd, bytes, sizeof(bytes), 0)) > 0; total += (size_t)n) {
		for (ssize_t i = 0; i < n; i++)
			if (bytes[i] != pattern_at(total + (size_t)i))
				return false;
		usleep(pause_us);
	}
	return total == LONG_ANSWER;
}

static void client_slow(struct visit *visit)
{
	owned(fd_close) int fd = dial(visit);
	need(say(fd, "go"));
	usleep(SECOND_US / 2);
	need(hears_long_answer(fd, 100));
}

static void slow_reader_would_fill_the_memory(void **state)
{
	struct visit *visit = *state;
	visit->facts.behaviour = DOES_LONG_ANSWERS;
	visit_run(visit, (struct listener_settings){ .output_high_water = SMALL_HIGH_WATER }, client_slow);
	assert_in_range(visit->facts.most_queued, SMALL_HIGH_WATER, SMALL_HIGH_WATER + CONN_SLACK);
}

static void client_that_never_reads(struct visit *visit)
{
	owned(fd_close) int fd = dial(visit);
	need(say(fd, "go") && comes_to(visit, 1));
	need(comes_to(visit, 0));
}

static void dead_reader_would_hold_its_memory_forever(void **state)
{
	struct visit *visit = *state;
	int64_t before = metric_get(METRIC_CONNECTIONS_TIMED_OUT);
	visit->facts.behaviour = DOES_LONG_ANSWERS;
	visit_run(visit, (struct listener_settings){ .write_stall_ms = 300 }, client_that_never_reads);
	assert_int_equal(metric_get(METRIC_CONNECTIONS_TIMED_OUT), before + 1);
}

static void client_slow_but_alive(struct visit *visit)
{
	owned(fd_close) int fd = dial(visit);
	need(say(fd, "go"));
	need(hears_long_answer(fd, 2000));
}

static void patient_reader_would_be_cut_off(void **state)
{
	struct visit *visit = *state;
	visit->facts.behaviour = DOES_LONG_ANSWERS;
	visit_run(visit, (struct listener_settings){ .write_stall_ms = 400 }, client_slow_but_alive);
}

static void client_deadline(struct visit *visit)
{
	owned(fd_close) int fd = dial(visit);
	int64_t begin = clock_monotonic_us();
	need(ends(fd));
	int64_t took = clock_monotonic_us() - begin;
	need(took >= SECOND_US / 5 && took < 2 * SECOND_US);
}

static void idle_connections_would_stay_forever(void **state)
{
	struct visit *visit = *state;
	visit->facts.behaviour = DOES_DEADLINE;
	visit_run(visit, (struct listener_settings){ 0 }, client_deadline);
	assert_int_equal(visit->facts.timed_out, 1);
}

static void client_floods_paused(struct visit *visit)
{
	static char megabyte[1 << 20];
	owned(fd_close) int fd = dial(visit);
	for (int i = 0; i < 4; i++)
		(void)!send(fd, megabyte, sizeof(megabyte), MSG_DONTWAIT | MSG_NOSIGNAL);
	usleep(SECOND_US / 5);
}

static void back_pressure_would_not_reach_the_client(void **state)
{
	struct visit *visit = *state;
	visit->facts.behaviour = DOES_PAUSE;
	visit_run(visit, (struct listener_settings){ 0 }, client_floods_paused);
	assert_in_range(visit->facts.bytes_in, 1, CONN_READ_MAX);
}

static void client_crowd(struct visit *visit)
{
	owned(fd_close) int first = dial(visit);
	owned(fd_close) int second = dial(visit);
	need(say(first, "x") && hears(first, "x") && say(second, "y") && hears(second, "y"));
	owned(fd_close) int third = dial(visit);
	need(ends(third));
	need(say(second, "still here") && hears(second, "still here"));
	close(first);
	first = -1;
	need(comes_to(visit, 1));
	owned(fd_close) int fourth = dial(visit);
	need(say(fourth, "welcome") && hears(fourth, "welcome"));
}

static void one_client_would_take_all_connections(void **state)
{
	struct visit *visit = *state;
	int64_t before = metric_get(METRIC_CONNECTIONS_REFUSED);
	visit_run(visit, (struct listener_settings){ .max_per_peer = 2 }, client_crowd);
	assert_int_equal(metric_get(METRIC_CONNECTIONS_REFUSED), before + 1);
}

static void connections_would_have_no_bound(void **state)
{
	struct visit *visit = *state;
	int64_t before = metric_get(METRIC_CONNECTIONS_REFUSED);
	visit_run(visit, (struct listener_settings){ .max_connections = 2 }, client_crowd);
	assert_int_equal(metric_get(METRIC_CONNECTIONS_REFUSED), before + 1);
}

static void client_still_talking(struct visit *visit)
{
	static char megabyte[1 << 20];
	owned(fd_close) int fd = dial(visit);
	for (int i = 0; i < 8; i++)
		need(send(fd, megabyte, sizeof(megabyte), MSG_NOSIGNAL) == sizeof(megabyte));
	need(hears(fd, "no"));
	need(ends(fd));
}

static void refusal_would_be_lost_on_a_client_that_still_sends(void **state)
{
	struct visit *visit = *state;
	visit->facts.behaviour = DOES_REFUSE;
	visit_run(visit, (struct listener_settings){ 0 }, client_still_talking);
}

static void order_drain(struct visit *visit)
{
	listeners_drain(visit->listeners);
}

static void client_drain(struct visit *visit)
{
	owned(fd_close) int fd = dial(visit);
	need(say(fd, "x") && hears(fd, "x"));
	on_loop(visit, order_drain);
	need(ends(fd));
	owned(fd_close) int late = dial(visit);
	need(late < 0 || ends(late));
}

static void stopping_would_cut_clients_off(void **state)
{
	struct visit *visit = *state;
	visit_run(visit, (struct listener_settings){ 0 }, client_drain);
	assert_int_equal(visit->facts.drained, 1);
	assert_int_equal(visit->facts.opened, 1);
}

static void owner_of_a_taken_port_would_be_a_riddle(void **state)
{
	struct visit *visit = *state;
	struct listeners *none;
	struct str said, addresses[] = { STR("127.0.0.1") };
	visit_start(visit, (struct listener_settings){ 0 });
	const struct listener_settings same = { .addresses = { addresses, 1 }, .port = visit->port, .protocols = both };
	assert_int_equal(listeners_open(&visit->loop, &same, visit->arena, &none, &said), UV_EADDRINUSE);
	char name[16] = "";
	prctl(PR_GET_NAME, name);
	struct str expected = arena_printf(visit->arena,
					   "port %d on 127.0.0.1 is in use (by pid %d %s); "
					   "stop it or choose another port",
					   visit->port, (int)getpid(), name);
	assert_int_equal(said.len, expected.len);
	assert_memory_equal(said.at, expected.at, said.len);
	order_close(visit);
	loop_run(&visit->loop);
	sem_destroy(&visit->done);
	loop_deinit(&visit->loop);
}

static void two_addresses_would_get_two_ports(void **state)
{
	struct visit *visit = *state;
	struct str said, addresses[] = { STR("127.0.0.1"), STR("127.0.0.2"), STR("::1") };
	const struct listener_settings settings = { .addresses = { addresses, countof(addresses) },
						    .protocols = both,
						    .server = &visit->facts };
	assert_int_equal(loop_init(&visit->loop), 0);
	assert_int_equal(listeners_open(&visit->loop, &settings, visit->arena, &visit->listeners, &said), 0);
	for (size_t i = 0; i < 2; i++) {
		struct sockaddr_in to;
		owned(fd_close) int fd = socket(AF_INET, SOCK_STREAM, 0);
		uv_ip4_addr(addresses[i].at, listeners_port(visit->listeners), &to);
		assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	}
	visit->asked.data = visit;
	uv_async_init(&visit->loop.uv, &visit->asked, asked);
	order_close(visit);
	loop_run(&visit->loop);
	loop_deinit(&visit->loop);
}

static void bad_address_would_not_be_named(void **state)
{
	struct visit *visit = *state;
	struct str said, addresses[] = { STR("localhost:80") };
	const struct listener_settings settings = { .addresses = { addresses, 1 }, .protocols = both };
	assert_int_equal(loop_init(&visit->loop), 0);
	assert_int_equal(listeners_open(&visit->loop, &settings, visit->arena, &visit->listeners, &said), UV_EINVAL);
	assert_true(str_equal(said, STR("\"localhost:80\" is not an IP address to listen on")));
	loop_deinit(&visit->loop);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(answers_would_not_come_back),
		TEST(slow_reader_would_fill_the_memory),
		TEST(dead_reader_would_hold_its_memory_forever),
		TEST(patient_reader_would_be_cut_off),
		TEST(idle_connections_would_stay_forever),
		TEST(back_pressure_would_not_reach_the_client),
		TEST(one_client_would_take_all_connections),
		TEST(connections_would_have_no_bound),
		TEST(refusal_would_be_lost_on_a_client_that_still_sends),
		TEST(stopping_would_cut_clients_off),
		TEST(owner_of_a_taken_port_would_be_a_riddle),
		TEST(two_addresses_would_get_two_ports),
		TEST(bad_address_would_not_be_named),
	};
	return cmocka_run_group_tests(tests, certs_make, certs_remove);
}
