/* SPDX-License-Identifier: MIT */
/* Whole handshakes in memory: the server's TLS against GnuTLS, and against messages made by hand. */
#include "../support/cert_fixture.h"

#include "../support/hello_made.h"
#include "../support/quic_client.h"
#include "net/tls_shake.h"

enum { PACKETS_MAX = 64, PACKET_MAX = 1500, ROUNDS = 60, ROUND_NS = 5 * MILLISECOND };

/* ── The server's half ── */

/* As the endpoint has it: certificates of tls.h, handshakes stepped by tls_shake.h. */
struct host {
	struct tls_context *tls;
	struct quic_tls_context *context;
	struct tls_shake shake;
};

static int host_configure(void *arg, mbedtls_ssl_config *config)
{
	return tls_context_apply(arg, config);
}

static int host_shake(void *owner, mbedtls_ssl_context *ssl)
{
	struct host *host = owner;
	return tls_shake_hands(host->tls, ssl, &host->shake);
}

static void host_open(struct host *host, struct fixture *fixture, const char *client_ca, bool required)
{
	static const char *const alpn[] = { "h3", NULL };
	struct tls_settings settings = { .pairs = { { fixture->files.cert, fixture->files.key } },
					 .n_pairs = 1,
					 .client_ca = client_ca,
					 .client_required = required };
	struct str said = STR_ABSENT;

	*host = (struct host){ .tls = NULL };
	if (tls_context_new(&settings, fixture->arena, &host->tls, &said))
		fail_msg("%.*s", STR_ARG(said));
	struct quic_tls_settings quic = {
		.configure = host_configure, .arg = host->tls, .shake = host_shake, .alpn = alpn
	};
	host->context = quic_tls_context_new(&quic);
	assert_non_null(host->context);
}

static void host_close(struct host *host)
{
	tls_shake_free(&host->shake);
	quic_tls_context_free(host->context);
	tls_context_free(host->tls);
}

/* ── Carrying packets ── */

struct pair {
	struct host host;
	struct quic_client client;
	struct quic_server server;
	bool scrambled; /* the network turns each flight around after its first packet, and carries all of it twice */
	uint64_t heard; /* the code that the client was told in CONNECTION_CLOSE */
};

struct packets {
	struct {
		uint8_t at[PACKET_MAX];
		size_t len;
	} packet[PACKETS_MAX];
	size_t n;
};

static size_t write_one(struct quic_side *side, uint8_t *to)
{
	ngtcp2_pkt_info info;
	ngtcp2_path_storage path;
	ngtcp2_vec vec = { NULL, 0 };
	ngtcp2_ssize taken = -1;
	bool talks = side->text && side->shaken;

	ngtcp2_path_storage_zero(&path);
	if (talks)
		vec = (ngtcp2_vec){ (uint8_t *)(uintptr_t)side->text + side->n_sent,
				    strlen(side->text) - side->n_sent };
	ngtcp2_ssize n = ngtcp2_conn_writev_stream(side->conn, &path.path, &info, to, PACKET_MAX, &taken, 0,
						   talks && vec.len ? side->stream : -1, &vec, talks && vec.len ? 1 : 0,
						   side->now);
	assert_true(n >= 0);
	side->n_sent += taken > 0 ? (size_t)taken : 0;
	return (size_t)n;
}

static void write_all(struct quic_side *side, struct packets *out)
{
	out->n = 0;
	if (ngtcp2_conn_get_expiry(side->conn) <= side->now)
		assert_int_equal(ngtcp2_conn_handle_expiry(side->conn, side->now), 0);
	while (out->n < PACKETS_MAX && (out->packet[out->n].len = write_one(side, out->packet[out->n].at)))
		out->n++;
}

static void read_one(struct quic_side *side, const uint8_t *at, size_t len)
{
	ngtcp2_path path = side_path();
	ngtcp2_pkt_info info = { 0 };
	if (!side->error)
		side->error = ngtcp2_conn_read_pkt(side->conn, &path, &info, at, len, side->now);
}

static void carry(struct pair *pair, struct quic_side *from, struct quic_side *to)
{
	static struct packets packets;
	if (from->error)
		return;
	write_all(from, &packets);
	for (size_t i = 0; i < packets.n; i++)
		if (!pair->scrambled || i == 0)
			read_one(to, packets.packet[i].at, packets.packet[i].len);
	for (size_t i = packets.n; pair->scrambled && i-- > 0;) {
		read_one(to, packets.packet[i].at, packets.packet[i].len);
		read_one(to, packets.packet[i].at, packets.packet[i].len);
	}
}

/* As an endpoint closes a connection that failed. */
static void tell_why(struct pair *pair)
{
	struct quic_side *side = &pair->server.side;
	uint8_t packet[PACKET_MAX];
	ngtcp2_path_storage path;
	ngtcp2_pkt_info info;
	ngtcp2_ccerr why;

	ngtcp2_path_storage_zero(&path);
	if (side->error == NGTCP2_ERR_CRYPTO)
		quic_tls_why(pair->server.tls, &why);
	else
		ngtcp2_ccerr_set_liberr(&why, side->error, NULL, 0);
	ngtcp2_ssize n = ngtcp2_conn_write_connection_close(side->conn, &path.path, &info, packet, sizeof(packet), &why,
							    side->now);
	if (n <= 0)
		fail_msg("no CONNECTION_CLOSE for %s: %s", ngtcp2_strerror(side->error), ngtcp2_strerror((int)n));
	read_one(&pair->client.side, packet, (size_t)n);
	assert_int_equal(pair->client.side.error, NGTCP2_ERR_DRAINING);
	pair->heard = ngtcp2_conn_get_ccerr(pair->client.side.conn)->error_code;
}

static void run(struct pair *pair)
{
	for (int i = 0; i < ROUNDS && !pair->client.side.error && !pair->server.side.error; i++) {
		pair->client.side.now = pair->server.side.now += ROUND_NS;
		carry(pair, &pair->client.side, &pair->server.side);
		carry(pair, &pair->server.side, &pair->client.side);
	}
	if (pair->server.side.error && !pair->client.side.error)
		tell_why(pair);
}

static void pair_open(struct pair *pair, const struct quic_client_options *options)
{
	ngtcp2_cid client = side_cid("CLIENT.."), original = side_cid("ORIGINAL");
	quic_client_open(&pair->client, options, MILLISECOND);
	quic_server_open(&pair->server, pair->host.context, &pair->host, &client, &original, options->version,
			 MILLISECOND);
	pair->heard = 0;
}

static void pair_close(struct pair *pair)
{
	quic_client_close(&pair->client);
	quic_server_close(&pair->server);
	tls_shake_free(&pair->host.shake);
	pair->host.shake = (struct tls_shake){ .server_name = NULL };
}

static struct quic_client_options ordinary(struct fixture *fixture)
{
	return (struct quic_client_options){ .priorities = client_anything,
					     .alpn = "h3",
					     .version = NGTCP2_PROTO_VER_V1,
					     .ca = fixture->files.ca_cert };
}

static void assert_talk(struct pair *pair, const char *question, const char *answer)
{
	struct quic_side *client = &pair->client.side, *server = &pair->server.side;
	assert_true(client->shaken && server->shaken);
	assert_int_equal(ngtcp2_conn_open_bidi_stream(client->conn, &client->stream, NULL), 0);
	server->stream = client->stream;
	client->text = question;
	client->n_sent = server->n_got = client->n_got = 0;
	server->text = NULL;
	run(pair);
	server->text = answer;
	server->n_sent = 0;
	run(pair);
	assert_int_equal(client->error, 0);
	assert_int_equal(server->error, 0);
	assert_int_equal(server->n_got, strlen(question));
	assert_memory_equal(server->got, question, strlen(question));
	assert_int_equal(client->n_got, strlen(answer));
	assert_memory_equal(client->got, answer, strlen(answer));
}

static void assert_shakes(struct pair *pair, const struct quic_client_options *options)
{
	pair_open(pair, options);
	run(pair);
	if (pair->client.side.error || pair->server.side.error)
		fail_msg("%s: the client's error is %s, the server's %s, alert %u", options->priorities,
			 ngtcp2_strerror(pair->client.side.error), ngtcp2_strerror(pair->server.side.error),
			 ngtcp2_conn_get_tls_alert(pair->server.side.conn));
	assert_true(str_equal(quic_tls_alpn(pair->server.tls), STR("h3")));
	assert_talk(pair, "What is on the first side?", "So What, Freddie Freeloader");
}

/* ── Handshakes that succeed ── */

static void client_of_one_suite_or_group_would_stay_outside(void **state)
{
	static const char *const ciphers[] = { "AES-128-GCM", "AES-256-GCM", "CHACHA20-POLY1305" };
	static const char *const groups[] = { "GROUP-X25519", "GROUP-SECP256R1", "GROUP-SECP384R1" };
	struct fixture *fixture = *state;
	struct pair pair = { .scrambled = false };
	struct quic_client_options options = ordinary(fixture);
	char priorities[256];

	init(fixture, nothing_extra);
	host_open(&pair.host, fixture, NULL, false);
	options.priorities = priorities;
	for (size_t i = 0; i < countof(ciphers) * countof(groups); i++) {
		snprintf(priorities, sizeof(priorities), "%s:-CIPHER-ALL:+%s:-GROUP-ALL:+%s", client_anything,
			 ciphers[i / 3], groups[i % 3]);
		assert_shakes(&pair, &options);
		assert_string_equal(pair.host.shake.server_name, "localhost");
		assert_false(str_present(tls_shake_subject(&pair.host.shake)));
		pair_close(&pair);
	}
	host_close(&pair.host);
}

static void version_2_would_not_be_spoken(void **state)
{
	struct fixture *fixture = *state;
	struct pair pair = { .scrambled = false };
	struct quic_client_options options = ordinary(fixture);

	init(fixture, nothing_extra);
	host_open(&pair.host, fixture, NULL, false);
	options.version = NGTCP2_PROTO_VER_V2;
	assert_shakes(&pair, &options);
	assert_int_equal(ngtcp2_conn_get_negotiated_version(pair.server.side.conn), NGTCP2_PROTO_VER_V2);
	pair_close(&pair);
	host_close(&pair.host);
}

/* As browsers do with ML-KEM's keys: more than one datagram, out of order, twice; and a second one if the guess at the
 * group was wrong. */
static void large_hello_would_not_be_put_together(void **state)
{
	struct fixture *fixture = *state;
	struct pair pair = { .scrambled = false };
	struct quic_client_options options = ordinary(fixture);

	init(fixture, nothing_extra);
	host_open(&pair.host, fixture, NULL, false);
	for (int i = 0; i < 8; i++) {
		pair.scrambled = i & 1;
		options.n_ballast = i & 2 ? 8000 : 1300;
		options.guesses_wrong = i & 4;
		options.priorities = i & 4 ? "%DISABLE_TLS13_COMPAT_MODE:NORMAL:-VERS-ALL:+VERS-TLS1.3:-GROUP-ALL:"
					     "+GROUP-SECP521R1:+GROUP-X25519"
					   : client_anything;
		assert_shakes(&pair, &options);
		assert_int_equal(pair.client.n_retries, i & 4 ? 1 : 0);
		pair_close(&pair);
	}
	host_close(&pair.host);
}

static void keys_would_be_for_ever(void **state)
{
	struct fixture *fixture = *state;
	struct pair pair = { .scrambled = false };
	struct quic_client_options options = ordinary(fixture);

	init(fixture, nothing_extra);
	host_open(&pair.host, fixture, NULL, false);
	assert_shakes(&pair, &options);
	for (int i = 0; i < 6; i++) {
		struct quic_side *side = i & 1 ? &pair.server.side : &pair.client.side;
		assert_int_equal(ngtcp2_conn_initiate_key_update(side->conn, side->now), 0);
		assert_talk(&pair, "And now?", "All Blues");
		/* The old keys must be gone before the next update: RFC 9001, 6.5. */
		pair.client.side.now = pair.server.side.now += 2 * (uint64_t)NGTCP2_SECONDS;
		run(&pair);
	}
	pair_close(&pair);
	host_close(&pair.host);
}

/* ── Tickets ── */

static gnutls_datum_t session_of(struct pair *pair)
{
	gnutls_datum_t session;
	assert_int_not_equal(pair->client.n_tickets, 0);
	assert_int_equal(gnutls_session_get_data2(pair->client.tls, &session), 0);
	return session;
}

static void returning_client_would_pay_in_full(void **state)
{
	struct fixture *fixture = *state;
	struct pair pair = { .scrambled = false };
	struct quic_client_options options = ordinary(fixture);

	init(fixture, nothing_extra);
	host_open(&pair.host, fixture, NULL, false);
	assert_shakes(&pair, &options);
	assert_false(tls_shake_resumed(&pair.host.shake));
	gnutls_datum_t session = session_of(&pair);
	pair_close(&pair);

	options.session = &session;
	assert_shakes(&pair, &options);
	assert_true(gnutls_session_is_resumed(pair.client.tls));
	assert_true(tls_shake_resumed(&pair.host.shake));
	pair_close(&pair);

	/* After a new certificate the keys of tickets are others: no error, but all from the beginning. */
	host_close(&pair.host);
	host_open(&pair.host, fixture, NULL, false);
	assert_shakes(&pair, &options);
	assert_false(gnutls_session_is_resumed(pair.client.tls));
	assert_false(tls_shake_resumed(&pair.host.shake));
	pair_close(&pair);
	gnutls_free(session.data);
	host_close(&pair.host);
}

/* ── Client certificates ── */

static void client_would_be_nobody(void **state)
{
	struct fixture *fixture = *state;
	struct pair pair = { .scrambled = false };
	struct quic_client_options options = ordinary(fixture);

	init(fixture, nothing_extra);
	host_open(&pair.host, fixture, fixture->files.ca_cert, true);
	options.cert = fixture->files.cert;
	options.key = fixture->files.key;
	issue(fixture, "20200101000000", "20400101000000"); /* for servers and clients */
	assert_shakes(&pair, &options);
	struct str subject = tls_shake_subject(&pair.host.shake);
	assert_true(str_present(subject));
	assert_true(str_find(subject, STR("CN=")) != SIZE_MAX);
	struct str before = arena_copy(fixture->arena, subject);
	gnutls_datum_t session = session_of(&pair);
	pair_close(&pair);

	/* The ticket remembers who it was. */
	options.session = &session;
	assert_shakes(&pair, &options);
	assert_true(tls_shake_resumed(&pair.host.shake));
	assert_true(str_equal(tls_shake_subject(&pair.host.shake), before));
	pair_close(&pair);
	gnutls_free(session.data);
	host_close(&pair.host);
}

static void assert_refused(struct pair *pair, const struct quic_client_options *options, uint64_t code)
{
	pair_open(pair, options);
	run(pair);
	assert_false(pair->server.side.shaken);
	assert_int_equal(pair->heard, code);
	pair_close(pair);
}

static void stranger_would_come_in(void **state)
{
	struct fixture *fixture = *state, *other;
	struct pair pair = { .scrambled = false };
	struct quic_client_options options = ordinary(fixture);
	void *others;

	setup(&others);
	other = others;
	init(fixture, nothing_extra);
	init(other, nothing_extra);
	host_open(&pair.host, fixture, fixture->files.ca_cert, true);
	assert_refused(&pair, &options, 0x100 + MBEDTLS_SSL_ALERT_MSG_CERT_REQUIRED);
	options.cert = other->files.cert;
	options.key = other->files.key;
	assert_refused(&pair, &options, 0x100 + MBEDTLS_SSL_ALERT_MSG_UNKNOWN_CA);
	host_close(&pair.host);
	teardown(&others);
}

/* ── Handshakes that fail ── */

static void client_would_not_hear_what_is_wrong(void **state)
{
	struct fixture *fixture = *state;
	struct pair pair = { .scrambled = false };
	struct quic_client_options options = ordinary(fixture);

	init(fixture, nothing_extra);
	host_open(&pair.host, fixture, NULL, false);
	options.alpn = "hq-interop";
	assert_refused(&pair, &options, 0x178);
	options.alpn = "";
	assert_refused(&pair, &options, 0x178);
	options = ordinary(fixture);
	options.priorities = "NORMAL:-VERS-ALL:+VERS-TLS1.3"; /* with a legacy session id */
	assert_refused(&pair, &options, NGTCP2_PROTOCOL_VIOLATION);
	options = ordinary(fixture);
	options.priorities = "%DISABLE_TLS13_COMPAT_MODE:NORMAL:-VERS-ALL:+VERS-TLS1.3:-GROUP-ALL:+GROUP-SECP521R1";
	assert_refused(&pair, &options, 0x100 + MBEDTLS_SSL_ALERT_MSG_HANDSHAKE_FAILURE);
	host_close(&pair.host);
}

/* What the server makes of CRYPTO bytes, given to it in pieces: 0, or the code it would close with. */
static uint64_t code_for(struct pair *pair, struct str bytes, size_t piece)
{
	struct quic_side *side = &pair->server.side;
	ngtcp2_ccerr why;
	int error = 0;

	for (uint64_t offset = 0; !error && offset < bytes.len; offset += piece) {
		struct str part = str_first(str_skip(bytes, offset), piece);
		error = ngtcp2_crypto_recv_crypto_data_cb(side->conn, NGTCP2_ENCRYPTION_LEVEL_INITIAL, offset,
							  (const uint8_t *)part.at, part.len, NULL);
	}
	if (error == NGTCP2_ERR_CRYPTO) {
		quic_tls_why(pair->server.tls, &why);
		return why.error_code;
	}
	return error ? ngtcp2_err_infer_quic_transport_error_code(error) : 0;
}

static void server_open(struct pair *pair)
{
	ngtcp2_cid client = side_cid(HELLO_MADE_CID), original = side_cid("ORIGINAL");
	quic_server_open(&pair->server, pair->host.context, &pair->host, &client, &original, NGTCP2_PROTO_VER_V1,
			 MILLISECOND);
}

static void server_close(struct pair *pair)
{
	quic_server_close(&pair->server);
	tls_shake_free(&pair->host.shake);
	pair->host.shake = (struct tls_shake){ .server_name = NULL };
}

static void assert_code(struct pair *pair, struct str bytes, uint64_t code)
{
	const size_t pieces[] = { SIZE_MAX / 2, 1, 7 };
	for (size_t i = 0; i < countof(pieces); i++) {
		server_open(pair);
		assert_int_equal(code_for(pair, bytes, pieces[i]), code);
		/* and nothing more is listened to */
		if (code)
			assert_int_equal(code_for(pair, STR("\x01\x00"), 2), code);
		server_close(pair);
	}
}

static struct str joined(struct arena *arena, struct str a, struct str b)
{
	const struct str parts[] = { a, b };
	return arena_concat(arena, parts, 2);
}

static void wrong_hello_would_get_a_wrong_answer(void **state)
{
	struct fixture *fixture = *state;
	struct arena *arena = fixture->arena;
	struct pair pair = { .scrambled = false };

	init(fixture, nothing_extra);
	host_open(&pair.host, fixture, NULL, false);
	assert_code(&pair, hello_made(arena, HELLO_WHOLE), 0);
	/* 0-RTT with a ticket that is none: refused, and the handshake goes on */
	assert_code(&pair, hello_made(arena, HELLO_WHOLE, EXT_EARLY_DATA, EXT_PSK_MODES, EXT_PSK), 0);
	/* TLS 1.2 */
	assert_code(&pair, hello_made(arena, EXT_TLS12, EXT_GROUPS, EXT_SIGNATURES, EXT_ALPN_H3, EXT_PARAMS), 0x146);
	assert_code(&pair, hello_made(arena, EXT_TLS13, EXT_GROUPS, EXT_SIGNATURES, EXT_KEY_SHARE, EXT_PARAMS), 0x178);
	assert_code(&pair,
		    hello_made(arena, EXT_TLS13, EXT_GROUPS, EXT_SIGNATURES, EXT_KEY_SHARE, EXT_ALPN_OTHER, EXT_PARAMS),
		    0x178);
	assert_code(&pair, hello_made(arena, EXT_TLS13, EXT_GROUPS, EXT_SIGNATURES, EXT_KEY_SHARE, EXT_ALPN_H3), 0x16d);
	assert_code(&pair, hello_made_as(arena, STR("session"), HELLO_WHOLE, STR_ABSENT), NGTCP2_PROTOCOL_VIOLATION);
	assert_code(&pair, hello_made(arena, HELLO_WHOLE, EXT_PARAMS), 0x12f);
	/* transport parameters: none in it, torn, and those of another connection */
	const struct str params[] = { STR("\x00\x39\x00\x00"), STR("\x00\x39\x00\x02\x0f\x08"),
				      STR("\x00\x39\x00\x0a\x0f\x08SOMEBODY") };
	for (size_t i = 0; i < countof(params); i++)
		assert_code(
			&pair,
			hello_made(arena, EXT_TLS13, EXT_GROUPS, EXT_SIGNATURES, EXT_KEY_SHARE, EXT_ALPN_H3, params[i]),
			NGTCP2_TRANSPORT_PARAMETER_ERROR);
	host_close(&pair.host);
}

static void stream_of_messages_would_be_trusted(void **state)
{
	struct fixture *fixture = *state;
	struct arena *arena = fixture->arena;
	struct pair pair = { .scrambled = false };

	init(fixture, nothing_extra);
	host_open(&pair.host, fixture, NULL, false);
	struct str hello = hello_made(arena, HELLO_WHOLE);
	struct str asks =
		hello_made(arena, EXT_TLS13, EXT_GROUPS, EXT_SIGNATURES, EXT_NO_KEY_SHARE, EXT_ALPN_H3, EXT_PARAMS);
	/* not whole: waited for; too long: not waited for */
	assert_code(&pair, str_first(hello, hello.len - 1), 0);
	assert_code(&pair, STR("\x01\x00\x3f\xfc"), 0);
	assert_code(&pair, STR("\x01\x00\x3f\xfd"), 0x12f);
	assert_code(&pair, STR("\x01\xff\xff\xff"), 0x12f);
	/* a Finished, a KeyUpdate, nothing: not what comes first */
	assert_code(&pair, STR("\x14\x00\x00\x04\x00\x00\x00\x00"), 0x10a);
	assert_code(&pair, STR("\x18\x00\x00\x01\x00"), 0x10a);
	assert_code(&pair, STR("\x01\x00\x00\x00"), 0x132);
	/* more behind a ClientHello that was answered, under the same keys: RFC 9001, 4.1.3 */
	assert_code(&pair, joined(arena, hello, STR("\x14")), NGTCP2_PROTOCOL_VIOLATION);
	assert_code(&pair, joined(arena, hello, hello), NGTCP2_PROTOCOL_VIOLATION);
	/* a second one is for HelloRetryRequest, once */
	assert_code(&pair, asks, 0);
	assert_code(&pair, joined(arena, asks, hello), 0);
	assert_code(&pair, joined(arena, asks, asks), 0x100 + MBEDTLS_SSL_ALERT_MSG_HANDSHAKE_FAILURE);
	host_close(&pair.host);
}

static void limit_of_hellos_would_not_hold_in_quic(void **state)
{
	static const char *const alpn[] = { "h3", NULL };
	struct fixture *fixture = *state;
	struct pair pair = { .scrambled = false };
	struct str hello = hello_made(fixture->arena, HELLO_WHOLE);

	init(fixture, nothing_extra);
	host_open(&pair.host, fixture, NULL, false);
	struct quic_tls_settings settings = { .configure = host_configure,
					      .arg = pair.host.tls,
					      .shake = host_shake,
					      .alpn = alpn,
					      .max_hello = hello.len };
	quic_tls_context_free(pair.host.context);
	pair.host.context = quic_tls_context_new(&settings);
	assert_non_null(pair.host.context);
	assert_code(&pair, hello, 0);
	assert_code(&pair, hello_made(fixture->arena, HELLO_WHOLE, STR("\x6a\x6a\x00\x00")), 0x12f);
	host_close(&pair.host);
}

/* Keys of QUIC change without TLS (RFC 9001, 6); and a client has nothing else to say either. */
static void tls_would_be_heard_after_the_handshake(void **state)
{
	static const char *const messages[] = { "\x18\x00\x00\x01\x01", "\x04\x00\x00\x01\x01",
						"\x01\x00\x00\x01\x01" };
	struct fixture *fixture = *state;
	struct pair pair = { .scrambled = false };
	struct quic_client_options options = ordinary(fixture);

	init(fixture, nothing_extra);
	host_open(&pair.host, fixture, NULL, false);
	for (size_t i = 0; i < countof(messages); i++) {
		assert_shakes(&pair, &options);
		assert_int_equal(ngtcp2_conn_submit_crypto_data(pair.client.side.conn, NGTCP2_ENCRYPTION_LEVEL_1RTT,
								(const uint8_t *)messages[i], 5),
				 0);
		run(&pair);
		assert_int_equal(pair.heard, 0x10a);
		pair_close(&pair);
	}
	host_close(&pair.host);
}

/* ── What it costs ── */

/* Of AddressSanitizer, in the builds that have it. */
size_t __sanitizer_get_current_allocated_bytes(void) __attribute__((weak));

static void half_open_and_idle_connections_would_hold_tls_buffers(void **state)
{
	struct fixture *fixture = *state;
	struct pair pair = { .scrambled = false };
	struct quic_client_options options = ordinary(fixture);

	if (!__sanitizer_get_current_allocated_bytes)
		skip();
	init(fixture, nothing_extra);
	host_open(&pair.host, fixture, NULL, false);
	struct str hello = hello_made(fixture->arena, HELLO_WHOLE);

	server_open(&pair);
	size_t before = __sanitizer_get_current_allocated_bytes();
	assert_int_equal(code_for(&pair, str_first(hello, hello.len - 1), SIZE_MAX / 2), 0);
	assert_true(__sanitizer_get_current_allocated_bytes() - before < 2048);
	server_close(&pair);

	server_open(&pair);
	before = __sanitizer_get_current_allocated_bytes();
	assert_int_equal(code_for(&pair, hello, SIZE_MAX / 2), 0);
	assert_true(__sanitizer_get_current_allocated_bytes() - before > 32768);
	quic_tls_free(take(pair.server.tls));
	assert_true(__sanitizer_get_current_allocated_bytes() - before < 16384);
	ngtcp2_conn_del(pair.server.side.conn);

	server_open(&pair);
	before = __sanitizer_get_current_allocated_bytes();
	assert_int_equal(code_for(&pair, joined(fixture->arena, hello, hello), SIZE_MAX / 2),
			 NGTCP2_PROTOCOL_VIOLATION);
	assert_true(__sanitizer_get_current_allocated_bytes() - before < 16384);
	server_close(&pair);

	assert_shakes(&pair, &options);
	before = __sanitizer_get_current_allocated_bytes();
	quic_tls_free(take(pair.server.tls));
	assert_true(before - __sanitizer_get_current_allocated_bytes() < 512);
	pair_close(&pair);
	host_close(&pair.host);
}

/* ── The self-test ── */

static int lazy_shake(void *owner, mbedtls_ssl_context *ssl)
{
	(void)owner;
	(void)ssl;
	return MBEDTLS_ERR_SSL_WANT_READ;
}

static void build_without_hooks_would_start(void **state)
{
	static const char *const alpn[] = { "h3", NULL };
	struct fixture *fixture = *state;
	struct host host;
	struct str said = STR_ABSENT;

	init(fixture, nothing_extra);
	host_open(&host, fixture, NULL, false);
	if (quic_tls_self_test(host.context, &host, fixture->arena, &said))
		fail_msg("%.*s", STR_ARG(said));
	assert_false(str_present(said));

	struct quic_tls_settings settings = {
		.configure = host_configure, .arg = host.tls, .shake = lazy_shake, .alpn = alpn
	};
	struct quic_tls_context *context = quic_tls_context_new(&settings);
	assert_true(quic_tls_self_test(context, &host, fixture->arena, &said) < 0);
	assert_says(said, "--wrap");
	quic_tls_context_free(context);
	host_close(&host);
}

static int start(void **state)
{
	(void)state;
	return psa_crypto_init();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(client_of_one_suite_or_group_would_stay_outside),
		TEST(version_2_would_not_be_spoken),
		TEST(large_hello_would_not_be_put_together),
		TEST(keys_would_be_for_ever),
		TEST(returning_client_would_pay_in_full),
		TEST(client_would_be_nobody),
		TEST(stranger_would_come_in),
		TEST(client_would_not_hear_what_is_wrong),
		TEST(wrong_hello_would_get_a_wrong_answer),
		TEST(stream_of_messages_would_be_trusted),
		TEST(limit_of_hellos_would_not_hold_in_quic),
		TEST(tls_would_be_heard_after_the_handshake),
		TEST(half_open_and_idle_connections_would_hold_tls_buffers),
		TEST(build_without_hooks_would_start),
	};
	return cmocka_run_group_tests(tests, start, NULL);
}
