/* SPDX-License-Identifier: MIT */
/* HTTP/1 through the whole of http/, without a socket. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <unistd.h>

#include "../support/http_fake.h"

static struct loop loop;
static struct http_server *server;
static struct conn conn;
static char spool_dir[64];

static int begin(void **state)
{
	struct http_settings settings = http_settings_default();
	static struct str trusted[] = { STR("192.0.2.0/24"), STR("10.1.0.0/16") };
	(void)state;
	settings.trusted_proxies = (struct str_list){ trusted, countof(trusted) };
	settings.requests_per_minute = 2;
	strcpy(spool_dir, "/tmp/http-spool-XXXXXX");
	check(mkdtemp(spool_dir));
	settings.spool_dir = spool_dir;
	check(loop_init(&loop) == 0);
	server = fake_server(&loop, &settings);
	fake_open(&conn, &loop, &http1_protocol, server);
	return 0;
}

static int end(void **state)
{
	(void)state;
	fake_hang_up(&conn);
	assert_int_equal(loop.calls.n_running, 0);
	http_server_free(server);
	loop_deinit(&loop);
	assert_int_equal(rmdir(spool_dir), 0);
	return 0;
}

/* All that was answered since the last time. */
static struct str answered(void)
{
	static char copy[4 << 20];
	size_t n = conn.out.len < sizeof(copy) ? conn.out.len : sizeof(copy);
	memcpy(copy, buf_str(&conn.out).at, n);
	buf_clear(&conn.out);
	return (struct str){ copy, n };
}

static struct str ask(struct str request)
{
	fake_send(&conn, request);
	return answered();
}

static size_t count(struct str text, struct str needle)
{
	size_t n = 0;
	for (size_t at; (at = str_find(text, needle)) != SIZE_MAX; n++)
		text = str_skip(text, at + needle.len);
	return n;
}

static bool has(struct str text, struct str needle)
{
	return str_find(text, needle) != SIZE_MAX;
}

#define assert_has(text, needle) assert_true(has((text), STR(needle)))
#define assert_starts(text, prefix) assert_true(str_starts((text), STR(prefix)))

static void a_get_is_answered_and_the_connection_serves_on(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		struct str answer = ask(STR("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"));
		assert_starts(answer, "HTTP/1.1 200 OK\r\n");
		assert_has(answer, "\r\n\r\n{\"hello\":true}");
		assert_has(answer, "content-length: 14\r\n");
		assert_has(answer, "x-content-type-options: nosniff\r\n");
		assert_false(has(answer, STR("connection:")));
	}
	assert_false(conn.closing);
}

static void requests_sent_ahead_are_answered_in_order(void **state)
{
	(void)state;
	struct str answer = ask(STR(
		"GET /hello HTTP/1.1\r\nHost: a\r\n\r\nPOST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
		"GET /nope HTTP/1.1\r\nHost: a\r\n\r\nGET /tell?q=last HTTP/1.1\r\nHost: a\r\n\r\n"));
	assert_int_equal(count(answer, STR("HTTP/1.1 ")), 4);
	size_t first = str_find(answer, STR("{\"hello\"")), second = str_find(answer, STR("\r\n\r\nabc")),
	       third = str_find(answer, STR("404 Not Found")), fourth = str_find(answer, STR("q=last"));
	assert_true(first < second && second < third && third < fourth && fourth != SIZE_MAX);
}

static void a_request_in_single_bytes_is_the_same_request(void **state)
{
	struct str request = STR(
		"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n");
	(void)state;
	for (size_t i = 0; i < request.len; i++)
		fake_send(&conn, str_first(str_skip(request, i), 1));
	assert_has(answered(), "\r\n\r\nabc");
}

static void what_could_be_read_in_two_ways_is_refused_and_closed(void **state)
{
	static const struct str bad[] = {
		STR("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: "
		    "chunked\r\n\r\n0\r\n\r\n"),
		STR("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: "
		    "3\r\n\r\n0\r\n\r\n"),
		STR("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc"),
		STR("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3, 3\r\n\r\nabc"),
		STR("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
		STR("POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
		STR("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"),
		STR("GET /hello HTTP/1.1\nHost: a\r\n\r\n"),
		STR("GET /hello HTTP/1.1\r\nHost: a\nX: b\r\n\r\n"),
		STR("GET /hello HTTP/1.1\r\nHost: a\r\nX: b\r\n c\r\n\r\n"),
		STR("GET /hello HTTP/1.1\r\nHost : a\r\n\r\n"),
		STR("GET /hello HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"),
		STR("GET /hello HTTP/1.1\r\n\r\n"),
		STR("GET /hello\r\n\r\n"),
		STR("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
		STR("\x16\x03\x01\x02\x05\x01\x02\x03"),
	};
	(void)state;
	for (size_t i = 0; i < countof(bad); i++) {
		struct str answer = ask(bad[i]);
		print_message("%zu: %.*s\n", i, STR_ARG(str_first(bad[i], 60)));
		assert_starts(answer, "HTTP/1.1 400 Bad Request\r\n");
		assert_has(answer, "connection: close\r\n");
		assert_has(answer, "x-request-id: ");
		assert_int_equal(count(answer, STR("HTTP/1.1 ")), 1);
		assert_true(conn.closing);
		fake_hang_up(&conn);
		fake_open(&conn, &loop, &http1_protocol, server);
	}
}

static void a_head_that_is_too_large_is_431(void **state)
{
	static char big[40000];
	(void)state;
	memset(big, 'a', sizeof(big));
	fake_send(&conn, STR("GET /hello HTTP/1.1\r\nHost: a\r\nX: "));
	assert_starts(ask((struct str){ big, sizeof(big) }), "HTTP/1.1 431 ");
	assert_true(conn.closing);
	fake_hang_up(&conn);
	fake_open(&conn, &loop, &http1_protocol, server);
	fake_send(&conn, STR("GET /"));
	fake_send(&conn, (struct str){ big, 9000 });
	assert_starts(ask(STR(" HTTP/1.1\r\nHost: a\r\n\r\n")), "HTTP/1.1 431 ");
	fake_hang_up(&conn);
	fake_open(&conn, &loop, &http1_protocol, server);
	memset(big, ' ', sizeof(big));
	fake_send(&conn, STR("GET /hello HTTP/1.1\r\nHost:"));
	for (int i = 0; i < 3; i++)
		fake_send(&conn, (struct str){ big, sizeof(big) });
	assert_starts(answered(), "HTTP/1.1 431 ");
}

static void a_body_over_its_limit_is_413_before_it_is_read(void **state)
{
	(void)state;
	struct str answer =
		ask(STR("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\nExpect: 100-continue\r\n\r\n"));
	assert_starts(answer, "HTTP/1.1 413 ");
	assert_true(conn.closing);
	fake_hang_up(&conn);
	fake_open(&conn, &loop, &http1_protocol, server);
	fake_send(&conn, STR("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"));
	for (int i = 0; i < 1001 && !conn.closing; i++)
		fake_send(&conn, STR("1\r\nx\r\n"));
	assert_starts(answered(), "HTTP/1.1 413 ");
	assert_true(conn.closing);
}

static void a_small_refused_body_does_not_cost_the_connection(void **state)
{
	(void)state;
	fake_send(&conn,
		  STR("POST /json HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nContent-Length: 6\r\n\r\nabc"));
	struct str answer = ask(STR("defGET /hello HTTP/1.1\r\nHost: a\r\n\r\n"));
	assert_starts(answer, "HTTP/1.1 415 ");
	assert_has(answer, "{\"hello\":true}");
	assert_false(conn.closing);
}

static void expect_100_is_answered_before_the_body(void **state)
{
	(void)state;
	assert_true(str_equal(
		ask(STR("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n")),
		STR("HTTP/1.1 100 Continue\r\n\r\n")));
	assert_has(ask(STR("abc")), "\r\n\r\nabc");
	assert_starts(ask(STR("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: a-miracle\r\n\r\nabc")),
		      "HTTP/1.1 417 ");
}

static void head_tells_the_length_and_sends_nothing(void **state)
{
	(void)state;
	struct str answer = ask(STR("HEAD /hello HTTP/1.1\r\nHost: a\r\n\r\n"));
	assert_has(answer, "content-length: 14\r\n");
	assert_true(str_ends(answer, STR("\r\n\r\n")));
	answer = ask(STR("HEAD /stream HTTP/1.1\r\nHost: a\r\n\r\n"));
	assert_true(str_ends(answer, STR("\r\n\r\n")));
	assert_has(ask(STR("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")), "{\"hello\":true}");
}

static void what_the_client_has_is_not_sent_again(void **state)
{
	(void)state;
	struct str answer = ask(STR("GET /hello HTTP/1.1\r\nHost: a\r\nIf-None-Match: \"v0\", W/\"v1\"\r\n\r\n"));
	assert_starts(answer, "HTTP/1.1 304 Not Modified\r\n");
	assert_false(has(answer, STR("content-length")));
	assert_has(answer, "etag: \"v1\"\r\n");
	assert_true(str_ends(answer, STR("\r\n\r\n")));
	assert_starts(ask(STR("GET /hello HTTP/1.1\r\nHost: a\r\nIf-None-Match: \"v0\"\r\n\r\n")), "HTTP/1.1 200 ");
}

static void a_stream_is_chunked_or_ends_with_the_connection(void **state)
{
	(void)state;
	struct str answer = ask(STR("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n"));
	assert_has(answer, "transfer-encoding: chunked\r\n");
	assert_true(str_ends(answer, STR("\r\n0\r\n\r\n")));
	assert_int_equal(count(answer, STR("\r\n2000\r\n")), FAKE_STREAM_CHUNKS);
	assert_false(conn.closing);
	answer = ask(STR("GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
	assert_false(has(answer, STR("chunked")));
	assert_has(answer, "connection: close\r\n");
	assert_int_equal(answer.len - str_find(answer, STR("\r\n\r\n")) - 4, FAKE_STREAM_BYTES);
	assert_true(conn.closing);
}

static void http_1_0_is_kept_alive_only_when_asked(void **state)
{
	(void)state;
	assert_has(ask(STR("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")), "connection: keep-alive\r\n");
	assert_false(conn.closing);
	assert_has(ask(STR("GET /hello HTTP/1.0\r\n\r\n")), "connection: close\r\n");
	assert_true(conn.closing);
}

static void a_slow_reader_never_makes_the_server_hold_more_than_its_marks(void **state)
{
	size_t most = 0, total = 0;
	(void)state;
	conn.high_water = 4096;
	fake_send(&conn, STR("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n"));
	while (conn.out.len && total < (1 << 20)) {
		most = conn.out.len > most ? conn.out.len : most;
		total += conn.out.len;
		buf_clear(&conn.out);
		conn.protocol->pump(conn.state);
		fake_run(&conn);
	}
	assert_true(total > FAKE_STREAM_BYTES);
	assert_true(most <= 4096 + CONN_SLACK);
}

static void a_client_that_leaves_ends_the_work_for_it(void **state)
{
	(void)state;
	fake_send(&conn, STR("GET /never HTTP/1.1\r\nHost: a\r\n\r\n"));
	assert_int_equal(loop.calls.n_running, 1);
	conn.protocol->input_ended(conn.state);
	fake_run(&conn);
	assert_int_equal(loop.calls.n_running, 0);
	assert_true(conn.closing);
}

static void deadlines_answer_408_and_close(void **state)
{
	(void)state;
	fake_send(&conn, STR("GET /hello HT"));
	assert_int_equal(conn.deadline_ms, http_settings_default().head_ms);
	conn.protocol->timed_out(conn.state);
	fake_run(&conn);
	assert_starts(answered(), "HTTP/1.1 408 ");
	assert_true(conn.closing);
	fake_hang_up(&conn);
	fake_open(&conn, &loop, &http1_protocol, server);
	fake_send(&conn, STR("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\na"));
	assert_int_equal(conn.deadline_ms, http_settings_default().body_ms);
	conn.protocol->timed_out(conn.state);
	fake_run(&conn);
	assert_starts(answered(), "HTTP/1.1 408 ");
	fake_hang_up(&conn);
	fake_open(&conn, &loop, &http1_protocol, server);
	conn.protocol->timed_out(conn.state);
	assert_int_equal(answered().len, 0);
	assert_true(conn.closing);
}

static void nobody_says_who_he_is_by_a_header(void **state)
{
	(void)state;
	struct str answer =
		ask(STR("GET /tell HTTP/1.1\r\nHost: a\r\nX-User-Id: 018f4e2a-0000-7000-8000-000000000001\r\n\r\n"));
	assert_has(answer, "claim=\n");
	assert_starts(
		ask(STR("GET /mine HTTP/1.1\r\nHost: a\r\nX-User-Id: 018f4e2a-0000-7000-8000-000000000001\r\n\r\n")),
		"HTTP/1.1 401 ");
}

static void fake_auth_believes_a_uuid_and_nothing_else(void **state)
{
	struct http_settings settings = server->settings;
	owned(arena_drop) struct arena *arena = arena_new(4096);
	struct str said;
	(void)state;
	settings.debug_fake_auth = true;
	assert_int_equal(http_server_configure(server, &settings, arena, &said), 0);
	assert_has(ask(STR("GET /mine HTTP/1.1\r\nHost: a\r\nX-User-Id: 018f4e2a-0000-7000-8000-000000000001\r\n\r\n")),
		   "user=1");
	assert_starts(ask(STR("GET /mine HTTP/1.1\r\nHost: a\r\nX-User-Id: admin\r\n\r\n")), "HTTP/1.1 401 ");
}

static void a_401_says_how_to_come_in(void **state)
{
	(void)state;
	struct str answer = ask(STR("GET /mine HTTP/1.1\r\nHost: a\r\n\r\n"));
	assert_starts(answer, "HTTP/1.1 401 Unauthorized\r\n");
	assert_has(answer, "www-authenticate: Bearer error=\"invalid_token\"\r\n");
	assert_has(answer, "content-type: application/problem+json\r\n");
}

static void too_many_requests_are_told_when_to_come_back(void **state)
{
	(void)state;
	struct str answer = ask(STR("GET /mine HTTP/1.1\r\nHost: a\r\n\r\n"));
	assert_has(answer, "ratelimit-limit: 2\r\n");
	assert_has(answer, "ratelimit-remaining: 1\r\n");
	ask(STR("GET /mine HTTP/1.1\r\nHost: a\r\n\r\n"));
	answer = ask(STR("GET /mine HTTP/1.1\r\nHost: a\r\n\r\n"));
	assert_starts(answer, "HTTP/1.1 429 Too Many Requests\r\n");
	assert_has(answer, "retry-after: 30\r\n");
	assert_starts(ask(STR("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")), "HTTP/1.1 200 ");
}

static void the_client_s_address_is_what_trusted_proxies_say(void **state)
{
	(void)state;
	assert_has(ask(STR("GET /tell HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 6.6.6.6, 203.0.113.9, 10.1.2.3\r\n\r\n")),
		   "peer=203.0.113.9\n");
	/* A proxy may add a line of its own: the client's line must not win. */
	assert_has(ask(STR("GET /tell HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 6.6.6.6\r\nX-Forwarded-For: "
			   "203.0.113.9\r\n\r\n")),
		   "peer=203.0.113.9\n");
	assert_has(ask(STR("GET /tell HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: nonsense\r\n\r\n")), "peer=192.0.2.7\n");
	/* A header cannot make a stranger local, unless a trusted proxy vouches for it. */
	assert_starts(ask(STR("GET /local HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 127.0.0.1, 6.6.6.6\r\n\r\n")),
		      "HTTP/1.1 403 ");
	assert_starts(ask(STR("GET /local HTTP/1.1\r\nHost: a\r\n\r\n")), "HTTP/1.1 403 ");
}

static void a_sane_request_id_comes_back_and_another_does_not(void **state)
{
	(void)state;
	assert_has(ask(STR("GET /tell HTTP/1.1\r\nHost: a\r\nX-Request-Id: abc-1.2_Z\r\n\r\n")),
		   "x-request-id: abc-1.2_Z\r\n");
	assert_false(has(ask(STR("GET /tell HTTP/1.1\r\nHost: a\r\nX-Request-Id: <script>\r\n\r\n")), STR("<script>")));
}

static void paths_are_decoded_and_cannot_climb(void **state)
{
	(void)state;
	assert_has(ask(STR("GET /x/%2e%2e/tell?q=a%20b+c HTTP/1.1\r\nHost: a\r\n\r\n")), "path=/tell\n");
	assert_has(ask(STR("GET /tell?q=a%20b+c HTTP/1.1\r\nHost: a\r\n\r\n")), "q=a b c\n");
	assert_has(ask(STR("GET http://b/tell HTTP/1.1\r\nHost: a\r\n\r\n")), "path=/tell\n");
	assert_starts(ask(STR("GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n")), "HTTP/1.1 400 ");
	assert_starts(ask(STR("GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n")), "HTTP/1.1 400 ");
	assert_starts(ask(STR("GET /%ff HTTP/1.1\r\nHost: a\r\n\r\n")), "HTTP/1.1 400 ");
}

static void a_wrong_method_is_told_the_right_ones(void **state)
{
	(void)state;
	struct str answer = ask(STR("DELETE /hello HTTP/1.1\r\nHost: a\r\n\r\n"));
	assert_starts(answer, "HTTP/1.1 405 ");
	assert_has(answer, "allow: GET, HEAD, OPTIONS\r\n");
	answer = ask(STR("OPTIONS /echo HTTP/1.1\r\nHost: a\r\n\r\n"));
	assert_starts(answer, "HTTP/1.1 204 ");
	assert_has(answer, "allow: POST, OPTIONS\r\n");
	assert_starts(ask(STR("PROPFIND /hello HTTP/1.1\r\nHost: a\r\n\r\n")), "HTTP/1.1 405 ");
}

static void what_broke_inside_stays_inside(void **state)
{
	(void)state;
	struct str answer = ask(STR("GET /break HTTP/1.1\r\nHost: a\r\n\r\n"));
	assert_starts(answer, "HTTP/1.1 500 ");
	assert_false(has(answer, STR("secret")));
}

static void a_full_disk_refuses_writes_and_serves_reads(void **state)
{
	(void)state;
	http_server_set_no_space(server, true);
	assert_starts(ask(STR("POST /json HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: "
			      "2\r\n\r\n{}")),
		      "HTTP/1.1 507 ");
	assert_starts(ask(STR("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")), "HTTP/1.1 200 ");
}

static void a_server_that_stops_finishes_what_runs(void **state)
{
	(void)state;
	fake_send(&conn, STR("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\na"));
	conn.protocol->drain(conn.state);
	assert_false(conn.closing);
	struct str answer = ask(STR("bc"));
	assert_has(answer, "connection: close\r\n");
	assert_has(answer, "\r\n\r\nabc");
	assert_true(conn.closing);
}

static void other_origins_read_only_when_they_are_configured(void **state)
{
	static struct str origins[] = { STR("https://app.example") };
	struct http_settings settings = server->settings;
	owned(arena_drop) struct arena *arena = arena_new(4096);
	struct str said, answer;
	(void)state;
	answer = ask(STR("GET /hello HTTP/1.1\r\nHost: a\r\nOrigin: https://app.example\r\n\r\n"));
	assert_false(has(answer, STR("access-control")));
	settings.cors_origins = (struct str_list){ origins, 1 };
	assert_int_equal(http_server_configure(server, &settings, arena, &said), 0);
	answer = ask(STR("GET /hello HTTP/1.1\r\nHost: a\r\nOrigin: https://app.example\r\n\r\n"));
	assert_has(answer, "access-control-allow-origin: https://app.example\r\n");
	assert_has(answer, "vary: origin\r\n");
	answer = ask(STR("GET /hello HTTP/1.1\r\nHost: a\r\nOrigin: https://evil.example\r\n\r\n"));
	assert_false(has(answer, STR("access-control")));
	answer = ask(STR("OPTIONS /json HTTP/1.1\r\nHost: a\r\nOrigin: https://app.example\r\n"
			 "Access-Control-Request-Method: POST\r\n\r\n"));
	assert_starts(answer, "HTTP/1.1 204 ");
	assert_has(answer, "access-control-allow-methods: ");
}

static void the_cleartext_port_only_leads_to_https(void **state)
{
	struct http_settings settings = server->settings;
	owned(arena_drop) struct arena *arena = arena_new(4096);
	struct str said;
	(void)state;
	settings.redirect_port = 8443;
	assert_int_equal(http_server_configure(server, &settings, arena, &said), 0);
	struct str answer = ask(STR("GET /a?b=c HTTP/1.1\r\nHost: Home.Example:80\r\n\r\n"));
	assert_starts(answer, "HTTP/1.1 308 ");
	assert_has(answer, "location: https://home.example:8443/a?b=c\r\n");
	assert_has(ask(STR("GET /a HTTP/1.1\r\nHost: [::1]:80\r\n\r\n")), "location: https://[::1]:8443/a\r\n");
}

static size_t n_body_files(void)
{
	struct dirent **names;
	int n = scandir(spool_dir, &names, NULL, NULL);
	assert_true(n >= 2);
	for (int i = 0; i < n; i++)
		free(names[i]);
	free(names);
	return (size_t)n - 2;
}

static void a_large_body_goes_to_a_file_that_does_not_stay(void **state)
{
	static char part[1000];
	(void)state;
	memset(part, 'b', sizeof(part));
	fake_send(&conn, STR("POST /spool HTTP/1.1\r\nHost: a\r\nContent-Length: 300000\r\n\r\n"));
	for (int i = 0; i < 300; i++) {
		fake_send(&conn, (struct str){ part, sizeof(part) });
		if (i % 50 == 0)
			uv_run(&loop.uv, UV_RUN_NOWAIT);
	}
	while (loop.calls.n_running)
		fake_run_files(&conn);
	struct str answer = answered();
	assert_starts(answer, "HTTP/1.1 200 ");
	assert_has(answer, "\r\n\r\n300000 ");
	uv_run(&loop.uv, UV_RUN_DEFAULT);
	assert_int_equal(n_body_files(), 0);
	assert_has(ask(STR("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")), "{\"hello\":true}");
}

static void a_client_that_leaves_an_upload_leaves_no_file(void **state)
{
	(void)state;
	fake_send(&conn, STR("POST /spool HTTP/1.1\r\nHost: a\r\nContent-Length: 300000\r\n\r\nabc"));
	conn.protocol->input_ended(conn.state);
	while (loop.calls.n_running)
		fake_run_files(&conn);
	uv_run(&loop.uv, UV_RUN_DEFAULT);
	assert_int_equal(n_body_files(), 0);
}

static void an_upload_that_grows_too_large_is_413_and_leaves_no_file(void **state)
{
	static char part[65536];
	(void)state;
	fake_send(&conn, STR("POST /spool HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"));
	for (int i = 0; i < 20; i++) {
		fake_send(&conn, STR("10000\r\n"));
		fake_send(&conn, (struct str){ part, sizeof(part) });
		fake_send(&conn, STR("\r\n"));
	}
	for (int i = 0; i < 100 && !conn.out.len; i++)
		fake_run_files(&conn);
	assert_starts(answered(), "HTTP/1.1 413 ");
	fake_hang_up(&conn);
	fake_open(&conn, &loop, &http1_protocol, server);
	uv_run(&loop.uv, UV_RUN_DEFAULT);
	assert_int_equal(n_body_files(), 0);
}

#define test(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(a_get_is_answered_and_the_connection_serves_on),
		test(requests_sent_ahead_are_answered_in_order),
		test(a_request_in_single_bytes_is_the_same_request),
		test(what_could_be_read_in_two_ways_is_refused_and_closed),
		test(a_head_that_is_too_large_is_431),
		test(a_body_over_its_limit_is_413_before_it_is_read),
		test(a_small_refused_body_does_not_cost_the_connection),
		test(expect_100_is_answered_before_the_body),
		test(head_tells_the_length_and_sends_nothing),
		test(what_the_client_has_is_not_sent_again),
		test(a_stream_is_chunked_or_ends_with_the_connection),
		test(http_1_0_is_kept_alive_only_when_asked),
		test(a_slow_reader_never_makes_the_server_hold_more_than_its_marks),
		test(a_client_that_leaves_ends_the_work_for_it),
		test(deadlines_answer_408_and_close),
		test(nobody_says_who_he_is_by_a_header),
		test(fake_auth_believes_a_uuid_and_nothing_else),
		test(a_401_says_how_to_come_in),
		test(too_many_requests_are_told_when_to_come_back),
		test(the_client_s_address_is_what_trusted_proxies_say),
		test(a_sane_request_id_comes_back_and_another_does_not),
		test(paths_are_decoded_and_cannot_climb),
		test(a_wrong_method_is_told_the_right_ones),
		test(what_broke_inside_stays_inside),
		test(a_full_disk_refuses_writes_and_serves_reads),
		test(a_server_that_stops_finishes_what_runs),
		test(other_origins_read_only_when_they_are_configured),
		test(the_cleartext_port_only_leads_to_https),
		test(a_large_body_goes_to_a_file_that_does_not_stay),
		test(a_client_that_leaves_an_upload_leaves_no_file),
		test(an_upload_that_grows_too_large_is_413_and_leaves_no_file),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
