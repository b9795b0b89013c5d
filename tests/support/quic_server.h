/* SPDX-License-Identifier: MIT */
/* A server's end of a QUIC connection without an endpoint: ngtcp2 and the library in src/net/quic/, in memory. */
#ifndef SUPPORT_QUIC_SERVER_H
#define SUPPORT_QUIC_SERVER_H

#include <arpa/inet.h>
#include <string.h>

#include "net/quic/quic_tls.h"

enum { MILLISECOND = 1000000, SIDE_TEXT_MAX = 64 };

/* What the server's end and a client's have in common. */
struct quic_side {
	ngtcp2_conn *conn;
	uint64_t now; /* nanoseconds */
	int error;    /* ngtcp2's, that ended it */
	bool shaken;
	char got[SIDE_TEXT_MAX]; /* of all streams, as it came */
	size_t n_got;
	/* What it would like to send on a stream, and how much of it is gone. */
	const char *text;
	size_t n_sent;
	int64_t stream;
};

struct quic_server {
	struct quic_side side;
	struct quic_tls *tls;
};

static inline void side_rand(uint8_t *to, size_t len, const ngtcp2_rand_ctx *ctx)
{
	(void)ctx;
	memset(to, 7, len);
}

static inline int side_new_cid(ngtcp2_conn *conn, ngtcp2_cid *cid, uint8_t *token, size_t len, void *arg)
{
	static uint64_t last;
	uint8_t bytes[NGTCP2_MAX_CIDLEN] = { 0 };
	(void)conn;
	(void)arg;
	last++;
	memcpy(bytes, &last, sizeof(last));
	ngtcp2_cid_init(cid, bytes, len);
	memset(token, (int)last, NGTCP2_STATELESS_RESET_TOKENLEN);
	return 0;
}

static inline int side_shaken(ngtcp2_conn *conn, void *arg)
{
	struct quic_side *side = arg;
	(void)conn;
	side->shaken = true;
	return 0;
}

static inline int side_got(ngtcp2_conn *conn, uint32_t flags, int64_t stream, uint64_t offset, const uint8_t *bytes,
			   size_t len, void *arg, void *stream_arg)
{
	struct quic_side *side = arg;
	(void)conn;
	(void)flags;
	(void)stream;
	(void)offset;
	(void)stream_arg;
	check(side->n_got + len < SIDE_TEXT_MAX);
	memcpy(side->got + side->n_got, bytes, len);
	side->n_got += len;
	return 0;
}

/* The parts that need no TLS. */
static inline ngtcp2_callbacks side_callbacks(void)
{
	return (ngtcp2_callbacks){
		.handshake_completed = side_shaken,
		.encrypt = ngtcp2_crypto_encrypt_cb,
		.decrypt = ngtcp2_crypto_decrypt_cb,
		.hp_mask = ngtcp2_crypto_hp_mask_cb,
		.recv_stream_data = side_got,
		.rand = side_rand,
		.get_new_connection_id = side_new_cid,
		.update_key = quic_tls_update_key,
		.delete_crypto_aead_ctx = ngtcp2_crypto_delete_crypto_aead_ctx_cb,
		.delete_crypto_cipher_ctx = ngtcp2_crypto_delete_crypto_cipher_ctx_cb,
		.get_path_challenge_data = ngtcp2_crypto_get_path_challenge_data_cb,
		.version_negotiation = ngtcp2_crypto_version_negotiation_cb,
	};
}

static inline ngtcp2_transport_params side_params(void)
{
	ngtcp2_transport_params params;
	ngtcp2_transport_params_default(&params);
	params.initial_max_streams_bidi = 10;
	params.initial_max_data = params.initial_max_stream_data_bidi_local =
		params.initial_max_stream_data_bidi_remote = 65536;
	params.max_idle_timeout = 30 * (uint64_t)NGTCP2_SECONDS;
	return params;
}

static inline ngtcp2_settings side_settings(uint64_t now)
{
	ngtcp2_settings settings;
	ngtcp2_settings_default(&settings);
	settings.initial_ts = now;
	settings.no_pmtud = 1;
	return settings;
}

/* Both ends have the same address: nobody looks. */
static inline ngtcp2_path side_path(void)
{
	static struct sockaddr_in here = { .sin_family = AF_INET };
	ngtcp2_addr address = { (ngtcp2_sockaddr *)&here, sizeof(here) };
	return (ngtcp2_path){ .local = address, .remote = address };
}

static inline ngtcp2_cid side_cid(const char *bytes)
{
	ngtcp2_cid cid;
	ngtcp2_cid_init(&cid, (const uint8_t *)bytes, strlen(bytes));
	return cid;
}

/* For a client of that connection id, whose first packet had another one as its destination. */
static inline void quic_server_open(struct quic_server *server, struct quic_tls_context *context, void *owner,
				    const ngtcp2_cid *client, const ngtcp2_cid *original, uint32_t version,
				    uint64_t now)
{
	ngtcp2_callbacks callbacks = side_callbacks();
	ngtcp2_transport_params params = side_params();
	ngtcp2_settings settings = side_settings(now);
	ngtcp2_path path = side_path();
	ngtcp2_cid own = side_cid("SERVER..");

	*server = (struct quic_server){ .side = { .now = now } };
	callbacks.recv_client_initial = ngtcp2_crypto_recv_client_initial_cb;
	callbacks.recv_crypto_data = ngtcp2_crypto_recv_crypto_data_cb;
	params.original_dcid = *original;
	params.original_dcid_present = 1;
	check(ngtcp2_conn_server_new(&server->side.conn, client, &own, &path, version, &callbacks, &settings, &params,
				     NULL, &server->side) == 0);
	server->tls = quic_tls_new(context, server->side.conn, owner);
	check(server->tls);
	ngtcp2_conn_set_tls_native_handle(server->side.conn, server->tls);
}

static inline void quic_server_close(struct quic_server *server)
{
	quic_tls_free(server->tls);
	ngtcp2_conn_del(server->side.conn);
}

#endif
