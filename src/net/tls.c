/* SPDX-License-Identifier: MIT */
/* TLS contexts: certificate, key and what recordd is willing to speak. */
#include "net/tls.h"

#include <mbedtls/psa_util.h>
#include <psa/crypto.h>
#include <time.h>

#include "net/pem.h"
#include "net/tls_context.h"

enum { TICKET_LIFETIME_S = 12 * 3600 };

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

static int ticket_write(void *arg, const mbedtls_ssl_session *session, unsigned char *at, const unsigned char *end,
			size_t *len, uint32_t *lifetime)
{
	struct tls_context *tls = arg;
	return mbedtls_ssl_ticket_write(&tls->tickets, session, at, end, len, lifetime);
}

static int ticket_parse(void *arg, mbedtls_ssl_session *session, unsigned char *ticket, size_t len)
{
	struct tls_context *tls = arg;
	int error = mbedtls_ssl_ticket_parse(&tls->tickets, session, ticket, len);
	if (!error)
		tls->ticket_accepted = true;
	return error;
}

static struct str in_time(const mbedtls_x509_crt *leaf, const char *file, struct arena *arena)
{
	const mbedtls_x509_time *from = &leaf->valid_from, *to = &leaf->valid_to;
	if (mbedtls_x509_time_is_past(to))
		return arena_printf(arena, "the certificate in %s expired on %04d-%02d-%02d", file, to->year, to->mon,
				    to->day);
	if (mbedtls_x509_time_is_future(from))
		return arena_printf(arena, "the certificate in %s is not valid before %04d-%02d-%02d", file, from->year,
				    from->mon, from->day);
	return STR_ABSENT;
}

static int pair_load(struct tls_context *tls, const char *cert_file, const char *key_file, struct arena *arena,
		     struct str *said)
{
	int outcome = pem_read_chain(cert_file, arena, &tls->chain, said);
	if (outcome)
		return outcome;
	struct str untimely = in_time(&tls->chain, cert_file, arena);
	if (str_present(untimely)) {
		*said = untimely;
		return TLS_EXPIRED;
	}
	outcome = pem_read_key(key_file, arena, &tls->key, said);
	if (outcome)
		return outcome;
	if (mbedtls_pk_check_pair(&tls->chain.pk, &tls->key, mbedtls_psa_get_random, MBEDTLS_PSA_RANDOM_STATE)) {
		*said = arena_printf(arena, "the key in %s does not belong to the certificate in %s", key_file,
				     cert_file);
		return TLS_MISMATCH;
	}
	return 0;
}

int tls_context_apply(struct tls_context *tls, mbedtls_ssl_config *config)
{
	mbedtls_ssl_conf_set_user_data_p(config, tls);
	mbedtls_ssl_conf_rng(config, mbedtls_psa_get_random, MBEDTLS_PSA_RANDOM_STATE);
	mbedtls_ssl_conf_ciphersuites(config, suites);
	mbedtls_ssl_conf_groups(config, groups);
	mbedtls_ssl_conf_tls13_key_exchange_modes(config, MBEDTLS_SSL_TLS1_3_KEY_EXCHANGE_MODE_EPHEMERAL_ALL);
	mbedtls_ssl_conf_session_tickets_cb(config, ticket_write, ticket_parse, tls);
	mbedtls_ssl_conf_cert_cb(config, tls_shake_saw_hello);
	return mbedtls_ssl_conf_own_cert(config, &tls->chain, &tls->key);
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
	if (!error)
		error = tls_context_apply(tls, config);
	if (!error)
		error = mbedtls_ssl_ticket_setup(&tls->tickets, mbedtls_psa_get_random, MBEDTLS_PSA_RANDOM_STATE,
						 MBEDTLS_CIPHER_AES_256_GCM, TICKET_LIFETIME_S);
	return error;
}

static struct tls_context *context_new(void)
{
	struct tls_context *tls = calloc(1, sizeof(*tls));
	if (!tls)
		return NULL;
	tls->n_references = 1;
	mbedtls_ssl_config_init(&tls->config);
	mbedtls_x509_crt_init(&tls->chain);
	mbedtls_pk_init(&tls->key);
	mbedtls_ssl_ticket_init(&tls->tickets);
	return tls;
}

static void context_drop(struct tls_context **tls)
{
	tls_context_free(*tls);
}

int tls_context_new(const char *cert_file, const char *key_file, struct arena *arena, struct tls_context **out,
		    struct str *said)
{
	owned(context_drop) struct tls_context *tls = context_new();
	if (!tls || psa_crypto_init()) {
		*said = STR("the TLS library cannot be initialised");
		return TLS_FAILED;
	}
	int outcome = pair_load(tls, cert_file, key_file, arena, said);
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
	mbedtls_ssl_ticket_free(&tls->tickets);
	tls_spares_free(&tls->spares);
	mbedtls_x509_crt_free(&tls->chain);
	mbedtls_pk_free(&tls->key);
	free(tls);
}

int64_t tls_context_not_after(const struct tls_context *tls)
{
	return tls_time(&tls->chain.valid_to);
}
