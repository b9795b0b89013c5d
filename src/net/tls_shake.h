/* SPDX-License-Identifier: MIT */
/*
 * What a TLS handshake is on every transport: the same certificates, groups, tickets and rules, and the same things
 * found out about the client. TCP's sessions (tls_session.c) and QUIC's both stand on it.
 *
 * A transport makes an mbedtls_ssl_config of its own (defaults, versions, ALPN), has tls_context_apply fill in the
 * rest, and steps its handshakes by tls_shake_hands. It must hold a reference to the context for as long as the
 * config lives. The config's user data is the context; the session's is the transport's own.
 */
#ifndef NET_TLS_SHAKE_H
#define NET_TLS_SHAKE_H

#include <mbedtls/ssl.h>

#include "base/str.h"
#include "net/tls.h"

/* What one handshake finds out; zeroed at first, and its connection's for as long as that lives. */
struct tls_shake {
	char *server_name; /* as the client asked for it, lower case; or NULL */
	bool resumed;	   /* once the handshake is over */
};

/* 0, or Mbed TLS's error. The context's own settings decide; versions and ALPN stay the caller's. */
must_use int tls_context_apply(struct tls_context *tls, mbedtls_ssl_config *config);
/*
 * Goes as far as the bytes at hand allow: 0 once the handshake is over, MBEDTLS_ERR_SSL_WANT_READ, or what ended it.
 * Instead of mbedtls_ssl_handshake, of which it takes the steps.
 */
must_use int tls_shake_hands(struct tls_context *tls, mbedtls_ssl_context *ssl, struct tls_shake *shake);
/* Releases what it holds; the struct is its owner's. */
void tls_shake_free(struct tls_shake *shake);

#endif
