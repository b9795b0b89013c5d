/* SPDX-License-Identifier: MIT */
/*
 * TLS 1.2 and 1.3 by Mbed TLS. Everything that touches Mbed TLS's SSL API lives here and in cert.c.
 */
#ifndef NET_TLS_H
#define NET_TLS_H

#include "base/arena.h"

struct tls_context;

enum tls_outcome {
	TLS_OK = 0,
	TLS_UNREADABLE = 1,
	TLS_MISMATCH = 2, /* the key is not the certificate's */
	TLS_EXPIRED = 3,
	TLS_BROKEN = 4, /* not PEM, no certificate in it, … */
	TLS_FAILED = -1,
};

/*
 * A server context from a chain and a key file (PEM). Blocking (files); at start-up or on a worker. *said gets a
 * sentence naming the file and the cause. ALPN: "h2", "http/1.1". Tickets with rotated keys; AEAD suites only.
 */
must_use int tls_context_new(const char *cert_file, const char *key_file, struct arena *arena, struct tls_context **out,
			     struct str *said);
/*
 * Contexts are counted, so that a new certificate can be served while live connections keep theirs: new gives one
 * reference, tls_context_ref another, tls_context_free drops one. On the loop's thread only, once it is shared.
 */
struct tls_context *tls_context_ref(struct tls_context *tls);
/* NULL is allowed. */
void tls_context_free(struct tls_context *tls);
/* End of the leaf's validity, seconds since 1970. */
int64_t tls_context_not_after(const struct tls_context *tls);

#endif
