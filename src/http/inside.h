/* SPDX-License-Identifier: MIT */
/* What the files of http/ share and nobody else sees: the joints of an exchange. */
#ifndef HTTP_INSIDE_H
#define HTTP_INSIDE_H

#include "http/exchange.h"

/* Who is at the other end of a byte stream. */
static inline struct client client_of(const struct conn *conn)
{
	return (struct client){ .peer = conn_peer(conn),
				.subject = conn_client_subject(conn),
				.secure = conn_secure(conn),
				.loopback = conn_loopback(conn) };
}

/* ── exchange.c ── */
void exchange_start(struct exchange *exchange, struct step first);
bool reply_queue_full(const struct exchange *exchange);
/* Queues a slice of the blob, with a reference of its own. */
void reply_queue(struct exchange *exchange, struct blob *blob, struct str bytes);

/* ── intake.c ── */
/* exchange_refuse with a problem of one's own. */
void exchange_refuse_with(struct exchange *exchange, const struct problem *problem);

/* ── admit.c ── */
/* From a complete head to the step that will handle it (exchange->first), or to the problem that answers it. */
const struct problem *exchange_admit(struct exchange *exchange);
/* The first step of an exchange that was refused. */
struct turn exchange_refused(struct call *call);

/* ── request.c: the parts of a head into struct request ── */
/* x-request-id (issued when there is no sane one) and traceparent. */
void request_take_ids(struct exchange *exchange);
/* Target, authority, id, peer. NULL, or a problem. */
const struct problem *request_prepare(struct exchange *exchange);

/* ── gate.c ── */
/* NULL: let in, call->identity set when there is one, or exchange->asking. */
const struct problem *gate_check(struct exchange *exchange);
/* Whether who asks may do this. */
const struct problem *gate_check_scope(struct exchange *exchange);

/* ── ask.c: who it is, where that takes looking it up ── */
/* Begins; the exchange is not started before it is known. False without memory. */
must_use bool ask_begin(struct exchange *exchange);
/* It takes too long: `problem`, which must last, is the answer. */
void ask_give_up(struct exchange *exchange, const struct problem *problem);
/* The exchange wants to know no more. */
void ask_forget(struct exchange *exchange);

/* ── limit.c ── */
/* Counts the request; NULL or the 429. Adds the RateLimit headers either way. */
const struct problem *limit_check(struct exchange *exchange, enum rate_class class);

/* ── cors.c ── */
/* Adds the headers that let an allowed origin read the answer. */
void cors_add(struct exchange *exchange);
/* Whether it is a preflight that cors_preflight answers. */
bool cors_is_preflight(const struct exchange *exchange);
struct turn cors_preflight(struct call *call);

/* ── redirect.c: the cleartext port ── */
struct turn redirect_to_https(struct call *call);

/* ── spool.c: a request's body on its way to a file ── */
/* NULL without memory. */
must_use struct spool *spool_new(struct exchange *exchange);
/* Copies the bytes; they are reported to transport->taken once written. */
void spool_add(struct spool *spool, struct str bytes);
/* No more comes: when all is written, the exchange is started. */
void spool_end(struct spool *spool);
/* A file operation is under way: the exchange must not go yet. NULL is not busy. */
bool spool_busy(const struct spool *spool);
/* Removes the file. NULL is allowed. */
void spool_free(struct spool *spool);

/* ── overdue.c ── */
/* 0 or a negative uv error. */
must_use int overdue_init(struct http_server *server);
void overdue_deinit(struct http_server *server);
/* The handler begins, or the question who asks: what has no answer in time gets 504. */
void overdue_watch(struct exchange *exchange);
void overdue_forget(struct exchange *exchange);

/* ── reply.c ── */
/* Adds a field to a head or to trailers, as reply_header does. */
void reply_add(struct call *call, struct http_headers *to, struct str name, struct str value);
/* The head is final: hands it to the transport, if that is still there. */
void reply_begin(struct exchange *exchange);
/* The producer's next step: now, or when the client has taken enough of what is there. */
must_use struct turn reply_go_on(struct call *call, struct step next);
/* A complete reply of some of a blob's bytes. */
must_use struct turn reply_slice(struct call *call, int status, struct str content_type, struct blob *body,
				 struct str bytes, struct str coding);
/* Renders the problem, unless the reply has begun: then the stream is cut. */
struct turn exchange_failed(struct call *call, const struct problem *problem);

/* ── problem_json.c ── */
void problem_render(struct buf *to, const struct problem *problem, const struct request *request);

#endif
