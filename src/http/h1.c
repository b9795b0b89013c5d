/* SPDX-License-Identifier: MIT */
/*
 * HTTP/1.0 and 1.1 over a connection. Requests are answered one at a time; what a pipelining client sent ahead waits
 * in a small buffer, then in the kernel's.
 */
#include "http/inside.h"
#include "obs/log.h"

enum {
	PENDING_MARK = 16 * 1024, /* sent ahead: above this the socket is not read */
	PENDING_MAX = 8 * CONN_READ_MAX,
	UNTAKEN_MARK = 256 * 1024,    /* body bytes on their way to a file: the same */
	HEAD_MAX = CONN_SLACK - 1024, /* of a reply */
};

/* Which deadline runs. */
enum stage { NOTHING_DUE, IDLE, HEAD_DUE, BODY_DUE };

struct h1 {
	struct conn *conn;
	struct http_server *server;
	struct h1_parser *parser;
	struct exchange *current; /* being received or answered */
	struct buf pending;	  /* from pending_at on: what came after the current message */
	size_t pending_at;
	size_t untaken;
	enum stage stage;
	int64_t body_since_us; /* the span of the body's pace that the deadline is for */

	/* Of the current message. */
	unsigned minor;
	bool length_known;
	uint64_t length;
	bool expects;  /* 100 Continue was asked for and not given */
	bool head_due; /* the reply's head is to be written */
	bool chunked;  /* its body is */
	bool answered; /* it is written, and the request's body still arrives */

	bool keep_alive; /* the connection serves on after the current message */
	bool draining;	 /* the server stops */
	bool deaf;	 /* what comes cannot be understood, or matters, any more */
};

static size_t parse(struct h1 *h1, struct str bytes);

/* ── Deadlines and back-pressure: once anything happened ── */

static enum stage stage_of(const struct h1 *h1)
{
	if (h1->current)
		return h1->current->body_done ? NOTHING_DUE : BODY_DUE;
	return h1_parser_in_head(h1->parser) ? HEAD_DUE : IDLE;
}

/* Whether enough of the body came since the last look to begin its deadline anew. */
static bool body_moved(struct h1 *h1)
{
	int64_t before = h1->body_since_us;
	h1->body_since_us = h1->current->upload.since_us;
	return h1->body_since_us != before;
}

/* A body's deadline moves with what comes of it; a head's does not, or one byte a second would keep it alive. */
static void watch(struct h1 *h1)
{
	const struct http_settings *settings = &h1->server->settings;
	const unsigned due_ms[] = { 0, settings->idle_ms, settings->head_ms, settings->body_ms };
	enum stage stage = stage_of(h1);

	conn_pause(h1->conn, h1->pending.len - h1->pending_at > PENDING_MARK || h1->untaken > UNTAKEN_MARK);
	if ((stage == BODY_DUE && body_moved(h1)) || stage != h1->stage)
		conn_deadline(h1->conn, due_ms[stage]);
	h1->stage = stage;
}

static void hang_up(struct h1 *h1)
{
	h1->deaf = true;
	conn_close(h1->conn);
}

/* ── A message's end ── */

/* The current message is received and answered. */
static void finish(struct h1 *h1)
{
	bool go_on = h1->keep_alive && !h1->draining && !h1->deaf;

	exchange_over(take(h1->current));
	h1->answered = false;
	h1->untaken = 0;
	if (!go_on) {
		hang_up(h1);
		return;
	}
	h1_parser_next(h1->parser);
}

/* After a reply: with what the client sent ahead. */
static void go_on(struct h1 *h1)
{
	h1->pending_at += parse(h1, str_skip(buf_str(&h1->pending), h1->pending_at));
	if (h1->pending_at == h1->pending.len) {
		buf_free(&h1->pending);
		h1->pending_at = 0;
	}
	watch(h1);
}

/* ── Replies ── */

static struct h1 *h1_of(const struct exchange *exchange)
{
	return exchange->owner;
}

/* The rest of an unread body is worth reading only when it is known to be small and really under way. */
static bool may_keep_alive(const struct h1 *h1, const struct exchange *exchange)
{
	bool small = h1->length_known && h1->length <= h1->server->settings.unread_body && !h1->expects;
	bool framed = exchange->reply.length >= 0 || exchange->reply.no_body || h1->minor > 0;
	return h1->keep_alive && !h1->draining && !h1->deaf && (exchange->body_done || small) && framed;
}

static void add_line(struct buf *head, struct str name, struct str value)
{
	buf_add(head, name);
	buf_add(head, STR(": "));
	buf_add(head, value);
	buf_add(head, STR("\r\n"));
}

static bool write_head(struct h1 *h1)
{
	struct exchange *exchange = h1->current;
	const struct reply *reply = &exchange->reply;
	struct buf *head = &h1->server->scratch;

	h1->keep_alive = may_keep_alive(h1, exchange);
	h1->chunked = reply->length < 0 && !reply->no_body && h1->minor > 0;
	buf_clear(head);
	buf_add(head, STR("HTTP/1.1 "));
	buf_add_int(head, reply->status);
	buf_add_char(head, ' ');
	buf_add(head, http_reason(reply->status));
	buf_add(head, STR("\r\n"));
	for (size_t i = 0; i < reply->headers.n; i++)
		add_line(head, reply->headers.items[i].name, reply->headers.items[i].value);
	if (h1->chunked)
		add_line(head, STR("transfer-encoding"), STR("chunked"));
	if (!h1->keep_alive)
		add_line(head, STR("connection"), STR("close"));
	else if (h1->minor == 0)
		add_line(head, STR("connection"), STR("keep-alive"));
	buf_add(head, STR("\r\n"));
	if (buf_failed(head) || head->len > HEAD_MAX)
		return false;
	conn_write(h1->conn, buf_str(head));
	return true;
}

static void write_chunk(struct h1 *h1, struct str bytes)
{
	char size[24];
	if (h1->chunked) {
		int n = snprintf(size, sizeof(size), "%zx\r\n", bytes.len);
		conn_write(h1->conn, (struct str){ size, (size_t)n });
	}
	conn_write(h1->conn, bytes);
	if (h1->chunked)
		conn_write(h1->conn, STR("\r\n"));
}

/* What is queued, as far as there is room: the rest when it returns. */
static void write_body(struct h1 *h1)
{
	struct exchange *exchange = h1->current;
	struct str bytes;
	size_t room;

	while ((bytes = exchange_peek(exchange)).len && (room = conn_room(h1->conn)) > 0) {
		bytes = str_first(bytes, room);
		write_chunk(h1, bytes);
		exchange_advance(exchange, bytes.len);
	}
}

/* The end of a chunked body, with its trailers. */
static void write_last_chunk(struct h1 *h1)
{
	const struct http_headers *trailers = &h1->current->reply.trailers;
	struct buf *section = &h1->server->scratch;

	buf_clear(section);
	buf_add(section, STR("0\r\n"));
	for (size_t i = 0; i < trailers->n; i++)
		add_line(section, trailers->items[i].name, trailers->items[i].value);
	buf_add(section, STR("\r\n"));
	if (buf_failed(section) || section->len > HEAD_MAX)
		conn_abort(h1->conn);
	else
		conn_write(h1->conn, buf_str(section));
}

static void reply_written(struct h1 *h1)
{
	if (h1->chunked)
		write_last_chunk(h1);
	if (!h1->current->body_done && h1->keep_alive) {
		h1->answered = true;
		watch(h1);
		return;
	}
	finish(h1);
	if (!h1->deaf)
		go_on(h1);
}

static void write_reply(struct h1 *h1)
{
	if (h1->head_due) {
		if (conn_room(h1->conn) == 0)
			return;
		h1->head_due = false;
		if (!write_head(h1)) {
			log_error("reply head too large", LOG_TEXT("path", request_path_for_log(&h1->current->request)));
			conn_abort(h1->conn);
			return;
		}
	}
	write_body(h1);
	if (exchange_drained(h1->current))
		reply_written(h1);
}

static void send_head(struct exchange *exchange)
{
	struct h1 *h1 = h1_of(exchange);
	h1->head_due = true;
	write_reply(h1);
}

static void reply_more(struct exchange *exchange)
{
	write_reply(h1_of(exchange));
}

static void reply_cut(struct exchange *exchange)
{
	conn_abort(h1_of(exchange)->conn);
}

static void body_taken(struct exchange *exchange, size_t n)
{
	struct h1 *h1 = h1_of(exchange);
	h1->untaken -= n < h1->untaken ? n : h1->untaken;
	watch(h1);
}

static const struct transport transport_1_1 = { "http/1.1", send_head, reply_more, reply_cut, body_taken };
static const struct transport transport_1_0 = { "http/1.0", send_head, reply_more, reply_cut, body_taken };

/* ── Requests ── */

static struct exchange *exchange_begin(struct h1 *h1, unsigned minor)
{
	struct client client = client_of(h1->conn);
	h1->current = exchange_new(h1->server, minor ? &transport_1_1 : &transport_1_0, h1, &client);
	if (!h1->current) {
		h1->deaf = true;
		conn_abort(h1->conn);
		return NULL;
	}
	h1->minor = minor;
	h1->answered = h1->head_due = h1->chunked = h1->expects = false;
	return h1->current;
}

/* The request fields; false when something about them is against the rules, and has been refused. */
static bool fill_request(struct exchange *exchange, const struct h1_head *head)
{
	struct request *request = &exchange->request;
	size_t hosts = 0;

	request->protocol = head->minor ? HTTP_1_1 : HTTP_1_0;
	request->method_text = arena_copy(exchange->arena, head->method);
	request->target = arena_copy(exchange->arena, head->target);
	if (!headers_reserve(&request->headers, exchange->arena, head->headers.n)) {
		exchange_refuse(exchange, PROBLEM_HEADERS_TOO_LARGE, STR_ABSENT);
		return false;
	}
	for (size_t i = 0; i < head->headers.n; i++) {
		const struct http_header *header = &head->headers.items[i];
		hosts += str_equal(header->name, STR("host"));
		if (exchange_add_header(exchange, header->name, header->value))
			continue;
		exchange_refuse(exchange, PROBLEM_HEADERS_TOO_LARGE, STR_ABSENT);
		return false;
	}
	struct str coding = request_header(request, STR("transfer-encoding"));
	if (hosts > 1 || (hosts == 0 && head->minor > 0))
		exchange_refuse(exchange, PROBLEM_BAD_REQUEST, STR("exactly one host must be named"));
	else if (str_present(coding) && (head->minor == 0 || !str_equal_nocase(coding, STR("chunked"))))
		exchange_refuse(exchange, PROBLEM_BAD_REQUEST, STR("unsupported transfer coding"));
	return exchange_wants_body(exchange);
}

static void give_expected(struct h1 *h1, struct exchange *exchange)
{
	struct str expected = request_header(&exchange->request, STR("expect"));

	if (!str_present(expected) || h1->minor == 0)
		return;
	if (!str_equal_nocase(expected, STR("100-continue"))) {
		exchange_refuse(exchange, PROBLEM_EXPECTATION_FAILED, STR_ABSENT);
		h1->keep_alive = false;
	} else if (exchange_wants_body(exchange)) {
		conn_write(h1->conn, STR("HTTP/1.1 100 Continue\r\n\r\n"));
	} else {
		h1->expects = true;
	}
}

static void on_head(void *arg, const struct h1_head *head)
{
	struct h1 *h1 = arg;
	struct exchange *exchange = exchange_begin(h1, head->minor);

	if (!exchange)
		return;
	/* What follows a CONNECT is meant for somebody else. */
	h1->keep_alive = head->keep_alive && !str_equal(head->method, STR("CONNECT"));
	h1->length_known = !head->chunked;
	h1->length = head->content_length;
	if (!fill_request(exchange, head)) {
		h1->keep_alive = false;
		return;
	}
	uint64_t length = head->content_length < INT64_MAX ? head->content_length : INT64_MAX;
	exchange_head(exchange, head->has_body, head->chunked ? -1 : (int64_t)length);
	if (head->has_body)
		give_expected(h1, exchange);
}

static void on_body(void *arg, struct str bytes)
{
	struct h1 *h1 = arg;
	if (!h1->current)
		return;
	h1->untaken += bytes.len;
	exchange_body(h1->current, bytes);
}

static void on_end(void *arg)
{
	struct h1 *h1 = arg;
	if (h1->current)
		exchange_body_end(h1->current);
}

static const struct h1_events events = { on_head, on_body, on_end };

/* ── Input ── */

/* Answers what could not be parsed, and hangs up after that. */
static void refuse(struct h1 *h1, enum problem_kind kind, struct str why)
{
	h1->deaf = true;
	h1->keep_alive = false;
	if (!h1->current && !exchange_begin(h1, 1))
		return;
	log_debug("malformed request", LOG_TEXT("why", why), LOG_TEXT("peer", conn_peer(h1->conn)));
	exchange_refuse(h1->current, kind, why);
	if (h1->answered)
		finish(h1);
}

/* Up to the end of a message. Returns how much was used. */
static size_t parse_some(struct h1 *h1, struct str bytes)
{
	size_t used = 0;

	switch (h1_parser_feed(h1->parser, bytes, &used)) {
	case H1_MESSAGE_OVER:
		if (h1->answered)
			finish(h1);
		break;
	case H1_MALFORMED:
		refuse(h1, PROBLEM_BAD_REQUEST, h1_parser_complaint(h1->parser));
		break;
	case H1_TOO_LARGE:
		refuse(h1, PROBLEM_HEADERS_TOO_LARGE, h1_parser_complaint(h1->parser));
		break;
	default:
		break;
	}
	return used;
}

static bool awaits_reply(const struct h1 *h1)
{
	return h1->current && h1->current->body_done;
}

/* Returns how much was used: what is left waits for the current message's reply. */
static size_t parse(struct h1 *h1, struct str bytes)
{
	size_t used = 0;
	while (used < bytes.len && !h1->deaf && !awaits_reply(h1))
		used += parse_some(h1, str_skip(bytes, used));
	return h1->deaf ? bytes.len : used;
}

/* ── The protocol ── */

static void *h1_open(struct conn *conn, void *server)
{
	struct h1 *h1 = calloc(1, sizeof(*h1));
	if (!h1)
		return NULL;
	*h1 = (struct h1){ .conn = conn, .server = server, .pending = buf_of(PENDING_MAX) };
	h1->parser = h1_parser_new(&h1->server->settings.head, &events, h1);
	if (!h1->parser) {
		free(h1);
		return NULL;
	}
	watch(h1);
	return h1;
}

static void h1_input(void *state, struct str bytes)
{
	struct h1 *h1 = state;
	if (h1->deaf)
		return;
	buf_add(&h1->pending, str_skip(bytes, parse(h1, bytes)));
	if (buf_failed(&h1->pending))
		conn_abort(h1->conn);
	watch(h1);
}

/* Who ends the connection before the reply has begun, or when it never ends, does not wait for it: its work is cancelled. */
static void h1_input_ended(void *state)
{
	struct h1 *h1 = state;
	h1->keep_alive = false;
	h1->deaf = true;
	if (h1->current && h1->current->reply.begun && !h1->current->reply.endless && !h1->answered)
		return;
	if (h1->current)
		exchange_over(take(h1->current));
	conn_close(h1->conn);
}

static void h1_pump(void *state)
{
	struct h1 *h1 = state;
	if (h1->current && h1->current->reply.begun && !h1->answered)
		write_reply(h1);
}

static void h1_drain(void *state)
{
	struct h1 *h1 = state;
	h1->draining = true;
	if (!h1->current && !h1_parser_in_head(h1->parser))
		hang_up(h1);
}

static bool h1_timed_out(void *state)
{
	struct h1 *h1 = state;
	bool waits = h1->current ? exchange_wants_body(h1->current) : h1_parser_in_head(h1->parser);

	if (h1->deaf || (h1->current && h1->current->body_done))
		return false;
	if (waits) {
		guard_fired(h1->current ? GUARD_SLOW_BODY : GUARD_SLOW_HEAD, conn_peer(h1->conn));
		refuse(h1, PROBLEM_REQUEST_TIMEOUT, STR_ABSENT);
	} else
		hang_up(h1);
	return true;
}

static void h1_closed(void *state)
{
	struct h1 *h1 = state;
	if (h1->current)
		exchange_over(h1->current);
	h1_parser_free(h1->parser);
	buf_free(&h1->pending);
	free(h1);
}

const struct protocol http1_protocol = {
	.alpn = "http/1.1",
	.open = h1_open,
	.input = h1_input,
	.input_ended = h1_input_ended,
	.pump = h1_pump,
	.drain = h1_drain,
	.timed_out = h1_timed_out,
	.closed = h1_closed,
};
