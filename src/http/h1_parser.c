/* SPDX-License-Identifier: MIT */
/* llhttp with bounds: what it does not count itself (white space, chunk extensions, trailers) is counted here. */
#include "http/h1_parser.h"

#include <llhttp.h>

#include "base/buf.h"

enum { MAX_EXTENSION_BYTES = 4096 };

enum stage { BETWEEN, IN_HEAD, IN_BODY, IN_TRAILER };

/* A field inside the head's buffer, by offsets because the buffer may move while it grows. */
struct field {
	uint32_t name, name_end, value, value_end;
};

struct h1_parser {
	llhttp_t http;
	struct h1_limits limits;
	const struct h1_events *events;
	void *arg;

	enum stage stage;
	bool too_large;
	size_t seen;	   /* bytes fed during the head (or trailer) so far */
	size_t extensions; /* bytes of chunk extensions in this message */
	struct buf text;   /* method, target, then names and values */
	uint32_t target, target_end;
	struct field *fields;
	struct http_header *headers;
	size_t n;
};

static struct h1_parser *parser_of(llhttp_t *http)
{
	return http->data;
}

static int refuse_large(struct h1_parser *parser)
{
	parser->too_large = true;
	return HPE_USER;
}

static int append(struct h1_parser *parser, const char *at, size_t len)
{
	buf_add(&parser->text, (struct str){ at, len });
	return buf_failed(&parser->text) ? refuse_large(parser) : 0;
}

static int on_begin(llhttp_t *http)
{
	struct h1_parser *parser = parser_of(http);
	buf_clear(&parser->text);
	parser->stage = IN_HEAD;
	parser->n = 0;
	parser->extensions = 0;
	parser->target = parser->target_end = 0;
	return 0;
}

static int on_method(llhttp_t *http, const char *at, size_t len)
{
	struct h1_parser *parser = parser_of(http);
	int refused = append(parser, at, len);
	parser->target = parser->target_end = (uint32_t)parser->text.len;
	return refused;
}

static int on_url(llhttp_t *http, const char *at, size_t len)
{
	struct h1_parser *parser = parser_of(http);
	int refused = append(parser, at, len);
	parser->target_end = (uint32_t)parser->text.len;
	return refused;
}

/* A name may arrive in pieces: one that follows a value, or the very first, opens a new row. */
static int on_name(llhttp_t *http, const char *at, size_t len)
{
	struct h1_parser *parser = parser_of(http);
	if (parser->stage != IN_HEAD)
		return 0;
	uint32_t begin = (uint32_t)parser->text.len;
	if (append(parser, at, len))
		return HPE_USER;
	for (size_t i = begin; i < parser->text.len; i++)
		parser->text.at[i] = char_lower(parser->text.at[i]);
	if (parser->n == 0 || parser->fields[parser->n - 1].value) {
		if (parser->n == parser->limits.headers)
			return refuse_large(parser);
		parser->fields[parser->n++] = (struct field){ .name = begin };
	}
	parser->fields[parser->n - 1].name_end = (uint32_t)parser->text.len;
	return 0;
}

static int on_name_complete(llhttp_t *http)
{
	struct h1_parser *parser = parser_of(http);
	if (parser->stage == IN_HEAD) {
		struct field *field = &parser->fields[parser->n - 1];
		field->value = field->value_end = (uint32_t)parser->text.len;
	}
	return 0;
}

static int on_value(llhttp_t *http, const char *at, size_t len)
{
	struct h1_parser *parser = parser_of(http);
	if (parser->stage != IN_HEAD)
		return 0;
	int refused = append(parser, at, len);
	parser->fields[parser->n - 1].value_end = (uint32_t)parser->text.len;
	return refused;
}

static struct str part(const struct h1_parser *parser, uint32_t from, uint32_t to)
{
	return (struct str){ parser->text.at + from, to - from };
}

static int on_headers_complete(llhttp_t *http)
{
	struct h1_parser *parser = parser_of(http);
	if (http->http_major != 1 || http->http_minor > 1) {
		llhttp_set_error_reason(http, "Unsupported HTTP version");
		return HPE_USER;
	}
	/* No protocol is switched to: an Upgrade is ignored, as RFC 9110 allows. */
	http->upgrade = 0;
	for (size_t i = 0; i < parser->n; i++) {
		const struct field *field = &parser->fields[i];
		parser->headers[i].name = part(parser, field->name, field->name_end);
		parser->headers[i].value = str_trim(part(parser, field->value, field->value_end));
	}
	bool chunked = http->flags & F_CHUNKED;
	parser->stage = IN_BODY;
	parser->seen = 0;
	parser->events->head(parser->arg, &(struct h1_head){
						  .method = part(parser, 0, parser->target),
						  .target = part(parser, parser->target, parser->target_end),
						  .headers = { .items = parser->headers, .n = parser->n },
						  .minor = http->http_minor,
						  .keep_alive = llhttp_should_keep_alive(http),
						  .chunked = chunked,
						  .has_body = chunked || http->content_length > 0,
						  .content_length = chunked ? 0 : http->content_length,
					  });
	return 0;
}

static int on_body(llhttp_t *http, const char *at, size_t len)
{
	struct h1_parser *parser = parser_of(http);
	parser->events->body(parser->arg, (struct str){ at, len });
	return 0;
}

/* Chunks of one byte with long extensions would be a cheap way to keep us busy. */
static int on_extension(llhttp_t *http, const char *at, size_t len)
{
	struct h1_parser *parser = parser_of(http);
	(void)at;
	parser->extensions += len;
	if (parser->extensions <= MAX_EXTENSION_BYTES)
		return 0;
	llhttp_set_error_reason(http, "Too long chunk extensions");
	return HPE_USER;
}

static int on_chunk_header(llhttp_t *http)
{
	if (http->content_length == 0)
		parser_of(http)->stage = IN_TRAILER;
	return 0;
}

static int on_complete(llhttp_t *http)
{
	struct h1_parser *parser = parser_of(http);
	parser->stage = BETWEEN;
	parser->seen = 0;
	parser->events->end(parser->arg);
	return HPE_PAUSED;
}

static const llhttp_settings_t callbacks = {
	.on_message_begin = on_begin,
	.on_method = on_method,
	.on_url = on_url,
	.on_header_field = on_name,
	.on_header_field_complete = on_name_complete,
	.on_header_value = on_value,
	.on_headers_complete = on_headers_complete,
	.on_body = on_body,
	.on_chunk_extension_name = on_extension,
	.on_chunk_extension_value = on_extension,
	.on_chunk_header = on_chunk_header,
	.on_message_complete = on_complete,
};

struct h1_parser *h1_parser_new(const struct h1_limits *limits, const struct h1_events *events, void *arg)
{
	size_t rows = limits->headers * (sizeof(struct field) + sizeof(struct http_header));
	struct h1_parser *parser = malloc(sizeof(*parser) + rows);
	if (!parser)
		return NULL;
	*parser = (struct h1_parser){
		.limits = *limits, .events = events, .arg = arg, .text = buf_of(limits->head_bytes)
	};
	parser->headers = (struct http_header *)(parser + 1);
	parser->fields = (struct field *)(parser->headers + limits->headers);
	llhttp_init(&parser->http, HTTP_REQUEST, &callbacks);
	parser->http.data = parser;
	return parser;
}

void h1_parser_free(struct h1_parser *parser)
{
	if (!parser)
		return;
	buf_free(&parser->text);
	free(parser);
}

int h1_parser_feed(struct h1_parser *parser, struct str bytes, size_t *used)
{
	llhttp_errno_t error = llhttp_execute(&parser->http, bytes.at, bytes.len);

	*used = bytes.len;
	if (error == HPE_PAUSED) {
		*used = (size_t)(llhttp_get_error_pos(&parser->http) - bytes.at);
		return H1_MESSAGE_OVER;
	}
	if (error != HPE_OK)
		return parser->too_large ? H1_TOO_LARGE : H1_MALFORMED;
	if (parser->stage == IN_BODY)
		return H1_OK;
	parser->seen += bytes.len;
	return parser->seen > parser->limits.head_bytes + bytes.len ? H1_TOO_LARGE : H1_OK;
}

void h1_parser_next(struct h1_parser *parser)
{
	llhttp_resume(&parser->http);
}

bool h1_parser_in_head(const struct h1_parser *parser)
{
	return parser->stage == IN_HEAD || parser->seen > 0;
}

struct str h1_parser_complaint(const struct h1_parser *parser)
{
	if (parser->too_large)
		return STR("request header too large");
	const char *reason = llhttp_get_error_reason(&parser->http);
	return str_of(reason && *reason ? reason : "malformed request");
}
