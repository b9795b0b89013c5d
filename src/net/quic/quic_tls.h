/* SPDX-License-Identifier: MIT */
/*
 * TLS 1.3 for QUIC (RFC 9001): the server's side of ngtcp2's handshake, on unpatched Mbed TLS. README.md beside this
 * file explains how.
 *
 * context  what all handshakes share: an mbedtls_ssl_config that its owner filled in
 * session  one connection's handshake; light until the client's whole ClientHello is here and worth an answer
 *
 * In use: make a session, name it to ngtcp2 with ngtcp2_conn_set_tls_native_handle, and give ngtcp2 the callbacks of
 * ngtcp2_crypto.h (ngtcp2_crypto_recv_crypto_data_cb and the others), with quic_tls_update_key for one of them. That
 * header's functions are this library's. After psa_crypto_init; loop thread only.
 *
 * A handshake that fails ends ngtcp2_conn_read_pkt with NGTCP2_ERR_CRYPTO; quic_tls_why tells what to close the
 * connection with. Wrong transport parameters end it with ngtcp2's own errors for them.
 */
#ifndef NET_QUIC_QUIC_TLS_H
#define NET_QUIC_QUIC_TLS_H

#include <mbedtls/ssl.h>
#include <ngtcp2/ngtcp2_crypto.h>

#include "base/arena.h"
#include "base/str.h"

struct quic_tls_context;
struct quic_tls;

struct quic_tls_settings {
	/* Adds certificates, groups, tickets, the random generator… to a config that speaks TLS 1.3 and `alpn`. 0, or
	 * Mbed TLS's error. */
	int (*configure)(void *arg, mbedtls_ssl_config *config);
	void *arg; /* of `configure` */
	/* Takes a handshake as far as it goes, as mbedtls_ssl_handshake does, which serves when this is NULL. `owner` is
	 * the session's. */
	int (*shake)(void *owner, mbedtls_ssl_context *ssl);
	const char *const *alpn; /* NULL-terminated, preferred first; outlives the context */
	/* Bytes that a ClientHello may have; 0, or too many: 16,384, as any message. */
	size_t max_hello;
};

/* NULL without memory, or when `configure` failed. What `configure` referred to must outlive the context. */
must_use struct quic_tls_context *quic_tls_context_new(const struct quic_tls_settings *settings);
/* Contexts are counted: sessions hold one, so a new certificate's context can take the place of an old one. */
struct quic_tls_context *quic_tls_context_ref(struct quic_tls_context *context);
void quic_tls_context_free(struct quic_tls_context *context); /* NULL is allowed */

/* For a server's connection; `conn` must outlive it. NULL without memory. */
must_use struct quic_tls *quic_tls_new(struct quic_tls_context *context, ngtcp2_conn *conn, void *owner);
void quic_tls_free(struct quic_tls *tls); /* NULL is allowed; zeroises its secrets */
/* The protocol agreed on; absent before the ClientHello was answered. */
struct str quic_tls_alpn(const struct quic_tls *tls);

/* After NGTCP2_ERR_CRYPTO: the code of CONNECTION_CLOSE, 0x100 + alert (RFC 9001, 4.8) or PROTOCOL_VIOLATION where a rule
 * of QUIC's own was broken (4.1.3, 8.4). */
void quic_tls_why(const struct quic_tls *tls, ngtcp2_ccerr *error);
/* The callback update_key (RFC 9001, 6): as ngtcp2_crypto_update_key_cb, leaving no keys on the stack. */
int quic_tls_update_key(ngtcp2_conn *conn, uint8_t *rx_secret, uint8_t *tx_secret, ngtcp2_crypto_aead_ctx *rx_aead,
			uint8_t *rx_iv, ngtcp2_crypto_aead_ctx *tx_aead, uint8_t *tx_iv,
			const uint8_t *current_rx_secret, const uint8_t *current_tx_secret, size_t len, void *arg);

/*
 * Plays the server's half of a handshake in memory and sees whether Mbed TLS comes by where it must: a build that lost
 * the linker's wraps (link-time optimisation of Mbed TLS does that, silently) would write packets without keys.
 * `owner` as a session's. Returns 0, or negative with *said a sentence. Takes half a millisecond.
 */
must_use int quic_tls_self_test(struct quic_tls_context *context, void *owner, struct arena *arena, struct str *said);

#endif
