/* SPDX-License-Identifier: MIT */
/* What the files of TLS share: the inside of a context. */
#ifndef NET_TLS_CONTEXT_H
#define NET_TLS_CONTEXT_H

#include <mbedtls/ssl.h>
#include <mbedtls/x509_crt.h>

#include "net/tickets.h"
#include "net/tls.h"
#include "net/tls_pairs.h"
#include "net/tls_rest.h"
#include "net/tls_shake.h"

struct tls_context {
	unsigned n_references;
	mbedtls_ssl_config config; /* of TCP's sessions */
	struct tls_pair pairs[TLS_PAIRS_MAX];
	size_t n_pairs;
	mbedtls_x509_crt client_ca;
	bool asks_client, client_required; /* for a certificate */
	size_t max_hello;
	struct tickets tickets;
	struct tls_spares spares;
	/* During a step of it: what Mbed TLS's callbacks are about. NULL: who steps wants nothing noted. */
	struct tls_shake *shaking;
	const mbedtls_ssl_context *shaken; /* the session that is stepped, or NULL */
};

/* In tls_shake.c: the callbacks into a config. */
void tls_shake_hook(struct tls_context *tls, mbedtls_ssl_config *config);
/* In tls_failure.c: the reason behind an error of Mbed TLS's that ended a handshake. */
enum tls_failure tls_failure_of(int error);
/* The alert that tells a client of it. */
unsigned char tls_failure_alert(enum tls_failure failure);
void tls_failure_count(enum tls_failure failure);
/* In tls.c: seconds since 1970. */
int64_t tls_time(const mbedtls_x509_time *time);

#endif
