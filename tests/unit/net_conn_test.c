/* SPDX-License-Identifier: MIT */
/*
 * Real listeners on loopback, driven by clients in a thread of their own: what a collector would notice if
 * connections misbehaved, clear and over TLS.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <ftw.h>
#include <mbedtls/net_sockets.h>
#include <mbedtls/psa_util.h>
#include <mbedtls/ssl.h>
#include <psa/crypto.h>
#include <pthread.h>
#include <semaphore.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "net/cert.h"
#include "net/listener.h"
#include "net/stack.h"
#include "net/tls_context.h"
#include "obs/metrics.h"

enum { SECOND_US = 1000000, CLIENT_TIMEOUT_S = 10, LONG_ANSWER = 24 * 1024 * 1024, SMALL_HIGH_WATER = 64 * 1024 };

/* ── The protocols: what they do with input is set by the test ── */

enum behaviour { DOES_ECHO, DOES_REFUSE, DOES_LONG_ANSWERS, DOES_HUNDRED_PIECES, DOES_DEADLINE, DOES_PAUSE };

#define PIECE "a line that wants to travel with ninety-nine others in one TLS record\n"

struct facts {
	enum behaviour behaviour;
	int opened, closed, input_ended, timed_out, drained;
	size_t most_queued, bytes_in;
	bool secure, loopback;
	char peer[64], server_name[64];
	const char *alpn;
};

struct probe {
	struct conn *conn;
	struct facts *facts;
	size_t to_write;
};

static char pattern_at(size_t offset)
{
	return (char)('A' + offset % 23);
}

static void long_answer_go_on(struct probe *probe)
{
	while (probe->to_write && conn_room(probe->conn)) {
		char piece[10000];
		size_t n = probe->to_write < sizeof(piece) ? probe->to_write : sizeof(piece);
		for (size_t i = 0; i < n; i++)
			piece[i] = pattern_at(LONG_ANSWER - probe->to_write + i);
		conn_write(probe->conn, (struct str){ piece, n });
		probe->to_write -= n;
		const struct conn *conn = probe->conn;
		size_t queued = conn->plain.len + conn->wire.len + conn->sending.len;
		if (queued > probe->facts->most_queued)
			probe->facts->most_queued = queued;
	}
	if (probe->to_write == 0)
		conn_close(probe->conn);
}

static void *probe_open(struct conn *conn, struct facts *facts, const char *alpn)
{
	struct probe *probe = calloc(1, sizeof(*probe));
	struct str name = conn_server_name(conn), peer = conn_peer(conn);
	*probe = (struct probe){ .conn = conn, .facts = facts };
	facts->opened++;
	facts->alpn = alpn;
	facts->secure = conn_secure(conn);
	facts->loopback = conn_loopback(conn);
	snprintf(facts->peer, sizeof(facts->peer), "%.*s", STR_ARG(peer));
	snprintf(facts->server_name, sizeof(facts->server_name), "%.*s", STR_ARG(name));
	if (facts->behaviour == DOES_DEADLINE)
		conn_deadline(conn, 200);
	return probe;
}

static void *probe_open_h1(struct conn *conn, void *server)
{
	return probe_open(conn, server, "http/1.1");
}

static void *probe_open_h2(struct conn *conn, void *server)
{
	return probe_open(conn, server, "h2");
}

static void probe_input(void *state, struct str bytes)
{
	struct probe *probe = state;
	probe->facts->bytes_in += bytes.len;
	switch (probe->facts->behaviour) {
	case DOES_ECHO:
	case DOES_DEADLINE:
		conn_write(probe->conn, bytes);
		break;
	case DOES_REFUSE:
		conn_write(probe->conn, STR("no"));
		conn_close(probe->conn);
		conn_pause(probe->conn, true); /* too late: what comes must be read, or the peer is reset */
		break;
	case DOES_LONG_ANSWERS:
		probe->to_write = LONG_ANSWER;
		conn_pump_later(probe->conn);
		break;
	case DOES_HUNDRED_PIECES:
		for (int i = 0; i < 100; i++)
			conn_write(probe->conn, STR(PIECE));
		break;
	case DOES_PAUSE:
		conn_pause(probe->conn, true);
		break;
	}
}

static void probe_input_ended(void *state)
{
	struct probe *probe = state;
	probe->facts->input_ended++;
	conn_close(probe->conn);
}

static void probe_pump(void *state)
{
	long_answer_go_on(state);
}

static void probe_drain(void *state)
{
	struct probe *probe = state;
	probe->facts->drained++;
	conn_close(probe->conn);
}

static bool probe_timed_out(void *state)
{
	struct probe *probe = state;
	probe->facts->timed_out++;
	conn_close(probe->conn);
	return true;
}

static void probe_closed(void *state)
{
	struct probe *probe = state;
	probe->facts->closed++;
	free(probe);
}

#define PROBE_CALLBACKS                                                                                   \
	.input = probe_input, .input_ended = probe_input_ended, .pump = probe_pump, .drain = probe_drain, \
	.timed_out = probe_timed_out, .closed = probe_closed

static const struct protocol probe_h1 = { .alpn = "http/1.1", .open = probe_open_h1, PROBE_CALLBACKS };
static const struct protocol probe_h2 = { .alpn = "h2", .open = probe_open_h2, PROBE_CALLBACKS };
static const struct protocol *const both[] = { &probe_h2, &probe_h1, NULL };

/* ── A visit: a server on the test's thread, a client on its own ── */

struct visit {
	struct loop loop;
	struct listeners *listeners;
	struct facts facts;
	struct arena *arena;
	struct tls_context *tls, *other_tls;
	struct str address;

	void (*client)(struct visit *visit);
	char failed[256]; /* what the client missed */
	pthread_t thread;
	uv_async_t asked;
	void (*order)(struct visit *visit); /* for the loop's thread */
	sem_t done;
	size_t n_connections; /* as order_count found it */
	size_t n_spares;      /* as order_count_spares found it */
	int port;
};

/* In a client: what fails ends it, and the test. */
#define need(condition)                                                                                      \
	do {                                                                                                 \
		if (!(condition)) {                                                                          \
			snprintf(visit->failed, sizeof(visit->failed), "line %d: %s", __LINE__, #condition); \
			return;                                                                              \
		}                                                                                            \
	} while (0)

static void asked(uv_async_t *async)
{
	struct visit *visit = async->data;
	visit->order(visit);
	sem_post(&visit->done);
}

/* Runs `order` on the loop's thread and waits for it. */
static void on_loop(struct visit *visit, void (*order)(struct visit *visit))
{
	visit->order = order;
	uv_async_send(&visit->asked);
	sem_wait(&visit->done);
}

static void order_count(struct visit *visit)
{
	visit->n_connections = listeners_n_connections(visit->listeners);
}

/* Whether the number of connections becomes n before our patience ends. */
static bool comes_to(struct visit *visit, size_t n)
{
	for (int64_t until = clock_monotonic_us() + 5 * SECOND_US; clock_monotonic_us() < until; usleep(20000)) {
		on_loop(visit, order_count);
		if (visit->n_connections == n)
			return true;
	}
	return false;
}

static void all_closed(void *arg)
{
	struct visit *visit = arg;
	uv_close((uv_handle_t *)&visit->asked, NULL);
	loop_stop(&visit->loop);
}

static void order_close(struct visit *visit)
{
	listeners_close(visit->listeners, all_closed, visit);
}

static void *client_run(void *arg)
{
	struct visit *visit = arg;
	visit->client(visit);
	on_loop(visit, order_close);
	return NULL;
}

static void visit_start(struct visit *visit, struct listener_settings settings)
{
	struct str said = STR_ABSENT;
	visit->address = STR("127.0.0.1");
	settings.addresses = (struct str_list){ &visit->address, 1 };
	settings.protocols = settings.protocols ? settings.protocols : both;
	settings.server = &visit->facts;
	assert_int_equal(loop_init(&visit->loop), 0);
	if (listeners_open(&visit->loop, &settings, visit->arena, &visit->listeners, &said))
		fail_msg("%.*s", STR_ARG(said));
	visit->port = listeners_port(visit->listeners);
	visit->asked.data = visit;
	uv_async_init(&visit->loop.uv, &visit->asked, asked);
	sem_init(&visit->done, 0, 0);
}

static void visit_run(struct visit *visit, struct listener_settings settings, void (*client)(struct visit *visit))
{
	visit_start(visit, settings);
	visit->client = client;
	assert_int_equal(pthread_create(&visit->thread, NULL, client_run, visit), 0);
	loop_run(&visit->loop);
	pthread_join(visit->thread, NULL);
	sem_destroy(&visit->done);
	loop_deinit(&visit->loop);
	if (visit->failed[0])
		fail_msg("client, %s", visit->failed);
	assert_int_equal(visit->facts.opened, visit->facts.closed);
	assert_int_equal(metric_get(METRIC_CONNECTIONS), 0);
}

/* ── Certificates, made once ── */

static char certs[2][32] = { "/tmp/net_conn_test.XXXXXX", "/tmp/net_conn_test.XXXXXX" };

static int certs_make(void **state)
{
	owned(arena_drop) struct arena *arena = arena_new(1 << 20);
	struct str said;
	(void)state;
	for (size_t i = 0; i < countof(certs); i++)
		if (!mkdtemp(certs[i]) || cert_init(certs[i], (struct str_list){ 0 }, arena, &said))
			return -1;
	return 0;
}

static int remove_entry(const char *path, const struct stat *facts, int kind, struct FTW *at)
{
	(void)facts;
	(void)kind;
	(void)at;
	return remove(path);
}

static int certs_remove(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(certs); i++)
		nftw(certs[i], remove_entry, 8, FTW_DEPTH | FTW_PHYS);
	return 0;
}

static struct tls_context *context_of(const char *dir, struct arena *arena)
{
	struct cert_files files = cert_files_in(dir, arena);
	struct tls_settings settings = { .pairs = { { files.cert, files.key } }, .n_pairs = 1 };
	struct tls_context *tls;
	struct str said;
	assert_int_equal(tls_context_new(&settings, arena, &tls, &said), TLS_OK);
	return tls;
}

static int setup(void **state)
{
	struct visit *visit = calloc(1, sizeof(*visit));
	visit->arena = arena_new(1 << 20);
	visit->tls = context_of(certs[0], visit->arena);
	visit->other_tls = context_of(certs[1], visit->arena);
	*state = visit;
	return 0;
}

static int teardown(void **state)
{
	struct visit *visit = *state;
	tls_context_free(visit->tls);
	tls_context_free(visit->other_tls);
	arena_free(visit->arena);
	free(visit);
	return 0;
}

/* ── Clients ── */

static void fd_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static int dial(const struct visit *visit)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons((uint16_t)visit->port),
				  .sin_addr = { htonl(INADDR_LOOPBACK) } };
	struct timeval patience = { .tv_sec = CLIENT_TIMEOUT_S };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (connect(fd, (struct sockaddr *)&to, sizeof(to))) {
		close(fd);
		return -1;
	}
	return fd;
}

static bool say(int fd, const char *text)
{
	struct str all = str_of(text);
	return send(fd, all.at, all.len, MSG_NOSIGNAL) == (ssize_t)all.len;
}

/* Whether the server ends the connection, in whatever way, before our patience does. */
static bool ends(int fd)
{
	char bytes[4096];
	ssize_t n;
	while ((n = recv(fd, bytes, sizeof(bytes), 0)) > 0)
		;
	return n == 0 || errno == ECONNRESET;
}

static bool hears(int fd, const char *text)
{
	struct str all = str_of(text);
	char bytes[256];
	return recv(fd, bytes, all.len, MSG_WAITALL) == (ssize_t)all.len && memcmp(bytes, all.at, all.len) == 0;
}

struct tls_client {
	mbedtls_net_context net;
	mbedtls_ssl_config config;
	mbedtls_ssl_context ssl;
};

static void tls_client_drop(struct tls_client *client)
{
	mbedtls_ssl_free(&client->ssl);
	mbedtls_ssl_config_free(&client->config);
	mbedtls_net_free(&client->net);
}

/* Prepares a client that trusts anybody: who is there is not what these tests are about. */
static bool tls_dial(struct tls_client *client, const struct visit *visit, const char **alpn, const char *name)
{
	memset(client, 0, sizeof(*client));
	mbedtls_ssl_init(&client->ssl);
	mbedtls_ssl_config_init(&client->config);
	client->net.fd = dial(visit);
	mbedtls_ssl_config_defaults(&client->config, MBEDTLS_SSL_IS_CLIENT, MBEDTLS_SSL_TRANSPORT_STREAM,
				    MBEDTLS_SSL_PRESET_DEFAULT);
	mbedtls_ssl_conf_authmode(&client->config, MBEDTLS_SSL_VERIFY_NONE);
	mbedtls_ssl_conf_rng(&client->config, mbedtls_psa_get_random, MBEDTLS_PSA_RANDOM_STATE);
	mbedtls_ssl_conf_tls13_enable_signal_new_session_tickets(&client->config,
								 MBEDTLS_SSL_TLS1_3_SIGNAL_NEW_SESSION_TICKETS_ENABLED);
	if (alpn)
		mbedtls_ssl_conf_alpn_protocols(&client->config, alpn);
	mbedtls_ssl_set_bio(&client->ssl, &client->net, mbedtls_net_send, mbedtls_net_recv, NULL);
	return client->net.fd >= 0 && mbedtls_ssl_setup(&client->ssl, &client->config) == 0 &&
	       mbedtls_ssl_set_hostname(&client->ssl, name) == 0;
}

static bool tls_say(struct tls_client *client, const char *text)
{
	struct str all = str_of(text);
	return mbedtls_ssl_write(&client->ssl, (const unsigned char *)all.at, all.len) == (int)all.len;
}

/* One record of plaintext; a ticket that comes before it is kept. */
static int tls_hear(struct tls_client *client, char *to, size_t room, mbedtls_ssl_session *ticket)
{
	for (;;) {
		int n = mbedtls_ssl_read(&client->ssl, (unsigned char *)to, room);
		if (n != MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET && n != MBEDTLS_ERR_SSL_WANT_READ)
			return n;
		if (ticket && n != MBEDTLS_ERR_SSL_WANT_READ)
			mbedtls_ssl_get_session(&client->ssl, ticket);
	}
}

static const char *offer_both[] = { "h2", "http/1.1", NULL }, *offer_h1[] = { "http/1.1", NULL },
		  *offer_foreign[] = { "acme-tls/1", NULL };

/* ── In clear ── */

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

/* ── Over TLS ── */

static void client_tls(struct visit *visit)
{
	owned(tls_client_drop) struct tls_client client;
	char bytes[64];
	need(tls_dial(&client, visit, offer_both, "Records.Example"));
	need(mbedtls_ssl_handshake(&client.ssl) == 0);
	need(tls_say(&client, "hello"));
	need(tls_hear(&client, bytes, sizeof(bytes), NULL) == 5 && memcmp(bytes, "hello", 5) == 0);
	need(mbedtls_ssl_close_notify(&client.ssl) == 0);
	need(tls_hear(&client, bytes, sizeof(bytes), NULL) == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY);
}

static void encrypted_answers_would_not_come_back(void **state)
{
	struct visit *visit = *state;
	int64_t before = metric_get(METRIC_TLS13_HANDSHAKES);
	visit_run(visit, (struct listener_settings){ .tls = visit->tls }, client_tls);
	assert_string_equal(visit->facts.alpn, "h2");
	assert_string_equal(visit->facts.server_name, "records.example");
	assert_true(visit->facts.secure);
	assert_int_equal(visit->facts.input_ended, 1);
	assert_int_equal(metric_get(METRIC_TLS13_HANDSHAKES), before + 1);
}

static void order_count_spares(struct visit *visit)
{
	visit->n_spares = visit->tls->spares.n;
}

static void client_idles(struct visit *visit)
{
	const mbedtls_ssl_protocol_version versions[] = { MBEDTLS_SSL_VERSION_TLS1_2, MBEDTLS_SSL_VERSION_TLS1_3 };
	for (size_t i = 0; i < countof(versions); i++) {
		owned(tls_client_drop) struct tls_client client;
		char bytes[64];
		need(tls_dial(&client, visit, offer_both, "localhost"));
		mbedtls_ssl_conf_max_tls_version(&client.config, versions[i]);
		need(mbedtls_ssl_handshake(&client.ssl) == 0);
		for (int times = 0; times < 3; times++) {
			need(tls_say(&client, "hello") && tls_hear(&client, bytes, sizeof(bytes), NULL) == 5);
			on_loop(visit, order_count_spares);
			need(visit->n_spares >= 2);
		}
	}
}

static void idle_connections_would_take_five_times_the_memory(void **state)
{
	struct visit *visit = *state;
	visit_run(visit, (struct listener_settings){ .tls = visit->tls }, client_idles);
}

/* A network that delivers the first bytes of each record well before the others. */
static int send_in_two(void *arg, const unsigned char *bytes, size_t len)
{
	const size_t first = len < 9 ? len : 9;
	if (mbedtls_net_send(arg, bytes, first) != (int)first)
		return MBEDTLS_ERR_NET_SEND_FAILED;
	usleep(50000);
	return len == first || mbedtls_net_send(arg, bytes + first, len - first) == (int)(len - first)
		       ? (int)len
		       : MBEDTLS_ERR_NET_SEND_FAILED;
}

static void *client_between(void *arg)
{
	struct tls_client *client = arg;
	char bytes[64];
	for (int i = 0; i < 20; i++, usleep(5000))
		if (!tls_say(client, "between") || tls_hear(client, bytes, sizeof(bytes), NULL) != 7)
			return NULL;
	return arg;
}

static void client_in_pieces(struct visit *visit)
{
	owned(tls_client_drop) struct tls_client slow;
	owned(tls_client_drop) struct tls_client other;
	char bytes[64];
	pthread_t thread;
	void *fine = NULL;
	need(tls_dial(&slow, visit, offer_both, "localhost") && tls_dial(&other, visit, offer_both, "localhost"));
	mbedtls_ssl_set_bio(&slow.ssl, &slow.net, send_in_two, mbedtls_net_recv, NULL);
	need(mbedtls_ssl_handshake(&slow.ssl) == 0 && mbedtls_ssl_handshake(&other.ssl) == 0);
	need(pthread_create(&thread, NULL, client_between, &other) == 0);
	bool heard = tls_say(&slow, "slow") && tls_hear(&slow, bytes, sizeof(bytes), NULL) == 4 &&
		     memcmp(bytes, "slow", 4) == 0;
	pthread_join(thread, &fine);
	need(heard);
	need(fine);
}

static void record_in_two_pieces_would_be_lost(void **state)
{
	struct visit *visit = *state;
	visit_run(visit, (struct listener_settings){ .tls = visit->tls }, client_in_pieces);
}

static void client_tls_h1(struct visit *visit)
{
	owned(tls_client_drop) struct tls_client client;
	need(tls_dial(&client, visit, offer_h1, "localhost"));
	need(mbedtls_ssl_handshake(&client.ssl) == 0);
}

static void http_1_would_be_answered_in_http_2(void **state)
{
	struct visit *visit = *state;
	visit_run(visit, (struct listener_settings){ .tls = visit->tls }, client_tls_h1);
	assert_string_equal(visit->facts.alpn, "http/1.1");
}

static void client_tls_old_school(struct visit *visit)
{
	owned(tls_client_drop) struct tls_client client;
	char bytes[64];
	need(tls_dial(&client, visit, NULL, "localhost"));
	mbedtls_ssl_conf_max_tls_version(&client.config, MBEDTLS_SSL_VERSION_TLS1_2);
	need(mbedtls_ssl_handshake(&client.ssl) == 0);
	need(tls_say(&client, "hello") && tls_hear(&client, bytes, sizeof(bytes), NULL) == 5);
}

static void clients_of_tls_1_2_without_alpn_would_be_lost(void **state)
{
	struct visit *visit = *state;
	visit_run(visit, (struct listener_settings){ .tls = visit->tls }, client_tls_old_school);
	assert_string_equal(visit->facts.alpn, "http/1.1");
}

static void client_foreign(struct visit *visit)
{
	owned(tls_client_drop) struct tls_client client;
	need(tls_dial(&client, visit, offer_foreign, "localhost"));
	need(mbedtls_ssl_handshake(&client.ssl) == MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE);
	need(client.ssl.MBEDTLS_PRIVATE(in_msg)[1] == MBEDTLS_SSL_ALERT_MSG_NO_APPLICATION_PROTOCOL);
}

static void foreign_protocol_would_be_let_in(void **state)
{
	struct visit *visit = *state;
	int64_t before = metric_get(METRIC_TLS_FAILED_PROTOCOL);
	visit_run(visit, (struct listener_settings){ .tls = visit->tls }, client_foreign);
	assert_int_equal(visit->facts.opened, 0);
	assert_int_equal(metric_get(METRIC_TLS_FAILED_PROTOCOL), before + 1);
}

static void client_tls_1_1(struct visit *visit)
{
	/* A ClientHello of TLS 1.1: ECDHE-ECDSA-AES128-SHA, no extensions. */
	static const unsigned char hello[] = {
		0x16, 0x03, 0x01, 0x00, 0x2d, 0x01, 0x00, 0x00, 0x29, 0x03, 0x02, 1,	2,    3,    4,	  5,	6,
		7,    8,    9,	  10,	11,   12,   13,	  14,	15,   16,   17,	  18,	19,   20,   21,	  22,	23,
		24,   25,   26,	  27,	28,   29,   30,	  31,	32,   0x00, 0x00, 0x02, 0xc0, 0x09, 0x01, 0x00,
	};
	static const unsigned char protocol_version_alert[] = { 0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 70 };
	unsigned char bytes[sizeof(protocol_version_alert)];
	owned(fd_close) int fd = dial(visit);
	need(send(fd, hello, sizeof(hello), MSG_NOSIGNAL) == sizeof(hello));
	need(recv(fd, bytes, sizeof(bytes), MSG_WAITALL) == sizeof(bytes));
	need(memcmp(bytes, protocol_version_alert, sizeof(bytes)) == 0);
	need(ends(fd));
}

static void tls_1_1_would_be_spoken(void **state)
{
	struct visit *visit = *state;
	visit_run(visit, (struct listener_settings){ .tls = visit->tls }, client_tls_1_1);
	assert_int_equal(visit->facts.opened, 0);
}

static void client_resumes(struct visit *visit)
{
	owned(mbedtls_ssl_session_free) mbedtls_ssl_session ticket;
	mbedtls_ssl_session_init(&ticket);
	for (int i = 0; i < 2; i++) {
		owned(tls_client_drop) struct tls_client client;
		char bytes[64];
		need(tls_dial(&client, visit, offer_both, "localhost"));
		need(i == 0 || mbedtls_ssl_set_session(&client.ssl, &ticket) == 0);
		need(mbedtls_ssl_handshake(&client.ssl) == 0);
		need(tls_say(&client, "hello") && tls_hear(&client, bytes, sizeof(bytes), i ? NULL : &ticket) == 5);
	}
}

static void returning_clients_would_pay_for_a_full_handshake(void **state)
{
	struct visit *visit = *state;
	int64_t before = metric_get(METRIC_TLS13_RESUMED);
	visit_run(visit, (struct listener_settings){ .tls = visit->tls }, client_resumes);
	assert_int_equal(metric_get(METRIC_TLS13_RESUMED), before + 1);
	assert_int_equal(visit->facts.opened, 2);
}

static void client_counts_records(struct visit *visit)
{
	owned(tls_client_drop) struct tls_client client;
	static char bytes[20000];
	need(tls_dial(&client, visit, offer_both, "localhost"));
	need(mbedtls_ssl_handshake(&client.ssl) == 0);
	need(tls_say(&client, "go"));
	need(tls_hear(&client, bytes, sizeof(bytes), NULL) == 100 * (sizeof(PIECE) - 1));
}

static void small_answers_would_cost_a_record_each(void **state)
{
	struct visit *visit = *state;
	visit->facts.behaviour = DOES_HUNDRED_PIECES;
	visit_run(visit, (struct listener_settings){ .tls = visit->tls }, client_counts_records);
}

static void client_tls_long(struct visit *visit)
{
	owned(tls_client_drop) struct tls_client client;
	static char bytes[16384];
	size_t total = 0;
	int n;
	need(tls_dial(&client, visit, offer_both, "localhost"));
	need(mbedtls_ssl_handshake(&client.ssl) == 0);
	need(tls_say(&client, "go"));
	usleep(SECOND_US / 3);
	while ((n = tls_hear(&client, bytes, sizeof(bytes), NULL)) > 0)
		for (int i = 0; i < n; i++)
			need(bytes[i] == pattern_at(total++));
	need(n == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY);
	need(total == LONG_ANSWER);
}

static void long_encrypted_answer_would_fill_the_memory_or_be_cut(void **state)
{
	struct visit *visit = *state;
	visit->facts.behaviour = DOES_LONG_ANSWERS;
	visit_run(visit, (struct listener_settings){ .tls = visit->tls, .output_high_water = SMALL_HIGH_WATER },
		  client_tls_long);
	assert_in_range(visit->facts.most_queued, SMALL_HIGH_WATER, SMALL_HIGH_WATER + CONN_SLACK + 4096);
}

static void client_mute(struct visit *visit)
{
	owned(fd_close) int fd = dial(visit);
	int64_t begin = clock_monotonic_us();
	need(ends(fd));
	need(clock_monotonic_us() - begin < 3 * SECOND_US);
}

static void unfinished_handshake_would_stay_forever(void **state)
{
	struct visit *visit = *state;
	int64_t before = metric_get(METRIC_CONNECTIONS_TIMED_OUT);
	visit_run(visit, (struct listener_settings){ .tls = visit->tls, .handshake_ms = 300 }, client_mute);
	assert_int_equal(metric_get(METRIC_CONNECTIONS_TIMED_OUT), before + 1);
}

static void client_nonsense(struct visit *visit)
{
	owned(fd_close) int fd = dial(visit);
	need(say(fd, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"));
	need(ends(fd));
}

static void plain_http_on_the_tls_port_would_hang(void **state)
{
	struct visit *visit = *state;
	visit_run(visit, (struct listener_settings){ .tls = visit->tls }, client_nonsense);
	assert_int_equal(visit->facts.opened, 0);
}

static void order_rotate(struct visit *visit)
{
	listeners_set_tls(visit->listeners, visit->other_tls);
}

static void client_rotation(struct visit *visit)
{
	owned(tls_client_drop) struct tls_client old;
	owned(tls_client_drop) struct tls_client new;
	char bytes[64];
	need(tls_dial(&old, visit, offer_both, "localhost"));
	need(mbedtls_ssl_handshake(&old.ssl) == 0);
	on_loop(visit, order_rotate);
	need(tls_dial(&new, visit, offer_both, "localhost"));
	need(mbedtls_ssl_handshake(&new.ssl) == 0);
	const mbedtls_x509_buf *before = &mbedtls_ssl_get_peer_cert(&old.ssl)->raw,
			       *after = &mbedtls_ssl_get_peer_cert(&new.ssl)->raw;
	need(before->len != after->len || memcmp(before->p, after->p, after->len) != 0);
	need(tls_say(&old, "hello") && tls_hear(&old, bytes, sizeof(bytes), NULL) == 5);
	need(tls_say(&new, "hello") && tls_hear(&new, bytes, sizeof(bytes), NULL) == 5);
}

static void new_certificate_would_need_a_restart(void **state)
{
	struct visit *visit = *state;
	visit_run(visit, (struct listener_settings){ .tls = visit->tls }, client_rotation);
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
		TEST(encrypted_answers_would_not_come_back),
		TEST(idle_connections_would_take_five_times_the_memory),
		TEST(record_in_two_pieces_would_be_lost),
		TEST(http_1_would_be_answered_in_http_2),
		TEST(clients_of_tls_1_2_without_alpn_would_be_lost),
		TEST(foreign_protocol_would_be_let_in),
		TEST(tls_1_1_would_be_spoken),
		TEST(returning_clients_would_pay_for_a_full_handshake),
		TEST(small_answers_would_cost_a_record_each),
		TEST(long_encrypted_answer_would_fill_the_memory_or_be_cut),
		TEST(unfinished_handshake_would_stay_forever),
		TEST(plain_http_on_the_tls_port_would_hang),
		TEST(new_certificate_would_need_a_restart),
	};
	return cmocka_run_group_tests(tests, certs_make, certs_remove);
}
