/* SPDX-License-Identifier: MIT */
/* The JSON writer. */
#include "codec/json_out.h"

#include "codec/time.h"
#include "codec/utf8.h"

static void begin_value(struct json_out *out)
{
	if (out->comma)
		buf_add_char(out->to, ',');
	out->comma = true;
}

void json_raw(struct json_out *out, struct str json)
{
	begin_value(out);
	buf_add(out->to, str_blank(json) ? STR("null") : json);
}

void json_open(struct json_out *out, char bracket)
{
	begin_value(out);
	buf_add_char(out->to, bracket);
	out->comma = false;
}

void json_close(struct json_out *out, char bracket)
{
	buf_add_char(out->to, bracket);
	out->comma = true;
}

static void add_escape(struct buf *to, char c)
{
	switch (c) {
	case '"': buf_add(to, STR("\\\"")); break;
	case '\\': buf_add(to, STR("\\\\")); break;
	case '\n': buf_add(to, STR("\\n")); break;
	case '\r': buf_add(to, STR("\\r")); break;
	case '\t': buf_add(to, STR("\\t")); break;
	default: buf_printf(to, "\\u%04x", (unsigned)(unsigned char)c); break;
	}
}

static bool is_plain(char c)
{
	return (unsigned char)c >= 0x20 && c != '"' && c != '\\' && (unsigned char)c < 0x80;
}

/* Length of the longest front of s that needs no escape. */
static size_t plain_length(struct str s)
{
	size_t at = 0;
	while (at < s.len) {
		if (is_plain(s.at[at])) {
			at++;
			continue;
		}
		size_t len = (unsigned char)s.at[at] < 0x80 ? 0 : utf8_sequence(str_skip(s, at));
		if (len == 0)
			break;
		at += len;
	}
	return at;
}

static void add_quoted(struct buf *to, struct str s)
{
	buf_add_char(to, '"');
	for (;;) {
		size_t plain = plain_length(s);
		buf_add(to, str_first(s, plain));
		s = str_skip(s, plain);
		if (s.len == 0)
			break;
		if ((unsigned char)s.at[0] < 0x80)
			add_escape(to, s.at[0]);
		else
			utf8_add(to, 0xfffd);
		s = str_skip(s, 1);
	}
	buf_add_char(to, '"');
}

void json_key(struct json_out *out, struct str key)
{
	begin_value(out);
	add_quoted(out->to, key);
	buf_add_char(out->to, ':');
	out->comma = false;
}

void json_str(struct json_out *out, struct str value)
{
	if (!str_present(value)) {
		json_null(out);
		return;
	}
	begin_value(out);
	add_quoted(out->to, value);
}

void json_int(struct json_out *out, int64_t value)
{
	begin_value(out);
	buf_add_int(out->to, value);
}

void json_bool(struct json_out *out, bool value)
{
	json_raw(out, value ? STR("true") : STR("false"));
}

void json_time_ms(struct json_out *out, int64_t ms)
{
	char text[TIME_TEXT + 1];
	json_str(out, ms == INT64_MIN ? STR_ABSENT : time_format(ms, text));
}

void json_cents(struct json_out *out, int64_t cents)
{
	uint64_t size = cents < 0 ? 0 - (uint64_t)cents : (uint64_t)cents;

	if (cents == INT64_MIN) {
		json_null(out);
		return;
	}
	begin_value(out);
	buf_printf(out->to, "%s%llu.%02u", cents < 0 ? "-" : "", (unsigned long long)(size / 100),
		   (unsigned)(size % 100));
}

void json_uuid(struct json_out *out, const struct uuid *value)
{
	char text[UUID_TEXT + 1];
	json_str(out, value ? uuid_format(value, text) : STR_ABSENT);
}

void json_put_str(struct json_out *out, struct str key, struct str value)
{
	json_key(out, key);
	json_str(out, value);
}

void json_put_int(struct json_out *out, struct str key, int64_t value)
{
	json_key(out, key);
	json_int(out, value);
}

void json_put_bool(struct json_out *out, struct str key, bool value)
{
	json_key(out, key);
	json_bool(out, value);
}

void json_put_time_ms(struct json_out *out, struct str key, int64_t ms)
{
	json_key(out, key);
	json_time_ms(out, ms);
}

void json_put_cents(struct json_out *out, struct str key, int64_t cents)
{
	json_key(out, key);
	json_cents(out, cents);
}

void json_put_uuid(struct json_out *out, struct str key, const struct uuid *value)
{
	json_key(out, key);
	json_uuid(out, value);
}

void json_put_null(struct json_out *out, struct str key)
{
	json_key(out, key);
	json_null(out);
}

void json_put_raw(struct json_out *out, struct str key, struct str json)
{
	json_key(out, key);
	json_raw(out, json);
}
