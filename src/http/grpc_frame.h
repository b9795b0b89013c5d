/* SPDX-License-Identifier: MIT */
/*
 * Length-prefixed messages (gRPC over HTTP/2, "Length-Prefixed-Message"), whole however they were cut on the way; and
 * the base64 of gRPC-Web's text variant. Pure.
 */
#ifndef HTTP_GRPC_FRAME_H
#define HTTP_GRPC_FRAME_H

#include "base/buf.h"

enum {
	GRPC_FRAME_HEAD = 5, /* flags, and the length in network order */
	GRPC_FLAG_COMPRESSED = 0x01,
	GRPC_FLAG_TRAILERS = 0x80, /* gRPC-Web: the frame holds the trailers */
};

/* Puts messages together. To begin with: grpc_reader_of. */
struct grpc_reader {
	unsigned char head[GRPC_FRAME_HEAD];
	size_t n_head;
	size_t length; /* announced; once the head is there */
	struct buf message;
	bool compressed;
};

enum grpc_read {
	GRPC_READ_MORE = 0,   /* all of the input was taken */
	GRPC_READ_WHOLE = 1,  /* message and compressed are set; the rest of the input is left */
	GRPC_READ_LARGE = 2,  /* a longer message than may be is announced, or memory is short */
	GRPC_READ_BROKEN = 3, /* flags that mean nothing */
};

/* For messages of at most `max` bytes as they come. Release with grpc_reader_free. */
struct grpc_reader grpc_reader_of(size_t max);
void grpc_reader_free(struct grpc_reader *reader);
/* Takes bytes off *input until a message is whole. After GRPC_READ_WHOLE comes grpc_reader_next; after a fault nothing. */
must_use int grpc_reader_feed(struct grpc_reader *reader, struct str *input);
/* Makes ready for the next message; the memory of a large one is released. */
void grpc_reader_next(struct grpc_reader *reader);
/* Whether a message has begun and is not whole. */
bool grpc_reader_inside(const struct grpc_reader *reader);

/* Writes the head of a message of that length. */
void grpc_frame_head(char head[GRPC_FRAME_HEAD], unsigned flags, size_t length);

/* base64 that comes in parts, each padded or not. Zeroed to begin with. */
struct grpc_text {
	uint32_t bits;
	unsigned n; /* characters of the current four */
	unsigned n_padding;
};

/* Appends the bytes that the text makes whole. False: no base64, or the buffer refuses. */
must_use bool grpc_text_decode(struct grpc_text *state, struct str text, struct buf *to);
/* Whether nothing is left over. */
bool grpc_text_whole(const struct grpc_text *state);

#endif
