/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a body of length-prefixed messages, as base64 in parts, as a timeout, as a compressed message: cut
 * anywhere, they are the same messages; what is inflated stays within its bound. The first byte says where it is cut.
 */
#include <string.h>

#include "codec/base64.h"
#include "codec/compress.h"
#include "http/grpc_frame.h"
#include "http/grpc_status.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LARGEST_MESSAGE = 4096, LARGEST_BODY = 1 << 20 };

/* What the body holds: each message behind its flag and length, and how it ended. */
static int read_all(struct str body, size_t step, struct buf *messages)
{
	struct grpc_reader reader = grpc_reader_of(LARGEST_MESSAGE);
	int outcome = GRPC_READ_MORE;

	for (size_t at = 0; at < body.len && outcome < GRPC_READ_LARGE; at += step) {
		struct str part = str_first(str_skip(body, at), step);
		while (part.len && outcome < GRPC_READ_LARGE) {
			size_t before = part.len;
			outcome = grpc_reader_feed(&reader, &part);
			check(part.len < before && reader.message.len <= LARGEST_MESSAGE);
			if (outcome != GRPC_READ_WHOLE)
				continue;
			buf_printf(messages, "%d %zu ", reader.compressed, reader.message.len);
			buf_add(messages, buf_str(&reader.message));
			grpc_reader_next(&reader);
		}
	}
	buf_printf(messages, "%d %d", outcome < GRPC_READ_LARGE ? 0 : outcome, grpc_reader_inside(&reader));
	grpc_reader_free(&reader);
	return outcome;
}

static void try_frames(struct str body, size_t step)
{
	owned(buf_free) struct buf whole = buf_of(64 << 20), cut = buf_of(64 << 20);

	read_all(body, body.len + 1, &whole);
	read_all(body, step, &cut);
	check(str_equal(buf_str(&whole), buf_str(&cut)));
}

static void try_text(struct str text, size_t step)
{
	owned(buf_free) struct buf whole = buf_of(LARGEST_BODY), cut = buf_of(LARGEST_BODY),
				   again = buf_of(2 * LARGEST_BODY);
	struct grpc_text one = { 0 }, other = { 0 };
	bool good = grpc_text_decode(&one, text, &whole), same = true;

	for (size_t at = 0; same && at < text.len; at += step)
		same = grpc_text_decode(&other, str_first(str_skip(text, at), step), &cut);
	check(good == same && str_equal(buf_str(&whole), buf_str(&cut)));
	check(grpc_text_whole(&one) == grpc_text_whole(&other) || !good);
	/* What base64 knows of one part, this knows too. */
	buf_clear(&cut);
	if (!base64_decode(&cut, text) || text.len % 4)
		return;
	check(good && str_equal(buf_str(&whole), buf_str(&cut)));
	base64_encode(&again, buf_str(&cut), BASE64_PADDED);
	check(str_equal(buf_str(&again), text));
}

static void try_inflate(struct str bytes)
{
	owned(buf_free) struct buf plain = buf_of(LARGEST_MESSAGE);
	(void)!inflate_gzip(&plain, bytes);
	check(plain.len <= LARGEST_MESSAGE);
}

static void try_timeout(struct str text)
{
	int64_t ms = -1;
	bool good = grpc_timeout_parse(text, &ms);
	check(good ? ms >= 0 && ms <= 99999999LL * 3600000 : ms == -1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str bytes = { size ? (const char *)data + 1 : "", size ? size - 1 : 0 };
	size_t step = size && data[0] ? data[0] : 1;

	if (bytes.len > LARGEST_BODY)
		return 0;
	try_frames(bytes, step);
	try_text(bytes, step);
	try_inflate(bytes);
	try_timeout(bytes);
	owned(buf_free) struct buf encoded = buf_of(4 * LARGEST_BODY);
	grpc_message_encode(&encoded, bytes);
	check(encoded.len >= bytes.len && !buf_failed(&encoded));
	return 0;
}
