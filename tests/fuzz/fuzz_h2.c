/* SPDX-License-Identifier: MIT */
/* Any bytes as an HTTP/2 connection, after its preface, to a server whose guards bear little. */
#include "../support/http_fake.h"
#include "http/h2_frames.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { BORNE = 8, HEADER_LIST = 40000 };

static struct http_server *server_once(struct loop *loop)
{
	static struct http_server *server;
	if (server)
		return server;
	struct http_settings settings = http_settings_default();
	for (size_t i = 0; i < N_GUARDS; i++)
		settings.guards.most[i] = BORNE;
	settings.guards.most[GUARD_HEADER_LIST] = HEADER_LIST;
	/* Whoever is looked at is late. */
	settings.head_ms = settings.body_ms = settings.stall_ms = 0;
	log_setup(LOG_FORMAT_JSON, LOG_LEVEL_ERROR);
	check(loop_init(loop) == 0);
	return server = fake_server(loop, &settings);
}

/* What the guards see of the frames, as one number: it must not depend on how they were cut. */
static uint64_t frames_seen(struct str bytes, size_t piece)
{
	struct h2_frames frames = { .preface_over = true };
	struct h2_frame frame;
	uint64_t seen = 0;

	while (bytes.len) {
		struct str some = str_first(bytes, piece);
		bytes = str_skip(bytes, piece);
		while (h2_frames_next(&frames, &some, &frame))
			seen = seen * 31 + frame.type * 7u + frame.flags * 3u + frame.content + 1;
		check(some.len == 0);
	}
	return seen;
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
	check(frames_seen(rest, piece) == frames_seen(rest, SIZE_MAX));
	fake_open(&conn, &loop, &http2_protocol, server);
	conn.high_water = data[1] ? (size_t)data[1] * 64 : conn.high_water;
	fake_send(&conn, STR("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
	if (data[0] & 4)
		conn.protocol->drain(conn.state);
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
