/* SPDX-License-Identifier: MIT */
/* The server's handshake: CRYPTO frames into Mbed TLS and out of it, and keys into ngtcp2 as they come about. */
#include "net/quic/quic_tls.h"

#include <mbedtls/platform_util.h>
#include <ngtcp2_crypto_shared.h>
#include <string.h>

#include "base/buf.h"
#include "net/quic/client_hello.h"
#include "net/quic/quic_bio.h"
#include "net/quic/quic_crypto.h"
#include "net/quic/quic_self_test.h"

enum {
	MESSAGE_HEADER_LEN = 4,
	SERVER_HELLO = 2,
	SERVER_HELLO_SESSION_ID = MESSAGE_HEADER_LEN + 2 + 32, /* offset of its length */
	SECRET_MAX = 48,				       /* SHA-384's */
	LOCAL_PARAMS_MAX = 256,				       /* as ngtcp2's own helper allows them */
	INCOMING_MAX = QUIC_MESSAGE_MAX + 65536,	       /* a torn message, and a datagram more */
};

/* ── Contexts ── */

struct quic_tls_context {
	unsigned n_references;
	mbedtls_ssl_config config;
	int (*shake)(void *owner, mbedtls_ssl_context *ssl);
	size_t max_hello;
};

static int shake_alone(void *owner, mbedtls_ssl_context *ssl)
{
	(void)owner;
	return mbedtls_ssl_handshake(ssl);
}

static int config_fill(mbedtls_ssl_config *config, const struct quic_tls_settings *settings)
{
	int error = mbedtls_ssl_config_defaults(config, MBEDTLS_SSL_IS_SERVER, MBEDTLS_SSL_TRANSPORT_STREAM,
						MBEDTLS_SSL_PRESET_DEFAULT);
	if (error)
		return error;
	mbedtls_ssl_conf_min_tls_version(config, MBEDTLS_SSL_VERSION_TLS1_3);
	mbedtls_ssl_conf_max_tls_version(config, MBEDTLS_SSL_VERSION_TLS1_3);
	/* The type has no const where it could; the rows are not written to. */
	error = mbedtls_ssl_conf_alpn_protocols(config, (const char **)(uintptr_t)settings->alpn);
	return error ?: settings->configure(settings->arg, config);
}

struct quic_tls_context *quic_tls_context_new(const struct quic_tls_settings *settings)
{
	struct quic_tls_context *context = calloc(1, sizeof(*context));
	if (!context)
		return NULL;
	context->n_references = 1;
	context->shake = settings->shake ?: shake_alone;
	context->max_hello =
		settings->max_hello && settings->max_hello < QUIC_MESSAGE_MAX ? settings->max_hello : QUIC_MESSAGE_MAX;
	mbedtls_ssl_config_init(&context->config);
	if (config_fill(&context->config, settings)) {
		quic_tls_context_free(context);
		return NULL;
	}
	return context;
}

struct quic_tls_context *quic_tls_context_ref(struct quic_tls_context *context)
{
	context->n_references++;
	return context;
}

void quic_tls_context_free(struct quic_tls_context *context)
{
	if (!context || --context->n_references)
		return;
	mbedtls_ssl_config_free(&context->config);
	free(context);
}

int quic_tls_self_test(struct quic_tls_context *context, void *owner, struct arena *arena, struct str *said)
{
	return quic_self_test(&context->config, context->shake, owner, arena, said);
}

/* ── Sessions ── */

/* A traffic secret, from when it was derived until its key is installed. */
struct secret {
	uint8_t bytes[SECRET_MAX];
	size_t len; /* 0: none waiting */
};

/* What is held only while hands are shaken. */
struct shaking {
	mbedtls_ssl_context ssl;
	struct quic_bio bio;
	struct quic_tls *tls;
	struct secret handshake_rx, handshake_tx, app_rx, app_tx;
	struct str remote_params;
	char local_params[LOCAL_PARAMS_MAX];
	size_t n_local_params;
};

struct quic_tls {
	struct quic_tls_context *context;
	ngtcp2_conn *conn;
	void *owner;
	struct shaking *shaking; /* from the first whole ClientHello until the client's Finished */
	struct buf incoming;	 /* CRYPTO bytes that are no whole message yet */
	ngtcp2_encryption_level read_level, write_level;
	uint16_t suite; /* 0: not chosen yet */
	bool finished;
	int alert;	  /* that ended it; 0: none */
	bool violated;	  /* it was not a rule of TLS's, but one of QUIC's */
	const char *alpn; /* agreed on: the settings' own */
};

struct quic_tls *quic_tls_new(struct quic_tls_context *context, ngtcp2_conn *conn, void *owner)
{
	struct quic_tls *tls = calloc(1, sizeof(*tls));
	if (!tls)
		return NULL;
	tls->context = quic_tls_context_ref(context);
	tls->conn = conn;
	tls->owner = owner;
	tls->read_level = tls->write_level = NGTCP2_ENCRYPTION_LEVEL_INITIAL;
	tls->incoming = buf_of(INCOMING_MAX);
	return tls;
}

static void stop_shaking(struct quic_tls *tls)
{
	struct shaking *shaking = take(tls->shaking);
	buf_free(&tls->incoming);
	if (!shaking)
		return;
	mbedtls_ssl_free(&shaking->ssl);
	mbedtls_platform_zeroize(shaking, sizeof(*shaking));
	free(shaking);
}

void quic_tls_free(struct quic_tls *tls)
{
	if (!tls)
		return;
	stop_shaking(tls);
	quic_tls_context_free(tls->context);
	free(tls);
}

struct str quic_tls_alpn(const struct quic_tls *tls)
{
	return str_of(tls->alpn);
}

/* The first reason counts. */
static int fail(struct quic_tls *tls, int alert)
{
	if (!tls->alert)
		tls->alert = alert;
	return MBEDTLS_ERR_SSL_INTERNAL_ERROR;
}

/* ngtcp2 is told of an alert all the same: from Initial packets it takes no other errors seriously. */
static int fail_protocol(struct quic_tls *tls)
{
	tls->violated |= !tls->alert;
	return fail(tls, MBEDTLS_SSL_ALERT_MSG_UNEXPECTED_MESSAGE);
}

void quic_tls_why(const struct quic_tls *tls, ngtcp2_ccerr *error)
{
	if (tls->violated)
		ngtcp2_ccerr_set_transport_error(error, NGTCP2_PROTOCOL_VIOLATION, NULL, 0);
	else
		ngtcp2_ccerr_set_tls_alert(error, (uint8_t)tls->alert, NULL, 0);
}

/* ── Keys ── */

static void keep_secret(struct secret *secret, const unsigned char *bytes, size_t len)
{
	check(len <= SECRET_MAX);
	memcpy(secret->bytes, bytes, len);
	secret->len = len;
}

static void keys_derived(void *arg, mbedtls_ssl_key_export_type type, const unsigned char *bytes, size_t len,
			 const unsigned char client_random[32], const unsigned char server_random[32],
			 mbedtls_tls_prf_types prf)
{
	struct shaking *shaking = arg;
	(void)client_random, (void)server_random, (void)prf;

	if (type == MBEDTLS_SSL_KEY_EXPORT_TLS1_3_CLIENT_HANDSHAKE_TRAFFIC_SECRET)
		keep_secret(&shaking->handshake_rx, bytes, len);
	else if (type == MBEDTLS_SSL_KEY_EXPORT_TLS1_3_SERVER_HANDSHAKE_TRAFFIC_SECRET)
		keep_secret(&shaking->handshake_tx, bytes, len);
	else if (type == MBEDTLS_SSL_KEY_EXPORT_TLS1_3_CLIENT_APPLICATION_TRAFFIC_SECRET)
		keep_secret(&shaking->app_rx, bytes, len);
	else if (type == MBEDTLS_SSL_KEY_EXPORT_TLS1_3_SERVER_APPLICATION_TRAFFIC_SECRET)
		keep_secret(&shaking->app_tx, bytes, len);
}

/* A secret serves once. */
static int install(struct quic_tls *tls, int (*by)(ngtcp2_conn *, ngtcp2_encryption_level, const uint8_t *, size_t),
		   ngtcp2_encryption_level level, struct secret *secret)
{
	int fault = secret->len ? by(tls->conn, level, secret->bytes, secret->len) : -1;
	mbedtls_platform_zeroize(secret, sizeof(*secret));
	/* A transport parameter of the client's that is wrong has been noted by ngtcp2 as what it is. */
	return fault ? fail(tls, MBEDTLS_SSL_ALERT_MSG_INTERNAL_ERROR) : 0;
}

/* ── What ngtcp2's crypto half asks while keys are installed ── */

ngtcp2_crypto_ctx *ngtcp2_crypto_ctx_tls(ngtcp2_crypto_ctx *ctx, void *arg)
{
	struct quic_tls *tls = arg;
	return quic_crypto_ctx(ctx, tls->suite);
}

ngtcp2_crypto_ctx *ngtcp2_crypto_ctx_tls_early(ngtcp2_crypto_ctx *ctx, void *arg)
{
	(void)ctx, (void)arg;
	return NULL; /* 0-RTT can be replayed, and is refused */
}

int ngtcp2_crypto_set_remote_transport_params(ngtcp2_conn *conn, void *arg)
{
	struct quic_tls *tls = arg;
	struct str params = tls->shaking->remote_params;
	int error = ngtcp2_conn_decode_and_set_remote_transport_params(conn, (const uint8_t *)params.at, params.len);
	if (error)
		ngtcp2_conn_set_tls_error(conn, error);
	return error ? -1 : 0;
}

int ngtcp2_crypto_set_local_transport_params(void *arg, const uint8_t *bytes, size_t len)
{
	struct quic_tls *tls = arg;
	if (len > LOCAL_PARAMS_MAX)
		return -1;
	memcpy(tls->shaking->local_params, bytes, len);
	tls->shaking->n_local_params = len;
	return 0;
}

/* ── What Mbed TLS does ── */

static struct quic_tls *tls_of(struct quic_bio *bio)
{
	return container_of(bio, struct shaking, bio)->tls;
}

/* The suite is in ServerHello (or HelloRetryRequest, which binds as well) and nowhere to be asked for. */
static void note_suite(struct quic_tls *tls, struct str message)
{
	const uint8_t *at = (const uint8_t *)message.at;
	if (message.len <= SERVER_HELLO_SESSION_ID || at[0] != SERVER_HELLO)
		return;
	size_t suite = SERVER_HELLO_SESSION_ID + 1 + (size_t)at[SERVER_HELLO_SESSION_ID];
	if (message.len >= suite + 2)
		tls->suite = (uint16_t)(at[suite] << 8 | at[suite + 1]);
}

static int write_messages(struct quic_bio *bio, struct str messages)
{
	struct quic_tls *tls = tls_of(bio);
	if (tls->alert)
		return MBEDTLS_ERR_SSL_INTERNAL_ERROR;
	if (tls->write_level == NGTCP2_ENCRYPTION_LEVEL_INITIAL)
		note_suite(tls, messages);
	if (ngtcp2_conn_submit_crypto_data(tls->conn, tls->write_level, (const uint8_t *)messages.at, messages.len))
		return fail(tls, MBEDTLS_SSL_ALERT_MSG_INTERNAL_ERROR);
	return 0;
}

static void note_alert(struct quic_bio *bio, unsigned char description)
{
	(void)fail(tls_of(bio), description);
}

static ngtcp2_encryption_level level_after(ngtcp2_encryption_level level)
{
	return level == NGTCP2_ENCRYPTION_LEVEL_INITIAL ? NGTCP2_ENCRYPTION_LEVEL_HANDSHAKE
							: NGTCP2_ENCRYPTION_LEVEL_1RTT;
}

/*
 * The first time ServerHello is out and its secrets are known. With the key for reading ngtcp2 takes the client's
 * transport parameters, of which it makes ours with the one for writing.
 */
static void write_next(struct quic_bio *bio)
{
	struct quic_tls *tls = tls_of(bio);
	tls->write_level = level_after(tls->write_level);
	if (tls->write_level == NGTCP2_ENCRYPTION_LEVEL_HANDSHAKE &&
	    !install(tls, quic_crypto_install_rx, tls->write_level, &tls->shaking->handshake_rx))
		(void)install(tls, quic_crypto_install_tx, tls->write_level, &tls->shaking->handshake_tx);
}

static void read_next(struct quic_bio *bio)
{
	struct quic_tls *tls = tls_of(bio);
	tls->read_level = level_after(tls->read_level);
}

static struct str transport_params(struct quic_bio *bio)
{
	struct shaking *shaking = tls_of(bio)->shaking;
	return shaking->n_local_params ? (struct str){ shaking->local_params, shaking->n_local_params } : STR_ABSENT;
}

static const struct quic_bio_ops quic_tls_ops = {
	.write = write_messages,
	.alert = note_alert,
	.write_next = write_next,
	.read_next = read_next,
	.transport_params = transport_params,
};

/* ── Taking the handshake on ── */

static int start_shaking(struct quic_tls *tls)
{
	struct shaking *shaking = calloc(1, sizeof(*shaking));
	if (!shaking)
		return fail(tls, MBEDTLS_SSL_ALERT_MSG_INTERNAL_ERROR);
	tls->shaking = shaking;
	shaking->tls = tls;
	mbedtls_ssl_init(&shaking->ssl);
	if (mbedtls_ssl_setup(&shaking->ssl, &tls->context->config))
		return fail(tls, MBEDTLS_SSL_ALERT_MSG_INTERNAL_ERROR);
	quic_bio_attach(&shaking->bio, &quic_tls_ops, &shaking->ssl);
	mbedtls_ssl_set_export_keys_cb(&shaking->ssl, keys_derived, shaking);
	return 0;
}

/* The first one, or a second one that answers HelloRetryRequest. */
static int see_hello(struct quic_tls *tls, struct str message)
{
	struct client_hello hello;
	int alert = client_hello_parse(message, &hello);
	if (alert)
		return alert == CLIENT_HELLO_VIOLATION ? fail_protocol(tls) : fail(tls, alert);
	if (!tls->shaking && start_shaking(tls))
		return MBEDTLS_ERR_SSL_INTERNAL_ERROR;
	tls->shaking->remote_params = hello.transport_params;
	return 0;
}

/* The client's Finished was right. Mbed TLS has written its tickets already and is needed no more: 44 KB come back. */
static int finish(struct quic_tls *tls)
{
	int error = install(tls, quic_crypto_install_rx, NGTCP2_ENCRYPTION_LEVEL_1RTT, &tls->shaking->app_rx);
	if (error)
		return error;
	tls->finished = true;
	stop_shaking(tls);
	ngtcp2_conn_tls_handshake_completed(tls->conn);
	return 0;
}

static int go_on(struct quic_tls *tls, struct str message)
{
	if (!quic_bio_hungry(&tls->shaking->bio))
		return fail(tls, MBEDTLS_SSL_ALERT_MSG_UNEXPECTED_MESSAGE);
	quic_bio_feed(&tls->shaking->bio, message);
	int result = tls->context->shake(tls->owner, &tls->shaking->ssl);
	tls->shaking->remote_params = STR_ABSENT; /* they lie in the message */
	if (tls->alert || (result && result != MBEDTLS_ERR_SSL_WANT_READ))
		return fail(tls, MBEDTLS_SSL_ALERT_MSG_HANDSHAKE_FAILURE);
	tls->alpn = mbedtls_ssl_get_alpn_protocol(&tls->shaking->ssl);
	/* Once our Finished is written. */
	if (tls->shaking->app_tx.len &&
	    install(tls, quic_crypto_install_tx, NGTCP2_ENCRYPTION_LEVEL_1RTT, &tls->shaking->app_tx))
		return MBEDTLS_ERR_SSL_INTERNAL_ERROR;
	return result ? 0 : finish(tls);
}

/* The first whole message of what came, or an absent one. */
static struct str next_message(struct quic_tls *tls, struct str bytes)
{
	const uint8_t *at = (const uint8_t *)bytes.at;
	if (bytes.len < MESSAGE_HEADER_LEN)
		return STR_ABSENT;
	size_t len = MESSAGE_HEADER_LEN + ((size_t)at[1] << 16 | (size_t)at[2] << 8 | at[3]);
	if (len > (tls->read_level == NGTCP2_ENCRYPTION_LEVEL_INITIAL ? tls->context->max_hello : QUIC_MESSAGE_MAX)) {
		(void)fail(tls, MBEDTLS_SSL_ALERT_MSG_ILLEGAL_PARAMETER);
		return STR_ABSENT;
	}
	return len <= bytes.len ? str_first(bytes, len) : STR_ABSENT;
}

/* All messages that are whole. What is left over must not straddle a change of keys (RFC 9001, 4.1.3). */
static int take_messages(struct quic_tls *tls, ngtcp2_encryption_level level)
{
	size_t done = 0;
	struct str message;

	while (str_present(message = next_message(tls, str_skip(buf_str(&tls->incoming), done)))) {
		done += message.len;
		bool more = tls->incoming.len > done;
		int error = level == NGTCP2_ENCRYPTION_LEVEL_INITIAL ? see_hello(tls, message) : 0;
		if (!error)
			error = go_on(tls, message);
		if (error)
			return error;
		if (tls->read_level != level && more)
			return fail_protocol(tls);
		if (tls->finished)
			return 0;
	}
	buf_consume(&tls->incoming, done);
	return tls->alert ? MBEDTLS_ERR_SSL_INTERNAL_ERROR : 0;
}

static int take_crypto(struct quic_tls *tls, ngtcp2_encryption_level level, struct str bytes)
{
	if (tls->alert)
		return MBEDTLS_ERR_SSL_INTERNAL_ERROR;
	if (level != tls->read_level)
		return fail_protocol(tls);
	/* A client has nothing to say after its Finished: TLS's KeyUpdate is forbidden (RFC 9001, 6). */
	if (tls->finished)
		return fail(tls, MBEDTLS_SSL_ALERT_MSG_UNEXPECTED_MESSAGE);
	buf_add(&tls->incoming, bytes);
	if (buf_failed(&tls->incoming))
		return fail(tls, MBEDTLS_SSL_ALERT_MSG_INTERNAL_ERROR);
	return take_messages(tls, level);
}

int ngtcp2_crypto_read_write_crypto_data(ngtcp2_conn *conn, ngtcp2_encryption_level level, const uint8_t *bytes,
					 size_t len)
{
	struct quic_tls *tls = ngtcp2_conn_get_tls_native_handle(conn);
	if (!take_crypto(tls, level, (struct str){ (const char *)bytes, len }))
		return 0;
	ngtcp2_conn_set_tls_alert(conn, (uint8_t)tls->alert);
	stop_shaking(tls);
	return -1;
}
