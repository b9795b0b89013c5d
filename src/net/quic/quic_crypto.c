/* SPDX-License-Identifier: MIT */
/*
 * Packet protection (RFC 9001, 5) with Mbed TLS: the functions that ngtcp2's crypto half (ngtcp2_crypto.h) leaves to the
 * TLS library. What is about the handshake itself is in quic_tls.c.
 */
#include <mbedtls/aes.h>
#include <mbedtls/chacha20.h>
#include <mbedtls/chachapoly.h>
#include <mbedtls/gcm.h>
#include <mbedtls/hkdf.h>
#include <mbedtls/platform_util.h>
#include <mbedtls/ssl_ciphersuites.h>
#include <ngtcp2/ngtcp2_crypto.h>
#include <ngtcp2_crypto_shared.h>
#include <psa/crypto.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "net/quic/quic_crypto.h"
#include "net/quic/quic_tls.h"

enum {
	NONCE_LEN = 12,
	TAG_LEN = 16,
	SAMPLE_LEN = 16,
	MASK_LEN = 5,
	CHACHA_KEY_LEN = 32,
	KEY_ROOM = 64, /* what ngtcp2 allows for a key or a nonce */
};

/* A cipher suite of TLS 1.3. Its row stands for its AEAD and for its header protection alike. */
struct suite {
	uint16_t id; /* RFC 8446, B.4 */
	bool chacha; /* else AES-GCM */
	size_t key_len;
	mbedtls_md_type_t md;
	/* RFC 9001, 6.6 */
	uint64_t max_encryption, max_decryption_failure;
};

static const struct suite suites[] = {
	{ MBEDTLS_TLS1_3_AES_128_GCM_SHA256, false, 16, MBEDTLS_MD_SHA256, NGTCP2_CRYPTO_MAX_ENCRYPTION_AES_GCM,
	  NGTCP2_CRYPTO_MAX_DECRYPTION_FAILURE_AES_GCM },
	{ MBEDTLS_TLS1_3_AES_256_GCM_SHA384, false, 32, MBEDTLS_MD_SHA384, NGTCP2_CRYPTO_MAX_ENCRYPTION_AES_GCM,
	  NGTCP2_CRYPTO_MAX_DECRYPTION_FAILURE_AES_GCM },
	{ MBEDTLS_TLS1_3_CHACHA20_POLY1305_SHA256, true, CHACHA_KEY_LEN, MBEDTLS_MD_SHA256,
	  NGTCP2_CRYPTO_MAX_ENCRYPTION_CHACHA20_POLY1305, NGTCP2_CRYPTO_MAX_DECRYPTION_FAILURE_CHACHA20_POLY1305 },
};

/* Initial packets, Retry's tag and address tokens use this one whatever is agreed on. */
static const struct suite *const initial_suite = &suites[0];

static const struct suite *suite_of(uint16_t id)
{
	for (size_t i = 0; i < countof(suites); i++)
		if (suites[i].id == id)
			return &suites[i];
	return NULL;
}

/* ngtcp2's native handles have no const. */
static void *handle(const void *of)
{
	return (void *)(uintptr_t)of;
}

/* ── Which algorithms ── */

ngtcp2_crypto_aead *ngtcp2_crypto_aead_init(ngtcp2_crypto_aead *aead, void *suite)
{
	aead->native_handle = suite;
	aead->max_overhead = TAG_LEN;
	return aead;
}

ngtcp2_crypto_aead *ngtcp2_crypto_aead_aes_128_gcm(ngtcp2_crypto_aead *aead)
{
	return ngtcp2_crypto_aead_init(aead, handle(initial_suite));
}

ngtcp2_crypto_aead *ngtcp2_crypto_aead_retry(ngtcp2_crypto_aead *aead)
{
	return ngtcp2_crypto_aead_init(aead, handle(initial_suite));
}

ngtcp2_crypto_md *ngtcp2_crypto_md_sha256(ngtcp2_crypto_md *md)
{
	md->native_handle = handle(mbedtls_md_info_from_type(MBEDTLS_MD_SHA256));
	return md;
}

static ngtcp2_crypto_ctx *ctx_of(ngtcp2_crypto_ctx *ctx, const struct suite *suite)
{
	ngtcp2_crypto_aead_init(&ctx->aead, handle(suite));
	ctx->md.native_handle = handle(mbedtls_md_info_from_type(suite->md));
	ctx->hp.native_handle = handle(suite);
	ctx->max_encryption = suite->max_encryption;
	ctx->max_decryption_failure = suite->max_decryption_failure;
	return ctx;
}

ngtcp2_crypto_ctx *ngtcp2_crypto_ctx_initial(ngtcp2_crypto_ctx *ctx)
{
	ctx_of(ctx, initial_suite);
	ctx->max_encryption = ctx->max_decryption_failure = 0; /* a handful of packets */
	return ctx;
}

ngtcp2_crypto_ctx *quic_crypto_ctx(ngtcp2_crypto_ctx *ctx, uint16_t suite_id)
{
	const struct suite *suite = suite_of(suite_id);
	return suite ? ctx_of(ctx, suite) : NULL;
}

size_t ngtcp2_crypto_md_hashlen(const ngtcp2_crypto_md *md)
{
	return mbedtls_md_get_size(md->native_handle);
}

size_t ngtcp2_crypto_aead_keylen(const ngtcp2_crypto_aead *aead)
{
	const struct suite *suite = aead->native_handle;
	return suite->key_len;
}

size_t ngtcp2_crypto_aead_noncelen(const ngtcp2_crypto_aead *aead)
{
	(void)aead;
	return NONCE_LEN;
}

/* ── Packets ── */

struct aead_key {
	bool chacha;
	union {
		mbedtls_gcm_context gcm;
		mbedtls_chachapoly_context chachapoly;
	};
};

/* A key serves both ways: in either, AES runs forwards only. */
static int aead_key_new(ngtcp2_crypto_aead_ctx *ctx, const struct suite *suite, const uint8_t *key)
{
	struct aead_key *made = malloc(sizeof(*made));
	int error;

	if (!made)
		return -1;
	made->chacha = suite->chacha;
	ctx->native_handle = made;
	if (suite->chacha) {
		mbedtls_chachapoly_init(&made->chachapoly);
		error = mbedtls_chachapoly_setkey(&made->chachapoly, key);
	} else {
		mbedtls_gcm_init(&made->gcm);
		error = mbedtls_gcm_setkey(&made->gcm, MBEDTLS_CIPHER_ID_AES, key, (unsigned)suite->key_len * 8);
	}
	if (!error)
		return 0;
	ngtcp2_crypto_aead_ctx_free(ctx);
	ctx->native_handle = NULL;
	return -1;
}

int ngtcp2_crypto_aead_ctx_encrypt_init(ngtcp2_crypto_aead_ctx *ctx, const ngtcp2_crypto_aead *aead, const uint8_t *key,
					size_t nonce_len)
{
	(void)nonce_len;
	return aead_key_new(ctx, aead->native_handle, key);
}

int ngtcp2_crypto_aead_ctx_decrypt_init(ngtcp2_crypto_aead_ctx *ctx, const ngtcp2_crypto_aead *aead, const uint8_t *key,
					size_t nonce_len)
{
	(void)nonce_len;
	return aead_key_new(ctx, aead->native_handle, key);
}

void ngtcp2_crypto_aead_ctx_free(ngtcp2_crypto_aead_ctx *ctx)
{
	struct aead_key *key = ctx->native_handle;
	if (!key)
		return;
	if (key->chacha)
		mbedtls_chachapoly_free(&key->chachapoly); /* these zeroise */
	else
		mbedtls_gcm_free(&key->gcm);
	free(key);
}

int ngtcp2_crypto_encrypt(uint8_t *to, const ngtcp2_crypto_aead *aead, const ngtcp2_crypto_aead_ctx *ctx,
			  const uint8_t *plain, size_t len, const uint8_t *nonce, size_t nonce_len, const uint8_t *aad,
			  size_t aad_len)
{
	struct aead_key *key = ctx->native_handle;
	int error;
	(void)aead;

	if (key->chacha)
		error = mbedtls_chachapoly_encrypt_and_tag(&key->chachapoly, len, nonce, aad, aad_len, plain, to,
							   to + len);
	else
		error = mbedtls_gcm_crypt_and_tag(&key->gcm, MBEDTLS_GCM_ENCRYPT, len, nonce, nonce_len, aad, aad_len,
						  plain, to, TAG_LEN, to + len);
	return error ? -1 : 0;
}

int ngtcp2_crypto_decrypt(uint8_t *to, const ngtcp2_crypto_aead *aead, const ngtcp2_crypto_aead_ctx *ctx,
			  const uint8_t *sealed, size_t sealed_len, const uint8_t *nonce, size_t nonce_len,
			  const uint8_t *aad, size_t aad_len)
{
	struct aead_key *key = ctx->native_handle;
	int error;
	(void)aead;

	if (sealed_len < TAG_LEN)
		return -1;
	size_t len = sealed_len - TAG_LEN;
	if (key->chacha)
		error = mbedtls_chachapoly_auth_decrypt(&key->chachapoly, len, nonce, aad, aad_len, sealed + len,
							sealed, to);
	else
		error = mbedtls_gcm_auth_decrypt(&key->gcm, len, nonce, nonce_len, aad, aad_len, sealed + len, TAG_LEN,
						 sealed, to);
	return error ? -1 : 0;
}

/* ── Headers (RFC 9001, 5.4) ── */

struct header_key {
	bool chacha;
	union {
		mbedtls_aes_context aes;
		uint8_t chacha_key[CHACHA_KEY_LEN];
	};
};

int ngtcp2_crypto_cipher_ctx_encrypt_init(ngtcp2_crypto_cipher_ctx *ctx, const ngtcp2_crypto_cipher *cipher,
					  const uint8_t *key)
{
	const struct suite *suite = cipher->native_handle;
	struct header_key *made = malloc(sizeof(*made));

	if (!made)
		return -1;
	made->chacha = suite->chacha;
	ctx->native_handle = made;
	if (suite->chacha) {
		memcpy(made->chacha_key, key, CHACHA_KEY_LEN);
		return 0;
	}
	mbedtls_aes_init(&made->aes);
	if (mbedtls_aes_setkey_enc(&made->aes, key, (unsigned)suite->key_len * 8) == 0)
		return 0;
	ngtcp2_crypto_cipher_ctx_free(ctx);
	ctx->native_handle = NULL;
	return -1;
}

void ngtcp2_crypto_cipher_ctx_free(ngtcp2_crypto_cipher_ctx *ctx)
{
	struct header_key *key = ctx->native_handle;
	if (!key)
		return;
	mbedtls_platform_zeroize(key, sizeof(*key)); /* an AES context of 3.6 owns nothing */
	free(key);
}

int ngtcp2_crypto_hp_mask(uint8_t *mask, const ngtcp2_crypto_cipher *cipher, const ngtcp2_crypto_cipher_ctx *ctx,
			  const uint8_t *sample)
{
	static const uint8_t zeros[MASK_LEN];
	struct header_key *key = ctx->native_handle;
	(void)cipher;

	if (key->chacha) {
		uint32_t counter = (uint32_t)sample[0] | (uint32_t)sample[1] << 8 | (uint32_t)sample[2] << 16 |
				   (uint32_t)sample[3] << 24;
		return mbedtls_chacha20_crypt(key->chacha_key, sample + 4, counter, MASK_LEN, zeros, mask) ? -1 : 0;
	}
	uint8_t block[SAMPLE_LEN];
	if (mbedtls_aes_crypt_ecb(&key->aes, MBEDTLS_AES_ENCRYPT, sample, block))
		return -1;
	memcpy(mask, block, MASK_LEN);
	return 0;
}

/* ── Key derivation (RFC 5869) ── */

int ngtcp2_crypto_hkdf_extract(uint8_t *to, const ngtcp2_crypto_md *md, const uint8_t *secret, size_t secret_len,
			       const uint8_t *salt, size_t salt_len)
{
	return mbedtls_hkdf_extract(md->native_handle, salt, salt_len, secret, secret_len, to) ? -1 : 0;
}

int ngtcp2_crypto_hkdf_expand(uint8_t *to, size_t len, const ngtcp2_crypto_md *md, const uint8_t *secret,
			      size_t secret_len, const uint8_t *info, size_t info_len)
{
	return mbedtls_hkdf_expand(md->native_handle, secret, secret_len, info, info_len, to, len) ? -1 : 0;
}

int ngtcp2_crypto_hkdf(uint8_t *to, size_t len, const ngtcp2_crypto_md *md, const uint8_t *secret, size_t secret_len,
		       const uint8_t *salt, size_t salt_len, const uint8_t *info, size_t info_len)
{
	return mbedtls_hkdf(md->native_handle, salt, salt_len, secret, secret_len, info, info_len, to, len) ? -1 : 0;
}

/* ── Installing keys ── */

struct key_room {
	uint8_t key[KEY_ROOM], iv[KEY_ROOM], header_key[KEY_ROOM];
};

int quic_crypto_install_rx(ngtcp2_conn *conn, ngtcp2_encryption_level level, const uint8_t *secret, size_t len)
{
	struct key_room room;
	int fault =
		ngtcp2_crypto_derive_and_install_rx_key(conn, room.key, room.iv, room.header_key, level, secret, len);
	mbedtls_platform_zeroize(&room, sizeof(room));
	return fault;
}

int quic_crypto_install_tx(ngtcp2_conn *conn, ngtcp2_encryption_level level, const uint8_t *secret, size_t len)
{
	struct key_room room;
	int fault =
		ngtcp2_crypto_derive_and_install_tx_key(conn, room.key, room.iv, room.header_key, level, secret, len);
	mbedtls_platform_zeroize(&room, sizeof(room));
	return fault;
}

int quic_tls_update_key(ngtcp2_conn *conn, uint8_t *rx_secret, uint8_t *tx_secret, ngtcp2_crypto_aead_ctx *rx_aead,
			uint8_t *rx_iv, ngtcp2_crypto_aead_ctx *tx_aead, uint8_t *tx_iv,
			const uint8_t *current_rx_secret, const uint8_t *current_tx_secret, size_t len, void *arg)
{
	struct key_room rx, tx;
	(void)arg;
	int fault = ngtcp2_crypto_update_key(conn, rx_secret, tx_secret, rx_aead, rx.key, rx_iv, tx_aead, tx.key, tx_iv,
					     current_rx_secret, current_tx_secret, len);
	mbedtls_platform_zeroize(&rx, sizeof(rx));
	mbedtls_platform_zeroize(&tx, sizeof(tx));
	return fault ? NGTCP2_ERR_CALLBACK_FAILURE : 0;
}

/* ── Randomness ── */

int ngtcp2_crypto_random(uint8_t *to, size_t len)
{
	return psa_generate_random(to, len) == PSA_SUCCESS ? 0 : -1;
}

int ngtcp2_crypto_get_path_challenge_data_cb(ngtcp2_conn *conn, uint8_t *data, void *arg)
{
	(void)conn, (void)arg;
	return ngtcp2_crypto_random(data, NGTCP2_PATH_CHALLENGE_DATALEN) ? NGTCP2_ERR_CALLBACK_FAILURE : 0;
}
