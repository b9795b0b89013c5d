/* SPDX-License-Identifier: MIT */
/* Who asks, looked up while the body arrives: whatever comes first, and whatever goes wrong meanwhile. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <unistd.h>

#include "../support/http_fake.h"

static struct loop loop;
static struct http_server *server;
static struct conn conn;
static char spool_dir[64];
static struct call *asking; /* waits for the test */
static unsigned n_asked, n_cancelled, scopes;

static int identify(void *arg, const struct request *request, struct arena *arena, const struct identity **out,
		    const struct problem **why)
{
	(void)arg, (void)request, (void)arena, (void)out, (void)why;
	return HTTP_MUST_ASK;
}

static bool cancel(struct call *call, void *source)
{
	(void)call, (void)source;
	asking = NULL;
	n_cancelled++;
	return true;
}

static struct turn found(struct call *call)
{
	const struct identity identity = { .user = { { 1 } }, .email = STR("ann@example.org"), .scopes = scopes };
	return http_tell_identity(call, &identity);
}

static struct turn ask_somebody(struct call *call)
{
	const struct request *request = call->args;

	assert_true(str_equal(request_bearer(request), STR("abc")));
	asking = call;
	n_asked++;
	return call_wait(call, STEP(found), cancel, NULL);
}

static const struct route routes[] = {
	{ .method = HTTP_GET, .path = STR("/mine"), .gate = GATE_USER, .handler = fake_tell, .name = "mine" },
	{ .method = HTTP_POST,
	  .path = STR("/mine"),
	  .gate = GATE_USER,
	  .body_limit = 100,
	  .flags = ROUTE_TAKES_FORM,
	  .handler = fake_echo,
	  .name = "write" },
	{ .method = HTTP_POST,
	  .path = STR("/spool"),
	  .gate = GATE_USER,
	  .body_limit = 1 << 20,
	  .flags = ROUTE_TAKES_FORM | ROUTE_SPOOLS,
	  .handler = fake_spool,
	  .name = "spool" },
	{ .method = HTTP_GET, .path = STR("/account"), .gate = GATE_SESSION, .handler = fake_tell, .name = "account" },
};

static int begin(void **state)
{
	static const struct http_hooks hooks = { .identify = identify, .ask = { ask_somebody, "ask_somebody" } };
	struct http_settings settings = http_settings_default();
	owned(arena_drop) struct arena *arena = arena_new(1 << 20);
	struct str said;
	(void)state;

	n_asked = n_cancelled = 0;
	asking = NULL;
	scopes = AUTH_RECORDS_READ | AUTH_RECORDS_WRITE;
	strcpy(spool_dir, "/tmp/http-spool-XXXXXX");
	check(mkdtemp(spool_dir));
	settings.spool_dir = spool_dir;
	check(loop_init(&loop) == 0);
	server = http_server_new(&loop, &settings, &hooks, routes, countof(routes), arena, &said);
	check(server);
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

static void give(const char *text)
{
	fake_send(&conn, str_of(text));
}

static void answer_who_it_is(void)
{
	call_wake(take(asking));
	fake_run(&conn);
}

static void answer_that_it_is_nobody(void)
{
	static const struct problem nobody = { .kind = PROBLEM_UNAUTHENTICATED, .error = STR("nobody") };
	call_wake_failed(take(asking), &nobody);
	fake_run(&conn);
}

static bool says(const char *text)
{
	return str_find(buf_str(&conn.out), str_of(text)) != SIZE_MAX;
}

static bool is_silent(void)
{
	return conn.out.len == 0;
}

#define HEAD(line, more) line " HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer abc\r\n" more "\r\n"

static void nothing_is_done_before_it_is_known_who_asks(void **state)
{
	(void)state;
	give(HEAD("GET /mine", ""));
	assert_true(is_silent() && n_asked == 1);
	answer_who_it_is();
	assert_true(says("HTTP/1.1 200 ") && says("user=1"));
}

static void a_body_that_was_there_first_waits(void **state)
{
	(void)state;
	give(HEAD("POST /mine", "Content-Length: 4\r\n") "body");
	assert_true(is_silent());
	answer_who_it_is();
	assert_true(says("HTTP/1.1 200 ") && says("\r\n\r\nbody"));
}

static void a_body_that_comes_later_is_waited_for(void **state)
{
	(void)state;
	give(HEAD("POST /mine", "Content-Length: 4\r\n"));
	answer_who_it_is();
	assert_true(is_silent());
	give("body");
	assert_true(says("HTTP/1.1 200 ") && says("\r\n\r\nbody"));
}

static void nobody_is_refused_before_and_after_the_body(void **state)
{
	(void)state;
	give(HEAD("POST /mine", "Content-Length: 4\r\n") "body");
	answer_that_it_is_nobody();
	assert_true(says("HTTP/1.1 401 ") && !says("\r\n\r\nbody"));
	buf_clear(&conn.out);
	give(HEAD("POST /mine", "Content-Length: 4\r\n"));
	answer_that_it_is_nobody();
	assert_true(says("HTTP/1.1 401 "));
}

static void what_has_not_the_scope_is_refused(void **state)
{
	(void)state;
	scopes = AUTH_RECORDS_READ;
	give(HEAD("POST /mine", "Content-Length: 4\r\n") "body");
	answer_who_it_is();
	assert_true(says("HTTP/1.1 403 ") && says("scope=\"records:write\"") && !says("\r\n\r\nbody"));
	buf_clear(&conn.out);
	give(HEAD("GET /account", ""));
	answer_who_it_is();
	assert_true(says("HTTP/1.1 403 ") && says("insufficient_scope"));
}

static void an_upload_lies_in_its_file_until_it_is_known_who_asks(void **state)
{
	(void)state;
	for (int known = 1; known >= 0; known--) {
		give(HEAD("POST /spool", "Content-Length: 5\r\n") "bytes");
		for (int i = 0; i < 50; i++) {
			usleep(1000);
			uv_run(&loop.uv, UV_RUN_NOWAIT);
			fake_run(&conn);
		}
		assert_true(is_silent());
		known ? answer_who_it_is() : answer_that_it_is_nobody();
		fake_run_files(&conn);
		assert_true(says(known ? "\r\n\r\n5 " : "HTTP/1.1 401 "));
		buf_clear(&conn.out);
	}
	fake_run_files(&conn);
}

static void a_body_over_its_limit_is_refused_without_waiting(void **state)
{
	(void)state;
	give(HEAD("POST /mine", "Transfer-Encoding: chunked\r\n") "c8\r\n");
	for (int i = 0; i < 200; i++)
		give("x");
	assert_true(says("HTTP/1.1 413 "));
	size_t len = conn.out.len;
	if (asking)
		answer_who_it_is();
	assert_int_equal(conn.out.len, len);
}

static void who_leaves_is_asked_about_no_more(void **state)
{
	(void)state;
	give(HEAD("GET /mine", ""));
	assert_non_null(asking);
	fake_hang_up(&conn);
	assert_true(n_cancelled == 1 && !asking);
	fake_open(&conn, &loop, &http1_protocol, server);
}

static void who_leaves_before_it_was_asked_is_never_asked_about(void **state)
{
	(void)state;
	conn.protocol->input(conn.state, STR(HEAD("GET /mine", "")));
	fake_hang_up(&conn);
	assert_true(n_asked == 0);
	fake_open(&conn, &loop, &http1_protocol, server);
}

static void no_answer_is_an_answer_in_time(void **state)
{
	(void)state;
	server->settings.answer_ms = 50;
	give(HEAD("GET /mine", ""));
	for (int i = 0; i < 3000 && is_silent(); i++) {
		usleep(1000);
		uv_run(&loop.uv, UV_RUN_NOWAIT);
		fake_run(&conn);
	}
	assert_true(says("HTTP/1.1 504 ") && n_cancelled == 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(nothing_is_done_before_it_is_known_who_asks),
		TEST(a_body_that_was_there_first_waits),
		TEST(a_body_that_comes_later_is_waited_for),
		TEST(nobody_is_refused_before_and_after_the_body),
		TEST(what_has_not_the_scope_is_refused),
		TEST(an_upload_lies_in_its_file_until_it_is_known_who_asks),
		TEST(a_body_over_its_limit_is_refused_without_waiting),
		TEST(who_leaves_is_asked_about_no_more),
		TEST(who_leaves_before_it_was_asked_is_never_asked_about),
		TEST(no_answer_is_an_answer_in_time),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
