/* SPDX-License-Identifier: MIT */
/*
 * What the HTTP transports serve: settings, the router, the gate, rate limits, and the hooks by which upper floors
 * take part. One object is handed to every listener as `protocol->open`'s server; the cleartext listener that only
 * redirects gets its own. Belongs to the loop's thread.
 */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include "auth/identity.h"
#include "http/guard.h"
#include "http/h1_parser.h"
#include "http/ratelimit.h"
#include "http/route.h"
#include "net/conn.h"
#include "net/quic.h"

/* The protocols over a byte stream, for listener_settings.protocols; the last is HTTP/2 that takes nothing but gRPC. */
extern const struct protocol http1_protocol;
extern const struct protocol http2_protocol;
extern const struct protocol grpc_protocol;
/* The one over QUIC's streams, for quic_settings.protocols. */
extern const struct quic_protocol http3_protocol;

/* Slices and lists must stay valid as long as the server, or until replaced by http_server_configure. */
struct http_settings {
	struct h1_limits head; /* for HTTP/2 and HTTP/3 too, as the header list's size */
	size_t target_bytes;   /* longest request target */
	unsigned head_ms;      /* for a head to arrive, from its first byte */
	unsigned body_ms;      /* for min_rate's worth of a request's body to arrive, again and again */
	unsigned idle_ms;      /* of a connection without requests */
	unsigned stall_ms;     /* for the same of a stream's reply to be taken, while the client holds it back */
	unsigned answer_ms;    /* for a handler to begin its answer */
	size_t min_rate;       /* bytes a second; 0: any progress will do */
	size_t arena_budget;   /* of one request, without its body */
	size_t reply_mark;     /* queued bytes above which a producer of a stream waits */
	size_t max_queued;     /* the same over the streams of one connection */
	size_t unread_body; /* up to here a refused request's body is read and dropped, above the connection is closed */
	struct guard_limits guards;
	struct {
		unsigned max_streams;	  /* at the same time */
		size_t stream_window;	  /* bytes of one request's body that may be on the way */
		size_t connection_window; /* the same over all streams */
	} h2;
	struct {
		size_t table_bytes;	  /* of QPACK's dynamic table, each way */
		unsigned blocked_streams; /* that may wait for entries of it */
	} h3;
	struct {
		size_t max_message; /* bytes, as it comes and inflated */
	} grpc;

	const char *spool_dir;				 /* for request bodies too large for memory */
	size_t spool_bytes;				 /* the largest of those */
	size_t image_bytes;				 /* the largest body of ROUTE_TAKES_IMAGE */
	struct str_list trusted_proxies;		 /* addresses or networks: "10.0.0.0/8", "::1" */
	struct str_list cors_origins;			 /* none: CORS is off */
	bool debug_fake_auth;				 /* believe a well-formed x-user-id */
	struct str local_token;				 /* opens GATE_LOCAL from anywhere; empty: none */
	unsigned requests_per_minute, logins_per_minute; /* 0: off */
	size_t max_callers;				 /* that are counted at once */
	struct str hsts;				 /* value of strict-transport-security; empty: not sent */
	struct str alt_svc; /* value of alt-svc, for HTTP/1.1 and HTTP/2 over TLS; empty: not sent */
	int redirect_port;  /* above 0: this server redirects to https on that port; it answers ROUTE_IN_CLEAR only */
};

/* The defaults of all of the above. */
struct http_settings http_settings_default(void);

enum http_identified {
	HTTP_IDENTIFIED = 0,
	HTTP_REFUSED = 1,
	HTTP_MUST_ASK = 2, /* it takes looking it up */
};

struct http_hooks {
	void *arg;
	/*
	 * Who asks, from the request's headers, as enum http_identified: *out is in the arena, or *why a 401 with a
	 * challenge. Must be set when a route asks for someone.
	 */
	int (*identify)(void *arg, const struct request *request, struct arena *arena, const struct identity **out,
			const struct problem **why);
	/*
	 * Finds out who it is where identify must ask: the first step of a call of its own, beside the arrival of the
	 * request's body. Its call->args is the struct request, for this step only; it ends by http_tell_identity, or
	 * fails. Must be set when identify may say so.
	 */
	struct step ask;
	/* Runs in place of the handler of a ROUTE_WRITES request with an Idempotency-Key, and goes on with it. May be empty. */
	struct step once;
	/* Handles GET and HEAD of paths outside /api/ that no route knows: the web application. May be empty. */
	struct step fallback;
	/* The methods of gRPC (http/grpc.h); they must outlive the server. NULL: it is not spoken. */
	const struct grpc_method *rpcs;
	size_t n_rpcs;
};

struct grpc_method;
struct http_server;

/* `routes` must outlive the server. NULL without memory, or with *said when a setting is unusable. */
must_use struct http_server *http_server_new(struct loop *loop, const struct http_settings *settings,
					     const struct http_hooks *hooks, const struct route *routes,
					     size_t n_routes, struct arena *arena, struct str *said);
/* Takes other settings for what comes from now on (SIGHUP). 0, or 1 with *said and nothing changed. */
must_use int http_server_configure(struct http_server *server, const struct http_settings *settings,
				   struct arena *arena, struct str *said);
/* The end of hooks.ask: it is this one (copied). */
must_use struct turn http_tell_identity(struct call *call, const struct identity *identity);
/* The token of `authorization: Bearer …`, which may be empty, or absent. */
struct str request_bearer(const struct request *request);
/* The disk is nearly full: routes that write answer 507 until told otherwise. */
void http_server_set_no_space(struct http_server *server, bool no_space);
/* Asserts that no exchange is left. */
void http_server_free(struct http_server *server);

#endif
