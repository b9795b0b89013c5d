/* SPDX-License-Identifier: MIT */
/*
 * The inside of gRPC, for its files:
 *
 * grpc_table.c     the methods and their routes
 * grpc.c           from a head and a body to messages, and to the handler
 * grpc_reply.c     from what the handler says to messages, trailers and a status
 * grpc_deadline.c  calls whose client waits no longer
 *
 * An exchange of gRPC has `exchange->grpc`; its transport (HTTP/1.1, 2 or 3) is that of any other.
 */
#ifndef HTTP_GRPC_INSIDE_H
#define HTTP_GRPC_INSIDE_H

#include "http/grpc.h"
#include "http/grpc_frame.h"
#include "http/inside.h"
#include "obs/metrics.h"

enum grpc_dialect { GRPC_NATIVE, GRPC_WEB, GRPC_WEB_TEXT };

/* A method and what it stands for. */
struct grpc_row {
	const struct grpc_method *method;
	const struct route *route; /* of the REST API, or `own` */
	struct route own;
	struct metrics_rpc *metrics;
};

/* The calls that have a deadline, the first to pass on top of a heap. */
struct grpc_deadlines {
	struct timer timer;
	struct exchange **heap;
	size_t n, room;
};

/* The server's part. */
struct grpc_server {
	struct grpc_row *rows; /* by path */
	size_t n_rows;
	struct metrics_rpc *unknown; /* counts calls of methods that are not there */
	struct grpc_deadlines deadlines;
};

/* An exchange's part, in its arena. */
struct grpc {
	const struct grpc_row *row; /* NULL: there is no such method */
	enum grpc_dialect dialect;
	struct str content_type; /* of the answer */
	bool gzip;		 /* the client compresses, and is answered so */

	/* The client's messages. */
	size_t max_message; /* bytes */
	struct grpc_reader reader;
	struct grpc_text text; /* of the text variant */
	struct buf backlog;    /* from backlog_at on: bytes behind the message in the reader */
	size_t backlog_at;
	struct buf plain;   /* the message inflated */
	size_t owed;	    /* bytes that came and were not reported as taken */
	struct str message; /* for the handler; absent: none, or no more */
	bool whole;	    /* the reader holds a message that was not given back */
	bool delivered;	    /* the handler has it */
	bool receiving;	    /* the handler waits for one, to go on with: */
	struct step next;
	bool input_ended;
	const struct problem *fault; /* of the input, or NULL */

	/* The answer. */
	struct buf out; /* messages for the next flush, each with its head */
	size_t n_out;
	enum grpc_code code; /* once `decided` */
	bool decided;

	int64_t due_us; /* monotonic; 0: no deadline */
	size_t place;	/* in the heap, from 1; 0: not in it */
};

/* ── grpc_table.c ── */
/* NULL without memory. A method that neither has a route nor brings one is a programming error (check). */
must_use struct grpc_server *grpc_server_new(struct loop *loop, const struct grpc_method *methods, size_t n_methods,
					     const struct route *routes, size_t n_routes);
void grpc_server_free(struct grpc_server *server);
const struct grpc_row *grpc_server_find(const struct grpc_server *server, struct str path);

/* ── grpc.c ── */
/* Whether the head asks for gRPC in any dialect. */
bool grpc_asked(const struct request *request);
/*
 * From such a head to exchange->grpc and the method's route, or to the problem that answers it (in HTTP's way when
 * exchange->grpc stays NULL).
 */
const struct problem *grpc_admit(struct exchange *exchange);
/* The head was admitted: a client stream's handler starts. */
void grpc_begin(struct exchange *exchange);
void grpc_body(struct exchange *exchange, struct str bytes);
void grpc_body_end(struct exchange *exchange);
/* The one message of a method that takes no stream is there: its handler starts, as soon as it is known who asks. */
void grpc_start(struct exchange *exchange);
/* The client may send many messages, as long as it likes. */
bool grpc_takes_stream(const struct exchange *exchange);
/* Whether there may be more than one message, either way. */
bool grpc_is_stream(const struct exchange *exchange);
/* The problem that stands for a status, with which a handler, or admission, refuses. */
const struct problem *grpc_problem(struct exchange *exchange, enum grpc_code code, struct str message);
/* How the call ended, "NotFound"; absent for what is none of gRPC. */
struct str grpc_outcome(const struct exchange *exchange);
/* Counts how the call ended, and releases what the arena does not hold. */
void grpc_over(struct exchange *exchange);

/* ── grpc_reply.c ── */
/* In the place of reply.c's ways to end: a whole answer of a route's handler, a cached one, a problem. */
struct turn grpc_hand_over(struct call *call);
struct turn grpc_answer(struct call *call, struct cache *cache, const struct cache_answer *answer,
			struct str content_type);
void grpc_refuse(struct exchange *exchange, const struct problem *problem);
/* The fields of the head that all answers of gRPC have. */
void grpc_finish_head(struct exchange *exchange);

/* ── grpc_deadline.c ── */
must_use bool grpc_deadlines_init(struct grpc_deadlines *deadlines, struct loop *loop);
void grpc_deadlines_deinit(struct grpc_deadlines *deadlines);
/* False without memory. */
must_use bool grpc_deadline_set(struct exchange *exchange, int64_t ms);
/* Harmless when there is none. */
void grpc_deadline_clear(struct exchange *exchange);

#endif
