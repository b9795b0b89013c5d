/* SPDX-License-Identifier: MIT */
/* HTTP/3 through the whole of http/, without a packet: nghttp3 is the client, or bytes no client would send. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <nghttp3/nghttp3.h>

#include "../support/http_fake.h"
#include "../support/quic_fake.h"
#include "obs/metrics.h"

static struct loop loop;
static struct http_server *server;
static struct quic_conn conn;
static nghttp3_conn *client;
static int64_t next_request, goaways[4];
static size_t n_goaways;

/* What the client saw of a stream, by its id. */
static struct seen {
	int status;
	int64_t code; /* gRPC's, in trailers; -1: none */
	size_t body, upload;
	bool ended, invited; /* invited: 100 Continue */
} seen[FAKE_STREAMS];
static int64_t finished[64]; /* in this order */
static size_t n_finished;

static struct str text_of(nghttp3_rcbuf *buf)
{
	nghttp3_vec vec = nghttp3_rcbuf_get_buf(buf);
	return (struct str){ (const char *)vec.base, vec.len };
}

static int on_header(nghttp3_conn *session, int64_t id, int32_t token, nghttp3_rcbuf *name, nghttp3_rcbuf *value,
		     uint8_t flags, void *arg, void *state)
{
	int64_t status;
	(void)session, (void)token, (void)flags, (void)arg, (void)state;
	if (!str_equal(text_of(name), STR(":status")))
		return 0;
	assert_true(str_to_int(text_of(value), 100, 599, &status));
	seen[id].invited |= status == 100;
	seen[id].status = (int)status;
	return 0;
}

static int on_trailer(nghttp3_conn *session, int64_t id, int32_t token, nghttp3_rcbuf *name, nghttp3_rcbuf *value,
		      uint8_t flags, void *arg, void *state)
{
	(void)session, (void)token, (void)flags, (void)arg, (void)state;
	if (str_equal(text_of(name), STR("grpc-status")))
		assert_true(str_to_int(text_of(value), 0, 16, &seen[id].code));
	return 0;
}

static int on_data(nghttp3_conn *session, int64_t id, const uint8_t *bytes, size_t len, void *arg, void *state)
{
	(void)session, (void)bytes, (void)arg, (void)state;
	seen[id].body += len;
	return 0;
}

static int on_end(nghttp3_conn *session, int64_t id, void *arg, void *state)
{
	(void)session, (void)arg, (void)state;
	seen[id].ended = true;
	finished[n_finished++ % countof(finished)] = id;
	return 0;
}

static int on_goaway(nghttp3_conn *session, int64_t id, void *arg)
{
	(void)session, (void)arg;
	goaways[n_goaways++ % countof(goaways)] = id;
	return 0;
}

static void got(struct quic_conn *from, int64_t id, struct str bytes, bool fin)
{
	(void)from;
	if (!client)
		return;
	nghttp3_ssize n = nghttp3_conn_read_stream(client, id, (const uint8_t *)bytes.at, bytes.len, fin);
	assert_true(n >= 0);
}

static int begin_with(const struct http_settings *settings)
{
	static const nghttp3_callbacks callbacks = {
		.recv_header = on_header,
		.recv_trailer = on_trailer,
		.recv_data = on_data,
		.end_stream = on_end,
		.shutdown = on_goaway,
	};
	nghttp3_settings mine;

	memset(seen, 0, sizeof(seen));
	for (size_t i = 0; i < countof(seen); i++)
		seen[i].code = -1;
	n_goaways = n_finished = 0;
	next_request = 0;
	check(loop_init(&loop) == 0);
	server = fake_server(&loop, settings);
	conn.got = got;
	conn.window = 65536;
	nghttp3_settings_default(&mine);
	mine.qpack_max_dtable_capacity = 4096;
	mine.qpack_blocked_streams = 16;
	check(nghttp3_conn_client_new(&client, &callbacks, &mine, NULL, NULL) == 0);
	check(nghttp3_conn_bind_control_stream(client, 2) == 0 && nghttp3_conn_bind_qpack_streams(client, 6, 10) == 0);
	fake_quic_open(&conn, &loop, &http3_protocol, server);
	return 0;
}

static int begin(void **state)
{
	struct http_settings settings = http_settings_default();
	(void)state;
	settings.guards.most[GUARD_H3_RESETS] = settings.guards.most[GUARD_H3_ODD_FRAMES] = 5;
	return begin_with(&settings);
}

/* No client of our own: the test writes the bytes. */
static int begin_raw(void **state)
{
	begin(state);
	nghttp3_conn_del(client);
	client = NULL;
	fake_quic_run(&conn);
	return 0;
}

static int end(void **state)
{
	(void)state;
	nghttp3_conn_del(client);
	client = NULL;
	fake_quic_hang_up(&conn);
	assert_int_equal(loop.calls.n_running, 0);
	http_server_free(server);
	loop_deinit(&loop);
	return 0;
}

/* Carries bytes both ways until neither side has more to say. */
static void talk(void)
{
	nghttp3_vec vec[16];
	int64_t id;
	int fin;

	fake_quic_run(&conn);
	for (;;) {
		nghttp3_ssize n = nghttp3_conn_writev_stream(client, &id, &fin, vec, countof(vec));
		assert_true(n >= 0);
		if (id < 0)
			break;
		if (fake_stream_of(&conn, id)->stopped != QUIC_NO_CODE) {
			nghttp3_conn_shutdown_stream_write(client, id);
			fake_quic_reset(&conn, id, conn.streams[id].stopped);
			continue;
		}
		size_t sent = (size_t)nghttp3_vec_len(vec, (size_t)n);
		nghttp3_conn_add_write_offset(client, id, sent);
		for (nghttp3_ssize i = 0; i < n; i++)
			fake_quic_send(&conn, id, (struct str){ (char *)vec[i].base, vec[i].len }, fin && i == n - 1);
		if (n == 0)
			fake_quic_send(&conn, id, STR(""), true);
		nghttp3_conn_add_ack_offset(client, id, sent);
	}
	fake_quic_run(&conn);
}

static nghttp3_nv field(const char *name, const char *value)
{
	return (nghttp3_nv){ .name = (const uint8_t *)name,
			     .value = (const uint8_t *)value,
			     .namelen = str_of(name).len,
			     .valuelen = str_of(value).len };
}

static int upload_byte = 'u';

static nghttp3_ssize upload(nghttp3_conn *session, int64_t id, nghttp3_vec *vec, size_t n, uint32_t *flags, void *arg,
			    void *state)
{
	static uint8_t bytes[4096];
	size_t *left = &seen[id].upload;
	(void)session, (void)arg, (void)n, (void)state;
	memset(bytes, upload_byte, sizeof(bytes));
	vec->base = bytes;
	vec->len = *left < sizeof(bytes) ? *left : sizeof(bytes);
	*left -= vec->len;
	if (*left == 0)
		*flags |= NGHTTP3_DATA_FLAG_EOF;
	return 1;
}

/* A request with a body of so many bytes (0: none). Returns its stream. */
static int64_t ask(const char *method, const char *path, size_t body, const nghttp3_nv *more)
{
	static const nghttp3_data_reader reader = { upload };
	nghttp3_nv fields[5] = { field(":method", method), field(":scheme", "https"), field(":authority", "a"),
				 field(":path", path) };
	int64_t id = next_request;
	next_request += 4;
	if (more)
		fields[4] = *more;
	seen[id].upload = body;
	check(nghttp3_conn_submit_request(client, id, fields, more ? 5 : 4, body ? &reader : NULL, NULL) == 0);
	return id;
}

/* Sends the head of a request that would have a body. */
static int64_t ask_without_body(void)
{
	int64_t id = ask("POST", "/echo", 900, NULL), from = -1;
	nghttp3_vec vec[16];
	int fin;

	while (from != id) {
		nghttp3_ssize n = nghttp3_conn_writev_stream(client, &from, &fin, vec, countof(vec));
		assert_true(n > 0);
		fake_quic_send(&conn, from, (struct str){ (char *)vec[0].base, vec[0].len }, false);
		nghttp3_conn_add_write_offset(client, from, vec[0].len);
	}
	return id;
}

static void many_streams_are_answered(void **state)
{
	(void)state;
	for (int i = 0; i < 40; i++) {
		ask("GET", i % 2 ? "/hello" : "/nope", 0, NULL);
		if (i % 8 == 7)
			talk();
	}
	talk();
	for (int64_t id = 0; id < next_request; id += 4) {
		assert_int_equal(seen[id].status, id % 8 ? 200 : 404);
		assert_true(seen[id].ended && seen[id].body > 0);
		assert_true(conn.streams[id].closed);
	}
	assert_int_equal(conn.allowed, 50);
}

/* QPACK: what repeats is sent once, on the encoder's stream. */
static void heads_that_repeat_are_short(void **state)
{
	enum { ENCODER = 7 };
	(void)state;
	ask("GET", "/hello", 0, NULL);
	talk();
	uint64_t learned = conn.streams[ENCODER].sent;
	assert_in_range(learned, 60, 400);
	for (int i = 0; i < 5; i++) {
		int64_t id = ask("GET", "/hello", 0, NULL);
		talk();
		assert_int_equal(seen[id].status, 200);
		assert_in_range(conn.streams[id].sent - seen[id].body, 20, 60);
	}
	assert_in_range(conn.streams[ENCODER].sent, learned, learned + 40); /* another second, another date */
}

static void a_body_arrives_whole_and_one_too_large_is_413(void **state)
{
	(void)state;
	int64_t fits = ask("POST", "/echo", 1000, NULL), large = ask("POST", "/echo", 1001, NULL);
	nghttp3_nv told = field("content-length", "5000000");
	int64_t announced = ask("POST", "/echo", 5000000, &told);
	talk();
	assert_int_equal(seen[fits].status, 200);
	assert_int_equal(seen[fits].body, 1000);
	assert_int_equal(seen[large].status, 413);
	assert_int_equal(seen[announced].status, 413);
	assert_true(seen[announced].ended);
	assert_int_equal(conn.streams[announced].stopped, NGHTTP3_H3_NO_ERROR);
	assert_false(conn.closing);
}

static void a_body_that_was_taken_is_given_credit_for(void **state)
{
	(void)state;
	int64_t id = ask("POST", "/echo", 1000, NULL);
	talk();
	assert_int_equal(seen[id].status, 200);
	assert_true(conn.streams[id].credit > 1000);
	assert_true(conn.credit >= conn.streams[id].credit);
}

static void a_refused_body_is_not_invited(void **state)
{
	(void)state;
	conn.acks_wait = true;
	int64_t id = ask("POST", "/echo", 60000, NULL);
	talk();
	assert_int_equal(seen[id].status, 413);
	assert_true(conn.streams[id].credit < 5000);
}

/* The server must not have made more than the client may hold. */
static void a_stream_waits_for_the_client_s_window(void **state)
{
	(void)state;
	int64_t id = ask("GET", "/stream", 0, NULL);
	talk();
	assert_int_equal(seen[id].status, 200);
	assert_in_range(seen[id].body, 60000, 65536);
	assert_false(seen[id].ended);
	for (int i = 0; i < 20 && !seen[id].ended; i++)
		fake_quic_open_window(&conn, id, 65536);
	assert_true(seen[id].ended);
	assert_int_equal(seen[id].body, FAKE_STREAM_BYTES);
}

/* Five zero bytes are an empty message. The trailers come after the last byte, however the windows cut the body. */
static void a_stream_of_grpc_ends_with_its_status(void **state)
{
	nghttp3_nv kind = field("content-type", "application/grpc");
	(void)state;
	upload_byte = 0;
	int64_t id = ask("POST", "/fake.Rpc/Stream", 5, &kind);
	talk();
	upload_byte = 'u';
	assert_int_equal(seen[id].status, 200);
	assert_int_equal(seen[id].code, -1);
	for (int i = 0; i < 20 && !seen[id].ended; i++)
		fake_quic_open_window(&conn, id, 65536);
	assert_true(seen[id].ended);
	assert_int_equal(seen[id].body, FAKE_MESSAGES * (FAKE_MESSAGE_BYTES + 5));
	assert_int_equal(seen[id].code, GRPC_OK);
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
	int64_t before = metric_get(METRIC_REPLY_QUEUED), held = metric_get(METRIC_PRODUCERS_HELD);
	int64_t unread[UNREAD];
	(void)state;

	conn.window = 500; /* room for the head */
	for (size_t i = 0; i < UNREAD; i++)
		unread[i] = ask("GET", "/stream", 0, NULL);
	talk();
	assert_in_range(metric_get(METRIC_REPLY_QUEUED) - before, ONE_CHUNK, 64 * 1024 + ONE_CHUNK);

	int64_t read = ask("GET", "/stream", 0, NULL);
	talk();
	assert_false(seen[read].ended);
	fake_quic_open_window(&conn, read, 1 << 30);
	talk();
	assert_true(seen[read].ended);
	assert_int_equal(seen[read].body, FAKE_STREAM_BYTES);
	assert_in_range(metric_get(METRIC_REPLY_QUEUED) - before, ONE_CHUNK, 128 * 1024 + ONE_CHUNK);

	for (size_t i = 0; i < UNREAD; i++)
		fake_quic_open_window(&conn, unread[i], 1 << 30);
	talk();
	for (size_t i = 0; i < UNREAD; i++)
		assert_int_equal(seen[unread[i]].body, FAKE_STREAM_BYTES);
	assert_int_equal(metric_get(METRIC_REPLY_QUEUED), before);
	assert_true(metric_get(METRIC_PRODUCERS_HELD) > held);
}

/* quic_fake.h compares what was sent with what is there when it is acknowledged. */
static void bytes_stay_until_they_are_acknowledged(void **state)
{
	(void)state;
	conn.acks_wait = true;
	conn.window = 10 << 20;
	int64_t stream = ask("GET", "/stream", 0, NULL), hello = ask("GET", "/hello", 0, NULL);
	talk();
	assert_true(seen[stream].ended && seen[hello].ended);
	assert_int_equal(seen[stream].body, FAKE_STREAM_BYTES);
	assert_int_equal(loop.calls.n_running, 0);
	assert_false(conn.streams[stream].closed);
	fake_ack(&conn);
	assert_true(conn.streams[stream].closed && conn.streams[hello].closed);
}

static void a_request_given_up_ends_the_work_for_it(void **state)
{
	(void)state;
	int64_t id = ask("GET", "/never", 0, NULL);
	talk();
	assert_int_equal(loop.calls.n_running, 1);
	fake_quic_stop(&conn, id, NGHTTP3_H3_REQUEST_CANCELLED);
	fake_quic_run(&conn);
	assert_int_equal(loop.calls.n_running, 0);
	assert_false(conn.closing);
}

static void a_request_cut_off_in_its_body_ends(void **state)
{
	(void)state;
	int64_t id = ask_without_body();
	assert_int_equal(loop.calls.n_running, 1);
	fake_quic_reset(&conn, id, NGHTTP3_H3_REQUEST_CANCELLED);
	fake_quic_run(&conn);
	assert_int_equal(loop.calls.n_running, 0);
	assert_int_equal(conn.streams[id].reset, NGHTTP3_H3_REQUEST_INCOMPLETE);
	assert_false(conn.closing);
}

static void expect_100_invites_the_body(void **state)
{
	(void)state;
	nghttp3_nv expect = field("expect", "100-continue");
	int64_t id = ask("POST", "/echo", 10, &expect);
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
	nghttp3_nv large = field("x-large", big);
	int64_t id = ask("GET", "/hello", 0, &large);
	talk();
	assert_int_equal(seen[id].status, 431);
	id = ask("GET", "/hello", 0, NULL);
	talk();
	assert_int_equal(seen[id].status, 200);
}

/* Rapid reset. */
static void a_client_that_gives_up_again_and_again_is_sent_away(void **state)
{
	(void)state;
	int n = 0;
	for (; n < 50 && !conn.closing; n++) {
		int64_t id = ask("GET", "/never", 0, NULL);
		talk();
		fake_quic_stop(&conn, id, NGHTTP3_H3_REQUEST_CANCELLED);
	}
	assert_true(conn.closing);
	assert_int_equal(conn.code, NGHTTP3_H3_EXCESSIVE_LOAD);
	assert_in_range(n, 5, 7);
}

/* RFC 9218: what is asked for more urgently is finished first. */
static void the_more_urgent_stream_goes_first(void **state)
{
	(void)state;
	nghttp3_nv later = field("priority", "u=5"), sooner = field("priority", "u=1");
	conn.window = 0;
	int64_t ids[3] = { ask("GET", "/stream", 0, &later), ask("GET", "/stream", 0, NULL),
			   ask("GET", "/stream", 0, &sooner) };
	talk();
	assert_int_equal(n_finished, 0);
	for (size_t i = 0; i < countof(ids); i++) {
		conn.streams[ids[i]].window = 10 << 20;
		conn.protocol->writable(conn.state, ids[i]);
	}
	talk();
	assert_int_equal(n_finished, 3);
	assert_int_equal(finished[0], ids[2]);
	assert_int_equal(finished[1], ids[1]);
	assert_int_equal(finished[2], ids[0]);
}

static void an_idle_connection_says_goodbye(void **state)
{
	(void)state;
	talk();
	assert_int_equal(conn.deadline_ms, http_settings_default().idle_ms);
	assert_true(conn.protocol->timed_out(conn.state)); /* counted as too slow */
	talk();
	assert_int_equal(n_goaways, 1);
	conn.protocol->timed_out(conn.state);
	talk();
	assert_int_equal(n_goaways, 2);
	assert_true(conn.closing);
	assert_int_equal(conn.code, NGHTTP3_H3_NO_ERROR);
}

static void a_server_that_stops_finishes_what_runs(void **state)
{
	(void)state;
	int64_t id = ask("GET", "/stream", 0, NULL);
	talk();
	conn.protocol->drain(conn.state);
	talk();
	assert_int_equal(goaways[0], NGHTTP3_SHUTDOWN_NOTICE_STREAM_ID);
	assert_false(conn.protocol->timed_out(conn.state)); /* the notice has had its time */
	talk();
	assert_int_equal(goaways[1], id + 4);
	assert_false(conn.closing);
	for (int i = 0; i < 20 && !seen[id].ended; i++)
		fake_quic_open_window(&conn, id, 65536);
	talk();
	assert_int_equal(seen[id].body, FAKE_STREAM_BYTES);
	assert_true(conn.closing);
	assert_int_equal(conn.code, NGHTTP3_H3_NO_ERROR);
}

static int begin_impatient(void **state)
{
	struct http_settings settings = http_settings_default();
	(void)state;
	settings.head_ms = settings.body_ms = settings.stall_ms = 1;
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
	int64_t id = ask_without_body();
	wait_a_little();
	conn.protocol->timed_out(conn.state);
	fake_quic_run(&conn);
	assert_int_equal(seen[id].status, 408);
	assert_int_equal(conn.streams[id].stopped, NGHTTP3_H3_NO_ERROR);
}

static void a_stream_that_nobody_reads_is_reset(void **state)
{
	(void)state;
	int64_t id = ask("GET", "/stream", 0, NULL);
	talk();
	assert_int_equal(loop.calls.n_running, 1);
	wait_a_little();
	conn.protocol->timed_out(conn.state);
	talk();
	assert_int_equal(conn.streams[id].reset, NGHTTP3_H3_REQUEST_CANCELLED);
	assert_int_equal(loop.calls.n_running, 0);
}

/* ── Bytes made by hand ── */

#define SETTINGS_NONE "\x00\x04\x00" /* a control stream that begins as it should */

struct misdeed {
	const char *what;
	int64_t stream;
	struct str bytes;
	bool fin;
	uint64_t code;
};

/* QPACK: d1 GET, d7 https, 50 :authority, 51 :path, 2N a literal name; frames: type, length. */
static const struct misdeed misdeeds[] = {
	{ "a frame before SETTINGS", 2, STR("\x00\x07\x01\x00"), false, NGHTTP3_H3_MISSING_SETTINGS },
	{ "SETTINGS twice", 2, STR(SETTINGS_NONE "\x04\x00"), false, NGHTTP3_H3_FRAME_UNEXPECTED },
	{ "a setting of HTTP/2", 2, STR("\x00\x04\x02\x04\x05"), false, NGHTTP3_H3_SETTINGS_ERROR },
	{ "a setting twice", 2, STR("\x00\x04\x04\x01\x05\x01\x05"), false, NGHTTP3_H3_SETTINGS_ERROR },
	{ "a setting cut short", 2, STR("\x00\x04\x01\x06"), false, NGHTTP3_H3_FRAME_ERROR },
	{ "DATA on the control stream", 2, STR(SETTINGS_NONE "\x00\x01x"), false, NGHTTP3_H3_FRAME_UNEXPECTED },
	{ "HEADERS on the control stream", 2, STR(SETTINGS_NONE "\x01\x02\x00\x00"), false,
	  NGHTTP3_H3_FRAME_UNEXPECTED },
	{ "a control stream that ends", 2, STR(SETTINGS_NONE), true, NGHTTP3_H3_CLOSED_CRITICAL_STREAM },
	{ "a push stream of a client", 2, STR("\x01\x00"), false, NGHTTP3_H3_STREAM_CREATION_ERROR },
	{ "a frame of HTTP/2 on the control stream", 2,
	  STR(SETTINGS_NONE "\x06\x08"
			    "12345678"),
	  false, NGHTTP3_H3_FRAME_UNEXPECTED },
	{ "a growing MAX_PUSH_ID that shrinks", 2, STR(SETTINGS_NONE "\x0d\x01\x05\x0d\x01\x04"), false,
	  NGHTTP3_H3_FRAME_ERROR },
	{ "a GOAWAY that grows", 2, STR(SETTINGS_NONE "\x07\x01\x04\x07\x01\x08"), false, NGHTTP3_H3_ID_ERROR },
	{ "PRIORITY_UPDATE of a stream beyond the limit", 2, STR(SETTINGS_NONE "\x80\x0f\x07\x00\x02\x7f\xfc"), false,
	  NGHTTP3_H3_ID_ERROR },
	{ "DATA before HEADERS", 0, STR("\x00\x01x"), false, NGHTTP3_H3_FRAME_UNEXPECTED },
	{ "SETTINGS on a request stream", 0, STR("\x04\x00"), false, NGHTTP3_H3_FRAME_UNEXPECTED },
	{ "PUSH_PROMISE of a client", 0, STR("\x05\x01\x00"), false, NGHTTP3_H3_FRAME_UNEXPECTED },
	{ "GOAWAY on a request stream", 0, STR("\x07\x01\x00"), false, NGHTTP3_H3_FRAME_UNEXPECTED },
	{ "a frame cut off by the stream's end", 0, STR("\x01\x10\x00\x00\xd1"), true, NGHTTP3_H3_FRAME_ERROR },
	{ "no :path", 0,
	  STR("\x01\x07\x00\x00\xd1\xd7\x50\x01"
	      "a"),
	  true, NGHTTP3_H3_MESSAGE_ERROR },
	{ "no :method", 0,
	  STR("\x01\x07\x00\x00\xd7\xc1\x50\x01"
	      "a"),
	  true, NGHTTP3_H3_MESSAGE_ERROR },
	{ ":path twice", 0,
	  STR("\x01\x09\x00\x00\xd1\xd7\xc1\xc1\x50\x01"
	      "a"),
	  true, NGHTTP3_H3_MESSAGE_ERROR },
	{ ":status in a request", 0,
	  STR("\x01\x09\x00\x00\xd1\xd7\xc1\xd9\x50\x01"
	      "a"),
	  true, NGHTTP3_H3_MESSAGE_ERROR },
	{ "a pseudo-field nobody knows", 0,
	  STR("\x01\x0d\x00\x00\xd1\xd7\xc1\x50\x01"
	      "a"
	      "\x22:x\x00"),
	  true, NGHTTP3_H3_MESSAGE_ERROR },
	{ "a pseudo-field after a field", 0,
	  STR("\x01\x0b\x00\x00\xd1\xd7\xc1\x21x\x00\x50\x01"
	      "a"),
	  true, NGHTTP3_H3_MESSAGE_ERROR },
	{ "an upper-case name", 0,
	  STR("\x01\x0c\x00\x00\xd1\xd7\xc1\x50\x01"
	      "a"
	      "\x21X\x00"),
	  true, NGHTTP3_H3_MESSAGE_ERROR },
	{ "a field of the connection", 0,
	  STR("\x01\x16\x00\x00\xd1\xd7\xc1\x50\x01"
	      "a"
	      "\x27\x03"
	      "connection\x00"),
	  true, NGHTTP3_H3_MESSAGE_ERROR },
	{ "less body than told", 0,
	  STR("\x01\x0b\x00\x00\xd1\xd7\xc1\x50\x01"
	      "a"
	      "\x54\x01"
	      "5"
	      "\x00\x02xx"),
	  true, NGHTTP3_H3_MESSAGE_ERROR },
	{ "more body than told", 0,
	  STR("\x01\x0b\x00\x00\xd1\xd7\xc1\x50\x01"
	      "a"
	      "\x54\x01"
	      "1"
	      "\x00\x02xx"),
	  false, NGHTTP3_H3_MESSAGE_ERROR },
	{ "an entry beyond the static table", 0, STR("\x01\x04\x00\x00\xff\x60"), false,
	  NGHTTP3_QPACK_DECOMPRESSION_FAILED },
	{ "a table larger than allowed", 6, STR("\x02\x3f\xff\xff\x01"), false, NGHTTP3_QPACK_ENCODER_STREAM_ERROR },
	{ "an acknowledgement of nothing", 10, STR("\x03\x80"), false, NGHTTP3_QPACK_DECODER_STREAM_ERROR },
};

static void what_is_no_http_3_gets_the_code_of_rfc_9114(void **state)
{
	for (size_t i = 0; i < countof(misdeeds); i++) {
		const struct misdeed *bad = &misdeeds[i];
		begin_raw(state);
		fake_quic_send(&conn, bad->stream, bad->bytes, bad->fin);
		if (!conn.closing || conn.code != bad->code)
			fail_msg("%s: %s with 0x%llx", bad->what, conn.closing ? "closed" : "not closed",
				 (unsigned long long)conn.code);
		end(state);
	}
}

/* So that the table above is about what it says. */
static void a_request_made_by_hand_is_answered(void **state)
{
	(void)state;
	fake_quic_send(&conn, 2, STR(SETTINGS_NONE), false);
	fake_quic_send(&conn, 0,
		       STR("\x01\x0f\x00\x00\xd1\xd7\x50\x01"
			   "a"
			   "\x51\x06/hello\x00\x00"),
		       true);
	assert_false(conn.closing);
	assert_true(conn.streams[0].closed && conn.streams[0].reset == QUIC_NO_CODE);
	assert_true(conn.streams[0].sent > 13);
}

static void a_control_stream_nobody_may_reset_or_stop(void **state)
{
	(void)state;
	fake_quic_send(&conn, 2, STR(SETTINGS_NONE), false);
	fake_quic_reset(&conn, 2, NGHTTP3_H3_NO_ERROR);
	assert_true(conn.closing);
	assert_int_equal(conn.code, NGHTTP3_H3_CLOSED_CRITICAL_STREAM);
}

static void our_control_stream_nobody_may_stop(void **state)
{
	(void)state;
	conn.protocol->write_shut(conn.state, 3);
	assert_true(conn.closing);
	assert_int_equal(conn.code, NGHTTP3_H3_CLOSED_CRITICAL_STREAM);
}

static void a_stream_that_ends_before_its_request_began_is_over(void **state)
{
	(void)state;
	fake_quic_send(&conn, 2, STR(SETTINGS_NONE), false);
	fake_quic_reset(&conn, 0, NGHTTP3_H3_REQUEST_CANCELLED);
	fake_quic_send(&conn, 4, STR("\x01"), false);
	fake_quic_reset(&conn, 4, NGHTTP3_H3_REQUEST_CANCELLED);
	fake_quic_send(&conn, 8, STR(""), true);
	assert_true(conn.streams[0].closed && conn.streams[4].closed && conn.streams[8].closed);
	assert_int_equal(conn.streams[0].reset, NGHTTP3_H3_REQUEST_INCOMPLETE);
	assert_int_equal(conn.streams[8].reset, NGHTTP3_H3_REQUEST_INCOMPLETE);
	assert_int_equal(conn.allowed, 13);
	assert_false(conn.closing);
}

static void a_stream_of_an_unknown_kind_is_declined(void **state)
{
	(void)state;
	fake_quic_send(&conn, 14,
		       STR("\x21"
			   "anything"),
		       false);
	assert_int_equal(conn.streams[14].stopped, NGHTTP3_H3_STREAM_CREATION_ERROR);
	assert_false(conn.closing);
}

static void a_priority_may_come_before_its_request(void **state)
{
	(void)state;
	fake_quic_send(&conn, 2, STR(SETTINGS_NONE "\x80\x0f\x07\x00\x04\x24u=0"), false);
	assert_false(conn.closing);
}

static void a_flood_of_odd_frames_is_sent_away(void **state)
{
	(void)state;
	fake_quic_send(&conn, 2, STR(SETTINGS_NONE), false);
	int n = 0;
	for (; n < 100 && !conn.closing; n++)
		fake_quic_send(&conn, 2, STR("\x21\x01x"), false);
	assert_true(conn.closing);
	assert_int_equal(conn.code, NGHTTP3_H3_EXCESSIVE_LOAD);
	assert_in_range(n, 5, 7);
}

/* Requests that refer to entries of QPACK's table that never come. */
static void streams_that_wait_for_the_table_are_few(void **state)
{
	(void)state;
	fake_quic_send(&conn, 2, STR(SETTINGS_NONE), false);
	fake_quic_send(&conn, 6, STR("\x02\x3f\xe1\x1f"), false); /* a table of 4,096 bytes */
	unsigned most = http_settings_default().h3.blocked_streams;
	unsigned n = 0;
	for (; n < most + 5 && !conn.closing; n++)
		fake_quic_send(&conn, 4 * n, STR("\x01\x04\x02\x00\x80\x81"), false);
	assert_true(conn.closing);
	assert_int_equal(conn.code, NGHTTP3_QPACK_DECOMPRESSION_FAILED);
	assert_int_equal(n, most + 1);
}

#define test(name) cmocka_unit_test_setup_teardown(name, begin, end)
#define raw(name) cmocka_unit_test_setup_teardown(name, begin_raw, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(many_streams_are_answered),
		test(heads_that_repeat_are_short),
		test(a_body_arrives_whole_and_one_too_large_is_413),
		test(a_body_that_was_taken_is_given_credit_for),
		test(a_refused_body_is_not_invited),
		test(a_stream_waits_for_the_client_s_window),
		test(a_stream_of_grpc_ends_with_its_status),
		cmocka_unit_test_setup_teardown(streams_that_nobody_reads_hold_little_and_hold_nobody_up, begin_narrow,
						end),
		test(bytes_stay_until_they_are_acknowledged),
		test(a_request_given_up_ends_the_work_for_it),
		test(a_request_cut_off_in_its_body_ends),
		test(expect_100_invites_the_body),
		test(a_field_list_too_large_is_431),
		test(a_client_that_gives_up_again_and_again_is_sent_away),
		test(the_more_urgent_stream_goes_first),
		test(an_idle_connection_says_goodbye),
		test(a_server_that_stops_finishes_what_runs),
		cmocka_unit_test_setup_teardown(a_body_that_stops_coming_is_408, begin_impatient, end),
		cmocka_unit_test_setup_teardown(a_stream_that_nobody_reads_is_reset, begin_impatient, end),
		cmocka_unit_test(what_is_no_http_3_gets_the_code_of_rfc_9114),
		raw(a_request_made_by_hand_is_answered),
		raw(a_control_stream_nobody_may_reset_or_stop),
		raw(our_control_stream_nobody_may_stop),
		raw(a_stream_that_ends_before_its_request_began_is_over),
		raw(a_stream_of_an_unknown_kind_is_declined),
		raw(a_priority_may_come_before_its_request),
		raw(a_flood_of_odd_frames_is_sent_away),
		raw(streams_that_wait_for_the_table_are_few),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
