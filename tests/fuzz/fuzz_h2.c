/* SPDX-License-Identifier: MIT */
/* Any bytes as an HTTP/2 connection, after its preface. */
#include "../support/http_fake.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct http_server *server_once(struct loop *loop)
{
	static struct http_server *server;
	if (server)
		return server;
	struct http_settings settings = http_settings_default();
	for (size_t i = 0; i < N_GUARDS; i++)
		settings.guards.most[i] = i == GUARD_HEADER_LIST ? 40000 : 8;
	log_setup(LOG_FORMAT_JSON, LOG_LEVEL_ERROR);
	check(loop_init(loop) == 0);
	return server = fake_server(loop, &settings);
}

/* The first byte tells how long the pieces are, the second how much room the client leaves. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct loop loop;
	struct http_server *server = server_once(&loop);
	struct conn conn;

	if (size < 2)
		return 0;
	struct str rest = { (const char *)data + 2, size - 2 };
	size_t piece = data[0] ? data[0] : SIZE_MAX;
	fake_open(&conn, &loop, &http2_protocol, server);
	conn.high_water = data[1] ? (size_t)data[1] * 64 : conn.high_water;
	fake_send(&conn, STR("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
	while (rest.len && !conn.closing && !conn.aborted) {
		fake_send(&conn, str_first(rest, piece));
		rest = str_skip(rest, piece);
	}
	if (data[0] & 1 && !conn.closing && !conn.aborted)
		conn.protocol->timed_out(conn.state);
	if (data[0] & 2 && !conn.closing && !conn.aborted)
		conn.protocol->drain(conn.state);
	fake_run(&conn);
	fake_hang_up(&conn);
	check(loop.calls.n_running == 0);
	return 0;
}
