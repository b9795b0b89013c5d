/* SPDX-License-Identifier: MIT */
/* Replies as frames. Bodies are never copied into nghttp2's buffers: DATA is written straight from the reply's queue. */
#include "http/fields.h"
#include "http/h2.h"
#include "obs/log.h"

enum { MAX_REPLY_FIELDS = 96 };

void h2_reset(struct exchange *exchange, uint32_t error)
{
	struct h2 *h2 = h2_of(exchange);
	nghttp2_submit_rst_stream(h2->session, NGHTTP2_FLAG_NONE, h2_id(exchange), error);
	conn_pump_later(h2->conn);
}

void h2_invite(struct exchange *exchange)
{
	struct h2 *h2 = h2_of(exchange);
	int32_t window = nghttp2_session_get_stream_remote_window_size(h2->session, h2_id(exchange));
	exchange_invite(exchange, window > 0 ? (size_t)window : 0);
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

/* The stream ends with the last piece of its body, or with the trailers after that. */
static uint32_t end_flags(struct exchange *exchange)
{
	const struct http_headers *trailers = &exchange->reply.trailers;
	nghttp2_nv fields[MAX_REPLY_FIELDS];
	size_t n = trailers->n < MAX_REPLY_FIELDS ? trailers->n : MAX_REPLY_FIELDS;

	if (!n)
		return NGHTTP2_DATA_FLAG_EOF;
	for (size_t i = 0; i < n; i++)
		fields[i] = field_of(trailers->items[i].name, trailers->items[i].value);
	if (nghttp2_submit_trailer(h2_of(exchange)->session, h2_id(exchange), fields, n))
		h2_reset(exchange, NGHTTP2_INTERNAL_ERROR);
	return NGHTTP2_DATA_FLAG_EOF | NGHTTP2_DATA_FLAG_NO_END_STREAM;
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
		h2_invite(exchange);
		return NGHTTP2_ERR_DEFERRED;
	}
	if (room == 0)
		return NGHTTP2_ERR_PAUSE;
	n = n < len ? n : len;
	n = n < room ? n : room;
	if (exchange->reply.ended && n == exchange->reply.queued)
		*flags |= end_flags(exchange);
	*flags |= NGHTTP2_DATA_FLAG_NO_COPY;
	return (nghttp2_ssize)n;
}

static int send_data(nghttp2_session *session, nghttp2_frame *frame, const uint8_t *head, size_t len,
		     nghttp2_data_source *source, void *arg)
{
	enum { FRAME_HEAD = 9 };
	struct exchange *exchange = source->ptr;
	struct h2 *h2 = arg;
	(void)session;

	conn_write(h2->conn, h2_text(head, FRAME_HEAD));
	if (len == 0)
		return 0;
	conn_write(h2->conn, str_first(exchange_peek(exchange), len));
	exchange_advance(exchange, len);
	/* The trailers of gRPC end its streams; the frame before them may be as short as the last of another body. */
	bool all = exchange->grpc && exchange->reply.n_pieces == 0;
	h2_guard_sent(h2, len, all || frame->hd.flags & NGHTTP2_FLAG_END_STREAM);
	return 0;
}

static void send_head(struct exchange *exchange)
{
	struct h2 *h2 = h2_of(exchange);
	struct reply *reply = &exchange->reply;
	nghttp2_data_provider2 body = { .source.ptr = exchange, .read_callback = read_body };
	bool has_body = !reply->no_body && !exchange_drained(exchange);
	nghttp2_nv fields[MAX_REPLY_FIELDS];
	size_t n = 0;

	if (reply->headers.n >= MAX_REPLY_FIELDS) {
		log_error("too many reply headers", LOG_TEXT("path", request_path_for_log(&exchange->request)));
		h2_reset(exchange, NGHTTP2_INTERNAL_ERROR);
		return;
	}
	fields[n++] = field_of(STR(":status"), str_of_int(reply->status, reply->status_text));
	for (size_t i = 0; i < reply->headers.n; i++)
		fields[n++] = field_of(reply->headers.items[i].name, reply->headers.items[i].value);
	if (nghttp2_submit_response2(h2->session, h2_id(exchange), fields, n, has_body ? &body : NULL))
		h2_reset(exchange, NGHTTP2_INTERNAL_ERROR);
	conn_pump_later(h2->conn);
}

static void reply_more(struct exchange *exchange)
{
	struct h2 *h2 = h2_of(exchange);
	if (!exchange->deferred)
		return;
	exchange->deferred = false;
	nghttp2_session_resume_data(h2->session, h2_id(exchange));
	conn_pump_later(h2->conn);
}

static void reply_cut(struct exchange *exchange)
{
	h2_reset(exchange, NGHTTP2_INTERNAL_ERROR);
}

/* A refused body is not invited: its window stays as it is. */
static void body_taken(struct exchange *exchange, size_t n)
{
	struct h2 *h2 = h2_of(exchange);
	if (exchange->refusal)
		return;
	nghttp2_session_consume_stream(h2->session, h2_id(exchange), n);
	conn_pump_later(h2->conn);
}

const struct transport h2_transport = { "h2", send_head, reply_more, reply_cut, body_taken };

void h2_reply_callbacks(nghttp2_session_callbacks *table)
{
	nghttp2_session_callbacks_set_send_data_callback(table, send_data);
}
