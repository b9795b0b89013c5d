/* SPDX-License-Identifier: MIT */
/* Reason phrases and the date header. */
#include <time.h>

#include "base/clock.h"
#include "http/inside.h"

static const struct reason {
	int status;
	struct str words;
} reasons[] = {
	{ 100, STR("Continue") },
	{ 200, STR("OK") },
	{ 201, STR("Created") },
	{ 202, STR("Accepted") },
	{ 204, STR("No Content") },
	{ 206, STR("Partial Content") },
	{ 301, STR("Moved Permanently") },
	{ 302, STR("Found") },
	{ 303, STR("See Other") },
	{ 304, STR("Not Modified") },
	{ 307, STR("Temporary Redirect") },
	{ 308, STR("Permanent Redirect") },
	{ 400, STR("Bad Request") },
	{ 401, STR("Unauthorized") },
	{ 403, STR("Forbidden") },
	{ 404, STR("Not Found") },
	{ 405, STR("Method Not Allowed") },
	{ 406, STR("Not Acceptable") },
	{ 408, STR("Request Timeout") },
	{ 409, STR("Conflict") },
	{ 410, STR("Gone") },
	{ 412, STR("Precondition Failed") },
	{ 413, STR("Content Too Large") },
	{ 415, STR("Unsupported Media Type") },
	{ 416, STR("Range Not Satisfiable") },
	{ 417, STR("Expectation Failed") },
	{ 421, STR("Misdirected Request") },
	{ 422, STR("Unprocessable Content") },
	{ 428, STR("Precondition Required") },
	{ 429, STR("Too Many Requests") },
	{ 431, STR("Request Header Fields Too Large") },
	{ 500, STR("Internal Server Error") },
	{ 502, STR("Bad Gateway") },
	{ 503, STR("Service Unavailable") },
	{ 504, STR("Gateway Timeout") },
	{ 507, STR("Insufficient Storage") },
};

struct str http_reason(int status)
{
	for (size_t i = 0; i < countof(reasons); i++)
		if (reasons[i].status == status)
			return reasons[i].words;
	return STR("Unknown");
}

struct str http_date(struct http_server *server)
{
	int64_t now_s = clock_wall_ms() / 1000;
	if (now_s != server->date_s) {
		time_t at = (time_t)now_s;
		struct tm utc;
		gmtime_r(&at, &utc);
		/* The C locale's names, as the program never sets another. */
		server->date_len = strftime(server->date, sizeof(server->date), "%a, %d %b %Y %H:%M:%S GMT", &utc);
		server->date_s = now_s;
	}
	return (struct str){ server->date, server->date_len };
}
