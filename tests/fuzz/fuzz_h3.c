/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as the streams of an HTTP/3 connection. The input is a list of deeds:
 *
 *	stream id, flags, length, a byte each; then so many bytes of the stream
 */
#include "../support/http_fake.h"
#include "../support/quic_fake.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { END = 1, RESET = 2, STOP = 4, WINDOW = 8, TIMEOUT = 16, DRAIN = 32, ACK = 64 };

static void nobody_listens(struct quic_conn *conn, int64_t id, struct str bytes, bool fin)
{
	(void)conn, (void)id, (void)bytes, (void)fin;
}

static struct http_server *server_once(struct loop *loop)
{
	static struct http_server *server;
	if (server)
		return server;
	struct http_settings settings = http_settings_default();
	settings.guards.most[GUARD_H3_RESETS] = settings.guards.most[GUARD_H3_ODD_FRAMES] = 20;
	log_setup(LOG_FORMAT_JSON, LOG_LEVEL_ERROR);
	check(loop_init(loop) == 0);
	return server = fake_server(loop, &settings);
}

/* One deed of the client: what it takes of the input. */
static struct str do_one(struct quic_conn *conn, struct str rest)
{
	int64_t id = (unsigned char)rest.at[0] & 0xfe; /* the client's: 0, 2, 4… */
	unsigned flags = (unsigned char)rest.at[1];
	struct str bytes = str_first(str_skip(rest, 3), (unsigned char)rest.at[2]);

	fake_quic_send(conn, id, bytes, flags & END);
	if (flags & RESET)
		fake_quic_reset(conn, id, 0x10c);
	if (flags & STOP && !(id & 2))
		fake_quic_stop(conn, id, 0x10c);
	if (flags & WINDOW && !(id & 2))
		fake_quic_open_window(conn, id, 20000);
	if (flags & TIMEOUT && !conn->closing)
		conn->protocol->timed_out(conn->state);
	if (flags & DRAIN && !conn->closing)
		conn->protocol->drain(conn->state);
	if (flags & ACK)
		fake_ack(conn);
	fake_quic_run(conn);
	return str_skip(rest, 3 + bytes.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct loop loop;
	static struct quic_conn conn;
	struct http_server *server = server_once(&loop);

	if (size < 1)
		return 0;
	struct str rest = { (const char *)data + 1, size - 1 };
	conn.got = nobody_listens;
	conn.window = (size_t)data[0] * 64;
	fake_quic_open(&conn, &loop, &http3_protocol, server);
	conn.acks_wait = data[0] & 1;
	fake_quic_run(&conn);
	while (rest.len > 3 && !conn.closing)
		rest = do_one(&conn, rest);
	fake_quic_run(&conn);
	fake_quic_hang_up(&conn);
	check(loop.calls.n_running == 0);
	return 0;
}
