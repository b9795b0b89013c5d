/* SPDX-License-Identifier: MIT */
/*
 * Bytes to HTTP/1 requests, without a socket: llhttp, strict, with our own bounds around it.
 *
 * Apart from everything else because llhttp's names for methods are also ours, and so that it can be fuzzed alone.
 */
#ifndef HTTP_H1_PARSER_H
#define HTTP_H1_PARSER_H

#include "http/header.h"

struct h1_parser;

struct h1_limits {
	size_t head_bytes; /* request line, header fields and the white space between, or the trailer section */
	size_t headers;	   /* how many fields */
};

/* A request's head. The slices live until the event returns. */
struct h1_head {
	struct str method, target;
	struct http_headers headers;
	unsigned minor; /* HTTP/1.minor */
	bool keep_alive;
	bool chunked;
	bool has_body;		 /* chunked, or a Content-Length above 0 */
	uint64_t content_length; /* 0 when chunked */
};

struct h1_events {
	void (*head)(void *arg, const struct h1_head *head);
	void (*body)(void *arg, struct str bytes);
	void (*end)(void *arg); /* of the message */
};

enum h1_outcome {
	H1_OK = 0,
	H1_MESSAGE_OVER = 1, /* a message ended before the bytes did, or with them: h1_parser_next goes on */
	H1_MALFORMED = 2,
	H1_TOO_LARGE = 3, /* the head is over a limit */
};

/* NULL without memory. `events` must outlive the parser. */
must_use struct h1_parser *h1_parser_new(const struct h1_limits *limits, const struct h1_events *events, void *arg);
void h1_parser_free(struct h1_parser *parser);

/* Parses up to the end of one message; *used tells how far. After MALFORMED and TOO_LARGE it must not be fed again. */
must_use int h1_parser_feed(struct h1_parser *parser, struct str bytes, size_t *used);
/* After H1_MESSAGE_OVER: ready for the next one. */
void h1_parser_next(struct h1_parser *parser);
/* Whether a message has begun to arrive and its head is not complete. */
bool h1_parser_in_head(const struct h1_parser *parser);
/* What was wrong, for the log and the client: "Duplicate Content-Length". */
struct str h1_parser_complaint(const struct h1_parser *parser);

#endif
