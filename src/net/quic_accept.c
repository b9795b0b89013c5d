/* SPDX-License-Identifier: MIT */
/*
 * A client's first packet. Whoever is let in costs memory, so that under pressure (many handshakes unfinished) the address
 * has to be proven first, by a Retry that leaves no state here; and above a second mark nobody is let in.
 */
#include <string.h>

#include "base/random.h"
#include "net/quic_inside.h"

enum {
	UNI_STREAMS = 16, /* HTTP/3 needs three; the rest is for what a client may try out */
	UNI_WINDOW = 64 * 1024,
	LEAST_WINDOW = 64 * 1024,
};

/* A client that may come in. */
struct guest {
	struct udp_socket *socket;
	const struct udp_datagram *datagram;
	const ngtcp2_pkt_hd *head;
	enum quic_token_verdict verdict;
	ngtcp2_cid original_dcid; /* before a Retry */
};

/* ── Its settings ── */

/* A connection's share of what all of them may make us keep: whatever a peer sends out of order waits in memory. */
static size_t share_of(const struct quic_endpoint *endpoint, size_t window)
{
	size_t share = endpoint->settings.receive_memory / endpoint->n_connections; /* its own included */
	share = share > LEAST_WINDOW ? share : LEAST_WINDOW;
	return window < share ? window : share;
}

static ngtcp2_settings settings_for(const struct quic_endpoint *endpoint, const struct guest *guest)
{
	const struct quic_settings *wanted = &endpoint->settings;
	ngtcp2_settings settings;

	ngtcp2_settings_default(&settings);
	settings.cc_algo = wanted->congestion == QUIC_BBR ? NGTCP2_CC_ALGO_BBR : NGTCP2_CC_ALGO_CUBIC;
	settings.initial_ts = endpoint->now;
	settings.ack_thresh = 1; /* once a turn, in the packet of the answer: ngtcp2 would send a second one for it */
	settings.handshake_timeout = wanted->handshake_ms * NGTCP2_MILLISECONDS;
	settings.max_window = share_of(endpoint, wanted->max_window);
	settings.max_stream_window = settings.max_window;
	settings.available_versions = quic_versions;
	settings.available_versionslen = countof(quic_versions);
	settings.preferred_versions = quic_versions;
	settings.preferred_versionslen = countof(quic_versions);
	if (guest->verdict == QUIC_TOKEN_RETRIED || guest->verdict == QUIC_TOKEN_KNOWN) {
		settings.token = guest->head->token;
		settings.tokenlen = guest->head->tokenlen;
		settings.token_type =
			guest->verdict == QUIC_TOKEN_RETRIED ? NGTCP2_TOKEN_TYPE_RETRY : NGTCP2_TOKEN_TYPE_NEW_TOKEN;
	}
	return settings;
}

static ngtcp2_transport_params params_for(const struct quic_endpoint *endpoint, const struct guest *guest)
{
	const struct quic_settings *wanted = &endpoint->settings;
	ngtcp2_transport_params params;

	ngtcp2_transport_params_default(&params);
	params.initial_max_data = share_of(endpoint, wanted->connection_window);
	params.initial_max_stream_data_bidi_remote = share_of(endpoint, wanted->stream_window);
	params.initial_max_stream_data_uni = UNI_WINDOW;
	params.initial_max_streams_bidi = wanted->max_streams;
	params.initial_max_streams_uni = UNI_STREAMS;
	params.max_idle_timeout = wanted->idle_ms * NGTCP2_MILLISECONDS;
	params.original_dcid_present = 1;
	params.original_dcid = guest->head->dcid;
	if (guest->verdict == QUIC_TOKEN_RETRIED) {
		params.original_dcid = guest->original_dcid;
		params.retry_scid_present = 1;
		params.retry_scid = guest->head->dcid;
	}
	return params;
}

/* ── Letting in ── */

static struct str text_of(const ngtcp2_cid *cid)
{
	return (struct str){ (const char *)cid->data, cid->datalen };
}

/* 0 or negative; then the connection is only to be released. */
static int conn_begin(struct quic_conn *conn, const struct guest *guest)
{
	struct quic_endpoint *endpoint = conn->endpoint;
	ngtcp2_settings settings = settings_for(endpoint, guest);
	ngtcp2_transport_params params = params_for(endpoint, guest);
	ngtcp2_path path = quic_path_of(guest->socket, &guest->datagram->path);
	ngtcp2_cid ours = { .datalen = QUIC_CID_BYTES };

	random_bytes(ours.data, ours.datalen);
	params.stateless_reset_token_present = 1;
	conn->allowed = params.initial_max_streams_bidi;
	if (quic_reset_token(&endpoint->secrets, &ours, params.stateless_reset_token) ||
	    quic_cids_add(&endpoint->cids, text_of(&ours), &conn->owner) ||
	    quic_cids_add(&endpoint->cids, text_of(&guest->head->dcid), &conn->owner))
		return -1;
	if (ngtcp2_conn_server_new(&conn->ngtcp2, &guest->head->scid, &ours, &path, guest->head->version,
				   &quic_callbacks, &settings, &params, NULL, conn))
		return -1;
	return quic_shake_begin(conn);
}

static struct quic_conn *conn_new(struct quic_endpoint *endpoint, struct udp_path path, struct peer *peer)
{
	struct quic_conn *conn = calloc(1, sizeof(*conn));
	if (!conn)
		return NULL;
	conn->endpoint = endpoint;
	conn->peer = peer;
	conn->due.passed = quic_conn_due;
	conn->validated = path.remote;
	uv_ip_name(&path.remote.any, conn->peer_text, sizeof(conn->peer_text));
	quic_owner_init(&conn->owner, QUIC_OWNER_CONN);
	list_push_back(&endpoint->conns, &conn->link);
	endpoint->n_connections++;
	endpoint->n_half_open++;
	metric_set(METRIC_QUIC_CONNECTIONS, (int64_t)endpoint->n_connections);
	metric_set(METRIC_QUIC_HALF_OPEN, (int64_t)endpoint->n_half_open);
	return conn;
}

/* A ClientHello whose first bytes come later is waited for only with a proven address: ngtcp2 asks for a Retry. */
static void let_in(struct quic_endpoint *endpoint, const struct guest *guest, struct peer *peer)
{
	struct quic_conn *conn = conn_new(endpoint, guest->datagram->path, peer);
	if (!conn) {
		peers_leave(endpoint->peers, peer);
		return;
	}
	if (conn_begin(conn, guest))
		quic_conn_leave(conn, QUIC_EXIT_SILENT);
	else if (quic_conn_read(conn, guest->socket, guest->datagram) == NGTCP2_ERR_RETRY)
		quic_reply_retry(endpoint, guest->socket, guest->datagram, guest->head);
}

/* ── Deciding ── */

static bool is_validated(const struct guest *guest)
{
	return guest->verdict == QUIC_TOKEN_RETRIED || guest->verdict == QUIC_TOKEN_KNOWN;
}

/* So rarely that it is of no use against whoever's address it may really be. */
static void refuse(struct quic_endpoint *endpoint, const struct guest *guest, uint64_t code)
{
	metric_add(METRIC_CONNECTIONS_REFUSED, 1);
	quic_reply_refusal(endpoint, guest->socket, guest->datagram, guest->head, code);
}

static bool is_full(struct quic_endpoint *endpoint)
{
	return endpoint->n_connections >= endpoint->settings.max_connections ||
	       endpoint->n_half_open >= endpoint->settings.max_half_open ||
	       quic_timers_admit(&endpoint->timers, endpoint->n_connections + endpoint->n_endings + 1);
}

static void consider(struct quic_endpoint *endpoint, struct guest *guest)
{
	guest->verdict = quic_token_judge(&endpoint->secrets, &guest->datagram->path.remote, guest->head, endpoint->now,
					  &guest->original_dcid);
	if (guest->verdict == QUIC_TOKEN_FORGED) {
		refuse(endpoint, guest, NGTCP2_INVALID_TOKEN);
		return;
	}
	if (!is_validated(guest) && endpoint->n_half_open >= endpoint->settings.retry_threshold) {
		quic_reply_retry(endpoint, guest->socket, guest->datagram, guest->head);
		return;
	}
	struct peer *peer = NULL;
	if (!endpoint->draining && !is_full(endpoint))
		peer = peers_join(endpoint->peers, &guest->datagram->path.remote.any, endpoint->settings.max_per_peer);
	if (peer)
		let_in(endpoint, guest, peer);
	else
		refuse(endpoint, guest, NGTCP2_CONNECTION_REFUSED);
}

void quic_accept(struct quic_endpoint *endpoint, struct udp_socket *socket, const struct udp_datagram *datagram)
{
	ngtcp2_pkt_hd head;
	struct guest guest = { .socket = socket, .datagram = datagram, .head = &head };

	/* A smaller datagram cannot open a connection: it would let us be used to amplify (RFC 9000, 14.1). */
	if (datagram->len < NGTCP2_MAX_UDP_PAYLOAD_SIZE || ngtcp2_accept(&head, datagram->at, datagram->len))
		return;
	if (head.type == NGTCP2_PKT_INITIAL)
		consider(endpoint, &guest);
}
