/* SPDX-License-Identifier: MIT */
/* HTTP/2 through the whole of http/, without a socket: nghttp2 is the client, or bytes no client would send. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <nghttp2/nghttp2.h>

#include "../support/http_fake.h"
#include "obs/metrics.h"

static struct loop loop;
static struct http_server *server;
static struct conn conn;
static nghttp2_session *client;

/* What the client saw of a stream; indexed by its id. */
static struct seen {
	int status;
	int64_t code; /* gRPC's, in trailers; -1: none */
	size_t body;
	bool ended, reset, invited; /* invited: 100 Continue */
	uint32_t error;
} seen[1000];
static bool goaway;
static uint32_t goaway_error;

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name, size_t name_len,
		     const uint8_t *value, size_t value_len, uint8_t flags, void *arg)
{
	struct seen *stream = &seen[frame->hd.stream_id];
	int64_t status;
	(void)session, (void)flags, (void)arg;
	if (stream->body && str_equal((struct str){ (const char *)name, name_len }, STR("grpc-status")))
		assert_true(str_to_int((struct str){ (const char *)value, value_len }, 0, 16, &stream->code));
	if (!str_equal((struct str){ (const char *)name, name_len }, STR(":status")))
		return 0;
	assert_true(str_to_int((struct str){ (const char *)value, value_len }, 100, 599, &status));
	stream->invited |= status == 100;
	stream->status = (int)status;
	return 0;
}

static int on_data(nghttp2_session *session, uint8_t flags, int32_t id, const uint8_t *bytes, size_t len, void *arg)
{
	(void)session, (void)flags, (void)bytes, (void)arg;
	seen[id].body += len;
	return 0;
}

static int on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *arg)
{
	struct seen *stream = &seen[frame->hd.stream_id];
	(void)session, (void)arg;
	if (frame->hd.type == NGHTTP2_GOAWAY) {
		goaway = true;
		goaway_error = frame->goaway.error_code;
	}
	if (frame->hd.type == NGHTTP2_RST_STREAM) {
		stream->reset = true;
		stream->error = frame->rst_stream.error_code;
	}
	if (frame->hd.type <= NGHTTP2_HEADERS && frame->hd.flags & NGHTTP2_FLAG_END_STREAM)
		stream->ended = true;
	return 0;
}

/* Windows as small as the test says: bodies are consumed only when it says so. */
static int begin_with(const struct http_settings *settings)
{
	nghttp2_session_callbacks *callbacks;
	nghttp2_option *option;

	memset(seen, 0, sizeof(seen));
	for (size_t i = 0; i < countof(seen); i++)
		seen[i].code = -1;
	goaway = false;
	check(loop_init(&loop) == 0);
	server = fake_server(&loop, settings);
	fake_open(&conn, &loop, &http2_protocol, server);
	check(nghttp2_session_callbacks_new(&callbacks) == 0 && nghttp2_option_new(&option) == 0);
	nghttp2_option_set_no_auto_window_update(option, 1);
	nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
	nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
	nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
	check(nghttp2_session_client_new2(&client, callbacks, NULL, option) == 0);
	nghttp2_session_callbacks_del(callbacks);
	nghttp2_option_del(option);
	nghttp2_submit_settings(client, NGHTTP2_FLAG_NONE, NULL, 0);
	return 0;
}

static int begin(void **state)
{
	struct http_settings settings = http_settings_default();
	(void)state;
	settings.guards.most[GUARD_FORCED_RESETS] = 5;
	settings.h2.max_streams = 10;
	settings.h2.stream_window = 70000;
	return begin_with(&settings);
}

static int end(void **state)
{
	(void)state;
	nghttp2_session_del(client);
	fake_hang_up(&conn);
	assert_int_equal(loop.calls.n_running, 0);
	http_server_free(server);
	loop_deinit(&loop);
	return 0;
}

/* Carries bytes both ways until neither side has more to say. */
static void talk(void)
{
	for (bool quiet = false; !quiet;) {
		const uint8_t *bytes;
		nghttp2_ssize n;
		quiet = true;
		while ((n = nghttp2_session_mem_send2(client, &bytes)) > 0) {
			fake_send(&conn, (struct str){ (const char *)bytes, (size_t)n });
			quiet = false;
		}
		fake_run(&conn);
		if (!conn.out.len)
			continue;
		struct buf out = conn.out;
		conn.out = buf_of(out.max);
		nghttp2_session_mem_recv2(client, (const uint8_t *)out.at, out.len);
		buf_free(&out);
		conn.pump_asked = true; /* there is room again */
		quiet = false;
	}
}

static nghttp2_nv field(const char *name, const char *value)
{
	return (nghttp2_nv){ .name = (uint8_t *)(uintptr_t)name,
			     .value = (uint8_t *)(uintptr_t)value,
			     .namelen = str_of(name).len,
			     .valuelen = str_of(value).len };
}

static int upload_byte = 'u';

static nghttp2_ssize upload(nghttp2_session *session, int32_t id, uint8_t *to, size_t len, uint32_t *flags,
			    nghttp2_data_source *source, void *arg)
{
	(void)session, (void)id, (void)arg;
	size_t n = (size_t)source->fd < len ? (size_t)source->fd : len;
	memset(to, upload_byte, n);
	source->fd -= (int)n;
	if (source->fd == 0)
		*flags |= NGHTTP2_DATA_FLAG_EOF;
	return (nghttp2_ssize)n;
}

/* A request with a body of so many bytes (0: none). Returns its stream. */
static int32_t ask(const char *method, const char *path, int body, const nghttp2_nv *more)
{
	nghttp2_nv fields[5] = { field(":method", method), field(":path", path), field(":scheme", "https"),
				 field(":authority", "a") };
	nghttp2_data_provider2 data = { .source.fd = body, .read_callback = upload };
	if (more)
		fields[4] = *more;
	return nghttp2_submit_request2(client, NULL, fields, more ? 5 : 4, body ? &data : NULL, NULL);
}

static void many_streams_are_answered(void **state)
{
	(void)state;
	int32_t last = 0;
	for (int i = 0; i < 9; i++)
		last = ask("GET", i % 2 ? "/hello" : "/nope", 0, NULL);
	talk();
	for (int32_t id = 1; id <= last; id += 2) {
		assert_int_equal(seen[id].status, id % 4 == 1 ? 404 : 200);
		assert_true(seen[id].ended && seen[id].body > 0);
	}
}

static void a_body_arrives_whole_and_one_too_large_is_413(void **state)
{
	(void)state;
	int32_t fits = ask("POST", "/echo", 1000, NULL), large = ask("POST", "/echo", 1001, NULL);
	nghttp2_nv told = field("content-length", "5000000");
	int32_t announced = ask("POST", "/echo", 5000000, &told);
	talk();
	assert_int_equal(seen[fits].status, 200);
	assert_int_equal(seen[fits].body, 1000);
	assert_int_equal(seen[large].status, 413);
	assert_int_equal(seen[announced].status, 413);
	assert_true(seen[announced].ended);
}

/* The client opens its window once: the server must not have made more than it may hold. */
static void a_stream_waits_for_the_client_s_window(void **state)
{
	(void)state;
	int32_t id = ask("GET", "/stream", 0, NULL);
	talk();
	assert_int_equal(seen[id].status, 200);
	assert_int_equal(seen[id].body, 65535);
	assert_false(seen[id].ended);
	for (int i = 0; i < 20 && !seen[id].ended; i++) {
		nghttp2_session_consume(client, id, 65535);
		talk();
	}
	assert_true(seen[id].ended);
	assert_int_equal(seen[id].body, FAKE_STREAM_BYTES);
}

/* Five zero bytes are an empty message. The trailers come after the last byte, however the windows cut the body. */
static void a_stream_of_grpc_ends_with_its_status(void **state)
{
	nghttp2_nv kind = field("content-type", "application/grpc");
	(void)state;
	upload_byte = 0;
	int32_t id = ask("POST", "/fake.Rpc/Stream", 5, &kind);
	talk();
	upload_byte = 'u';
	assert_int_equal(seen[id].status, 200);
	assert_int_equal(seen[id].body, 65535);
	assert_int_equal(seen[id].code, -1);
	for (int i = 0; i < 20 && !seen[id].ended; i++) {
		nghttp2_session_consume(client, id, 65535);
		talk();
	}
	assert_true(seen[id].ended);
	assert_int_equal(seen[id].body, FAKE_MESSAGES * (FAKE_MESSAGE_BYTES + 5));
	assert_int_equal(seen[id].code, GRPC_OK);
}

static void a_connection_without_room_is_not_overfilled(void **state)
{
	(void)state;
	conn.high_water = 1000; /* fake_conn checks what is written against it */
	nghttp2_submit_window_update(client, NGHTTP2_FLAG_NONE, 0, 1 << 24);
	int32_t id = ask("GET", "/stream", 0, NULL), other = ask("GET", "/hello", 0, NULL);
	nghttp2_submit_window_update(client, NGHTTP2_FLAG_NONE, id, 1 << 24);
	talk();
	nghttp2_session_consume(client, id, 65535);
	talk();
	assert_int_equal(seen[other].status, 200);
	assert_true(seen[id].body > 65535);
}

static int begin_narrow(void **state)
{
	struct http_settings settings = http_settings_default();
	(void)state;
	settings.max_queued = 128 * 1024;
	return begin_with(&settings);
}

/* 40 streams that nobody reads, each of half a megabyte, and then one that somebody does. */
static void streams_that_nobody_reads_hold_little_and_hold_nobody_up(void **state)
{
	enum { UNREAD = 40, ONE_CHUNK = 8192 };
	nghttp2_settings_entry closed = { NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 0 };
	int64_t before = metric_get(METRIC_REPLY_QUEUED), held = metric_get(METRIC_PRODUCERS_HELD);
	int32_t unread[UNREAD];
	(void)state;

	nghttp2_submit_settings(client, NGHTTP2_FLAG_NONE, &closed, 1);
	nghttp2_session_set_local_window_size(client, NGHTTP2_FLAG_NONE, 0, 1 << 30);
	for (size_t i = 0; i < UNREAD; i++)
		unread[i] = ask("GET", "/stream", 0, NULL);
	talk();
	assert_in_range(metric_get(METRIC_REPLY_QUEUED) - before, ONE_CHUNK, 64 * 1024 + ONE_CHUNK);

	int32_t read = ask("GET", "/stream", 0, NULL);
	talk();
	assert_false(seen[read].ended);
	nghttp2_session_set_local_window_size(client, NGHTTP2_FLAG_NONE, read, 1 << 30);
	talk();
	assert_true(seen[read].ended);
	assert_int_equal(seen[read].body, FAKE_STREAM_BYTES);
	assert_in_range(metric_get(METRIC_REPLY_QUEUED) - before, ONE_CHUNK, 128 * 1024 + ONE_CHUNK);

	for (size_t i = 0; i < UNREAD; i++)
		nghttp2_session_set_local_window_size(client, NGHTTP2_FLAG_NONE, unread[i], 1 << 30);
	talk();
	for (size_t i = 0; i < UNREAD; i++)
		assert_int_equal(seen[unread[i]].body, FAKE_STREAM_BYTES);
	assert_int_equal(metric_get(METRIC_REPLY_QUEUED), before);
	assert_true(metric_get(METRIC_PRODUCERS_HELD) > held);
}

static void a_reset_stream_ends_the_work_for_it(void **state)
{
	(void)state;
	int32_t id = ask("GET", "/never", 0, NULL);
	talk();
	assert_int_equal(loop.calls.n_running, 1);
	nghttp2_submit_rst_stream(client, NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL);
	talk();
	assert_int_equal(loop.calls.n_running, 0);
	assert_false(conn.closing);
}

static void expect_100_invites_the_body(void **state)
{
	(void)state;
	nghttp2_nv expect = field("expect", "100-continue");
	int32_t id = ask("POST", "/echo", 10, &expect);
	talk();
	assert_true(seen[id].invited);
	assert_int_equal(seen[id].status, 200);
	assert_int_equal(seen[id].body, 10);
}

static void a_field_list_too_large_is_431(void **state)
{
	static char big[40000];
	(void)state;
	memset(big, 'x', sizeof(big) - 1);
	nghttp2_nv large = field("x-large", big);
	int32_t id = ask("GET", "/hello", 0, &large);
	talk();
	assert_int_equal(seen[id].status, 431);
	id = ask("GET", "/hello", 0, NULL);
	talk();
	assert_int_equal(seen[id].status, 200);
}

/* Frames made by hand, behind the client's back. */
static void send_frame(uint8_t type, uint8_t flags, uint32_t id, struct str payload)
{
	char frame[64];
	check(payload.len <= sizeof(frame) - 9);
	const char head[9] = { 0,
			       0,
			       (char)payload.len,
			       (char)type,
			       (char)flags,
			       (char)(id >> 24),
			       (char)(id >> 16),
			       (char)(id >> 8),
			       (char)id };
	memcpy(frame, head, sizeof(head));
	memcpy(frame + sizeof(head), payload.at, payload.len);
	fake_send(&conn, (struct str){ frame, sizeof(head) + payload.len });
}

/* The last that was said is a GOAWAY with ENHANCE_YOUR_CALM and the guard's word. */
static void assert_expelled_for(const char *word)
{
	struct str out = buf_str(&conn.out), text = str_of(word);
	size_t at = out.len - text.len - 17;

	assert_true(conn.closing && out.len >= text.len + 17);
	assert_int_equal(out.at[at + 2], text.len + 8);
	assert_int_equal(out.at[at + 3], NGHTTP2_GOAWAY);
	assert_int_equal(out.at[at + 16], NGHTTP2_ENHANCE_YOUR_CALM);
	assert_true(str_equal(str_skip(out, at + 17), text));
}

/* MadeYouReset: each stream is made to fail by the client, and reset by us. */
static void a_client_that_makes_us_reset_streams_is_sent_away(void **state)
{
	(void)state;
	talk();
	uint32_t id = 1;
	for (; id < 101 && !conn.closing; id += 2) {
		send_frame(1, 5, id,
			   STR("\x82\x87\x04\x06/never\x41\x01"
			       "a"));
		send_frame(8, 0, id, STR("\x7f\xff\xff\xff")); /* over the largest window */
	}
	assert_true(conn.closing);
	assert_in_range(id, 5, 13);
	assert_expelled_for("made_you_reset");
}

static void nonsense_ends_the_connection(void **state)
{
	(void)state;
	talk();
	send_frame(0, 0, 0, STR("data on stream zero"));
	talk();
	assert_true(goaway && goaway_error == NGHTTP2_PROTOCOL_ERROR);
	assert_true(conn.closing);
}

static void what_is_no_http_2_is_closed(void **state)
{
	(void)state;
	fake_send(&conn, STR("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
	assert_true(conn.closing || conn.aborted);
}

static void a_server_that_stops_finishes_what_runs(void **state)
{
	(void)state;
	int32_t id = ask("GET", "/stream", 0, NULL);
	talk();
	conn.protocol->drain(conn.state);
	talk();
	assert_true(goaway);
	assert_int_equal(goaway_error, NGHTTP2_NO_ERROR);
	assert_false(conn.closing);
	for (int i = 0; i < 20 && !seen[id].ended; i++) {
		nghttp2_session_consume(client, id, 65535);
		talk();
	}
	assert_int_equal(seen[id].body, FAKE_STREAM_BYTES);
	assert_true(conn.closing);
}

static void an_idle_connection_is_closed_with_goaway(void **state)
{
	(void)state;
	talk();
	assert_int_equal(conn.deadline_ms, http_settings_default().idle_ms);
	conn.protocol->timed_out(conn.state);
	talk();
	assert_true(goaway && conn.closing);
}

static int begin_impatient(void **state)
{
	struct http_settings settings = http_settings_default();
	(void)state;
	settings.body_ms = settings.stall_ms = 1;
	return begin_with(&settings);
}

static void wait_a_little(void)
{
	struct timespec nap = { .tv_nsec = 5000000 };
	nanosleep(&nap, NULL);
}

static void a_body_that_stops_coming_is_408(void **state)
{
	(void)state;
	talk();
	send_frame(1, 4, 1,
		   STR("\x83\x87\x04\x05/echo\x41\x01"
		       "a"));
	wait_a_little();
	conn.protocol->timed_out(conn.state);
	fake_run(&conn);
	struct buf *out = &conn.out;
	assert_true(str_find(buf_str(out), STR("took too long")) != SIZE_MAX);
}

static void a_stream_that_nobody_reads_is_reset(void **state)
{
	(void)state;
	int32_t id = ask("GET", "/stream", 0, NULL);
	talk();
	assert_int_equal(loop.calls.n_running, 1);
	wait_a_little();
	conn.protocol->timed_out(conn.state);
	talk();
	assert_true(seen[id].reset);
	assert_int_equal(loop.calls.n_running, 0);
}

#define test(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(many_streams_are_answered),
		test(a_body_arrives_whole_and_one_too_large_is_413),
		test(a_stream_waits_for_the_client_s_window),
		test(a_stream_of_grpc_ends_with_its_status),
		test(a_connection_without_room_is_not_overfilled),
		cmocka_unit_test_setup_teardown(streams_that_nobody_reads_hold_little_and_hold_nobody_up, begin_narrow,
						end),
		test(a_reset_stream_ends_the_work_for_it),
		test(expect_100_invites_the_body),
		test(a_field_list_too_large_is_431),
		test(a_client_that_makes_us_reset_streams_is_sent_away),
		test(nonsense_ends_the_connection),
		test(what_is_no_http_2_is_closed),
		test(a_server_that_stops_finishes_what_runs),
		test(an_idle_connection_is_closed_with_goaway),
		cmocka_unit_test_setup_teardown(a_body_that_stops_coming_is_408, begin_impatient, end),
		cmocka_unit_test_setup_teardown(a_stream_that_nobody_reads_is_reset, begin_impatient, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
