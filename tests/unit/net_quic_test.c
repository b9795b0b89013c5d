/* SPDX-License-Identifier: MIT */
/* The endpoint before a handshake is done, fed by hand: who gets in, who is sent away, and what is kept of either. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "../support/quic_bench.h"
#include "base/random.h"

enum { SHORT_PACKET = 60 };

static struct bench bench;
static const struct bench_hello good = { .alpn = "h3" }, without_alpn = { .alpn = NULL };

static ngtcp2_cid cid_of(uint32_t number)
{
	ngtcp2_cid cid = { .datalen = 8, .data = "client" };
	memcpy(cid.data + 4, &number, sizeof(number));
	return cid;
}

static void knock(uint32_t number, const struct bench_hello *hello)
{
	ngtcp2_cid dcid = cid_of(number);
	bench_hello(&bench, &dcid, hello);
}

static struct quic_conn *only_conn(void)
{
	assert_int_equal(bench.endpoint->n_connections, 1);
	return list_entry(bench.endpoint->conns.next, struct quic_conn, link);
}

/* ── Who gets in ── */

static void a_client_with_a_whole_hello_is_answered(void **state)
{
	int64_t before = metric_get(METRIC_QUIC_DATAGRAMS_OUT);
	(void)state;

	bench_begin(&bench, &(struct quic_settings){ .retry_threshold = 10 });
	knock(1, &good);
	bench_turn(&bench);
	assert_int_equal(bench.endpoint->n_half_open, 1);
	assert_true(metric_get(METRIC_QUIC_DATAGRAMS_OUT) > before);
	knock(1, &good); /* once more, as if the answer had been lost */
	bench_turn(&bench);
	assert_int_equal(bench.endpoint->n_connections, 1);
	bench_end(&bench);
}

static void from_the_threshold_on_addresses_are_proven_first(void **state)
{
	int64_t before = metric_get(METRIC_QUIC_RETRIES);
	(void)state;

	bench_begin(&bench, &(struct quic_settings){ .retry_threshold = 5 });
	for (uint32_t i = 0; i < 20; i++)
		knock(i, &good);
	bench_turn(&bench);
	assert_int_equal(bench.endpoint->n_connections, 5);
	assert_int_equal(metric_get(METRIC_QUIC_RETRIES) - before, 15);
	bench_end(&bench);
}

static void nobody_is_let_in_above_the_cap_of_unfinished_handshakes(void **state)
{
	int64_t before = metric_get(METRIC_CONNECTIONS_REFUSED);
	(void)state;

	bench_begin(&bench, &(struct quic_settings){ .retry_threshold = 1000, .max_half_open = 3 });
	for (uint32_t i = 0; i < 10; i++)
		knock(i, &good);
	bench_turn(&bench);
	assert_int_equal(bench.endpoint->n_half_open, 3);
	assert_int_equal(metric_get(METRIC_CONNECTIONS_REFUSED) - before, 7);
	bench_end(&bench);
}

static void an_address_is_counted_with_its_connections_over_tcp(void **state)
{
	struct peers peers;
	(void)state;

	assert_int_equal(peers_init(&peers, 10), 0);
	bench_begin(&bench, &(struct quic_settings){ .retry_threshold = 1000, .max_per_peer = 6, .peers = &peers });
	struct peer *over_tcp = NULL;
	for (int i = 0; i < 4; i++)
		assert_non_null(over_tcp = peers_join(&peers, &bench.path.remote.any, 6));
	for (uint32_t i = 0; i < 10; i++)
		knock(i, &good);
	assert_int_equal(bench.endpoint->n_connections, 2);
	bench.path.remote.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1);
	knock(100, &good);
	assert_int_equal(bench.endpoint->n_connections, 3);
	bench_end(&bench);
	for (int i = 0; i < 4; i++)
		peers_leave(&peers, over_tcp);
	peers_deinit(&peers);
}

static void spoofed_addresses_would_keep_out_who_lives_there(void **state)
{
	struct peers peers;
	(void)state;

	assert_int_equal(peers_init(&peers, 10), 0);
	bench_begin(&bench, &(struct quic_settings){ .retry_threshold = 1000, .max_per_peer = 8, .peers = &peers });
	for (uint32_t i = 0; i < 20; i++)
		knock(i, &good); /* nobody knows who sent these */
	struct peer *over_tcp = peers_join(&peers, &bench.path.remote.any, 8);
	assert_non_null(over_tcp);
	peers_leave(&peers, over_tcp);
	assert_int_equal(bench.endpoint->n_connections, 4);
	bench_end(&bench);
	peers_deinit(&peers);
}

static void a_server_that_stops_takes_nobody_in(void **state)
{
	(void)state;

	bench_begin(&bench, &(struct quic_settings){ .retry_threshold = 10 });
	knock(1, &good);
	quic_endpoint_drain(bench.endpoint);
	bench_turn(&bench);
	assert_int_equal(bench.endpoint->n_connections, 0);
	knock(2, &good);
	assert_int_equal(bench.endpoint->n_connections, 0);
	bench_end(&bench);
}

static void a_new_certificate_leaves_handshakes_under_way_alone(void **state)
{
	(void)state;

	bench_begin(&bench, &(struct quic_settings){ .retry_threshold = 10 });
	knock(1, &good);
	struct tls_context *fresh = bench_tls(bench.arena), *old = only_conn()->context;
	assert_int_equal(quic_endpoint_set_tls(bench.endpoint, fresh), 0);
	tls_context_free(fresh);
	knock(2, &good);
	assert_ptr_equal(list_entry(bench.endpoint->conns.next, struct quic_conn, link)->context, old);
	assert_ptr_equal(list_entry(bench.endpoint->conns.prev, struct quic_conn, link)->context, fresh);
	bench_turn(&bench);
	bench_end(&bench);
}

/* ── What may be sent ahead ── */

static uint64_t window_of_the_last(void)
{
	struct quic_conn *conn = list_entry(bench.endpoint->conns.prev, struct quic_conn, link);
	return ngtcp2_conn_get_local_transport_params(conn->ngtcp2)->initial_max_data;
}

static void many_clients_share_what_they_may_make_us_keep(void **state)
{
	(void)state;

	bench_begin(&bench, &(struct quic_settings){
				    .retry_threshold = 1000, .connection_window = 1 << 20, .receive_memory = 4 << 20 });
	knock(0, &good);
	assert_int_equal(window_of_the_last(), 1 << 20);
	for (uint32_t i = 1; i < 16; i++)
		knock(i, &good);
	assert_int_equal(window_of_the_last(), (4 << 20) / 16);
	for (uint32_t i = 16; i < 200; i++)
		knock(i, &good);
	assert_int_equal(window_of_the_last(), 64 << 10);
	bench_end(&bench);
}

/* ── What is left of those that are over ── */

static void a_closed_connection_is_little_and_starts_no_new_one(void **state)
{
	(void)state;

	bench_begin(&bench, &(struct quic_settings){ .retry_threshold = 10 });
	knock(1, &without_alpn);
	bench_turn(&bench);
	assert_int_equal(bench.endpoint->n_connections, 0);
	assert_int_equal(bench.endpoint->n_endings, 1);
	knock(1, &good);
	bench_turn(&bench);
	assert_int_equal(bench.endpoint->n_connections, 0);
	assert_int_equal(bench.endpoint->n_endings, 1);
	bench_end(&bench);
}

static void what_is_left_of_closed_connections_is_bounded(void **state)
{
	(void)state;

	bench_begin(&bench, &(struct quic_settings){ .retry_threshold = 1000, .max_connections = 20 });
	for (uint32_t i = 0; i < 200; i++) {
		knock(i, &without_alpn);
		bench_turn(&bench);
	}
	assert_int_equal(bench.endpoint->n_endings, 20);
	bench_end(&bench);
	assert_int_equal(metric_get(METRIC_QUIC_CONNECTIONS), 0);
}

static void a_client_that_lost_its_memory_is_let_go(void **state)
{
	int64_t before = metric_get(METRIC_QUIC_RESETS_RECEIVED);
	uint8_t packet[SHORT_PACKET];
	(void)state;

	bench_begin(&bench, &(struct quic_settings){ .retry_threshold = 10 });
	knock(1, &good);
	random_bytes(packet, sizeof(packet));
	packet[0] = 0x40;
	bench_feed(&bench, packet, sizeof(packet)); /* nobody's: may be answered, and changes nothing */
	assert_int_equal(metric_get(METRIC_QUIC_RESETS_RECEIVED) - before, 0);
	struct str token = { (const char *)packet + SHORT_PACKET - 16, 16 };
	assert_int_equal(quic_cids_add(&bench.endpoint->resets, token, &only_conn()->owner), 0);
	bench_feed(&bench, packet, sizeof(packet));
	bench_turn(&bench);
	assert_int_equal(metric_get(METRIC_QUIC_RESETS_RECEIVED) - before, 1);
	assert_int_equal(bench.endpoint->n_connections, 0);
	bench_end(&bench);
}

/* ── Tokens ── */

static const uint64_t second = NGTCP2_SECONDS;

static struct udp_address address_of(uint32_t offset, uint16_t port)
{
	struct udp_address address = { .len = sizeof(struct sockaddr_in) };
	address.v4.sin_family = AF_INET;
	address.v4.sin_port = htons(port);
	address.v4.sin_addr.s_addr = htonl(0x0a000001 + offset);
	return address;
}

static enum quic_token_verdict judge(struct quic_secrets *secrets, const struct quic_token *token,
				     const struct udp_address *client, const ngtcp2_cid *dcid, uint64_t now,
				     ngtcp2_cid *original)
{
	ngtcp2_pkt_hd head = {
		.version = NGTCP2_PROTO_VER_V1, .token = token->bytes, .tokenlen = token->len, .dcid = *dcid
	};
	return quic_token_judge(secrets, client, &head, now, original);
}

static void a_retry_token_serves_its_client_for_seconds(void **state)
{
	struct udp_address client = address_of(0, 1000), elsewhere = address_of(0, 1001);
	ngtcp2_cid fresh = cid_of(1), first = cid_of(2), original, other = cid_of(3);
	struct quic_secrets secrets;
	struct quic_token token;
	(void)state;

	quic_secrets_init(&secrets, STR_ABSENT, second);
	assert_int_equal(quic_token_for_retry(&secrets, &client, NGTCP2_PROTO_VER_V1, &fresh, &first, second, &token),
			 0);
	assert_int_equal(judge(&secrets, &token, &client, &fresh, 5 * second, &original), QUIC_TOKEN_RETRIED);
	assert_true(ngtcp2_cid_eq(&original, &first));
	assert_int_equal(judge(&secrets, &token, &elsewhere, &fresh, 5 * second, &original), QUIC_TOKEN_FORGED);
	assert_int_equal(judge(&secrets, &token, &client, &other, 5 * second, &original), QUIC_TOKEN_FORGED);
	assert_int_equal(judge(&secrets, &token, &client, &fresh, 12 * second, &original), QUIC_TOKEN_FORGED);
	/* The key may have been replaced in between. */
	quic_secrets_init(&secrets, STR_ABSENT, second);
	assert_int_equal(
		quic_token_for_retry(&secrets, &client, NGTCP2_PROTO_VER_V1, &fresh, &first, 3600 * second, &token), 0);
	assert_int_equal(judge(&secrets, &token, &client, &fresh, 3602 * second, &original), QUIC_TOKEN_RETRIED);
}

static void a_known_address_is_remembered_for_an_hour(void **state)
{
	struct udp_address client = address_of(0, 1000), other_port = address_of(0, 2000),
			   stranger = address_of(1, 1000);
	ngtcp2_cid dcid = cid_of(1), original;
	struct quic_secrets secrets;
	struct quic_token token;
	(void)state;

	quic_secrets_init(&secrets, STR_ABSENT, second);
	assert_int_equal(quic_token_for_later(&secrets, &client, 1800 * second, &token), 0);
	assert_int_equal(judge(&secrets, &token, &client, &dcid, 1900 * second, &original), QUIC_TOKEN_KNOWN);
	assert_int_equal(judge(&secrets, &token, &other_port, &dcid, 1900 * second, &original), QUIC_TOKEN_KNOWN);
	assert_int_equal(judge(&secrets, &token, &stranger, &dcid, 1900 * second, &original), QUIC_TOKEN_NONE);
	assert_int_equal(judge(&secrets, &token, &client, &dcid, 5000 * second, &original), QUIC_TOKEN_KNOWN);
	assert_int_equal(judge(&secrets, &token, &client, &dcid, 5500 * second, &original), QUIC_TOKEN_NONE);
	assert_int_equal(quic_token_for_later(&secrets, &client, 5500 * second, &token), 0);
	token.bytes[token.len / 2] ^= 1;
	assert_int_equal(judge(&secrets, &token, &client, &dcid, 5501 * second, &original), QUIC_TOKEN_NONE);
}

static void keys_of_tokens_are_forgotten_after_a_long_silence(void **state)
{
	struct udp_address client = address_of(0, 1000);
	struct quic_secrets secrets;
	struct quic_token token;
	uint8_t old[QUIC_SECRET_BYTES];
	(void)state;

	quic_secrets_init(&secrets, STR_ABSENT, second);
	memcpy(old, secrets.current, sizeof(old));
	assert_int_equal(quic_token_for_later(&secrets, &client, 9000 * second, &token), 0);
	assert_memory_not_equal(secrets.current, old, sizeof(old));
	assert_memory_not_equal(secrets.former, old, sizeof(old));
}

static void reset_tokens_depend_on_secret_and_id_alone(void **state)
{
	struct quic_secrets before, after, other;
	ngtcp2_cid one = cid_of(1), two = cid_of(2);
	uint8_t a[16], b[16];
	(void)state;

	quic_secrets_init(&before, STR("kept in the data directory"), second);
	quic_secrets_init(&after, STR("kept in the data directory"), 9 * second);
	quic_secrets_init(&other, STR("another"), second);
	assert_int_equal(quic_reset_token(&before, &one, a), 0);
	assert_int_equal(quic_reset_token(&after, &one, b), 0);
	assert_memory_equal(a, b, sizeof(a));
	assert_int_equal(quic_reset_token(&before, &two, b), 0);
	assert_memory_not_equal(a, b, sizeof(a));
	assert_int_equal(quic_reset_token(&other, &one, b), 0);
	assert_memory_not_equal(a, b, sizeof(a));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_client_with_a_whole_hello_is_answered),
		cmocka_unit_test(from_the_threshold_on_addresses_are_proven_first),
		cmocka_unit_test(nobody_is_let_in_above_the_cap_of_unfinished_handshakes),
		cmocka_unit_test(an_address_is_counted_with_its_connections_over_tcp),
		cmocka_unit_test(spoofed_addresses_would_keep_out_who_lives_there),
		cmocka_unit_test(a_server_that_stops_takes_nobody_in),
		cmocka_unit_test(a_new_certificate_leaves_handshakes_under_way_alone),
		cmocka_unit_test(many_clients_share_what_they_may_make_us_keep),
		cmocka_unit_test(a_closed_connection_is_little_and_starts_no_new_one),
		cmocka_unit_test(what_is_left_of_closed_connections_is_bounded),
		cmocka_unit_test(a_client_that_lost_its_memory_is_let_go),
		cmocka_unit_test(a_retry_token_serves_its_client_for_seconds),
		cmocka_unit_test(a_known_address_is_remembered_for_an_hour),
		cmocka_unit_test(keys_of_tokens_are_forgotten_after_a_long_silence),
		cmocka_unit_test(reset_tokens_depend_on_secret_and_id_alone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
