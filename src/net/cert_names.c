/* SPDX-License-Identifier: MIT */
/* Collecting the names of a local certificate. */
#include "net/cert_names.h"

#include <arpa/inet.h>
#include <string.h>
#include <unistd.h>

enum { HOST_NAME_ROOM = 256 };

static bool is_dns_name(struct str name)
{
	for (size_t i = 0; i < name.len; i++) {
		char c = name.at[i];
		if (!char_is_alpha(c) && !char_is_digit(c) && c != '-' && c != '.' && c != '_' && c != '*')
			return false;
	}
	return name.len > 0 && name.len <= 253;
}

struct str cert_host_name(struct arena *arena)
{
	char name[HOST_NAME_ROOM] = "";
	if (gethostname(name, sizeof(name) - 1) || !is_dns_name(str_of(name)))
		return STR("localhost");
	return arena_copy(arena, str_of(name));
}

static bool names_have(const struct cert_names *names, int type, struct str bytes)
{
	for (size_t i = 0; i < names->n; i++) {
		const mbedtls_x509_subject_alternative_name *node = &names->nodes[i].node;
		const mbedtls_x509_buf *value = &node->san.unstructured_name;
		if (node->type == type && str_equal_nocase((struct str){ (const char *)value->p, value->len }, bytes))
			return true;
	}
	return false;
}

/* False: it is neither a name nor an address, or there are too many. The slice must live as long as `names`. */
static bool names_add(struct cert_names *names, struct str name, struct arena *arena)
{
	if (names->n == CERT_MAX_NAMES)
		return false;
	unsigned char *address = names->addresses[names->n];
	const char *text = arena_copy(arena, name).at;
	int type = MBEDTLS_X509_SAN_IP_ADDRESS;
	struct str bytes = { (const char *)address, 0 };

	if (!text)
		return false;
	if (inet_pton(AF_INET, text, address) == 1) {
		bytes.len = 4;
	} else if (inet_pton(AF_INET6, text, address) == 1) {
		bytes.len = 16;
	} else {
		bytes = name;
		type = MBEDTLS_X509_SAN_DNS_NAME;
		if (!is_dns_name(name))
			return false;
	}
	if (names_have(names, type, bytes))
		return true;
	mbedtls_x509_san_list *node = &names->nodes[names->n];
	node->node.type = type;
	node->node.san.unstructured_name.p = (unsigned char *)(uintptr_t)bytes.at;
	node->node.san.unstructured_name.len = bytes.len;
	if (names->n) /* Mbed TLS writes the list from its end */
		node->next = node - 1;
	names->text = arena_printf(arena, "%.*s%s%.*s", STR_ARG(names->text), names->n ? ", " : "", STR_ARG(name));
	names->n++;
	return true;
}

struct cert_names *cert_names_of(struct str_list extra, struct arena *arena, struct str *said)
{
	const struct str always[] = { STR("localhost"), STR("127.0.0.1"), STR("::1"), cert_host_name(arena) };
	struct cert_names *names = arena_new_of(arena, struct cert_names);
	bool fits = names != NULL;

	*said = STR("out of memory for the certificate's names");
	for (size_t i = 0; fits && i < countof(always); i++)
		fits = names_add(names, always[i], arena);
	for (size_t i = 0; fits && i < extra.n; i++) {
		*said = arena_printf(arena, "\"%.*s\" is neither a host name nor an IP address",
				     STR_ARG(extra.items[i]));
		fits = names_add(names, extra.items[i], arena);
	}
	return fits ? names : NULL;
}

bool cert_names_in(const struct cert_names *names, const mbedtls_x509_crt *cert)
{
	for (size_t i = 0; i < names->n; i++) {
		const mbedtls_x509_subject_alternative_name *wanted = &names->nodes[i].node;
		const mbedtls_x509_buf *bytes = &wanted->san.unstructured_name;
		const mbedtls_x509_sequence *entry = &cert->subject_alt_names;
		while (entry && ((entry->buf.tag & MBEDTLS_ASN1_TAG_VALUE_MASK) != wanted->type ||
				 entry->buf.len != bytes->len || memcmp(entry->buf.p, bytes->p, bytes->len) != 0))
			entry = entry->next;
		if (!entry)
			return false;
	}
	return true;
}
