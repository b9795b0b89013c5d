/* SPDX-License-Identifier: MIT */
/* Whole bodies in the content codings of HTTP. Pure functions; any thread. */
#ifndef CODEC_COMPRESS_H
#define CODEC_COMPRESS_H

#include "base/blob.h"
#include "base/buf.h"

enum compress_coding { COMPRESS_GZIP, COMPRESS_BROTLI, COMPRESS_ZSTD, N_COMPRESS_CODINGS };

/* How hard to try: once for one answer, or for bytes that are kept and sent again. */
enum compress_effort { COMPRESS_FAST, COMPRESS_SMALL };

/* As Accept-Encoding and Content-Encoding spell it: "gzip", "br", "zstd". */
struct str compress_name(enum compress_coding coding);

/* Appends the coded bytes. False, with nothing appended, when they do not fit the buffer's maximum or memory is short. */
must_use bool compress_into(struct buf *to, enum compress_coding coding, enum compress_effort effort, struct str bytes);
/* The coded bytes; NULL when they would not be smaller, or without memory. */
must_use struct blob *compress_blob(enum compress_coding coding, enum compress_effort effort, struct str bytes);

enum inflate_outcome { INFLATED = 0, INFLATE_TOO_LARGE = 1, INFLATE_BROKEN = 2 };
/*
 * Appends what a whole gzip member (RFC 1952) holds. INFLATE_TOO_LARGE as soon as it does not fit the buffer's maximum,
 * or memory is short; INFLATE_BROKEN for anything that is not exactly one member. What was appended by then stays.
 */
must_use int inflate_gzip(struct buf *to, struct str bytes);

#endif
