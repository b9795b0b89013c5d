/* SPDX-License-Identifier: MIT */
/*
 * net/ alone behind curl, openssl and load generators: answers every HTTP/1.1 request head with the same bytes.
 *
 *	net_hello CERT KEY PORT [BYTES]      CERT "-": cleartext; PORT 0: any. Prints "ready PORT"; ends by SIGTERM.
 */
#include <signal.h>
#include <string.h>

#include "net/listener.h"

struct hello {
	struct conn *conn;
	unsigned matched; /* bytes of the blank line seen */
	bool over;
};

static struct str answer;

static void *hello_open(struct conn *conn, void *server)
{
	struct hello *hello = calloc(1, sizeof(*hello));
	(void)server;
	if (hello) {
		hello->conn = conn;
		conn_deadline(conn, 30000);
	}
	return hello;
}

static void hello_input(void *state, struct str bytes)
{
	static const char blank[] = "\r\n\r\n";
	struct hello *hello = state;
	for (size_t i = 0; i < bytes.len; i++) {
		hello->matched = bytes.at[i] == blank[hello->matched] ? hello->matched + 1 : bytes.at[i] == '\r';
		if (hello->matched < sizeof(blank) - 1)
			continue;
		hello->matched = 0;
		conn_write(hello->conn, answer);
	}
	conn_deadline(hello->conn, 30000);
}

static void hello_close(void *state)
{
	struct hello *hello = state;
	conn_close(hello->conn);
}

static bool hello_timed_out(void *state)
{
	hello_close(state);
	return true;
}

static void hello_pump(void *state)
{
	(void)state; /* each answer fits the slack, and the next request waits for it */
}

static const struct protocol hello_protocol = {
	.alpn = "http/1.1",
	.open = hello_open,
	.input = hello_input,
	.input_ended = hello_close,
	.pump = hello_pump,
	.drain = hello_close,
	.timed_out = hello_timed_out,
	.closed = free,
};

static struct loop loop;
static struct listeners *listeners;
static uv_signal_t terminate;

static void all_closed(void *arg)
{
	(void)arg;
	uv_close((uv_handle_t *)&terminate, NULL);
	loop_stop(&loop);
}

static void terminated(uv_signal_t *handle, int signal_number)
{
	(void)handle;
	(void)signal_number;
	listeners_close(listeners, all_closed, NULL);
}

int main(int argc, char **argv)
{
	static const struct protocol *const protocols[] = { &hello_protocol, NULL };
	struct str addresses[] = { STR("127.0.0.1"), STR("::1") };
	owned(arena_drop) struct arena *arena = arena_new(1 << 20);
	struct tls_context *tls = NULL;
	struct str said = STR_ABSENT;
	int64_t port = 0, size = 1024;

	if (argc < 4 || !str_to_int(str_of(argv[3]), 0, 65535, &port) ||
	    (argc > 4 && !str_to_int(str_of(argv[4]), 0, 16000, &size))) {
		fprintf(stderr, "usage: net_hello CERT KEY PORT [BYTES]\n");
		return 64;
	}
	char *body = arena_alloc(arena, (size_t)size);
	memset(body, 'x', (size_t)size);
	answer = arena_printf(arena, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%.*s", (int)size, (int)size, body);
	if (!str_equal(str_of(argv[1]), STR("-")) && tls_context_new(&(struct tls_settings){ .pairs = { { argv[1], argv[2] } }, .n_pairs = 1 }, arena, &tls, &said)) {
		fprintf(stderr, "%.*s\n", STR_ARG(said));
		return 78;
	}
	struct listener_settings settings = {
		.addresses = { addresses, countof(addresses) },
		.port = (int)port,
		.tls = tls,
		.protocols = protocols,
	};
	check(loop_init(&loop) == 0);
	if (listeners_open(&loop, &settings, arena, &listeners, &said)) {
		fprintf(stderr, "%.*s\n", STR_ARG(said));
		return 69;
	}
	tls_context_free(tls);
	uv_signal_init(&loop.uv, &terminate);
	uv_signal_start(&terminate, terminated, SIGTERM);
	printf("ready %d\n", listeners_port(listeners));
	fflush(stdout);
	loop_run(&loop);
	loop_deinit(&loop);
	return 0;
}
