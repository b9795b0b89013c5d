/* SPDX-License-Identifier: MIT */
/* Reading (and never writing) what Mbed TLS 3.6 keeps to itself. */
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

unsigned char tls_inside_alert(const mbedtls_ssl_context *ssl)
{
	return ssl->in_msg && ssl->in_msglen >= 2 ? ssl->in_msg[1] : 0;
}
