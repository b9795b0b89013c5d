/* SPDX-License-Identifier: MIT */
/*
 * What an endpoint can recognise of its own without keeping state: tokens that prove an address (RFC 9000, 8.1) and
 * stateless reset tokens (10.3).
 *
 * Address tokens are sealed with a key that is replaced every hour; the one before is still accepted. Reset tokens are made
 * from one key for good, or a server that was restarted could not reset what it has forgotten.
 */
#ifndef NET_QUIC_SECRETS_H
#define NET_QUIC_SECRETS_H

#include <ngtcp2/ngtcp2.h>

#include "base/str.h"
#include "net/udp.h"

enum { QUIC_SECRET_BYTES = 32, QUIC_TOKEN_MAX = 96 };

struct quic_secrets {
	uint8_t reset[QUIC_SECRET_BYTES];
	uint8_t current[QUIC_SECRET_BYTES], former[QUIC_SECRET_BYTES];
	uint64_t renewed; /* when `current` was drawn */
};

/* `reset` is any secret that outlives the process; absent: a random one. Times are nanoseconds, monotonic. */
void quic_secrets_init(struct quic_secrets *secrets, struct str reset, uint64_t now);
void quic_secrets_wipe(struct quic_secrets *secrets);

struct quic_token {
	size_t len;
	uint8_t bytes[QUIC_TOKEN_MAX];
};

/* For a Retry packet: binds the client's address and first connection id to our new one. 0 or negative. */
must_use int quic_token_for_retry(struct quic_secrets *secrets, const struct udp_address *client, uint32_t version,
				  const ngtcp2_cid *retry_scid, const ngtcp2_cid *original_dcid, uint64_t now,
				  struct quic_token *token);
/* For a NEW_TOKEN frame: the client's address is known when it comes back within the hour. 0 or negative. */
must_use int quic_token_for_later(struct quic_secrets *secrets, const struct udp_address *client, uint64_t now,
				  struct quic_token *token);

enum quic_token_verdict {
	QUIC_TOKEN_NONE,    /* absent or worthless: as if there were none */
	QUIC_TOKEN_RETRIED, /* answers our Retry; *original_dcid is filled */
	QUIC_TOKEN_KNOWN,   /* an address that was validated earlier */
	QUIC_TOKEN_FORGED,  /* says it answers a Retry, and does not */
};

/* Of the token in an Initial packet. */
enum quic_token_verdict quic_token_judge(struct quic_secrets *secrets, const struct udp_address *client,
					 const ngtcp2_pkt_hd *head, uint64_t now, ngtcp2_cid *original_dcid);

/* 0 or negative. */
must_use int quic_reset_token(const struct quic_secrets *secrets, const ngtcp2_cid *cid,
			      uint8_t token[NGTCP2_STATELESS_RESET_TOKENLEN]);

#endif
