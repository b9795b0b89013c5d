/* SPDX-License-Identifier: MIT */
/* Making local certificates with Mbed TLS. */
#include "net/cert_make.h"

#include <mbedtls/oid.h>
#include <mbedtls/pem.h>
#include <mbedtls/psa_util.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/random.h"
#include "net/tls_context.h"

enum {
	SERIAL_BYTES = 16,
	DER_ROOM = 4096,
	KEY_PEM_ROOM = 16384,
	CERT_PEM_ROOM = 32768,
	NAME_ROOM = 512,
	DAY_S = 86400
};

void cert_pair_init(struct cert_pair *pair)
{
	mbedtls_x509_crt_init(&pair->cert);
	mbedtls_pk_init(&pair->key);
}

void cert_pair_free(struct cert_pair *pair)
{
	mbedtls_x509_crt_free(&pair->cert);
	mbedtls_pk_free(&pair->key);
}

static int key_make(mbedtls_pk_context *key)
{
	int error = mbedtls_pk_setup(key, mbedtls_pk_info_from_type(MBEDTLS_PK_ECKEY));
	return error ? error
		     : mbedtls_ecp_gen_key(MBEDTLS_ECP_DP_SECP256R1, mbedtls_pk_ec(*key), mbedtls_psa_get_random,
					   MBEDTLS_PSA_RANDOM_STATE);
}

/* ── Drafts ── */

static int set_serial(mbedtls_x509write_cert *draft)
{
	unsigned char serial[SERIAL_BYTES];
	random_bytes(serial, sizeof(serial));
	serial[0] = (unsigned char)((serial[0] & 0x3f) | 0x40); /* positive, and of full length */
	return mbedtls_x509write_crt_set_serial_raw(draft, serial, sizeof(serial));
}

/* From an hour ago, for clocks that are late. */
static int64_t beginning(void)
{
	return clock_wall_ms() / 1000 - 3600;
}

static int set_validity(mbedtls_x509write_cert *draft, int64_t end)
{
	char from_text[16], to_text[16];
	struct tm tm;
	time_t from = (time_t)beginning(), to = (time_t)end;
	strftime(from_text, sizeof(from_text), "%Y%m%d%H%M%S", gmtime_r(&from, &tm));
	strftime(to_text, sizeof(to_text), "%Y%m%d%H%M%S", gmtime_r(&to, &tm));
	return mbedtls_x509write_crt_set_validity(draft, from_text, to_text);
}

static int set_server_auth(mbedtls_x509write_cert *draft)
{
	const mbedtls_asn1_sequence usage = {
		.buf = { .tag = MBEDTLS_ASN1_OID,
			 .p = (unsigned char *)(uintptr_t)MBEDTLS_OID_SERVER_AUTH,
			 .len = MBEDTLS_OID_SIZE(MBEDTLS_OID_SERVER_AUTH) },
	};
	return mbedtls_x509write_crt_set_ext_key_usage(draft, &usage);
}

/* What a certificate says of itself, besides what its kind adds. */
struct draft {
	mbedtls_x509write_cert cert;
	const char *subject, *issuer;
	mbedtls_pk_context *key, *issuer_key;
	int64_t end; /* seconds since 1970 */
};

static void draft_free(struct draft *draft)
{
	mbedtls_x509write_crt_free(&draft->cert);
}

/* What all kinds have. The first error of a chain of calls is kept. */
static int draft_begin(struct draft *draft)
{
	mbedtls_x509write_cert *cert = &draft->cert;
	mbedtls_x509write_crt_init(cert);
	mbedtls_x509write_crt_set_subject_key(cert, draft->key);
	mbedtls_x509write_crt_set_issuer_key(cert, draft->issuer_key);
	mbedtls_x509write_crt_set_version(cert, MBEDTLS_X509_CRT_VERSION_3);
	mbedtls_x509write_crt_set_md_alg(cert, MBEDTLS_MD_SHA256);
	int error = mbedtls_x509write_crt_set_subject_name(cert, draft->subject);
	error = error ?: mbedtls_x509write_crt_set_issuer_name(cert, draft->issuer);
	error = error ?: set_serial(cert);
	error = error ?: set_validity(cert, draft->end);
	error = error ?: mbedtls_x509write_crt_set_subject_key_identifier(cert);
	return error ?: mbedtls_x509write_crt_set_authority_key_identifier(cert);
}

/* An authority may sign the leaf and, across a change of authorities, its successors. */
static int draft_authority(struct draft *draft)
{
	int error = draft_begin(draft);
	error = error ?: mbedtls_x509write_crt_set_basic_constraints(&draft->cert, 1, CERT_MAX_FORMER);
	return error
		       ?: mbedtls_x509write_crt_set_key_usage(&draft->cert,
							      MBEDTLS_X509_KU_KEY_CERT_SIGN | MBEDTLS_X509_KU_CRL_SIGN);
}

/* Mbed TLS writes to the end of the room. */
static int draft_sign(struct draft *draft, mbedtls_x509_crt *out)
{
	unsigned char der[DER_ROOM];
	int len = mbedtls_x509write_crt_der(&draft->cert, der, sizeof(der), mbedtls_psa_get_random,
					    MBEDTLS_PSA_RANDOM_STATE);
	return len < 0 ? len : mbedtls_x509_crt_parse_der(out, der + sizeof(der) - len, (size_t)len);
}

int cert_make_authority(struct cert_pair *out, struct arena *arena)
{
	/* The random part keeps authorities apart that were made on one machine. */
	struct str name = arena_printf(arena, CERT_CA_NAME "%.*s %08x", STR_ARG(cert_host_name(arena)),
				       (unsigned)random_below(UINT32_MAX));
	if (!str_present(name))
		return MBEDTLS_ERR_X509_ALLOC_FAILED;
	owned(draft_free) struct draft draft = {
		.subject = name.at,
		.issuer = name.at,
		.key = &out->key,
		.issuer_key = &out->key,
		.end = beginning() + (int64_t)CERT_CA_DAYS * DAY_S,
	};
	int error = key_make(&out->key);
	error = error ?: draft_authority(&draft);
	return error ?: draft_sign(&draft, &out->cert);
}

int cert_make_leaf(struct cert_pair *out, struct cert_pair *authority, const struct cert_names *names)
{
	char issuer[NAME_ROOM];
	int64_t most = tls_time(&authority->cert.valid_to), end = beginning() + (int64_t)CERT_LEAF_DAYS * DAY_S;
	owned(draft_free) struct draft draft = {
		.subject = "O=recordd,CN=localhost",
		.issuer = issuer,
		.key = &out->key,
		.issuer_key = &authority->key,
		.end = end < most ? end : most,
	};
	int len = mbedtls_x509_dn_gets(issuer, sizeof(issuer), &authority->cert.subject);
	int error = len < 0 ? len : key_make(&out->key);
	error = error ?: draft_begin(&draft);
	error = error ?: mbedtls_x509write_crt_set_basic_constraints(&draft.cert, 0, -1);
	error = error ?: mbedtls_x509write_crt_set_key_usage(&draft.cert, MBEDTLS_X509_KU_DIGITAL_SIGNATURE);
	error = error ?: set_server_auth(&draft.cert);
	error = error ?: mbedtls_x509write_crt_set_subject_alternative_name(&draft.cert, &names->nodes[names->n - 1]);
	return error ?: draft_sign(&draft, &out->cert);
}

int cert_make_cross(mbedtls_x509_crt *out, struct cert_pair *fresh, struct cert_pair *former)
{
	char subject[NAME_ROOM], issuer[NAME_ROOM];
	owned(draft_free) struct draft draft = {
		.subject = subject,
		.issuer = issuer,
		.key = &fresh->key,
		.issuer_key = &former->key,
		.end = tls_time(&former->cert.valid_to),
	};
	int len = mbedtls_x509_dn_gets(subject, sizeof(subject), &fresh->cert.subject);
	if (len >= 0)
		len = mbedtls_x509_dn_gets(issuer, sizeof(issuer), &former->cert.subject);
	int error = len < 0 ? len : draft_authority(&draft);
	return error ?: draft_sign(&draft, out);
}

/* ── PEM ── */

int cert_pem_add(struct buf *pem, const mbedtls_x509_crt *cert)
{
	unsigned char text[CERT_PEM_ROOM];
	size_t len;
	int error = mbedtls_pem_write_buffer("-----BEGIN CERTIFICATE-----\n", "-----END CERTIFICATE-----\n",
					     cert->raw.p, cert->raw.len, text, sizeof(text), &len);
	if (!error)
		buf_add(pem, str_of((const char *)text));
	return error ?: (buf_failed(pem) ? MBEDTLS_ERR_X509_BUFFER_TOO_SMALL : 0);
}

int cert_pem_add_key(struct buf *pem, const mbedtls_pk_context *key)
{
	unsigned char text[KEY_PEM_ROOM];
	int error = mbedtls_pk_write_key_pem(key, text, sizeof(text));
	if (!error)
		buf_add(pem, str_of((const char *)text));
	explicit_bzero(text, sizeof(text));
	return error ?: (buf_failed(pem) ? MBEDTLS_ERR_X509_BUFFER_TOO_SMALL : 0);
}
