/* SPDX-License-Identifier: MIT */
/* The API as a table: what routes.def expands to, and the router over it. */
#ifndef HTTP_ROUTE_H
#define HTTP_ROUTE_H

#include "http/http.h"

enum gate {
	GATE_OPEN,  /* anyone */
	GATE_USER,  /* a valid access token, or an API token with the route's scope; call->identity is set */
	GATE_SESSION, /* a valid access token, and no API token */
	GATE_LOCAL, /* loopback, or the configured bearer token (metrics.token) */
};

enum rate_class { RATE_NONE, RATE_NORMAL, RATE_LOGIN };

enum route_flag {
	ROUTE_WRITES = 1, /* changes data: refused with 507 when the disk is nearly full; may carry Idempotency-Key */
	ROUTE_SPOOLS = 2, /* the body goes to a temporary file */
	ROUTE_TAKES_FORM = 4, /* any content type is accepted; otherwise a body must be application/json */
	ROUTE_IN_CLEAR = 8,   /* answered on the port that otherwise only redirects to https, too */
	ROUTE_SECRET_PATH = 16, /* who knows the path may read what is there: no log has it */
	ROUTE_TAKES_IMAGE = 32, /* the body is a picture; its limit is a setting besides the route's own */
	ROUTE_READS = 64,     /* changes nothing, though its method is not GET */
};

struct route {
	enum http_method method;
	struct str path; /* "/api/records/{id}" */
	struct str rpc;	 /* "records.RecordsService/GetRecord" or empty */
	enum gate gate;
	size_t body_limit; /* bytes; 0: no body */
	enum rate_class rate;
	unsigned flags;
	step_fn *handler;
	const char *name;    /* the handler's name: metric label, span */
	struct str sentence; /* for `recordd routes` and OpenAPI */
};

/*
 * What the caller must be let do, and the only place that says so: to read, to change (whatever is neither GET nor
 * marked as reading), or, behind GATE_SESSION, to deal with the account. 0 where no one is asked for.
 */
unsigned route_scope(const struct route *route);

struct router;

/* Compiles the table; NULL without memory. A double or malformed row is a programming error (check). */
must_use struct router *router_new(const struct route *routes, size_t n);
void router_free(struct router *router);

enum route_outcome { ROUTE_FOUND = 0, ROUTE_NO_PATH = 1, ROUTE_NO_METHOD = 2 };
/* HEAD finds GET's route. Literal segments win over parameters. With ROUTE_NO_METHOD *allow names the methods ("GET, POST"). */
must_use int router_find(const struct router *router, enum http_method method, struct str path, struct arena *arena,
			 const struct route **route, struct str params[HTTP_MAX_PATH_PARAMS], struct str *allow);

#endif
