/* SPDX-License-Identifier: MIT */
/*
 * HTTP/2 over a connection, framed by nghttp2. Bodies are never copied into its buffers: DATA frames are written
 * straight from the reply's queue. What nghttp2 does not guard is guarded here: streams that we had to reset,
 * invalid frames, streams without progress.
 */
#include <nghttp2/nghttp2.h>

#include "base/clock.h"
#include "http/fields.h"
#include "http/inside.h"
#include "obs/log.h"

enum { MAX_REPLY_FIELDS = 96, SHORTEST_TICK_MS = 50 };

/* Which deadline runs: the connection's, or the regular look at its streams. */
enum stage { NOTHING_DUE, IDLE, BUSY };

struct h2 {
	struct conn *conn;
	struct http_server *server;
	nghttp2_session *session;
	struct link streams; /* exchanges */
	enum stage stage;
	double glitches; /* a bucket that leaks */
	int64_t glitch_us;
};

static struct h2 *h2_of(const struct exchange *exchange)
{
	return exchange->owner;
}

static int32_t id_of(const struct exchange *exchange)
{
	return (int32_t)exchange->stream_id;
}

static struct str text_of(const uint8_t *at, size_t len)
{
	return (struct str){ (const char *)at, len };
}

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
	enum stage stage = list_empty(&h2->streams) ? IDLE : BUSY;

	if (stage != h2->stage)
		conn_deadline(h2->conn, stage == IDLE ? settings->idle_ms : tick_ms(settings));
	h2->stage = stage;
}

/* ── Abuse ── */

/*
 * Each frame that is wrong, and each stream that we had to reset, costs us more than the client: a peer that makes
 * many of them is sent away (nghttp2 counts only the resets it receives).
 */
static void count_glitch(struct h2 *h2)
{
	const struct h2_patience *patience = &h2->server->settings.h2.glitches;
	int64_t now = clock_monotonic_us();

	h2->glitches -= (double)(now - h2->glitch_us) * 1e-6 * patience->per_second;
	h2->glitches = (h2->glitches > 0 ? h2->glitches : 0) + 1;
	h2->glitch_us = now;
	if (h2->glitches <= patience->burst)
		return;
	log_debug("too many HTTP/2 glitches", LOG_TEXT("peer", conn_peer(h2->conn)));
	nghttp2_session_terminate_session(h2->session, NGHTTP2_ENHANCE_YOUR_CALM);
}

static int on_invalid_frame(nghttp2_session *session, const nghttp2_frame *frame, int error, void *arg)
{
	(void)session, (void)frame, (void)error;
	count_glitch(arg);
	return 0;
}

/* A header field that is none makes the request malformed: its stream is reset. */
static int on_invalid_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name, size_t name_len,
			     const uint8_t *value, size_t value_len, uint8_t flags, void *arg)
{
	(void)session, (void)frame, (void)name, (void)name_len, (void)value, (void)value_len, (void)flags, (void)arg;
	return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
}

/* ── Replies ── */

static void reset(struct exchange *exchange, uint32_t error)
{
	struct h2 *h2 = h2_of(exchange);
	nghttp2_submit_rst_stream(h2->session, NGHTTP2_FLAG_NONE, id_of(exchange), error);
	conn_pump_later(h2->conn);
}

/* What to send next, no further than there is room: the bytes themselves are written by send_data. */
static nghttp2_ssize read_body(nghttp2_session *session, int32_t id, uint8_t *into, size_t len, uint32_t *flags,
			       nghttp2_data_source *source, void *arg)
{
	struct exchange *exchange = source->ptr;
	struct h2 *h2 = arg;
	size_t room = conn_room(h2->conn), n = exchange_peek(exchange).len;
	(void)session, (void)id, (void)into;

	if (n == 0 && !exchange_drained(exchange)) {
		exchange->deferred = true;
		return NGHTTP2_ERR_DEFERRED;
	}
	if (room == 0)
		return NGHTTP2_ERR_PAUSE;
	n = n < len ? n : len;
	n = n < room ? n : room;
	if (exchange->reply.ended && n == exchange->reply.queued)
		*flags |= NGHTTP2_DATA_FLAG_EOF;
	*flags |= NGHTTP2_DATA_FLAG_NO_COPY;
	return (nghttp2_ssize)n;
}

static int send_data(nghttp2_session *session, nghttp2_frame *frame, const uint8_t *head, size_t len,
		     nghttp2_data_source *source, void *arg)
{
	enum { FRAME_HEAD = 9 };
	struct exchange *exchange = source->ptr;
	struct h2 *h2 = arg;
	(void)session, (void)frame;

	conn_write(h2->conn, text_of(head, FRAME_HEAD));
	if (len == 0)
		return 0;
	conn_write(h2->conn, str_first(exchange_peek(exchange), len));
	exchange_advance(exchange, len);
	return 0;
}

/* The slices live in the exchange, which outlives its frames. */
static nghttp2_nv field_of(struct str name, struct str value)
{
	unsigned flags = NGHTTP2_NV_FLAG_NO_COPY_NAME | NGHTTP2_NV_FLAG_NO_COPY_VALUE;
	if (field_is_unique(name))
		flags |= NGHTTP2_NV_FLAG_NO_INDEX;
	return (nghttp2_nv){ .name = (uint8_t *)(uintptr_t)name.at,
			     .value = (uint8_t *)(uintptr_t)value.at,
			     .namelen = name.len,
			     .valuelen = value.len,
			     .flags = (uint8_t)flags };
}

static void reply_begin(struct exchange *exchange)
{
	struct h2 *h2 = h2_of(exchange);
	struct reply *reply = &exchange->reply;
	nghttp2_data_provider2 body = { .source.ptr = exchange, .read_callback = read_body };
	bool has_body = !reply->no_body && !exchange_drained(exchange);
	nghttp2_nv fields[MAX_REPLY_FIELDS];
	size_t n = 0;

	if (reply->headers.n >= MAX_REPLY_FIELDS) {
		log_error("too many reply headers", LOG_TEXT("path", exchange->request.path));
		reset(exchange, NGHTTP2_INTERNAL_ERROR);
		return;
	}
	fields[n++] = field_of(STR(":status"), str_of_int(reply->status, reply->status_text));
	for (size_t i = 0; i < reply->headers.n; i++)
		fields[n++] = field_of(reply->headers.items[i].name, reply->headers.items[i].value);
	if (nghttp2_submit_response2(h2->session, id_of(exchange), fields, n, has_body ? &body : NULL))
		reset(exchange, NGHTTP2_INTERNAL_ERROR);
	conn_pump_later(h2->conn);
}

static void reply_more(struct exchange *exchange)
{
	struct h2 *h2 = h2_of(exchange);
	if (!exchange->deferred)
		return;
	exchange->deferred = false;
	nghttp2_session_resume_data(h2->session, id_of(exchange));
	conn_pump_later(h2->conn);
}

static void reply_cut(struct exchange *exchange)
{
	reset(exchange, NGHTTP2_INTERNAL_ERROR);
}

/* A refused body is not invited: its window stays as it is. */
static void body_taken(struct exchange *exchange, size_t n)
{
	struct h2 *h2 = h2_of(exchange);
	if (exchange->refusal)
		return;
	nghttp2_session_consume_stream(h2->session, id_of(exchange), n);
	conn_pump_later(h2->conn);
}

static const struct transport transport_2 = { "h2", reply_begin, reply_more, reply_cut, body_taken };

static int on_frame_sent(nghttp2_session *session, const nghttp2_frame *frame, void *arg)
{
	(void)session;
	if (frame->hd.type == NGHTTP2_RST_STREAM)
		count_glitch(arg);
	return 0;
}

/* ── Requests ── */

static int on_begin_headers(nghttp2_session *session, const nghttp2_frame *frame, void *arg)
{
	struct h2 *h2 = arg;

	if (frame->headers.cat != NGHTTP2_HCAT_REQUEST)
		return 0;
	struct client client = client_of(h2->conn);
	struct exchange *exchange = exchange_new(h2->server, &transport_2, h2, &client);
	if (!exchange)
		return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
	exchange->stream_id = frame->hd.stream_id;
	exchange->request.protocol = HTTP_2;
	nghttp2_session_set_stream_user_data(session, frame->hd.stream_id, exchange);
	list_push_back(&h2->streams, &exchange->link);
	return 0;
}

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name, size_t name_len,
		     const uint8_t *value, size_t value_len, uint8_t flags, void *arg)
{
	struct exchange *exchange = nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);
	(void)flags, (void)arg;

	/* Trailers, and what follows a field too many, are read and dropped. */
	if (!exchange || exchange->head_done || !exchange_wants_body(exchange))
		return 0;
	if (!fields_add(exchange, text_of(name, name_len), text_of(value, value_len)))
		exchange_refuse(exchange, PROBLEM_HEADERS_TOO_LARGE, STR_ABSENT);
	return 0;
}

static void give_expected(struct exchange *exchange)
{
	const nghttp2_nv go_on = { .name = (uint8_t *)(uintptr_t) ":status",
				   .value = (uint8_t *)(uintptr_t) "100",
				   .namelen = 7,
				   .valuelen = 3 };
	if (fields_expect_continue(&exchange->request))
		nghttp2_submit_headers(h2_of(exchange)->session, NGHTTP2_FLAG_NONE, id_of(exchange), NULL, &go_on, 1,
				       NULL);
}

static void head_complete(struct exchange *exchange, bool has_body)
{
	if (!exchange_wants_body(exchange))
		return;
	exchange_head(exchange, has_body, fields_length(&exchange->request));
	if (has_body && exchange_wants_body(exchange))
		give_expected(exchange);
}

static int on_frame_received(nghttp2_session *session, const nghttp2_frame *frame, void *arg)
{
	bool is_head = frame->hd.type == NGHTTP2_HEADERS;
	bool is_last = frame->hd.flags & NGHTTP2_FLAG_END_STREAM;
	(void)arg;

	if (!is_head && frame->hd.type != NGHTTP2_DATA)
		return 0;
	struct exchange *exchange = nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);
	if (!exchange)
		return 0;
	if (is_head && frame->headers.cat == NGHTTP2_HCAT_REQUEST)
		head_complete(exchange, !is_last);
	if (is_last)
		exchange_body_end(exchange);
	return 0;
}

/*
 * A reply that ended before its request did says all there is to say, and most clients stop by themselves. To reset
 * at once would make some of them lose the reply; those that send on and on are reset.
 */
static void check_unwanted(struct exchange *exchange, size_t n)
{
	exchange->unwanted += n;
	if (exchange_drained(exchange) && exchange->unwanted > exchange->server->settings.unread_body)
		reset(exchange, NGHTTP2_NO_ERROR);
}

static int on_data(nghttp2_session *session, uint8_t flags, int32_t id, const uint8_t *at, size_t len, void *arg)
{
	struct exchange *exchange = nghttp2_session_get_stream_user_data(session, id);
	(void)flags, (void)arg;

	/* One stream whose body waits must not hold up the others: only its own window closes. */
	nghttp2_session_consume_connection(session, len);
	if (!exchange)
		return 0;
	if (!exchange_wants_body(exchange))
		check_unwanted(exchange, len);
	exchange_body(exchange, text_of(at, len));
	return 0;
}

static int on_stream_close(nghttp2_session *session, int32_t id, uint32_t error, void *arg)
{
	struct exchange *exchange = nghttp2_session_get_stream_user_data(session, id);
	(void)error, (void)arg;

	if (!exchange)
		return 0;
	list_remove(&exchange->link);
	exchange_over(exchange);
	return 0;
}

/* ── The session ── */

/* One table of callbacks for all sessions; NULL without memory. */
static const nghttp2_session_callbacks *callbacks(void)
{
	static nghttp2_session_callbacks *table;
	if (table || nghttp2_session_callbacks_new(&table))
		return table;
	nghttp2_session_callbacks_set_on_begin_headers_callback(table, on_begin_headers);
	nghttp2_session_callbacks_set_on_header_callback(table, on_header);
	nghttp2_session_callbacks_set_on_invalid_header_callback(table, on_invalid_header);
	nghttp2_session_callbacks_set_on_frame_recv_callback(table, on_frame_received);
	nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(table, on_invalid_frame);
	nghttp2_session_callbacks_set_on_data_chunk_recv_callback(table, on_data);
	nghttp2_session_callbacks_set_on_frame_send_callback(table, on_frame_sent);
	nghttp2_session_callbacks_set_on_stream_close_callback(table, on_stream_close);
	nghttp2_session_callbacks_set_send_data_callback(table, send_data);
	return table;
}

static int session_new(struct h2 *h2)
{
	const struct h2_settings *settings = &h2->server->settings.h2;
	nghttp2_option *option;

	if (!callbacks() || nghttp2_option_new(&option))
		return -1;
	nghttp2_option_set_no_auto_window_update(option, 1);
	nghttp2_option_set_max_continuations(option, settings->max_continuations);
	nghttp2_option_set_stream_reset_rate_limit(option, settings->resets.burst, settings->resets.per_second);
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

/* Writes what nghttp2 has to say while there is room. */
static void flush(struct h2 *h2)
{
	const uint8_t *bytes;
	nghttp2_ssize n = 0;

	while (conn_room(h2->conn) > 0 && (n = nghttp2_session_mem_send2(h2->session, &bytes)) > 0)
		conn_write(h2->conn, text_of(bytes, (size_t)n));
	if (n < 0)
		conn_abort(h2->conn);
	else if (!nghttp2_session_want_read(h2->session) && !nghttp2_session_want_write(h2->session))
		conn_close(h2->conn);
	watch(h2);
}

static void streams_over(struct h2 *h2)
{
	for (struct link *link; (link = list_pop_front(&h2->streams));) {
		struct exchange *exchange = list_entry(link, struct exchange, link);
		nghttp2_session_set_stream_user_data(h2->session, id_of(exchange), NULL);
		exchange_over(exchange);
	}
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
	*h2 = (struct h2){ .conn = conn, .server = server };
	list_init(&h2->streams);
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

static void h2_input(void *state, struct str bytes)
{
	struct h2 *h2 = state;
	nghttp2_ssize n = nghttp2_session_mem_recv2(h2->session, (const uint8_t *)bytes.at, bytes.len);

	if (n < 0) {
		log_debug("HTTP/2 connection error", LOG_TEXT("why", str_of(nghttp2_strerror((int)n))),
			  LOG_TEXT("peer", conn_peer(h2->conn)));
		nghttp2_session_terminate_session(h2->session, NGHTTP2_PROTOCOL_ERROR);
	}
	conn_pump_later(h2->conn);
	watch(h2);
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

static void h2_drain(void *state)
{
	struct h2 *h2 = state;
	nghttp2_submit_goaway(h2->session, NGHTTP2_FLAG_NONE, nghttp2_session_get_last_proc_stream_id(h2->session),
			      NGHTTP2_NO_ERROR, NULL, 0);
	conn_pump_later(h2->conn);
}

/* A stream whose client neither sends nor takes what it should. */
static void check_progress(struct exchange *exchange, int64_t now_us)
{
	const struct http_settings *settings = &exchange->server->settings;
	int64_t still_ms = (now_us - exchange->moved_us) / 1000;

	if (!exchange->body_done && still_ms >= settings->body_ms) {
		if (exchange_wants_body(exchange))
			exchange_refuse(exchange, PROBLEM_REQUEST_TIMEOUT, STR_ABSENT);
		else if (exchange->reply.begun)
			reset(exchange, NGHTTP2_CANCEL);
	} else if (exchange->reply.n_pieces && still_ms >= settings->stall_ms) {
		reset(exchange, NGHTTP2_CANCEL);
	}
}

static bool is_stuck_in_head(const struct exchange *exchange, int64_t now_us)
{
	return !exchange->head_done && exchange_wants_body(exchange) &&
	       (now_us - exchange->moved_us) / 1000 >= exchange->server->settings.head_ms;
}

static void h2_timed_out(void *state)
{
	struct h2 *h2 = state;
	int64_t now_us = clock_monotonic_us();
	struct exchange *exchange;

	if (h2->stage == IDLE) {
		nghttp2_session_terminate_session(h2->session, NGHTTP2_NO_ERROR);
		conn_pump_later(h2->conn);
		return;
	}
	list_each(exchange, &h2->streams, link)
	{
		if (is_stuck_in_head(exchange, now_us)) {
			conn_abort(h2->conn); /* no other frame can come before the rest of that head */
			return;
		}
		check_progress(exchange, now_us);
	}
	h2->stage = NOTHING_DUE;
	watch(h2);
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
