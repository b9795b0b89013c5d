/* SPDX-License-Identifier: MIT */
/* base64url without padding (RFC 4648, section 5): tokens, cursors. */
#ifndef CODEC_BASE64_H
#define CODEC_BASE64_H

#include "base/buf.h"

void base64url_encode(struct buf *to, struct str bytes);
/*
 * Appends the bytes. False, with nothing appended, for a foreign character, padding, an impossible length or bits
 * left over (so that each value has one spelling), and when the buffer refuses.
 */
must_use bool base64url_decode(struct buf *to, struct str text);

#endif
