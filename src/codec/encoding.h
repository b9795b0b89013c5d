/* SPDX-License-Identifier: MIT */
/* Which encoding a file of unknown origin is in: looked at chunk by chunk, before it is read. */
#ifndef CODEC_ENCODING_H
#define CODEC_ENCODING_H

#include "base/str.h"

enum text_encoding {
	TEXT_UTF8,   /* with or without a byte order mark; plain ASCII too */
	TEXT_LATIN1, /* anything else: Windows-1252, of which Latin-1 is a part */
	TEXT_UTF16,  /* by its byte order mark; nothing here reads it */
};

/* Zero-initialised, then given all chunks in order. */
struct encoding_scan {
	char carried[4]; /* a sequence that the chunk's end cut */
	size_t n_carried;
	char first[2];
	size_t n_first;
	bool broken; /* ill-formed UTF-8 was seen */
};

void encoding_scan_add(struct encoding_scan *scan, struct str chunk);
/* After the last chunk. */
enum text_encoding encoding_scan_result(const struct encoding_scan *scan);

#endif
