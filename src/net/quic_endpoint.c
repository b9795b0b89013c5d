/* SPDX-License-Identifier: MIT */
/* The endpoint: its sockets, to whom each datagram belongs, the end of a turn, start and stop. */
#include "net/bind.h"
#include "net/quic_inside.h"

enum {
	DEFAULT_MAX_CONNECTIONS = 10000,
	DEFAULT_MAX_HALF_OPEN = 1000,
	DEFAULT_HANDSHAKE_MS = 10000,
	DEFAULT_IDLE_MS = 30000,
	DEFAULT_MAX_STREAMS = 100,
	DEFAULT_STREAM_WINDOW = 256 * 1024,
	DEFAULT_CONNECTION_WINDOW = 1024 * 1024,
	DEFAULT_MAX_WINDOW = 6 * 1024 * 1024,
	DEFAULT_RECEIVE_MEMORY = 64 * 1024 * 1024,
	STATELESS_BURST = 100,
	STATELESS_PER_SECOND = 1000,
};

/* ── Turns ── */

bool quic_allowed(struct quic_allowance *allowance, uint64_t now)
{
	allowance->left += (double)(now - allowance->at) * 1e-9 * allowance->per_second;
	allowance->left = allowance->left < allowance->most ? allowance->left : allowance->most;
	allowance->at = now;
	if (allowance->left < 1)
		return false;
	allowance->left--;
	return true;
}

struct udp_socket *quic_socket_of(const ngtcp2_path *path)
{
	return path->user_data;
}

void quic_turn_later(struct quic_conn *conn)
{
	struct quic_endpoint *endpoint = conn->endpoint;
	if (!link_listed(&conn->dirty))
		list_push_back(&endpoint->dirty, &conn->dirty);
	loop_flush_later(endpoint->loop, &endpoint->flusher);
}

/* False: the socket takes no more, and the connection has to wait for it. */
static bool take_turn(struct quic_conn *conn)
{
	if (conn->stage == QUIC_OPEN && conn->pump_asked) {
		conn->pump_asked = false;
		conn->protocol->pump(conn->state);
	}
	bool done = conn->stage == QUIC_ENDING || quic_conn_write(conn);
	list_remove(&conn->dirty);
	if (conn->stage == QUIC_ENDING) {
		quic_conn_end(conn);
		return true;
	}
	if (!done)
		quic_due_forget(&conn->endpoint->timers, &conn->due);
	else if (conn->pump_asked) /* meanwhile: it comes after everybody else's turn */
		quic_due_set(&conn->endpoint->timers, &conn->due, conn->endpoint->now);
	else
		quic_conn_rearm(conn);
	return done;
}

static void flush(struct flusher *flusher)
{
	struct quic_endpoint *endpoint = container_of(flusher, struct quic_endpoint, flusher);
	struct link waiting;

	endpoint->now = quic_clock();
	list_init(&waiting);
	while (!list_empty(&endpoint->dirty)) {
		struct quic_conn *conn = list_entry(endpoint->dirty.next, struct quic_conn, dirty);
		if (!take_turn(conn))
			list_push_back(&waiting, &conn->dirty);
	}
	for (struct link *link; (link = list_pop_front(&waiting));)
		list_push_back(&endpoint->dirty, link);
	for (size_t i = 0; i < endpoint->n_sockets; i++)
		udp_flush(&endpoint->sockets[i]);
}

static void writable(struct udp_socket *socket)
{
	struct quic_endpoint *endpoint = socket->owner;
	loop_flush_later(endpoint->loop, &endpoint->flusher);
}

/* ── Datagrams ── */

static bool is_long(const struct udp_datagram *datagram)
{
	return datagram->at[0] & 0x80;
}

/* A peer that lost its memory says so by a token at the packet's end (RFC 9000, 10.3.1). */
static struct quic_owner *reset_by(struct quic_endpoint *endpoint, const struct udp_datagram *datagram)
{
	const size_t token = NGTCP2_STATELESS_RESET_TOKENLEN;
	if (datagram->len < token + NGTCP2_MIN_STATELESS_RESET_RANDLEN)
		return NULL;
	return quic_cids_find(&endpoint->resets,
			      (struct str){ (const char *)datagram->at + datagram->len - token, token });
}

static void belongs_to_nobody(struct quic_endpoint *endpoint, struct udp_socket *socket,
			      const struct udp_datagram *datagram, const ngtcp2_version_cid *ids)
{
	if (is_long(datagram)) {
		quic_accept(endpoint, socket, datagram);
		return;
	}
	struct quic_owner *owner = reset_by(endpoint, datagram);
	if (!owner) {
		quic_reply_reset(endpoint, socket, datagram, ids);
	} else if (owner->kind == QUIC_OWNER_CONN) {
		metric_add(METRIC_QUIC_RESETS_RECEIVED, 1);
		quic_conn_leave(container_of(owner, struct quic_conn, owner), QUIC_EXIT_DRAIN);
	}
}

static void received(struct udp_socket *socket, const struct udp_datagram *datagram)
{
	struct quic_endpoint *endpoint = socket->owner;
	ngtcp2_version_cid ids;

	if (datagram->len == 0)
		return;
	endpoint->now = quic_clock();
	loop_flush_later(endpoint->loop, &endpoint->flusher);
	int error = ngtcp2_pkt_decode_version_cid(&ids, datagram->at, datagram->len, QUIC_CID_BYTES);
	if (error == NGTCP2_ERR_VERSION_NEGOTIATION && datagram->len >= NGTCP2_MAX_UDP_PAYLOAD_SIZE)
		quic_reply_versions(socket, datagram, &ids);
	if (error || ids.dcidlen > QUIC_CID_KEY_MAX)
		return;
	struct quic_owner *owner = quic_cids_find(&endpoint->cids, (struct str){ (const char *)ids.dcid, ids.dcidlen });
	if (!owner)
		belongs_to_nobody(endpoint, socket, datagram, &ids);
	else if (owner->kind == QUIC_OWNER_CONN)
		quic_conn_read(container_of(owner, struct quic_conn, owner), socket, datagram);
	else
		quic_ending_received(owner, socket, datagram);
}

static void received_all(struct udp_socket *socket)
{
	(void)socket; /* answers leave at the end of the turn */
}

static const struct udp_user socket_user = { received, received_all, writable };

/* ── Start ── */

/* Clients that have proved nothing, and whose address may be somebody else's, take at most half of what it is allowed. */
static unsigned threshold_of(const struct quic_settings *settings)
{
	unsigned half = settings->max_per_peer / 2;
	return settings->max_per_peer && half < settings->retry_threshold ? half : settings->retry_threshold;
}

static void fill_in(struct quic_settings *settings)
{
	settings->retry_threshold = threshold_of(settings);
	settings->max_connections = settings->max_connections ?: DEFAULT_MAX_CONNECTIONS;
	settings->max_half_open = settings->max_half_open ?: DEFAULT_MAX_HALF_OPEN;
	settings->handshake_ms = settings->handshake_ms ?: DEFAULT_HANDSHAKE_MS;
	settings->idle_ms = settings->idle_ms ?: DEFAULT_IDLE_MS;
	settings->max_streams = settings->max_streams ?: DEFAULT_MAX_STREAMS;
	settings->stream_window = settings->stream_window ?: DEFAULT_STREAM_WINDOW;
	settings->connection_window = settings->connection_window ?: DEFAULT_CONNECTION_WINDOW;
	settings->max_window = settings->max_window ?: DEFAULT_MAX_WINDOW;
	settings->receive_memory = settings->receive_memory ?: DEFAULT_RECEIVE_MEMORY;
}

/* What does not fit a half-made one is zeroed, and taking it down is harmless then. */
static void parts_free(struct quic_endpoint *endpoint)
{
	for (size_t i = 0; i < endpoint->n_sockets; i++)
		udp_close(&endpoint->sockets[i]);
	flusher_forget(&endpoint->flusher);
	quic_timers_close(&endpoint->timers);
	deadlines_deinit(&endpoint->deadlines);
	quic_cids_deinit(&endpoint->cids);
	quic_cids_deinit(&endpoint->resets);
	if (endpoint->peers == &endpoint->own_peers)
		peers_deinit(&endpoint->own_peers);
	quic_secrets_wipe(&endpoint->secrets);
	udp_inbox_free(endpoint->inbox);
	quic_shake_close(endpoint);
	free(endpoint);
}

static int parts_make(struct quic_endpoint *endpoint, const struct quic_settings *settings)
{
	endpoint->peers = settings->peers;
	if (!endpoint->peers && peers_init(&endpoint->own_peers, endpoint->settings.max_connections))
		return UV_ENOMEM;
	endpoint->peers = endpoint->peers ?: &endpoint->own_peers;
	quic_secrets_init(&endpoint->secrets, settings->reset_secret, endpoint->now);
	endpoint->inbox = udp_inbox_new();
	if (!endpoint->inbox || quic_cids_init(&endpoint->cids) || quic_cids_init(&endpoint->resets))
		return UV_ENOMEM;
	int error = deadlines_init(&endpoint->deadlines, endpoint->loop, quic_conn_deadline_passed);
	return error ? error : quic_timers_open(&endpoint->timers, endpoint->loop);
}

static struct quic_endpoint *endpoint_new(struct loop *loop, const struct quic_settings *settings)
{
	struct quic_endpoint *endpoint = calloc(1, sizeof(*endpoint));
	if (!endpoint)
		return NULL;
	endpoint->loop = loop;
	endpoint->settings = *settings;
	fill_in(&endpoint->settings);
	endpoint->now = quic_clock();
	endpoint->flusher.run = flush;
	endpoint->stateless =
		(struct quic_allowance){ STATELESS_BURST, STATELESS_BURST, STATELESS_PER_SECOND, endpoint->now };
	for (size_t i = 0; i < QUIC_MAX_PROTOCOLS && settings->protocols[i]; i++)
		endpoint->alpn[i] = settings->protocols[i]->alpn;
	list_init(&endpoint->conns);
	list_init(&endpoint->endings);
	list_init(&endpoint->dirty);
	return endpoint;
}

static int socket_add(struct quic_endpoint *endpoint, struct str address, struct arena *arena, struct str *said)
{
	int fd, error = bind_udp(address, &endpoint->port, arena, &fd, said);
	if (error)
		return error;
	error = udp_open(&endpoint->sockets[endpoint->n_sockets], endpoint->loop, fd, endpoint->inbox, &socket_user,
			 endpoint);
	if (error)
		*said = arena_printf(arena, "cannot receive UDP on %.*s: %s", STR_ARG(address), uv_strerror(error));
	else
		endpoint->n_sockets++;
	return error;
}

static int sockets_open(struct quic_endpoint *endpoint, const struct str_list *addresses, struct arena *arena,
			struct str *said)
{
	if (addresses->n == 0 || addresses->n > QUIC_MAX_SOCKETS)
		return UV_EINVAL;
	for (size_t i = 0; i < addresses->n; i++) {
		int error = socket_add(endpoint, addresses->items[i], arena, said);
		if (error && bind_may_be_left_out(error, addresses->items[i], addresses->n))
			log_warn("address left out", LOG_TEXT("cause", *said));
		else if (error)
			return error;
	}
	return endpoint->n_sockets ? 0 : UV_EADDRNOTAVAIL;
}

int quic_endpoint_open(struct loop *loop, const struct quic_settings *settings, struct arena *arena,
		       struct quic_endpoint **out, struct str *said)
{
	struct quic_endpoint *endpoint = endpoint_new(loop, settings);

	*said = STR("out of memory");
	if (!endpoint)
		return UV_ENOMEM;
	endpoint->port = settings->port;
	int error = parts_make(endpoint, settings);
	error = error ? error : quic_shake_use(endpoint, settings->tls);
	error = error ? error : quic_shake_try(endpoint, arena, said);
	error = error ? error : sockets_open(endpoint, &settings->addresses, arena, said);
	if (error) {
		parts_free(endpoint);
		return error;
	}
	*out = endpoint;
	return 0;
}

/* ── Outside ── */

int quic_endpoint_port(const struct quic_endpoint *endpoint)
{
	return endpoint->port;
}

int quic_endpoint_set_tls(struct quic_endpoint *endpoint, struct tls_context *tls)
{
	return quic_shake_use(endpoint, tls);
}

void quic_endpoint_set_limits(struct quic_endpoint *endpoint, const struct quic_settings *settings)
{
	struct quic_settings limits = *settings;

	limits.protocols = endpoint->settings.protocols;
	limits.server = endpoint->settings.server;
	endpoint->settings = limits;
	fill_in(&endpoint->settings);
}

size_t quic_endpoint_n_connections(const struct quic_endpoint *endpoint)
{
	return endpoint->n_connections;
}

void quic_endpoint_drain(struct quic_endpoint *endpoint)
{
	struct quic_conn *conn;
	endpoint->draining = true;
	list_each(conn, &endpoint->conns, link) quic_conn_drain(conn);
}

void quic_endpoint_close(struct quic_endpoint *endpoint, void (*closed)(void *arg), void *arg)
{
	struct quic_conn *conn;

	endpoint->now = quic_clock();
	list_each(conn, &endpoint->conns, link)
	{
		quic_conn_close(conn, conn->protocol ? conn->protocol->no_error : 0);
		quic_conn_end(conn);
	}
	for (size_t i = 0; i < endpoint->n_sockets; i++)
		udp_flush(&endpoint->sockets[i]);
	quic_endings_drop(endpoint);
	parts_free(endpoint);
	closed(arg);
}
