/* SPDX-License-Identifier: MIT */
/* Stepping a handshake and noting what it says about the client. */
#include "net/tls_shake.h"

#include <stdlib.h>
#include <string.h>

#include "net/tls_context.h"

enum { SERVER_NAME_MAX = 255 };

static void keep_server_name(struct tls_shake *shake, mbedtls_ssl_context *ssl)
{
	size_t len;
	const unsigned char *name = mbedtls_ssl_get_hs_sni(ssl, &len);
	if (!name || len == 0 || len > SERVER_NAME_MAX || shake->server_name)
		return;
	shake->server_name = strndup((const char *)name, len);
	for (char *at = shake->server_name; at && *at; at++)
		*at = char_lower(*at);
}

/* Mbed TLS asks for a certificate once it has read a ClientHello, and forgets the name right after. */
int tls_shake_saw_hello(mbedtls_ssl_context *ssl)
{
	/* Only a getter, but one without const. */
	mbedtls_ssl_config *config = (mbedtls_ssl_config *)(uintptr_t)mbedtls_ssl_context_get_config(ssl);
	struct tls_context *tls = mbedtls_ssl_conf_get_user_data_p(config);
	keep_server_name(tls->shaking, ssl);
	return 0;
}

int tls_shake_hands(struct tls_context *tls, mbedtls_ssl_context *ssl, struct tls_shake *shake)
{
	tls->shaking = shake;
	tls->ticket_accepted = false;
	int result = mbedtls_ssl_handshake(ssl);
	shake->resumed |= tls->ticket_accepted;
	tls->shaking = NULL;
	return result;
}

void tls_shake_free(struct tls_shake *shake)
{
	free(take(shake->server_name));
}
