/* SPDX-License-Identifier: MIT */
/* Real listeners on loopback, driven by a client in a thread of its own; protocols whose behaviour the test sets. */
#ifndef SUPPORT_CONN_VISIT_H
#define SUPPORT_CONN_VISIT_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <ftw.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>
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

static inline char pattern_at(size_t offset)
{
	return (char)('A' + offset % 23);
}

static inline void long_answer_go_on(struct probe *probe)
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

static inline void *probe_open(struct conn *conn, struct facts *facts, const char *alpn)
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

static inline void *probe_open_h1(struct conn *conn, void *server)
{
	return probe_open(conn, server, "http/1.1");
}

static inline void *probe_open_h2(struct conn *conn, void *server)
{
	return probe_open(conn, server, "h2");
}

static inline void probe_input(void *state, struct str bytes)
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

static inline void probe_input_ended(void *state)
{
	struct probe *probe = state;
	probe->facts->input_ended++;
	conn_close(probe->conn);
}

static inline void probe_pump(void *state)
{
	long_answer_go_on(state);
}

static inline void probe_drain(void *state)
{
	struct probe *probe = state;
	probe->facts->drained++;
	conn_close(probe->conn);
}

static inline bool probe_timed_out(void *state)
{
	struct probe *probe = state;
	probe->facts->timed_out++;
	conn_close(probe->conn);
	return true;
}

static inline void probe_closed(void *state)
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

static inline void asked(uv_async_t *async)
{
	struct visit *visit = async->data;
	visit->order(visit);
	sem_post(&visit->done);
}

/* Runs `order` on the loop's thread and waits for it. */
static inline void on_loop(struct visit *visit, void (*order)(struct visit *visit))
{
	visit->order = order;
	uv_async_send(&visit->asked);
	sem_wait(&visit->done);
}

static inline void order_count(struct visit *visit)
{
	visit->n_connections = listeners_n_connections(visit->listeners);
}

/* Whether the number of connections becomes n before our patience ends. */
static inline bool comes_to(struct visit *visit, size_t n)
{
	for (int64_t until = clock_monotonic_us() + 5 * SECOND_US; clock_monotonic_us() < until; usleep(20000)) {
		on_loop(visit, order_count);
		if (visit->n_connections == n)
			return true;
	}
	return false;
}

static inline void all_closed(void *arg)
{
	struct visit *visit = arg;
	uv_close((uv_handle_t *)&visit->asked, NULL);
	loop_stop(&visit->loop);
}

static inline void order_close(struct visit *visit)
{
	listeners_close(visit->listeners, all_closed, visit);
}

static inline void *client_run(void *arg)
{
	struct visit *visit = arg;
	visit->client(visit);
	on_loop(visit, order_close);
	return NULL;
}

static inline void visit_start(struct visit *visit, struct listener_settings settings)
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

static inline void visit_run(struct visit *visit, struct listener_settings settings,
			     void (*client)(struct visit *visit))
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

static inline int certs_make(void **state)
{
	owned(arena_drop) struct arena *arena = arena_new(1 << 20);
	struct str said;
	(void)state;
	for (size_t i = 0; i < countof(certs); i++)
		if (!mkdtemp(certs[i]) || cert_init(certs[i], (struct str_list){ 0 }, arena, &said))
			return -1;
	return 0;
}

static inline int remove_entry(const char *path, const struct stat *facts, int kind, struct FTW *at)
{
	(void)facts;
	(void)kind;
	(void)at;
	return remove(path);
}

static inline int certs_remove(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(certs); i++)
		nftw(certs[i], remove_entry, 8, FTW_DEPTH | FTW_PHYS);
	return 0;
}

static inline struct tls_context *context_of(const char *dir, struct arena *arena)
{
	struct cert_files files = cert_files_in(dir, arena);
	struct tls_settings settings = { .pairs = { { files.cert, files.key } }, .n_pairs = 1 };
	struct tls_context *tls;
	struct str said;
	assert_int_equal(tls_context_new(&settings, arena, &tls, &said), TLS_OK);
	return tls;
}

static inline int setup(void **state)
{
	struct visit *visit = calloc(1, sizeof(*visit));
	visit->arena = arena_new(1 << 20);
	visit->tls = context_of(certs[0], visit->arena);
	visit->other_tls = context_of(certs[1], visit->arena);
	*state = visit;
	return 0;
}

static inline int teardown(void **state)
{
	struct visit *visit = *state;
	tls_context_free(visit->tls);
	tls_context_free(visit->other_tls);
	arena_free(visit->arena);
	free(visit);
	return 0;
}

/* ── Clients ── */

static inline void fd_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline int dial(const struct visit *visit)
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

static inline bool say(int fd, const char *text)
{
	struct str all = str_of(text);
	return send(fd, all.at, all.len, MSG_NOSIGNAL) == (ssize_t)all.len;
}

/* Whether the server ends the connection, in whatever way, before our patience does. */
static inline bool ends(int fd)
{
	char bytes[4096];
	ssize_t n;
	while ((n = recv(fd, bytes, sizeof(bytes), 0)) > 0)
		;
	return n == 0 || errno == ECONNRESET;
}

static inline bool hears(int fd, const char *text)
{
	struct str all = str_of(text);
	char bytes[256];
	return recv(fd, bytes, all.len, MSG_WAITALL) == (ssize_t)all.len && memcmp(bytes, all.at, all.len) == 0;
}

#endif
