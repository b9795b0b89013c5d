/* SPDX-License-Identifier: MIT */
/* Where QUIC's TLS (quic/) meets the server's certificates (tls.h): the same rules, tickets and names as over TCP. */
#include "net/quic_inside.h"

static int configure(void *arg, mbedtls_ssl_config *config)
{
	return tls_context_apply(arg, config);
}

static int shake(void *owner, mbedtls_ssl_context *ssl)
{
	struct quic_conn *conn = owner;
	return tls_shake_hands(conn->context, ssl, &conn->shake);
}

int quic_shake_use(struct quic_endpoint *endpoint, struct tls_context *tls)
{
	struct quic_tls_settings settings = { .configure = configure,
					      .arg = tls,
					      .shake = shake,
					      .alpn = endpoint->alpn,
					      .max_hello = tls_context_max_hello(tls) };
	struct quic_tls_context *fresh = quic_tls_context_new(&settings);

	if (!fresh)
		return UV_ENOMEM;
	tls_context_ref(tls);
	quic_shake_close(endpoint);
	endpoint->handshakes = fresh;
	endpoint->tls = tls;
	return 0;
}

void quic_shake_close(struct quic_endpoint *endpoint)
{
	quic_tls_context_free(take(endpoint->handshakes));
	tls_context_free(take(endpoint->tls));
}

int quic_shake_try(struct quic_endpoint *endpoint, struct arena *arena, struct str *said)
{
	struct quic_conn nobody = { .context = endpoint->tls };
	int error = quic_tls_self_test(endpoint->handshakes, &nobody, arena, said);
	tls_shake_free(&nobody.shake);
	return error;
}

int quic_shake_begin(struct quic_conn *conn)
{
	conn->tls = quic_tls_new(conn->endpoint->handshakes, conn->ngtcp2, conn);
	if (!conn->tls)
		return -1;
	conn->context = tls_context_ref(conn->endpoint->tls);
	ngtcp2_conn_set_tls_native_handle(conn->ngtcp2, conn->tls);
	return 0;
}

void quic_shake_end(struct quic_conn *conn)
{
	quic_tls_free(take(conn->tls));
	tls_context_free(take(conn->context));
	tls_shake_free(&conn->shake);
}
