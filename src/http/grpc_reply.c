/* SPDX-License-Identifier: MIT */
/* From what a handler says to messages, trailers and a status, in each dialect. */
#include <string.h>

#include "codec/base64.h"
#include "codec/compress.h"
#include "http/grpc_inside.h"
#include "http/negotiate.h"
#include "http/outflow.h"

enum {
	GZIP_ON_LOOP = 128 * 1024, /* larger messages go as they are: they would hold the loop */
	LARGEST_TEXT = 2048,	   /* of a status message, encoded */
	LARGEST_DETAILS = 8192,
	LARGEST_TRAILERS = 32 * 1024,
};

static struct grpc *grpc_of(const struct call *call)
{
	return exchange_of(call)->grpc;
}

static void count_sent(const struct grpc *grpc, uint64_t n)
{
	if (grpc->row)
		grpc->row->metrics->sent += n;
}

/* ── Messages go out ── */

/* A message of the queue, compressed if that makes it smaller. */
static void add_compressed(struct buf *to, struct str message)
{
	char head[GRPC_FRAME_HEAD];
	owned(buf_free) struct buf coded = buf_of(message.len);
	bool worth = message.len >= CODING_MIN_LENGTH && message.len <= GZIP_ON_LOOP;
	bool compressed = worth && compress_into(&coded, COMPRESS_GZIP, COMPRESS_FAST, message);
	struct str bytes = compressed ? buf_str(&coded) : message;

	grpc_frame_head(head, compressed ? GRPC_FLAG_COMPRESSED : 0, bytes.len);
	buf_add(to, (struct str){ head, sizeof(head) });
	buf_add(to, bytes);
}

static size_t length_in(struct str frame)
{
	const unsigned char *head = (const unsigned char *)frame.at;
	return (size_t)head[1] << 24 | (size_t)head[2] << 16 | (size_t)head[3] << 8 | head[4];
}

/* Each message of the frames compressed; trailers stay as they are. */
static void compress_frames(struct buf *to, struct str frames)
{
	while (frames.len) {
		size_t whole = GRPC_FRAME_HEAD + length_in(frames);
		if (frames.at[0] & (char)GRPC_FLAG_TRAILERS)
			buf_add(to, str_first(frames, whole));
		else
			add_compressed(to, str_skip(str_first(frames, whole), GRPC_FRAME_HEAD));
		frames = str_skip(frames, whole);
	}
}

/* What waits in `out` goes to the reply's queue, in the client's coding and alphabet. False without memory. */
static bool queue_out(struct exchange *exchange)
{
	struct grpc *grpc = exchange->grpc;
	owned(buf_free) struct buf coded = buf_of(UINT32_MAX), text = buf_of(UINT32_MAX);
	struct str bytes = buf_str(&grpc->out);

	if (bytes.len && grpc->gzip) {
		compress_frames(&coded, bytes);
		bytes = buf_str(&coded);
	}
	if (bytes.len && grpc->dialect == GRPC_WEB_TEXT) {
		base64_encode(&text, bytes, BASE64_PADDED);
		bytes = buf_str(&text);
	}
	if (buf_failed(&grpc->out) || buf_failed(&coded) || buf_failed(&text))
		return false;
	owned(blob_drop) struct blob *blob = bytes.len ? blob_copy(bytes) : NULL;
	if (bytes.len && !blob)
		return false;
	if (blob)
		reply_queue(exchange, blob, blob_str(blob));
	count_sent(grpc, grpc->n_out);
	grpc->n_out = 0;
	buf_clear(&grpc->out);
	return true;
}

/* Hands the head over, or what was queued since. */
static void show(struct exchange *exchange)
{
	if (!exchange->reply.begun)
		reply_begin(exchange);
	else if (exchange->transport)
		exchange->transport->more(exchange);
}

void *grpc_room(struct call *call, size_t size)
{
	struct grpc *grpc = grpc_of(call);
	char *at = size <= UINT32_MAX - GRPC_FRAME_HEAD ? buf_reserve(&grpc->out, GRPC_FRAME_HEAD + size) : NULL;

	if (!at)
		return NULL;
	grpc_frame_head(at, 0, size);
	buf_commit(&grpc->out, GRPC_FRAME_HEAD + size);
	grpc->n_out++;
	return at + GRPC_FRAME_HEAD;
}

static struct turn no_memory(struct call *call)
{
	buf_clear(&grpc_of(call)->out);
	return call_fail_with(call, PROBLEM_INTERNAL, "out of memory");
}

struct turn grpc_flush(struct call *call, struct step next)
{
	struct exchange *exchange = exchange_of(call);

	check(!exchange->reply.ended);
	if (!queue_out(exchange))
		return no_memory(call);
	show(exchange);
	return reply_go_on(call, next);
}

static bool put(struct call *call, struct str message)
{
	char *room = grpc_room(call, message.len);
	if (room && message.len)
		memcpy(room, message.at, message.len);
	return room != NULL;
}

struct turn grpc_send(struct call *call, struct str message, struct step next)
{
	return put(call, message) ? grpc_flush(call, next) : no_memory(call);
}

/* ── The status ── */

static struct str code_text(enum grpc_code code)
{
	static const struct str texts[N_GRPC_CODES] = {
		STR("0"), STR("1"),  STR("2"),	STR("3"),  STR("4"),  STR("5"),	 STR("6"),  STR("7"),  STR("8"),
		STR("9"), STR("10"), STR("11"), STR("12"), STR("13"), STR("14"), STR("15"), STR("16"),
	};
	return texts[code];
}

static struct str message_text(struct call *call, struct str message)
{
	owned(buf_free) struct buf text = buf_of(LARGEST_TEXT);

	grpc_message_encode(&text, message);
	return text.len ? arena_copy(call->arena, buf_str(&text)) : STR_ABSENT;
}

static void add_details(struct call *call, enum grpc_code code, struct str message, const struct field_error *fields)
{
	owned(buf_free) struct buf details = buf_of(LARGEST_DETAILS);

	grpc_details_encode(&details, code, message, fields);
	if (!buf_failed(&details))
		grpc_trailer(call, STR("grpc-status-details-bin"), grpc_binary(call, buf_str(&details)));
}

static void add_status(struct call *call, enum grpc_code code, const struct problem *problem)
{
	struct grpc *grpc = grpc_of(call);

	grpc->code = code;
	grpc->decided = true;
	grpc_trailer(call, STR("grpc-status"), code_text(code));
	if (!problem)
		return;
	struct str message =
		code == GRPC_INTERNAL && !problem->grpc_code ? problem_sentence(PROBLEM_INTERNAL) : problem->error;
	if (str_present(message))
		grpc_trailer(call, STR("grpc-message"), message_text(call, message));
	if (problem->fields)
		add_details(call, code, message, problem->fields);
}

/* gRPC-Web: trailers are the last frame of the body, as lines of HTTP/1. */
static void put_trailers(struct exchange *exchange)
{
	struct http_headers *trailers = &exchange->reply.trailers;
	owned(buf_free) struct buf lines = buf_of(LARGEST_TRAILERS);
	char head[GRPC_FRAME_HEAD];

	for (size_t i = 0; i < trailers->n; i++) {
		buf_add(&lines, trailers->items[i].name);
		buf_add(&lines, STR(": "));
		buf_add(&lines, trailers->items[i].value);
		buf_add(&lines, STR("\r\n"));
	}
	grpc_frame_head(head, GRPC_FLAG_TRAILERS, lines.len);
	buf_add(&exchange->grpc->out, (struct str){ head, sizeof(head) });
	buf_add(&exchange->grpc->out, buf_str(&lines));
	trailers->n = 0;
}

/* Without a message the status stands in the head, which is all there is ("Trailers-Only"). */
static void move_to_head(struct call *call)
{
	struct reply *reply = call->reply;

	for (size_t i = 0; i < reply->trailers.n; i++)
		reply_add(call, &reply->headers, reply->trailers.items[i].name, reply->trailers.items[i].value);
	reply->trailers.n = 0;
}

/* Says the last word. `problem` is what it is about, or NULL. */
static void finish(struct exchange *exchange, enum grpc_code code, const struct problem *problem)
{
	struct grpc *grpc = exchange->grpc;
	struct reply *reply = &exchange->reply;
	struct call *call = &exchange->call;

	add_status(call, code, problem);
	if (!reply->begun && !reply->n_pieces && !grpc->out.len)
		move_to_head(call);
	else if (grpc->dialect != GRPC_NATIVE)
		put_trailers(exchange);
	if (!queue_out(exchange) && exchange->transport && reply->begun)
		exchange->transport->cut(exchange);
	reply->ended = true;
	grpc_deadline_clear(exchange);
	outflow_leave(exchange);
	show(exchange);
}

void grpc_refuse(struct exchange *exchange, const struct problem *problem)
{
	enum grpc_code code = problem->grpc_code ? (enum grpc_code)problem->grpc_code
						 : grpc_code_of_status(problem_status(problem->kind));
	finish(exchange, code, problem);
}

struct turn grpc_end(struct call *call)
{
	check(!exchange_of(call)->reply.ended);
	finish(exchange_of(call), GRPC_OK, NULL);
	return call_end(call);
}

struct turn grpc_reply(struct call *call, struct str message)
{
	return put(call, message) ? grpc_end(call) : no_memory(call);
}

struct turn grpc_fail(struct call *call, enum grpc_code code, struct str message)
{
	check(code != GRPC_OK);
	return call_fail(call, grpc_problem(exchange_of(call), code, message));
}

/* ── A route's answer ── */

/* Appends the message that the method makes of the answer, head and all. */
static bool add_told(struct call *call, const struct reply_view *view, struct buf *to)
{
	const struct grpc_method *method = grpc_of(call)->row->method;
	size_t from = to->len;

	buf_add(to, (struct str){ "\0\0\0\0", GRPC_FRAME_HEAD });
	if (!method->tell || !method->tell(view, call->arena, to) || buf_failed(to))
		return false;
	grpc_frame_head(to->at + from, 0, to->len - from - GRPC_FRAME_HEAD);
	return true;
}

static struct turn told_nothing(struct call *call)
{
	buf_clear(&grpc_of(call)->out);
	return call_fail_with(call, PROBLEM_INTERNAL, "the answer is no message of this method");
}

/* A handler may refuse by a plain answer, too. */
static struct turn refuse_by_status(struct call *call)
{
	struct exchange *exchange = exchange_of(call);
	int status = exchange->reply.status;

	grpc_refuse(exchange, grpc_problem(exchange, grpc_code_of_status(status), http_reason(status)));
	return call_end(call);
}

struct turn grpc_hand_over(struct call *call)
{
	struct grpc *grpc = grpc_of(call);
	struct reply *reply = call->reply;
	const struct reply_view view = { .status = reply->status,
					 .headers = &reply->headers,
					 .content_type = reply->content_type,
					 .body = reply->body_text };

	if (reply->status >= 400) {
		blob_unref(take(reply->body));
		return refuse_by_status(call);
	}
	bool told = add_told(call, &view, &grpc->out);
	blob_unref(take(reply->body));
	if (!told)
		return told_nothing(call);
	grpc->n_out++;
	return grpc_end(call);
}

/* What a twin is made of. */
struct telling {
	struct call *call;
	struct reply_view view;
};

static struct blob *make_twin(void *arg)
{
	struct telling *telling = arg;
	owned(buf_free) struct buf frame = buf_of(UINT32_MAX);

	return add_told(telling->call, &telling->view, &frame) ? blob_copy(buf_str(&frame)) : NULL;
}

/* The entry's twin in protobuf is made once. */
struct turn grpc_answer(struct call *call, struct cache *cache, const struct cache_answer *answer,
			struct str content_type)
{
	struct exchange *exchange = exchange_of(call);
	struct grpc *grpc = exchange->grpc;
	struct telling telling = { call,
				   { .status = 200,
				     .headers = &call->reply->headers,
				     .content_type = content_type,
				     .body = blob_str(answer->body) } };
	struct blob *twin = cache_twin_made(cache, answer, CACHE_MESSAGE, make_twin, &telling);

	if (!twin) {
		if (!add_told(call, &telling.view, &grpc->out))
			return told_nothing(call);
		grpc->n_out++;
	} else if (grpc->gzip || grpc->dialect != GRPC_NATIVE) {
		buf_add(&grpc->out, blob_str(twin));
		grpc->n_out++;
	} else {
		reply_queue(exchange, twin, blob_str(twin));
		count_sent(grpc, 1);
	}
	return grpc_end(call);
}

/* ── Metadata ── */

void grpc_trailer(struct call *call, struct str name, struct str value)
{
	reply_add(call, &call->reply->trailers, name, value);
}

struct str grpc_binary(struct call *call, struct str bytes)
{
	owned(buf_free) struct buf text = buf_of(2 * bytes.len + 4);

	base64_encode(&text, bytes, BASE64_UNPADDED);
	return arena_copy(call->arena, buf_str(&text));
}

void grpc_finish_head(struct exchange *exchange)
{
	struct call *call = &exchange->call;
	struct reply *reply = &exchange->reply;

	reply->status = 200;
	reply->length = -1;
	reply_header(call, STR("content-type"), exchange->grpc->content_type);
	if (exchange->grpc->gzip)
		reply_header(call, STR("grpc-encoding"), STR("gzip"));
	reply_header(call, STR("grpc-accept-encoding"), STR("identity,gzip"));
	reply_header(call, STR("x-request-id"), exchange->request.id);
}
