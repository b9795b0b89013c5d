/* SPDX-License-Identifier: MIT */
/* Drafting and signing the local certificates, in memory; cert.c decides which and where they go. */
#ifndef NET_CERT_MAKE_H
#define NET_CERT_MAKE_H

#include <mbedtls/pk.h>
#include <mbedtls/x509_crt.h>

#include "base/buf.h"
#include "net/cert_names.h"

enum {
	CERT_CA_DAYS = 3652,
	CERT_LEAF_DAYS = 397, /* what browsers put up with */
	CERT_MAX_FORMER = 3,  /* authorities before the current one that are still vouched for */
	CERT_PEM_MAX = 64 * 1024,
};

/* How the name of every local authority begins. */
#define CERT_CA_NAME "O=recordd, CN=recordd local CA "

/* A certificate, or a chain beginning with it, and its private key. */
struct cert_pair {
	mbedtls_x509_crt cert;
	mbedtls_pk_context key;
};

void cert_pair_init(struct cert_pair *pair);
/* Fits `owned`. */
void cert_pair_free(struct cert_pair *pair);

/* Each fills an initialised pair with a new P-256 key and its certificate. 0 or Mbed TLS's error. */
must_use int cert_make_authority(struct cert_pair *out, struct arena *arena);
/* Its end is that of the authority at the latest. */
must_use int cert_make_leaf(struct cert_pair *out, struct cert_pair *authority, const struct cert_names *names);
/*
 * `fresh`'s subject and key, signed by `former`: with this in the chain, who trusts only the former authority trusts
 * what the fresh one issues. Ends with the former one. Appended to `out`.
 */
must_use int cert_make_cross(mbedtls_x509_crt *out, struct cert_pair *fresh, struct cert_pair *former);

/* Appends as PEM. 0 or Mbed TLS's error. */
must_use int cert_pem_add(struct buf *pem, const mbedtls_x509_crt *cert);
must_use int cert_pem_add_key(struct buf *pem, const mbedtls_pk_context *key);

#endif
