/* SPDX-License-Identifier: MIT */
/* Base64url without padding (RFC 4648 §5, as RFC 7515 wants it): one text for each value, and no other accepted. */
#ifndef AUTH_BASE64URL_H
#define AUTH_BASE64URL_H

#include "base/str.h"

/* Characters that n bytes take. */
#define BASE64URL_TEXT(n) (((n)*4 + 2) / 3)

/* Writes BASE64URL_TEXT(bytes.len) characters to `to`, without a NUL. Returns them as a slice. */
struct str base64url_encode(struct str bytes, char *to);
/* False for a foreign character, an impossible length, set unused bits, or more than `room` bytes. */
must_use bool base64url_decode(struct str text, uint8_t *to, size_t room, size_t *len);

#endif
