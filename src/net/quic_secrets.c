/* SPDX-License-Identifier: MIT */
/* Address validation and stateless reset tokens, made and judged with ngtcp2's own formats. */
#include "net/quic_secrets.h"

#include <mbedtls/md.h>
#include <mbedtls/platform_util.h>
#include <ngtcp2/ngtcp2_crypto.h>
#include <string.h>

#include "base/random.h"

#define RETRY_LIFE (10 * NGTCP2_SECONDS)
#define KEY_LIFE (3600 * NGTCP2_SECONDS)

_Static_assert(NGTCP2_CRYPTO_MAX_RETRY_TOKENLEN2 <= QUIC_TOKEN_MAX, "a Retry token fits");
_Static_assert(NGTCP2_CRYPTO_MAX_REGULAR_TOKENLEN <= QUIC_TOKEN_MAX, "a token for later fits");

/* The caller's secret may serve other ends too: what is made of it here is of use here only. */
void quic_secrets_init(struct quic_secrets *secrets, struct str reset, uint64_t now)
{
	static const uint8_t purpose[] = "QUIC stateless reset";

	random_bytes(secrets, sizeof(*secrets));
	secrets->renewed = now;
	if (str_present(reset))
		check(mbedtls_md_hmac(mbedtls_md_info_from_type(MBEDTLS_MD_SHA256), (const uint8_t *)reset.at,
				      reset.len, purpose, sizeof(purpose) - 1, secrets->reset) == 0);
}

void quic_secrets_wipe(struct quic_secrets *secrets)
{
	mbedtls_platform_zeroize(secrets, sizeof(*secrets));
}

/* After a pause of more than two lives both keys are new. */
static void renew(struct quic_secrets *secrets, uint64_t now)
{
	uint64_t age = now - secrets->renewed;
	if (age < KEY_LIFE)
		return;
	memcpy(secrets->former, secrets->current, sizeof(secrets->former));
	random_bytes(secrets->current, sizeof(secrets->current));
	if (age >= 2 * KEY_LIFE)
		random_bytes(secrets->former, sizeof(secrets->former));
	secrets->renewed = now;
}

int quic_token_for_retry(struct quic_secrets *secrets, const struct udp_address *client, uint32_t version,
			 const ngtcp2_cid *retry_scid, const ngtcp2_cid *original_dcid, uint64_t now,
			 struct quic_token *token)
{
	renew(secrets, now);
	ngtcp2_ssize n = ngtcp2_crypto_generate_retry_token2(token->bytes, secrets->current, QUIC_SECRET_BYTES, version,
							     &client->any, client->len, retry_scid, original_dcid, now);
	token->len = n > 0 ? (size_t)n : 0;
	return n > 0 ? 0 : -1;
}

int quic_token_for_later(struct quic_secrets *secrets, const struct udp_address *client, uint64_t now,
			 struct quic_token *token)
{
	renew(secrets, now);
	ngtcp2_ssize n = ngtcp2_crypto_generate_regular_token(token->bytes, secrets->current, QUIC_SECRET_BYTES,
							      &client->any, client->len, now);
	token->len = n > 0 ? (size_t)n : 0;
	return n > 0 ? 0 : -1;
}

static bool answers_retry(const uint8_t *secret, const struct udp_address *client, const ngtcp2_pkt_hd *head,
			  uint64_t now, ngtcp2_cid *original_dcid)
{
	return ngtcp2_crypto_verify_retry_token2(original_dcid, head->token, head->tokenlen, secret, QUIC_SECRET_BYTES,
						 head->version, &client->any, client->len, &head->dcid, RETRY_LIFE,
						 now) == 0;
}

static bool is_known(const uint8_t *secret, const struct udp_address *client, const ngtcp2_pkt_hd *head, uint64_t now)
{
	return ngtcp2_crypto_verify_regular_token(head->token, head->tokenlen, secret, QUIC_SECRET_BYTES, &client->any,
						  client->len, KEY_LIFE, now) == 0;
}

enum quic_token_verdict quic_token_judge(struct quic_secrets *secrets, const struct udp_address *client,
					 const ngtcp2_pkt_hd *head, uint64_t now, ngtcp2_cid *original_dcid)
{
	if (head->tokenlen == 0)
		return QUIC_TOKEN_NONE;
	renew(secrets, now);
	switch (head->token[0]) {
	case NGTCP2_CRYPTO_TOKEN_MAGIC_RETRY2:
		return answers_retry(secrets->current, client, head, now, original_dcid) ||
				       answers_retry(secrets->former, client, head, now, original_dcid)
			       ? QUIC_TOKEN_RETRIED
			       : QUIC_TOKEN_FORGED;
	case NGTCP2_CRYPTO_TOKEN_MAGIC_REGULAR:
		return is_known(secrets->current, client, head, now) || is_known(secrets->former, client, head, now)
			       ? QUIC_TOKEN_KNOWN
			       : QUIC_TOKEN_NONE;
	default:
		return QUIC_TOKEN_NONE;
	}
}

int quic_reset_token(const struct quic_secrets *secrets, const ngtcp2_cid *cid,
		     uint8_t token[NGTCP2_STATELESS_RESET_TOKENLEN])
{
	return ngtcp2_crypto_generate_stateless_reset_token(token, secrets->reset, QUIC_SECRET_BYTES, cid);
}
