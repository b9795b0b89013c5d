/* SPDX-License-Identifier: MIT */
/*
 * http/ on net/ alone, for measuring and for trying transports by hand: no database, no application.
 *
 *	http_hello CERT KEY PORT [BYTES]     CERT "-": cleartext, else HTTP/3 too; PORT 0: any. Prints "ready PORT";
 *	                                     ends by SIGTERM.
 *
 *	GET /api/hello            BYTES (1024) of JSON, as a cached answer is sent
 *	GET /api/stream?n=N       N chunks of 1 KB
 *	POST /api/echo            the body, up to 1 MB of JSON
 *	POST /api/spool           the size of the file that the body, up to 1 GB of anything, was put into
 */
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>

#include "http/server.h"
#include "net/listener.h"
#include "net/quic.h"

static struct blob *answer;

static struct turn hello(struct call *call)
{
	return reply_blob(call, 200, STR("application/json"), answer, STR_ABSENT);
}

static struct turn echo(struct call *call)
{
	return reply_text(call, 200, STR("application/json"), call->request->body);
}

static struct turn spool(struct call *call)
{
	struct stat file = { 0 };
	if (call->request->body_file && stat(call->request->body_file, &file))
		return call_fail_with(call, PROBLEM_INTERNAL, "the file is not there");
	return reply_json(call, 200, arena_printf(call->arena, "{\"size\":%jd}", (intmax_t)file.st_size));
}

struct stream {
	int64_t left;
	char chunk[1024];
};

static struct turn stream_next(struct call *call)
{
	struct stream *stream = call->state;
	if (stream->left-- == 0)
		return reply_stream_end(call);
	return reply_chunk(call, (struct str){ stream->chunk, sizeof(stream->chunk) }, STEP(stream_next));
}

static struct turn stream(struct call *call)
{
	struct stream *state = arena_new_of(call->arena, struct stream);
	if (!state)
		return call_fail_with(call, PROBLEM_INTERNAL, "out of memory");
	memset(state->chunk, 'x', sizeof(state->chunk));
	if (!str_to_int(request_param(call->request, STR("n")), 0, INT64_MAX, &state->left))
		return call_fail_with(call, PROBLEM_INVALID, "n is missing");
	call->state = state;
	return reply_stream(call, 200, STR("text/plain"), STEP(stream_next));
}

static const struct route routes[] = {
	{ .method = HTTP_GET, .path = STR("/api/hello"), .handler = hello, .name = "hello" },
	{ .method = HTTP_GET, .path = STR("/api/stream"), .handler = stream, .name = "stream" },
	{ .method = HTTP_POST, .path = STR("/api/echo"), .body_limit = 1 << 20, .handler = echo, .name = "echo" },
	{ .method = HTTP_POST,
	  .path = STR("/api/spool"),
	  .body_limit = 1 << 30,
	  .flags = ROUTE_SPOOLS | ROUTE_TAKES_FORM,
	  .handler = spool,
	  .name = "spool" },
};

static struct loop loop;
static struct listeners *listeners;
static struct quic_endpoint *quic;
static uv_signal_t terminate;

static void all_closed(void *arg)
{
	(void)arg;
	uv_close((uv_handle_t *)&terminate, NULL);
	loop_stop(&loop);
}

static void quic_closed(void *arg)
{
	(void)arg; /* the listeners are still open */
}

static void terminated(uv_signal_t *handle, int signal_number)
{
	(void)handle;
	(void)signal_number;
	if (quic)
		quic_endpoint_close(take(quic), quic_closed, NULL);
	listeners_close(listeners, all_closed, NULL);
}

static bool make_answer(struct arena *arena, size_t size)
{
	char *body = arena_alloc(arena, size);
	if (!body)
		return false;
	memset(body, '1', size);
	answer = blob_copy((struct str){ body, size });
	return answer;
}

static int serve_quic(struct http_server *http, struct tls_context *tls, const struct str_list *addresses,
		      struct arena *arena)
{
	static const struct quic_protocol *const protocols[] = { &http3_protocol, NULL };
	struct str said = STR_ABSENT;
	struct quic_settings settings = {
		.addresses = *addresses,
		.port = listeners_port(listeners),
		.tls = tls,
		.protocols = protocols,
		.server = http,
		.retry_threshold = 100,
	};
	int error = quic_endpoint_open(&loop, &settings, arena, &quic, &said);
	if (error)
		fprintf(stderr, "%.*s\n", STR_ARG(said));
	return error;
}

static int serve(struct http_server *http, struct tls_context *tls, int port, struct arena *arena)
{
	static const struct protocol *const protocols[] = { &http2_protocol, &http1_protocol, NULL };
	struct str addresses[] = { STR("127.0.0.1"), STR("::1") };
	struct str said = STR_ABSENT;
	struct listener_settings settings = {
		.addresses = { addresses, countof(addresses) },
		.port = port,
		.tls = tls,
		.protocols = protocols,
		.server = http,
	};
	if (listeners_open(&loop, &settings, arena, &listeners, &said)) {
		fprintf(stderr, "%.*s\n", STR_ARG(said));
		return 69;
	}
	if (tls && serve_quic(http, tls, &settings.addresses, arena))
		return 69;
	uv_signal_init(&loop.uv, &terminate);
	uv_signal_start(&terminate, terminated, SIGTERM);
	printf("ready %d\n", listeners_port(listeners));
	fflush(stdout);
	loop_run(&loop);
	return 0;
}

int main(int argc, char **argv)
{
	owned(arena_drop) struct arena *arena = arena_new(160 << 20);
	struct http_settings settings = http_settings_default();
	struct tls_context *tls = NULL;
	struct str said = STR_ABSENT;
	int64_t port = 0, size = 1024;

	if (argc < 4 || !str_to_int(str_of(argv[3]), 0, 65535, &port) ||
	    (argc > 4 && !str_to_int(str_of(argv[4]), 0, 128 << 20, &size)) || !make_answer(arena, (size_t)size)) {
		fprintf(stderr, "usage: http_hello CERT KEY PORT [BYTES]\n");
		return 64;
	}
	if (!str_equal(str_of(argv[1]), STR("-")) && tls_context_new(&(struct tls_settings){ .pairs = { { argv[1], argv[2] } }, .n_pairs = 1 }, arena, &tls, &said)) {
		fprintf(stderr, "%.*s\n", STR_ARG(said));
		return 78;
	}
	check(loop_init(&loop) == 0);
	struct http_server *http =
		http_server_new(&loop, &settings, &(struct http_hooks){ 0 }, routes, countof(routes), arena, &said);
	if (!http) {
		fprintf(stderr, "%.*s\n", STR_ARG(said));
		return 78;
	}
	int code = serve(http, tls, (int)port, arena);
	tls_context_free(tls);
	http_server_free(http);
	loop_deinit(&loop);
	blob_unref(answer);
	return code;
}
