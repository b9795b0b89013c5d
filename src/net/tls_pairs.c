/* SPDX-License-Identifier: MIT */
/* Loading and checking pairs, and the names of a leaf. */
#include "net/tls_pairs.h"

#include <mbedtls/oid.h>
#include <mbedtls/psa_util.h>
#include <string.h>

#include "net/pem.h"

enum { RSA_BITS_MIN = 2048 };

void tls_pair_init(struct tls_pair *pair)
{
	mbedtls_x509_crt_init(&pair->chain);
	mbedtls_pk_init(&pair->key);
}

void tls_pair_free(struct tls_pair *pair)
{
	mbedtls_x509_crt_free(&pair->chain);
	mbedtls_pk_free(&pair->key);
}

/* ── Loading ── */

static struct str in_time(const mbedtls_x509_crt *leaf, const char *file, struct arena *arena)
{
	const mbedtls_x509_time *from = &leaf->valid_from, *to = &leaf->valid_to;
	if (mbedtls_x509_time_is_past(to))
		return arena_printf(arena, "the certificate in %s expired on %04d-%02d-%02d", file, to->year, to->mon,
				    to->day);
	if (mbedtls_x509_time_is_future(from))
		return arena_printf(arena, "the certificate in %s is not valid before %04d-%02d-%02d", file, from->year,
				    from->mon, from->day);
	return STR_ABSENT;
}

/* What clients would not take, and Mbed TLS would therefore never choose. */
static struct str fit_for_servers(const mbedtls_x509_crt *leaf, const char *file, struct arena *arena)
{
	if (mbedtls_x509_crt_check_key_usage(leaf, MBEDTLS_X509_KU_DIGITAL_SIGNATURE))
		return arena_printf(arena, "the certificate in %s may not be used for signatures, as TLS needs it",
				    file);
	if (mbedtls_x509_crt_check_extended_key_usage(leaf, MBEDTLS_OID_SERVER_AUTH,
						      MBEDTLS_OID_SIZE(MBEDTLS_OID_SERVER_AUTH)))
		return arena_printf(arena, "the certificate in %s is not one for servers", file);
	return STR_ABSENT;
}

static bool curve_is_spoken(mbedtls_ecp_group_id curve)
{
	return curve == MBEDTLS_ECP_DP_SECP256R1 || curve == MBEDTLS_ECP_DP_SECP384R1;
}

static struct str spoken(mbedtls_pk_context *key, const char *file, struct arena *arena)
{
	if (mbedtls_pk_get_type(key) == MBEDTLS_PK_RSA) {
		size_t bits = mbedtls_pk_get_bitlen(key);
		return bits >= RSA_BITS_MIN ? STR_ABSENT
					    : arena_printf(arena, "the key in %s is RSA of %zu bits; %d are the fewest",
							   file, bits, RSA_BITS_MIN);
	}
	if (mbedtls_pk_get_type(key) == MBEDTLS_PK_ECKEY &&
	    curve_is_spoken(mbedtls_ecp_keypair_get_group_id(mbedtls_pk_ec(*key))))
		return STR_ABSENT;
	return arena_printf(arena, "the key in %s is of a kind that recordd does not speak: RSA, P-256 or P-384", file);
}

static int refuse(struct str why, int outcome, struct str *said)
{
	if (!str_present(why))
		return TLS_OK;
	*said = why;
	return outcome;
}

static int match(struct tls_pair *pair, const struct tls_pair_files *files, struct arena *arena, struct str *said)
{
	if (!mbedtls_pk_check_pair(&pair->chain.pk, &pair->key, mbedtls_psa_get_random, MBEDTLS_PSA_RANDOM_STATE))
		return TLS_OK;
	*said = arena_printf(arena, "the key in %s does not belong to the certificate in %s", files->key, files->cert);
	return TLS_MISMATCH;
}

int tls_pair_load(struct tls_pair *pair, const struct tls_pair_files *files, struct arena *arena, struct str *said)
{
	int outcome = pem_read_chain(files->cert, arena, &pair->chain, said);
	outcome = outcome ?: refuse(in_time(&pair->chain, files->cert, arena), TLS_EXPIRED, said);
	outcome = outcome ?: refuse(fit_for_servers(&pair->chain, files->cert, arena), TLS_BROKEN, said);
	outcome = outcome ?: pem_read_key(files->key, arena, &pair->key, said);
	outcome = outcome ?: refuse(spoken(&pair->key, files->key, arena), TLS_BROKEN, said);
	return outcome ?: match(pair, files, arena, said);
}

/* ── Names ── */

static bool has_names(const struct tls_pair *pair)
{
	return pair->chain.subject_alt_names.buf.p != NULL;
}

static bool is_dns_name(const mbedtls_x509_buf *name)
{
	return (name->tag & MBEDTLS_ASN1_TAG_VALUE_MASK) == MBEDTLS_X509_SAN_DNS_NAME;
}

/* "*.example.org" is for "www.example.org", neither for "example.org" nor for "a.www.example.org". */
static bool name_is_for(struct str pattern, struct str server_name)
{
	if (!str_starts(pattern, STR("*.")))
		return str_equal_nocase(pattern, server_name);
	size_t dot = str_find(server_name, STR("."));
	return dot != SIZE_MAX && dot > 0 && str_equal_nocase(str_skip(pattern, 1), str_skip(server_name, dot));
}

bool tls_pair_is_for(const struct tls_pair *pair, struct str server_name)
{
	for (const mbedtls_x509_sequence *at = &pair->chain.subject_alt_names; has_names(pair) && at; at = at->next)
		if (is_dns_name(&at->buf) &&
		    name_is_for((struct str){ (const char *)at->buf.p, at->buf.len }, server_name))
			return true;
	return false;
}

static bool has_name(const struct tls_pair *pair, const mbedtls_x509_buf *name)
{
	for (const mbedtls_x509_sequence *at = &pair->chain.subject_alt_names; at; at = at->next)
		if (at->buf.tag == name->tag && at->buf.len == name->len && !memcmp(at->buf.p, name->p, name->len))
			return true;
	return false;
}

bool tls_pairs_share_name(const struct tls_pair *a, const struct tls_pair *b)
{
	if (!has_names(a) || !has_names(b))
		return !has_names(a) && !has_names(b);
	for (const mbedtls_x509_sequence *at = &a->chain.subject_alt_names; at; at = at->next)
		if (has_name(b, &at->buf))
			return true;
	return false;
}
