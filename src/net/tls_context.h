/* SPDX-License-Identifier: MIT */
/* What the files of TLS share: the inside of a context. */
#ifndef NET_TLS_CONTEXT_H
#define NET_TLS_CONTEXT_H

#include <mbedtls/pk.h>
#include <mbedtls/ssl.h>
#include <mbedtls/ssl_ticket.h>
#include <mbedtls/x509_crt.h>

#include "net/tls.h"
#include "net/tls_rest.h"
#include "net/tls_shake.h"

struct tls_context {
	unsigned n_references;
	mbedtls_ssl_config config; /* of TCP's sessions */
	mbedtls_x509_crt chain;
	mbedtls_pk_context key;
	mbedtls_ssl_ticket_context tickets;
	struct tls_spares spares;
	struct tls_shake *shaking; /* during a step of it only: what Mbed TLS's callbacks are about */
	bool ticket_accepted;	   /* since it was last cleared: Mbed TLS does not tell which connection resumed */
};

/* Mbed TLS's certificate callback: the ClientHello has been read. In tls_shake.c. */
int tls_shake_saw_hello(mbedtls_ssl_context *ssl);
/* Seconds since 1970. */
int64_t tls_time(const mbedtls_x509_time *time);

#endif
