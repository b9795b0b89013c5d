/* SPDX-License-Identifier: MIT */
/* What Mbed TLS 3.6 keeps to itself, looked at and, in two places, put right. */
#define MBEDTLS_ALLOW_PRIVATE_ACCESS
#include "net/tls_inside.h"

#include <mbedtls/build_info.h>

_Static_assert(MBEDTLS_VERSION_MAJOR == 3, "these fields were checked against Mbed TLS 3.6 only");

bool tls_inside_shows_certificate(const mbedtls_ssl_context *ssl)
{
	return ssl->state == MBEDTLS_SSL_SERVER_CERTIFICATE;
}

bool tls_inside_is_over(const mbedtls_ssl_context *ssl)
{
	return ssl->state == MBEDTLS_SSL_HANDSHAKE_OVER;
}

void mbedtls_ssl_set_outbound_transform(mbedtls_ssl_context *ssl, mbedtls_ssl_transform *transform);

void tls_inside_change_keys(mbedtls_ssl_context *ssl)
{
	bool we_have_finished = ssl->state == MBEDTLS_SSL_CLIENT_CERTIFICATE ||
				ssl->state == MBEDTLS_SSL_CLIENT_CERTIFICATE_VERIFY ||
				ssl->state == MBEDTLS_SSL_CLIENT_FINISHED;
	if (ssl->tls_version == MBEDTLS_SSL_VERSION_TLS1_3 && we_have_finished &&
	    ssl->transform_out != ssl->transform_application)
		mbedtls_ssl_set_outbound_transform(ssl, ssl->transform_application);
}

bool tls_inside_same_version(const mbedtls_ssl_context *ssl, const mbedtls_ssl_session *session)
{
	return ssl->tls_version == session->tls_version;
}

unsigned char tls_inside_alert(const mbedtls_ssl_context *ssl)
{
	return ssl->in_msg && ssl->in_msglen >= 2 ? ssl->in_msg[1] : 0;
}

unsigned int __real_mbedtls_ssl_tls12_get_preferred_hash_for_sig_alg(mbedtls_ssl_context *ssl, unsigned int kind);
unsigned int __wrap_mbedtls_ssl_tls12_get_preferred_hash_for_sig_alg(mbedtls_ssl_context *ssl, unsigned int kind);

/*
 * To a client of TLS 1.2 that names no signature algorithms Mbed TLS would sign by SHA-1, as RFC 5246 has it, whatever
 * it was configured with. By the linker's --wrap it asks here: without a hash, it finds no suite in common.
 */
unsigned int __wrap_mbedtls_ssl_tls12_get_preferred_hash_for_sig_alg(mbedtls_ssl_context *ssl, unsigned int kind)
{
	unsigned int hash = __real_mbedtls_ssl_tls12_get_preferred_hash_for_sig_alg(ssl, kind);
	return hash < MBEDTLS_SSL_HASH_SHA256 ? MBEDTLS_SSL_HASH_NONE : hash;
}
