/* SPDX-License-Identifier: MIT */
/*
 * A client that knows nothing of Mbed TLS: GnuTLS shakes hands, ngtcp2 carries packets. Packet protection is the
 * server's own code, which net_quic_crypto_test.c compares with the RFCs.
 */
#ifndef SUPPORT_QUIC_CLIENT_H
#define SUPPORT_QUIC_CLIENT_H

#include <gnutls/gnutls.h>
#include <mbedtls/ssl_ciphersuites.h>
#include <ngtcp2_crypto_shared.h>

#include "quic_server.h"
#include "net/quic/quic_crypto.h"

struct quic_client_options {
	const char *priorities; /* GnuTLS's; of TLS 1.3 */
	const char *alpn;
	uint32_t version;
	size_t n_ballast;	       /* bytes of an extension that nobody knows */
	const char *ca, *cert, *key;   /* files; NULL */
	const gnutls_datum_t *session; /* to resume */
	bool guesses_wrong;	       /* offers a key share for its first group only */
};

struct quic_client {
	struct quic_side side;
	struct quic_client_options options;
	gnutls_session_t tls;
	gnutls_certificate_credentials_t credentials;
	unsigned n_retries, n_tickets; /* HelloRetryRequests and NewSessionTickets */
};

static const char client_anything[] = "%DISABLE_TLS13_COMPAT_MODE:NORMAL:-VERS-ALL:+VERS-TLS1.3:"
				      "-GROUP-ALL:+GROUP-X25519:+GROUP-SECP256R1:+GROUP-SECP384R1";

static inline struct quic_client *client_of(gnutls_session_t tls)
{
	return gnutls_session_get_ptr(tls);
}

/* ── Keys ── */

static inline ngtcp2_encryption_level level_of(gnutls_record_encryption_level_t level)
{
	check(level != GNUTLS_ENCRYPTION_LEVEL_EARLY);
	return level == GNUTLS_ENCRYPTION_LEVEL_INITIAL	    ? NGTCP2_ENCRYPTION_LEVEL_INITIAL
	       : level == GNUTLS_ENCRYPTION_LEVEL_HANDSHAKE ? NGTCP2_ENCRYPTION_LEVEL_HANDSHAKE
							    : NGTCP2_ENCRYPTION_LEVEL_1RTT;
}

static inline unsigned suite_of(gnutls_session_t tls)
{
	gnutls_cipher_algorithm_t cipher = gnutls_cipher_get(tls);
	return cipher == GNUTLS_CIPHER_AES_128_GCM   ? MBEDTLS_TLS1_3_AES_128_GCM_SHA256
	       : cipher == GNUTLS_CIPHER_AES_256_GCM ? MBEDTLS_TLS1_3_AES_256_GCM_SHA384
						     : MBEDTLS_TLS1_3_CHACHA20_POLY1305_SHA256;
}

struct client_keys {
	ngtcp2_crypto_aead_ctx aead;
	ngtcp2_crypto_cipher_ctx header;
	uint8_t iv[64];
	size_t iv_len;
};

static inline struct client_keys keys_from(ngtcp2_conn *conn, const void *secret, size_t len)
{
	const ngtcp2_crypto_ctx *ctx = ngtcp2_conn_get_crypto_ctx(conn);
	struct client_keys keys = { .iv_len = ngtcp2_crypto_packet_protection_ivlen(&ctx->aead) };
	uint8_t key[64], header_key[64];
	check(ngtcp2_crypto_derive_packet_protection_key(key, keys.iv, header_key,
							 ngtcp2_conn_get_negotiated_version(conn), &ctx->aead, &ctx->md,
							 secret, len) == 0);
	check(ngtcp2_crypto_aead_ctx_encrypt_init(&keys.aead, &ctx->aead, key, keys.iv_len) == 0);
	check(ngtcp2_crypto_cipher_ctx_encrypt_init(&keys.header, &ctx->hp, header_key) == 0);
	return keys;
}

static inline int client_secrets(gnutls_session_t tls, gnutls_record_encryption_level_t level, const void *rx,
				 const void *tx, size_t len)
{
	ngtcp2_conn *conn = client_of(tls)->side.conn;
	bool handshake = level == GNUTLS_ENCRYPTION_LEVEL_HANDSHAKE;
	ngtcp2_crypto_ctx ctx;
	int error = 0;

	check(quic_crypto_ctx(&ctx, (uint16_t)suite_of(tls)));
	if (handshake)
		ngtcp2_conn_set_crypto_ctx(conn, &ctx);
	if (rx) {
		struct client_keys keys = keys_from(conn, rx, len);
		error |= handshake ? ngtcp2_conn_install_rx_handshake_key(conn, &keys.aead, keys.iv, keys.iv_len,
									  &keys.header)
				   : ngtcp2_conn_install_rx_key(conn, rx, len, &keys.aead, keys.iv, keys.iv_len,
								&keys.header);
	}
	if (tx) {
		struct client_keys keys = keys_from(conn, tx, len);
		error |= handshake ? ngtcp2_conn_install_tx_handshake_key(conn, &keys.aead, keys.iv, keys.iv_len,
									  &keys.header)
				   : ngtcp2_conn_install_tx_key(conn, tx, len, &keys.aead, keys.iv, keys.iv_len,
								&keys.header);
	}
	return error;
}

/* ── Messages ── */

static inline int client_says(gnutls_session_t tls, gnutls_record_encryption_level_t level,
			      gnutls_handshake_description_t type, const void *bytes, size_t len)
{
	if (type == GNUTLS_HANDSHAKE_CHANGE_CIPHER_SPEC)
		return 0;
	return ngtcp2_conn_submit_crypto_data(client_of(tls)->side.conn, level_of(level), bytes, len);
}

static inline int client_alerts(gnutls_session_t tls, gnutls_record_encryption_level_t level,
				gnutls_alert_level_t severity, gnutls_alert_description_t alert)
{
	(void)level;
	(void)severity;
	ngtcp2_conn_set_tls_alert(client_of(tls)->side.conn, (uint8_t)alert);
	return 0;
}

static inline int client_saw(gnutls_session_t tls, unsigned type, unsigned when, unsigned incoming,
			     const gnutls_datum_t *message)
{
	struct quic_client *client = client_of(tls);
	(void)when;
	(void)message;
	client->n_retries += incoming && type == GNUTLS_HANDSHAKE_HELLO_RETRY_REQUEST;
	client->n_tickets += incoming && type == GNUTLS_HANDSHAKE_NEW_SESSION_TICKET;
	return 0;
}

static inline int params_came(gnutls_session_t tls, const unsigned char *bytes, size_t len)
{
	return ngtcp2_conn_decode_and_set_remote_transport_params(client_of(tls)->side.conn, bytes, len);
}

static inline int params_go(gnutls_session_t tls, gnutls_buffer_t to)
{
	uint8_t bytes[256];
	ngtcp2_ssize n = ngtcp2_conn_encode_local_transport_params(client_of(tls)->side.conn, bytes, sizeof(bytes));
	return n < 0 ? -1 : gnutls_buffer_append_data(to, bytes, (size_t)n);
}

static inline int ballast_came(gnutls_session_t tls, const unsigned char *bytes, size_t len)
{
	(void)tls;
	(void)bytes;
	(void)len;
	return 0;
}

static inline int ballast_goes(gnutls_session_t tls, gnutls_buffer_t to)
{
	static const uint8_t zeros[8192];
	return gnutls_buffer_append_data(to, zeros, client_of(tls)->options.n_ballast);
}

/* ── ngtcp2's callbacks ── */

static inline int client_shakes(struct quic_client *client)
{
	int result = gnutls_handshake(client->tls);
	if (result < 0 && gnutls_error_is_fatal(result)) {
		gnutls_alert_send_appropriate(client->tls, result);
		return NGTCP2_ERR_CRYPTO;
	}
	if (result == 0)
		ngtcp2_conn_tls_handshake_completed(client->side.conn);
	return 0;
}

static inline int client_begins(ngtcp2_conn *conn, void *arg)
{
	struct quic_client *client = container_of(arg, struct quic_client, side);
	check(ngtcp2_crypto_derive_and_install_initial_key(conn, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
							   ngtcp2_conn_get_client_chosen_version(conn),
							   ngtcp2_conn_get_dcid(conn)) == 0);
	return client_shakes(client);
}

static inline int client_hears(ngtcp2_conn *conn, ngtcp2_encryption_level level, uint64_t offset, const uint8_t *bytes,
			       size_t len, void *arg)
{
	struct quic_client *client = container_of(arg, struct quic_client, side);
	gnutls_record_encryption_level_t from =
		level == NGTCP2_ENCRYPTION_LEVEL_INITIAL     ? GNUTLS_ENCRYPTION_LEVEL_INITIAL
		: level == NGTCP2_ENCRYPTION_LEVEL_HANDSHAKE ? GNUTLS_ENCRYPTION_LEVEL_HANDSHAKE
							     : GNUTLS_ENCRYPTION_LEVEL_APPLICATION;
	(void)offset;
	int result = gnutls_handshake_write(client->tls, from, bytes, len);
	if (result < 0 && gnutls_error_is_fatal(result)) {
		gnutls_alert_send_appropriate(client->tls, result);
		return NGTCP2_ERR_CRYPTO;
	}
	return ngtcp2_conn_get_handshake_completed(conn) ? 0 : client_shakes(client);
}

/* ── Open and close ── */

static inline void client_tls_open(struct quic_client *client)
{
	const struct quic_client_options *options = &client->options;
	gnutls_datum_t alpn = { (unsigned char *)(uintptr_t)options->alpn, (unsigned)strlen(options->alpn) };

	check(gnutls_init(&client->tls, GNUTLS_CLIENT | GNUTLS_NO_AUTO_SEND_TICKET |
						(options->guesses_wrong ? GNUTLS_KEY_SHARE_TOP : 0)) == 0);
	gnutls_session_set_ptr(client->tls, client);
	check(gnutls_priority_set_direct(client->tls, options->priorities, NULL) == 0);
	check(gnutls_certificate_allocate_credentials(&client->credentials) == 0);
	if (options->ca)
		check(gnutls_certificate_set_x509_trust_file(client->credentials, options->ca, GNUTLS_X509_FMT_PEM) >
		      0);
	if (options->cert)
		check(gnutls_certificate_set_x509_key_file(client->credentials, options->cert, options->key,
							   GNUTLS_X509_FMT_PEM) == 0);
	check(gnutls_credentials_set(client->tls, GNUTLS_CRD_CERTIFICATE, client->credentials) == 0);
	if (options->ca)
		gnutls_session_set_verify_cert(client->tls, "localhost", 0);
	check(gnutls_server_name_set(client->tls, GNUTLS_NAME_DNS, "localhost", strlen("localhost")) == 0);
	if (*options->alpn)
		check(gnutls_alpn_set_protocols(client->tls, &alpn, 1, 0) == 0);
	if (options->session)
		check(gnutls_session_set_data(client->tls, options->session->data, options->session->size) == 0);
	gnutls_handshake_set_secret_function(client->tls, client_secrets);
	gnutls_handshake_set_read_function(client->tls, client_says);
	gnutls_alert_set_read_function(client->tls, client_alerts);
	gnutls_handshake_set_hook_function(client->tls, GNUTLS_HANDSHAKE_ANY, GNUTLS_HOOK_POST, client_saw);
	check(gnutls_session_ext_register(client->tls, "QUIC", NGTCP2_TLSEXT_QUIC_TRANSPORT_PARAMETERS_V1,
					  GNUTLS_EXT_TLS, params_came, params_go, NULL, NULL, NULL,
					  GNUTLS_EXT_FLAG_TLS | GNUTLS_EXT_FLAG_CLIENT_HELLO | GNUTLS_EXT_FLAG_EE) ==
	      0);
	if (options->n_ballast)
		check(gnutls_session_ext_register(client->tls, "ballast", 0x6a6a, GNUTLS_EXT_TLS, ballast_came,
						  ballast_goes, NULL, NULL, NULL,
						  GNUTLS_EXT_FLAG_TLS | GNUTLS_EXT_FLAG_CLIENT_HELLO) == 0);
}

static inline void quic_client_open(struct quic_client *client, const struct quic_client_options *options, uint64_t now)
{
	ngtcp2_callbacks callbacks = side_callbacks();
	ngtcp2_transport_params params = side_params();
	ngtcp2_settings settings = side_settings(now);
	ngtcp2_path path = side_path();
	ngtcp2_cid own = side_cid("CLIENT.."), other = side_cid("ORIGINAL");

	*client = (struct quic_client){ .options = *options, .side = { .now = now } };
	client_tls_open(client);
	callbacks.client_initial = client_begins;
	callbacks.recv_crypto_data = client_hears;
	callbacks.recv_retry = ngtcp2_crypto_recv_retry_cb;
	check(ngtcp2_conn_client_new(&client->side.conn, &other, &own, &path, options->version, &callbacks, &settings,
				     &params, NULL, &client->side) == 0);
}

static inline void quic_client_close(struct quic_client *client)
{
	ngtcp2_conn_del(client->side.conn);
	gnutls_deinit(client->tls);
	gnutls_certificate_free_credentials(client->credentials);
}

#endif
