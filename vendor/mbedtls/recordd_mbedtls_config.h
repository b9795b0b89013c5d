/* SPDX-License-Identifier: MIT */
/* What recordd changes in Mbed TLS's default configuration, for the library and for all its users alike. */
#ifndef RECORDD_MBEDTLS_CONFIG_H
#define RECORDD_MBEDTLS_CONFIG_H

/* Relied upon, and on by default in 3.6 (said here so that a build without them fails early). */
#define MBEDTLS_SSL_PROTO_TLS1_2
#define MBEDTLS_SSL_PROTO_TLS1_3
#define MBEDTLS_SSL_TLS1_3_COMPATIBILITY_MODE
#define MBEDTLS_SSL_TLS1_3_KEY_EXCHANGE_MODE_EPHEMERAL_ENABLED
#define MBEDTLS_SSL_TLS1_3_KEY_EXCHANGE_MODE_PSK_EPHEMERAL_ENABLED
#define MBEDTLS_SSL_SESSION_TICKETS
#define MBEDTLS_SSL_TICKET_C
#define MBEDTLS_SSL_ALPN
#define MBEDTLS_SSL_SERVER_NAME_INDICATION
#define MBEDTLS_X509_CREATE_C
#define MBEDTLS_X509_CRT_WRITE_C
#define MBEDTLS_X509_CSR_PARSE_C
#define MBEDTLS_X509_CSR_WRITE_C

/* Hashing, token signing and handshakes may run off the loop thread. */
#define MBEDTLS_THREADING_C
#define MBEDTLS_THREADING_PTHREAD

/* X25519 by the verified Everest code: half as many handshakes again per core. p256-m stays off: it is
 * far slower than the built-in P-256. */
#define MBEDTLS_ECDH_VARIANT_EVEREST_ENABLED
#undef MBEDTLS_PSA_P256M_DRIVER_ENABLED

/* Block ciphers that nothing here offers. */
#undef MBEDTLS_CAMELLIA_C
#undef MBEDTLS_ARIA_C

/* AES-GCM by ipsec-mb's kernels where the processor has their instructions (gcm_alt.h). */
#if defined(__x86_64__)
#define MBEDTLS_GCM_ALT
#endif

/* No datagram TLS: QUIC carries its own. */
#undef MBEDTLS_SSL_PROTO_DTLS
#undef MBEDTLS_SSL_DTLS_ANTI_REPLAY
#undef MBEDTLS_SSL_DTLS_HELLO_VERIFY
#undef MBEDTLS_SSL_DTLS_CLIENT_PORT_REUSE
#undef MBEDTLS_SSL_DTLS_CONNECTION_ID
#undef MBEDTLS_SSL_DTLS_CONNECTION_ID_COMPAT

/* Forward secrecy only, and no renegotiation: it is an attack surface that HTTP/2 forbids anyway. */
#undef MBEDTLS_KEY_EXCHANGE_PSK_ENABLED
#undef MBEDTLS_KEY_EXCHANGE_DHE_PSK_ENABLED
#undef MBEDTLS_KEY_EXCHANGE_ECDHE_PSK_ENABLED
#undef MBEDTLS_KEY_EXCHANGE_RSA_PSK_ENABLED
#undef MBEDTLS_KEY_EXCHANGE_RSA_ENABLED
#undef MBEDTLS_KEY_EXCHANGE_DHE_RSA_ENABLED
#undef MBEDTLS_KEY_EXCHANGE_ECDH_ECDSA_ENABLED
#undef MBEDTLS_KEY_EXCHANGE_ECDH_RSA_ENABLED
#undef MBEDTLS_SSL_RENEGOTIATION

/* Nobody listens to its debug messages, which would still be asked for in each step of a handshake. */
#undef MBEDTLS_DEBUG_C

/* PSA keys live in memory only. */
#undef MBEDTLS_PSA_CRYPTO_STORAGE_C
#undef MBEDTLS_PSA_ITS_FILE_C

#endif
