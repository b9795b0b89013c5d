/* SPDX-License-Identifier: MIT */
/* Length-prefixed messages, and base64 in parts. */
#include "http/grpc_frame.h"

#include "codec/base64.h"

enum { KEPT_ROOM = 64 * 1024 };

struct grpc_reader grpc_reader_of(size_t max)
{
	return (struct grpc_reader){ .message = buf_of(max) };
}

void grpc_reader_free(struct grpc_reader *reader)
{
	buf_free(&reader->message);
}

void grpc_reader_next(struct grpc_reader *reader)
{
	reader->n_head = 0;
	if (reader->message.room > KEPT_ROOM)
		buf_free(&reader->message);
	buf_clear(&reader->message);
}

bool grpc_reader_inside(const struct grpc_reader *reader)
{
	return reader->n_head > 0 && (reader->n_head < GRPC_FRAME_HEAD || reader->message.len < reader->length);
}

static int read_head(struct grpc_reader *reader, struct str *input)
{
	while (reader->n_head < GRPC_FRAME_HEAD && input->len) {
		reader->head[reader->n_head++] = (unsigned char)input->at[0];
		*input = str_skip(*input, 1);
	}
	if (reader->n_head < GRPC_FRAME_HEAD)
		return GRPC_READ_MORE;
	const unsigned char *head = reader->head;
	if (head[0] & ~GRPC_FLAG_COMPRESSED)
		return GRPC_READ_BROKEN;
	reader->compressed = head[0] & GRPC_FLAG_COMPRESSED;
	reader->length = (size_t)head[1] << 24 | (size_t)head[2] << 16 | (size_t)head[3] << 8 | head[4];
	return reader->length > reader->message.max ? GRPC_READ_LARGE : GRPC_READ_WHOLE;
}

/* Memory is taken as the bytes come, not as they are announced. */
int grpc_reader_feed(struct grpc_reader *reader, struct str *input)
{
	if (reader->n_head < GRPC_FRAME_HEAD) {
		int outcome = read_head(reader, input);
		if (outcome != GRPC_READ_WHOLE)
			return outcome;
	}
	struct str part = str_first(*input, reader->length - reader->message.len);
	buf_add(&reader->message, part);
	*input = str_skip(*input, part.len);
	if (buf_failed(&reader->message))
		return GRPC_READ_LARGE;
	return reader->message.len == reader->length ? GRPC_READ_WHOLE : GRPC_READ_MORE;
}

void grpc_frame_head(char head[GRPC_FRAME_HEAD], unsigned flags, size_t length)
{
	check(length <= UINT32_MAX);
	head[0] = (char)flags;
	for (int i = 1; i < GRPC_FRAME_HEAD; i++)
		head[i] = (char)(length >> (8 * (GRPC_FRAME_HEAD - 1 - i)));
}

/* ── base64 in parts ── */

/* A group of four is whole: its bytes, less the padding; bits that padding leaves over must be none. */
static bool end_group(struct grpc_text *state, struct buf *to)
{
	const char bytes[] = { (char)(state->bits >> 16), (char)(state->bits >> 8), (char)state->bits };
	uint32_t unused = state->n_padding == 2 ? 0xffff : state->n_padding ? 0xff : 0;

	if (state->bits & unused)
		return false;
	buf_add(to, (struct str){ bytes, 3 - state->n_padding });
	*state = (struct grpc_text){ 0 };
	return !buf_failed(to);
}

bool grpc_text_decode(struct grpc_text *state, struct str text, struct buf *to)
{
	for (size_t i = 0; i < text.len; i++) {
		bool pads = text.at[i] == '=';
		int value = pads ? 0 : base64_value(text.at[i]);
		if (value < 0 || (pads && state->n < 2) || (!pads && state->n_padding))
			return false;
		state->n_padding += pads;
		state->bits = state->bits << 6 | (uint32_t)value;
		if (++state->n == 4 && !end_group(state, to))
			return false;
	}
	return true;
}

bool grpc_text_whole(const struct grpc_text *state)
{
	return state->n == 0;
}
