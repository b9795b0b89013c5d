/* SPDX-License-Identifier: MIT */
/* A TLS client of Mbed TLS and a session of ours that talk in memory; certificates made on the spot. */
#ifndef SUPPORT_TLS_TALK_H
#define SUPPORT_TLS_TALK_H

#include <mbedtls/psa_util.h>
#include <mbedtls/ssl.h>
#include <mbedtls/x509_crt.h>
#include <psa/crypto.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "net/cert.h"
#include "net/file.h"
#include "net/tls_session.h"

enum { TALK_BUFFER = 1 << 20 };

/* A client's certificate, which is its own authority. */
struct talk_badge {
	mbedtls_x509_crt cert;
	mbedtls_pk_context key;
	char pem[2048];
};

static inline bool talk_badge_make_until(struct talk_badge *badge, const char *subject, time_t until)
{
	char end[sizeof("20991231235959")];
	struct tm tm;
	strftime(end, sizeof(end), "%Y%m%d%H%M%S", gmtime_r(&until, &tm));
	mbedtls_x509write_cert draft;
	const unsigned char serial[] = { 1 };
	memset(badge, 0, sizeof(*badge));
	mbedtls_x509_crt_init(&badge->cert);
	mbedtls_pk_init(&badge->key);
	mbedtls_x509write_crt_init(&draft);
	bool made = mbedtls_pk_setup(&badge->key, mbedtls_pk_info_from_type(MBEDTLS_PK_ECKEY)) == 0 &&
		    mbedtls_ecp_gen_key(MBEDTLS_ECP_DP_SECP256R1, mbedtls_pk_ec(badge->key), mbedtls_psa_get_random,
					MBEDTLS_PSA_RANDOM_STATE) == 0;
	mbedtls_x509write_crt_set_version(&draft, MBEDTLS_X509_CRT_VERSION_3);
	mbedtls_x509write_crt_set_md_alg(&draft, MBEDTLS_MD_SHA256);
	mbedtls_x509write_crt_set_subject_key(&draft, &badge->key);
	mbedtls_x509write_crt_set_issuer_key(&draft, &badge->key);
	made = made && mbedtls_x509write_crt_set_subject_name(&draft, subject) == 0 &&
	       mbedtls_x509write_crt_set_issuer_name(&draft, subject) == 0 &&
	       mbedtls_x509write_crt_set_serial_raw(&draft, (unsigned char *)(uintptr_t)serial, sizeof(serial)) == 0 &&
	       mbedtls_x509write_crt_set_validity(&draft, "20200101000000", end) == 0 &&
	       mbedtls_x509write_crt_pem(&draft, (unsigned char *)badge->pem, sizeof(badge->pem),
					 mbedtls_psa_get_random, MBEDTLS_PSA_RANDOM_STATE) == 0 &&
	       mbedtls_x509_crt_parse(&badge->cert, (unsigned char *)badge->pem, strlen(badge->pem) + 1) == 0;
	mbedtls_x509write_crt_free(&draft);
	return made;
}

/* For as long as anybody will care. */
static inline bool talk_badge_make(struct talk_badge *badge, const char *subject)
{
	const time_t year_2100 = 4102444800;
	return talk_badge_make_until(badge, subject, year_2100);
}

static inline void talk_badge_drop(struct talk_badge *badge)
{
	mbedtls_x509_crt_free(&badge->cert);
	mbedtls_pk_free(&badge->key);
}

struct talk {
	mbedtls_ssl_config config;
	mbedtls_ssl_context client;
	struct tls_session *server;
	struct buf to_client, to_server;
	size_t client_read;	    /* of to_client */
	enum tls_progress progress; /* the server's, last */
};

static inline int talk_client_sends(void *arg, const unsigned char *bytes, size_t len)
{
	struct talk *talk = arg;
	buf_add(&talk->to_server, (struct str){ (const char *)bytes, len });
	return (int)len;
}

static inline int talk_client_reads(void *arg, unsigned char *to, size_t room)
{
	struct talk *talk = arg;
	size_t left = talk->to_client.len - talk->client_read, n = left < room ? left : room;
	if (n == 0)
		return MBEDTLS_ERR_SSL_WANT_READ;
	memcpy(to, talk->to_client.at + talk->client_read, n);
	talk->client_read += n;
	return (int)n;
}

/* A client that trusts anybody, of that version; the caller may configure it further before talk_begin. */
static inline void talk_init(struct talk *talk, mbedtls_ssl_protocol_version version, struct talk_badge *badge)
{
	memset(talk, 0, sizeof(*talk));
	talk->to_client = talk->to_server = buf_of(TALK_BUFFER);
	mbedtls_ssl_init(&talk->client);
	mbedtls_ssl_config_init(&talk->config);
	check(mbedtls_ssl_config_defaults(&talk->config, MBEDTLS_SSL_IS_CLIENT, MBEDTLS_SSL_TRANSPORT_STREAM,
					  MBEDTLS_SSL_PRESET_DEFAULT) == 0);
	mbedtls_ssl_conf_min_tls_version(&talk->config, version);
	mbedtls_ssl_conf_max_tls_version(&talk->config, version);
	mbedtls_ssl_conf_authmode(&talk->config, MBEDTLS_SSL_VERIFY_NONE);
	mbedtls_ssl_conf_rng(&talk->config, mbedtls_psa_get_random, MBEDTLS_PSA_RANDOM_STATE);
	mbedtls_ssl_conf_tls13_enable_signal_new_session_tickets(&talk->config,
								 MBEDTLS_SSL_TLS1_3_SIGNAL_NEW_SESSION_TICKETS_ENABLED);
	if (badge)
		check(mbedtls_ssl_conf_own_cert(&talk->config, &badge->cert, &badge->key) == 0);
}

static inline void talk_begin(struct talk *talk, struct tls_context *tls)
{
	check(mbedtls_ssl_setup(&talk->client, &talk->config) == 0);
	check(mbedtls_ssl_set_hostname(&talk->client, "localhost") == 0);
	mbedtls_ssl_set_bio(&talk->client, talk, talk_client_sends, talk_client_reads, NULL);
	talk->server = tls_session_new(tls, &talk->to_client);
	check(talk->server);
}

/* The server reads what is there for it; false once its side has failed. */
static inline bool talk_serve(struct talk *talk)
{
	struct str bytes = buf_str(&talk->to_server);
	while (bytes.len && talk->progress == TLS_HUNGRY)
		talk->progress = tls_session_handshake(talk->server, &bytes);
	buf_clear(&talk->to_server);
	return talk->progress != TLS_FAULT;
}

/* Plays the handshake to its end: whether both sides are content. */
static inline bool talk_shake(struct talk *talk)
{
	int result = MBEDTLS_ERR_SSL_WANT_READ;
	talk->progress = TLS_HUNGRY;
	for (int i = 0; i < 8 && result == MBEDTLS_ERR_SSL_WANT_READ; i++) {
		result = mbedtls_ssl_handshake(&talk->client);
		if (!talk_serve(talk))
			return false;
	}
	return result == 0 && talk->progress == TLS_DONE;
}

/* What the client can resume from, in TLS 1.3 once it has read a ticket. */
static inline bool talk_session(struct talk *talk, mbedtls_ssl_session *session)
{
	int result = MBEDTLS_ERR_SSL_WANT_READ;
	unsigned char byte;
	if (mbedtls_ssl_get_version_number(&talk->client) == MBEDTLS_SSL_VERSION_TLS1_3)
		for (int i = 0; i < 8 && result == MBEDTLS_ERR_SSL_WANT_READ; i++)
			result = mbedtls_ssl_read(&talk->client, &byte, 1);
	else
		result = MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET;
	if (result != MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET)
		return false;
	return mbedtls_ssl_get_session(&talk->client, session) == 0;
}

static inline void talk_drop(struct talk *talk)
{
	tls_session_free(talk->server);
	mbedtls_ssl_free(&talk->client);
	mbedtls_ssl_config_free(&talk->config);
	buf_free(&talk->to_client);
	buf_free(&talk->to_server);
}

#endif
