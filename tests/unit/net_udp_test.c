/* SPDX-License-Identifier: MIT */
/* UDP sockets on loopback: what QUIC would lose if trains, addresses or marks went astray. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "net/bind.h"
#include "net/udp.h"

enum { MOST = 400, BIGGEST = 1500 };

/* Loopback never is: in place of the C library's, so that it can be. */
static bool kernel_is_full;

int sendmmsg(int fd, struct mmsghdr *messages, unsigned n, int flags)
{
	if (kernel_is_full) {
		errno = EAGAIN;
		return -1;
	}
	return (int)syscall(SYS_sendmmsg, fd, messages, n, flags);
}

/* What one of the two sockets received. */
struct got {
	size_t n;
	size_t len[MOST];
	uint8_t ecn[MOST], first[MOST], last[MOST];
	struct udp_path path;
};

struct pair {
	struct loop loop;
	struct arena *arena;
	struct udp_inbox *inbox;
	struct udp_socket a, b;
	int port_a, port_b;
	struct got got;
	size_t expected;
	int times_writable;
	uv_timer_t patience;
};

static void note(struct udp_socket *socket, const struct udp_datagram *datagram)
{
	struct pair *pair = socket->owner;
	struct got *got = &pair->got;

	assert_true(got->n < MOST);
	got->len[got->n] = datagram->len;
	got->ecn[got->n] = datagram->ecn;
	got->first[got->n] = datagram->at[0];
	got->last[got->n] = datagram->at[datagram->len - 1];
	got->path = datagram->path;
	if (++got->n >= pair->expected)
		loop_stop(&pair->loop);
}

static void all_noted(struct udp_socket *socket)
{
	(void)socket;
}

static void room_again(struct udp_socket *socket)
{
	struct pair *pair = socket->owner;
	pair->times_writable++;
}

static const struct udp_user user = { note, all_noted, room_again };

static void gave_up(uv_timer_t *timer)
{
	struct pair *pair = timer->data;
	loop_stop(&pair->loop);
}

static struct pair *pair_open(const char *address)
{
	struct pair *pair = calloc(1, sizeof(*pair));
	struct str said;
	int fd;

	assert_int_equal(loop_init(&pair->loop), 0);
	pair->arena = arena_new(1 << 16);
	pair->inbox = udp_inbox_new();
	assert_int_equal(bind_udp(str_of(address), &pair->port_a, pair->arena, &fd, &said), 0);
	assert_int_equal(udp_open(&pair->a, &pair->loop, fd, pair->inbox, &user, pair), 0);
	assert_int_equal(bind_udp(str_of(address), &pair->port_b, pair->arena, &fd, &said), 0);
	assert_int_equal(udp_open(&pair->b, &pair->loop, fd, pair->inbox, &user, pair), 0);
	uv_timer_init(&pair->loop.uv, &pair->patience);
	pair->patience.data = pair;
	return pair;
}

static void pair_close(struct pair *pair)
{
	udp_close(&pair->a);
	udp_close(&pair->b);
	uv_close((uv_handle_t *)&pair->patience, NULL);
	loop_run(&pair->loop);
	loop_deinit(&pair->loop);
	udp_inbox_free(pair->inbox);
	arena_free(pair->arena);
	free(pair);
}

static void await(struct pair *pair, size_t expected)
{
	pair->expected = expected;
	uv_timer_start(&pair->patience, gave_up, 5000, 0);
	if (pair->got.n < expected)
		loop_run(&pair->loop);
	assert_int_equal(pair->got.n, expected);
}

static struct udp_path from_a_to_b(const struct pair *pair)
{
	struct udp_path path = { .local = pair->a.local, .remote = pair->b.local };
	if (pair->a.wildcard && path.local.any.sa_family == AF_INET)
		path.local.v4.sin_addr.s_addr = path.remote.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	else if (pair->a.wildcard)
		path.local.v6.sin6_addr = path.remote.v6.sin6_addr = in6addr_loopback;
	return path;
}

static void send_train(struct pair *pair, size_t len, size_t segment, uint8_t ecn, uint8_t mark)
{
	uint8_t *at = udp_reserve(&pair->a);
	struct udp_train train = { .path = from_a_to_b(pair), .len = len, .segment = segment, .ecn = ecn };

	assert_non_null(at);
	for (size_t i = 0; i < len; i++)
		at[i] = (uint8_t)(mark + i / segment);
	udp_commit(&pair->a, &train);
}

/* ── Tests ── */

static void check_train(const char *address, bool cut_here)
{
	struct pair *pair = pair_open(address);

	pair->a.cuts_trains = pair->a.cuts_trains && !cut_here;
	send_train(pair, 1200 * 20 + 77, 1200, 2, 10);
	udp_flush(&pair->a);
	await(pair, 21);
	for (size_t i = 0; i < 21; i++) {
		assert_int_equal(pair->got.len[i], i < 20 ? 1200 : 77);
		assert_int_equal(pair->got.first[i], 10 + i);
		assert_int_equal(pair->got.last[i], 10 + i);
		assert_int_equal(pair->got.ecn[i], 2);
	}
	struct udp_path sent = from_a_to_b(pair);
	assert_true(udp_address_equal(&pair->got.path.remote, &sent.local));
	assert_true(udp_address_equal(&pair->got.path.local, &sent.remote));
	pair_close(pair);
}

static void a_train_arrives_as_the_datagrams_it_was_made_of(void **state)
{
	(void)state;
	check_train("127.0.0.1", false);
	check_train("127.0.0.1", true);
}

static void a_train_arrives_over_ipv6_too(void **state)
{
	(void)state;
	check_train("::1", false);
	check_train("::1", true);
}

static void a_socket_on_all_addresses_answers_from_the_one_that_was_asked(void **state)
{
	struct pair *pair = pair_open("0.0.0.0");
	(void)state;

	assert_true(pair->a.wildcard);
	struct udp_path path = from_a_to_b(pair);
	path.local.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 4); /* 127.0.0.5 */
	path.remote.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 7);
	udp_say(&pair->a, &path, STR("hello"));
	udp_flush(&pair->a);
	await(pair, 1);
	assert_int_equal(pair->got.path.remote.v4.sin_addr.s_addr, htonl(INADDR_LOOPBACK + 4));
	assert_int_equal(pair->got.path.local.v4.sin_addr.s_addr, htonl(INADDR_LOOPBACK + 7));
	pair_close(pair);
	check_train("0.0.0.0", false);
	check_train("::", false);
}

static void trains_of_many_peers_leave_together_and_whole(void **state)
{
	struct pair *pair = pair_open("127.0.0.1");
	(void)state;

	for (int i = 0; i < 100; i++)
		send_train(pair, 3 * 500, 500, (uint8_t)(i % 3), (uint8_t)i);
	udp_flush(&pair->a);
	await(pair, 300);
	for (size_t i = 0; i < 300; i++) {
		assert_int_equal(pair->got.len[i], 500);
		assert_int_equal(pair->got.first[i], i / 3 + i % 3);
		assert_int_equal(pair->got.ecn[i], i / 3 % 3);
	}
	pair_close(pair);
}

static void a_datagram_too_large_for_the_path_is_lost_and_nothing_else(void **state)
{
	struct pair *pair = pair_open("127.0.0.1");
	struct udp_path nowhere = from_a_to_b(pair);
	(void)state;

	nowhere.remote.v4.sin_port = 0; /* the kernel refuses it */
	send_train(pair, 900, 300, 0, 1);
	udp_say(&pair->a, &nowhere, STR("lost"));
	send_train(pair, 900, 300, 0, 9);
	udp_flush(&pair->a);
	await(pair, 6);
	assert_int_equal(pair->got.first[3], 9);
	pair_close(pair);
}

static void a_train_the_kernel_will_not_cut_is_cut_here(void **state)
{
	struct pair *pair = pair_open("127.0.0.1");
	(void)state;

	/* The kernel cuts no train of a socket that is told to leave checksums out. */
	const int on = 1;
	assert_int_equal(setsockopt(pair->a.fd, SOL_SOCKET, SO_NO_CHECK, &on, sizeof(on)), 0);
	send_train(pair, 1000 * 10 + 1, 1000, 1, 3);
	udp_flush(&pair->a);
	await(pair, 11);
	assert_int_equal(pair->got.len[10], 1);
	assert_int_equal(pair->got.first[9], 12);
	assert_int_equal(pair->got.ecn[9], 1);
	pair_close(pair);
}

static void what_the_kernel_has_no_room_for_waits_and_arrives(void **state)
{
	struct pair *pair = pair_open("127.0.0.1");
	(void)state;

	send_train(pair, 2000, 500, 0, 1);
	kernel_is_full = true;
	udp_flush(&pair->a);
	assert_null(udp_reserve(&pair->a)); /* whoever has more to send has to wait */
	udp_flush(&pair->a);
	kernel_is_full = false;
	await(pair, 4);
	assert_int_equal(pair->times_writable, 1);
	assert_non_null(udp_reserve(&pair->a));
	pair_close(pair);
}

static void a_port_taken_by_another_is_named(void **state)
{
	struct pair *pair = pair_open("127.0.0.1");
	struct str said;
	int fd, port = pair->port_a;
	(void)state;

	assert_true(bind_udp(STR("127.0.0.1"), &port, pair->arena, &fd, &said) < 0);
	assert_true(str_starts(said, STR("UDP port ")));
	assert_true(str_find(said, STR("(by pid ")) != SIZE_MAX);
	pair_close(pair);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_train_arrives_as_the_datagrams_it_was_made_of),
		cmocka_unit_test(a_train_arrives_over_ipv6_too),
		cmocka_unit_test(a_socket_on_all_addresses_answers_from_the_one_that_was_asked),
		cmocka_unit_test(trains_of_many_peers_leave_together_and_whole),
		cmocka_unit_test(a_datagram_too_large_for_the_path_is_lost_and_nothing_else),
		cmocka_unit_test(a_train_the_kernel_will_not_cut_is_cut_here),
		cmocka_unit_test(what_the_kernel_has_no_room_for_waits_and_arrives),
		cmocka_unit_test(a_port_taken_by_another_is_named),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
