/* SPDX-License-Identifier: MIT */
/* What tls.c and tls_session.c share: the inside of a context. */
#ifndef NET_TLS_CONTEXT_H
#define NET_TLS_CONTEXT_H

#include <mbedtls/pk.h>
#include <mbedtls/ssl.h>
#include <mbedtls/ssl_ticket.h>
#include <mbedtls/x509_crt.h>

#include "net/tls.h"
#include "net/tls_rest.h"

struct tls_context {
	unsigned n_references;
	mbedtls_ssl_config config;
	mbedtls_x509_crt chain;
	mbedtls_pk_context key;
	mbedtls_ssl_ticket_context tickets;
	struct tls_spares spares;
	bool ticket_accepted; /* since it was last cleared: Mbed TLS does not tell which connection resumed */
};

/* Mbed TLS's certificate callback: the ClientHello has been read. In tls_session.c. */
int tls_session_saw_hello(mbedtls_ssl_context *ssl);
/* Seconds since 1970. */
int64_t tls_time(const mbedtls_x509_time *time);

#endif
