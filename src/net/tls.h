/* SPDX-License-Identifier: MIT */
/*
 * TLS 1.2 and 1.3 by Mbed TLS. All that touches its SSL interface is in tls*.c, tickets.c and cert*.c, and in quic/.
 *
 * Spoken: TLS 1.3, and TLS 1.2 with ephemeral elliptic curves and authenticated encryption only; X25519, P-256, P-384;
 * signatures over SHA-2. Refused: all that is older or weaker, renegotiation, compression, 0-RTT.
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
	TLS_BROKEN = 4, /* not PEM, no certificate in it, of a kind that recordd does not speak, … */
	TLS_FAILED = -1,
};

enum {
	TLS_PAIRS_MAX = 8,
	TLS_TICKET_ROTATION_S = 12 * 3600,	   /* unless told otherwise */
	TLS_TICKET_ROTATION_MAX_S = 7 * 24 * 3600, /* no ticket may live longer: RFC 8446 section 4.6.1 */
	TLS_HELLO_MAX = 16384,
};

/* Paths of PEM files: a chain, the leaf first, and the leaf's private key. */
struct tls_pair_files {
	const char *cert, *key;
};

struct tls_settings {
	/*
	 * The client's server name chooses among the pairs, then what it can verify: an ECDSA and an RSA leaf for the
	 * same names go together. Who names no server, or one that no pair is for, gets the first pair, or one that
	 * shares a name with it.
	 */
	struct tls_pair_files pairs[TLS_PAIRS_MAX];
	size_t n_pairs;
	/* PEM, the authorities that client certificates are asked from; NULL or empty: none is asked for. */
	const char *client_ca;
	bool client_required; /* no handshake without a client certificate; else one without it is as good */
	/* A ticket is good for so long at most, and its key is kept as long again; 0: TLS_TICKET_ROTATION_S. */
	unsigned ticket_rotation_s;
	/* A client may send so many bytes until its ClientHello is complete; 0, or too many: TLS_HELLO_MAX. */
	unsigned max_hello;
};

/*
 * A server context. Blocking (files); at start-up or on a worker. *said gets a sentence naming the file and the cause.
 * The settings need not outlive the call. Ticket keys are the context's own: after a swap old tickets are of no use,
 * and their clients shake hands in full.
 */
must_use int tls_context_new(const struct tls_settings *settings, struct arena *arena, struct tls_context **out,
			     struct str *said);
/*
 * Contexts are counted, so that a new certificate can be served while live connections keep theirs: new gives one
 * reference, tls_context_ref another, tls_context_free drops one. On the loop's thread only, once it is shared.
 */
struct tls_context *tls_context_ref(struct tls_context *tls);
/* NULL is allowed. */
void tls_context_free(struct tls_context *tls);
/* tls_settings' max_hello, as it holds. */
size_t tls_context_max_hello(const struct tls_context *tls);
/* The first end of a leaf's validity, seconds since 1970. */
int64_t tls_context_not_after(const struct tls_context *tls);

#endif
