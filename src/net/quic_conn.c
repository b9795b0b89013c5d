/* SPDX-License-Identifier: MIT */
/* A connection's life: what ngtcp2 reports, handed on to the protocol, and the end. */
#include <string.h>

#include "base/random.h"
#include "net/quic_inside.h"

static struct quic_conn *conn_of(void *arg)
{
	return arg;
}

/* For ngtcp2, which stops reading when the connection is to be closed. */
static int go_on(const struct quic_conn *conn)
{
	return conn->stage == QUIC_ENDING ? NGTCP2_ERR_CALLBACK_FAILURE : 0;
}

/* ── The end ── */

void quic_conn_leave(struct quic_conn *conn, enum quic_exit way)
{
	if (conn->stage == QUIC_ENDING)
		return;
	conn->stage = QUIC_ENDING;
	conn->exit = way;
	quic_turn_later(conn);
}

void quic_conn_close(struct quic_conn *conn, uint64_t code)
{
	if (conn->stage == QUIC_ENDING)
		return;
	ngtcp2_ccerr_set_application_error(&conn->error, code, NULL, 0);
	quic_conn_leave(conn, QUIC_EXIT_CLOSE);
}

static void fail_with(struct quic_conn *conn, uint64_t code)
{
	if (conn->stage == QUIC_ENDING)
		return;
	ngtcp2_ccerr_set_transport_error(&conn->error, code, NULL, 0);
	quic_conn_leave(conn, QUIC_EXIT_CLOSE);
}

void quic_conn_abort(struct quic_conn *conn)
{
	fail_with(conn, NGTCP2_INTERNAL_ERROR);
}

/* In words; when it was TLS, conn->error says how. */
static struct str why(const struct quic_conn *conn, int error, char *to, size_t room)
{
	uint64_t code = conn->error.error_code;
	if (error != NGTCP2_ERR_CRYPTO)
		return str_of(ngtcp2_strerror(error));
	if (conn->shake.error)
		return tls_shake_failure(&conn->shake, to, room);
	snprintf(to, room, "what the client said to TLS: %s",
		 code >= NGTCP2_CRYPTO_ERROR ? tls_alert_name((unsigned char)code) : "it broke a rule of QUIC's");
	return str_of(to);
}

/* A handshake that Mbed TLS has not seen, or not seen to fail, is counted as what its alert says. */
static void count_tls_failure(struct quic_conn *conn)
{
	if (conn->stage == QUIC_SHAKING_HANDS)
		tls_shake_fail(&conn->shake, tls_failure_told_by((unsigned char)conn->error.error_code), NULL, 0);
}

void quic_conn_failed(struct quic_conn *conn, int error)
{
	if (conn->stage == QUIC_ENDING)
		return;
	if (error == NGTCP2_ERR_RETRY) { /* no failure: it will be back */
		quic_conn_leave(conn, QUIC_EXIT_SILENT);
		return;
	}
	if (conn->stage == QUIC_SHAKING_HANDS)
		metric_add(METRIC_QUIC_HANDSHAKE_FAILURES, 1);
	if (error == NGTCP2_ERR_DRAINING) {
		quic_conn_leave(conn, QUIC_EXIT_DRAIN);
		return;
	}
	char text[320];
	if (error == NGTCP2_ERR_CRYPTO) {
		quic_tls_why(conn->tls, &conn->error);
		count_tls_failure(conn);
	}
	log_debug("QUIC connection failed", LOG_TEXT("peer", quic_conn_peer(conn)),
		  LOG_TEXT("server_name", quic_conn_server_name(conn)), LOG_TEXT("why", why(conn, error, text, sizeof(text))));
	if (error == NGTCP2_ERR_IDLE_CLOSE || error == NGTCP2_ERR_HANDSHAKE_TIMEOUT)
		metric_add(METRIC_CONNECTIONS_TIMED_OUT, 1);
	if (error == NGTCP2_ERR_IDLE_CLOSE || error == NGTCP2_ERR_HANDSHAKE_TIMEOUT || error == NGTCP2_ERR_DROP_CONN) {
		quic_conn_leave(conn, QUIC_EXIT_SILENT);
		return;
	}
	if (error != NGTCP2_ERR_CRYPTO)
		ngtcp2_ccerr_set_liberr(&conn->error, error, NULL, 0);
	quic_conn_leave(conn, QUIC_EXIT_CLOSE);
}

static void say_close(struct quic_conn *conn)
{
	uint8_t packet[QUIC_CLOSE_PACKET_MAX];
	ngtcp2_path_storage by;
	ngtcp2_pkt_info info;
	struct udp_path path = { 0 };

	ngtcp2_path_storage_zero(&by);
	ngtcp2_ssize n = ngtcp2_conn_write_connection_close(conn->ngtcp2, &by.path, &info, packet, sizeof(packet),
							    &conn->error, conn->endpoint->now);
	if (n <= 0) {
		quic_owner_forget(&conn->owner);
		return;
	}
	memcpy(&path.local.any, by.path.local.addr, path.local.len = by.path.local.addrlen);
	memcpy(&path.remote.any, by.path.remote.addr, path.remote.len = by.path.remote.addrlen);
	quic_ending_begin(conn, quic_socket_of(&by.path), &path, (struct str){ (const char *)packet, (size_t)n });
}

static void release(struct quic_conn *conn)
{
	struct quic_endpoint *endpoint = conn->endpoint;

	if (conn->state)
		conn->protocol->closed(take(conn->state));
	quic_owner_forget(&conn->owner);
	quic_due_forget(&endpoint->timers, &conn->due);
	deadline_forget(&endpoint->deadlines, &conn->deadline);
	list_remove(&conn->link);
	list_remove(&conn->dirty);
	quic_shake_end(conn);
	ngtcp2_conn_del(conn->ngtcp2);
	peers_leave(endpoint->peers, conn->peer);
	endpoint->n_connections--;
	if (!conn->counted_open)
		endpoint->n_half_open--;
	metric_set(METRIC_QUIC_CONNECTIONS, (int64_t)endpoint->n_connections);
	metric_set(METRIC_QUIC_HALF_OPEN, (int64_t)endpoint->n_half_open);
	free(conn);
}

void quic_conn_end(struct quic_conn *conn)
{
	if (conn->exit == QUIC_EXIT_CLOSE)
		say_close(conn);
	else if (conn->exit == QUIC_EXIT_DRAIN)
		quic_ending_begin(conn, NULL, NULL, STR(""));
	release(conn);
}

/* ── Time ── */

void quic_conn_rearm(struct quic_conn *conn)
{
	quic_due_set(&conn->endpoint->timers, &conn->due, ngtcp2_conn_get_expiry(conn->ngtcp2));
}

void quic_conn_due(struct quic_due *due)
{
	struct quic_conn *conn = container_of(due, struct quic_conn, due);

	conn->endpoint->now = quic_clock();
	int error = ngtcp2_conn_handle_expiry(conn->ngtcp2, conn->endpoint->now);

	if (error)
		quic_conn_failed(conn, error);
	quic_turn_later(conn);
}

void quic_conn_deadline(struct quic_conn *conn, unsigned ms)
{
	struct quic_endpoint *endpoint = conn->endpoint;
	if (conn->stage == QUIC_OPEN)
		deadline_set(&endpoint->deadlines, &conn->deadline, ms ? uv_now(&endpoint->loop->uv) + ms : 0);
}

void quic_conn_deadline_passed(struct deadline *deadline)
{
	struct quic_conn *conn = container_of(deadline, struct quic_conn, deadline);
	if (conn->stage != QUIC_OPEN)
		return;
	metric_add(METRIC_CONNECTIONS_TIMED_OUT, conn->protocol->timed_out(conn->state));
	quic_turn_later(conn);
}

/* ── Input ── */

int quic_conn_read(struct quic_conn *conn, struct udp_socket *socket, const struct udp_datagram *datagram)
{
	ngtcp2_path path = quic_path_of(socket, &datagram->path);
	ngtcp2_pkt_info info = { .ecn = datagram->ecn };

	if (conn->stage == QUIC_ENDING)
		return 0;
	int error = ngtcp2_conn_read_pkt(conn->ngtcp2, &path, &info, datagram->at, datagram->len, conn->endpoint->now);
	if (error)
		quic_conn_failed(conn, error);
	quic_turn_later(conn);
	return error;
}

void quic_conn_drain(struct quic_conn *conn)
{
	if (conn->stage == QUIC_OPEN)
		conn->protocol->drain(conn->state);
	else
		fail_with(conn, NGTCP2_CONNECTION_REFUSED);
	quic_turn_later(conn);
}

/* ── What ngtcp2 reports: the handshake ── */

/* What the client is known to be at; packets alone do not tell, they can be sent from any address. */
static void now_at(struct quic_conn *conn, const ngtcp2_path *path)
{
	memcpy(&conn->validated.any, path->remote.addr, path->remote.addrlen);
	conn->validated.len = path->remote.addrlen;
	uv_ip_name(&conn->validated.any, conn->peer_text, sizeof(conn->peer_text));
}

static void give_token(struct quic_conn *conn)
{
	struct quic_token token;
	if (quic_token_for_later(&conn->endpoint->secrets, &conn->validated, conn->endpoint->now, &token) == 0)
		ngtcp2_conn_submit_new_token(conn->ngtcp2, token.bytes, token.len);
}

static const struct quic_protocol *protocol_of(const struct quic_conn *conn)
{
	struct str agreed = quic_tls_alpn(conn->tls);
	for (const struct quic_protocol *const *row = conn->endpoint->settings.protocols; *row; row++)
		if (str_equal(str_of((*row)->alpn), agreed))
			return *row;
	return NULL;
}

static int handshake_completed(ngtcp2_conn *ngtcp2, void *arg)
{
	struct quic_conn *conn = conn_of(arg);
	struct quic_endpoint *endpoint = conn->endpoint;

	conn->counted_open = true;
	endpoint->n_half_open--;
	metric_set(METRIC_QUIC_HALF_OPEN, (int64_t)endpoint->n_half_open);
	metric_add(METRIC_QUIC_HANDSHAKES, 1);
	conn->protocol = protocol_of(conn);
	if (!conn->protocol)
		return NGTCP2_ERR_CALLBACK_FAILURE;
	now_at(conn, ngtcp2_conn_get_path(ngtcp2));
	give_token(conn);
	conn->stage = QUIC_OPEN;
	conn->state = conn->protocol->open(conn, endpoint->settings.server);
	if (!conn->state)
		quic_conn_abort(conn);
	else if (endpoint->draining)
		conn->protocol->drain(conn->state);
	return go_on(conn);
}

static void fill_random(uint8_t *to, size_t len, const ngtcp2_rand_ctx *context)
{
	(void)context;
	random_bytes(to, len);
}

/* ── Connection ids ── */

static struct str text_of(const ngtcp2_cid *cid)
{
	return (struct str){ (const char *)cid->data, cid->datalen };
}

static int new_connection_id(ngtcp2_conn *ngtcp2, ngtcp2_cid *cid, uint8_t *token, size_t len, void *arg)
{
	struct quic_conn *conn = conn_of(arg);
	(void)ngtcp2;

	cid->datalen = len;
	random_bytes(cid->data, len);
	if (quic_reset_token(&conn->endpoint->secrets, cid, token) ||
	    quic_cids_add(&conn->endpoint->cids, text_of(cid), &conn->owner))
		return NGTCP2_ERR_CALLBACK_FAILURE;
	return 0;
}

static int remove_connection_id(ngtcp2_conn *ngtcp2, const ngtcp2_cid *cid, void *arg)
{
	struct quic_conn *conn = conn_of(arg);
	(void)ngtcp2;
	quic_cids_remove(&conn->endpoint->cids, text_of(cid), &conn->owner);
	return 0;
}

/* The peer's ids in use: their reset tokens are what it would say if it lost its memory. */
static int peer_id_status(ngtcp2_conn *ngtcp2, ngtcp2_connection_id_status_type type, uint64_t seq,
			  const ngtcp2_cid *cid, const uint8_t *token, void *arg)
{
	struct quic_conn *conn = conn_of(arg);
	struct str key = { (const char *)token, NGTCP2_STATELESS_RESET_TOKENLEN };
	(void)ngtcp2, (void)seq, (void)cid;

	if (!token)
		return 0;
	if (type == NGTCP2_CONNECTION_ID_STATUS_TYPE_DEACTIVATE)
		quic_cids_remove(&conn->endpoint->resets, key, &conn->owner);
	else if (quic_cids_add(&conn->endpoint->resets, key, &conn->owner) < 0)
		return NGTCP2_ERR_CALLBACK_FAILURE;
	return 0;
}

static int path_validated(ngtcp2_conn *ngtcp2, uint32_t flags, const ngtcp2_path *path, const ngtcp2_path *old_path,
			  ngtcp2_path_validation_result result, void *arg)
{
	struct quic_conn *conn = conn_of(arg);
	(void)old_path;

	if (result != NGTCP2_PATH_VALIDATION_RESULT_SUCCESS || !ngtcp2_path_eq(path, ngtcp2_conn_get_path(ngtcp2)))
		return 0;
	metric_add(METRIC_QUIC_MIGRATIONS, 1);
	now_at(conn, path);
	if (flags & NGTCP2_PATH_VALIDATION_FLAG_NEW_TOKEN)
		give_token(conn);
	return 0;
}

/* ── Streams ── */

static int stream_data(ngtcp2_conn *ngtcp2, uint32_t flags, int64_t stream, uint64_t offset, const uint8_t *at,
		       size_t len, void *arg, void *stream_arg)
{
	struct quic_conn *conn = conn_of(arg);
	(void)ngtcp2, (void)offset, (void)stream_arg;
	if (conn->stage == QUIC_OPEN)
		conn->protocol->stream_data(conn->state, stream, (struct str){ at ? (const char *)at : "", len },
					    flags & NGTCP2_STREAM_DATA_FLAG_FIN);
	return go_on(conn);
}

static int stream_acked(ngtcp2_conn *ngtcp2, int64_t stream, uint64_t offset, uint64_t len, void *arg, void *stream_arg)
{
	struct quic_conn *conn = conn_of(arg);
	(void)ngtcp2, (void)offset, (void)stream_arg;
	if (conn->stage == QUIC_OPEN)
		conn->protocol->acked(conn->state, stream, (size_t)len);
	return go_on(conn);
}

static int stream_closed(ngtcp2_conn *ngtcp2, uint32_t flags, int64_t stream, uint64_t code, void *arg,
			 void *stream_arg)
{
	struct quic_conn *conn = conn_of(arg);
	(void)ngtcp2, (void)stream_arg;
	if (conn->stage == QUIC_OPEN)
		conn->protocol->stream_closed(
			conn->state, stream, flags & NGTCP2_STREAM_CLOSE_FLAG_APP_ERROR_CODE_SET ? code : QUIC_NO_CODE);
	return go_on(conn);
}

static int stream_reset(ngtcp2_conn *ngtcp2, int64_t stream, uint64_t final_size, uint64_t code, void *arg,
			void *stream_arg)
{
	struct quic_conn *conn = conn_of(arg);
	(void)ngtcp2, (void)final_size, (void)stream_arg;
	if (conn->stage == QUIC_OPEN)
		conn->protocol->stream_reset(conn->state, stream, code);
	return go_on(conn);
}

static int stream_writable(ngtcp2_conn *ngtcp2, int64_t stream, uint64_t max, void *arg, void *stream_arg)
{
	struct quic_conn *conn = conn_of(arg);
	(void)ngtcp2, (void)max, (void)stream_arg;
	if (conn->stage == QUIC_OPEN)
		conn->protocol->writable(conn->state, stream);
	return go_on(conn);
}

static int streams_allowed(ngtcp2_conn *ngtcp2, uint64_t max, void *arg)
{
	struct quic_conn *conn = conn_of(arg);
	(void)ngtcp2;
	conn->allowed = max;
	if (conn->stage == QUIC_OPEN)
		conn->protocol->streams_allowed(conn->state, max);
	return go_on(conn);
}

const ngtcp2_callbacks quic_callbacks = {
	.recv_client_initial = ngtcp2_crypto_recv_client_initial_cb,
	.recv_crypto_data = ngtcp2_crypto_recv_crypto_data_cb,
	.handshake_completed = handshake_completed,
	.encrypt = ngtcp2_crypto_encrypt_cb,
	.decrypt = ngtcp2_crypto_decrypt_cb,
	.hp_mask = ngtcp2_crypto_hp_mask_cb,
	.recv_stream_data = stream_data,
	.acked_stream_data_offset = stream_acked,
	.stream_close = stream_closed,
	.stream_reset = stream_reset,
	.extend_max_stream_data = stream_writable,
	.extend_max_remote_streams_bidi = streams_allowed,
	.rand = fill_random,
	.get_new_connection_id = new_connection_id,
	.remove_connection_id = remove_connection_id,
	.dcid_status = peer_id_status,
	.path_validation = path_validated,
	.update_key = quic_tls_update_key,
	.delete_crypto_aead_ctx = ngtcp2_crypto_delete_crypto_aead_ctx_cb,
	.delete_crypto_cipher_ctx = ngtcp2_crypto_delete_crypto_cipher_ctx_cb,
	.get_path_challenge_data = ngtcp2_crypto_get_path_challenge_data_cb,
	.version_negotiation = ngtcp2_crypto_version_negotiation_cb,
};
