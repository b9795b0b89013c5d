/* SPDX-License-Identifier: MIT */
/* Stepping a handshake, noting what it says about the client, and judging the client's certificate. */
#include "net/tls_shake.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "net/tls_context.h"
#include "net/tls_inside.h"
#include "obs/metrics.h"

enum { SERVER_NAME_MAX = 255, SUBJECT_MAX = 512 };

/* Mbed TLS's result of verifying a certificate that has not come. */
static const uint32_t NOT_KNOWN_YET = UINT32_MAX;

static void text_keep(char **to, struct str text)
{
	free(*to);
	*to = text.len ? strndup(text.at, text.len) : NULL;
}

/* ── The ClientHello ── */

/* Addresses are none (RFC 6066 section 3). */
static bool is_host_name(struct str name)
{
	bool has_letter = false;
	for (size_t i = 0; i < name.len; i++) {
		char c = name.at[i];
		has_letter |= char_is_alpha(c);
		if (!char_is_alpha(c) && !char_is_digit(c) && c != '-' && c != '.' && c != '_')
			return false;
	}
	return has_letter && name.len <= SERVER_NAME_MAX && name.at[0] != '.';
}

/* What is no host name is taken for none, as if nothing had been asked for: it chooses no certificate. */
static void keep_server_name(struct tls_shake *shake, mbedtls_ssl_context *ssl)
{
	struct str name = { NULL, 0 };
	name.at = (const char *)mbedtls_ssl_get_hs_sni(ssl, &name.len);
	if (!name.at || !is_host_name(name) || shake->server_name)
		return;
	if (name.at[name.len - 1] == '.')
		name.len--;
	text_keep(&shake->server_name, name);
	for (char *at = shake->server_name; at && *at; at++)
		*at = char_lower(*at);
}

/* Where no pair is for the name, the config's own list serves: see tls_context_apply. */
static int choose_pairs(struct tls_context *tls, mbedtls_ssl_context *ssl, struct str name)
{
	int error = mbedtls_ssl_set_hs_own_cert(ssl, NULL, NULL); /* after HelloRetryRequest it is chosen again */
	for (size_t i = 0; !error && tls->n_pairs > 1 && i < tls->n_pairs; i++) {
		struct tls_pair *pair = &tls->pairs[i];
		if (tls_pair_is_for(pair, name))
			error = mbedtls_ssl_set_hs_own_cert(ssl, &pair->chain, &pair->key);
	}
	return error;
}

/* Mbed TLS asks for a certificate once it has read a ClientHello, and forgets the name right after. */
static int saw_hello(mbedtls_ssl_context *ssl)
{
	/* Only a getter, but one without const. */
	mbedtls_ssl_config *config = (mbedtls_ssl_config *)(uintptr_t)mbedtls_ssl_context_get_config(ssl);
	struct tls_context *tls = mbedtls_ssl_conf_get_user_data_p(config);
	if (!tls->shaking)
		return 0;
	tls->shaking->saw_hello = true;
	keep_server_name(tls->shaking, ssl);
	return choose_pairs(tls, ssl, str_of(tls->shaking->server_name));
}

/* ── Whom the client proves to be ── */

static int64_t now_s(void)
{
	return clock_monotonic_us() / 1000000;
}

/* The client's chain is verified from its root; the leaf, of depth 0, comes last. */
static int saw_certificate(void *arg, mbedtls_x509_crt *cert, int depth, uint32_t *flaws)
{
	struct tls_context *tls = arg;
	char subject[SUBJECT_MAX];
	if (!tls->shaking)
		return 0;
	int64_t until_s = now_s() + tls_time(&cert->valid_to) - (int64_t)time(NULL);
	if (!tls->shaking->shown_until_s || until_s < tls->shaking->shown_until_s)
		tls->shaking->shown_until_s = until_s;
	if (depth)
		return 0;
	int len = mbedtls_x509_dn_gets(subject, sizeof(subject), &cert->subject);
	if (len <= 0)
		*flaws |= MBEDTLS_X509_BADCERT_OTHER; /* nobody would know who that is */
	else
		text_keep(&tls->shaking->shown_subject, (struct str){ subject, (size_t)len });
	return 0;
}

/* In the order of what to tell a client that is wrong in several ways. */
static unsigned char alert_for(uint32_t flaws)
{
	if (flaws & MBEDTLS_X509_BADCERT_NOT_TRUSTED)
		return MBEDTLS_SSL_ALERT_MSG_UNKNOWN_CA;
	if (flaws & MBEDTLS_X509_BADCERT_EXPIRED)
		return MBEDTLS_SSL_ALERT_MSG_CERT_EXPIRED;
	if (flaws & MBEDTLS_X509_BADCERT_REVOKED)
		return MBEDTLS_SSL_ALERT_MSG_CERT_REVOKED;
	if (flaws &
	    (MBEDTLS_X509_BADCERT_KEY_USAGE | MBEDTLS_X509_BADCERT_EXT_KEY_USAGE | MBEDTLS_X509_BADCERT_NS_CERT_TYPE |
	     MBEDTLS_X509_BADCERT_BAD_PK | MBEDTLS_X509_BADCERT_BAD_KEY | MBEDTLS_X509_BADCERT_BAD_MD))
		return MBEDTLS_SSL_ALERT_MSG_UNSUPPORTED_CERT;
	return MBEDTLS_SSL_ALERT_MSG_BAD_CERT;
}

/*
 * Mbed TLS is told that client certificates are optional, and leaves the judgement to us: it would say the wrong thing
 * to a client without one (in TLS 1.2 nothing at all), and let one with a bad certificate pass.
 */
static int judge_certificate(const struct tls_context *tls, mbedtls_ssl_context *ssl, struct tls_shake *shake)
{
	uint32_t flaws = tls->asks_client ? mbedtls_ssl_get_verify_result(ssl) : 0;
	bool over = tls_inside_is_over(ssl);
	if (flaws == NOT_KNOWN_YET && !over)
		return 0;
	bool missing = flaws == MBEDTLS_X509_BADCERT_MISSING;

	shake->over = over;
	if (tls->client_required && (missing || (over && !str_present(tls_shake_subject(shake))))) {
		bool tls13 = mbedtls_ssl_get_version_number(ssl) == MBEDTLS_SSL_VERSION_TLS1_3;
		shake->error = MBEDTLS_ERR_SSL_NO_CLIENT_CERTIFICATE;
		tls_shake_fail(shake, TLS_FAILURE_CERT_MISSING, ssl,
			       tls13 ? MBEDTLS_SSL_ALERT_MSG_CERT_REQUIRED : MBEDTLS_SSL_ALERT_MSG_HANDSHAKE_FAILURE);
	} else if (flaws && !missing) {
		shake->error = MBEDTLS_ERR_X509_CERT_VERIFY_FAILED;
		shake->flaws = flaws;
		tls_shake_fail(shake, TLS_FAILURE_CERT_REFUSED, ssl, alert_for(flaws));
	}
	return shake->error;
}

/* ── Tickets ── */

/* What one resumed session hands on to the next ends when it would have ended, or nobody would ever have to prove it anew. */
static struct ticket_claim claim_of(const struct tls_shake *shake)
{
	if (!shake)
		return (struct ticket_claim){ STR_ABSENT, INT64_MAX };
	if (!shake->certified)
		return (struct ticket_claim){ str_of(shake->ticket_subject), shake->ticket_until_s };
	return (struct ticket_claim){ str_of(shake->shown_subject), shake->shown_until_s ?: INT64_MAX };
}

/* Written when all is proved, but before Mbed TLS calls it over. */
static int ticket_write(void *arg, const mbedtls_ssl_session *session, unsigned char *at, const unsigned char *end,
			size_t *len, uint32_t *lifetime)
{
	struct tls_context *tls = arg;
	struct ticket_claim claim = claim_of(tls->shaking);
	int64_t now = now_s(), left_s = claim.until_s > now ? claim.until_s - now : 0;
	*lifetime = left_s < tls->tickets.period_s ? (uint32_t)left_s : tls->tickets.period_s;
	return tickets_seal(&tls->tickets, now, session, &claim, at, end, len);
}

/*
 * That a ticket opens does not mean that it is resumed from: whoever saw it can send it. Hence `certified`. Nor is it of
 * use in another version: in TLS 1.2 Mbed TLS would go on from 1.3's with a master secret of zeros, which anybody knows.
 */
static int ticket_parse(void *arg, mbedtls_ssl_session *session, unsigned char *ticket, size_t len)
{
	struct tls_context *tls = arg;
	struct ticket_claim claim;
	int error = tickets_open(&tls->tickets, now_s(), ticket, len, session, &claim);
	if (!error && !(tls->shaken && tls_inside_same_version(tls->shaken, session)))
		error = MBEDTLS_ERR_SSL_BAD_PROTOCOL_VERSION;
	if (error)
		metric_add(METRIC_TLS_TICKETS_REFUSED, 1);
	if (error || !tls->shaking)
		return error;
	text_keep(&tls->shaking->ticket_subject, claim.subject);
	tls->shaking->ticket_until_s = claim.until_s;
	return 0;
}

/* ── The handshake ── */

void tls_shake_hook(struct tls_context *tls, mbedtls_ssl_config *config)
{
	mbedtls_ssl_conf_set_user_data_p(config, tls);
	mbedtls_ssl_conf_cert_cb(config, saw_hello);
	mbedtls_ssl_conf_session_tickets_cb(config, ticket_write, ticket_parse, tls);
	mbedtls_ssl_conf_verify(config, saw_certificate, tls);
}

static void count_over(const struct tls_shake *shake, mbedtls_ssl_context *ssl)
{
	bool tls13 = mbedtls_ssl_get_version_number(ssl) == MBEDTLS_SSL_VERSION_TLS1_3;
	if (tls_shake_resumed(shake))
		metric_add(tls13 ? METRIC_TLS13_RESUMED : METRIC_TLS12_RESUMED, 1);
	else
		metric_add(tls13 ? METRIC_TLS13_HANDSHAKES : METRIC_TLS12_HANDSHAKES, 1);
}

static int step(struct tls_context *tls, mbedtls_ssl_context *ssl, struct tls_shake *shake)
{
	shake->certified |= tls_inside_shows_certificate(ssl);
	int result = mbedtls_ssl_handshake_step(ssl);
	if (mbedtls_ssl_context_get_config(ssl) == &tls->config) /* QUIC has keys of its own */
		tls_inside_change_keys(ssl);
	return result ?: judge_certificate(tls, ssl, shake);
}

int tls_shake_hands(struct tls_context *tls, mbedtls_ssl_context *ssl, struct tls_shake *shake)
{
	int result = shake->error;
	check(!shake->over);
	tls->shaking = shake;
	tls->shaken = ssl;
	while (!result && !shake->over)
		result = step(tls, ssl, shake);
	tls->shaking = NULL;
	tls->shaken = NULL;
	if (!result) {
		count_over(shake, ssl);
	} else if (result != MBEDTLS_ERR_SSL_WANT_READ && !shake->failure) {
		shake->error = result;
		if (result == MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE)
			shake->alert = tls_inside_alert(ssl);
		/* So Mbed TLS calls what does not fit its buffer, which is as large as a record may be. */
		bool too_large = result == MBEDTLS_ERR_SSL_BAD_INPUT_DATA && !shake->saw_hello;
		tls_shake_fail(shake, too_large ? TLS_FAILURE_HELLO_SIZE : tls_failure_of(result), NULL, 0);
	}
	return result;
}

void tls_shake_fail(struct tls_shake *shake, enum tls_failure failure, mbedtls_ssl_context *ssl, unsigned char alert)
{
	if (shake->failure)
		return;
	shake->failure = failure;
	shake->over = false;
	tls_failure_count(failure);
	if (ssl)
		(void)mbedtls_ssl_send_alert_message(ssl, MBEDTLS_SSL_ALERT_LEVEL_FATAL, alert);
}

bool tls_shake_resumed(const struct tls_shake *shake)
{
	return shake->over && !shake->certified;
}

struct str tls_shake_subject(const struct tls_shake *shake)
{
	if (!shake->over)
		return STR_ABSENT;
	return str_of(shake->certified ? shake->shown_subject : shake->ticket_subject);
}

void tls_shake_free(struct tls_shake *shake)
{
	free(take(shake->server_name));
	free(take(shake->shown_subject));
	free(take(shake->ticket_subject));
}
