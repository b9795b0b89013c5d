/* SPDX-License-Identifier: MIT */
/* Showing what a certificate says, and how long it says so. */
#include <arpa/inet.h>
#include <mbedtls/sha256.h>

#include "net/cert.h"
#include "net/pem.h"
#include "net/tls_context.h"

enum { TEXT_ROOM = 1024, SHA256_BYTES = 32, DAY_S = 86400 };

static struct str distinguished_name(const mbedtls_x509_name *name, struct arena *arena)
{
	char text[TEXT_ROOM];
	int len = mbedtls_x509_dn_gets(text, sizeof(text), name);
	return len < 0 ? STR("") : arena_copy(arena, (struct str){ text, (size_t)len });
}

/* A name or an address; other kinds are left out. */
static struct str alternative_name(const mbedtls_x509_buf *raw, struct arena *arena)
{
	char text[INET6_ADDRSTRLEN];
	switch (raw->tag & MBEDTLS_ASN1_TAG_VALUE_MASK) {
	case MBEDTLS_X509_SAN_DNS_NAME:
		return arena_copy(arena, (struct str){ (const char *)raw->p, raw->len });
	case MBEDTLS_X509_SAN_IP_ADDRESS:
		if (raw->len != 4 && raw->len != 16)
			return STR_ABSENT;
		if (inet_ntop(raw->len == 4 ? AF_INET : AF_INET6, raw->p, text, sizeof(text)))
			return arena_copy(arena, str_of(text));
		return STR_ABSENT;
	default:
		return STR_ABSENT;
	}
}

static struct str alternative_names(const mbedtls_x509_crt *cert, struct arena *arena)
{
	struct str all = STR("");
	for (const mbedtls_x509_sequence *entry = &cert->subject_alt_names; entry && entry->buf.p;
	     entry = entry->next) {
		struct str name = alternative_name(&entry->buf, arena);
		if (str_present(name))
			all = arena_printf(arena, "%.*s%s%.*s", STR_ARG(all), all.len ? ", " : "", STR_ARG(name));
	}
	return all;
}

static struct str serial(const mbedtls_x509_crt *cert, struct arena *arena)
{
	char text[TEXT_ROOM];
	int len = mbedtls_x509_serial_gets(text, sizeof(text), &cert->serial);
	return len < 0 ? STR("") : arena_copy(arena, (struct str){ text, (size_t)len });
}

static struct str fingerprint(const mbedtls_x509_crt *cert, struct arena *arena)
{
	unsigned char digest[SHA256_BYTES];
	char text[SHA256_BYTES * 3 + 1];
	if (mbedtls_sha256(cert->raw.p, cert->raw.len, digest, 0))
		return STR("");
	for (size_t i = 0; i < SHA256_BYTES; i++)
		snprintf(text + i * 3, 4, i + 1 < SHA256_BYTES ? "%02X:" : "%02X", digest[i]);
	return arena_copy(arena, (struct str){ text, SHA256_BYTES * 3 - 1 });
}

static void facts_of(const mbedtls_x509_crt *cert, struct arena *arena, struct cert_facts *out)
{
	*out = (struct cert_facts){
		.subject = distinguished_name(&cert->subject, arena),
		.issuer = distinguished_name(&cert->issuer, arena),
		.names = alternative_names(cert, arena),
		.serial = serial(cert, arena),
		.sha256 = fingerprint(cert, arena),
		.not_before = tls_time(&cert->valid_from),
		.not_after = tls_time(&cert->valid_to),
	};
}

int cert_read_all(const char *file, struct arena *arena, struct cert_facts **out, size_t *n, struct str *said)
{
	owned(mbedtls_x509_crt_free) mbedtls_x509_crt chain;
	mbedtls_x509_crt_init(&chain);
	if (pem_read_chain(file, arena, &chain, said))
		return -1;
	*n = 0;
	for (const mbedtls_x509_crt *at = &chain; at; at = at->next)
		++*n;
	*out = arena_array(arena, *n, sizeof(**out));
	if (!*out) {
		*said = STR("out of memory");
		return -1;
	}
	struct cert_facts *facts = *out;
	for (const mbedtls_x509_crt *at = &chain; at; at = at->next)
		facts_of(at, arena, facts++);
	return 0;
}

int cert_read(const char *file, struct arena *arena, struct cert_facts *out, struct str *said)
{
	struct cert_facts *all;
	size_t n;
	if (cert_read_all(file, arena, &all, &n, said))
		return -1;
	*out = all[0];
	return 0;
}

static enum cert_warning warning_of(int64_t left_s)
{
	if (left_s <= 0)
		return CERT_HAS_ENDED;
	if (left_s <= 7 * DAY_S)
		return CERT_ENDS_IN_A_WEEK;
	return left_s <= 30 * DAY_S ? CERT_ENDS_IN_A_MONTH : CERT_NO_WARNING;
}

enum cert_warning cert_reminder_due(struct cert_reminder *reminder, int64_t not_after, int64_t now)
{
	enum cert_warning warning = warning_of(not_after - now);
	if (warning == reminder->told && (warning == CERT_NO_WARNING || now - reminder->told_s < DAY_S))
		return CERT_NO_WARNING;
	*reminder = (struct cert_reminder){ warning, now };
	return warning;
}
