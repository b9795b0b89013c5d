/* SPDX-License-Identifier: MIT */
/*
 * Sessions that rest between records give their two record buffers of 17 KB to those that work.
 *
 * Mbed TLS holds both for a connection's whole life: 33 of the 42 KB an idle one takes. Between two whole records they
 * hold nothing but the counter of received records, so they can be lent out. This changes the inside of Mbed TLS 3's
 * session; as does tls_inside.c, and no other file.
 */
#ifndef NET_TLS_REST_H
#define NET_TLS_REST_H

#include <mbedtls/ssl.h>
#include <stdbool.h>

#include "base/compiler.h"

enum { TLS_SPARE_BUFFERS = 8, TLS_N_POINTERS = 5, TLS_COUNTER_BYTES = 8 };

/* Buffers that nobody uses at the moment. */
struct tls_spares {
	unsigned char *buffers[TLS_SPARE_BUFFERS];
	size_t n;
};

/* What remains of a session's buffers while it rests. */
struct tls_rest {
	bool resting;
	unsigned char in_offsets[TLS_N_POINTERS], out_offsets[TLS_N_POINTERS];
	unsigned char in_counter[TLS_COUNTER_BYTES];
};

/* Gives the buffers away if nothing is in them; to be called when the handshake is over. */
void tls_rest_begin(struct tls_rest *rest, mbedtls_ssl_context *ssl, struct tls_spares *spares);
/* Before anything is asked of a session that may rest. 0, or negative without memory. */
must_use int tls_rest_end(struct tls_rest *rest, mbedtls_ssl_context *ssl, struct tls_spares *spares);
void tls_spares_free(struct tls_spares *spares);

#endif
