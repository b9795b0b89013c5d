/* SPDX-License-Identifier: MIT */
/* From the head and the body of a gRPC call to messages, and to the handler. */
#include "http/grpc_inside.h"

#include "codec/base64.h"
#include "codec/compress.h"
#include "codec/url.h"

enum {
	LARGEST_BACKLOG = 16 * 1024 * 1024, /* flow control keeps it far below */
	LARGEST_TARGET = 8 * 1024,
	KEPT_ROOM = 64 * 1024,
	LEAST_LIMIT = 64 * 1024, /* of a message for a route that takes a short body, or none */
	FEW_TRAILERS = 8,
};

/* ── What a head says ── */

static const struct dialect_row {
	struct str content_type;
	enum grpc_dialect dialect;
} dialects[] = {
	{ STR("application/grpc"), GRPC_NATIVE },
	{ STR("application/grpc+proto"), GRPC_NATIVE },
	{ STR("application/grpc-web"), GRPC_WEB },
	{ STR("application/grpc-web+proto"), GRPC_WEB },
	{ STR("application/grpc-web-text"), GRPC_WEB_TEXT },
	{ STR("application/grpc-web-text+proto"), GRPC_WEB_TEXT },
};

bool grpc_asked(const struct request *request)
{
	struct str type = request_header(request, STR("content-type")), prefix = STR("application/grpc");
	return str_present(type) && str_equal_nocase(str_first(type, prefix.len), prefix);
}

static const struct dialect_row *dialect_of(const struct request *request)
{
	struct str parameters, type = request_header(request, STR("content-type"));

	type = str_trim(str_cut(type, ';', &parameters));
	for (size_t i = 0; i < countof(dialects); i++)
		if (str_equal_nocase(type, dialects[i].content_type))
			return &dialects[i];
	return NULL;
}

const struct problem *grpc_problem(struct exchange *exchange, enum grpc_code code, struct str message)
{
	struct problem *problem = arena_new_of(exchange->arena, struct problem);

	if (!problem)
		return problem_new(exchange->arena, PROBLEM_INTERNAL, STR_ABSENT);
	*problem = (struct problem){ .kind = PROBLEM_BAD_REQUEST, .error = message, .grpc_code = code };
	return problem;
}

static const struct problem *only_post(struct exchange *exchange)
{
	struct problem *problem = arena_new_of(exchange->arena, struct problem);

	if (!problem)
		return problem_new(exchange->arena, PROBLEM_METHOD_NOT_ALLOWED, STR_ABSENT);
	*problem = (struct problem){ .kind = PROBLEM_METHOD_NOT_ALLOWED,
				     .error = STR("gRPC is asked for by POST"),
				     .allow = STR("POST") };
	return problem;
}

static const struct problem *read_encoding(struct exchange *exchange)
{
	struct str encoding = request_header(&exchange->request, STR("grpc-encoding"));

	exchange->grpc->gzip = str_present(encoding) && str_equal(encoding, STR("gzip"));
	if (!str_present(encoding) || exchange->grpc->gzip || str_equal(encoding, STR("identity")))
		return NULL;
	return grpc_problem(exchange, GRPC_UNIMPLEMENTED, STR("messages may be compressed by gzip, or not at all"));
}

static const struct problem *read_timeout(struct exchange *exchange)
{
	struct str timeout = request_header(&exchange->request, STR("grpc-timeout"));
	int64_t ms;

	if (!str_present(timeout))
		return NULL;
	if (!grpc_timeout_parse(timeout, &ms))
		return grpc_problem(exchange, GRPC_INVALID_ARGUMENT, STR("malformed grpc-timeout"));
	if (ms == 0)
		return grpc_problem(exchange, GRPC_DEADLINE_EXCEEDED, STR("deadline exceeded"));
	if (!grpc_deadline_set(exchange, ms))
		return grpc_problem(exchange, GRPC_UNAVAILABLE, STR("out of memory"));
	return NULL;
}

bool grpc_is_stream(const struct exchange *exchange)
{
	const struct grpc_row *row = exchange->grpc->row;
	return row && row->method->type != GRPC_UNARY;
}

bool grpc_takes_stream(const struct exchange *exchange)
{
	const struct grpc_row *row = exchange->grpc->row;
	return row && (row->method->type == GRPC_CLIENT_STREAM || row->method->type == GRPC_BIDI_STREAM);
}

static struct metrics_rpc *metrics_of(const struct exchange *exchange)
{
	return exchange->grpc->row ? exchange->grpc->row->metrics : exchange->server->grpc->unknown;
}

/* Browsers, and HTTP/1.1, cannot answer while they ask. */
static bool can_stream(const struct exchange *exchange)
{
	return exchange->grpc->dialect == GRPC_NATIVE && exchange->request.protocol >= HTTP_2;
}

/* A message is shorter than the JSON that is made of it; so much more than a route takes need not be read. */
static size_t message_limit(const struct http_server *server, const struct grpc_row *row)
{
	size_t most = server->settings.grpc.max_message, limit = row->route->body_limit;

	if (row->route != &row->own && limit < LEAST_LIMIT)
		limit = LEAST_LIMIT;
	return limit && limit < most ? limit : most;
}

static const struct problem *find_method(struct exchange *exchange)
{
	struct request *request = &exchange->request;
	struct grpc *grpc = exchange->grpc;

	grpc->row = grpc_server_find(exchange->server->grpc, request->path);
	metrics_of(exchange)->started++;
	if (!grpc->row)
		return grpc_problem(exchange, GRPC_UNIMPLEMENTED,
				    arena_printf(exchange->arena, "unknown method %.*s", STR_ARG(request->path)));
	request->route = grpc->row->route;
	grpc->max_message = message_limit(exchange->server, grpc->row);
	grpc->reader = grpc_reader_of(grpc->max_message);
	grpc->plain = buf_of(grpc->max_message);
	if (grpc_takes_stream(exchange) && !can_stream(exchange))
		return grpc_problem(exchange, GRPC_UNIMPLEMENTED,
				    STR("client streams need gRPC over HTTP/2 or HTTP/3"));
	return NULL;
}

static bool grpc_new(struct exchange *exchange, const struct dialect_row *row)
{
	struct grpc *grpc = arena_new_of(exchange->arena, struct grpc);

	if (!grpc || !headers_reserve(&exchange->reply.trailers, exchange->arena, FEW_TRAILERS))
		return false;
	*grpc = (struct grpc){
		.dialect = row->dialect,
		.content_type = row->content_type,
		.backlog = buf_of(LARGEST_BACKLOG),
		.out = buf_of(UINT32_MAX),
	};
	exchange->grpc = grpc;
	return true;
}

const struct problem *grpc_admit(struct exchange *exchange)
{
	const struct dialect_row *row = dialect_of(&exchange->request);
	const struct problem *problem;

	if (exchange->request.method != HTTP_POST)
		return only_post(exchange);
	if (!row)
		return problem_new(exchange->arena, PROBLEM_UNSUPPORTED_MEDIA, STR("messages must be protobuf"));
	if (!grpc_new(exchange, row))
		return problem_new(exchange->arena, PROBLEM_INTERNAL, STR_ABSENT);
	if ((problem = find_method(exchange)) || (problem = read_encoding(exchange)))
		return problem;
	return read_timeout(exchange);
}

/* ── A unary call of a route ── */

/* The route's path with its parameters: what an idempotency key is told apart by, whichever way it came. */
static struct str target_of(struct exchange *exchange, const struct str *params)
{
	owned(buf_free) struct buf target = buf_of(LARGEST_TARGET);
	struct str rest = str_skip(exchange->request.route->path, 1);

	while (str_present(rest)) {
		struct str segment = str_cut(rest, '/', &rest);
		buf_add_char(&target, '/');
		if (str_starts(segment, STR("{")))
			url_encode(&target, *params++);
		else
			buf_add(&target, segment);
	}
	return buf_failed(&target) ? STR_ABSENT : arena_copy(exchange->arena, buf_str(&target));
}

/* "Not modified" is no answer that a message could be made of. */
static void forget_cached(struct http_headers *headers)
{
	size_t n = 0;

	for (size_t i = 0; i < headers->n; i++)
		if (!str_equal(headers->items[i].name, STR("if-none-match")))
			headers->items[n++] = headers->items[i];
	headers->n = n;
}

static const struct problem *take_over(struct exchange *exchange, const struct grpc_ask *ask)
{
	struct request *request = &exchange->request;
	const struct route *route = request->route;

	if (ask->body.len > route->body_limit)
		return problem_new(exchange->arena, PROBLEM_TOO_LARGE, STR_ABSENT);
	request->method = route->method;
	request->method_text = http_method_name(route->method);
	request->params = ask->params;
	request->n_params = ask->n_params;
	for (size_t i = 0; i < HTTP_MAX_PATH_PARAMS; i++)
		request->path_params[i] = ask->path_params[i];
	request->query = STR_ABSENT;
	request->body = ask->body;
	forget_cached(&request->headers);
	request->target = str_present(ask->path_params[0]) ? target_of(exchange, ask->path_params) : route->path;
	return str_present(request->target) ? NULL : problem_new(exchange->arena, PROBLEM_NOT_FOUND, STR_ABSENT);
}

static const struct problem *ask_route(struct exchange *exchange)
{
	struct grpc_ask ask = { .arena = exchange->arena,
				.identity = exchange->call.identity,
				.message = exchange->grpc->message };
	const struct problem *problem = exchange->grpc->row->method->ask(&ask);
	return problem ? problem : take_over(exchange, &ask);
}

void grpc_start(struct exchange *exchange)
{
	if (exchange->asking && !exchange->refusal) {
		exchange->ready = true;
		return;
	}
	const struct problem *problem = exchange->grpc->row->method->ask ? ask_route(exchange) : NULL;
	if (problem)
		exchange_refuse_with(exchange, problem);
	else
		exchange_start(exchange, exchange->first);
}

/* ── Messages come in ── */

static void wake_receiver(struct exchange *exchange)
{
	struct grpc *grpc = exchange->grpc;

	if (!grpc->receiving || !(grpc->whole || grpc->fault || grpc->input_ended))
		return;
	grpc->receiving = false;
	call_wake(&exchange->call);
}

/* The input is at fault: the handler, if it runs, is told when it asks for the next message. */
static void fault(struct exchange *exchange, enum grpc_code code, struct str message)
{
	exchange->grpc->fault = grpc_problem(exchange, code, message);
	if (!grpc_takes_stream(exchange))
		exchange_refuse_with(exchange, exchange->grpc->fault);
}

static void too_large(struct exchange *exchange)
{
	fault(exchange, GRPC_RESOURCE_EXHAUSTED,
	      arena_printf(exchange->arena, "message over %zu bytes", exchange->grpc->max_message));
}

static void inflate_message(struct exchange *exchange)
{
	struct grpc *grpc = exchange->grpc;

	if (!grpc->gzip) {
		fault(exchange, GRPC_INTERNAL, STR("a compressed message without grpc-encoding"));
		return;
	}
	if (grpc->plain.room > KEPT_ROOM)
		buf_free(&grpc->plain);
	buf_clear(&grpc->plain);
	switch (inflate_gzip(&grpc->plain, buf_str(&grpc->reader.message))) {
	case INFLATED:
		grpc->message = buf_str(&grpc->plain);
		break;
	case INFLATE_TOO_LARGE:
		too_large(exchange);
		break;
	default:
		fault(exchange, GRPC_INTERNAL, STR("a compressed message that is no gzip"));
		break;
	}
}

static void message_whole(struct exchange *exchange)
{
	struct grpc *grpc = exchange->grpc;

	metrics_of(exchange)->received++;
	grpc->message = buf_str(&grpc->reader.message);
	if (grpc->reader.compressed)
		inflate_message(exchange);
	grpc->whole = !grpc->fault;
}

/* Up to the end of a message. */
static void read_message(struct exchange *exchange, struct str *bytes)
{
	struct grpc *grpc = exchange->grpc;

	if (grpc->whole || grpc->fault || bytes->len == 0)
		return;
	switch (grpc_reader_feed(&grpc->reader, bytes)) {
	case GRPC_READ_WHOLE:
		message_whole(exchange);
		break;
	case GRPC_READ_LARGE:
		too_large(exchange);
		break;
	case GRPC_READ_BROKEN:
		fault(exchange, GRPC_INTERNAL, STR("a message with unknown flags"));
		break;
	default:
		break;
	}
}

/* As many more bytes may come as were read, or will not be. */
static void give_credit(struct exchange *exchange)
{
	struct grpc *grpc = exchange->grpc;
	size_t kept = grpc->fault ? 0 : grpc->backlog.len - grpc->backlog_at, n;

	if (grpc->dialect == GRPC_WEB_TEXT)
		kept += kept / 3 + 4;
	n = grpc->owed > kept ? grpc->owed - kept : 0;
	grpc->owed -= n;
	if (n && exchange->transport)
		exchange->transport->taken(exchange, n);
}

static void take_input(struct exchange *exchange, struct str bytes)
{
	struct grpc *grpc = exchange->grpc;

	read_message(exchange, &bytes);
	if (bytes.len == 0 || grpc->fault)
		return;
	if (!grpc_takes_stream(exchange)) {
		fault(exchange, GRPC_UNIMPLEMENTED, STR("more than one message for a method that takes one"));
		return;
	}
	buf_add(&grpc->backlog, bytes);
	if (buf_failed(&grpc->backlog))
		too_large(exchange);
}

static void take_text(struct exchange *exchange, struct str text)
{
	owned(buf_free) struct buf bytes = buf_of(text.len);

	if (grpc_text_decode(&exchange->grpc->text, text, &bytes))
		take_input(exchange, buf_str(&bytes));
	else
		fault(exchange, GRPC_INTERNAL, STR("the body is no base64"));
}

void grpc_body(struct exchange *exchange, struct str bytes)
{
	struct grpc *grpc = exchange->grpc;

	grpc->owed += bytes.len;
	if (exchange_wants_body(exchange) && !grpc->fault) {
		if (grpc->dialect == GRPC_WEB_TEXT)
			take_text(exchange, bytes);
		else
			take_input(exchange, bytes);
	} else {
		buf_free(&grpc->backlog);
		grpc->backlog_at = 0;
	}
	give_credit(exchange);
	wake_receiver(exchange);
}

void grpc_begin(struct exchange *exchange)
{
	if (grpc_takes_stream(exchange))
		exchange_start(exchange, exchange->first);
}

static bool is_cut(const struct grpc *grpc)
{
	return grpc_reader_inside(&grpc->reader) || !grpc_text_whole(&grpc->text);
}

void grpc_body_end(struct exchange *exchange)
{
	struct grpc *grpc = exchange->grpc;

	grpc->input_ended = true;
	if (grpc_takes_stream(exchange))
		wake_receiver(exchange);
	else if (is_cut(grpc))
		fault(exchange, GRPC_INTERNAL, STR("the message is cut short"));
	else if (!grpc->whole)
		fault(exchange, GRPC_UNIMPLEMENTED, STR("no message for a method that takes one"));
	else
		grpc_start(exchange);
}

/* ── What handlers ask ── */

struct str grpc_message(const struct call *call)
{
	return exchange_of(call)->grpc->message;
}

static bool stop_receiving(struct call *call, void *source)
{
	(void)source;
	exchange_of(call)->grpc->receiving = false;
	return true;
}

/* The handler is through with the message: reads on where it was whole. */
static void read_next(struct exchange *exchange)
{
	struct grpc *grpc = exchange->grpc;
	struct str rest = str_skip(buf_str(&grpc->backlog), grpc->backlog_at);

	grpc->message = STR_ABSENT;
	if (grpc->whole) {
		grpc_reader_next(&grpc->reader);
		grpc->whole = false;
	}
	read_message(exchange, &rest);
	grpc->backlog_at = grpc->backlog.len - rest.len;
	if (rest.len == 0 || grpc->backlog_at > KEPT_ROOM) {
		buf_consume(&grpc->backlog, grpc->backlog_at);
		grpc->backlog_at = 0;
	}
	give_credit(exchange);
}

static bool is_cut_stream(const struct grpc *grpc)
{
	return grpc->input_ended && !grpc->whole && is_cut(grpc);
}

/* There is a message, or none will come: the handler goes on, or fails for what the client did. */
static struct turn received(struct call *call, struct step next)
{
	struct exchange *exchange = exchange_of(call);
	struct grpc *grpc = exchange->grpc;

	if (!grpc->fault && is_cut_stream(grpc))
		fault(exchange, GRPC_INTERNAL, STR("the message is cut short"));
	if (grpc->fault)
		return call_fail(call, grpc->fault);
	return call_next(call, next);
}

static struct turn receive_done(struct call *call)
{
	return received(call, exchange_of(call)->grpc->next);
}

struct turn grpc_receive(struct call *call, struct step next)
{
	struct exchange *exchange = exchange_of(call);
	struct grpc *grpc = exchange->grpc;

	check(grpc_takes_stream(exchange));
	if (grpc->delivered || !grpc->whole)
		read_next(exchange);
	grpc->delivered = true;
	if (grpc->whole || grpc->fault || grpc->input_ended)
		return received(call, next);
	grpc->receiving = true;
	grpc->next = next;
	return call_wait(call, STEP(receive_done), stop_receiving, NULL);
}

struct str grpc_header_binary(struct call *call, struct str name)
{
	struct str text = request_header(call->request, name);
	owned(buf_free) struct buf bytes = buf_of(text.len);

	if (!str_present(text) || !base64_decode(&bytes, text))
		return STR_ABSENT;
	return arena_copy(call->arena, buf_str(&bytes));
}

/* ── The end ── */

/* Without a status the client has gone. */
static enum grpc_code code_of(const struct grpc *grpc)
{
	return grpc->decided ? grpc->code : GRPC_CANCELLED;
}

struct str grpc_outcome(const struct exchange *exchange)
{
	return exchange->grpc ? str_of(grpc_code_name(code_of(exchange->grpc))) : STR_ABSENT;
}

void grpc_over(struct exchange *exchange)
{
	struct grpc *grpc = exchange->grpc;

	grpc_deadline_clear(exchange);
	metrics_of(exchange)->handled[code_of(grpc)]++;
	grpc_reader_free(&grpc->reader);
	buf_free(&grpc->backlog);
	buf_free(&grpc->plain);
	buf_free(&grpc->out);
}
