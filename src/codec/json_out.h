/* SPDX-License-Identifier: MIT */
/*
 * Writing JSON, compact, straight into a buffer. Commas put themselves; what is opened must be closed.
 * Running over the buffer's maximum is noticed once, with buf_failed.
 *
 *	struct json_out out = json_out_of(&buf);
 *	json_object(&out);
 *	json_put_str(&out, STR("artist"), artist);
 *	json_key(&out, STR("pieces"));
 *	json_array(&out);
 *	…
 *	json_array_end(&out);
 *	json_object_end(&out);
 *
 * Some names are also jansson's, which only json.c includes; they are inline here, so that the linker never sees two.
 */
#ifndef CODEC_JSON_OUT_H
#define CODEC_JSON_OUT_H

#include "base/buf.h"
#include "base/uuid.h"

struct json_out {
	struct buf *to;
	bool comma; /* the next key or value is not the first */
};

static inline struct json_out json_out_of(struct buf *to) { return (struct json_out){ .to = to }; }

/* Any bytes that already are one JSON value; absent or empty → null. */
void json_raw(struct json_out *out, struct str json);
void json_open(struct json_out *out, char bracket);
void json_close(struct json_out *out, char bracket);

static inline void json_object(struct json_out *out) { json_open(out, '{'); }
static inline void json_object_end(struct json_out *out) { json_close(out, '}'); }
static inline void json_array(struct json_out *out) { json_open(out, '['); }
static inline void json_array_end(struct json_out *out) { json_close(out, ']'); }
static inline void json_null(struct json_out *out) { json_raw(out, STR("null")); }

void json_key(struct json_out *out, struct str key);
/* Absent → null. Ill-formed UTF-8 becomes U+FFFD, so that the output is JSON whatever comes in. */
void json_str(struct json_out *out, struct str value);
void json_int(struct json_out *out, int64_t value);
void json_bool(struct json_out *out, bool value);
/* "2026-01-31T09:30:00.000Z"; INT64_MIN → null. */
void json_time_ms(struct json_out *out, int64_t ms);
/* Hundredths as a number with two decimals: 12.50; INT64_MIN → null. */
void json_cents(struct json_out *out, int64_t cents);
/* NULL → null. */
void json_uuid(struct json_out *out, const struct uuid *value);

/* A key and its value. */
void json_put_str(struct json_out *out, struct str key, struct str value);
void json_put_int(struct json_out *out, struct str key, int64_t value);
void json_put_bool(struct json_out *out, struct str key, bool value);
void json_put_time_ms(struct json_out *out, struct str key, int64_t ms);
void json_put_cents(struct json_out *out, struct str key, int64_t cents);
void json_put_uuid(struct json_out *out, struct str key, const struct uuid *value);
void json_put_null(struct json_out *out, struct str key);
void json_put_raw(struct json_out *out, struct str key, struct str json);

#endif
