/* SPDX-License-Identifier: MIT */
/* Accepting connections within limits, and the two ways they all end: drained or closed. */
#include "net/listener.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "net/bind.h"
#include "net/peers.h"
#include "net/stack.h"
#include "obs/log.h"
#include "obs/metrics.h"

enum {
	DEFAULT_MAX_CONNECTIONS = 10000,
	DEFAULT_MAX_HANDSHAKES = 1024,
	DEFAULT_HANDSHAKE_MS = 10000,
	DEFAULT_KEEPALIVE_MS = 60000,
	DEFAULT_WRITE_STALL_MS = 30000,
	DEFAULT_LINGER_MS = 2000,
	DEFAULT_HIGH_WATER = 128 * 1024,
	MAX_ADDRESSES = 16,
	EPHEMERAL_TRIES = 16,
};

static void arrived(uv_stream_t *stream, int status);

struct gate {
	uv_tcp_t tcp;
	struct listeners *listeners;
	bool left_waiting; /* a connection there was no memory for: libuv listens on when it is taken */
};

struct listeners {
	struct conn_host host;
	struct gate gates[MAX_ADDRESSES];
	size_t n_gates;
	int port;
	unsigned max_connections, max_per_peer;
	struct peers peers;
	size_t n_connections;
	size_t n_handles; /* of libuv's, not closed yet */
	bool accepting;
	void (*closed)(void *arg); /* set once listeners_close was called */
	void *closed_arg;
};

/* ── Binding all addresses on one port ── */

struct bound {
	int fds[MAX_ADDRESSES];
	size_t n;
};

static void bound_drop(struct bound *bound)
{
	while (bound->n)
		close(bound->fds[--bound->n]);
}

static int bind_all(const struct str_list *addresses, int *port, struct arena *arena, struct bound *bound,
		    struct str *said)
{
	for (size_t i = 0; i < addresses->n; i++) {
		int error = bind_tcp(addresses->items[i], port, arena, &bound->fds[bound->n], said);
		if (!error)
			bound->n++;
		else if (bind_may_be_left_out(error, addresses->items[i], addresses->n))
			log_warn("address left out", LOG_TEXT("cause", *said));
		else
			return error;
	}
	return bound->n ? 0 : UV_EADDRNOTAVAIL;
}

static int udp_is_free(const struct str_list *addresses, int port, struct arena *arena, struct str *said)
{
	int error = 0;
	for (size_t i = 0; i < addresses->n && error != UV_EADDRINUSE; i++) {
		int fd, wanted = port;
		error = bind_udp(addresses->items[i], &wanted, arena, &fd, said);
		if (!error)
			close(fd);
	}
	return error == UV_EADDRINUSE ? error : 0;
}

/* A port the kernel gave for the first address may be taken on the second, or over UDP: then another one is tried. */
static int bind_settled(const struct listener_settings *settings, int *port, struct arena *arena, struct bound *bound,
			struct str *said)
{
	const struct str_list *addresses = &settings->addresses;


	if (addresses->n == 0 || addresses->n > MAX_ADDRESSES) {
		*said = arena_printf(arena, "%zu addresses to listen on; there must be 1 to %d", addresses->n,
				     MAX_ADDRESSES);
		return UV_EINVAL;
	}
	int error = 0;
	for (int i = 0; i < EPHEMERAL_TRIES; i++) {
		int wanted = *port;
		error = bind_all(addresses, &wanted, arena, bound, said);
		if (!error && !*port && settings->with_udp)
			error = udp_is_free(addresses, wanted, arena, said);
		if (!error)
			*port = wanted;
		else
			bound_drop(bound);
		if (error != UV_EADDRINUSE || *port)
			break;
	}
	return error;
}

/* ── The end ── */

static void finish_if_over(struct listeners *listeners)
{
	struct conn_host *host = &listeners->host;
	if (!listeners->closed || listeners->n_handles)
		return;
	void (*closed)(void *) = listeners->closed;
	void *arg = listeners->closed_arg;

	deadlines_deinit(&host->deadlines);
	spares_deinit(&host->spares);
	peers_deinit(&listeners->peers);
	tls_context_free(host->tls);
	free(listeners);
	closed(arg);
}

static void handle_gone(struct listeners *listeners)
{
	listeners->n_handles--;
	finish_if_over(listeners);
}

static void gate_closed(uv_handle_t *handle)
{
	handle_gone(container_of((uv_tcp_t *)handle, struct gate, tcp)->listeners);
}

static void stop_accepting(struct listeners *listeners)
{
	if (listeners->accepting)
		for (size_t i = 0; i < listeners->n_gates; i++)
			uv_close((uv_handle_t *)&listeners->gates[i].tcp, gate_closed);
	listeners->accepting = false;
}

static void conn_gone(struct conn_host *host, struct peer *peer)
{
	struct listeners *listeners = container_of(host, struct listeners, host);
	peers_leave(&listeners->peers, peer);
	listeners->n_connections--;
	metric_add(METRIC_CONNECTIONS, -1);
	for (size_t i = 0; listeners->accepting && i < listeners->n_gates; i++)
		if (listeners->gates[i].left_waiting)
			arrived((uv_stream_t *)&listeners->gates[i].tcp, 0);
	handle_gone(listeners);
}

/* ── Accepting ── */

static void stranger_closed(uv_handle_t *handle)
{
	struct conn *conn = container_of((uv_tcp_t *)handle, struct conn, tcp);
	struct listeners *listeners = container_of(conn->host, struct listeners, host);
	free(conn);
	handle_gone(listeners);
}

/* Whether it is let in; then it has a name and a peer. */
static bool introduce(struct listeners *listeners, struct conn *conn)
{
	struct sockaddr_storage address = { 0 };
	struct sockaddr *peer = (struct sockaddr *)&address;
	int size = sizeof(address);

	if (listeners->n_connections >= listeners->max_connections)
		return false;
	if (uv_tcp_getpeername(&conn->tcp, peer, &size) || uv_ip_name(peer, conn->peer_text, sizeof(conn->peer_text)))
		return false;
	conn->loopback = address_is_loopback(peer);
	conn->peer = peers_join(&listeners->peers, peer, listeners->max_per_peer);
	return conn->peer != NULL;
}

static void arrived(uv_stream_t *stream, int status)
{
	struct gate *gate = container_of((uv_tcp_t *)stream, struct gate, tcp);
	struct listeners *listeners = gate->listeners;

	if (status) {
		log_warn("cannot accept", LOG_TEXT("cause", str_of(uv_strerror(status))));
		return;
	}
	struct conn *conn = calloc(1, sizeof(*conn));
	gate->left_waiting = !conn;
	if (!conn)
		return;
	conn->host = &listeners->host;
	uv_tcp_init(stream->loop, &conn->tcp);
	listeners->n_handles++;
	if (uv_accept(stream, (uv_stream_t *)&conn->tcp) || !introduce(listeners, conn)) {
		metric_add(METRIC_CONNECTIONS_REFUSED, 1);
		uv_close((uv_handle_t *)&conn->tcp, stranger_closed);
		return;
	}
	listeners->n_connections++;
	metric_add(METRIC_CONNECTIONS, 1);
	metric_add(METRIC_CONNECTIONS_ACCEPTED, 1);
	conn_start(conn);
}

static int gates_open(struct listeners *listeners, struct bound *bound)
{
	int error = 0;
	for (size_t i = 0; i < bound->n; i++) {
		struct gate *gate = &listeners->gates[listeners->n_gates++];
		gate->listeners = listeners;
		listeners->n_handles++;
		uv_tcp_init(&listeners->host.loop->uv, &gate->tcp);
		error = error ? error : uv_tcp_open(&gate->tcp, bound->fds[i]);
		if (!error)
			bound->fds[i] = -1; /* libuv's now */
		error = error ? error : uv_listen((uv_stream_t *)&gate->tcp, SOMAXCONN, arrived);
	}
	return error;
}

/* ── Outside ── */

static void ignore(void *arg)
{
	(void)arg;
}

void listeners_set_limits(struct listeners *listeners, const struct listener_settings *settings)
{
	struct conn_host *host = &listeners->host;

	listeners->max_connections = settings->max_connections ?: DEFAULT_MAX_CONNECTIONS;
	listeners->max_per_peer = settings->max_per_peer;
	host->max_shaking = settings->max_handshakes ?: DEFAULT_MAX_HANDSHAKES;
	host->handshake_ms = settings->handshake_ms ?: DEFAULT_HANDSHAKE_MS;
	host->keepalive_s = ((settings->keepalive_ms ?: DEFAULT_KEEPALIVE_MS) + 999) / 1000;
	host->write_stall_ms = settings->write_stall_ms ?: DEFAULT_WRITE_STALL_MS;
	host->write_min_rate = settings->write_min_rate;
}

static struct listeners *listeners_new(struct loop *loop, const struct listener_settings *settings, int port)
{
	struct listeners *listeners = calloc(1, sizeof(*listeners));
	if (!listeners)
		return NULL;
	listeners->port = port;
	listeners_set_limits(listeners, settings);
	struct conn_host *host = &listeners->host;
	host->loop = loop;
	host->protocols = settings->protocols;
	host->server = settings->server;
	host->linger_ms = settings->linger_ms ?: DEFAULT_LINGER_MS;
	host->output_high_water = settings->output_high_water ?: DEFAULT_HIGH_WATER;
	host->conn_gone = conn_gone;
	if (peers_init(&listeners->peers, listeners->max_connections) || conn_host_init(host)) {
		peers_deinit(&listeners->peers);
		free(listeners);
		return NULL;
	}
	host->tls = settings->tls ? tls_context_ref(settings->tls) : NULL;
	return listeners;
}

int listeners_open(struct loop *loop, const struct listener_settings *settings, struct arena *arena,
		   struct listeners **out, struct str *said)
{
	owned(bound_drop) struct bound bound = { .n = 0 };
	int port = settings->port;
	int error = bind_settled(settings, &port, arena, &bound, said);
	if (error)
		return error;
	struct listeners *listeners = listeners_new(loop, settings, port);
	if (!listeners) {
		*said = STR("out of memory");
		return UV_ENOMEM;
	}
	signal(SIGPIPE, SIG_IGN);
	listeners->accepting = true;
	error = gates_open(listeners, &bound);
	if (error) {
		*said = arena_printf(arena, "cannot listen on port %d: %s", port, uv_strerror(error));
		listeners_close(listeners, ignore, NULL);
		return error;
	}
	*out = listeners;
	return 0;
}

int listeners_port(const struct listeners *listeners)
{
	return listeners->port;
}

struct peers *listeners_peers(struct listeners *listeners)
{
	return &listeners->peers;
}

void listeners_set_tls(struct listeners *listeners, struct tls_context *tls)
{
	check(listeners->host.tls);
	tls_context_ref(tls);
	tls_context_free(listeners->host.tls);
	listeners->host.tls = tls;
}

void listeners_drain(struct listeners *listeners)
{
	struct conn *conn;
	stop_accepting(listeners);
	list_each(conn, &listeners->host.conns, link) conn_drain(conn);
}

size_t listeners_n_connections(const struct listeners *listeners)
{
	return listeners->n_connections;
}

void listeners_close(struct listeners *listeners, void (*closed)(void *arg), void *arg)
{
	struct conn *conn;
	stop_accepting(listeners);
	list_each(conn, &listeners->host.conns, link) conn_abort(conn);
	listeners->closed = closed;
	listeners->closed_arg = arg;
	finish_if_over(listeners);
}
