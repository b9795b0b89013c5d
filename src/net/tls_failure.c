/* SPDX-License-Identifier: MIT */
/* Failed handshakes: sorted by reason, counted, and put into words. */
#include <mbedtls/error.h>
#include <mbedtls/x509_crt.h>
#include <stdio.h>
#include <string.h>

#include "net/tls_context.h"
#include "obs/metrics.h"

static const struct failure_row {
	const char *sentence;
	enum metric metric;
} failures[] = {
#define FAILURE(name, sentence) [TLS_FAILURE_##name] = { sentence, METRIC_TLS_FAILED_##name },
#include "net/tls_failures.def"
#undef FAILURE
};

/* RFC 8446 section 6, and what only TLS 1.2 knows. */
static const struct alert_row {
	unsigned char code;
	const char *name;
} alerts[] = {
	{ 0, "close_notify" },
	{ 10, "unexpected_message" },
	{ 20, "bad_record_mac" },
	{ 22, "record_overflow" },
	{ 40, "handshake_failure" },
	{ 42, "bad_certificate" },
	{ 43, "unsupported_certificate" },
	{ 44, "certificate_revoked" },
	{ 45, "certificate_expired" },
	{ 46, "certificate_unknown" },
	{ 47, "illegal_parameter" },
	{ 48, "unknown_ca" },
	{ 49, "access_denied" },
	{ 50, "decode_error" },
	{ 51, "decrypt_error" },
	{ 70, "protocol_version" },
	{ 71, "insufficient_security" },
	{ 80, "internal_error" },
	{ 86, "inappropriate_fallback" },
	{ 90, "user_canceled" },
	{ 100, "no_renegotiation" },
	{ 109, "missing_extension" },
	{ 110, "unsupported_extension" },
	{ 112, "unrecognized_name" },
	{ 113, "bad_certificate_status_response" },
	{ 116, "certificate_required" },
	{ 120, "no_application_protocol" },
};

enum tls_failure tls_failure_of(int error)
{
	switch (error) {
	case MBEDTLS_ERR_SSL_BAD_PROTOCOL_VERSION:
		return TLS_FAILURE_VERSION;
	case MBEDTLS_ERR_SSL_HANDSHAKE_FAILURE:
		return TLS_FAILURE_PARAMETERS;
	case MBEDTLS_ERR_SSL_NO_APPLICATION_PROTOCOL:
		return TLS_FAILURE_PROTOCOL;
	case MBEDTLS_ERR_SSL_NO_CLIENT_CERTIFICATE:
		return TLS_FAILURE_CERT_MISSING;
	case MBEDTLS_ERR_X509_CERT_VERIFY_FAILED:
	case MBEDTLS_ERR_SSL_BAD_CERTIFICATE:
		return TLS_FAILURE_CERT_REFUSED;
	case MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE:
		return TLS_FAILURE_ALERT;
	case MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY:
	case MBEDTLS_ERR_SSL_CONN_EOF:
		return TLS_FAILURE_GONE;
	case MBEDTLS_ERR_SSL_ALLOC_FAILED:
	case MBEDTLS_ERR_SSL_INTERNAL_ERROR:
	case MBEDTLS_ERR_SSL_BUFFER_TOO_SMALL:
		return TLS_FAILURE_INTERNAL;
	default: /* Mbed TLS has dozens of ways to say so, down to those of a curve's point */
		return TLS_FAILURE_MALFORMED;
	}
}

unsigned char tls_failure_alert(enum tls_failure failure)
{
	switch (failure) {
	case TLS_FAILURE_HELLO_SIZE:
		return MBEDTLS_SSL_ALERT_MSG_ILLEGAL_PARAMETER;
	case TLS_FAILURE_MALFORMED:
		return MBEDTLS_SSL_ALERT_MSG_DECODE_ERROR;
	case TLS_FAILURE_INTERNAL:
		return MBEDTLS_SSL_ALERT_MSG_INTERNAL_ERROR;
	default:
		return MBEDTLS_SSL_ALERT_MSG_HANDSHAKE_FAILURE;
	}
}

void tls_failure_count(enum tls_failure failure)
{
	metric_add(failures[failure].metric, 1);
}

enum tls_failure tls_failure_told_by(unsigned char alert)
{
	switch (alert) {
	case MBEDTLS_SSL_ALERT_MSG_NO_APPLICATION_PROTOCOL:
		return TLS_FAILURE_PROTOCOL;
	case MBEDTLS_SSL_ALERT_MSG_PROTOCOL_VERSION:
		return TLS_FAILURE_VERSION;
	case MBEDTLS_SSL_ALERT_MSG_HANDSHAKE_FAILURE:
		return TLS_FAILURE_PARAMETERS;
	case MBEDTLS_SSL_ALERT_MSG_INTERNAL_ERROR:
		return TLS_FAILURE_INTERNAL;
	default:
		return TLS_FAILURE_MALFORMED;
	}
}

const char *tls_alert_name(unsigned char code)
{
	for (size_t i = 0; i < countof(alerts); i++)
		if (alerts[i].code == code)
			return alerts[i].name;
	return "an unknown one";
}

struct str tls_shake_failure(const struct tls_shake *shake, char *to, size_t room)
{
	char detail[256] = "";
	switch (shake->failure) {
	case TLS_FAILURE_NONE:
		return STR("nothing failed");
	case TLS_FAILURE_ALERT:
		snprintf(detail, sizeof(detail), "%s (%u)", tls_alert_name(shake->alert), shake->alert);
		break;
	case TLS_FAILURE_CERT_REFUSED:
		if (mbedtls_x509_crt_verify_info(detail, sizeof(detail), "", shake->flaws) < 0)
			detail[0] = '\0';
		break;
	case TLS_FAILURE_MALFORMED:
	case TLS_FAILURE_INTERNAL:
		if (shake->error)
			mbedtls_strerror(shake->error, detail, sizeof(detail));
		break;
	default:
		break;
	}
	size_t len = str_trim(str_of(detail)).len;
	snprintf(to, room, "%s%s%.*s", failures[shake->failure].sentence, len ? ": " : "", (int)len, detail);
	for (char *at = to; *at; at++) /* Mbed TLS puts each flaw on a line */
		*at = *at == '\n' ? ';' : *at;
	return str_of(to);
}
