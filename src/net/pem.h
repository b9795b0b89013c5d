/* SPDX-License-Identifier: MIT */
/* Certificates and keys from PEM files, with a sentence when they cannot be had. */
#ifndef NET_PEM_H
#define NET_PEM_H

#include <mbedtls/pk.h>
#include <mbedtls/x509_crt.h>

#include "net/tls.h"

/* All certificates of the file, the first being the leaf. TLS_OK, TLS_UNREADABLE or TLS_BROKEN with *said. */
must_use int pem_read_chain(const char *file, struct arena *arena, mbedtls_x509_crt *chain, struct str *said);
/* The same for a private key without a pass phrase. psa_crypto_init must have run. */
must_use int pem_read_key(const char *file, struct arena *arena, mbedtls_pk_context *key, struct str *said);

/* "reason (-0x1234)" for an error of Mbed TLS's. */
struct str pem_error_text(int error, struct arena *arena);

#endif
