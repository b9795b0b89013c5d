/* SPDX-License-Identifier: MIT */
/* The algorithms of a TLS 1.3 cipher suite, as ngtcp2 wants them. Nearly all of quic_crypto.c is behind ngtcp2_crypto.h. */
#ifndef NET_QUIC_QUIC_CRYPTO_H
#define NET_QUIC_QUIC_CRYPTO_H

#include <ngtcp2/ngtcp2_crypto.h>

#include "base/compiler.h"

/* Fills *ctx for the suite of this number (RFC 8446, B.4) and returns it; NULL: not one of ours. */
ngtcp2_crypto_ctx *quic_crypto_ctx(ngtcp2_crypto_ctx *ctx, uint16_t suite);

/* As ngtcp2_crypto_derive_and_install_rx_key and _tx_key, leaving no keys on the stack. 0 or negative. */
must_use int quic_crypto_install_rx(ngtcp2_conn *conn, ngtcp2_encryption_level level, const uint8_t *secret,
				    size_t len);
must_use int quic_crypto_install_tx(ngtcp2_conn *conn, ngtcp2_encryption_level level, const uint8_t *secret,
				    size_t len);

#endif
