/* SPDX-License-Identifier: MIT */
/*
 * One TLS connection of ours as a server, as bytes in and bytes out: what came from the wire is handed in as a
 * slice that is eaten from the front; what goes to the wire is appended to a buffer.
 */
#ifndef NET_TLS_SESSION_H
#define NET_TLS_SESSION_H

#include "base/buf.h"
#include "net/tls_shake.h"

struct tls_session;

enum tls_progress {
	TLS_DONE = 0,
	TLS_HUNGRY = 1, /* the wire's bytes are eaten; more are needed */
	TLS_ENDED = 2,	/* the peer said close_notify */
	TLS_FAULT = -1, /* the session is over; an alert may have been appended */
};

/* Keeps a reference to the context; `wire` must outlive it. NULL without memory. */
must_use struct tls_session *tls_session_new(struct tls_context *tls, struct buf *wire);
void tls_session_free(struct tls_session *session);

/* TLS_DONE once the handshake is over; the rest of *from_wire may be application data already. */
must_use enum tls_progress tls_session_handshake(struct tls_session *session, struct str *from_wire);
/* The handshake is not gone on with, for a reason from without. */
void tls_session_lost(struct tls_session *session, enum tls_failure failure);
/* Opens at most one record: TLS_DONE with *n > 0 bytes in `to`, whose room should be TLS_RECORD_MAX. */
enum { TLS_RECORD_MAX = 16384 };
must_use enum tls_progress tls_session_read(struct tls_session *session, struct str *from_wire, char *to, size_t *n);
/* Seals all of it, in records as full as can be. */
must_use enum tls_progress tls_session_write(struct tls_session *session, struct str bytes);
/* No more is asked of it for now: between records it takes little memory until the next call. */
void tls_session_rest(struct tls_session *session);
/* Appends close_notify, if the session is in a state to say it. */
void tls_session_farewell(struct tls_session *session);

/* The protocol agreed on, or NULL when the client offered none. After the handshake. */
const char *tls_session_alpn(const struct tls_session *session);
/* As the client asked for it, lower case; or absent. */
struct str tls_session_server_name(const struct tls_session *session);
/* The subject of the certificate the client has proved to be the owner of (tls_shake.h); or absent. */
struct str tls_session_client_subject(const struct tls_session *session);
/* Why it failed, in words, for the log; in `to`. */
struct str tls_session_failure(const struct tls_session *session, char *to, size_t room);
/* Whether it failed because the peer sent a fatal alert. */
bool tls_session_alerted(const struct tls_session *session);

#endif
