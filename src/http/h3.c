/* SPDX-License-Identifier: MIT */
/*
 * HTTP/3 over a QUIC connection, framed by nghttp3: bytes of streams in, what to send next out, deadlines, the way
 * down. What nghttp3 does not guard is guarded here: requests that are given up again and again, streams that we had
 * to reset, streams without progress.
 */
#include "http/h3.h"

#include "base/clock.h"
#include "http/inside.h"
#include "obs/log.h"

/* Between our two GOAWAYs: requests that were on their way when the first one was sent should have come. */
enum { NOTICE_MS = 200, SHORTEST_TICK_MS = 50 };

/* Stream ids (RFC 9000, 2.1). */
enum { BY_SERVER = 1, ONE_WAY = 2 };

/* ── The end of a connection ── */

static void close_with(struct h3 *h3, uint64_t code)
{
	if (h3->over)
		return;
	h3->over = true;
	quic_conn_close(h3->conn, code);
}

void h3_fail(struct h3 *h3, uint64_t code)
{
	if (!h3->over)
		log_debug("HTTP/3 connection error", LOG_INT("code", code), LOG_TEXT("peer", quic_conn_peer(h3->conn)));
	close_with(h3, code);
}

void h3_fail_for(struct h3 *h3, int error)
{
	if (!h3->over)
		log_debug("HTTP/3 connection error", LOG_TEXT("why", str_of(nghttp3_strerror(error))),
			  LOG_TEXT("peer", quic_conn_peer(h3->conn)));
	if (!h3->over && error == NGHTTP3_ERR_H3_EXCESSIVE_LOAD)
		guard_fired(GUARD_H3_ODD_FRAMES, quic_conn_peer(h3->conn));
	close_with(h3, nghttp3_err_infer_quic_app_error_code(error));
}

/* A server that stops is through when the client has all that we said; which is known at the end of a turn. */
static void check_drained_later(struct h3 *h3)
{
	if (h3->last)
		quic_conn_pump_later(h3->conn);
}

static void check_drained(struct h3 *h3)
{
	if (h3->last && !h3->over && nghttp3_conn_is_drained(h3->session) && quic_conn_settled(h3->conn))
		close_with(h3, NGHTTP3_H3_NO_ERROR);
}

/* ── Abuse ── */

static void expel(struct h3 *h3, enum guard guard)
{
	if (h3->over)
		return;
	guard_fired(guard, quic_conn_peer(h3->conn));
	close_with(h3, NGHTTP3_H3_EXCESSIVE_LOAD);
}

/* nghttp3 counts the odd frames by itself. */
void h3_count(struct h3 *h3, enum guard guard)
{
	if (guard_count(&h3->guards, &h3->server->settings.guards, guard, 1, uv_now(&h3->server->loop->uv)))
		expel(h3, guard);
}

/* ── Deadlines ── */

static void h3_drain(void *state);

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

static unsigned tick_ms(const struct http_settings *settings)
{
	unsigned ms = least(least(settings->head_ms, settings->body_ms), settings->stall_ms) / 2;
	return ms > SHORTEST_TICK_MS ? ms : SHORTEST_TICK_MS;
}

static void watch(struct h3 *h3)
{
	const struct http_settings *settings = &h3->server->settings;
	enum h3_stage stage = list_empty(&h3->streams) && !h3->draining ? H3_IDLE : H3_BUSY;

	if (h3->over || h3->stage == H3_NOTICE)
		return;
	if (stage == H3_BUSY && h3->stage == H3_IDLE)
		h3->live_us = clock_monotonic_us();
	if (stage != h3->stage)
		quic_conn_deadline(h3->conn, stage == H3_IDLE ? settings->idle_ms
					     : h3->last	      ? NOTICE_MS
							      : tick_ms(settings));
	h3->stage = stage;
}

/* Streams that a client keeps open without a request, or after its answer, do not keep the connection alive. */
static void look_at_life(struct h3 *h3, bool live, int64_t now_us)
{
	const struct http_settings *settings = &h3->server->settings;

	if (live)
		h3->live_us = now_us;
	int64_t dead_ms = (now_us - h3->live_us) / 1000;
	if (h3->last && dead_ms >= settings->head_ms)
		close_with(h3, NGHTTP3_H3_NO_ERROR);
	else if (!h3->draining && dead_ms >= settings->idle_ms)
		h3_drain(h3);
}

static void look_at_streams(struct h3 *h3)
{
	const struct pace_rule rule = exchange_reply_rule(h3->server);
	int64_t now_us = clock_monotonic_us();
	struct h3_stream *stream;
	bool waits = false, live = false;

	list_each(stream, &h3->streams, link)
	{
		waits |= h3_stream_check_pace(stream, now_us);
		live |= stream->exchange || stream->n_held;
	}
	look_at_life(h3, live, now_us);
	if (!waits)
		pace_begin(&h3->download, now_us);
	else if (pace_late(&h3->download, &rule, now_us))
		expel(h3, GUARD_ZERO_WINDOW);
}

/* ── Beginning ── */

static int session_new(struct h3 *h3)
{
	const struct http_settings *ours = &h3->server->settings;
	unsigned odd_frames = ours->guards.most[GUARD_H3_ODD_FRAMES];
	nghttp3_settings settings;

	nghttp3_settings_default(&settings);
	settings.max_field_section_size = ours->head.head_bytes;
	settings.qpack_max_dtable_capacity = ours->h3.table_bytes;
	settings.qpack_encoder_max_dtable_capacity = ours->h3.table_bytes;
	settings.qpack_indexing_strat = NGHTTP3_QPACK_INDEXING_STRAT_EAGER;
	settings.qpack_blocked_streams = ours->h3.blocked_streams;
	settings.glitch_ratelim_burst = odd_frames;
	settings.glitch_ratelim_rate = (odd_frames + GUARD_SPAN_S - 1) / GUARD_SPAN_S;
	return nghttp3_conn_server_new(&h3->session, &h3_callbacks, &settings, NULL, h3);
}

/* The control stream, QPACK's encoder's and its decoder's. Negative when the client lets us open too few. */
static int64_t open_own_streams(struct h3 *h3)
{
	int64_t control = quic_conn_open_uni(h3->conn), encoder = quic_conn_open_uni(h3->conn),
		decoder = quic_conn_open_uni(h3->conn);

	if (control < 0 || encoder < 0 || decoder < 0)
		return -1;
	if (nghttp3_conn_bind_control_stream(h3->session, control))
		return -1;
	return nghttp3_conn_bind_qpack_streams(h3->session, encoder, decoder);
}

static void *h3_open(struct quic_conn *conn, void *server)
{
	struct h3 *h3 = calloc(1, sizeof(*h3));

	if (!h3)
		return NULL;
	*h3 = (struct h3){ .conn = conn, .server = server, .offered.stream = -1 };
	list_init(&h3->streams);
	list_init(&h3->spare);
	outflow_init(&h3->outflow, h3->server->settings.max_queued);
	pace_begin(&h3->download, clock_coarse_us());
	if (session_new(h3)) {
		free(h3);
		return NULL;
	}
	nghttp3_conn_set_max_client_streams_bidi(h3->session, quic_conn_streams_allowed(conn));
	nghttp3_conn_set_max_concurrent_streams(h3->session, quic_conn_streams_allowed(conn));
	if (open_own_streams(h3) < 0)
		h3_fail(h3, NGHTTP3_H3_GENERAL_PROTOCOL_ERROR);
	watch(h3);
	quic_conn_pump_later(conn);
	return h3;
}

static void h3_closed(void *state)
{
	struct h3 *h3 = state;

	h3->over = true;
	while (!list_empty(&h3->streams))
		h3_stream_end(list_entry(h3->streams.next, struct h3_stream, link));
	h3_stream_free_spare(h3);
	nghttp3_conn_del(h3->session);
	free(h3);
}

/* ── Streams in ── */

/* Over before a request had begun: our half must end too, or the stream would stay for ever. */
static void decline(struct h3 *h3, int64_t id)
{
	quic_stream_reset(h3->conn, id, NGHTTP3_H3_REQUEST_INCOMPLETE);
	h3_count(h3, GUARD_H3_RESETS);
}

static void h3_stream_data(void *state, int64_t id, struct str bytes, bool fin)
{
	struct h3 *h3 = state;

	if (h3->over)
		return;
	if (fin && bytes.len == 0 && !(id & ONE_WAY) && !h3_stream_find(h3, id)) {
		decline(h3, id);
		return;
	}
	nghttp3_ssize n = nghttp3_conn_read_stream2(h3->session, id, (const uint8_t *)bytes.at, bytes.len, fin,
						    quic_conn_now(h3->conn));
	if (n < 0) {
		h3_fail_for(h3, (int)n);
		return;
	}
	quic_conn_consumed(h3->conn, id, (size_t)n);
	quic_conn_pump_later(h3->conn);
	watch(h3);
}

static void h3_stream_reset(void *state, int64_t id, uint64_t code)
{
	struct h3 *h3 = state;
	struct h3_stream *stream = h3_stream_find(h3, id);
	int error = h3->over ? 0 : nghttp3_conn_shutdown_stream_read(h3->session, id);
	(void)code;

	if (error)
		h3_fail_for(h3, error);
	if (h3->over)
		return;
	if (stream)
		h3_stream_was_reset(stream);
	else if (!(id & ONE_WAY))
		decline(h3, id);
}

static void h3_stream_closed(void *state, int64_t id, uint64_t code)
{
	struct h3 *h3 = state;

	if (h3->over)
		return;
	int error = nghttp3_conn_close_stream(h3->session, id, code == QUIC_NO_CODE ? NGHTTP3_H3_NO_ERROR : code);
	if (error && error != NGHTTP3_ERR_STREAM_NOT_FOUND) {
		h3_fail_for(h3, error);
		return;
	}
	if (id & ONE_WAY && !(id & BY_SERVER))
		quic_conn_allow_uni(h3->conn);
	else if (!(id & BY_SERVER))
		quic_conn_allow_bidi(h3->conn);
	check_drained_later(h3);
	watch(h3);
}

static void h3_streams_allowed(void *state, uint64_t max)
{
	struct h3 *h3 = state;

	if (!h3->over)
		nghttp3_conn_set_max_client_streams_bidi(h3->session, max);
}

/* ── Streams out ── */

static bool h3_output(void *state, struct quic_output *output)
{
	struct h3 *h3 = state;
	int fin = 0;

	if (h3->over)
		return false;
	nghttp3_ssize n = nghttp3_conn_writev_stream(h3->session, &output->stream, &fin, (nghttp3_vec *)output->vec,
						     QUIC_MAX_VECTORS);
	if (n < 0)
		h3_fail_for(h3, (int)n);
	if (n < 0 || output->stream < 0)
		return false;
	output->n = (size_t)n;
	output->fin = fin;
	h3->offered.stream = output->stream;
	h3->offered.len = (size_t)nghttp3_vec_len((nghttp3_vec *)output->vec, output->n);
	h3->offered.fin = fin;
	return true;
}

static void h3_taken(void *state, int64_t id, size_t n)
{
	struct h3 *h3 = state;
	bool all = h3->offered.stream == id && h3->offered.fin && h3->offered.len == n;
	struct h3_stream *stream = all && !h3->over ? h3_stream_find(h3, id) : NULL;
	int error = h3->over ? 0 : nghttp3_conn_add_write_offset(h3->session, id, n);

	h3->offered.stream = -1;
	if (error)
		h3_fail_for(h3, error);
	else if (stream)
		h3_stream_sent(stream);
}

static void h3_acked(void *state, int64_t id, size_t n)
{
	struct h3 *h3 = state;
	int error = h3->over ? 0 : nghttp3_conn_add_ack_offset(h3->session, id, n);

	if (error)
		h3_fail_for(h3, error);
	check_drained_later(h3);
}

static void h3_blocked(void *state, int64_t id)
{
	struct h3 *h3 = state;
	struct h3_stream *stream = h3_stream_find(h3, id);

	if (h3->over)
		return;
	nghttp3_conn_block_stream(h3->session, id);
	if (stream)
		h3_stream_blocked(stream);
}

static void h3_writable(void *state, int64_t id)
{
	struct h3 *h3 = state;
	struct h3_stream *stream = h3_stream_find(h3, id);
	int error = h3->over ? 0 : nghttp3_conn_unblock_stream(h3->session, id);

	if (error)
		h3_fail_for(h3, error);
	if (stream && !h3->over)
		h3_stream_writable(stream);
	quic_conn_pump_later(h3->conn);
}

/* Nobody may stop the streams that the others depend on (RFC 9114, 6.2.1; RFC 9204, 4.2). */
static void h3_write_shut(void *state, int64_t id)
{
	struct h3 *h3 = state;
	struct h3_stream *stream = h3->over ? NULL : h3_stream_find(h3, id);

	if (h3->over)
		return;
	if (id & ONE_WAY) {
		h3_fail(h3, NGHTTP3_H3_CLOSED_CRITICAL_STREAM);
		return;
	}
	nghttp3_conn_shutdown_stream_write(h3->session, id);
	if (stream)
		h3_stream_was_stopped(stream);
}

/* ── Loop work ── */

static void h3_pump(void *state)
{
	struct h3 *h3 = state;

	h3_stream_sweep(h3);
	check_drained(h3);
	watch(h3);
}

static void h3_drain(void *state)
{
	struct h3 *h3 = state;

	if (h3->over || h3->draining)
		return;
	h3->draining = true;
	if (nghttp3_conn_submit_shutdown_notice(h3->session)) {
		h3_fail(h3, NGHTTP3_H3_INTERNAL_ERROR);
		return;
	}
	h3->stage = H3_NOTICE;
	quic_conn_deadline(h3->conn, NOTICE_MS);
	quic_conn_pump_later(h3->conn);
}

static void say_last(struct h3 *h3)
{
	h3->last = true;
	h3->live_us = clock_monotonic_us();
	if (nghttp3_conn_shutdown(h3->session))
		h3_fail(h3, NGHTTP3_H3_INTERNAL_ERROR);
}

static bool h3_timed_out(void *state)
{
	struct h3 *h3 = state;
	enum h3_stage stage = h3->stage;

	if (h3->over)
		return false;
	h3->stage = H3_NOTHING_DUE;
	if (stage == H3_IDLE)
		h3_drain(h3);
	else if (stage == H3_NOTICE)
		say_last(h3);
	else
		look_at_streams(h3);
	watch(h3);
	quic_conn_pump_later(h3->conn);
	return stage == H3_IDLE;
}

const struct quic_protocol http3_protocol = {
	.alpn = "h3",
	.no_error = NGHTTP3_H3_NO_ERROR,
	.open = h3_open,
	.stream_data = h3_stream_data,
	.stream_reset = h3_stream_reset,
	.stream_closed = h3_stream_closed,
	.streams_allowed = h3_streams_allowed,
	.output = h3_output,
	.taken = h3_taken,
	.acked = h3_acked,
	.blocked = h3_blocked,
	.writable = h3_writable,
	.write_shut = h3_write_shut,
	.pump = h3_pump,
	.drain = h3_drain,
	.timed_out = h3_timed_out,
	.closed = h3_closed,
};
