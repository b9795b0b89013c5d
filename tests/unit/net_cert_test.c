/* SPDX-License-Identifier: MIT */
/* The local certificate authority: what it makes, that it leaves alone what is there, and what it says when it cannot. */
#include "../support/cert_fixture.h"

#include <mbedtls/oid.h>

/* Ended on 2001-01-01: self-signed, P-256; made by openssl x509 with that date. */
static const char expired_cert[] = "-----BEGIN CERTIFICATE-----\n"
				   "MIIBDzCBtgIBATAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwHhcN\n"
				   "MDAwMTAxMDAwMDAwWhcNMDEwMTAxMDAwMDAwWjAUMRIwEAYDVQQDDAlsb2NhbGhv\n"
				   "c3QwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAASwusjNPPBwVeuoG3ezsbqu1Sca\n"
				   "ERJeJo7AnIitnk0T+BLjD9uFPG4lx2OF3yvCnll4pVnVFDI15nQz42TowNZSMAoG\n"
				   "CCqGSM49BAMCA0gAMEUCIDdGwiKTwviDfMCawwfNq569F5+UmdvCHHu/UdkvpZ0J\n"
				   "AiEAzI9k3W11WP+027aVVwV/a6yAZte2GSMWwQy5t6E047Q=\n"
				   "-----END CERTIFICATE-----\n";

static void browser_would_not_accept_the_leaf(void **state)
{
	struct fixture *fixture = *state;
	mbedtls_x509_crt ca, leaf;
	uint32_t flags = 0;

	init(fixture, nothing_extra);
	mbedtls_x509_crt_init(&ca);
	mbedtls_x509_crt_init(&leaf);
	assert_int_equal(mbedtls_x509_crt_parse_file(&ca, fixture->files.ca_cert), 0);
	assert_int_equal(mbedtls_x509_crt_parse_file(&leaf, fixture->files.cert), 0);
	assert_int_equal(mbedtls_x509_crt_verify(&leaf, &ca, NULL, "localhost", &flags, NULL, NULL), 0);
	assert_int_equal(mbedtls_x509_crt_verify(&leaf, &ca, NULL, "127.0.0.1", &flags, NULL, NULL), 0);
	assert_int_not_equal(mbedtls_x509_crt_verify(&leaf, &ca, NULL, "elsewhere.example", &flags, NULL, NULL), 0);
	assert_true(mbedtls_x509_crt_get_ca_istrue(&ca));
	assert_false(mbedtls_x509_crt_get_ca_istrue(&leaf));
	assert_int_equal(mbedtls_x509_crt_check_key_usage(&ca, MBEDTLS_X509_KU_KEY_CERT_SIGN), 0);
	assert_int_equal(mbedtls_x509_crt_check_extended_key_usage(&leaf, MBEDTLS_OID_SERVER_AUTH,
								   MBEDTLS_OID_SIZE(MBEDTLS_OID_SERVER_AUTH)),
			 0);
	mbedtls_x509_crt_free(&ca);
	mbedtls_x509_crt_free(&leaf);
}

static void private_keys_would_be_readable_by_others(void **state)
{
	struct fixture *fixture = *state;
	const char *keys[] = { fixture->files.ca_key, fixture->files.key };
	struct stat facts;

	init(fixture, nothing_extra);
	for (size_t i = 0; i < countof(keys); i++) {
		assert_int_equal(stat(keys[i], &facts), 0);
		assert_int_equal(facts.st_mode & 07777, 0600);
	}
	assert_int_equal(stat(arena_printf(fixture->arena, "%s/tls", fixture->dir).at, &facts), 0);
	assert_int_equal(facts.st_mode & 07777, 0700);
}

static void restart_would_ask_everyone_to_trust_again(void **state)
{
	struct fixture *fixture = *state;
	init(fixture, nothing_extra);
	struct str ca = facts_of(fixture, fixture->files.ca_cert).sha256;
	struct str leaf = facts_of(fixture, fixture->files.cert).sha256;
	init(fixture, nothing_extra);
	assert_true(str_equal(facts_of(fixture, fixture->files.ca_cert).sha256, ca));
	assert_true(str_equal(facts_of(fixture, fixture->files.cert).sha256, leaf));
}

static void renewal_would_lose_the_authority(void **state)
{
	struct fixture *fixture = *state;
	struct str said;
	init(fixture, nothing_extra);
	struct cert_facts ca = facts_of(fixture, fixture->files.ca_cert), old = facts_of(fixture, fixture->files.cert);
	assert_int_equal(cert_rotate(fixture->dir, nothing_extra, CERT_ROTATE_LEAF, fixture->arena, &said), 0);
	struct cert_facts leaf = facts_of(fixture, fixture->files.cert);
	assert_true(str_equal(facts_of(fixture, fixture->files.ca_cert).sha256, ca.sha256));
	assert_false(str_equal(leaf.sha256, old.sha256));
	assert_true(str_equal(leaf.issuer, ca.subject));
	assert_true(str_equal(ca.issuer, ca.subject));
}

static void certificate_would_not_name_the_hosts_asked_for(void **state)
{
	struct fixture *fixture = *state;
	struct str extra[] = { STR("records.example"), STR("192.0.2.7"), STR("2001:db8::7"), STR("LOCALHOST") };
	init(fixture, (struct str_list){ extra, countof(extra) });
	struct str names = facts_of(fixture, fixture->files.cert).names;
	assert_true(str_starts(names, STR("localhost, 127.0.0.1, ::1")));
	assert_says(names, ", records.example");
	assert_says(names, ", 192.0.2.7");
	assert_says(names, ", 2001:db8::7");
	assert_int_equal(str_find(names, STR("LOCALHOST")), SIZE_MAX);
}

static void added_name_would_not_get_into_the_certificate(void **state)
{
	struct fixture *fixture = *state;
	struct str extra[] = { STR("records.example"), STR("2001:DB8:0::7") };
	init(fixture, nothing_extra);
	struct str ca = facts_of(fixture, fixture->files.ca_cert).sha256;
	init(fixture, (struct str_list){ extra, countof(extra) });
	struct str leaf = facts_of(fixture, fixture->files.cert).sha256;
	assert_says(facts_of(fixture, fixture->files.cert).names, "records.example, 2001:db8::7");
	init(fixture, (struct str_list){ extra, countof(extra) });
	assert_true(str_equal(facts_of(fixture, fixture->files.cert).sha256, leaf));
	assert_true(str_equal(facts_of(fixture, fixture->files.ca_cert).sha256, ca));
}

static void server_would_stop_working_after_a_year(void **state)
{
	struct fixture *fixture = *state;
	init(fixture, nothing_extra);
	issue(fixture, "20260101000000", "20260201000000");
	init(fixture, nothing_extra);
	assert_true(facts_of(fixture, fixture->files.cert).not_after > (int64_t)time(NULL) + 390 * 86400);
	assert_true(str_starts(facts_of(fixture, fixture->files.cert).names, STR("localhost")));
}

static void own_certificate_would_be_overwritten(void **state)
{
	struct fixture *fixture = *state;
	init(fixture, nothing_extra);
	assert_int_equal(file_replace(fixture->files.cert, str_of(expired_cert), 0644), 0);
	init(fixture, nothing_extra);
	assert_true(facts_of(fixture, fixture->files.cert).not_after < (int64_t)time(NULL));
}

static void nonsense_would_get_into_the_certificate(void **state)
{
	struct fixture *fixture = *state;
	struct str extra[] = { STR("no spaces, please") }, said;
	assert_int_equal(cert_init(fixture->dir, (struct str_list){ extra, 1 }, fixture->arena, &said), -1);
	assert_says(said, "\"no spaces, please\" is neither a host name nor an IP address");
	assert_int_equal(access(fixture->files.ca_cert, F_OK), -1);
}

static void certificate_would_be_dead_or_too_long_lived(void **state)
{
	struct fixture *fixture = *state;
	init(fixture, nothing_extra);
	const int64_t day = 86400, now = (int64_t)time(NULL);
	struct cert_facts leaf = facts_of(fixture, fixture->files.cert), ca = facts_of(fixture, fixture->files.ca_cert);
	assert_true(leaf.not_before < now && leaf.not_before > now - day);
	assert_int_equal(leaf.not_after - leaf.not_before, 397 * day);
	assert_true(ca.not_after > now + 3650 * day);
}

static void lost_authority_key_would_go_unnoticed(void **state)
{
	struct fixture *fixture = *state;
	struct str said;
	init(fixture, nothing_extra);
	assert_int_equal(unlink(fixture->files.ca_key), 0);
	assert_int_equal(cert_rotate(fixture->dir, nothing_extra, CERT_ROTATE_LEAF, fixture->arena, &said), -1);
	assert_says(said, "ca-key.pem cannot be read: No such file or directory");
}

/* ── TLS contexts ── */

static int context_of(struct fixture *fixture, const char *cert, const char *key, struct str *said)
{
	struct tls_settings settings = { .pairs = { { cert, key } }, .n_pairs = 1 };
	struct tls_context *tls = NULL;
	int outcome = tls_context_new(&settings, fixture->arena, &tls, said);
	assert_int_equal(outcome == TLS_OK, tls != NULL);
	tls_context_free(tls);
	return outcome;
}

static void fresh_certificate_would_not_be_served(void **state)
{
	struct fixture *fixture = *state;
	struct tls_settings settings = { .pairs = { { fixture->files.cert, fixture->files.key } }, .n_pairs = 1 };
	struct tls_context *tls;
	struct str said;
	init(fixture, nothing_extra);
	assert_int_equal(tls_context_new(&settings, fixture->arena, &tls, &said), TLS_OK);
	assert_int_equal(tls_context_not_after(tls), facts_of(fixture, fixture->files.cert).not_after);
	tls_context_free(tls_context_ref(tls));
	tls_context_free(tls);
}

static void wrong_key_would_not_be_told(void **state)
{
	struct fixture *fixture = *state;
	struct str said;
	init(fixture, nothing_extra);
	assert_int_equal(context_of(fixture, fixture->files.cert, fixture->files.ca_key, &said), TLS_MISMATCH);
	assert_says(said, "ca-key.pem does not belong to the certificate in ");
	assert_says(said, "server.pem");
}

static void missing_file_would_not_be_told(void **state)
{
	struct fixture *fixture = *state;
	struct str said;
	assert_int_equal(context_of(fixture, fixture->files.cert, fixture->files.key, &said), TLS_UNREADABLE);
	assert_says(said, "server.pem cannot be read: No such file or directory");
}

static void broken_file_would_not_be_told(void **state)
{
	struct fixture *fixture = *state;
	struct str said;
	init(fixture, nothing_extra);
	assert_int_equal(file_replace(fixture->files.cert, STR("hello"), 0644), 0);
	assert_int_equal(context_of(fixture, fixture->files.cert, fixture->files.key, &said), TLS_BROKEN);
	assert_says(said, "server.pem is not in PEM format");
	assert_int_equal(file_replace(fixture->files.cert,
				      STR("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), 0644),
			 0);
	assert_int_equal(context_of(fixture, fixture->files.cert, fixture->files.key, &said), TLS_BROKEN);
	assert_says(said, "server.pem holds no certificate that can be read");
}

static void expired_certificate_would_not_be_told(void **state)
{
	struct fixture *fixture = *state;
	struct str said;
	init(fixture, nothing_extra);
	assert_int_equal(file_replace(fixture->files.cert, str_of(expired_cert), 0644), 0);
	assert_int_equal(context_of(fixture, fixture->files.cert, fixture->files.key, &said), TLS_EXPIRED);
	assert_says(said, "server.pem expired on 2001-01-01");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(browser_would_not_accept_the_leaf),
		TEST(private_keys_would_be_readable_by_others),
		TEST(restart_would_ask_everyone_to_trust_again),
		TEST(renewal_would_lose_the_authority),
		TEST(certificate_would_not_name_the_hosts_asked_for),
		TEST(added_name_would_not_get_into_the_certificate),
		TEST(server_would_stop_working_after_a_year),
		TEST(own_certificate_would_be_overwritten),
		TEST(nonsense_would_get_into_the_certificate),
		TEST(certificate_would_be_dead_or_too_long_lived),
		TEST(lost_authority_key_would_go_unnoticed),
		TEST(fresh_certificate_would_not_be_served),
		TEST(wrong_key_would_not_be_told),
		TEST(missing_file_would_not_be_told),
		TEST(broken_file_would_not_be_told),
		TEST(expired_certificate_would_not_be_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
