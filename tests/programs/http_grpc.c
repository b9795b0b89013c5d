/* SPDX-License-Identifier: MIT */
/*
 * gRPC on http/ and net/ alone, with methods whose messages are plain bytes: what the tests of the transport talk to.
 *
 *	http_grpc [CERT KEY]    prints "ready GRPC_PORT PORT": cleartext gRPC, and HTTP/1.1 in clear (with CERT: HTTP/2 and
 *	                        HTTP/1.1 over TLS, and HTTP/3); ends by SIGTERM, which drains.
 *
 *	test.Echo/Unary      stands for POST /api/echo, which echoes; "fail STATUS" and "invalid" are refused, "sleep MS" waits
 *	test.Echo/Down       "N SIZE": N messages of SIZE bytes
 *	test.Echo/Up         answers "MESSAGES BYTES" of a client stream; /Sip the same, waiting 2 ms before each
 *	test.Echo/Both       echoes each message
 *	test.Echo/Metadata   x-in and x-in-bin come back, in the head and in the trailers
 *	test.Echo/Hang       one message, and then nothing; /Gone says how many of those have ended
 */
#include <signal.h>
#include <string.h>

#include "http/grpc.h"
#include "http/server.h"
#include "net/listener.h"
#include "net/quic.h"
#include "obs/metrics.h"

enum { LARGEST_BODY = 1 << 20, DRAIN_LOOK_MS = 20, METRICS_MAX = 1 << 20, SIP_MS = 2 };

static int n_gone;

/* ── A route of REST, and what its method makes of it ── */

static struct turn echo_slept(struct call *call)
{
	return reply_json(call, 200, call->request->body);
}

static struct turn echo(struct call *call)
{
	struct str word, rest = STR(""), body = call->request->body;
	int64_t number = 0;

	word = str_cut(body, ' ', &rest);
	if (str_equal(word, STR("invalid")))
		return call_fail(call, problem_field(call->arena, STR("mediaPieces[1].discGrade"), STR("is no grade")));
	bool numbered = str_present(rest) && str_to_int(rest, 0, 1000000, &number);
	if (numbered && str_equal(word, STR("sleep")))
		return call_sleep(call, (unsigned)number, STEP(echo_slept));
	if (numbered && str_equal(word, STR("fail"))) {
		for (int kind = PROBLEM_BAD_REQUEST; kind <= PROBLEM_NO_SPACE; kind++)
			if (problem_status((enum problem_kind)kind) == number)
				return call_fail_with(call, (enum problem_kind)kind, "refused: 50 %% of \xc3\xa4\n");
	}
	reply_header(call, STR("etag"), STR("\"v1\""));
	return reply_json(call, 200, body);
}

static struct turn metrics(struct call *call)
{
	owned(buf_free) struct buf text = buf_of(METRICS_MAX);
	metrics_render(&text);
	return reply_text(call, 200, STR("text/plain"), buf_str(&text));
}

static const struct problem *ask_echo(struct grpc_ask *ask)
{
	if (str_equal(ask->message, STR("malformed")))
		return problem_new(ask->arena, PROBLEM_BAD_REQUEST, STR("malformed message"));
	ask->body = ask->message;
	return NULL;
}

static bool tell_echo(const struct reply_view *view, struct arena *arena, struct buf *message)
{
	(void)arena;
	buf_add(message, view->body);
	return !str_equal(view->body, STR("untellable"));
}

/* ── Streams ── */

struct down {
	int64_t left, size;
};

static struct turn down_next(struct call *call)
{
	enum { AT_ONCE = 16 * 1024 };
	struct down *down = call->state;

	for (int64_t put = 0; down->left && put < AT_ONCE; put += down->size + 1, down->left--) {
		void *room = grpc_room(call, (size_t)down->size);
		if (!room)
			return call_fail_with(call, PROBLEM_INTERNAL, "out of memory");
		memset(room, 'd', (size_t)down->size);
	}
	return down->left ? grpc_flush(call, STEP(down_next)) : grpc_end(call);
}

static struct turn down(struct call *call)
{
	struct down *state = arena_new_of(call->arena, struct down);
	struct str size, n = str_cut(grpc_message(call), ' ', &size);

	if (!state || !str_to_int(n, 0, INT64_MAX, &state->left) || !str_present(size) ||
	    !str_to_int(size, 0, 1 << 24, &state->size))
		return grpc_fail(call, GRPC_INVALID_ARGUMENT, STR("N SIZE is asked for"));
	call->state = state;
	return down_next(call);
}

struct up {
	int64_t n, bytes;
};

static struct turn up_next(struct call *call)
{
	struct up *state = call->state;
	struct str message = grpc_message(call);

	if (!str_present(message))
		return grpc_reply(call,
				  arena_printf(call->arena, "%lld %lld", (long long)state->n, (long long)state->bytes));
	state->n++;
	state->bytes += (int64_t)message.len;
	return grpc_receive(call, STEP(up_next));
}

static struct turn up(struct call *call)
{
	call->state = arena_new_of(call->arena, struct up);
	return grpc_receive(call, STEP(up_next));
}

static struct turn sip_slept(struct call *call);

static struct turn sip_next(struct call *call)
{
	return str_present(grpc_message(call)) ? call_sleep(call, SIP_MS, STEP(sip_slept)) : up_next(call);
}

static struct turn sip_slept(struct call *call)
{
	struct up *state = call->state;
	state->n++;
	state->bytes += (int64_t)grpc_message(call).len;
	return grpc_receive(call, STEP(sip_next));
}

static struct turn sip(struct call *call)
{
	call->state = arena_new_of(call->arena, struct up);
	return grpc_receive(call, STEP(sip_next));
}

static struct turn both(struct call *call);

static struct turn both_next(struct call *call)
{
	struct str message = grpc_message(call);
	return str_present(message) ? grpc_send(call, message, STEP(both)) : grpc_end(call);
}

static struct turn both(struct call *call)
{
	return grpc_receive(call, STEP(both_next));
}

static struct turn metadata(struct call *call)
{
	struct str text = request_header(call->request, STR("x-in"));
	struct str binary = grpc_header_binary(call, STR("x-in-bin"));

	reply_header(call, STR("x-head"), text);
	grpc_trailer(call, STR("x-trailer"), text);
	if (str_present(binary)) {
		reply_header(call, STR("x-head-bin"), grpc_binary(call, binary));
		grpc_trailer(call, STR("x-trailer-bin"), grpc_binary(call, binary));
	}
	return grpc_reply(call, str_present(binary) ? binary : STR("none"));
}

static void hang_ended(void *arg)
{
	(void)arg;
	n_gone++;
}

static struct turn hang_on(struct call *call)
{
	return call_sleep(call, 3600000, STEP(hang_on));
}

static struct turn hang(struct call *call)
{
	if (!call_defer(call, hang_ended, NULL))
		return call_fail_with(call, PROBLEM_INTERNAL, "out of memory");
	return grpc_send(call, STR("here"), STEP(hang_on));
}

static struct turn gone(struct call *call)
{
	return grpc_reply(call, arena_printf(call->arena, "%d", n_gone));
}

static const struct route routes[] = {
	{ .method = HTTP_POST,
	  .path = STR("/api/echo"),
	  .rpc = STR("test.Echo/Unary"),
	  .body_limit = LARGEST_BODY,
	  .flags = ROUTE_TAKES_FORM,
	  .handler = echo,
	  .name = "echo" },
	{ .method = HTTP_GET, .path = STR("/metrics"), .handler = metrics, .name = "metrics" },
};

#define OWN(method_name, type_name, function)                              \
	{                                                                  \
		.path = STR("/test.Echo/" method_name), .type = type_name, \
		.own = {.handler = function,                               \
			.name = #function }                                \
	}

static const struct grpc_method methods[] = {
	{ .path = STR("/test.Echo/Unary"), .ask = ask_echo, .tell = tell_echo },
	OWN("Down", GRPC_SERVER_STREAM, down),
	OWN("Up", GRPC_CLIENT_STREAM, up),
	OWN("Sip", GRPC_CLIENT_STREAM, sip),
	OWN("Both", GRPC_BIDI_STREAM, both),
	OWN("Metadata", GRPC_UNARY, metadata),
	OWN("Hang", GRPC_SERVER_STREAM, hang),
	OWN("Gone", GRPC_UNARY, gone),
};

/* ── The program ── */

static struct loop loop;
static struct listeners *clear, *other;
static struct quic_endpoint *quic;
static uv_signal_t terminate;
static struct timer drain;

static void closed(void *arg)
{
	(void)arg;
}

static void look(struct timer *timer)
{
	(void)timer;
	if (listeners_n_connections(clear) + listeners_n_connections(other))
		return;
	if (quic)
		quic_endpoint_close(take(quic), closed, NULL);
	listeners_close(clear, closed, NULL);
	listeners_close(other, closed, NULL);
	timer_close(&drain);
}

static void terminated(uv_signal_t *handle, int signal_number)
{
	(void)signal_number;
	uv_close((uv_handle_t *)handle, NULL);
	listeners_drain(clear);
	listeners_drain(other);
	if (timer_open(&drain, &loop, look) == 0)
		timer_start(&drain, DRAIN_LOOK_MS, DRAIN_LOOK_MS);
}

static int open_listeners(struct http_server *http, struct tls_context *tls, struct arena *arena, struct str *said)
{
	static const struct protocol *const grpc_only[] = { &grpc_protocol, NULL };
	static const struct protocol *const protocols[] = { &http2_protocol, &http1_protocol, NULL };
	static const struct quic_protocol *const over_quic[] = { &http3_protocol, NULL };
	struct str addresses[] = { STR("127.0.0.1") };
	struct listener_settings settings = { .addresses = { addresses, countof(addresses) },
					      .protocols = grpc_only,
					      .server = http };

	if (listeners_open(&loop, &settings, arena, &clear, said))
		return -1;
	settings.protocols = protocols;
	settings.tls = tls;
	settings.with_udp = tls != NULL;
	if (listeners_open(&loop, &settings, arena, &other, said))
		return -1;
	if (!tls)
		return 0;
	struct quic_settings over = { .addresses = settings.addresses,
				      .port = listeners_port(other),
				      .tls = tls,
				      .protocols = over_quic,
				      .server = http,
				      .retry_threshold = 100 };
	return quic_endpoint_open(&loop, &over, arena, &quic, said);
}

static int serve(struct http_server *http, struct tls_context *tls, struct arena *arena)
{
	struct str said = STR_ABSENT;

	if (open_listeners(http, tls, arena, &said)) {
		fprintf(stderr, "%.*s\n", STR_ARG(said));
		return 69;
	}
	uv_signal_init(&loop.uv, &terminate);
	uv_signal_start(&terminate, terminated, SIGTERM);
	printf("ready %d %d\n", listeners_port(clear), listeners_port(other));
	fflush(stdout);
	loop_run(&loop);
	return 0;
}

int main(int argc, char **argv)
{
	owned(arena_drop) struct arena *arena = arena_new(16 << 20);
	struct http_settings settings = http_settings_default();
	const struct http_hooks hooks = { .rpcs = methods, .n_rpcs = countof(methods) };
	struct str origins[] = { STR("https://page.test") };
	struct tls_context *tls = NULL;
	struct str said = STR_ABSENT;

	if (argc == 3 && tls_context_new(&(struct tls_settings){ .pairs = { { argv[1], argv[2] } }, .n_pairs = 1 },
					 arena, &tls, &said)) {
		fprintf(stderr, "%.*s\n", STR_ARG(said));
		return 78;
	}
	settings.cors_origins = (struct str_list){ origins, countof(origins) };
	check(loop_init(&loop) == 0);
	struct http_server *http = http_server_new(&loop, &settings, &hooks, routes, countof(routes), arena, &said);
	if (!http) {
		fprintf(stderr, "%.*s\n", STR_ARG(said));
		return 78;
	}
	int code = serve(http, tls, arena);
	tls_context_free(tls);
	http_server_free(http);
	loop_deinit(&loop);
	return code;
}
