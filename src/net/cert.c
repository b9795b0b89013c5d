/* SPDX-License-Identifier: MIT */
/* Making and showing the local certificates. */
#include "net/cert.h"

#include <arpa/inet.h>
#include <errno.h>
#include <mbedtls/oid.h>
#include <mbedtls/psa_util.h>
#include <psa/crypto.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/random.h"
#include "net/file.h"
#include "net/pem.h"
#include "net/tls_context.h"

enum {
	CA_DAYS = 3652,
	LEAF_DAYS = 397, /* what browsers put up with */
	RENEW_DAYS = 30, /* before its end a leaf is replaced */
	SERIAL_BYTES = 16,
	PEM_ROOM = 4096,
	KEY_MODE = 0600,
	CERT_MODE = 0644,
	HOST_NAME_ROOM = 256,
	MAX_NAMES = 64,
};

/* A certificate with its private key. */
struct pair {
	mbedtls_x509_crt cert;
	mbedtls_pk_context key;
};

/* What is being done, and where: shared by all steps. */
struct works {
	struct cert_files files;
	struct arena *arena;
	struct str *said;
};

static void pair_init(struct pair *pair)
{
	mbedtls_x509_crt_init(&pair->cert);
	mbedtls_pk_init(&pair->key);
}

static void pair_free(struct pair *pair)
{
	mbedtls_x509_crt_free(&pair->cert);
	mbedtls_pk_free(&pair->key);
}

static int say_failed(const struct works *works, const char *what, int error)
{
	*works->said = arena_printf(works->arena, "%s: %.*s", what, STR_ARG(pem_error_text(error, works->arena)));
	return -1;
}

struct cert_files cert_files_in(const char *data_dir, struct arena *arena)
{
	return (struct cert_files){
		.ca_cert = arena_printf(arena, "%s/tls/ca.pem", data_dir).at,
		.ca_key = arena_printf(arena, "%s/tls/ca-key.pem", data_dir).at,
		.cert = arena_printf(arena, "%s/tls/server.pem", data_dir).at,
		.key = arena_printf(arena, "%s/tls/server-key.pem", data_dir).at,
	};
}

/* ── Names ── */

static struct str host_name(struct arena *arena)
{
	char name[HOST_NAME_ROOM] = "";
	if (gethostname(name, sizeof(name) - 1))
		return STR_ABSENT;
	return arena_copy(arena, str_of(name));
}

static bool is_dns_name(struct str name)
{
	for (size_t i = 0; i < name.len; i++) {
		char c = name.at[i];
		if (!char_is_alpha(c) && !char_is_digit(c) && c != '-' && c != '.' && c != '_' && c != '*')
			return false;
	}
	return name.len > 0 && name.len <= 253;
}

/* The subject's alternative names as Mbed TLS takes them, with room for the addresses in binary. */
struct names {
	mbedtls_x509_san_list nodes[MAX_NAMES];
	unsigned char addresses[MAX_NAMES][16];
	size_t n;
	struct str text; /* "localhost, 127.0.0.1" */
};

static bool names_have(const struct names *names, int type, struct str bytes)
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
static bool names_add(struct names *names, struct str name, struct arena *arena)
{
	if (names->n == MAX_NAMES)
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

static struct names *names_of(const struct works *works, struct str_list extra)
{
	const struct str always[] = { STR("localhost"), STR("127.0.0.1"), STR("::1") };
	struct names *names = arena_new_of(works->arena, struct names);
	bool fits = names != NULL;

	*works->said = STR("out of memory for the certificate's names");
	for (size_t i = 0; fits && i < countof(always); i++)
		fits = names_add(names, always[i], works->arena);
	struct str host = host_name(works->arena);
	if (fits && is_dns_name(host))
		fits = names_add(names, host, works->arena);
	for (size_t i = 0; fits && i < extra.n; i++) {
		*works->said = arena_printf(works->arena, "\"%.*s\" is neither a host name nor an IP address",
					    STR_ARG(extra.items[i]));
		fits = names_add(names, extra.items[i], works->arena);
	}
	return fits ? names : NULL;
}

/* ── Making ── */

static int key_make(mbedtls_pk_context *key)
{
	int error = mbedtls_pk_setup(key, mbedtls_pk_info_from_type(MBEDTLS_PK_ECKEY));
	return error ? error
		     : mbedtls_ecp_gen_key(MBEDTLS_ECP_DP_SECP256R1, mbedtls_pk_ec(*key), mbedtls_psa_get_random,
					   MBEDTLS_PSA_RANDOM_STATE);
}

static int set_serial(mbedtls_x509write_cert *draft)
{
	unsigned char serial[SERIAL_BYTES];
	random_bytes(serial, sizeof(serial));
	serial[0] = (unsigned char)((serial[0] & 0x3f) | 0x40); /* positive, and of full length */
	return mbedtls_x509write_crt_set_serial_raw(draft, serial, sizeof(serial));
}

/* From an hour ago, for clocks that are late. */
static int set_validity(mbedtls_x509write_cert *draft, int days)
{
	char from_text[16], to_text[16];
	struct tm tm;
	time_t from = (time_t)(clock_wall_ms() / 1000 - 3600), to = from + (time_t)days * 86400;
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

/* What both kinds of certificate have. The first error of a chain of calls is kept. */
static int draft_common(mbedtls_x509write_cert *draft, const char *subject, const char *issuer, int days)
{
	mbedtls_x509write_crt_set_version(draft, MBEDTLS_X509_CRT_VERSION_3);
	mbedtls_x509write_crt_set_md_alg(draft, MBEDTLS_MD_SHA256);
	int error = mbedtls_x509write_crt_set_subject_name(draft, subject);
	error = error ?: mbedtls_x509write_crt_set_issuer_name(draft, issuer);
	error = error ?: set_serial(draft);
	error = error ?: set_validity(draft, days);
	error = error ?: mbedtls_x509write_crt_set_subject_key_identifier(draft);
	return error ?: mbedtls_x509write_crt_set_authority_key_identifier(draft);
}

static int draft_sign(mbedtls_x509write_cert *draft, char *pem)
{
	return mbedtls_x509write_crt_pem(draft, (unsigned char *)pem, PEM_ROOM, mbedtls_psa_get_random,
					 MBEDTLS_PSA_RANDOM_STATE);
}

static int ca_write(mbedtls_pk_context *key, const struct works *works, char *pem)
{
	owned(mbedtls_x509write_crt_free) mbedtls_x509write_cert draft;
	mbedtls_x509write_crt_init(&draft);
	struct str host = host_name(works->arena);
	/* The random part keeps authorities apart that were made on one machine. */
	struct str name =
		arena_printf(works->arena, "O=recordd,CN=recordd local CA %.*s %08x",
			     STR_ARG(is_dns_name(host) ? host : STR("localhost")), (unsigned)random_below(UINT32_MAX));
	if (!str_present(name))
		return MBEDTLS_ERR_X509_ALLOC_FAILED;
	mbedtls_x509write_crt_set_subject_key(&draft, key);
	mbedtls_x509write_crt_set_issuer_key(&draft, key);
	int error = draft_common(&draft, name.at, name.at, CA_DAYS);
	error = error ?: mbedtls_x509write_crt_set_basic_constraints(&draft, 1, 0);
	error = error
			?: mbedtls_x509write_crt_set_key_usage(&draft, MBEDTLS_X509_KU_KEY_CERT_SIGN |
									       MBEDTLS_X509_KU_CRL_SIGN);
	return error ?: draft_sign(&draft, pem);
}

static int leaf_write(mbedtls_pk_context *key, struct pair *ca, const struct names *names, char *pem)
{
	owned(mbedtls_x509write_crt_free) mbedtls_x509write_cert draft;
	mbedtls_x509write_crt_init(&draft);
	char issuer[512];
	int len = mbedtls_x509_dn_gets(issuer, sizeof(issuer), &ca->cert.subject);
	if (len < 0)
		return len;
	mbedtls_x509write_crt_set_subject_key(&draft, key);
	mbedtls_x509write_crt_set_issuer_key(&draft, &ca->key);
	int error = draft_common(&draft, "O=recordd,CN=localhost", issuer, LEAF_DAYS);
	error = error ?: mbedtls_x509write_crt_set_basic_constraints(&draft, 0, -1);
	error = error ?: mbedtls_x509write_crt_set_key_usage(&draft, MBEDTLS_X509_KU_DIGITAL_SIGNATURE);
	error = error ?: set_server_auth(&draft);
	error = error ?: mbedtls_x509write_crt_set_subject_alternative_name(&draft, &names->nodes[names->n - 1]);
	return error ?: draft_sign(&draft, pem);
}

/* ── Files ── */

static int save(const struct works *works, const char *path, const char *text, unsigned mode)
{
	int error = file_replace(path, str_of(text), mode);
	if (!error)
		return 0;
	*works->said = arena_printf(works->arena, "%s cannot be written: %s", path, strerror(-error));
	return -1;
}

/* The key goes first: a key without a certificate is made anew, a certificate without its key would be a riddle. */
static int save_pair(const struct works *works, mbedtls_pk_context *key, const char *key_path, const char *cert_pem,
		     const char *cert_path)
{
	char key_pem[PEM_ROOM];
	int error = mbedtls_pk_write_key_pem(key, (unsigned char *)key_pem, sizeof(key_pem));
	if (error)
		return say_failed(works, "the new key cannot be written down", error);
	int failed = save(works, key_path, key_pem, KEY_MODE);
	explicit_bzero(key_pem, sizeof(key_pem));
	return failed ? failed : save(works, cert_path, cert_pem, CERT_MODE);
}

static int ca_make(const struct works *works)
{
	char pem[PEM_ROOM];
	owned(mbedtls_pk_free) mbedtls_pk_context key;
	mbedtls_pk_init(&key);
	int error = key_make(&key);
	error = error ?: ca_write(&key, works, pem);
	if (error)
		return say_failed(works, "the local certificate authority cannot be made", error);
	return save_pair(works, &key, works->files.ca_key, pem, works->files.ca_cert);
}

static int ca_load(const struct works *works, struct pair *ca)
{
	if (pem_read_chain(works->files.ca_cert, works->arena, &ca->cert, works->said) ||
	    pem_read_key(works->files.ca_key, works->arena, &ca->key, works->said))
		return -1;
	if (mbedtls_pk_check_pair(&ca->cert.pk, &ca->key, mbedtls_psa_get_random, MBEDTLS_PSA_RANDOM_STATE)) {
		*works->said = arena_printf(works->arena, "the key in %s does not belong to the certificate in %s",
					    works->files.ca_key, works->files.ca_cert);
		return -1;
	}
	if (mbedtls_x509_time_is_past(&ca->cert.valid_to)) {
		*works->said = arena_printf(works->arena,
					    "the local certificate authority in %s has expired: move it away, "
					    "and a new one is made",
					    works->files.ca_cert);
		return -1;
	}
	return 0;
}

static int leaf_make(const struct works *works, const struct names *names)
{
	char pem[PEM_ROOM];
	owned(pair_free) struct pair ca;
	owned(mbedtls_pk_free) mbedtls_pk_context key;
	pair_init(&ca);
	mbedtls_pk_init(&key);
	if (ca_load(works, &ca))
		return -1;
	int error = key_make(&key);
	error = error ?: leaf_write(&key, &ca, names, pem);
	if (error)
		return say_failed(works, "the certificate cannot be made", error);
	return save_pair(works, &key, works->files.key, pem, works->files.cert);
}

static bool is_there(const char *path)
{
	struct stat facts;
	return stat(path, &facts) == 0;
}

static bool names_in(const struct names *names, const mbedtls_x509_crt *cert)
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

/* Only what this authority has issued is replaced: a certificate that somebody put there himself is his to renew. */
static bool leaf_is_stale(const struct works *works, const struct names *names)
{
	owned(pair_free) struct pair ca;
	owned(pair_free) struct pair leaf;
	pair_init(&ca);
	pair_init(&leaf);
	if (pem_read_chain(works->files.ca_cert, works->arena, &ca.cert, works->said) ||
	    pem_read_chain(works->files.cert, works->arena, &leaf.cert, works->said))
		return false;
	const mbedtls_x509_buf *issuer = &leaf.cert.issuer_raw, *us = &ca.cert.subject_raw;
	if (issuer->len != us->len || memcmp(issuer->p, us->p, us->len) != 0)
		return false;
	int64_t end = tls_time(&leaf.cert.valid_to), now = clock_wall_ms() / 1000;
	return end - now < RENEW_DAYS * 86400 || !names_in(names, &leaf.cert);
}

static int directories_make(const struct works *works, const char *data_dir)
{
	const char *dirs[] = { data_dir, arena_printf(works->arena, "%s/tls", data_dir).at };
	for (size_t i = 0; i < countof(dirs); i++) {
		int error = dirs[i] ? directory_make(dirs[i]) : -ENOMEM;
		if (error) {
			*works->said = arena_printf(works->arena, "%s cannot be made: %s", dirs[i] ?: data_dir,
						    strerror(-error));
			return -1;
		}
	}
	return 0;
}

static int make_missing(const char *data_dir, struct str_list extra, bool leaf_anyway, struct arena *arena,
			struct str *said)
{
	const struct works works = { cert_files_in(data_dir, arena), arena, said };
	if (psa_crypto_init()) {
		*said = STR("the TLS library cannot be initialised");
		return -1;
	}
	struct names *names = names_of(&works, extra);
	if (!names)
		return -1;
	bool need_ca = !is_there(works.files.ca_cert);
	bool need_leaf = leaf_anyway || need_ca || !is_there(works.files.cert) || !is_there(works.files.key) ||
			 leaf_is_stale(&works, names);
	if (!need_ca && !need_leaf) {
		*said = arena_printf(arena, "nothing to do: %s is there", works.files.cert);
		return 0;
	}
	if (directories_make(&works, data_dir) || (need_ca && ca_make(&works)) || leaf_make(&works, names))
		return -1;
	*said = arena_printf(arena, "made %s%s for %.*s", need_ca ? "a local certificate authority and " : "",
			     works.files.cert, STR_ARG(names->text));
	return 0;
}

int cert_init(const char *data_dir, struct str_list extra, struct arena *arena, struct str *said)
{
	return make_missing(data_dir, extra, false, arena, said);
}

int cert_renew(const char *data_dir, struct str_list extra, struct arena *arena, struct str *said)
{
	return make_missing(data_dir, extra, true, arena, said);
}
