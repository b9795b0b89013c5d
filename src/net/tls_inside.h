/* SPDX-License-Identifier: MIT */
/* What Mbed TLS 3.6 has no function for. */
#ifndef NET_TLS_INSIDE_H
#define NET_TLS_INSIDE_H

#include <mbedtls/ssl.h>
#include <stdbool.h>

/* Whether the next step of the handshake shows our certificate: a resumed one never comes there. */
bool tls_inside_shows_certificate(const mbedtls_ssl_context *ssl);
/* The handshake is done, and so are its tickets: mbedtls_ssl_is_handshake_over says so before they are written. */
bool tls_inside_is_over(const mbedtls_ssl_context *ssl);
/*
 * For a transport of records: once our Finished is out, what we send is under the application's keys (RFC 8446 section
 * 4.4.4). Mbed TLS changes to them only after the client's Finished, so that a client whose certificate is refused
 * could not read why. To be called between the steps; nothing but such an alert is sent meanwhile.
 */
void tls_inside_change_keys(mbedtls_ssl_context *ssl);
/* Whether the session, loaded from a ticket, is of the version that this handshake has agreed on. */
bool tls_inside_same_version(const mbedtls_ssl_context *ssl, const mbedtls_ssl_session *session);
/* The alert that came last, when MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE has just been returned. */
unsigned char tls_inside_alert(const mbedtls_ssl_context *ssl);

#endif
