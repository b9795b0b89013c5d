/* SPDX-License-Identifier: MIT */
/*
 * A QUIC client whose streams are made by hand: what no HTTP/3 library would send. ngtcp2 and GnuTLS carry it, another
 * TLS than the server's.
 *
 *	h3_raw PORT CA [OPTION…]
 *		--alpn NAME         instead of h3
 *		--priority TEXT     GnuTLS's: groups, ciphers
 *		--window BYTES      the server may send ahead on a stream (65536)
 *		--streams N         unidirectional streams the server may open (3)
 *		--keep FILE         session ticket and address token, used when there, and kept for the next time
 *
 * Reads commands from standard input, a line each:
 *	open uni|bidi           data STREAM HEX         fin STREAM          reset STREAM CODE     stop STREAM CODE
 *	credit STREAM BYTES     close CODE              update              wait MS
 * and says what happens on standard output:
 *	hello retried           ready resumed|full      opened STREAM       data STREAM HEX       fin STREAM
 *	reset STREAM CODE       closed STREAM           close app|transport CODE                  failed WHY
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <ngtcp2/ngtcp2.h>
#include <ngtcp2/ngtcp2_crypto.h>
#include <ngtcp2/ngtcp2_crypto_gnutls.h>

enum {
	MAX_STREAMS = 4096,
	MAX_LINE = 1 << 20,
	MAX_TICKET = 8192,
	MAX_TOKEN = 512,
	MAX_BYTES = 1 << 18,
	GIVE_UP_S = 60,
};

/* What is still to be sent. Sent bytes stay: ngtcp2 may need them again. */
struct stream {
	uint8_t *bytes;
	size_t len, sent;
	bool seen, fin, fin_sent;
};

static struct {
	const char *port, *ca, *alpn, *priority, *keep;
	uint64_t window, streams;
} options = { .alpn = "h3",
	      .priority = "%DISABLE_TLS13_COMPAT_MODE:NORMAL:-VERS-ALL:+VERS-TLS1.3:-GROUP-ALL:+GROUP-X25519:"
			  "+GROUP-SECP256R1:+GROUP-SECP384R1",
	      .window = 65536,
	      .streams = 3 };

static int fd = -1;
static struct sockaddr_in local, remote;
static gnutls_session_t tls;
static gnutls_certificate_credentials_t credentials;
static ngtcp2_conn *conn;
static ngtcp2_crypto_conn_ref conn_ref;
static struct stream streams[MAX_STREAMS];
static bool ready, over, input_over;
static uint64_t paused_until;
static uint8_t token[MAX_TOKEN];
static size_t token_len;

static uint64_t now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * NGTCP2_SECONDS + (uint64_t)t.tv_nsec;
}

static void say(const char *what, int64_t stream, const uint8_t *bytes, size_t len)
{
	printf("%s %lld", what, (long long)stream);
	if (len)
		putchar(' ');
	for (size_t i = 0; i < len; i++)
		printf("%02x", bytes[i]);
	putchar('\n');
}

static void fail(const char *why)
{
	if (!over)
		printf("failed %s\n", why);
	over = true;
}

static void check(bool is_so, const char *what)
{
	if (is_so)
		return;
	fail(what);
	fflush(stdout);
	exit(1);
}

static struct stream *stream_of(int64_t id)
{
	check(id >= 0 && id < MAX_STREAMS, "stream id out of range");
	return &streams[id];
}

/* ── What is kept for the next time: two lengths, ticket, token ── */

static void recall(void)
{
	FILE *file = options.keep ? fopen(options.keep, "rb") : NULL;
	static uint8_t ticket[MAX_TICKET];
	uint32_t sizes[2];

	if (!file)
		return;
	if (fread(sizes, sizeof(sizes), 1, file) == 1 && sizes[0] <= MAX_TICKET && sizes[1] <= MAX_TOKEN &&
	    fread(ticket, 1, sizes[0], file) == sizes[0] && fread(token, 1, sizes[1], file) == sizes[1]) {
		token_len = sizes[1];
		check(gnutls_session_set_data(tls, ticket, sizes[0]) == 0, "the kept session is of no use");
	}
	fclose(file);
}

static void keep(void)
{
	gnutls_datum_t ticket;
	FILE *file;

	if (!options.keep || gnutls_session_get_data2(tls, &ticket) || !(file = fopen(options.keep, "wb")))
		return;
	uint32_t sizes[2] = { ticket.size, (uint32_t)token_len };
	check(fwrite(sizes, sizeof(sizes), 1, file) == 1 && fwrite(ticket.data, 1, ticket.size, file) == ticket.size &&
		      fwrite(token, 1, token_len, file) == token_len,
	      "cannot write what is to be kept");
	fclose(file);
	gnutls_free(ticket.data);
}

static int on_message(gnutls_session_t session, unsigned type, unsigned when, unsigned incoming,
		      const gnutls_datum_t *message)
{
	static unsigned n_hellos;
	(void)session, (void)when, (void)message;
	if (type == GNUTLS_HANDSHAKE_CLIENT_HELLO && !incoming && ++n_hellos == 2)
		printf("hello retried\n");
	if (type == GNUTLS_HANDSHAKE_NEW_SESSION_TICKET && incoming)
		keep();
	return 0;
}

static int on_token(ngtcp2_conn *of, const uint8_t *bytes, size_t len, void *arg)
{
	(void)of, (void)arg;
	token_len = len <= MAX_TOKEN ? len : 0;
	memcpy(token, bytes, token_len);
	keep();
	return 0;
}

/* ── What ngtcp2 tells ── */

static void fill_random(uint8_t *to, size_t len, const ngtcp2_rand_ctx *context)
{
	(void)context;
	check(getrandom(to, len, 0) == (ssize_t)len, "no randomness");
}

static int new_id(ngtcp2_conn *of, ngtcp2_cid *cid, uint8_t *reset, size_t len, void *arg)
{
	(void)of, (void)arg;
	fill_random(cid->data, cid->datalen = len, NULL);
	fill_random(reset, NGTCP2_STATELESS_RESET_TOKENLEN, NULL);
	return 0;
}

static int on_ready(ngtcp2_conn *of, void *arg)
{
	(void)of, (void)arg;
	ready = true;
	printf("ready %s\n", gnutls_session_is_resumed(tls) ? "resumed" : "full");
	return 0;
}

static int on_data(ngtcp2_conn *of, uint32_t flags, int64_t id, uint64_t offset, const uint8_t *at, size_t len,
		   void *arg, void *state)
{
	(void)of, (void)offset, (void)arg, (void)state;
	if (len)
		say("data", id, at, len);
	if (flags & NGTCP2_STREAM_DATA_FLAG_FIN)
		say("fin", id, NULL, 0);
	return 0;
}

static int on_reset(ngtcp2_conn *of, int64_t id, uint64_t size, uint64_t code, void *arg, void *state)
{
	(void)of, (void)size, (void)arg, (void)state;
	printf("reset %lld 0x%llx\n", (long long)id, (unsigned long long)code);
	return 0;
}

static int on_closed(ngtcp2_conn *of, uint32_t flags, int64_t id, uint64_t code, void *arg, void *state)
{
	(void)of, (void)flags, (void)code, (void)arg, (void)state;
	say("closed", id, NULL, 0);
	return 0;
}

static ngtcp2_conn *conn_of(ngtcp2_crypto_conn_ref *ref)
{
	(void)ref;
	return conn;
}

/* ── Beginning ── */

static void begin_socket(void)
{
	socklen_t len = sizeof(local);
	remote = (struct sockaddr_in){ .sin_family = AF_INET,
				       .sin_port = htons((uint16_t)atoi(options.port)),
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	check(fd >= 0 && connect(fd, (struct sockaddr *)&remote, sizeof(remote)) == 0 &&
		      getsockname(fd, (struct sockaddr *)&local, &len) == 0,
	      "no socket");
}

static void begin_tls(void)
{
	gnutls_datum_t alpn = { (unsigned char *)options.alpn, (unsigned)strlen(options.alpn) };

	check(gnutls_certificate_allocate_credentials(&credentials) == 0 &&
		      gnutls_certificate_set_x509_trust_file(credentials, options.ca, GNUTLS_X509_FMT_PEM) > 0,
	      "no authority");
	check(gnutls_init(&tls, GNUTLS_CLIENT | GNUTLS_KEY_SHARE_TOP) == 0 &&
		      gnutls_priority_set_direct(tls, options.priority, NULL) == 0 &&
		      ngtcp2_crypto_gnutls_configure_client_session(tls) == 0 &&
		      gnutls_credentials_set(tls, GNUTLS_CRD_CERTIFICATE, credentials) == 0 &&
		      gnutls_server_name_set(tls, GNUTLS_NAME_DNS, "localhost", 9) == 0 &&
		      gnutls_alpn_set_protocols(tls, &alpn, 1, GNUTLS_ALPN_MANDATORY) == 0,
	      "no TLS session");
	gnutls_session_set_verify_cert(tls, "localhost", 0);
	gnutls_handshake_set_hook_function(tls, GNUTLS_HANDSHAKE_ANY, GNUTLS_HOOK_POST, on_message);
	conn_ref = (ngtcp2_crypto_conn_ref){ .get_conn = conn_of };
	gnutls_session_set_ptr(tls, &conn_ref);
	recall();
}

static ngtcp2_path path(void)
{
	return (ngtcp2_path){ .local = { (ngtcp2_sockaddr *)&local, sizeof(local) },
			      .remote = { (ngtcp2_sockaddr *)&remote, sizeof(remote) } };
}

static void begin_quic(void)
{
	static const ngtcp2_callbacks callbacks = {
		.client_initial = ngtcp2_crypto_client_initial_cb,
		.recv_crypto_data = ngtcp2_crypto_recv_crypto_data_cb,
		.handshake_completed = on_ready,
		.encrypt = ngtcp2_crypto_encrypt_cb,
		.decrypt = ngtcp2_crypto_decrypt_cb,
		.hp_mask = ngtcp2_crypto_hp_mask_cb,
		.recv_stream_data = on_data,
		.stream_close = on_closed,
		.recv_retry = ngtcp2_crypto_recv_retry_cb,
		.rand = fill_random,
		.get_new_connection_id = new_id,
		.update_key = ngtcp2_crypto_update_key_cb,
		.stream_reset = on_reset,
		.delete_crypto_aead_ctx = ngtcp2_crypto_delete_crypto_aead_ctx_cb,
		.delete_crypto_cipher_ctx = ngtcp2_crypto_delete_crypto_cipher_ctx_cb,
		.get_path_challenge_data = ngtcp2_crypto_get_path_challenge_data_cb,
		.recv_new_token = on_token,
		.version_negotiation = ngtcp2_crypto_version_negotiation_cb,
	};
	ngtcp2_cid dcid = { .datalen = 18 }, scid = { .datalen = 8 };
	ngtcp2_path at = path();
	ngtcp2_settings settings;
	ngtcp2_transport_params params;

	fill_random(dcid.data, dcid.datalen, NULL);
	fill_random(scid.data, scid.datalen, NULL);
	ngtcp2_settings_default(&settings);
	settings.initial_ts = now();
	settings.token = token;
	settings.tokenlen = token_len;
	settings.token_type = token_len ? NGTCP2_TOKEN_TYPE_NEW_TOKEN : NGTCP2_TOKEN_TYPE_UNKNOWN;
	ngtcp2_transport_params_default(&params);
	params.initial_max_streams_uni = options.streams;
	params.initial_max_stream_data_bidi_local = options.window;
	params.initial_max_stream_data_uni = 1 << 20;
	params.initial_max_data = 1 << 30;
	params.max_idle_timeout = GIVE_UP_S * NGTCP2_SECONDS;
	check(ngtcp2_conn_client_new(&conn, &dcid, &scid, &at, NGTCP2_PROTO_VER_V1, &callbacks, &settings, &params,
				     NULL, NULL) == 0,
	      "no connection");
	ngtcp2_conn_set_tls_native_handle(conn, tls);
}

/* ── Packets ── */

static void tell_end(int error)
{
	const ngtcp2_ccerr *why = ngtcp2_conn_get_ccerr(conn);

	if (error != NGTCP2_ERR_DRAINING) {
		fail(ngtcp2_strerror(error));
		return;
	}
	printf("close %s 0x%llx\n", why->type == NGTCP2_CCERR_TYPE_APPLICATION ? "app" : "transport",
	       (unsigned long long)why->error_code);
	over = true;
}

static void receive(void)
{
	uint8_t packet[65536];
	ngtcp2_path at = path();
	ngtcp2_pkt_info info = { 0 };
	ssize_t n;

	while (!over && (n = recv(fd, packet, sizeof(packet), 0)) >= 0) {
		int error = ngtcp2_conn_read_pkt(conn, &at, &info, packet, (size_t)n, now());
		if (error)
			tell_end(error);
	}
	if (!over && errno == ECONNREFUSED)
		fail("nobody listens");
}

static int64_t next_with_output(void)
{
	for (int64_t id = 0; id < MAX_STREAMS; id++) {
		const struct stream *stream = &streams[id];
		if (stream->seen && (stream->sent < stream->len || (stream->fin && !stream->fin_sent)))
			return id;
	}
	return -1;
}

static void forget(int64_t id)
{
	streams[id].seen = false;
}

static void transmit(void)
{
	uint8_t packet[1452];
	ngtcp2_path_storage by;
	ngtcp2_pkt_info info;

	while (!over) {
		int64_t id = ready ? next_with_output() : -1;
		struct stream *stream = id < 0 ? NULL : &streams[id];
		ngtcp2_vec vec = { stream ? stream->bytes + stream->sent : NULL,
				   stream ? stream->len - stream->sent : 0 };
		ngtcp2_ssize taken = -1;
		ngtcp2_path_storage_zero(&by);
		ngtcp2_ssize n = ngtcp2_conn_writev_stream(conn, &by.path, &info, packet, sizeof(packet), &taken,
							   stream && stream->fin ? NGTCP2_WRITE_STREAM_FLAG_FIN : 0, id,
							   &vec, vec.len ? 1 : 0, now());
		if (n == NGTCP2_ERR_STREAM_SHUT_WR || n == NGTCP2_ERR_STREAM_NOT_FOUND) {
			forget(id);
			continue;
		}
		if (n == NGTCP2_ERR_STREAM_DATA_BLOCKED)
			return;
		if (n < 0) {
			tell_end((int)n);
			return;
		}
		if (stream && taken >= 0) {
			stream->sent += (size_t)taken;
			stream->fin_sent = stream->fin && stream->sent == stream->len;
		}
		if (n == 0)
			return;
		if (send(fd, packet, (size_t)n, 0) < 0 && errno != EAGAIN)
			fail("cannot send");
		ngtcp2_conn_update_pkt_tx_time(conn, now());
	}
}

static void hang_up(uint64_t code)
{
	uint8_t packet[1452];
	ngtcp2_path_storage by;
	ngtcp2_pkt_info info;
	ngtcp2_ccerr why;

	ngtcp2_path_storage_zero(&by);
	ngtcp2_ccerr_default(&why);
	ngtcp2_ccerr_set_application_error(&why, code, NULL, 0);
	ngtcp2_ssize n = ngtcp2_conn_write_connection_close(conn, &by.path, &info, packet, sizeof(packet), &why, now());
	if (n > 0 && send(fd, packet, (size_t)n, 0) < 0)
		fail("cannot send");
	over = true;
}

/* ── Commands ── */

static void add_bytes(struct stream *stream, const char *hex)
{
	size_t n = strlen(hex) / 2;

	if (!stream->bytes)
		stream->bytes = malloc(MAX_BYTES); /* once: what was sent may not move */
	check(stream->bytes && stream->len + n <= MAX_BYTES, "too much for one stream");
	for (size_t i = 0; i < n; i++) {
		unsigned byte;
		check(sscanf(hex + 2 * i, "%2x", &byte) == 1, "not hexadecimal");
		stream->bytes[stream->len++] = (uint8_t)byte;
	}
}

static void open_stream(const char *kind)
{
	int64_t id;
	int error = strcmp(kind, "uni") == 0 ? ngtcp2_conn_open_uni_stream(conn, &id, NULL)
					     : ngtcp2_conn_open_bidi_stream(conn, &id, NULL);
	check(error == 0, "no more streams");
	*stream_of(id) = (struct stream){ .seen = true };
	say("opened", id, NULL, 0);
}

static void obey(char *line)
{
	char *word = strtok(line, " \n"), *first = strtok(NULL, " \n"), *second = strtok(NULL, " \n");
	int64_t id = first ? strtoll(first, NULL, 0) : 0;
	uint64_t number = second ? strtoull(second, NULL, 0) : 0;

	if (!word)
		return;
	if (strcmp(word, "open") == 0)
		open_stream(first);
	else if (strcmp(word, "data") == 0)
		add_bytes(stream_of(id), second ? second : "");
	else if (strcmp(word, "fin") == 0)
		stream_of(id)->fin = true;
	else if (strcmp(word, "reset") == 0)
		ngtcp2_conn_shutdown_stream_write(conn, 0, id, number);
	else if (strcmp(word, "stop") == 0)
		ngtcp2_conn_shutdown_stream_read(conn, 0, id, number);
	else if (strcmp(word, "credit") == 0) {
		ngtcp2_conn_extend_max_stream_offset(conn, id, number);
		ngtcp2_conn_extend_max_offset(conn, number);
	} else if (strcmp(word, "close") == 0)
		hang_up((uint64_t)id);
	else if (strcmp(word, "update") == 0)
		check(ngtcp2_conn_initiate_key_update(conn, now()) == 0, "no key update now");
	else if (strcmp(word, "wait") == 0)
		paused_until = now() + (uint64_t)id * NGTCP2_MILLISECONDS;
	else
		check(false, "what is that command?");
}

/* One command a turn, once the handshake is done. */
static void listen_to_input(void)
{
	static char line[MAX_LINE];
	static size_t len;
	char *end;

	while (!over && ready && now() >= paused_until) {
		end = memchr(line, '\n', len);
		if (!end) {
			ssize_t n = read(STDIN_FILENO, line + len, sizeof(line) - len);
			if (n == 0)
				input_over = true;
			if (n <= 0)
				return;
			len += (size_t)n;
			continue;
		}
		*end = 0;
		size_t used = (size_t)(end - line) + 1;
		obey(line);
		memmove(line, line + used, len - used);
		len -= used;
		transmit();
	}
}

static int wait_ms(void)
{
	uint64_t expiry = ngtcp2_conn_get_expiry(conn), at = now();

	if (paused_until > at && paused_until < expiry)
		expiry = paused_until;
	if (expiry <= at)
		return 0;
	uint64_t ms = (expiry - at) / NGTCP2_MILLISECONDS + 1;
	return ms > 1000 ? 1000 : (int)ms;
}

static void turn(void)
{
	struct pollfd polled[2] = { { .fd = fd, .events = POLLIN }, { .fd = STDIN_FILENO, .events = POLLIN } };
	bool listens = ready && !input_over && now() >= paused_until;

	transmit();
	fflush(stdout);
	if (over || poll(polled, listens ? 2 : 1, wait_ms()) < 0)
		return;
	receive();
	if (!over && ngtcp2_conn_get_expiry(conn) <= now()) {
		int error = ngtcp2_conn_handle_expiry(conn, now());
		if (error)
			tell_end(error);
	}
	listen_to_input();
}

int main(int argc, char **argv)
{
	if (argc < 3) {
		fprintf(stderr, "usage: h3_raw PORT CA [--alpn NAME] [--priority TEXT] [--window BYTES] [--streams N] "
				"[--keep FILE]\n");
		return 64;
	}
	options.port = argv[1];
	options.ca = argv[2];
	for (int i = 3; i + 1 < argc; i += 2) {
		if (strcmp(argv[i], "--alpn") == 0)
			options.alpn = argv[i + 1];
		else if (strcmp(argv[i], "--priority") == 0)
			options.priority = argv[i + 1];
		else if (strcmp(argv[i], "--window") == 0)
			options.window = strtoull(argv[i + 1], NULL, 0);
		else if (strcmp(argv[i], "--streams") == 0)
			options.streams = strtoull(argv[i + 1], NULL, 0);
		else if (strcmp(argv[i], "--keep") == 0)
			options.keep = argv[i + 1];
	}
	check(fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK) == 0, "no input");
	begin_socket();
	begin_tls();
	begin_quic();
	for (uint64_t end = now() + GIVE_UP_S * NGTCP2_SECONDS; !over && !input_over && now() < end;)
		turn();
	if (!over && ready)
		hang_up(0x100); /* H3_NO_ERROR */
	fflush(stdout);
	ngtcp2_conn_del(conn);
	gnutls_deinit(tls);
	gnutls_certificate_free_credentials(credentials);
	close(fd);
	return 0;
}
