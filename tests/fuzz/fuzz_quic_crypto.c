/* SPDX-License-Identifier: MIT */
/*
 * Any bytes in a client's CRYPTO frames: the server's half of the handshake, Mbed TLS included. A piece of input is a
 * byte and what it announces: the encryption level in its two high bits, then a length.
 */
#include <mbedtls/psa_util.h>
#include <psa/crypto.h>

#include "../support/quic_server.h"
#include "net/cert_make.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int configure(void *arg, mbedtls_ssl_config *config)
{
	struct cert_pair *pair = arg;
	mbedtls_ssl_conf_rng(config, mbedtls_psa_get_random, MBEDTLS_PSA_RANDOM_STATE);
	/* So that there are messages to be read after ServerHello other than Finished. */
	mbedtls_ssl_conf_authmode(config, MBEDTLS_SSL_VERIFY_OPTIONAL);
	mbedtls_ssl_conf_ca_chain(config, &pair->cert, NULL);
	return mbedtls_ssl_conf_own_cert(config, &pair->cert, &pair->key);
}

static struct quic_tls_context *context_once(void)
{
	static const char *const alpn[] = { "h3", NULL };
	static struct cert_pair pair;
	static struct quic_tls_context *context;
	struct quic_tls_settings settings = { .configure = configure, .arg = &pair, .alpn = alpn };

	if (context)
		return context;
	struct arena *arena = arena_new(65536);
	check(psa_crypto_init() == PSA_SUCCESS);
	cert_pair_init(&pair);
	check(cert_make_authority(&pair, arena) == 0);
	arena_free(arena);
	context = quic_tls_context_new(&settings);
	check(context);
	return context;
}

static void feed(struct quic_server *server, struct str rest)
{
	static const ngtcp2_encryption_level levels[] = { NGTCP2_ENCRYPTION_LEVEL_INITIAL,
							  NGTCP2_ENCRYPTION_LEVEL_INITIAL,
							  NGTCP2_ENCRYPTION_LEVEL_HANDSHAKE,
							  NGTCP2_ENCRYPTION_LEVEL_1RTT };
	int error = 0;

	while (!error && rest.len > 1) {
		unsigned head = (uint8_t)rest.at[0];
		struct str piece = str_first(str_skip(rest, 1), head & 0x3f);
		rest = str_skip(rest, 1 + piece.len);
		if (piece.len)
			error = ngtcp2_crypto_recv_crypto_data_cb(server->side.conn, levels[head >> 6], 0,
								  (const uint8_t *)piece.at, piece.len, NULL);
	}
	/* Nobody knows the keys: no input gets as far as to the end. */
	check(!ngtcp2_conn_get_handshake_completed(server->side.conn));
	if (error == NGTCP2_ERR_CRYPTO) {
		ngtcp2_ccerr why;
		quic_tls_why(server->tls, &why);
		check(why.error_code == NGTCP2_PROTOCOL_VIOLATION ||
		      (why.error_code > 0x100 && why.error_code < 0x200));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ngtcp2_cid client = side_cid("CLIENT.."), original = side_cid("ORIGINAL");
	struct quic_server server;

	quic_server_open(&server, context_once(), NULL, &client, &original, NGTCP2_PROTO_VER_V1, MILLISECOND);
	feed(&server, (struct str){ (const char *)data, size });
	quic_server_close(&server);
	return 0;
}
