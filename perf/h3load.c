/* SPDX-License-Identifier: MIT */
/*
 * A load generator for HTTP/3: the same for every server, on ngtcp2, nghttp3 and GnuTLS.
 *
 *     h3load [-c CONNECTIONS] [-m STREAMS] [-d SECONDS | -n REQUESTS] [-1] [-i] [-H 'name: value']… HOST PORT PATH
 *     h3load -f [-r RATE] [-w SECONDS] [-c CONNECTIONS] [-m STREAMS] -d SECONDS [-H 'name: value']… HOST PORT FILE
 *
 * -c connections are kept open with -m requests under way on each, for -d seconds or -n requests in all. With -1 a
 * connection is closed after its first answer and a new one made: the cost of a handshake. With -i each connection asks
 * once, one after the other; then "idle" is printed, and all are held until standard input ends. At the end one line of JSON tells what was
 * counted. With -f it works as tlsload.c does: FILE has a path a line, at a rate if one is given, and percentiles are told,
 * of what was due after the first -w seconds. An answer other than 200, a stream that is reset, or a lost connection is a failure. It ends by itself a
 * minute after it should have. The server's certificate is not looked at: this measures, on loopback.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <arpa/inet.h>
#include <nghttp3/nghttp3.h>
#include <ngtcp2/ngtcp2.h>
#include <ngtcp2/ngtcp2_crypto.h>
#include <ngtcp2/ngtcp2_crypto_gnutls.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "load_plan.h"

enum {
	HEADERS_MAX = 16,
	DATAGRAM = 1452,
	RECEIVE = 65536,
	ETHERNET = 1472,
	QPACK_TABLE = 4096,
	QPACK_BLOCKED = 100,
	EVENTS = 256,
	TURNS_PER_READ = 16,
	GRACE_S = 60,
	PATIENCE_S = 10
};

static const char priority[] =
	"NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+AES-128-GCM:-GROUP-ALL:+GROUP-X25519:%DISABLE_TLS13_COMPAT_MODE";

struct request {
	uint64_t from_ns;
	bool used, good, hit;
};

struct client {
	int fd;
	struct request *requests; /* with a plan: want.streams of them */
	ngtcp2_conn *quic;
	nghttp3_conn *http;
	gnutls_session_t tls;
	ngtcp2_crypto_conn_ref ref;
	struct sockaddr_in local;
	unsigned active; /* requests under way */
	bool asked, done;
};

static struct {
	const char *host, *path;
	struct sockaddr_in remote;
	nghttp3_nv fields[HEADERS_MAX];
	size_t n_fields;
	unsigned connections, streams;
	double seconds;
	uint64_t requests; /* 0: as many as fit into the seconds */
	bool once, idle, planned;
} want = { .connections = 1, .streams = 1 };

static struct {
	uint64_t begun, done, failed, bytes, handshakes;
	unsigned idle;
} count;

static struct client *clients;
static gnutls_certificate_credentials_t credentials;
static int epoll_fd;
static unsigned opened; /* of the clients */
static struct plan plan;
static unsigned n_active; /* requests of the plan under way */
static uint64_t ends_ns;

static void die(const char *what)
{
	fprintf(stderr, "h3load: %s\n", what);
	exit(1);
}

static uint64_t now_ns(void)
{
	struct timespec at;
	clock_gettime(CLOCK_MONOTONIC, &at);
	return (uint64_t)at.tv_sec * 1000000000 + (uint64_t)at.tv_nsec;
}

static bool may_begin(const struct client *client)
{
	if ((want.once || want.idle) && client->asked)
		return false;
	return want.requests ? count.begun < want.requests : now_ns() < ends_ns;
}

/* ---- requests ---------------------------------------------------------------------------------------------------- */

static void request_end(struct client *client, struct request *request)
{
	plan_answered(&plan, request->from_ns, request->good, request->hit);
	request->used = false;
	client->active--;
	n_active--;
}

/* The plan's next request on a connection that has room. False: it would not take it. */
static bool request_begin(struct client *client, uint64_t now)
{
	struct request *request = client->requests;
	const char *path;
	int64_t id;
	while (request->used)
		request++;
	if (ngtcp2_conn_open_bidi_stream(client->quic, &id, request))
		return false;
	*request = (struct request){ .used = true };
	if (!plan_take(&plan, now, &path, &request->from_ns))
		die("a request was not due");
	want.fields[3].value = (uint8_t *)(uintptr_t)path;
	want.fields[3].valuelen = strlen(path);
	if (nghttp3_conn_submit_request(client->http, id, want.fields, want.n_fields, NULL, request))
		die("a request was not accepted");
	client->active++;
	n_active++;
	return true;
}

static void requests_begin(struct client *client)
{
	while (!want.planned && client->active < want.streams && may_begin(client)) {
		int64_t id;
		if (ngtcp2_conn_open_bidi_stream(client->quic, &id, NULL))
			return;
		if (nghttp3_conn_submit_request(client->http, id, want.fields, want.n_fields, NULL, NULL))
			die("a request was not accepted");
		client->active++;
		client->asked = true;
		count.begun++;
	}
}

static int on_status(nghttp3_conn *http, int64_t id, int32_t token, nghttp3_rcbuf *name, nghttp3_rcbuf *value,
		     uint8_t flags, void *arg, void *stream)
{
	nghttp3_vec text = nghttp3_rcbuf_get_buf(value), key = nghttp3_rcbuf_get_buf(name);
	struct request *request = stream;
	(void)http, (void)id, (void)flags, (void)arg;
	if (request && token == NGHTTP3_QPACK_TOKEN__STATUS)
		request->good = text.len == 3 && !memcmp(text.base, "200", 3);
	else if (request && key.len == 7 && !memcmp(key.base, "x-cache", 7))
		request->hit = text.len == 3 && !memcmp(text.base, "HIT", 3);
	else if (token == NGHTTP3_QPACK_TOKEN__STATUS && (text.len != 3 || memcmp(text.base, "200", 3))) {
		fprintf(stderr, "h3load: status %.*s\n", (int)text.len, (const char *)text.base);
		count.failed++;
	}
	return 0;
}

static void consumed(struct client *client, int64_t id, size_t n)
{
	ngtcp2_conn_extend_max_stream_offset(client->quic, id, n);
	ngtcp2_conn_extend_max_offset(client->quic, n);
}

static int on_body(nghttp3_conn *http, int64_t id, const uint8_t *data, size_t n, void *arg, void *stream)
{
	(void)http, (void)data, (void)stream;
	count.bytes += n;
	consumed(arg, id, n);
	return 0;
}

static int on_deferred(nghttp3_conn *http, int64_t id, size_t n, void *arg, void *stream)
{
	(void)http, (void)stream;
	consumed(arg, id, n);
	return 0;
}

static const nghttp3_callbacks http_callbacks = { .recv_header = on_status,
						  .recv_data = on_body,
						  .deferred_consume = on_deferred };

static int http_begin(struct client *client)
{
	nghttp3_settings settings;
	int64_t control, encoder, decoder;
	nghttp3_settings_default(&settings);
	settings.qpack_max_dtable_capacity = QPACK_TABLE; /* as curl and browsers do */
	settings.qpack_blocked_streams = QPACK_BLOCKED;
	if (nghttp3_conn_client_new(&client->http, &http_callbacks, &settings, NULL, client) ||
	    ngtcp2_conn_open_uni_stream(client->quic, &control, NULL) ||
	    ngtcp2_conn_open_uni_stream(client->quic, &encoder, NULL) ||
	    ngtcp2_conn_open_uni_stream(client->quic, &decoder, NULL) ||
	    nghttp3_conn_bind_control_stream(client->http, control) ||
	    nghttp3_conn_bind_qpack_streams(client->http, encoder, decoder))
		return NGTCP2_ERR_CALLBACK_FAILURE;
	count.handshakes++;
	requests_begin(client);
	return 0;
}

/* ---- QUIC -------------------------------------------------------------------------------------------------------- */

static int on_key(ngtcp2_conn *quic, ngtcp2_encryption_level level, void *arg)
{
	(void)quic;
	return level == NGTCP2_ENCRYPTION_LEVEL_1RTT ? http_begin(arg) : 0;
}

static int on_data(ngtcp2_conn *quic, uint32_t flags, int64_t id, uint64_t offset, const uint8_t *data, size_t n,
		   void *arg, void *stream)
{
	struct client *client = arg;
	(void)quic, (void)offset, (void)stream;
	nghttp3_ssize used =
		nghttp3_conn_read_stream(client->http, id, data, n, (flags & NGTCP2_STREAM_DATA_FLAG_FIN) != 0);
	if (used < 0) {
		fprintf(stderr, "h3load: HTTP/3: %s\n", nghttp3_strerror((int)used));
		return NGTCP2_ERR_CALLBACK_FAILURE;
	}
	consumed(client, id, (size_t)used);
	return 0;
}

static int on_acked(ngtcp2_conn *quic, int64_t id, uint64_t offset, uint64_t n, void *arg, void *stream)
{
	struct client *client = arg;
	(void)quic, (void)offset, (void)stream;
	return client->http && nghttp3_conn_add_ack_offset(client->http, id, n) ? NGTCP2_ERR_CALLBACK_FAILURE : 0;
}

static int on_close(ngtcp2_conn *quic, uint32_t flags, int64_t id, uint64_t code, void *arg, void *stream)
{
	struct client *client = arg;
	(void)quic;
	if (!(flags & NGTCP2_STREAM_CLOSE_FLAG_APP_ERROR_CODE_SET))
		code = NGHTTP3_H3_NO_ERROR;
	nghttp3_conn_close_stream(client->http, id, code);
	if (!ngtcp2_is_bidi_stream(id))
		return 0;
	if (stream) {
		struct request *request = stream;
		request->good = request->good && code == NGHTTP3_H3_NO_ERROR;
		request_end(client, request);
		return 0;
	}
	client->active--;
	if (code == NGHTTP3_H3_NO_ERROR)
		count.done++;
	else
		count.failed++;
	requests_begin(client);
	if (client->active == 0) {
		client->done = !want.idle;
		count.idle++;
	}
	return 0;
}

static int on_more_streams(ngtcp2_conn *quic, uint64_t max, void *arg)
{
	struct client *client = arg;
	(void)quic, (void)max;
	if (client->http)
		requests_begin(client);
	return 0;
}

static int on_more_window(ngtcp2_conn *quic, int64_t id, uint64_t max, void *arg, void *stream)
{
	struct client *client = arg;
	(void)quic, (void)max, (void)stream;
	return nghttp3_conn_unblock_stream(client->http, id) ? NGTCP2_ERR_CALLBACK_FAILURE : 0;
}

static void on_random(uint8_t *to, size_t n, const ngtcp2_rand_ctx *ctx)
{
	(void)ctx;
	gnutls_rnd(GNUTLS_RND_NONCE, to, n);
}

static int on_new_id(ngtcp2_conn *quic, ngtcp2_cid *id, uint8_t *token, size_t n, void *arg)
{
	(void)quic, (void)arg;
	id->datalen = n;
	gnutls_rnd(GNUTLS_RND_NONCE, id->data, n);
	gnutls_rnd(GNUTLS_RND_NONCE, token, NGTCP2_STATELESS_RESET_TOKENLEN);
	return 0;
}

static const ngtcp2_callbacks quic_callbacks = {
	.client_initial = ngtcp2_crypto_client_initial_cb,
	.recv_crypto_data = ngtcp2_crypto_recv_crypto_data_cb,
	.encrypt = ngtcp2_crypto_encrypt_cb,
	.decrypt = ngtcp2_crypto_decrypt_cb,
	.hp_mask = ngtcp2_crypto_hp_mask_cb,
	.recv_retry = ngtcp2_crypto_recv_retry_cb,
	.update_key = ngtcp2_crypto_update_key_cb,
	.delete_crypto_aead_ctx = ngtcp2_crypto_delete_crypto_aead_ctx_cb,
	.delete_crypto_cipher_ctx = ngtcp2_crypto_delete_crypto_cipher_ctx_cb,
	.get_path_challenge_data = ngtcp2_crypto_get_path_challenge_data_cb,
	.version_negotiation = ngtcp2_crypto_version_negotiation_cb,
	.rand = on_random,
	.get_new_connection_id = on_new_id,
	.recv_tx_key = on_key,
	.recv_stream_data = on_data,
	.acked_stream_data_offset = on_acked,
	.stream_close = on_close,
	.extend_max_local_streams_bidi = on_more_streams,
	.extend_max_stream_data = on_more_window,
};

static ngtcp2_conn *quic_of(ngtcp2_crypto_conn_ref *ref)
{
	struct client *client = ref->user_data;
	return client->quic;
}

static ngtcp2_path path_of(struct client *client)
{
	return (ngtcp2_path){
		.local = { (ngtcp2_sockaddr *)&client->local, sizeof(client->local) },
		.remote = { (ngtcp2_sockaddr *)&want.remote, sizeof(want.remote) },
	};
}

static void tls_begin(struct client *client)
{
	static const gnutls_datum_t alpn = { (unsigned char *)(uintptr_t) "h3", 2 };
	client->ref = (ngtcp2_crypto_conn_ref){ quic_of, client };
	if (gnutls_init(&client->tls, GNUTLS_CLIENT | GNUTLS_NO_TICKETS) ||
	    gnutls_priority_set_direct(client->tls, priority, NULL) ||
	    ngtcp2_crypto_gnutls_configure_client_session(client->tls) ||
	    gnutls_credentials_set(client->tls, GNUTLS_CRD_CERTIFICATE, credentials) ||
	    gnutls_alpn_set_protocols(client->tls, &alpn, 1, GNUTLS_ALPN_MANDATORY) ||
	    gnutls_server_name_set(client->tls, GNUTLS_NAME_DNS, want.host, strlen(want.host)))
		die("GnuTLS could not be set up");
	gnutls_session_set_ptr(client->tls, &client->ref);
}

static void quic_begin(struct client *client)
{
	ngtcp2_settings settings;
	ngtcp2_transport_params params;
	ngtcp2_cid ours, theirs;
	ngtcp2_path path = path_of(client);
	ngtcp2_settings_default(&settings);
	settings.initial_ts = now_ns();
	settings.max_window = 16 << 20;
	settings.max_stream_window = 16 << 20;
	ngtcp2_transport_params_default(&params);
	params.max_udp_payload_size = ETHERNET; /* else a server finds out that loopback takes 64 KB in one packet */
	params.initial_max_data = 4 << 20;
	params.initial_max_stream_data_bidi_local = 4 << 20;
	params.initial_max_stream_data_uni = 256 << 10;
	params.initial_max_streams_uni = 3;
	ours.datalen = theirs.datalen = 16;
	gnutls_rnd(GNUTLS_RND_NONCE, ours.data, ours.datalen);
	gnutls_rnd(GNUTLS_RND_NONCE, theirs.data, theirs.datalen);
	if (ngtcp2_conn_client_new(&client->quic, &theirs, &ours, &path, NGTCP2_PROTO_VER_V1, &quic_callbacks,
				   &settings, &params, NULL, client))
		die("a connection could not be made");
	ngtcp2_conn_set_tls_native_handle(client->quic, client->tls);
}

static void socket_begin(struct client *client)
{
	socklen_t len = sizeof(client->local);
	int on = 1, room = 4 << 20;
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = client };
	client->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	if (client->fd < 0 || connect(client->fd, (struct sockaddr *)&want.remote, sizeof(want.remote)) ||
	    getsockname(client->fd, (struct sockaddr *)&client->local, &len) ||
	    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, client->fd, &event))
		die(strerror(errno));
	setsockopt(client->fd, IPPROTO_UDP, UDP_GRO, &on, sizeof(on));
	setsockopt(client->fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
}

static void client_begin(struct client *client)
{
	*client = (struct client){ 0 };
	if (want.planned && !(client->requests = calloc(want.streams, sizeof(*client->requests))))
		die("no memory");
	socket_begin(client);
	tls_begin(client);
	quic_begin(client);
}

static void client_end(struct client *client)
{
	uint8_t packet[DATAGRAM];
	ngtcp2_ccerr why;
	ngtcp2_path_storage path;
	ngtcp2_path_storage_zero(&path);
	ngtcp2_ccerr_default(&why);
	ngtcp2_ccerr_set_application_error(&why, NGHTTP3_H3_NO_ERROR, NULL, 0);
	ngtcp2_ssize n = ngtcp2_conn_write_connection_close(client->quic, &path.path, NULL, packet, sizeof(packet),
							    &why, now_ns());
	if (n > 0 && send(client->fd, packet, (size_t)n, 0) < 0)
		perror("h3load: send");
	nghttp3_conn_del(client->http);
	ngtcp2_conn_del(client->quic);
	gnutls_deinit(client->tls);
	close(client->fd);
	client->quic = NULL;
}

static void client_lost(struct client *client, const char *why)
{
	fprintf(stderr, "h3load: connection lost: %s\n", why);
	if (want.planned)
		die("the plan ends here");
	count.failed += client->active + !client->asked;
	client->done = true;
}

/* ---- datagrams --------------------------------------------------------------------------------------------------- */

static ngtcp2_ssize packet_make(struct client *client, uint8_t *to, uint64_t now)
{
	ngtcp2_path_storage path;
	ngtcp2_path_storage_zero(&path);
	for (;;) {
		int64_t id = -1;
		int fin = 0;
		nghttp3_vec parts[8];
		nghttp3_ssize n_parts = 0;
		ngtcp2_ssize taken = -1;
		if (client->http && ngtcp2_conn_get_max_data_left(client->quic))
			n_parts = nghttp3_conn_writev_stream(client->http, &id, &fin, parts, 8);
		if (n_parts < 0)
			return NGTCP2_ERR_CALLBACK_FAILURE;
		uint32_t flags = NGTCP2_WRITE_STREAM_FLAG_MORE | (fin ? NGTCP2_WRITE_STREAM_FLAG_FIN : 0);
		ngtcp2_ssize n = ngtcp2_conn_writev_stream(client->quic, &path.path, NULL, to, DATAGRAM, &taken, flags,
							   id, (ngtcp2_vec *)parts, (size_t)n_parts, now);
		if (taken >= 0)
			nghttp3_conn_add_write_offset(client->http, id, (size_t)taken);
		if (n == NGTCP2_ERR_WRITE_MORE)
			continue;
		if (n == NGTCP2_ERR_STREAM_DATA_BLOCKED)
			nghttp3_conn_block_stream(client->http, id);
		else if (n == NGTCP2_ERR_STREAM_SHUT_WR)
			nghttp3_conn_shutdown_stream_write(client->http, id);
		else
			return n;
	}
}

static void client_write(struct client *client)
{
	uint64_t now = now_ns();
	uint8_t packet[DATAGRAM];
	ngtcp2_ssize n;
	while ((n = packet_make(client, packet, now)) > 0)
		if (send(client->fd, packet, (size_t)n, 0) < 0 && errno != EAGAIN)
			return client_lost(client, strerror(errno));
	if (n < 0)
		return client_lost(client, ngtcp2_strerror((int)n));
	ngtcp2_conn_update_pkt_tx_time(client->quic, now);
}

/* One train of datagrams as the kernel gathered it: how long each is, but for the last. */
static size_t segment_of(struct msghdr *message, size_t n)
{
	for (struct cmsghdr *part = CMSG_FIRSTHDR(message); part; part = CMSG_NXTHDR(message, part))
		if (part->cmsg_level == IPPROTO_UDP && part->cmsg_type == UDP_GRO) {
			int size;
			memcpy(&size, CMSG_DATA(part), sizeof(size));
			return (size_t)size;
		}
	return n;
}

static void client_read(struct client *client)
{
	static uint8_t train[RECEIVE];
	ngtcp2_path path = path_of(client);
	for (int turn = 0; turn < TURNS_PER_READ && !client->done; turn++) {
		char control[CMSG_SPACE(sizeof(int))];
		struct iovec room = { train, sizeof(train) };
		struct msghdr message = {
			.msg_iov = &room, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)
		};
		ssize_t n = recvmsg(client->fd, &message, 0);
		if (n < 0)
			return errno == EAGAIN ? (void)0 : client_lost(client, strerror(errno));
		size_t each = segment_of(&message, (size_t)n);
		for (size_t at = 0; at < (size_t)n; at += each) {
			size_t len = (size_t)n - at < each ? (size_t)n - at : each;
			int error = ngtcp2_conn_read_pkt(client->quic, &path, NULL, train + at, len, now_ns());
			if (error)
				return client_lost(client, ngtcp2_strerror(error));
		}
	}
}

/* Sends what of the plan is due, as far as there is room. */
static void pump(void)
{
	static unsigned turn;
	uint64_t now = now_ns();
	for (unsigned full = 0; full < want.connections && plan_due_ns(&plan, now) <= now;) {
		struct client *client = &clients[turn++ % want.connections];
		if (client->active == want.streams || !request_begin(client, now)) {
			full++;
			continue;
		}
		full = 0;
		client_write(client);
	}
}

static bool anything_left(const struct client *client)
{
	return want.requests ? count.done + count.failed < want.requests : now_ns() < ends_ns || client->active;
}

/* After a connection has had its turn. */
static void client_settle(struct client *client)
{
	if (!client->done)
		client_write(client);
	if (!client->done)
		return;
	client_end(client);
	if (want.once && (want.requests ? count.begun < want.requests : now_ns() < ends_ns)) {
		client_begin(client);
		client_write(client);
	}
}

/* ---- the whole --------------------------------------------------------------------------------------------------- */

/* Milliseconds to the next timer of any connection, after running those that are due. */
static int timers_run(void)
{
	uint64_t now = now_ns(), next = now + 100000000;
	for (unsigned i = 0; i < want.connections; i++) {
		struct client *client = &clients[i];
		if (!client->quic)
			continue;
		if (ngtcp2_conn_get_expiry(client->quic) <= now) {
			int error = ngtcp2_conn_handle_expiry(client->quic, now);
			if (error)
				client_lost(client, ngtcp2_strerror(error));
			client_settle(client);
		}
		if (client->quic && ngtcp2_conn_get_expiry(client->quic) < next)
			next = ngtcp2_conn_get_expiry(client->quic);
	}
	return next > now ? (int)((next - now + 999999) / 1000000) : 0;
}

static bool input_ended(void)
{
	char text[256];
	ssize_t n = read(STDIN_FILENO, text, sizeof(text));
	return n == 0 || (n < 0 && errno != EAGAIN);
}

static void open_next(void)
{
	struct client *client = &clients[opened++];
	client_begin(client);
	client_write(client);
}

static bool plan_running(uint64_t now)
{
	if (now < plan.ends_ns)
		return true;
	return now < plan.ends_ns + PATIENCE_S * PLAN_SECOND && (n_active || plan_due_ns(&plan, now) <= now);
}

/* The plan begins when all connections are there. */
static void plan_go(void)
{
	if (!plan.began_ns) {
		if (count.handshakes < want.connections)
			return;
		plan_begin(&plan, want.seconds);
	}
	pump();
}

/* For so long there is nothing to do: until a timer, or until the plan's next request is due, if there is room for it. */
static struct timespec patience(void)
{
	uint64_t left = (uint64_t)timers_run() * 1000000, now = now_ns();
	uint64_t due = want.planned && plan.began_ns && n_active < want.connections * want.streams ? plan_due_ns(&plan, now) : UINT64_MAX;
	if (due < now + left)
		left = due > now ? due - now : 0;
	return (struct timespec){ .tv_sec = (time_t)(left / PLAN_SECOND), .tv_nsec = (long)(left % PLAN_SECOND) };
}

static void plan_end(void)
{
	for (unsigned i = 0; i < want.connections; i++)
		for (unsigned at = 0; at < want.streams; at++)
			if (clients[i].requests[at].used)
				plan_given_up(&plan, clients[i].requests[at].from_ns);
	plan_finish(&plan);
}

static bool running(void)
{
	static bool told;
	if (want.planned)
		return !plan.began_ns || plan_running(now_ns());
	if (want.idle) {
		if (opened < want.connections && count.idle + count.failed >= opened)
			open_next();
		if (!told && count.idle + count.failed >= want.connections) {
			told = true;
			puts("idle");
			fflush(stdout);
		}
		return !told || !input_ended();
	}
	for (unsigned i = 0; i < want.connections; i++)
		if (clients[i].quic && anything_left(&clients[i]))
			return true;
	return false;
}

static void run(void)
{
	struct epoll_event events[EVENTS];
	while (opened < (want.idle ? 1 : want.connections))
		open_next();
	while (running()) {
		struct timespec left = patience();
		int n = epoll_pwait2(epoll_fd, events, EVENTS, &left, NULL);
		for (int i = 0; i < n; i++) {
			struct client *client = events[i].data.ptr;
			if (!client->quic)
				continue;
			client_read(client);
			client_settle(client);
		}
		if (want.planned)
			plan_go();
	}
	if (want.planned)
		plan_end();
	for (unsigned i = 0; i < want.connections; i++)
		if (clients[i].quic)
			client_end(&clients[i]);
}

static void field(const char *name, const char *value)
{
	if (want.n_fields == HEADERS_MAX)
		die("too many headers");
	want.fields[want.n_fields++] = (nghttp3_nv){ .name = (uint8_t *)(uintptr_t)name,
						     .namelen = strlen(name),
						     .value = (uint8_t *)(uintptr_t)value,
						     .valuelen = strlen(value) };
}

static void header(char *text)
{
	char *colon = strchr(text, ':');
	if (!colon)
		die("a header without a colon");
	*colon++ = 0;
	field(text, colon + strspn(colon, " "));
}

static void command_line(int argc, char **argv)
{
	char *headers[HEADERS_MAX];
	size_t n = 0;
	for (int option; (option = getopt(argc, argv, "c:m:d:n:r:w:f1iH:")) != -1;)
		switch (option) {
		case 'c':
			want.connections = (unsigned)strtoul(optarg, NULL, 10);
			break;
		case 'm':
			want.streams = (unsigned)strtoul(optarg, NULL, 10);
			break;
		case 'd':
			want.seconds = strtod(optarg, NULL);
			break;
		case 'n':
			want.requests = strtoull(optarg, NULL, 10);
			break;
		case 'r':
			plan.rate = strtod(optarg, NULL);
			break;
		case 'w':
			plan.warm_s = strtod(optarg, NULL);
			break;
		case 'f':
			want.planned = true;
			break;
		case '1':
			want.once = true;
			break;
		case 'i':
			want.idle = true;
			break;
		case 'H':
			n < HEADERS_MAX ? headers[n++] = optarg : (char *)NULL;
			break;
		default:
			exit(64);
		}
	if (argc - optind != 3 || !want.connections || !want.streams)
		die("usage: h3load [-c N] [-m N] [-d SECONDS | -n REQUESTS] [-1] [-i] [-H HEADER]… HOST PORT PATH");
	if (want.once || want.idle)
		want.streams = 1;
	if (want.idle)
		want.requests = want.connections;
	want.host = argv[optind];
	want.path = argv[optind + 2];
	if (want.planned && !plan_read(&plan, want.path))
		die("the file has no paths");
	want.remote = (struct sockaddr_in){ .sin_family = AF_INET,
					    .sin_port = htons((uint16_t)strtoul(argv[optind + 1], NULL, 10)),
					    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	field(":method", "GET"), field(":scheme", "https"), field(":authority", want.host), field(":path", want.path);
	for (size_t i = 0; i < n; i++)
		header(headers[i]);
}

int main(int argc, char **argv)
{
	command_line(argc, argv);
	alarm((unsigned)(want.seconds + plan.warm_s) + GRACE_S);
	fcntl(STDIN_FILENO, F_SETFL, fcntl(STDIN_FILENO, F_GETFL) | O_NONBLOCK);
	clients = calloc(want.connections, sizeof(*clients));
	epoll_fd = epoll_create1(0);
	if (!clients || epoll_fd < 0 || gnutls_certificate_allocate_credentials(&credentials))
		die("no memory");
	uint64_t began = now_ns();
	ends_ns = began + (uint64_t)(want.seconds * 1e9);
	run();
	if (want.planned) {
		plan_print(&plan, count.handshakes, count.bytes);
		return plan.failed || plan.unanswered || !plan.done;
	}
	double took = (double)(now_ns() - began) / 1e9;
	printf("{\"requests\": %llu, \"failed\": %llu, \"bytes\": %llu, \"handshakes\": %llu, \"seconds\": %.3f, "
	       "\"rate\": %.1f}\n",
	       (unsigned long long)count.done, (unsigned long long)count.failed, (unsigned long long)count.bytes,
	       (unsigned long long)count.handshakes, took, (double)count.done / took);
	return count.failed || !count.done;
}
