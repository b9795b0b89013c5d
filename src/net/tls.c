/* SPDX-License-Identifier: MIT */
/* TLS contexts: certificates, keys and what recordd is willing to speak. */
#include "net/tls.h"

#include <mbedtls/psa_util.h>
#include <psa/crypto.h>
#include <time.h>

#include "net/pem.h"
#include "net/tls_context.h"

/* Two, because browsers open several connections at once and use a ticket once only. */
enum { TICKETS_PER_HANDSHAKE = 2 };

/* Ephemeral keys and authenticated encryption, nothing else. The order is ours for 1.2; in 1.3 the client's counts. */
static const int suites[] = {
	MBEDTLS_TLS1_3_AES_128_GCM_SHA256,
	MBEDTLS_TLS1_3_AES_256_GCM_SHA384,
	MBEDTLS_TLS1_3_CHACHA20_POLY1305_SHA256,
	MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
	MBEDTLS_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
	MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
	MBEDTLS_TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
	MBEDTLS_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
	MBEDTLS_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
	0,
};

static const uint16_t groups[] = {
	MBEDTLS_SSL_IANA_TLS_GROUP_X25519,
	MBEDTLS_SSL_IANA_TLS_GROUP_SECP256R1,
	MBEDTLS_SSL_IANA_TLS_GROUP_SECP384R1,
	MBEDTLS_SSL_IANA_TLS_GROUP_NONE,
};

/* The last three are TLS 1.2's only, which has no other way for an RSA key. */
static const uint16_t signatures[] = {
	MBEDTLS_TLS1_3_SIG_ECDSA_SECP256R1_SHA256,
	MBEDTLS_TLS1_3_SIG_ECDSA_SECP384R1_SHA384,
	MBEDTLS_TLS1_3_SIG_RSA_PSS_RSAE_SHA256,
	MBEDTLS_TLS1_3_SIG_RSA_PSS_RSAE_SHA384,
	MBEDTLS_TLS1_3_SIG_RSA_PSS_RSAE_SHA512,
	MBEDTLS_TLS1_3_SIG_RSA_PKCS1_SHA256,
	MBEDTLS_TLS1_3_SIG_RSA_PKCS1_SHA384,
	MBEDTLS_TLS1_3_SIG_RSA_PKCS1_SHA512,
	MBEDTLS_TLS1_3_SIG_NONE,
};

static const char *alpn[] = { "h2", "http/1.1", NULL };

int64_t tls_time(const mbedtls_x509_time *time)
{
	struct tm tm = {
		.tm_year = time->year - 1900,
		.tm_mon = time->mon - 1,
		.tm_mday = time->day,
		.tm_hour = time->hour,
		.tm_min = time->min,
		.tm_sec = time->sec,
	};
	return (int64_t)timegm(&tm);
}

/* ── Configurations ── */

/* Whom a client gets that names no server, or none we are for. */
static int own_default_pairs(struct tls_context *tls, mbedtls_ssl_config *config)
{
	int error = 0;
	for (size_t i = 0; !error && i < tls->n_pairs; i++) {
		struct tls_pair *pair = &tls->pairs[i];
		if (i == 0 || tls_pairs_share_name(&tls->pairs[0], pair))
			error = mbedtls_ssl_conf_own_cert(config, &pair->chain, &pair->key);
	}
	return error;
}

int tls_context_apply(struct tls_context *tls, mbedtls_ssl_config *config)
{
	tls_shake_hook(tls, config);
	mbedtls_ssl_conf_rng(config, mbedtls_psa_get_random, MBEDTLS_PSA_RANDOM_STATE);
	mbedtls_ssl_conf_ciphersuites(config, suites);
	mbedtls_ssl_conf_groups(config, groups);
	mbedtls_ssl_conf_sig_algs(config, signatures);
	mbedtls_ssl_conf_tls13_key_exchange_modes(config, MBEDTLS_SSL_TLS1_3_KEY_EXCHANGE_MODE_EPHEMERAL_ALL);
	mbedtls_ssl_conf_new_session_tickets(config, TICKETS_PER_HANDSHAKE);
	mbedtls_ssl_conf_authmode(config, tls->asks_client ? MBEDTLS_SSL_VERIFY_OPTIONAL : MBEDTLS_SSL_VERIFY_NONE);
	if (tls->asks_client)
		mbedtls_ssl_conf_ca_chain(config, &tls->client_ca, NULL);
	return own_default_pairs(tls, config);
}

static int config_fill(struct tls_context *tls)
{
	mbedtls_ssl_config *config = &tls->config;
	int error = mbedtls_ssl_config_defaults(config, MBEDTLS_SSL_IS_SERVER, MBEDTLS_SSL_TRANSPORT_STREAM,
						MBEDTLS_SSL_PRESET_DEFAULT);
	if (error)
		return error;
	mbedtls_ssl_conf_min_tls_version(config, MBEDTLS_SSL_VERSION_TLS1_2);
	mbedtls_ssl_conf_max_tls_version(config, MBEDTLS_SSL_VERSION_TLS1_3);
	error = mbedtls_ssl_conf_alpn_protocols(config, alpn);
	return error ?: tls_context_apply(tls, config);
}

/* ── Contexts ── */

static struct tls_context *context_new(const struct tls_settings *settings)
{
	struct tls_context *tls = calloc(1, sizeof(*tls));
	unsigned period_s = settings->ticket_rotation_s ?: TLS_TICKET_ROTATION_S;
	if (!tls)
		return NULL;
	tls->n_references = 1;
	tls->client_required = settings->client_required;
	tls->max_hello =
		settings->max_hello && settings->max_hello < TLS_HELLO_MAX ? settings->max_hello : TLS_HELLO_MAX;
	mbedtls_ssl_config_init(&tls->config);
	mbedtls_x509_crt_init(&tls->client_ca);
	for (size_t i = 0; i < TLS_PAIRS_MAX; i++)
		tls_pair_init(&tls->pairs[i]);
	tickets_init(&tls->tickets, period_s < TLS_TICKET_ROTATION_MAX_S ? period_s : TLS_TICKET_ROTATION_MAX_S);
	return tls;
}

static void context_drop(struct tls_context **tls)
{
	tls_context_free(*tls);
}

static int files_load(struct tls_context *tls, const struct tls_settings *settings, struct arena *arena,
		      struct str *said)
{
	check(settings->n_pairs > 0 && settings->n_pairs <= TLS_PAIRS_MAX);
	for (; tls->n_pairs < settings->n_pairs; tls->n_pairs++) {
		int outcome = tls_pair_load(&tls->pairs[tls->n_pairs], &settings->pairs[tls->n_pairs], arena, said);
		if (outcome)
			return outcome;
	}
	tls->asks_client = settings->client_ca && *settings->client_ca;
	return tls->asks_client ? pem_read_chain(settings->client_ca, arena, &tls->client_ca, said) : TLS_OK;
}

int tls_context_new(const struct tls_settings *settings, struct arena *arena, struct tls_context **out,
		    struct str *said)
{
	owned(context_drop) struct tls_context *tls = context_new(settings);
	if (!tls || psa_crypto_init()) {
		*said = STR("the TLS library cannot be initialised");
		return TLS_FAILED;
	}
	if (settings->client_required && !(settings->client_ca && *settings->client_ca)) {
		*said = STR("client certificates are required, but no file of their authorities is given");
		return TLS_BROKEN;
	}
	int outcome = files_load(tls, settings, arena, said);
	if (outcome)
		return outcome;
	int error = config_fill(tls);
	if (error) {
		*said = arena_printf(arena, "TLS cannot be set up: %.*s", STR_ARG(pem_error_text(error, arena)));
		return TLS_FAILED;
	}
	*out = take(tls);
	return TLS_OK;
}

struct tls_context *tls_context_ref(struct tls_context *tls)
{
	tls->n_references++;
	return tls;
}

void tls_context_free(struct tls_context *tls)
{
	if (!tls || --tls->n_references)
		return;
	mbedtls_ssl_config_free(&tls->config);
	tickets_free(&tls->tickets);
	tls_spares_free(&tls->spares);
	mbedtls_x509_crt_free(&tls->client_ca);
	for (size_t i = 0; i < TLS_PAIRS_MAX; i++)
		tls_pair_free(&tls->pairs[i]);
	free(tls);
}

size_t tls_context_max_hello(const struct tls_context *tls)
{
	return tls->max_hello;
}

int64_t tls_context_not_after(const struct tls_context *tls)
{
	int64_t first = INT64_MAX;
	for (size_t i = 0; i < tls->n_pairs; i++) {
		int64_t end = tls_time(&tls->pairs[i].chain.valid_to);
		first = end < first ? end : first;
	}
	return first;
}
