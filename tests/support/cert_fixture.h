/* SPDX-License-Identifier: MIT */
/* A data directory for tests of the local certificates, and what is asked of it. */
#ifndef SUPPORT_CERT_FIXTURE_H
#define SUPPORT_CERT_FIXTURE_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <ftw.h>
#include <mbedtls/psa_util.h>
#include <mbedtls/x509_crt.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "net/cert.h"
#include "net/file.h"
#include "net/tls.h"

struct fixture {
	char dir[64];
	struct arena *arena;
	struct cert_files files;
};

static const struct str_list nothing_extra;

static inline int setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	snprintf(fixture->dir, sizeof(fixture->dir), "/tmp/net_cert_test.XXXXXX");
	assert_non_null(mkdtemp(fixture->dir));
	fixture->arena = arena_new(1 << 20);
	fixture->files = cert_files_in(fixture->dir, fixture->arena);
	*state = fixture;
	return 0;
}

static inline int remove_entry(const char *path, const struct stat *facts, int kind, struct FTW *at)
{
	(void)facts;
	(void)kind;
	(void)at;
	return remove(path);
}

static inline int teardown(void **state)
{
	struct fixture *fixture = *state;
	nftw(fixture->dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
	arena_free(fixture->arena);
	free(fixture);
	return 0;
}

static inline void init(struct fixture *fixture, struct str_list extra)
{
	struct str said = STR_ABSENT;
	if (cert_init(fixture->dir, extra, fixture->arena, &said))
		fail_msg("%.*s", STR_ARG(said));
	assert_true(str_present(said));
}

static inline struct cert_facts facts_of(struct fixture *fixture, const char *file)
{
	struct cert_facts facts;
	struct str said;
	assert_int_equal(cert_read(file, fixture->arena, &facts, &said), 0);
	return facts;
}

static inline void assert_says(struct str said, const char *words)
{
	if (str_find(said, str_of(words)) == SIZE_MAX)
		fail_msg("\"%.*s\" does not say \"%s\"", STR_ARG(said), words);
}

/* A leaf for the fixture's key, valid in that time (YYYYMMDDhhmmss), signed by its CA under that name; NULL: its own. */
static inline void issue_as(struct fixture *fixture, const char *name, const char *from, const char *to)
{
	mbedtls_x509_crt ca;
	mbedtls_pk_context key, own;
	mbedtls_x509write_cert draft;
	char issuer[256], pem[4096];

	mbedtls_x509_crt_init(&ca);
	mbedtls_pk_init(&key);
	mbedtls_pk_init(&own);
	mbedtls_x509write_crt_init(&draft);
	assert_int_equal(mbedtls_x509_crt_parse_file(&ca, fixture->files.ca_cert), 0);
	assert_int_equal(mbedtls_pk_parse_keyfile(&key, fixture->files.ca_key, NULL, mbedtls_psa_get_random,
						  MBEDTLS_PSA_RANDOM_STATE),
			 0);
	assert_int_equal(mbedtls_pk_parse_keyfile(&own, fixture->files.key, NULL, mbedtls_psa_get_random,
						  MBEDTLS_PSA_RANDOM_STATE),
			 0);
	assert_true(mbedtls_x509_dn_gets(issuer, sizeof(issuer), &ca.subject) > 0);
	mbedtls_x509write_crt_set_md_alg(&draft, MBEDTLS_MD_SHA256);
	mbedtls_x509write_crt_set_subject_key(&draft, &own);
	mbedtls_x509write_crt_set_issuer_key(&draft, &key);
	assert_int_equal(mbedtls_x509write_crt_set_subject_name(&draft, "CN=localhost"), 0);
	assert_int_equal(mbedtls_x509write_crt_set_issuer_name(&draft, name ? name : issuer), 0);
	assert_int_equal(mbedtls_x509write_crt_set_validity(&draft, from, to), 0);
	assert_int_equal(mbedtls_x509write_crt_pem(&draft, (unsigned char *)pem, sizeof(pem), mbedtls_psa_get_random,
						   MBEDTLS_PSA_RANDOM_STATE),
			 0);
	assert_int_equal(file_replace(fixture->files.cert, str_of(pem), 0644), 0);
	mbedtls_x509write_crt_free(&draft);
	mbedtls_pk_free(&key);
	mbedtls_pk_free(&own);
	mbedtls_x509_crt_free(&ca);
}

static inline void issue(struct fixture *fixture, const char *from, const char *to)
{
	issue_as(fixture, NULL, from, to);
}

#endif
