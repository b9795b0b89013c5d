/* SPDX-License-Identifier: MIT */
/* A request stream of HTTP/3: from nghttp3's callbacks to an exchange, and from its reply to nghttp3. */
#include "http/h3.h"

#include "base/clock.h"
#include "base/random.h"
#include "http/fields.h"
#include "http/inside.h"
#include "obs/log.h"

enum { MAX_REPLY_FIELDS = 96, MAX_SPARE = 16 };

static struct h3_stream *stream_of(const struct exchange *exchange)
{
	return exchange->owner;
}

static struct str text_of(nghttp3_rcbuf *buf)
{
	nghttp3_vec vec = nghttp3_rcbuf_get_buf(buf);
	return (struct str){ (const char *)vec.base, vec.len };
}

struct h3_stream *h3_stream_find(const struct h3 *h3, int64_t id)
{
	struct h3_stream *stream;

	list_each(stream, &h3->streams, link)
	{
		if (stream->id == id)
			return stream;
	}
	return NULL;
}

/* ── What the client may not have yet ── */

static bool grow(struct h3_stream *stream)
{
	struct h3_held *wider = malloc(2 * stream->room * sizeof(*wider));

	if (!wider)
		return false;
	for (size_t i = 0; i < stream->n_held; i++)
		wider[i] = stream->held[(stream->first + i) % stream->room];
	if (stream->held != stream->few)
		free(stream->held);
	stream->held = wider;
	stream->first = 0;
	stream->room *= 2;
	return true;
}

/* Takes over the piece's reference; false without memory. */
static bool hold(struct h3_stream *stream, const struct reply_piece *piece)
{
	if (stream->n_held == stream->room && !grow(stream))
		return false;
	stream->held[(stream->first + stream->n_held++) % stream->room] =
		(struct h3_held){ piece->blob, piece->rest.len };
	return true;
}

static void release(struct h3_stream *stream, uint64_t n)
{
	while (n && stream->n_held) {
		struct h3_held *held = &stream->held[stream->first];
		size_t part = n < held->left ? (size_t)n : held->left;
		held->left -= part;
		n -= part;
		if (held->left)
			return;
		blob_unref(held->blob);
		stream->first = (stream->first + 1) % stream->room;
		stream->n_held--;
	}
}

/* ── Beginning and end ── */

static struct h3_stream *stream_new(struct h3 *h3, int64_t id)
{
	struct link *spare = list_pop_front(&h3->spare);
	struct h3_stream *stream = spare ? list_entry(spare, struct h3_stream, link) : malloc(sizeof(*stream));

	if (!stream)
		return NULL;
	h3->n_spare -= spare != NULL;
	*stream = (struct h3_stream){ .h3 = h3, .id = id, .held = stream->few, .room = H3_FEW_HELD };
	pace_begin(&stream->download, clock_coarse_us());
	list_push_back(&h3->streams, &stream->link);
	return stream;
}

static void exchange_ends(struct h3_stream *stream)
{
	if (stream->exchange)
		exchange_over(take(stream->exchange));
}

/* The client has given up a request that was not answered yet. */
static void exchange_given_up(struct h3_stream *stream)
{
	if (stream->exchange && !stream->cut && !stream->h3->over)
		h3_count(stream->h3, GUARD_H3_RESETS);
	exchange_ends(stream);
}

void h3_stream_end(struct h3_stream *stream)
{
	struct h3 *h3 = stream->h3;

	h3->n_cut -= stream->cut;
	exchange_given_up(stream);
	release(stream, UINT64_MAX);
	if (stream->held != stream->few)
		free(stream->held);
	list_remove(&stream->link);
	if (h3->n_spare == MAX_SPARE) {
		free(stream);
		return;
	}
	list_push_front(&h3->spare, &stream->link);
	h3->n_spare++;
}

void h3_stream_free_spare(struct h3 *h3)
{
	for (struct link *link; (link = list_pop_front(&h3->spare));)
		free(list_entry(link, struct h3_stream, link));
}

/* Nothing more is read from the stream. */
static void stop_reading(struct h3_stream *stream)
{
	int error = nghttp3_conn_shutdown_stream_read(stream->h3->session, stream->id);
	if (error)
		h3_fail_for(stream->h3, error);
}

void h3_stream_cut(struct h3_stream *stream, uint64_t code)
{
	struct h3 *h3 = stream->h3;

	if (h3->over || stream->cut)
		return;
	stream->cut = true;
	h3->n_cut++;
	quic_stream_shut(h3->conn, stream->id, code);
	nghttp3_conn_shutdown_stream_write(h3->session, stream->id);
	stop_reading(stream);
	h3_count(h3, GUARD_H3_FORCED_RESETS);
	quic_conn_pump_later(h3->conn);
}

void h3_stream_sweep(struct h3 *h3)
{
	struct h3_stream *stream;

	if (!h3->n_cut)
		return;
	list_each(stream, &h3->streams, link)
	{
		if (stream->cut)
			exchange_ends(stream);
	}
}

/* A reply that ended before its request did says all there is to say (RFC 9114, 4.1). */
void h3_stream_sent(struct h3_stream *stream)
{
	if (!stream->exchange)
		return;
	if (!stream->exchange->body_done) {
		quic_stream_stop(stream->h3->conn, stream->id, NGHTTP3_H3_NO_ERROR);
		stop_reading(stream);
	}
	exchange_ends(stream);
}

/* The rest of a request that is answered already, or refused, is not missed. */
void h3_stream_was_reset(struct h3_stream *stream)
{
	struct exchange *exchange = stream->exchange;

	if (!exchange || exchange->body_done)
		return;
	if (!exchange_wants_body(exchange)) {
		exchange->body_done = true;
		return;
	}
	nghttp3_conn_shutdown_stream_write(stream->h3->session, stream->id);
	quic_stream_reset(stream->h3->conn, stream->id, NGHTTP3_H3_REQUEST_INCOMPLETE);
	exchange_given_up(stream);
}

void h3_stream_was_stopped(struct h3_stream *stream)
{
	if (!stream->exchange)
		return;
	if (!stream->exchange->body_done) {
		quic_stream_stop(stream->h3->conn, stream->id, NGHTTP3_H3_REQUEST_CANCELLED);
		stop_reading(stream);
	}
	exchange_given_up(stream);
}

/* ── Replies ── */

static void drop_empty_pieces(struct exchange *exchange)
{
	struct reply_piece piece;
	while (exchange->reply.n_pieces && exchange_peek(exchange).len == 0 && exchange_take(exchange, &piece))
		blob_unref(piece.blob);
}

/* Nothing is to be had: until there is more, or the client opens the window. */
static nghttp3_ssize defer(struct h3_stream *stream)
{
	size_t window = quic_stream_window(stream->h3->conn, stream->id);

	stream->exchange->deferred = true;
	if (window == 0)
		h3_stream_blocked(stream);
	else
		exchange_invite(stream->exchange, window);
	return NGHTTP3_ERR_WOULDBLOCK;
}

/* Copied: the exchange may be over before the fields go out. */
static nghttp3_nv field_of(struct str name, struct str value)
{
	return (nghttp3_nv){ .name = (const uint8_t *)name.at,
			     .value = (const uint8_t *)value.at,
			     .namelen = name.len,
			     .valuelen = value.len,
			     .flags = field_is_unique(name) ? NGHTTP3_NV_FLAG_NEVER_INDEX : NGHTTP3_NV_FLAG_NONE };
}

/* The stream ends with the last piece of its body, or with the trailers after that. */
static uint32_t end_flags(struct h3_stream *stream)
{
	nghttp3_nv fields[MAX_REPLY_FIELDS];
	const struct http_headers *trailers = stream->exchange ? &stream->exchange->reply.trailers : NULL;
	size_t n = !trailers ? 0 : trailers->n < MAX_REPLY_FIELDS ? trailers->n : MAX_REPLY_FIELDS;

	if (!n)
		return NGHTTP3_DATA_FLAG_EOF;
	for (size_t i = 0; i < n; i++)
		fields[i] = field_of(trailers->items[i].name, trailers->items[i].value);
	if (nghttp3_conn_submit_trailers(stream->h3->session, stream->id, fields, n))
		h3_stream_cut(stream, NGHTTP3_H3_INTERNAL_ERROR);
	return NGHTTP3_DATA_FLAG_EOF | NGHTTP3_DATA_FLAG_NO_END_STREAM;
}

/* nghttp3 asks for no more than it is about to send: one piece at a time is enough, and none that could not leave. */
static nghttp3_ssize read_body(nghttp3_conn *session, int64_t id, nghttp3_vec *vec, size_t n, uint32_t *flags,
			       void *arg, void *state)
{
	struct h3_stream *stream = state;
	struct exchange *exchange = stream->exchange;
	struct reply_piece piece;
	(void)session, (void)n, (void)arg;

	if (exchange)
		drop_empty_pieces(exchange);
	if (!exchange || exchange_drained(exchange)) {
		*flags |= end_flags(stream);
		return 0;
	}
	if (quic_stream_window(stream->h3->conn, id) == 0 || !exchange_take(exchange, &piece))
		return defer(stream);
	if (exchange_drained(exchange))
		*flags |= end_flags(stream);
	if (!hold(stream, &piece)) {
		blob_unref(piece.blob);
		return NGHTTP3_ERR_CALLBACK_FAILURE;
	}
	vec->base = (uint8_t *)(uintptr_t)piece.rest.at;
	vec->len = piece.rest.len;
	return 1;
}

static void send_head(struct exchange *exchange)
{
	static const nghttp3_data_reader body = { read_body };
	struct h3_stream *stream = stream_of(exchange);
	struct h3 *h3 = stream->h3;
	struct reply *reply = &exchange->reply;
	bool has_body = !reply->no_body && !exchange_drained(exchange);
	nghttp3_nv fields[MAX_REPLY_FIELDS];
	size_t n = 0;

	if (h3->over || stream->cut)
		return;
	if (reply->headers.n >= MAX_REPLY_FIELDS) {
		log_error("too many reply headers", LOG_TEXT("path", request_path_for_log(&exchange->request)));
		h3_stream_cut(stream, NGHTTP3_H3_INTERNAL_ERROR);
		return;
	}
	fields[n++] = field_of(STR(":status"), str_of_int(reply->status, reply->status_text));
	for (size_t i = 0; i < reply->headers.n; i++)
		fields[n++] = field_of(reply->headers.items[i].name, reply->headers.items[i].value);
	if (nghttp3_conn_submit_response(h3->session, stream->id, fields, n, has_body ? &body : NULL))
		h3_stream_cut(stream, NGHTTP3_H3_INTERNAL_ERROR);
	quic_conn_pump_later(h3->conn);
}

static void reply_more(struct exchange *exchange)
{
	struct h3_stream *stream = stream_of(exchange);

	if (!exchange->deferred || stream->h3->over)
		return;
	exchange->deferred = false;
	if (nghttp3_conn_resume_stream(stream->h3->session, stream->id))
		h3_stream_cut(stream, NGHTTP3_H3_INTERNAL_ERROR);
	quic_conn_pump_later(stream->h3->conn);
}

void h3_stream_blocked(struct h3_stream *stream)
{
	stream->blocked = true;
}

void h3_stream_writable(struct h3_stream *stream)
{
	stream->blocked = false;
	if (stream->exchange)
		reply_more(stream->exchange);
}

static void reply_cut(struct exchange *exchange)
{
	h3_stream_cut(stream_of(exchange), NGHTTP3_H3_INTERNAL_ERROR);
}

/* A refused body is not invited: its window stays as it is. */
static void body_taken(struct exchange *exchange, size_t n)
{
	struct h3_stream *stream = stream_of(exchange);

	if (exchange->refusal || stream->h3->over)
		return;
	quic_stream_credit(stream->h3->conn, stream->id, n);
	quic_conn_pump_later(stream->h3->conn);
}

static const struct transport transport_3 = { "h3", send_head, reply_more, reply_cut, body_taken };

static int on_acked(nghttp3_conn *session, int64_t id, uint64_t n, void *arg, void *state)
{
	struct h3 *h3 = arg;
	struct h3_stream *stream = state;
	const struct pace_rule rule = exchange_reply_rule(h3->server);
	int64_t now_us = clock_coarse_us();
	(void)session, (void)id;

	pace_add(&h3->download, &rule, (size_t)n, now_us);
	if (!stream)
		return 0;
	pace_add(&stream->download, &rule, (size_t)n, now_us);
	release(stream, n);
	return 0;
}

/* ── Requests ── */

static bool exchange_begin(struct h3_stream *stream)
{
	struct quic_conn *conn = stream->h3->conn;
	struct client client = { .peer = quic_conn_peer(conn),
				 .subject = quic_conn_subject(conn),
				 .secure = true,
				 .loopback = quic_conn_loopback(conn) };

	stream->exchange = exchange_new(stream->h3->server, &transport_3, stream, &client);
	if (!stream->exchange)
		return false;
	stream->exchange->stream_id = stream->id;
	stream->exchange->request.protocol = HTTP_3;
	stream->exchange->outflow = &stream->h3->outflow;
	return true;
}

static int on_begin_headers(nghttp3_conn *session, int64_t id, void *arg, void *state)
{
	struct h3 *h3 = arg;
	struct h3_stream *stream = stream_new(h3, id);
	(void)state;

	/* Without memory the connection ends; a stream that is listed then goes with it. */
	if (!stream || nghttp3_conn_set_stream_user_data(session, id, stream) || !exchange_begin(stream))
		return NGHTTP3_ERR_CALLBACK_FAILURE;
	return 0;
}

static int on_header(nghttp3_conn *session, int64_t id, int32_t token, nghttp3_rcbuf *name, nghttp3_rcbuf *value,
		     uint8_t flags, void *arg, void *state)
{
	struct h3_stream *stream = state;
	struct exchange *exchange = stream ? stream->exchange : NULL;
	(void)session, (void)id, (void)token, (void)flags, (void)arg;

	/* What follows a field too many is read and dropped. */
	if (!exchange || !exchange_wants_body(exchange))
		return 0;
	if (!fields_add(exchange, text_of(name), text_of(value)))
		exchange_refuse(exchange, PROBLEM_HEADERS_TOO_LARGE, STR_ABSENT);
	return 0;
}

static void give_expected(struct h3_stream *stream)
{
	const nghttp3_nv go_on = field_of(STR(":status"), STR("100"));

	if (!fields_expect_continue(&stream->exchange->request))
		return;
	if (nghttp3_conn_submit_info(stream->h3->session, stream->id, &go_on, 1))
		h3_stream_cut(stream, NGHTTP3_H3_INTERNAL_ERROR);
}

static int on_end_headers(nghttp3_conn *session, int64_t id, int fin, void *arg, void *state)
{
	struct h3_stream *stream = state;
	struct exchange *exchange = stream ? stream->exchange : NULL;
	(void)session, (void)id, (void)arg;

	if (!exchange || !exchange_wants_body(exchange))
		return 0;
	exchange_head(exchange, !fin, fields_length(&exchange->request));
	if (!fin && exchange_wants_body(exchange))
		give_expected(stream);
	return 0;
}

/* One stream whose body waits must not hold up the others: only its own window closes. */
static int on_data(nghttp3_conn *session, int64_t id, const uint8_t *at, size_t len, void *arg, void *state)
{
	struct h3 *h3 = arg;
	struct h3_stream *stream = state;
	(void)session, (void)id;

	quic_conn_credit(h3->conn, len);
	if (stream && stream->exchange)
		exchange_body(stream->exchange, (struct str){ (const char *)at, len });
	return 0;
}

static int on_end_stream(nghttp3_conn *session, int64_t id, void *arg, void *state)
{
	struct h3_stream *stream = state;
	(void)session, (void)id, (void)arg;

	if (stream && stream->exchange)
		exchange_body_end(stream->exchange);
	return 0;
}

static int on_stream_close(nghttp3_conn *session, int64_t id, uint64_t code, void *arg, void *state)
{
	(void)session, (void)id, (void)code, (void)arg;

	if (state)
		h3_stream_end(state);
	return 0;
}

/* Bytes that had waited for QPACK's table were read. */
static int on_deferred_consume(nghttp3_conn *session, int64_t id, size_t n, void *arg, void *state)
{
	struct h3 *h3 = arg;
	(void)session, (void)state;

	quic_conn_consumed(h3->conn, id, n);
	return 0;
}

static int on_stop_sending(nghttp3_conn *session, int64_t id, uint64_t code, void *arg, void *state)
{
	struct h3 *h3 = arg;
	(void)session, (void)state;

	quic_stream_stop(h3->conn, id, code);
	return 0;
}

static int on_reset_stream(nghttp3_conn *session, int64_t id, uint64_t code, void *arg, void *state)
{
	struct h3 *h3 = arg;
	(void)session, (void)state;

	quic_stream_reset(h3->conn, id, code);
	return 0;
}

static void give_random(uint8_t *to, size_t len)
{
	random_bytes(to, len);
}

/* Trailers have no callback: they are checked, and dropped. */
const nghttp3_callbacks h3_callbacks = {
	.acked_stream_data = on_acked,
	.stream_close = on_stream_close,
	.recv_data = on_data,
	.deferred_consume = on_deferred_consume,
	.begin_headers = on_begin_headers,
	.recv_header = on_header,
	.end_headers = on_end_headers,
	.stop_sending = on_stop_sending,
	.end_stream = on_end_stream,
	.reset_stream = on_reset_stream,
	.rand = give_random,
};

/* ── Paces ── */

static bool has_output(const struct h3_stream *stream)
{
	const struct exchange *exchange = stream->exchange;
	return stream->n_held || (exchange && (exchange->reply.n_pieces || exchange->reply.producer_waits));
}

static bool is_late_in_head(const struct exchange *exchange, int64_t now_us)
{
	const struct http_settings *settings = &exchange->server->settings;
	return !exchange->head_done && exchange_wants_body(exchange) &&
	       (now_us - exchange->call.started_us) / 1000 >= settings->head_ms;
}

static void check_request(struct h3_stream *stream, int64_t now_us)
{
	struct exchange *exchange = stream->exchange;
	bool in_head = is_late_in_head(exchange, now_us);

	if (!in_head && !(exchange->head_done && exchange_body_late(exchange, now_us)))
		return;
	if (exchange_wants_body(exchange)) {
		guard_fired(in_head ? GUARD_SLOW_HEAD : GUARD_SLOW_BODY, quic_conn_peer(stream->h3->conn));
		exchange_refuse(exchange, PROBLEM_REQUEST_TIMEOUT, STR_ABSENT);
	} else if (exchange->reply.begun) {
		h3_stream_cut(stream, NGHTTP3_H3_REQUEST_CANCELLED);
	}
}

/* A stream that only waits for its turn is not its client's fault. */
static void check_reply(struct h3_stream *stream, int64_t now_us)
{
	const struct pace_rule rule = exchange_reply_rule(stream->h3->server);

	if (!stream->blocked) {
		pace_begin(&stream->download, now_us);
	} else if (pace_late(&stream->download, &rule, now_us)) {
		guard_fired(GUARD_ZERO_WINDOW, quic_conn_peer(stream->h3->conn));
		h3_stream_cut(stream, NGHTTP3_H3_REQUEST_CANCELLED);
	}
}

bool h3_stream_check_pace(struct h3_stream *stream, int64_t now_us)
{
	if (stream->cut)
		return false;
	if (stream->exchange)
		check_request(stream, now_us);
	if (!has_output(stream)) {
		pace_begin(&stream->download, now_us);
		return false;
	}
	check_reply(stream, now_us);
	return !stream->blocked;
}
