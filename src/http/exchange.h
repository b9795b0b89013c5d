/* SPDX-License-Identifier: MIT */
/*
 * An exchange: the request, the reply and the call of one stream, over any transport.
 *
 * Glossary: a *transport* turns bytes into requests and replies into bytes (h1.c, h2.c, h3.c; gRPC lies on any of them);
 * a *stream* is its side of one exchange; *admission* is everything between a complete head and the handler
 * (routing, gate, rate limit, body limit).
 *
 * Life, as the transport drives it:
 *
 *	exchange_new → exchange_add_header… → exchange_head → exchange_body… → exchange_body_end
 *	                                  ← begin ← more…          (reply: exchange_peek, exchange_advance)
 *	exchange_over: the transport is done with it, whether all was sent or the client has gone
 *
 * The handler is started when admission let it pass and its body is complete. An exchange is released when both its
 * call and its transport are through. Start here to add a transport: a `struct transport` row and the calls above.
 */
#ifndef HTTP_EXCHANGE_H
#define HTTP_EXCHANGE_H

#include "base/buf.h"
#include "cache/cache.h"
#include "http/address.h"
#include "http/pace.h"
#include "http/server.h"

struct exchange;
struct outflow;
struct asking;

/* Who is at the other end of a connection, whatever carries it. */
struct client {
	struct str peer;    /* address without port */
	struct str subject; /* of the verified client certificate; absent: none */
	bool secure;	    /* over TLS */
	bool loopback;	    /* this machine */
	bool grpc_only;	    /* what it uses is for nothing else */
};

struct transport {
	const char *name; /* for metrics: "h2" */
	/* Status and headers are final; body may be queued already. */
	void (*begin)(struct exchange *exchange);
	/* More of the body was queued, or it ended. */
	void (*more)(struct exchange *exchange);
	/* The reply had begun and cannot be finished: cut it so that the client notices. */
	void (*cut)(struct exchange *exchange);
	/* n bytes of the request's body were taken off the transport's hands: as many more may come. */
	void (*taken)(struct exchange *exchange, size_t n);
};

/* Queued body: bytes of a blob that the queue holds a reference to. */
struct reply_piece {
	struct blob *blob;
	struct str rest;
};

enum { REPLY_PIECES = 16 };

struct reply {
	int status;
	struct http_headers headers;
	struct http_headers trailers; /* final when the reply has ended; none: no trailer section */
	size_t n_kept; /* the first rows, set by admission, survive a failure of the handler */
	struct str content_type;
	struct str coding; /* absent: identity */
	struct str etag;
	int64_t length; /* of the body; -1: a stream */
	char length_text[STR_INT], status_text[STR_INT];
	bool begun, ended; /* the head was handed over; the body is complete in the queue */
	bool no_body;	   /* HEAD, 204, 304: length is told, bytes are not sent */
	bool compressible; /* the answer depends on accept-encoding */
	bool endless;	   /* it is over when the client is gone */
	struct blob *body; /* of a complete reply, until it is queued; NULL: body_text is to be copied */
	struct str body_text;
	bool encode; /* worth compressing, as: */
	enum cache_coding encode_as;

	struct reply_piece pieces[REPLY_PIECES]; /* a ring */
	size_t first, n_pieces;
	size_t queued; /* bytes */
	uint64_t sent; /* bytes of body taken by the transport */
	bool producer_waits;
	struct turn (*hook)(struct call *call, const struct reply_view *view);
};

struct exchange {
	struct call call;
	struct request request;
	struct reply reply;
	struct http_server *server;
	struct arena *arena;
	struct link link; /* of the server's free list, or the transport's list of streams */

	/* The transport's side. */
	const struct transport *transport; /* NULL when it is through */
	const char *transport_name;
	void *owner;		      /* the transport's connection */
	int64_t stream_id;	      /* HTTP/2's */
	struct pace upload, download; /* of the request's body and the reply's */
	struct outflow *outflow;      /* of the transport's connection; NULL: one that has one stream at a time */
	struct link turn;	      /* of the outflow, waiting */
	size_t promised;	      /* by it */
	size_t head_bytes;	      /* received so far */
	bool head_done, body_done;    /* of the request */
	size_t unwanted;	      /* bytes of its body received since it was refused */
	bool deferred;		      /* the transport waits for more of the reply */
	struct link answering;	      /* of the server's, since the handler was started */
	int64_t due_us;		      /* when it has taken too long */

	/* Admission and body. */
	const struct problem *refusal;
	struct step first; /* that handles the admitted request */
	size_t body_limit;
	struct uuid believed_user; /* of debug_fake_auth */
	bool believes;
	bool started, call_over;
	struct asking *asking; /* who it is, is being looked up; NULL: it is known */
	bool ready;	       /* to be started as soon as that is known */
	uint64_t body_bytes;
	struct buf body;
	struct spool *spool; /* NULL unless the body goes to a file */
	bool grpc_only;
	struct grpc *grpc; /* NULL unless it is a call of gRPC (http/grpc_inside.h) */
};

struct http_server {
	struct loop *loop;
	struct http_settings settings;
	struct http_hooks hooks;
	struct router *router;
	struct rate_table *rates;
	struct grpc_server *grpc; /* NULL: it is not spoken */
	struct network *trusted;
	size_t n_trusted;
	bool no_space;

	struct buf scratch; /* for one reply head at a time */
	struct link answering; /* exchanges whose handlers are at work, the oldest first */
	struct timer overdue;
	struct link spare;  /* exchanges to be used again */
	size_t n_spare, n_live;
	int64_t date_s;
	char date[32];
	size_t date_len;
};

/* An exchange for a stream that begins, with copies of the client's texts; NULL without memory. */
must_use struct exchange *exchange_new(struct http_server *server, const struct transport *transport, void *owner,
				       const struct client *client);
/* One header field as it came, name lower case; copied. False: over the limits (the transport refuses with 431). */
must_use bool exchange_add_header(struct exchange *exchange, struct str name, struct str value);
/* method_text, target, authority, protocol are set: decides what happens. `length` is -1 when not told. */
void exchange_head(struct exchange *exchange, bool has_body, int64_t length);
/* Answers a problem instead of handling the request. Nothing happens when it has been started already. */
void exchange_refuse(struct exchange *exchange, enum problem_kind kind, struct str error);
/* Whether admission let the request pass, so that its body is wanted. */
bool exchange_wants_body(const struct exchange *exchange);
void exchange_body(struct exchange *exchange, struct str bytes);
void exchange_body_end(struct exchange *exchange);

/* The next bytes of the reply's body, empty when none are queued. */
struct str exchange_peek(const struct exchange *exchange);
/* n of them were sent. Wakes a waiting producer. */
void exchange_advance(struct exchange *exchange, size_t n);
/* The next piece of the reply's body, whole and with its reference, counted as sent; false when none is queued. */
must_use bool exchange_take(struct exchange *exchange, struct reply_piece *piece);
/*
 * Nothing is queued, and so many bytes could be sent at once: a producer that waits for room of the outflow goes on, at
 * once or when it is its turn.
 */
void exchange_invite(struct exchange *exchange, size_t window);
/* The reply is complete and all of it was taken. */
bool exchange_drained(const struct exchange *exchange);
/* Whether the request's body comes too slowly; never once it is complete. */
bool exchange_body_late(const struct exchange *exchange, int64_t now_us);
/*
 * Whether the client takes the reply too slowly. It is the transport that knows whose fault that is: as long as it is
 * not the client's, it begins exchange->download again.
 */
bool exchange_reply_late(const struct exchange *exchange, int64_t now_us);
/* What is too slow for a reply. */
struct pace_rule exchange_reply_rule(const struct http_server *server);
/* The transport is through: all was sent, or the client has gone (then the call's wait is cancelled). */
void exchange_over(struct exchange *exchange);

struct exchange *exchange_of(const struct call *call);
/* The request's method, from its text. */
enum http_method http_method_of(struct str text);
/* "GET"; "OTHER" for all that we have no name for, so that a client cannot make labels up. */
struct str http_method_name(enum http_method method);
/* "Not Found" */
struct str http_reason(int status);
/* "Sun, 06 Nov 1994 08:49:37 GMT", made once a second. */
struct str http_date(struct http_server *server);

#endif
