/* SPDX-License-Identifier: MIT */
/* Bytes as hexadecimal digits. */
#ifndef CODEC_HEX_H
#define CODEC_HEX_H

#include "base/buf.h"

/* Appends two lower-case digits a byte. */
void hex_encode(struct buf *to, struct str bytes);
/* The same into an array of 2 × bytes.len, without a NUL: for secrets, of which a growing buffer would leave copies. */
void hex_write(char *to, struct str bytes);
/* Exactly n bytes from exactly 2n digits of either case; else false with `to` unspecified. */
must_use bool hex_decode(struct str digits, void *to, size_t n);

#endif
