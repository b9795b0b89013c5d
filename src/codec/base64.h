/* SPDX-License-Identifier: MIT */
/* base64url without padding (RFC 4648, section 5): tokens, cursors; and base64 (section 4): metadata of gRPC. */
#ifndef CODEC_BASE64_H
#define CODEC_BASE64_H

#include "base/buf.h"

void base64url_encode(struct buf *to, struct str bytes);
/*
 * Appends the bytes. False, with nothing appended, for a foreign character, padding, an impossible length or bits
 * left over (so that each value has one spelling), and when the buffer refuses.
 */
must_use bool base64url_decode(struct buf *to, struct str text);

enum base64_padding { BASE64_UNPADDED, BASE64_PADDED };

void base64_encode(struct buf *to, struct str bytes, enum base64_padding padding);
/* With or without padding; else as strict as base64url_decode. */
must_use bool base64_decode(struct buf *to, struct str text);
/* 0–63 for a character of base64, or -1. */
int base64_value(char c);

#endif
