/* SPDX-License-Identifier: MIT */
/* The fields of HTTP/2's and HTTP/3's messages. */
#include "http/fields.h"

bool fields_add(struct exchange *exchange, struct str name, struct str value)
{
	struct request *request = &exchange->request;
	struct str *pseudo = str_equal(name, STR(":method"))	  ? &request->method_text
			     : str_equal(name, STR(":path"))	  ? &request->target
			     : str_equal(name, STR(":authority")) ? &request->authority
								  : NULL;
	if (!str_starts(name, STR(":")))
		return exchange_add_header(exchange, name, value);
	exchange->head_bytes += name.len + value.len;
	if (exchange->head_bytes > exchange->server->settings.head.head_bytes)
		return false;
	if (pseudo)
		*pseudo = arena_copy(exchange->arena, value);
	return true;
}

int64_t fields_length(const struct request *request)
{
	int64_t length = -1;
	struct str text = request_header(request, STR("content-length"));
	return str_present(text) && str_to_int(text, 0, INT64_MAX, &length) ? length : -1;
}

bool fields_expect_continue(const struct request *request)
{
	struct str expect = request_header(request, STR("expect"));
	return str_present(expect) && str_equal_nocase(expect, STR("100-continue"));
}

bool field_is_unique(struct str name)
{
	return str_equal(name, STR("x-request-id")) || str_equal(name, STR("cache-status")) ||
	       str_starts(name, STR("ratelimit-re"));
}
