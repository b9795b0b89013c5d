/* SPDX-License-Identifier: MIT */
/*
 * http/ without sockets: a connection that is two buffers, and a server with a handful of routes.
 *
 * To be included by one file of a test program: it defines what net/conn.c would.
 */
#ifndef SUPPORT_HTTP_FAKE_H
#define SUPPORT_HTTP_FAKE_H

#include <string.h>
#include <sys/stat.h>

#include "http/exchange.h"
#include "http/grpc.h"
#include "obs/log.h"

struct conn {
	struct loop *loop;
	const struct protocol *protocol;
	void *state;
	struct buf out; /* what the client would read */
	size_t high_water;
	unsigned deadline_ms;
	bool pump_asked, paused, closing, aborted;
};

size_t conn_room(const struct conn *conn)
{
	bool open = !conn->closing && !conn->aborted;
	return open && conn->out.len < conn->high_water ? conn->high_water - conn->out.len : 0;
}

void conn_write(struct conn *conn, struct str bytes)
{
	if (conn->closing || conn->aborted)
		return;
	check(bytes.len <= conn_room(conn) + CONN_SLACK); /* the promise of net/conn.h */
	buf_add(&conn->out, bytes);
}

void conn_pump_later(struct conn *conn)
{
	conn->pump_asked = true;
}

void conn_pause(struct conn *conn, bool paused)
{
	conn->paused = paused;
}

void conn_close(struct conn *conn)
{
	conn->closing = true;
}

void conn_abort(struct conn *conn)
{
	conn->aborted = true;
}

void conn_deadline(struct conn *conn, unsigned ms)
{
	conn->deadline_ms = ms;
}

bool conn_secure(const struct conn *conn)
{
	(void)conn;
	return true;
}

bool conn_loopback(const struct conn *conn)
{
	(void)conn;
	return false;
}

struct str conn_peer(const struct conn *conn)
{
	(void)conn;
	return STR("192.0.2.7");
}

struct str conn_client_subject(const struct conn *conn)
{
	(void)conn;
	return STR_ABSENT;
}

/* ── A server ── */

static struct turn fake_hello(struct call *call)
{
	reply_header(call, STR("etag"), STR("\"v1\""));
	return reply_json(call, 200, STR("{\"hello\":true}"));
}

static struct turn fake_echo(struct call *call)
{
	return reply_text(call, 200, STR("text/plain"), call->request->body);
}

/* What the server understood, a line each. */
static struct turn fake_tell(struct call *call)
{
	const struct request *request = call->request;
	return reply_text(call, 200, STR("application/octet-stream"),
			  arena_printf(call->arena,
				       "path=%.*s\npeer=%.*s\nid=%.*s\nq=%.*s\nclaim=%.*s\nlocal=%d\nuser=%d\n",
				       STR_ARG(request->path), STR_ARG(request->peer), STR_ARG(request->id),
				       STR_ARG(request_param(request, STR("q"))),
				       STR_ARG(request_header(request, STR("x-user-id"))), request->loopback,
				       call->identity != NULL));
}

static struct turn fake_stream_next(struct call *call)
{
	uintptr_t left = (uintptr_t)call->state;
	static char chunk[8192];
	if (left == 0)
		return reply_stream_end(call);
	memset(chunk, 's', sizeof(chunk));
	call->state = (void *)(left - 1);
	return reply_chunk(call, (struct str){ chunk, sizeof(chunk) }, STEP(fake_stream_next));
}

enum { FAKE_STREAM_CHUNKS = 64, FAKE_STREAM_BYTES = 64 * 8192 };

static struct turn fake_stream(struct call *call)
{
	call->state = (void *)(uintptr_t)FAKE_STREAM_CHUNKS;
	return reply_stream(call, 200, STR("text/plain"), STEP(fake_stream_next));
}

static struct turn fake_never(struct call *call)
{
	return call_sleep(call, 1000 * 1000, STEP(fake_never));
}

static struct turn fake_break(struct call *call)
{
	return call_fail_with(call, PROBLEM_INTERNAL, "a secret of the inside");
}

static struct turn fake_spool(struct call *call)
{
	struct stat file = { 0 };
	if (!call->request->body_file || stat(call->request->body_file, &file))
		return call_fail_with(call, PROBLEM_INTERNAL, "the file is not there");
	return reply_text(call, 200, STR("text/plain"),
			  arena_printf(call->arena, "%lld %s", (long long)file.st_size, call->request->body_file));
}

static const struct route fake_routes[] = {
	{ .method = HTTP_GET, .path = STR("/hello"), .handler = fake_hello, .name = "hello" },
	{ .method = HTTP_GET, .path = STR("/tell"), .handler = fake_tell, .name = "tell" },
	{ .method = HTTP_GET, .path = STR("/stream"), .handler = fake_stream, .name = "stream" },
	{ .method = HTTP_GET, .path = STR("/never"), .handler = fake_never, .name = "never" },
	{ .method = HTTP_GET, .path = STR("/break"), .handler = fake_break, .name = "break" },
	{ .method = HTTP_GET, .path = STR("/local"), .gate = GATE_LOCAL, .handler = fake_hello, .name = "local" },
	{ .method = HTTP_GET,
	  .path = STR("/mine"),
	  .gate = GATE_USER,
	  .rate = RATE_NORMAL,
	  .handler = fake_tell,
	  .name = "mine" },
	{ .method = HTTP_POST,
	  .path = STR("/echo"),
	  .body_limit = 1000,
	  .flags = ROUTE_TAKES_FORM,
	  .handler = fake_echo,
	  .name = "echo" },
	{ .method = HTTP_POST,
	  .path = STR("/spool"),
	  .body_limit = 1 << 20,
	  .flags = ROUTE_TAKES_FORM | ROUTE_SPOOLS,
	  .handler = fake_spool,
	  .name = "spool" },
	{ .method = HTTP_POST,
	  .path = STR("/json"),
	  .body_limit = 1000,
	  .flags = ROUTE_WRITES,
	  .handler = fake_echo,
	  .name = "json" },
};

/* ── gRPC: one method that makes a stream, one that echoes one ── */

enum { FAKE_MESSAGES = 64, FAKE_MESSAGE_BYTES = 8192 };

static struct turn fake_messages_next(struct call *call)
{
	uintptr_t left = (uintptr_t)call->state;
	if (left == 0)
		return grpc_end(call);
	void *room = grpc_room(call, FAKE_MESSAGE_BYTES);
	if (!room)
		return call_fail_with(call, PROBLEM_INTERNAL, "out of memory");
	memset(room, 'm', FAKE_MESSAGE_BYTES);
	call->state = (void *)(left - 1);
	return grpc_flush(call, STEP(fake_messages_next));
}

static struct turn fake_messages(struct call *call)
{
	call->state = (void *)(uintptr_t)FAKE_MESSAGES;
	return fake_messages_next(call);
}

static struct turn fake_talk(struct call *call);

static struct turn fake_talk_back(struct call *call)
{
	struct str message = grpc_message(call);
	return str_present(message) ? grpc_send(call, message, STEP(fake_talk)) : grpc_end(call);
}

static struct turn fake_talk(struct call *call)
{
	return grpc_receive(call, STEP(fake_talk_back));
}

static const struct grpc_method fake_rpcs[] = {
	{ .path = STR("/fake.Rpc/Stream"),
	  .type = GRPC_SERVER_STREAM,
	  .own = { .handler = fake_messages, .name = "messages" } },
	{ .path = STR("/fake.Rpc/Talk"), .type = GRPC_BIDI_STREAM, .own = { .handler = fake_talk, .name = "talk" } },
};

static inline int fake_identify(void *arg, const struct request *request, struct arena *arena,
				const struct identity **out, const struct problem **why)
{
	(void)arg, (void)request, (void)out;
	*why = problem_new(arena, PROBLEM_UNAUTHENTICATED, STR_ABSENT);
	return 1;
}

static inline struct http_server *fake_server(struct loop *loop, const struct http_settings *settings)
{
	static const struct http_hooks hooks = { .identify = fake_identify,
						 .rpcs = fake_rpcs,
						 .n_rpcs = countof(fake_rpcs) };
	owned(arena_drop) struct arena *arena = arena_new(1 << 20);
	struct str said;
	struct http_server *server =
		http_server_new(loop, settings, &hooks, fake_routes, countof(fake_routes), arena, &said);
	check(server);
	return server;
}

/* ── A client ── */

static inline void fake_open(struct conn *conn, struct loop *loop, const struct protocol *protocol,
			     struct http_server *server)
{
	*conn = (struct conn){ .loop = loop, .protocol = protocol, .out = buf_of(64 << 20), .high_water = 32 << 20 };
	conn->state = protocol->open(conn, server);
	check(conn->state);
}

/* Lets calls take their turns and the connection write, until nothing more happens by itself. */
static inline void fake_run(struct conn *conn)
{
	for (int turns = 0; turns < 1000; turns++) {
		bool idle = list_empty(&conn->loop->calls.ready);
		calls_run(&conn->loop->calls);
		if (conn->pump_asked && !conn->closing && !conn->aborted) {
			conn->pump_asked = false;
			conn->protocol->pump(conn->state);
			idle = false;
		}
		if (idle)
			return;
	}
}

static inline void fake_send(struct conn *conn, struct str bytes)
{
	if (!conn->closing && !conn->aborted)
		conn->protocol->input(conn->state, bytes);
	fake_run(conn);
}

/* Until all file operations are done, and what waited for them. */
static inline void fake_run_files(struct conn *conn)
{
	while (uv_run(&conn->loop->uv, UV_RUN_NOWAIT) && conn->loop->calls.n_running)
		fake_run(conn);
	fake_run(conn);
}

static inline void fake_hang_up(struct conn *conn)
{
	conn->protocol->closed(conn->state);
	conn->closing = true;
	do {
		calls_run(&conn->loop->calls);
		uv_run(&conn->loop->uv, UV_RUN_NOWAIT);
	} while (conn->loop->calls.n_running);
	buf_free(&conn->out);
}

#endif
