/* SPDX-License-Identifier: MIT */
/* The names a local certificate is for, in the form Mbed TLS writes them. */
#ifndef NET_CERT_NAMES_H
#define NET_CERT_NAMES_H

#include <mbedtls/x509_crt.h>

#include "base/arena.h"

enum { CERT_MAX_NAMES = 64 };

/* The subject's alternative names, with room for the addresses in binary. */
struct cert_names {
	mbedtls_x509_san_list nodes[CERT_MAX_NAMES]; /* the list begins with the last one */
	unsigned char addresses[CERT_MAX_NAMES][16];
	size_t n;
	struct str text; /* "localhost, 127.0.0.1" */
};

/* localhost, 127.0.0.1, ::1, the host name and `extra`, each once; in the arena. NULL with *said. */
must_use struct cert_names *cert_names_of(struct str_list extra, struct arena *arena, struct str *said);
/* Whether the certificate is for all of them. */
bool cert_names_in(const struct cert_names *names, const mbedtls_x509_crt *cert);
/* This machine's, or "localhost" when it has none that fits a certificate. */
struct str cert_host_name(struct arena *arena);

#endif
