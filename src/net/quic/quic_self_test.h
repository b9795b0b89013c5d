/* SPDX-License-Identifier: MIT */
/* quic_tls_self_test, given what is inside a context. */
#ifndef NET_QUIC_QUIC_SELF_TEST_H
#define NET_QUIC_QUIC_SELF_TEST_H

#include <mbedtls/ssl.h>

#include "base/arena.h"
#include "base/str.h"

must_use int quic_self_test(const mbedtls_ssl_config *config, int (*shake)(void *owner, mbedtls_ssl_context *ssl),
			    void *owner, struct arena *arena, struct str *said);

#endif
