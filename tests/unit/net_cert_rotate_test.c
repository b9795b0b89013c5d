/* SPDX-License-Identifier: MIT */
/* Rotation of the local certificates: who trusts what before and after, what an interruption leaves, what is refused. */
#include "../support/cert_fixture.h"

#include <fcntl.h>
#include <sys/wait.h>

/* What a program that writes may still rename before it is killed; negative: it is left alone. */
static int renames_to_live = -1;

/* Instead of the C library's, so that a test can kill a writer right before any of its steps. */
int rename(const char *from, const char *to)
{
	if (renames_to_live == 0)
		_exit(0);
	renames_to_live -= renames_to_live > 0;
	return renameat(AT_FDCWD, from, AT_FDCWD, to);
}

static void rotate(struct fixture *fixture, enum cert_rotation what)
{
	struct str said = STR_ABSENT;
	if (cert_rotate(fixture->dir, nothing_extra, what, fixture->arena, &said))
		fail_msg("%.*s", STR_ARG(said));
}

/* A copy of the file, as of a client that was given it now. */
static const char *keep(struct fixture *fixture, const char *path, const char *name)
{
	owned(buf_free) struct buf text = buf_of(FILE_SMALL_MAX);
	const char *to = arena_printf(fixture->arena, "%s/%s", fixture->dir, name).at;
	assert_int_equal(file_read(path, &text), 0);
	assert_int_equal(file_replace(to, buf_str(&text), 0644), 0);
	return to;
}

/* Whether a client that trusts what is in `trusted` accepts the chain that is served. */
static bool accepted_by(struct fixture *fixture, const char *trusted)
{
	mbedtls_x509_crt roots, chain;
	uint32_t flags = 0;
	mbedtls_x509_crt_init(&roots);
	mbedtls_x509_crt_init(&chain);
	assert_int_equal(mbedtls_x509_crt_parse_file(&roots, trusted), 0);
	assert_int_equal(mbedtls_x509_crt_parse_file(&chain, fixture->files.cert), 0);
	int error = mbedtls_x509_crt_verify(&chain, &roots, NULL, "localhost", &flags, NULL, NULL);
	mbedtls_x509_crt_free(&roots);
	mbedtls_x509_crt_free(&chain);
	return error == 0;
}

static size_t n_in(struct fixture *fixture, const char *file)
{
	struct cert_facts *facts;
	struct str said;
	size_t n;
	assert_int_equal(cert_read_all(file, fixture->arena, &facts, &n, &said), 0);
	return n;
}

static bool served(struct fixture *fixture)
{
	struct tls_settings settings = { .pairs = { { fixture->files.cert, fixture->files.key } }, .n_pairs = 1 };
	struct tls_context *tls = NULL;
	struct str said = STR_ABSENT;
	int outcome = tls_context_new(&settings, fixture->arena, &tls, &said);
	tls_context_free(tls);
	return outcome == TLS_OK;
}

static struct str serial_of(struct fixture *fixture, const char *file)
{
	return facts_of(fixture, file).serial;
}

static void clients_would_lose_us_when_the_authority_changes(void **state)
{
	struct fixture *fixture = *state;
	init(fixture, nothing_extra);
	const char *before = keep(fixture, fixture->files.ca_cert, "before.pem");
	struct str old = serial_of(fixture, fixture->files.ca_cert);
	rotate(fixture, CERT_ROTATE_AUTHORITY);
	assert_false(str_equal(serial_of(fixture, fixture->files.ca_cert), old));
	assert_true(accepted_by(fixture, before));
	assert_true(accepted_by(fixture, fixture->files.ca_cert));
	assert_true(served(fixture));
}

/* A client that is given the new authority alone, as a phone that downloads it, needs nothing of the old one. */
static void new_client_would_need_the_former_authority(void **state)
{
	struct fixture *fixture = *state;
	struct cert_authority authority;
	mbedtls_x509_crt root, chain;
	uint32_t flags = 0;

	init(fixture, nothing_extra);
	rotate(fixture, CERT_ROTATE_AUTHORITY);
	assert_true(cert_authority_read(&fixture->files, fixture->arena, &authority));
	mbedtls_x509_crt_init(&root);
	mbedtls_x509_crt_init(&chain);
	assert_int_equal(
		mbedtls_x509_crt_parse_der(&root, (const unsigned char *)authority.der.at, authority.der.len), 0);
	assert_int_equal(mbedtls_x509_crt_parse_file(&chain, fixture->files.cert), 0);
	assert_int_equal(mbedtls_x509_crt_verify(&chain, &root, NULL, "localhost", &flags, NULL, NULL), 0);
	mbedtls_x509_crt_free(&root);
	mbedtls_x509_crt_free(&chain);
}

static void second_change_would_lose_the_clients_of_the_first(void **state)
{
	struct fixture *fixture = *state;
	const char *kept[4];
	init(fixture, nothing_extra);
	for (size_t i = 0; i < countof(kept); i++) {
		kept[i] = keep(fixture, fixture->files.ca_cert, arena_printf(fixture->arena, "kept%zu.pem", i).at);
		rotate(fixture, CERT_ROTATE_AUTHORITY);
		for (size_t j = i < 3 ? 0 : i - 2; j <= i; j++)
			assert_true(accepted_by(fixture, kept[j]));
	}
	assert_false(accepted_by(fixture, kept[0])); /* three former ones are vouched for, not four */
	assert_int_equal(n_in(fixture, fixture->files.ca_cert), 4);
	assert_int_equal(n_in(fixture, fixture->files.cert), 4);
}

/* The chain to the former authority must outlive the leaf it came with. */
static void clients_of_the_former_authority_would_be_lost_at_the_next_leaf(void **state)
{
	struct fixture *fixture = *state;
	init(fixture, nothing_extra);
	const char *before = keep(fixture, fixture->files.ca_cert, "before.pem");
	rotate(fixture, CERT_ROTATE_AUTHORITY);
	rotate(fixture, CERT_ROTATE_LEAF);
	assert_true(accepted_by(fixture, before));
	init(fixture, (struct str_list){ (struct str[]){ STR("records.example") }, 1 });
	assert_true(accepted_by(fixture, before));
}

static void download_would_have_a_key_in_it(void **state)
{
	struct fixture *fixture = *state;
	struct cert_authority authority;
	init(fixture, nothing_extra);
	rotate(fixture, CERT_ROTATE_AUTHORITY);
	assert_true(cert_authority_read(&fixture->files, fixture->arena, &authority));
	assert_int_equal(str_find(authority.pem, STR("KEY")), SIZE_MAX);
	assert_true(str_starts(authority.der, STR("\x30\x82")));
	assert_int_equal(n_in(fixture, keep(fixture, fixture->files.ca_cert, "copy.pem")), 2);
}

static void rotation_would_leave_a_readable_key_or_a_draft(void **state)
{
	struct fixture *fixture = *state;
	const char *keys[] = { fixture->files.ca_key, fixture->files.key };
	struct stat facts;
	init(fixture, nothing_extra);
	assert_int_equal(chmod(fixture->files.key, 0644), 0);
	rotate(fixture, CERT_ROTATE_AUTHORITY);
	for (size_t i = 0; i < countof(keys); i++) {
		assert_int_equal(stat(keys[i], &facts), 0);
		assert_int_equal(facts.st_mode & 07777, 0600);
		assert_int_equal(access(arena_printf(fixture->arena, "%s.new", keys[i]).at, F_OK), -1);
	}
}

/* Power fails between ca.pem and its key: the authority whose key we hold is the one that counts. */
static void interrupted_change_would_end_all_issuing(void **state)
{
	struct fixture *fixture = *state;
	init(fixture, nothing_extra);
	const char *key = keep(fixture, fixture->files.ca_key, "key.pem");
	const char *before = keep(fixture, fixture->files.ca_cert, "before.pem");
	rotate(fixture, CERT_ROTATE_AUTHORITY);
	owned(buf_wipe) struct buf text = buf_of(FILE_SMALL_MAX);
	assert_int_equal(file_read(key, &text), 0);
	assert_int_equal(file_replace(fixture->files.ca_key, buf_str(&text), 0600), 0);
	rotate(fixture, CERT_ROTATE_LEAF);
	assert_int_equal(n_in(fixture, fixture->files.ca_cert), 1);
	assert_int_equal(n_in(fixture, fixture->files.cert), 1);
	assert_true(accepted_by(fixture, before));
	assert_true(accepted_by(fixture, fixture->files.ca_cert));
}

static void key_that_was_written_without_its_certificate_would_stop_the_server(void **state)
{
	struct fixture *fixture = *state;
	owned(buf_free) struct buf old = buf_of(FILE_SMALL_MAX);
	init(fixture, nothing_extra);
	assert_int_equal(file_read(fixture->files.cert, &old), 0);
	rotate(fixture, CERT_ROTATE_LEAF);
	assert_int_equal(file_replace(fixture->files.cert, buf_str(&old), 0644), 0);
	assert_false(served(fixture));
	init(fixture, nothing_extra);
	assert_true(served(fixture));
}

enum { KILLED = 0, DONE = 1 };

/* Installs in a process of its own, which is killed when it is about to rename one file more than that. */
static int cut_short(struct fixture *fixture, int steps, const char *cert, const char *key)
{
	struct str said;
	pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (child == 0) {
		renames_to_live = steps;
		_exit(cert_install(fixture->dir, cert, key, fixture->arena, &said) ? 2 : DONE);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) != 2);
	return WEXITSTATUS(status);
}

/* Whenever an installation is killed, one of the two pairs is served afterwards, and no key is left lying about. */
static void install_that_was_killed_would_stop_the_server(void **state)
{
	struct fixture *fixture = *state;
	int killed = 0;

	init(fixture, nothing_extra);
	const char *cert = keep(fixture, fixture->files.cert, "new.pem"), *key = keep(fixture, fixture->files.key, "new-key.pem");
	struct str new_serial = serial_of(fixture, cert);
	for (int steps = 0; killed == steps; steps++) {
		rotate(fixture, CERT_ROTATE_LEAF);
		struct str old_serial = serial_of(fixture, fixture->files.cert);
		killed += cut_short(fixture, steps, cert, key) == KILLED;
		init(fixture, nothing_extra);
		assert_true(served(fixture));
		struct str serial = serial_of(fixture, fixture->files.cert);
		assert_true(str_equal(serial, steps < 2 ? old_serial : new_serial));
		assert_int_equal(access(fixture->files.next_key, F_OK), -1);
	}
	assert_int_equal(killed, 3); /* the key beside the old one, the chain, the key in its place */
}

static void leaf_of_a_former_authority_would_stay(void **state)
{
	struct fixture *fixture = *state;
	init(fixture, nothing_extra);
	const char *cert = keep(fixture, fixture->files.cert, "cert.pem"), *key = keep(fixture, fixture->files.key, "key.pem");
	rotate(fixture, CERT_ROTATE_AUTHORITY);
	struct str said, authority = facts_of(fixture, fixture->files.ca_cert).subject;
	assert_int_equal(cert_install(fixture->dir, cert, key, fixture->arena, &said), 0);
	init(fixture, nothing_extra);
	assert_true(str_equal(facts_of(fixture, fixture->files.cert).issuer, authority));
}

static void commands_at_the_same_time_would_mix_their_pairs(void **state)
{
	enum { N = 6 };
	struct fixture *fixture = *state;
	pid_t children[N];
	init(fixture, nothing_extra);
	const char *before = keep(fixture, fixture->files.ca_cert, "before.pem");
	for (size_t i = 0; i < N; i++) {
		children[i] = fork();
		if (children[i] == 0) {
			struct str said;
			enum cert_rotation what = i % 3 ? CERT_ROTATE_LEAF : CERT_ROTATE_AUTHORITY;
			_exit(cert_rotate(fixture->dir, nothing_extra, what, fixture->arena, &said) ? 1 : 0);
		}
	}
	for (size_t i = 0; i < N; i++) {
		int status;
		assert_int_equal(waitpid(children[i], &status, 0), children[i]);
		assert_int_equal(status, 0);
	}
	assert_true(served(fixture));
	assert_true(accepted_by(fixture, before));
}

/* ── Installing ── */

/* Another authority's pair, as an ACME client has it. */
static struct cert_files elsewhere(struct fixture *fixture)
{
	struct str said, name = STR("records.example");
	const char *dir = arena_printf(fixture->arena, "%s/elsewhere", fixture->dir).at;
	assert_int_equal(cert_init(dir, (struct str_list){ &name, 1 }, fixture->arena, &said), 0);
	return cert_files_in(dir, fixture->arena);
}

static void installed_certificate_would_be_overwritten(void **state)
{
	struct fixture *fixture = *state;
	struct cert_files other = elsewhere(fixture);
	struct cert_authority authority;
	struct str said;
	struct stat facts;

	init(fixture, nothing_extra);
	assert_int_equal(cert_install(fixture->dir, other.cert, other.key, fixture->arena, &said), 0);
	assert_true(str_equal(serial_of(fixture, fixture->files.cert), serial_of(fixture, other.cert)));
	assert_int_equal(stat(fixture->files.key, &facts), 0);
	assert_int_equal(facts.st_mode & 07777, 0600);
	init(fixture, nothing_extra);
	assert_int_equal(cert_rotate(fixture->dir, nothing_extra, CERT_ROTATE_LEAF, fixture->arena, &said), -1);
	assert_says(said, "server.pem is not of the local authority");
	assert_true(str_equal(serial_of(fixture, fixture->files.cert), serial_of(fixture, other.cert)));
	assert_false(cert_authority_read(&fixture->files, fixture->arena, &authority));
}

/* Installed before the first start, or its authority removed: the client that obtained it still renews it. */
static void installed_certificate_would_be_lost_without_an_authority(void **state)
{
	struct fixture *fixture = *state;
	struct str said;

	init(fixture, nothing_extra);
	issue_as(fixture, "CN=somebody else", "20260101000000", "20990101000000");
	const char *cert = keep(fixture, fixture->files.cert, "cert.pem"), *key = keep(fixture, fixture->files.key, "key.pem");
	struct str serial = serial_of(fixture, cert);
	assert_int_equal(cert_install(fixture->dir, cert, key, fixture->arena, &said), 0);
	assert_int_equal(unlink(fixture->files.ca_cert), 0);
	init(fixture, nothing_extra);
	assert_true(str_equal(serial_of(fixture, fixture->files.cert), serial));
	assert_int_equal(n_in(fixture, fixture->files.ca_cert), 1);
	assert_int_equal(unlink(fixture->files.ca_cert), 0);
	assert_int_equal(cert_rotate(fixture->dir, nothing_extra, CERT_ROTATE_LEAF, fixture->arena, &said), -1);
	assert_says(said, "server.pem is not of the local authority");
	assert_true(served(fixture));
}

/* The way out when its key was stolen. */
static void removed_authority_would_not_be_made_anew(void **state)
{
	struct fixture *fixture = *state;
	init(fixture, nothing_extra);
	rotate(fixture, CERT_ROTATE_AUTHORITY);
	const char *before = keep(fixture, fixture->files.ca_cert, "before.pem");
	assert_int_equal(unlink(fixture->files.ca_cert) | unlink(fixture->files.ca_key) | unlink(fixture->files.ca_cross), 0);
	init(fixture, nothing_extra);
	assert_true(served(fixture));
	assert_true(accepted_by(fixture, fixture->files.ca_cert));
	assert_false(accepted_by(fixture, before));
	assert_int_equal(n_in(fixture, fixture->files.ca_cert), 1);
}

static void useless_pair_would_be_installed(void **state)
{
	struct fixture *fixture = *state;
	struct cert_files other = elsewhere(fixture);
	struct str said, before;

	init(fixture, nothing_extra);
	before = serial_of(fixture, fixture->files.cert);
	assert_int_equal(cert_install(fixture->dir, other.cert, other.ca_key, fixture->arena, &said), -1);
	assert_says(said, "does not belong to the certificate");
	assert_int_equal(cert_install(fixture->dir, other.cert, "/nowhere", fixture->arena, &said), -1);
	assert_says(said, "/nowhere cannot be read");
	assert_int_equal(cert_install(fixture->dir, other.ca_cert, other.ca_key, fixture->arena, &said), -1);
	assert_says(said, "may not be used for signatures");
	assert_true(str_equal(serial_of(fixture, fixture->files.cert), before));
	assert_true(served(fixture));
}

static void certificate_out_of_its_time_would_be_taken(void **state)
{
	struct fixture *fixture = *state;
	struct str said;
	init(fixture, nothing_extra);
	issue(fixture, "20200101000000", "20210101000000");
	assert_false(served(fixture));
	const char *past = keep(fixture, fixture->files.cert, "past.pem");
	assert_int_equal(cert_install(fixture->dir, past, fixture->files.key, fixture->arena, &said), -1);
	assert_says(said, "expired on 2021-01-01");
	issue(fixture, "21000101000000", "21010101000000");
	assert_false(served(fixture));
}

static void half_written_chain_would_be_served(void **state)
{
	struct fixture *fixture = *state;
	owned(buf_free) struct buf whole = buf_of(FILE_SMALL_MAX);
	init(fixture, nothing_extra);
	rotate(fixture, CERT_ROTATE_AUTHORITY);
	assert_int_equal(file_read(fixture->files.cert, &whole), 0);
	struct str text = buf_str(&whole);
	size_t second = str_find(str_skip(text, 10), STR("-----BEGIN")) + 10;
	for (size_t len = 0; len < text.len - 1; len += 7) {
		if (len == second || str_ends(str_first(text, len), STR("CERTIFICATE-----")))
			continue; /* a whole certificate alone is a chain, too */
		if (len > second && len < second + 11)
			continue; /* not even the next one's first word */
		assert_int_equal(file_replace(fixture->files.cert, str_first(text, len), 0644), 0);
		if (served(fixture))
			fail_msg("%zu of %zu bytes are taken", len, text.len);
	}
}

/* ── Reminders ── */

static void end_of_the_certificate_would_come_unannounced(void **state)
{
	const int64_t day = 86400, end = 1000 * day;
	struct cert_reminder reminder = { 0 };
	(void)state;
	assert_int_equal(cert_reminder_due(&reminder, end, end - 31 * day), CERT_NO_WARNING);
	assert_int_equal(cert_reminder_due(&reminder, end, end - 30 * day), CERT_ENDS_IN_A_MONTH);
	assert_int_equal(cert_reminder_due(&reminder, end, end - 30 * day + 60), CERT_NO_WARNING);
	assert_int_equal(cert_reminder_due(&reminder, end, end - 29 * day), CERT_ENDS_IN_A_MONTH);
	assert_int_equal(cert_reminder_due(&reminder, end, end - 7 * day), CERT_ENDS_IN_A_WEEK);
	assert_int_equal(cert_reminder_due(&reminder, end, end - 7 * day + 60), CERT_NO_WARNING);
	assert_int_equal(cert_reminder_due(&reminder, end, end), CERT_HAS_ENDED);
	assert_int_equal(cert_reminder_due(&reminder, end, end + day - 1), CERT_NO_WARNING);
	assert_int_equal(cert_reminder_due(&reminder, end, end + day), CERT_HAS_ENDED);
	assert_int_equal(cert_reminder_due(&reminder, end + 400 * day, end + day), CERT_NO_WARNING);
}

static void warnings_would_come_every_minute(void **state)
{
	const int64_t day = 86400, end = 1000 * day;
	struct cert_reminder reminder = { 0 };
	unsigned told = 0;
	(void)state;
	for (int64_t now = end - 40 * day; now < end; now += 60)
		told += cert_reminder_due(&reminder, end, now) != CERT_NO_WARNING;
	assert_int_equal(told, 30);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(clients_would_lose_us_when_the_authority_changes),
		TEST(new_client_would_need_the_former_authority),
		TEST(second_change_would_lose_the_clients_of_the_first),
		TEST(clients_of_the_former_authority_would_be_lost_at_the_next_leaf),
		TEST(download_would_have_a_key_in_it),
		TEST(rotation_would_leave_a_readable_key_or_a_draft),
		TEST(interrupted_change_would_end_all_issuing),
		TEST(key_that_was_written_without_its_certificate_would_stop_the_server),
		TEST(install_that_was_killed_would_stop_the_server),
		TEST(leaf_of_a_former_authority_would_stay),
		TEST(commands_at_the_same_time_would_mix_their_pairs),
		TEST(installed_certificate_would_be_overwritten),
		TEST(installed_certificate_would_be_lost_without_an_authority),
		TEST(removed_authority_would_not_be_made_anew),
		TEST(useless_pair_would_be_installed),
		TEST(certificate_out_of_its_time_would_be_taken),
		TEST(half_written_chain_would_be_served),
		cmocka_unit_test(end_of_the_certificate_would_come_unannounced),
		cmocka_unit_test(warnings_would_come_every_minute),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
