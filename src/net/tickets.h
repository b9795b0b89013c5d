/* SPDX-License-Identifier: MIT */
/*
 * Session tickets (RFC 5077, RFC 8446 section 4.6.1): a session, and whom the client has proved to be, sealed with a
 * key that only this process has. Mbed TLS's own tickets would forget the client's certificate in TLS 1.3.
 *
 *	ticket = key's name (8) ‖ nonce (12) ‖ AES-256-GCM(until (8) ‖ length (2) ‖ subject ‖ session) ‖ tag (16)
 *
 * Keys rotate by themselves: one seals for a period, and opens for one period more, so that every ticket is good for a
 * full period, unless it says less, and nothing sealed can be opened after two.
 */
#ifndef NET_TICKETS_H
#define NET_TICKETS_H

#include <mbedtls/gcm.h>
#include <mbedtls/ssl.h>

#include "base/str.h"

enum { TICKET_NAME_BYTES = 8, TICKET_N_KEYS = 2 };

/* What is sealed beside the session. */
struct ticket_claim {
	struct str subject;
	int64_t until_s; /* it is good for a period, and not longer than this */
};

struct ticket_key {
	unsigned char name[TICKET_NAME_BYTES];
	mbedtls_gcm_context gcm;
	int64_t since_s; /* when it began to seal */
	bool usable;
};

struct tickets {
	struct ticket_key keys[TICKET_N_KEYS];
	unsigned active; /* index of the key that seals */
	unsigned period_s;
};

/* Keys are made when they are needed. Times are seconds of a clock that never goes back. */
void tickets_init(struct tickets *tickets, unsigned period_s);
void tickets_free(struct tickets *tickets);
/* Writes a ticket of *len bytes between `at` and `end`: 0, or Mbed TLS's error. */
must_use int tickets_seal(struct tickets *tickets, int64_t now_s, const mbedtls_ssl_session *session,
			  const struct ticket_claim *claim, unsigned char *at, const unsigned char *end, size_t *len);
/*
 * Opens a ticket in place: 0 with the session loaded and the claim's subject pointing into the ticket, or
 * MBEDTLS_ERR_SSL_SESSION_TICKET_EXPIRED (too old, or of a key that is gone), MBEDTLS_ERR_SSL_INVALID_MAC (forged), or
 * another error of Mbed TLS's.
 */
must_use int tickets_open(struct tickets *tickets, int64_t now_s, unsigned char *ticket, size_t len,
			  mbedtls_ssl_session *session, struct ticket_claim *claim);

#endif
