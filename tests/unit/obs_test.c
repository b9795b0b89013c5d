/* SPDX-License-Identifier: MIT */
/* The log as it leaves the process, and the metrics as Prometheus reads them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "codec/json.h"
#include "obs/log.h"
#include "obs/metrics.h"

static char said[16384];
static int ends[2], true_stderr;

/* From here on, what is logged goes into a pipe. */
static void listen_in(void)
{
	fflush(stderr);
	assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
	true_stderr = dup(STDERR_FILENO);
	assert_true(dup2(ends[1], STDERR_FILENO) >= 0);
}

/* Ends it, and gives what came. */
static struct str hear_out(void)
{
	ssize_t n = read(ends[0], said, sizeof(said) - 1);
	dup2(true_stderr, STDERR_FILENO);
	close(true_stderr);
	close(ends[0]);
	close(ends[1]);
	said[n > 0 ? n : 0] = 0;
	return str_of(said);
}

static const struct uuid id = { { 0x01, [15] = 0x02 } };

static void a_json_line_is_one_object(void **state)
{
	owned(arena_drop) struct arena *arena = arena_new(1 << 16);
	const struct json *root;
	struct str why, text;
	int64_t number;
	(void)state;

	log_setup(LOG_FORMAT_JSON, LOG_LEVEL_INFO);
	listen_in();
	log_info("record saved", LOG_ID("user", &id), LOG_INT("version", -7), LOG_TEXT("q", STR("a \"b\"\\\n\x1b[31m\x7f")),
		 LOG_TEXT("none", STR_ABSENT), LOG_ID("nobody", NULL));
	struct str line = hear_out();
	assert_true(str_ends(line, STR("}\n")));
	assert_int_equal(str_find_char(line, '\n'), line.len - 1);
	assert_int_equal(json_parse(arena, line, &root, &why), 0);
	assert_true(json_read_text(json_get(root, STR("level")), &text) && str_equal(text, STR("info")));
	assert_true(json_read_text(json_get(root, STR("event")), &text) && str_equal(text, STR("record saved")));
	assert_true(json_read_text(json_get(root, STR("user")), &text) &&
		    str_equal(text, STR("01000000-0000-0000-0000-000000000002")));
	assert_true(json_read_int(json_get(root, STR("version")), -7, -7, &number));
	assert_true(json_read_text(json_get(root, STR("q")), &text) && str_equal(text, STR("a \"b\"\\\n\x1b[31m\x7f")));
	assert_int_equal(json_get(root, STR("none"))->kind, JSON_KIND_NULL);
	assert_int_equal(json_get(root, STR("nobody"))->kind, JSON_KIND_NULL);
}

static void a_text_line_cannot_be_forged(void **state)
{
	(void)state;
	log_setup(LOG_FORMAT_TEXT, LOG_LEVEL_INFO);
	listen_in();
	log_warn("log in failed", LOG_TEXT("email", STR("a@b\n2026 error all is lost \x1b[2J")), LOG_TEXT("word", STR("x")));
	struct str line = hear_out();
	assert_int_equal(str_find_char(line, '\n'), line.len - 1);
	assert_true(str_find(line, STR("\x1b[2J")) == SIZE_MAX);
	assert_true(str_find(line, STR("email=\"a@b\\u000a2026 error all is lost \\u001b[2J\" word=x\n")) != SIZE_MAX);
	assert_true(str_find(line, STR("warn")) != SIZE_MAX);
}

static void a_level_below_the_wanted_one_is_silent(void **state)
{
	(void)state;
	log_setup(LOG_FORMAT_TEXT, LOG_LEVEL_WARN);
	listen_in();
	log_info("not heard");
	log_debug("not heard");
	log_error("heard");
	struct str lines = hear_out();
	assert_true(str_ends(lines, STR(" heard\n")));
	assert_int_equal(str_find_char(lines, '\n'), lines.len - 1);
	assert_false(log_enabled(LOG_LEVEL_INFO));
}

static void a_line_too_long_is_cut_and_still_json(void **state)
{
	owned(arena_drop) struct arena *arena = arena_new(1 << 16);
	static char large[10000];
	const struct json *root;
	struct str why;
	(void)state;

	for (size_t tail = 0; tail < 12; tail++) {
		memset(large, 'x', sizeof(large));
		memset(large + 3990, '\n', sizeof(large) - 3990);
		log_setup(LOG_FORMAT_JSON, LOG_LEVEL_INFO);
		listen_in();
		log_info("large", LOG_INT("first", 1), LOG_TEXT("much", ((struct str){ large + tail, sizeof(large) - tail })),
			 LOG_INT("last", 2));
		struct str line = hear_out();
		assert_in_range(line.len, 10, 4096);
		assert_int_equal(json_parse(arena, line, &root, &why), 0);
		assert_non_null(json_get(root, STR("first")));
	}
	log_setup(LOG_FORMAT_TEXT, LOG_LEVEL_INFO);
	listen_in();
	log_info("large", LOG_TEXT("much", ((struct str){ large, sizeof(large) })));
	struct str line = hear_out();
	assert_in_range(line.len, 4000, 4096);
	assert_true(str_ends(line, STR("…\n")));
}

/* ── Metrics ── */

static struct str rendered(struct buf *buf)
{
	buf_clear(buf);
	metrics_render(buf);
	assert_false(buf_failed(buf));
	return buf_str(buf);
}

static void assert_has(struct str text, const char *line)
{
	if (str_find(text, str_of(line)) == SIZE_MAX)
		fail_msg("missing: %s", line);
}

static void counters_and_gauges_are_exposed_with_their_kind(void **state)
{
	owned(buf_free) struct buf buf = buf_of(8 << 20);
	(void)state;

	metric_add(METRIC_CACHE_HITS, 2);
	metric_add(METRIC_CACHE_HITS, 1);
	metric_set(METRIC_CONNECTIONS, 5);
	metric_set(METRIC_CONNECTIONS, 4);
	assert_int_equal(metric_get(METRIC_CACHE_HITS), 3);
	struct str text = rendered(&buf);
	assert_has(text, "# TYPE recordd_cache_hits_total counter\nrecordd_cache_hits_total 3\n");
	assert_has(text, "# TYPE recordd_connections gauge\nrecordd_connections 4\n");
}

static void requests_are_counted_by_their_labels(void **state)
{
	owned(buf_free) struct buf buf = buf_of(8 << 20);
	char protocol[] = "h2"; /* the same label at another address */
	(void)state;

	metrics_request("records_search", STR("GET"), 200, "h2", 150);
	metrics_request("records_search", STR("GET"), 200, protocol, 100);
	metrics_request("records_search", STR("BREW\"\n"), 405, "http/1.1", 3000000);
	metrics_request("records_search", STR("GET"), 200, "h2", 20000000);
	metrics_query("records_page", 10000);
	struct str text = rendered(&buf);
	assert_has(text, "recordd_http_requests_total{route=\"records_search\",method=\"GET\",status=\"200\",protocol=\"h2\"} 3\n");
	assert_has(text, "{route=\"records_search\",method=\"OTHER\",status=\"405\",protocol=\"http/1.1\"} 1\n");
	assert_has(text, "duration_seconds_bucket{route=\"records_search\",le=\"0.0001\"} 1\n");
	assert_has(text, "duration_seconds_bucket{route=\"records_search\",le=\"0.0002\"} 2\n");
	assert_has(text, "duration_seconds_bucket{route=\"records_search\",le=\"5\"} 3\n");
	assert_has(text, "duration_seconds_bucket{route=\"records_search\",le=\"10\"} 3\n");
	assert_has(text, "duration_seconds_bucket{route=\"records_search\",le=\"+Inf\"} 4\n");
	assert_has(text, "duration_seconds_sum{route=\"records_search\"} 23.000250\n");
	assert_has(text, "duration_seconds_count{route=\"records_search\"} 4\n");
	assert_has(text, "recordd_db_query_duration_seconds_bucket{statement=\"records_page\",le=\"0.01\"} 1\n");
}

/* Every line is a comment or `name{labels} number`, and a name's lines stand together under one TYPE. */
static void the_exposition_is_well_formed(void **state)
{
	owned(buf_free) struct buf buf = buf_of(8 << 20);
	struct str rest = rendered(&buf), line;
	size_t n = 0;
	(void)state;

	for (; rest.len; n++) {
		line = str_cut(rest, '\n', &rest);
		assert_true(str_present(rest));
		if (str_starts(line, STR("# HELP ")) || str_starts(line, STR("# TYPE ")))
			continue;
		assert_true(str_starts(line, STR("recordd_")));
		struct str number = line;
		while (str_find_char(number, ' ') < number.len)
			number = str_skip(number, str_find_char(number, ' ') + 1);
		assert_true(number.len > 0 && char_is_digit(number.at[number.len - 1]));
	}
	assert_true(n > N_METRICS);
}

static void labels_without_end_are_counted_as_other(void **state)
{
	static char names[600][16];
	owned(buf_free) struct buf buf = buf_of(8 << 20);
	(void)state;

	for (size_t i = 0; i < countof(names); i++) {
		snprintf(names[i], sizeof(names[i]), "route_%zu", i);
		for (int status = 200; status < 210; status++)
			metrics_request(names[i], STR("GET"), status, "h2", 1);
	}
	struct str text = rendered(&buf);
	assert_has(text, "recordd_http_requests_total{route=\"other\"");
	assert_has(text, "duration_seconds_count{route=\"other\"} ");
	assert_has(text, "duration_seconds_count{route=\"route_5\"} 10\n");
}

static const char *code_name(size_t code)
{
	return code == 5 ? "NotFound" : "OK";
}

/* Last of all: the rows stay. */
static void calls_are_counted_by_method_and_code(void **state)
{
	owned(buf_free) struct buf buf = buf_of(8 << 20);
	char name[METRICS_RPC_NAME];
	(void)state;

	struct metrics_rpc *row = metrics_rpc_row("unary", STR("a.B"), STR("C"), code_name);
	assert_ptr_equal(metrics_rpc_row("unary", STR("a.B"), STR("C"), code_name), row);
	row->started = 3;
	row->received = 4;
	row->sent = 5;
	row->handled[5] = 2;
	struct str text = rendered(&buf);
	assert_has(text, "grpc_server_started_total{grpc_type=\"unary\",grpc_service=\"a.B\",grpc_method=\"C\"} 3\n");
	assert_has(text, "grpc_server_msg_received_total{grpc_type=\"unary\",grpc_service=\"a.B\",grpc_method=\"C\"} 4\n");
	assert_has(text, "grpc_server_msg_sent_total{grpc_type=\"unary\",grpc_service=\"a.B\",grpc_method=\"C\"} 5\n");
	assert_has(text, "grpc_method=\"C\",grpc_code=\"NotFound\"} 2\n");
	for (int i = 0; i < 2 * METRICS_RPCS; i++) {
		snprintf(name, sizeof(name), "M%d", i);
		assert_non_null(metrics_rpc_row("unary", STR("a.B"), str_of(name), code_name));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_json_line_is_one_object),
		cmocka_unit_test(a_text_line_cannot_be_forged),
		cmocka_unit_test(a_level_below_the_wanted_one_is_silent),
		cmocka_unit_test(a_line_too_long_is_cut_and_still_json),
		cmocka_unit_test(counters_and_gauges_are_exposed_with_their_kind),
		cmocka_unit_test(requests_are_counted_by_their_labels),
		cmocka_unit_test(the_exposition_is_well_formed),
		cmocka_unit_test(labels_without_end_are_counted_as_other),
		cmocka_unit_test(calls_are_counted_by_method_and_code),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
