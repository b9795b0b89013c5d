/* SPDX-License-Identifier: MIT */
/* gzip by zlib, brotli, and zstd, each in one shot. */
#include "codec/compress.h"

#include <brotli/encode.h>
#include <limits.h>
#include <zlib.h>
#include <zstd.h>

/* Each writes at most `room` bytes and returns how many, or 0 when that is not enough. */
typedef size_t encode_fn(char *to, size_t room, int level, struct str bytes);

enum { WITH_GZIP_HEAD = 15 + 16, INFLATE_STEP = 16 * 1024 };

static size_t encode_gzip(char *to, size_t room, int level, struct str bytes)
{
	enum { MEMORY_LEVEL = 8 };
	z_stream stream = { 0 };

	if (bytes.len > UINT_MAX || deflateInit2(&stream, level, Z_DEFLATED, WITH_GZIP_HEAD, MEMORY_LEVEL, Z_DEFAULT_STRATEGY))
		return 0;
	stream.next_in = (z_const Bytef *)bytes.at;
	stream.avail_in = (uInt)bytes.len;
	stream.next_out = (Bytef *)to;
	stream.avail_out = room > UINT_MAX ? UINT_MAX : (uInt)room;
	bool whole = deflate(&stream, Z_FINISH) == Z_STREAM_END;
	size_t n = stream.total_out;
	deflateEnd(&stream);
	return whole ? n : 0;
}

static size_t encode_brotli(char *to, size_t room, int level, struct str bytes)
{
	enum { WINDOW_BITS = 19 }; /* 512 KiB, the largest body that is kept */
	size_t n = room;
	bool whole = BrotliEncoderCompress(level, WINDOW_BITS, BROTLI_MODE_TEXT, bytes.len, (const uint8_t *)bytes.at, &n,
					   (uint8_t *)to);
	return whole ? n : 0;
}

static size_t encode_zstd(char *to, size_t room, int level, struct str bytes)
{
	size_t n = ZSTD_compress(to, room, bytes.at, bytes.len, level);
	return ZSTD_isError(n) ? 0 : n;
}

static const struct coding_row {
	struct str name;
	encode_fn *encode;
	int levels[2]; /* by effort */
} codings[N_COMPRESS_CODINGS] = {
	[COMPRESS_GZIP] = { STR("gzip"), encode_gzip, { 5, 7 } },
	[COMPRESS_BROTLI] = { STR("br"), encode_brotli, { 4, 6 } },
	[COMPRESS_ZSTD] = { STR("zstd"), encode_zstd, { 3, 9 } },
};

struct str compress_name(enum compress_coding coding)
{
	return codings[coding].name;
}

/* At least what each of the three asks for in the worst case (zstd asks for the most). */
static size_t worst_size(size_t n)
{
	return n + n / 128 + 1024;
}

bool compress_into(struct buf *to, enum compress_coding coding, enum compress_effort effort, struct str bytes)
{
	const struct coding_row *row = &codings[coding];
	size_t room = worst_size(bytes.len), left = to->max - to->len;

	if (buf_failed(to) || left == 0)
		return false;
	room = room < left ? room : left;
	char *at = buf_reserve(to, room);
	size_t n = at ? row->encode(at, room, row->levels[effort], bytes) : 0;
	buf_commit(to, n);
	return n > 0;
}

struct blob *compress_blob(enum compress_coding coding, enum compress_effort effort, struct str bytes)
{
	owned(buf_free) struct buf coded = buf_of(bytes.len ? bytes.len - 1 : 0);

	if (!compress_into(&coded, coding, effort, bytes))
		return NULL;
	return blob_copy(buf_str(&coded));
}

/* Goes on until there is no more room, or the input ends. */
static int inflate_steps(struct buf *to, z_stream *stream)
{
	for (int status = Z_OK; status != Z_STREAM_END;) {
		/* When the buffer is full, one byte more would be too much: room for it tells the two cases apart. */
		char spill, *at = &spill;
		size_t left = to->max - to->len, room = left < INFLATE_STEP ? left : INFLATE_STEP;
		if (room && !(at = buf_reserve(to, room)))
			return INFLATE_TOO_LARGE;
		stream->next_out = (Bytef *)at;
		stream->avail_out = room ? (uInt)room : 1;
		status = inflate(stream, Z_NO_FLUSH);
		size_t n = (room ? room : 1) - stream->avail_out;
		if (!room && n)
			return INFLATE_TOO_LARGE;
		buf_commit(to, n);
		if (status != Z_OK && status != Z_STREAM_END)
			return INFLATE_BROKEN;
	}
	return stream->avail_in ? INFLATE_BROKEN : INFLATED;
}

int inflate_gzip(struct buf *to, struct str bytes)
{
	z_stream stream = { 0 };

	if (buf_failed(to) || bytes.len > UINT_MAX)
		return INFLATE_TOO_LARGE;
	stream.next_in = (z_const Bytef *)bytes.at;
	stream.avail_in = (uInt)bytes.len;
	if (inflateInit2(&stream, WITH_GZIP_HEAD))
		return INFLATE_TOO_LARGE;
	int outcome = inflate_steps(to, &stream);
	inflateEnd(&stream);
	return outcome;
}
