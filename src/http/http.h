/* SPDX-License-Identifier: MIT */
/*
 * One request, one reply, whatever carried them. HTTP/1.1, HTTP/2 and HTTP/3, with gRPC on any of them, parse into a
 * `struct request`; a handler answers through the functions here and never knows the transport.
 */
#ifndef HTTP_HTTP_H
#define HTTP_HTTP_H

#include "base/blob.h"
#include "base/uuid.h"
#include "cache/cache.h"
#include "http/header.h"
#include "loop/call.h"

enum http_method {
	HTTP_GET,
	HTTP_HEAD,
	HTTP_POST,
	HTTP_PUT,
	HTTP_PATCH,
	HTTP_DELETE,
	HTTP_OPTIONS,
	HTTP_OTHER,
};

enum http_protocol { HTTP_1_0, HTTP_1_1, HTTP_2, HTTP_3 };

struct http_param {
	struct str name, value; /* decoded */
};

enum { HTTP_MAX_PATH_PARAMS = 4 };

/* Filled by a transport and the router; lives in the call's arena; read-only for handlers. */
struct request {
	enum http_method method;
	struct str method_text;
	enum http_protocol protocol;
	bool secure;	      /* came over TLS */
	bool loopback;	      /* the peer is this machine */
	struct str authority; /* Host or :authority, lower case */
	struct str target;    /* as received: path and query */
	struct str path;      /* decoded, dot segments resolved, valid UTF-8 without NUL */
	struct str query;     /* raw, without '?' ; absent if none */
	struct http_headers headers;
	struct http_param *params; /* of the query, decoded */
	size_t n_params;
	struct str path_params[HTTP_MAX_PATH_PARAMS]; /* "{id}" in the route's order, decoded */
	struct str body;			      /* whole, when the route's limit fits memory */
	const char *body_file;	/* else a spooled temporary file, removed when the call ends; NULL */
	struct str peer;	/* client address as text, X-Forwarded-For already applied for trusted proxies */
	struct str subject;	/* of the client's verified certificate, or absent */
	struct str id;		/* x-request-id: the client's if sane, else issued */
	struct str traceparent; /* valid one or absent */
	const struct route *route;
};

/* Absent when not there. A header that occurs more than once gives its first value. */
struct str request_header(const struct request *request, struct str lower_case_name);
/* The first query parameter of that name; absent when not there. */
struct str request_param(const struct request *request, struct str name);
/* A cookie's value or absent. */
struct str request_cookie(const struct request *request, struct str name);

/* The path as the log may have it: one that lets in whoever knows it is told as its route, or by its beginning. */
struct str request_path_for_log(const struct request *request);
/*
 * Whether a browser says that a page of another origin sent it: by Sec-Fetch-Site, which no script can set, else by
 * Origin. A client that says neither is no browser, or sends from the address bar.
 */
bool request_is_of_other_site(const struct request *request);

/* ── Replies: each ends the step and hands the reply to the transport. ── */

/*
 * Adds a header to the coming reply; name lower case, both slices must live until the reply is complete. An absent
 * value, or one with control characters, is not sent. Out of budget is noticed at the end. With an `etag` a complete
 * 200 to a GET whose If-None-Match lists it goes out as 304.
 */
void reply_header(struct call *call, struct str name, struct str value);
/* status with no body (204, 304, 201 without content). */
must_use struct turn reply_empty(struct call *call, int status);
/* A JSON body, copied out of the arena; compressed as the client accepts, when it is worth it. */
must_use struct turn reply_json(struct call *call, int status, struct str json);
must_use struct turn reply_text(struct call *call, int status, struct str content_type, struct str body);
/* A finished body; takes a reference of its own. `coding` is the content-coding the bytes are in, absent for identity. */
must_use struct turn reply_blob(struct call *call, int status, struct str content_type, struct blob *body,
				struct str coding);

/* A cached answer: its twin in the coding the client prefers, made once; says Cache-Status and X-Cache. */
must_use struct turn reply_answer(struct call *call, struct cache *cache, const struct cache_answer *answer,
				  struct str content_type);

/* A stream: head first, then chunks, each continuing when there is room again, then the end. */
must_use struct turn reply_stream(struct call *call, int status, struct str content_type, struct step next);
/* The same of so many bytes, which the chunks must add up to. */
must_use struct turn reply_stream_sized(struct call *call, int status, struct str content_type, int64_t length,
					struct step next);
/* Before it begins: it has no end of its own. Whoever closes their side of the connection waits for no more of it. */
void reply_endless(struct call *call);
must_use struct turn reply_chunk(struct call *call, struct str bytes, struct step next); /* bytes are copied */
must_use struct turn reply_stream_end(struct call *call);

/* Runs right before a complete reply is handed to the transport (idempotency keys use it): sees status, headers, body. */
struct reply_view {
	int status;
	const struct http_headers *headers;
	struct str content_type, body;
};
/*
 * `hook` must end by reply_release(call) (after whatever it waits for), or call_fail. One hook at a time. Problems and
 * streams do not pass it.
 */
void reply_hold(struct call *call, struct turn (*hook)(struct call *call, const struct reply_view *view));
must_use struct turn reply_release(struct call *call);

#endif
