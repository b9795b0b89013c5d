/* SPDX-License-Identifier: MIT */
/*
 * Any bytes in a client's CRYPTO frames: the server's half of the handshake, Mbed TLS included.
 *
 * An input is a row of items, each a byte and what it announces: in its two high bits the kind, in the others a length.
 *   0, 2, 3  bytes of the Initial, Handshake or 1-RTT level
 *   1        a byte that chooses among types, and the content of an extension
 * An item 0 without bytes is the ClientHello with the extensions so far: so mutants get past the lengths in it.
 */
#include <mbedtls/psa_util.h>
#include <psa/crypto.h>

#include "../support/hello_made.h"
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

/* All that Mbed TLS, QUIC and browsers know, and one that nobody does. */
static const unsigned char types[] = { 0,  1,  5,  10, 13, 16, 18, 21, 23, 27, 28, 34, 35, 41,
				       42, 43, 44, 45, 47, 49, 50, 51, 57, 22, 24, 65, 77, 99 };

static void add_extension(struct buf *to, struct str *rest, size_t len)
{
	struct str content = str_first(str_skip(*rest, 1), len);
	hello_add_number(to, types[(uint8_t)rest->at[0] % sizeof(types)], 2);
	hello_add_number(to, content.len, 2);
	buf_add(to, content);
	*rest = str_skip(*rest, 1 + content.len);
}

static int say(struct quic_server *server, ngtcp2_encryption_level level, struct str bytes)
{
	return ngtcp2_crypto_recv_crypto_data_cb(server->side.conn, level, 0, (const uint8_t *)bytes.at, bytes.len,
						 NULL);
}

static int say_hello(struct quic_server *server, struct buf *extensions)
{
	struct arena *arena = arena_new(1 << 18);
	int error = say(server, NGTCP2_ENCRYPTION_LEVEL_INITIAL, hello_made(arena, buf_str(extensions)));
	arena_free(arena);
	buf_clear(extensions);
	return error;
}

static int item(struct quic_server *server, struct buf *extensions, struct str *rest)
{
	static const ngtcp2_encryption_level levels[] = { NGTCP2_ENCRYPTION_LEVEL_INITIAL, 0,
							  NGTCP2_ENCRYPTION_LEVEL_HANDSHAKE,
							  NGTCP2_ENCRYPTION_LEVEL_1RTT };
	unsigned head = (uint8_t)rest->at[0], kind = head >> 6;
	size_t len = head & 0x3f;

	*rest = str_skip(*rest, 1);
	if (kind == 1 && rest->len) {
		add_extension(extensions, rest, len);
		return 0;
	}
	if (kind == 0 && len == 0)
		return say_hello(server, extensions);
	struct str bytes = str_first(*rest, len);
	*rest = str_skip(*rest, bytes.len);
	return bytes.len ? say(server, levels[kind], bytes) : 0;
}

static void feed(struct quic_server *server, struct str rest)
{
	struct buf extensions = buf_of(32768);
	int error = 0;

	while (!error && rest.len && extensions.len < 16384)
		error = item(server, &extensions, &rest);
	/* Nobody knows the keys: no input gets as far as to the end. */
	check(!ngtcp2_conn_get_handshake_completed(server->side.conn));
	if (error == NGTCP2_ERR_CRYPTO) {
		ngtcp2_ccerr why;
		quic_tls_why(server->tls, &why);
		check(why.error_code == NGTCP2_PROTOCOL_VIOLATION ||
		      (why.error_code > 0x100 && why.error_code < 0x200));
	}
	buf_free(&extensions);
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
