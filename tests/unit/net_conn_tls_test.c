/* SPDX-License-Identifier: MIT */
/* What a collector would notice if connections over TLS misbehaved: versions, records, tickets, rotation. */
#include "../support/conn_visit.h"

#include <mbedtls/net_sockets.h>
#include <mbedtls/psa_util.h>
#include <mbedtls/ssl.h>
#include <psa/crypto.h>

/* ── Clients ── */

struct tls_client {
	mbedtls_net_context net;
	mbedtls_ssl_config config;
	mbedtls_ssl_context ssl;
};

static void tls_client_drop(struct tls_client *client)
{
	mbedtls_ssl_free(&client->ssl);
	mbedtls_ssl_config_free(&client->config);
	mbedtls_net_free(&client->net);
}

/* Prepares a client that trusts anybody: who is there is not what these tests are about. */
static bool tls_dial(struct tls_client *client, const struct visit *visit, const char **alpn, const char *name)
{
	memset(client, 0, sizeof(*client));
	mbedtls_ssl_init(&client->ssl);
	mbedtls_ssl_config_init(&client->config);
	client->net.fd = dial(visit);
	mbedtls_ssl_config_defaults(&client->config, MBEDTLS_SSL_IS_CLIENT, MBEDTLS_SSL_TRANSPORT_STREAM,
				    MBEDTLS_SSL_PRESET_DEFAULT);
	mbedtls_ssl_conf_authmode(&client->config, MBEDTLS_SSL_VERIFY_NONE);
	mbedtls_ssl_conf_rng(&client->config, mbedtls_psa_get_random, MBEDTLS_PSA_RANDOM_STATE);
	mbedtls_ssl_conf_tls13_enable_signal_new_session_tickets(&client->config,
								 MBEDTLS_SSL_TLS1_3_SIGNAL_NEW_SESSION_TICKETS_ENABLED);
	if (alpn)
		mbedtls_ssl_conf_alpn_protocols(&client->config, alpn);
	mbedtls_ssl_set_bio(&client->ssl, &client->net, mbedtls_net_send, mbedtls_net_recv, NULL);
	return client->net.fd >= 0 && mbedtls_ssl_setup(&client->ssl, &client->config) == 0 &&
	       mbedtls_ssl_set_hostname(&client->ssl, name) == 0;
}

static bool tls_say(struct tls_client *client, const char *text)
{
	struct str all = str_of(text);
	return mbedtls_ssl_write(&client->ssl, (const unsigned char *)all.at, all.len) == (int)all.len;
}

/* One record of plaintext; a ticket that comes before it is kept. */
static int tls_hear(struct tls_client *client, char *to, size_t room, mbedtls_ssl_session *ticket)
{
	for (;;) {
		int n = mbedtls_ssl_read(&client->ssl, (unsigned char *)to, room);
		if (n != MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET && n != MBEDTLS_ERR_SSL_WANT_READ)
			return n;
		if (ticket && n != MBEDTLS_ERR_SSL_WANT_READ)
			mbedtls_ssl_get_session(&client->ssl, ticket);
	}
}

static const char *offer_both[] = { "h2", "http/1.1", NULL }, *offer_h1[] = { "http/1.1", NULL },
		  *offer_foreign[] = { "acme-tls/1", NULL };

static void client_tls(struct visit *visit)
{
	owned(tls_client_drop) struct tls_client client;
	char bytes[64];
	need(tls_dial(&client, visit, offer_both, "Records.Example"));
	need(mbedtls_ssl_handshake(&client.ssl) == 0);
	need(tls_say(&client, "hello"));
	need(tls_hear(&client, bytes, sizeof(bytes), NULL) == 5 && memcmp(bytes, "hello", 5) == 0);
	need(mbedtls_ssl_close_notify(&client.ssl) == 0);
	need(tls_hear(&client, bytes, sizeof(bytes), NULL) == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY);
}

static void encrypted_answers_would_not_come_back(void **state)
{
	struct visit *visit = *state;
	int64_t before = metric_get(METRIC_TLS13_HANDSHAKES);
	visit_run(visit, (struct listener_settings){ .tls = visit->tls }, client_tls);
	assert_string_equal(visit->facts.alpn, "h2");
	assert_string_equal(visit->facts.server_name, "records.example");
	assert_true(visit->facts.secure);
	assert_int_equal(visit->facts.input_ended, 1);
	assert_int_equal(metric_get(METRIC_TLS13_HANDSHAKES), before + 1);
}

static void order_count_spares(struct visit *visit)
{
	visit->n_spares = visit->tls->spares.n;
}

static void client_idles(struct visit *visit)
{
	const mbedtls_ssl_protocol_version versions[] = { MBEDTLS_SSL_VERSION_TLS1_2, MBEDTLS_SSL_VERSION_TLS1_3 };
	for (size_t i = 0; i < countof(versions); i++) {
		owned(tls_client_drop) struct tls_client client;
		char bytes[64];
		need(tls_dial(&client, visit, offer_both, "localhost"));
		mbedtls_ssl_conf_max_tls_version(&client.config, versions[i]);
		need(mbedtls_ssl_handshake(&client.ssl) == 0);
		for (int times = 0; times < 3; times++) {
			need(tls_say(&client, "hello") && tls_hear(&client, bytes, sizeof(bytes), NULL) == 5);
			on_loop(visit, order_count_spares);
			need(visit->n_spares >= 2);
		}
	}
}

static void idle_connections_would_take_five_times_the_memory(void **state)
{
	struct visit *visit = *state;
	visit_run(visit, (struct listener_settings){ .tls = visit->tls }, client_idles);
}

/* A network that delivers the first bytes of each record well before the others. */
static int send_in_two(void *arg, const unsigned char *bytes, size_t len)
{
	const size_t first = len < 9 ? len : 9;
	if (mbedtls_net_send(arg, bytes, first) != (int)first)
		return MBEDTLS_ERR_NET_SEND_FAILED;
	usleep(50000);
	return len == first || mbedtls_net_send(arg, bytes + first, len - first) == (int)(len - first)
		       ? (int)len
		       : MBEDTLS_ERR_NET_SEND_FAILED;
}

static void *client_between(void *arg)
{
	struct tls_client *client = arg;
	char bytes[64];
	for (int i = 0; i < 20; i++, usleep(5000))
		if (!tls_say(client, "between") || tls_hear(client, bytes, sizeof(bytes), NULL) != 7)
			return NULL;
	return arg;
}

static void client_in_pieces(struct visit *visit)
{
	owned(tls_client_drop) struct tls_client slow;
	owned(tls_client_drop) struct tls_client other;
	char bytes[64];
	pthread_t thread;
	void *fine = NULL;
	need(tls_dial(&slow, visit, offer_both, "localhost") && tls_dial(&other, visit, offer_both, "localhost"));
	mbedtls_ssl_set_bio(&slow.ssl, &slow.net, send_in_two, mbedtls_net_recv, NULL);
	need(mbedtls_ssl_handshake(&slow.ssl) == 0 && mbedtls_ssl_handshake(&other.ssl) == 0);
	need(pthread_create(&thread, NULL, client_between, &other) == 0);
	bool heard = tls_say(&slow, "slow") && tls_hear(&slow, bytes, sizeof(bytes), NULL) == 4 &&
		     memcmp(bytes, "slow", 4) == 0;
	pthread_join(thread, &fine);
	need(heard);
	need(fine);
}

static void record_in_two_pieces_would_be_lost(void **state)
{
	struct visit *visit = *state;
	visit_run(visit, (struct listener_settings){ .tls = visit->tls }, client_in_pieces);
}

static void client_tls_h1(struct visit *visit)
{
	owned(tls_client_drop) struct tls_client client;
	need(tls_dial(&client, visit, offer_h1, "localhost"));
	need(mbedtls_ssl_handshake(&client.ssl) == 0);
}

static void http_1_would_be_answered_in_http_2(void **state)
{
	struct visit *visit = *state;
	visit_run(visit, (struct listener_settings){ .tls = visit->tls }, client_tls_h1);
	assert_string_equal(visit->facts.alpn, "http/1.1");
}

static void client_tls_old_school(struct visit *visit)
{
	owned(tls_client_drop) struct tls_client client;
	char bytes[64];
	need(tls_dial(&client, visit, NULL, "localhost"));
	mbedtls_ssl_conf_max_tls_version(&client.config, MBEDTLS_SSL_VERSION_TLS1_2);
	need(mbedtls_ssl_handshake(&client.ssl) == 0);
	need(tls_say(&client, "hello") && tls_hear(&client, bytes, sizeof(bytes), NULL) == 5);
}

static void clients_of_tls_1_2_without_alpn_would_be_lost(void **state)
{
	struct visit *visit = *state;
	visit_run(visit, (struct listener_settings){ .tls = visit->tls }, client_tls_old_school);
	assert_string_equal(visit->facts.alpn, "http/1.1");
}

static void client_foreign(struct visit *visit)
{
	owned(tls_client_drop) struct tls_client client;
	need(tls_dial(&client, visit, offer_foreign, "localhost"));
	need(mbedtls_ssl_handshake(&client.ssl) == MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE);
	need(client.ssl.MBEDTLS_PRIVATE(in_msg)[1] == MBEDTLS_SSL_ALERT_MSG_NO_APPLICATION_PROTOCOL);
}

static void foreign_protocol_would_be_let_in(void **state)
{
	struct visit *visit = *state;
	int64_t before = metric_get(METRIC_TLS_FAILED_PROTOCOL);
	visit_run(visit, (struct listener_settings){ .tls = visit->tls }, client_foreign);
	assert_int_equal(visit->facts.opened, 0);
	assert_int_equal(metric_get(METRIC_TLS_FAILED_PROTOCOL), before + 1);
}

static void client_tls_1_1(struct visit *visit)
{
	/* A ClientHello of TLS 1.1: ECDHE-ECDSA-AES128-SHA, no extensions. */
	static const unsigned char hello[] = {
		0x16, 0x03, 0x01, 0x00, 0x2d, 0x01, 0x00, 0x00, 0x29, 0x03, 0x02, 1,	2,    3,    4,	  5,	6,
		7,    8,    9,	  10,	11,   12,   13,	  14,	15,   16,   17,	  18,	19,   20,   21,	  22,	23,
		24,   25,   26,	  27,	28,   29,   30,	  31,	32,   0x00, 0x00, 0x02, 0xc0, 0x09, 0x01, 0x00,
	};
	static const unsigned char protocol_version_alert[] = { 0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 70 };
	unsigned char bytes[sizeof(protocol_version_alert)];
	owned(fd_close) int fd = dial(visit);
	need(send(fd, hello, sizeof(hello), MSG_NOSIGNAL) == sizeof(hello));
	need(recv(fd, bytes, sizeof(bytes), MSG_WAITALL) == sizeof(bytes));
	need(memcmp(bytes, protocol_version_alert, sizeof(bytes)) == 0);
	need(ends(fd));
}

static void tls_1_1_would_be_spoken(void **state)
{
	struct visit *visit = *state;
	visit_run(visit, (struct listener_settings){ .tls = visit->tls }, client_tls_1_1);
	assert_int_equal(visit->facts.opened, 0);
}

static void client_resumes(struct visit *visit)
{
	owned(mbedtls_ssl_session_free) mbedtls_ssl_session ticket;
	mbedtls_ssl_session_init(&ticket);
	for (int i = 0; i < 2; i++) {
		owned(tls_client_drop) struct tls_client client;
		char bytes[64];
		need(tls_dial(&client, visit, offer_both, "localhost"));
		need(i == 0 || mbedtls_ssl_set_session(&client.ssl, &ticket) == 0);
		need(mbedtls_ssl_handshake(&client.ssl) == 0);
		need(tls_say(&client, "hello") && tls_hear(&client, bytes, sizeof(bytes), i ? NULL : &ticket) == 5);
	}
}

static void returning_clients_would_pay_for_a_full_handshake(void **state)
{
	struct visit *visit = *state;
	int64_t before = metric_get(METRIC_TLS13_RESUMED);
	visit_run(visit, (struct listener_settings){ .tls = visit->tls }, client_resumes);
	assert_int_equal(metric_get(METRIC_TLS13_RESUMED), before + 1);
	assert_int_equal(visit->facts.opened, 2);
}

static void client_counts_records(struct visit *visit)
{
	owned(tls_client_drop) struct tls_client client;
	static char bytes[20000];
	need(tls_dial(&client, visit, offer_both, "localhost"));
	need(mbedtls_ssl_handshake(&client.ssl) == 0);
	need(tls_say(&client, "go"));
	need(tls_hear(&client, bytes, sizeof(bytes), NULL) == 100 * (sizeof(PIECE) - 1));
}

static void small_answers_would_cost_a_record_each(void **state)
{
	struct visit *visit = *state;
	visit->facts.behaviour = DOES_HUNDRED_PIECES;
	visit_run(visit, (struct listener_settings){ .tls = visit->tls }, client_counts_records);
}

static void client_tls_long(struct visit *visit)
{
	owned(tls_client_drop) struct tls_client client;
	static char bytes[16384];
	size_t total = 0;
	int n;
	need(tls_dial(&client, visit, offer_both, "localhost"));
	need(mbedtls_ssl_handshake(&client.ssl) == 0);
	need(tls_say(&client, "go"));
	usleep(SECOND_US / 3);
	while ((n = tls_hear(&client, bytes, sizeof(bytes), NULL)) > 0)
		for (int i = 0; i < n; i++)
			need(bytes[i] == pattern_at(total++));
	need(n == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY);
	need(total == LONG_ANSWER);
}

static void long_encrypted_answer_would_fill_the_memory_or_be_cut(void **state)
{
	struct visit *visit = *state;
	visit->facts.behaviour = DOES_LONG_ANSWERS;
	visit_run(visit, (struct listener_settings){ .tls = visit->tls, .output_high_water = SMALL_HIGH_WATER },
		  client_tls_long);
	assert_in_range(visit->facts.most_queued, SMALL_HIGH_WATER, SMALL_HIGH_WATER + CONN_SLACK + 4096);
}

static void client_mute(struct visit *visit)
{
	owned(fd_close) int fd = dial(visit);
	int64_t begin = clock_monotonic_us();
	need(ends(fd));
	need(clock_monotonic_us() - begin < 3 * SECOND_US);
}

static void unfinished_handshake_would_stay_forever(void **state)
{
	struct visit *visit = *state;
	int64_t before = metric_get(METRIC_CONNECTIONS_TIMED_OUT);
	visit_run(visit, (struct listener_settings){ .tls = visit->tls, .handshake_ms = 300 }, client_mute);
	assert_int_equal(metric_get(METRIC_CONNECTIONS_TIMED_OUT), before + 1);
}

static void client_nonsense(struct visit *visit)
{
	owned(fd_close) int fd = dial(visit);
	need(say(fd, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"));
	need(ends(fd));
}

static void plain_http_on_the_tls_port_would_hang(void **state)
{
	struct visit *visit = *state;
	visit_run(visit, (struct listener_settings){ .tls = visit->tls }, client_nonsense);
	assert_int_equal(visit->facts.opened, 0);
}

static void order_rotate(struct visit *visit)
{
	listeners_set_tls(visit->listeners, visit->other_tls);
}

static void client_rotation(struct visit *visit)
{
	owned(tls_client_drop) struct tls_client old;
	owned(tls_client_drop) struct tls_client new;
	char bytes[64];
	need(tls_dial(&old, visit, offer_both, "localhost"));
	need(mbedtls_ssl_handshake(&old.ssl) == 0);
	on_loop(visit, order_rotate);
	need(tls_dial(&new, visit, offer_both, "localhost"));
	need(mbedtls_ssl_handshake(&new.ssl) == 0);
	const mbedtls_x509_buf *before = &mbedtls_ssl_get_peer_cert(&old.ssl)->raw,
			       *after = &mbedtls_ssl_get_peer_cert(&new.ssl)->raw;
	need(before->len != after->len || memcmp(before->p, after->p, after->len) != 0);
	need(tls_say(&old, "hello") && tls_hear(&old, bytes, sizeof(bytes), NULL) == 5);
	need(tls_say(&new, "hello") && tls_hear(&new, bytes, sizeof(bytes), NULL) == 5);
}

static void new_certificate_would_need_a_restart(void **state)
{
	struct visit *visit = *state;
	visit_run(visit, (struct listener_settings){ .tls = visit->tls }, client_rotation);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(encrypted_answers_would_not_come_back),
		TEST(idle_connections_would_take_five_times_the_memory),
		TEST(record_in_two_pieces_would_be_lost),
		TEST(http_1_would_be_answered_in_http_2),
		TEST(clients_of_tls_1_2_without_alpn_would_be_lost),
		TEST(foreign_protocol_would_be_let_in),
		TEST(tls_1_1_would_be_spoken),
		TEST(returning_clients_would_pay_for_a_full_handshake),
		TEST(small_answers_would_cost_a_record_each),
		TEST(long_encrypted_answer_would_fill_the_memory_or_be_cut),
		TEST(unfinished_handshake_would_stay_forever),
		TEST(plain_http_on_the_tls_port_would_hang),
		TEST(new_certificate_would_need_a_restart),
	};
	return cmocka_run_group_tests(tests, certs_make, certs_remove);
}
