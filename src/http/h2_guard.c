/* SPDX-License-Identifier: MIT */
/*
 * What HTTP/2 lets a client do cheaply that is dear to us (guard.def). nghttp2 counts some of it, by limits that are
 * above ours, and would not say which.
 */
#include "base/clock.h"
#include "http/h2.h"
#include "obs/log.h"

enum {
	CREDIT_WINDOW_UPDATE = 2048, /* bytes sent for which one more frame is borne */
	CREDIT_PING = 16384,
	CREDIT_FRAME = 2,	/* for a whole frame: the stream's window and the connection's */
	WHOLE_FRAME = 1024,	/* shorter ones are the client's doing, unless they end a stream */
	PRIORITY_UPDATE = 0x10, /* RFC 9218 section 7.1 */
	FIELD_OVERHEAD = 32,	/* RFC 9113 section 6.5.2 */
};

static uint64_t now_ms(const struct h2 *h2)
{
	return uv_now(&h2->server->loop->uv);
}

static unsigned most(const struct h2 *h2, enum guard guard)
{
	return h2->server->settings.guards.most[guard];
}

static void fire(struct h2 *h2, enum guard guard)
{
	if (h2->fired == N_GUARDS)
		h2->fired = guard;
}

/* ── Counting ── */

void h2_guard_count(struct h2 *h2, enum guard guard, double n)
{
	if (guard_count(&h2->guards, &h2->server->settings.guards, guard, n, now_ms(h2)))
		fire(h2, guard);
}

void h2_guard_sent(struct h2 *h2, size_t n, bool ends)
{
	double frames = n >= WHOLE_FRAME || ends ? CREDIT_FRAME : 0;
	const struct pace_rule rule = exchange_reply_rule(h2->server);

	pace_add(&h2->download, &rule, n, clock_coarse_us());
	guard_credit(&h2->guards, GUARD_WINDOW_UPDATES, frames + (double)n / (double)CREDIT_WINDOW_UPDATE);
	guard_credit(&h2->guards, GUARD_PINGS, (double)n / (double)CREDIT_PING);
	guard_credit(&h2->guards, GUARD_GRPC_PINGS, 1); /* they may measure the path with each frame that they get */
}

bool h2_guard_field(struct h2 *h2, size_t name, size_t value)
{
	size_t ordinary = h2->server->settings.head.head_bytes, limit = most(h2, GUARD_HEADER_LIST);

	h2->list_bytes += name + value + FIELD_OVERHEAD;
	if (h2->list_bytes <= ordinary || h2->list_bytes <= limit)
		return true;
	fire(h2, GUARD_HEADER_LIST);
	return false;
}

static void count_frame(struct h2 *h2, const struct h2_frame *frame)
{
	bool is_part =
		frame->type == NGHTTP2_DATA || frame->type == NGHTTP2_HEADERS || frame->type == NGHTTP2_CONTINUATION;
	bool is_ack = frame->flags & NGHTTP2_FLAG_ACK;

	h2->n_continuations = frame->type == NGHTTP2_CONTINUATION ? h2->n_continuations + 1 : 0;
	if (h2->n_continuations > most(h2, GUARD_CONTINUATIONS))
		fire(h2, GUARD_CONTINUATIONS);
	if (is_part && frame->content == 0 && !(frame->flags & NGHTTP2_FLAG_END_STREAM))
		h2_guard_count(h2, GUARD_EMPTY_FRAMES, 1);
	else if (frame->type == NGHTTP2_SETTINGS && !is_ack)
		h2_guard_count(h2, GUARD_SETTINGS, 1);
	else if (frame->type == NGHTTP2_PING && !is_ack)
		h2_guard_count(h2, h2->grpc ? GUARD_GRPC_PINGS : GUARD_PINGS, 1);
	else if (frame->type == NGHTTP2_WINDOW_UPDATE)
		h2_guard_count(h2, GUARD_WINDOW_UPDATES, 1);
	else if (frame->type == NGHTTP2_RST_STREAM)
		h2_guard_count(h2, GUARD_RESETS, 1);
	else if (frame->type == NGHTTP2_PRIORITY || frame->type == PRIORITY_UPDATE)
		h2_guard_count(h2, GUARD_PRIORITIES, 1);
	else if (frame->type > NGHTTP2_CONTINUATION)
		h2_guard_count(h2, GUARD_UNKNOWN_FRAMES, 1);
}

void h2_guard_input(struct h2 *h2, struct str bytes)
{
	struct h2_frame frame;
	while (h2->fired == N_GUARDS && h2_frames_next(&h2->frames, &bytes, &frame))
		count_frame(h2, &frame);
}

void h2_guard_outcome(struct h2 *h2, nghttp2_ssize outcome)
{
	if (outcome == NGHTTP2_ERR_FLOODED ||
	    nghttp2_session_get_outbound_queue_size(h2->session) > most(h2, GUARD_QUEUED_FRAMES))
		fire(h2, GUARD_QUEUED_FRAMES);
}

/* A header field that is none makes the request malformed: its stream is reset. */
static int on_invalid_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name, size_t name_len,
			     const uint8_t *value, size_t value_len, uint8_t flags, void *arg)
{
	(void)session, (void)frame, (void)name, (void)name_len, (void)value, (void)value_len, (void)flags, (void)arg;
	return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
}

void h2_guard_callbacks(nghttp2_session_callbacks *table)
{
	nghttp2_session_callbacks_set_on_invalid_header_callback(table, on_invalid_header);
}

/* ── Paces ── */

static bool has_output(const struct exchange *exchange)
{
	return exchange->reply.n_pieces > 0 || exchange->reply.producer_waits;
}

/* The reply waits for the client to open the stream's window; not for its turn, which is ours to give. */
static bool is_held(const struct h2 *h2, const struct exchange *exchange)
{
	return has_output(exchange) && nghttp2_session_get_stream_remote_window_size(h2->session, h2_id(exchange)) <= 0;
}

static bool is_late_in_head(const struct exchange *exchange, int64_t now_us)
{
	const struct http_settings *settings = &exchange->server->settings;
	return !exchange->head_done && exchange_wants_body(exchange) &&
	       (now_us - exchange->call.started_us) / 1000 >= settings->head_ms;
}

static void check_stream(struct h2 *h2, struct exchange *exchange, int64_t now_us)
{
	if (is_late_in_head(exchange, now_us)) {
		fire(h2, GUARD_SLOW_HEAD); /* no other frame can come before the rest of that head */
		return;
	}
	if (exchange_body_late(exchange, now_us)) {
		if (exchange_wants_body(exchange)) {
			guard_fired(GUARD_SLOW_BODY, conn_peer(h2->conn));
			exchange_refuse(exchange, PROBLEM_REQUEST_TIMEOUT, STR_ABSENT);
		} else if (exchange->reply.begun)
			h2_reset(exchange, NGHTTP2_CANCEL);
	} else if (!is_held(h2, exchange)) {
		pace_begin(&exchange->download, now_us);
	} else if (exchange_reply_late(exchange, now_us)) {
		guard_fired(GUARD_ZERO_WINDOW, conn_peer(h2->conn));
		h2_reset(exchange, NGHTTP2_CANCEL);
	}
}

void h2_guard_paces(struct h2 *h2)
{
	const struct pace_rule rule = exchange_reply_rule(h2->server);
	int64_t now_us = clock_monotonic_us();
	bool held = nghttp2_session_get_remote_window_size(h2->session) <= 0, waits = false;
	struct exchange *exchange;

	list_each(exchange, &h2->streams, link)
	{
		waits |= has_output(exchange) && !is_held(h2, exchange);
		check_stream(h2, exchange, now_us);
	}
	if (!held || !waits)
		pace_begin(&h2->download, now_us);
	else if (pace_late(&h2->download, &rule, now_us))
		fire(h2, GUARD_ZERO_WINDOW);
}

/* ── The end ── */

/* A GOAWAY (RFC 9113 section 6.8) past nghttp2's queue, which may be what is too long. */
static void say_goodbye(struct h2 *h2)
{
	struct str word = guard_word(h2->fired);
	uint32_t last = (uint32_t)nghttp2_session_get_last_proc_stream_id(h2->session);
	const char head[] = { 0,
			      0,
			      (char)(8 + word.len),
			      NGHTTP2_GOAWAY,
			      0,
			      0,
			      0,
			      0,
			      0,
			      (char)(last >> 24),
			      (char)(last >> 16),
			      (char)(last >> 8),
			      (char)last,
			      0,
			      0,
			      0,
			      NGHTTP2_ENHANCE_YOUR_CALM };

	conn_write(h2->conn, (struct str){ head, sizeof(head) });
	conn_write(h2->conn, word);
}

bool h2_guard_expel(struct h2 *h2)
{
	if (h2->fired == N_GUARDS)
		return false;
	guard_fired(h2->fired, conn_peer(h2->conn));
	say_goodbye(h2);
	return true;
}
