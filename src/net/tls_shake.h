/* SPDX-License-Identifier: MIT */
/*
 * What a TLS handshake is on every transport: the same certificates, groups, tickets and rules, and the same things
 * found out about the client. TCP's sessions (tls_session.c) and QUIC's both stand on it.
 *
 * A transport makes an mbedtls_ssl_config of its own (defaults, versions, ALPN), has tls_context_apply fill in the
 * rest, and steps its handshakes by tls_shake_hands. It must hold a reference to the context for as long as the
 * config lives. The config's user data is the context; the session's is the transport's own. A session that is stepped
 * otherwise (a self-test) works, but nothing is found out about its client, and nobody is required to have a certificate.
 */
#ifndef NET_TLS_SHAKE_H
#define NET_TLS_SHAKE_H

#include <mbedtls/ssl.h>

#include "base/str.h"
#include "net/tls.h"

enum tls_failure {
	TLS_FAILURE_NONE,
#define FAILURE(name, sentence) TLS_FAILURE_##name,
#include "net/tls_failures.def"
#undef FAILURE
};

/* What one handshake finds out; zeroed at first, and its connection's for as long as that lives. */
struct tls_shake {
	char *server_name;	  /* as the client asked for it, lower case; NULL: it did not, or it is no host name */
	bool saw_hello;		  /* a whole ClientHello has come */
	bool certified;		  /* our certificate was shown: it does not resume */
	bool over;		  /* and well */
	enum tls_failure failure; /* or why not */
	unsigned char alert;	  /* the client's, when the failure is ALERT */
	uint32_t flaws;		  /* of the client's certificate, Mbed TLS's flags, when the failure is CERT_REFUSED */
	int error;		  /* Mbed TLS's, when it failed */
	char *shown_subject, *ticket_subject; /* not to be believed before it is over: see tls_shake_subject */
	int64_t shown_until_s, ticket_until_s; /* of the monotonic clock: what proves them ends; 0: never */
};

/* 0, or Mbed TLS's error. The context's own settings decide; versions and ALPN stay the caller's. */
must_use int tls_context_apply(struct tls_context *tls, mbedtls_ssl_config *config);
/*
 * Goes as far as the bytes at hand allow: 0 once the handshake is over, MBEDTLS_ERR_SSL_WANT_READ, or what ended it.
 * Instead of mbedtls_ssl_handshake, of which it takes the steps. Its end, good or bad, is counted.
 */
must_use int tls_shake_hands(struct tls_context *tls, mbedtls_ssl_context *ssl, struct tls_shake *shake);
/* Ends it from without, counted unless it had ended before; `alert` is sent to the client if `ssl` is not NULL. */
void tls_shake_fail(struct tls_shake *shake, enum tls_failure failure, mbedtls_ssl_context *ssl, unsigned char alert);
bool tls_shake_resumed(const struct tls_shake *shake);
/*
 * Whom the client has proved to be, by its certificate now or when the resumed session began: the subject's
 * distinguished name, "C=GB, O=Shop, CN=till 1". Absent: nobody, or the handshake is not over.
 */
struct str tls_shake_subject(const struct tls_shake *shake);
/* Why it failed, in words, for the log; in `to`. */
struct str tls_shake_failure(const struct tls_shake *shake, char *to, size_t room);
/* Releases what it holds; the struct is its owner's. */
void tls_shake_free(struct tls_shake *shake);

/* The name of an alert, as RFC 8446 section 6 spells it. */
const char *tls_alert_name(unsigned char alert);
/* Why a handshake failed that its transport ended by this alert. */
enum tls_failure tls_failure_told_by(unsigned char alert);

#endif
