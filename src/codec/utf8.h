/* SPDX-License-Identifier: MIT */
/* UTF-8: strict checking (no overlong form, no surrogate, nothing above U+10FFFF), walking, and coming from Latin-1. */
#ifndef CODEC_UTF8_H
#define CODEC_UTF8_H

#include "base/buf.h"

/* Length (1–4) of the well-formed sequence at the front of s; 0 when there is none. */
size_t utf8_sequence(struct str s);
/* How many bytes at the front of s are ASCII, eight at a time: fewer than eight more may be. */
size_t utf8_ascii(struct str s);
bool utf8_valid(struct str s);
/* Takes the first code point off *rest; false at its end or before an ill-formed sequence. */
must_use bool utf8_next(struct str *rest, uint32_t *code_point);
/* Appends one code point; what is none becomes U+FFFD. */
void utf8_add(struct buf *to, uint32_t code_point);
/* How many code points a well-formed text has: what a limit in characters counts. */
size_t utf8_count(struct str s);
/* Appends text in Windows-1252, the superset of Latin-1 that calls itself Latin-1. Never fails but for room. */
void utf8_from_latin1(struct buf *to, struct str latin1);

#endif
