/* SPDX-License-Identifier: MIT */
/* HTTP/2 over a connection, framed by nghttp2: its session, its deadlines and its end. */
#include "http/h2.h"
#include "obs/log.h"

enum {
	SHORTEST_TICK_MS = 50,
	PARTING_MS = 1000, /* for what was on its way when the end was announced */
};

/* ── Deadlines ── */

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

static unsigned tick_ms(const struct http_settings *settings)
{
	unsigned ms = least(least(settings->head_ms, settings->body_ms), settings->stall_ms) / 2;
	return ms > SHORTEST_TICK_MS ? ms : SHORTEST_TICK_MS;
}

static void watch(struct h2 *h2)
{
	const struct http_settings *settings = &h2->server->settings;
	const unsigned due_ms[] = { 0, settings->idle_ms, tick_ms(settings), PARTING_MS };
	enum h2_stage stage = h2->parting ? H2_PARTING : list_empty(&h2->streams) ? H2_IDLE : H2_BUSY;

	if (stage != h2->stage)
		conn_deadline(h2->conn, due_ms[stage]);
	h2->stage = stage;
}

/* ── The session ── */

/*
 * Whoever makes us reset a stream, by frames that are wrong for it, never has to say RST_STREAM (CVE-2025-8671). And the
 * ping that asks whether a notice of the end was read follows it, for nghttp2 would send it first.
 */
static int on_frame_sent(nghttp2_session *session, const nghttp2_frame *frame, void *arg)
{
	struct h2 *h2 = arg;
	if (frame->hd.type == NGHTTP2_RST_STREAM)
		h2_guard_count(h2, GUARD_FORCED_RESETS, 1);
	else if (frame->hd.type == NGHTTP2_GOAWAY && h2->parting)
		nghttp2_submit_ping(session, NGHTTP2_FLAG_NONE, NULL);
	return 0;
}

/* One table of callbacks for all sessions; NULL without memory. */
static const nghttp2_session_callbacks *callbacks(void)
{
	static nghttp2_session_callbacks *table;
	if (table || nghttp2_session_callbacks_new(&table))
		return table;
	h2_request_callbacks(table);
	h2_reply_callbacks(table);
	h2_guard_callbacks(table);
	nghttp2_session_callbacks_set_on_frame_send_callback(table, on_frame_sent);
	return table;
}

/* Its own limits are a second lock: ours, a little lower, know what to call it. */
static int session_new(struct h2 *h2)
{
	const unsigned *most = h2->server->settings.guards.most;
	nghttp2_option *option;

	if (!callbacks() || nghttp2_option_new(&option))
		return -1;
	nghttp2_option_set_no_auto_window_update(option, 1);
	nghttp2_option_set_builtin_recv_extension_type(option, NGHTTP2_PRIORITY_UPDATE);
	nghttp2_option_set_max_outbound_ack(option, most[GUARD_QUEUED_FRAMES]);
	nghttp2_option_set_max_continuations(option, most[GUARD_CONTINUATIONS] + 1);
	nghttp2_option_set_stream_reset_rate_limit(option, 2 * most[GUARD_RESETS], most[GUARD_RESETS]);
	int error = nghttp2_session_server_new2(&h2->session, callbacks(), h2, option);
	nghttp2_option_del(option);
	return error;
}

static int greet(struct h2 *h2)
{
	const struct http_settings *settings = &h2->server->settings;
	const nghttp2_settings_entry entries[] = {
		{ NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, settings->h2.max_streams },
		{ NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, (uint32_t)settings->h2.stream_window },
		{ NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, (uint32_t)settings->head.head_bytes },
		{ NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1 },
	};
	int error = nghttp2_submit_settings(h2->session, NGHTTP2_FLAG_NONE, entries, countof(entries));
	return error ? error
		     : nghttp2_session_set_local_window_size(h2->session, NGHTTP2_FLAG_NONE, 0,
							     (int32_t)settings->h2.connection_window);
}

static void streams_over(struct h2 *h2)
{
	for (struct link *link; (link = list_pop_front(&h2->streams));) {
		struct exchange *exchange = list_entry(link, struct exchange, link);
		nghttp2_session_set_stream_user_data(h2->session, h2_id(exchange), NULL);
		exchange_over(exchange);
	}
}

/* After anything that the client did or had us do: sends it away if it was too much. */
static void judge(struct h2 *h2)
{
	if (h2_guard_expel(h2)) {
		streams_over(h2);
		conn_close(h2->conn);
	}
	watch(h2);
}

/* Writes what nghttp2 has to say while there is room. */
static void flush(struct h2 *h2)
{
	const uint8_t *bytes;
	nghttp2_ssize n = 0;

	while (conn_room(h2->conn) > 0 && (n = nghttp2_session_mem_send2(h2->session, &bytes)) > 0)
		conn_write(h2->conn, h2_text(bytes, (size_t)n));
	if (n < 0)
		conn_abort(h2->conn);
	else if (!nghttp2_session_want_read(h2->session) && !nghttp2_session_want_write(h2->session))
		conn_close(h2->conn);
	judge(h2);
}

/* ── The protocol ── */

static void h2_closed(void *state)
{
	struct h2 *h2 = state;
	streams_over(h2);
	nghttp2_session_del(h2->session);
	free(h2);
}

static void *h2_open(struct conn *conn, void *server)
{
	struct h2 *h2 = calloc(1, sizeof(*h2));
	if (!h2)
		return NULL;
	*h2 = (struct h2){ .conn = conn, .server = server, .fired = N_GUARDS };
	list_init(&h2->streams);
	outflow_init(&h2->outflow, h2->server->settings.max_queued);
	if (session_new(h2)) {
		free(h2);
		return NULL;
	}
	if (greet(h2)) {
		h2_closed(h2);
		return NULL;
	}
	watch(h2);
	conn_pump_later(conn);
	return h2;
}

static void *grpc_open(struct conn *conn, void *server)
{
	struct h2 *h2 = h2_open(conn, server);
	if (h2)
		h2->grpc = h2->grpc_only = true;
	return h2;
}

static void h2_input(void *state, struct str bytes)
{
	struct h2 *h2 = state;

	h2_guard_input(h2, bytes);
	if (h2->fired == N_GUARDS) {
		nghttp2_ssize n = nghttp2_session_mem_recv2(h2->session, (const uint8_t *)bytes.at, bytes.len);
		h2_guard_outcome(h2, n);
		if (n < 0 && h2->fired == N_GUARDS) {
			log_debug("HTTP/2 connection error", LOG_TEXT("why", str_of(nghttp2_strerror((int)n))),
				  LOG_TEXT("peer", conn_peer(h2->conn)));
			nghttp2_session_terminate_session(h2->session, NGHTTP2_PROTOCOL_ERROR);
		}
	}
	conn_pump_later(h2->conn);
	judge(h2);
}

static void h2_input_ended(void *state)
{
	struct h2 *h2 = state;
	streams_over(h2);
	conn_close(h2->conn);
}

static void h2_pump(void *state)
{
	flush(state);
}

/*
 * In two steps (RFC 9113 section 6.8): first the client is told to open no more streams, and asked for a sign that it
 * has read that; only then is it told which of them was the last.
 */
static void h2_drain(void *state)
{
	struct h2 *h2 = state;
	h2->parting = true;
	nghttp2_submit_shutdown_notice(h2->session);
	conn_pump_later(h2->conn);
	watch(h2);
}

void h2_part(struct h2 *h2)
{
	if (!h2->parting)
		return;
	h2->parting = false;
	nghttp2_submit_goaway(h2->session, NGHTTP2_FLAG_NONE, nghttp2_session_get_last_proc_stream_id(h2->session),
			      NGHTTP2_NO_ERROR, NULL, 0);
	conn_pump_later(h2->conn);
}

static bool h2_timed_out(void *state)
{
	struct h2 *h2 = state;
	enum h2_stage stage = h2->stage;

	h2->stage = H2_NOTHING_DUE;
	if (stage == H2_IDLE) {
		nghttp2_session_terminate_session(h2->session, NGHTTP2_NO_ERROR);
		conn_pump_later(h2->conn);
		return true;
	}
	h2_part(h2);
	h2_guard_paces(h2);
	judge(h2);
	return false;
}

const struct protocol http2_protocol = {
	.alpn = "h2",
	.open = h2_open,
	.input = h2_input,
	.input_ended = h2_input_ended,
	.pump = h2_pump,
	.drain = h2_drain,
	.timed_out = h2_timed_out,
	.closed = h2_closed,
};

const struct protocol grpc_protocol = {
	.alpn = "h2",
	.open = grpc_open,
	.input = h2_input,
	.input_ended = h2_input_ended,
	.pump = h2_pump,
	.drain = h2_drain,
	.timed_out = h2_timed_out,
	.closed = h2_closed,
};
