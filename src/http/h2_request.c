/* SPDX-License-Identifier: MIT */
/* Frames as requests. */
#include "http/fields.h"
#include "http/h2.h"

static int on_begin_headers(nghttp2_session *session, const nghttp2_frame *frame, void *arg)
{
	struct h2 *h2 = arg;

	h2->list_bytes = 0;
	if (frame->headers.cat != NGHTTP2_HCAT_REQUEST)
		return 0;
	struct client client = client_of(h2->conn);
	client.grpc_only = h2->grpc_only;
	struct exchange *exchange = exchange_new(h2->server, &h2_transport, h2, &client);
	if (!exchange)
		return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
	exchange->stream_id = frame->hd.stream_id;
	exchange->request.protocol = HTTP_2;
	exchange->outflow = &h2->outflow;
	nghttp2_session_set_stream_user_data(session, frame->hd.stream_id, exchange);
	list_push_back(&h2->streams, &exchange->link);
	return 0;
}

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name, size_t name_len,
		     const uint8_t *value, size_t value_len, uint8_t flags, void *arg)
{
	struct exchange *exchange = nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);
	(void)flags;

	if (!h2_guard_field(arg, name_len, value_len))
		return NGHTTP2_ERR_CALLBACK_FAILURE;
	/* Trailers, and what follows a field too many, are read and dropped. */
	if (!exchange || exchange->head_done || !exchange_wants_body(exchange))
		return 0;
	if (!fields_add(exchange, h2_text(name, name_len), h2_text(value, value_len)))
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
		nghttp2_submit_headers(h2_of(exchange)->session, NGHTTP2_FLAG_NONE, h2_id(exchange), NULL, &go_on, 1,
				       NULL);
}

static void head_complete(struct exchange *exchange, bool has_body)
{
	if (!exchange_wants_body(exchange))
		return;
	exchange_head(exchange, has_body, fields_length(&exchange->request));
	h2_of(exchange)->grpc |= exchange->grpc != NULL;
	if (has_body && exchange_wants_body(exchange))
		give_expected(exchange);
}

/* A stream that waits in the outflow for room is asked again, now that it could send more. */
static void window_opened(nghttp2_session *session, int32_t id)
{
	struct exchange *exchange = id ? nghttp2_session_get_stream_user_data(session, id) : NULL;
	if (exchange && exchange->deferred)
		h2_invite(exchange);
}

static void message_frame(nghttp2_session *session, const nghttp2_frame *frame)
{
	struct exchange *exchange = nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);
	bool is_last = frame->hd.flags & NGHTTP2_FLAG_END_STREAM;

	if (!exchange)
		return;
	if (frame->hd.type == NGHTTP2_HEADERS && frame->headers.cat == NGHTTP2_HCAT_REQUEST)
		head_complete(exchange, !is_last);
	if (is_last)
		exchange_body_end(exchange);
}

static int on_frame_received(nghttp2_session *session, const nghttp2_frame *frame, void *arg)
{
	switch (frame->hd.type) {
	case NGHTTP2_HEADERS:
	case NGHTTP2_DATA:
		message_frame(session, frame);
		break;
	case NGHTTP2_WINDOW_UPDATE:
		window_opened(session, frame->hd.stream_id);
		break;
	case NGHTTP2_PING:
		if (frame->hd.flags & NGHTTP2_FLAG_ACK)
			h2_part(arg);
		break;
	default:
		break;
	}
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
		h2_reset(exchange, NGHTTP2_NO_ERROR);
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
	exchange_body(exchange, h2_text(at, len));
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

void h2_request_callbacks(nghttp2_session_callbacks *table)
{
	nghttp2_session_callbacks_set_on_begin_headers_callback(table, on_begin_headers);
	nghttp2_session_callbacks_set_on_header_callback(table, on_header);
	nghttp2_session_callbacks_set_on_frame_recv_callback(table, on_frame_received);
	nghttp2_session_callbacks_set_on_data_chunk_recv_callback(table, on_data);
	nghttp2_session_callbacks_set_on_stream_close_callback(table, on_stream_close);
}
