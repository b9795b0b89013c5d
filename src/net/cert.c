/* SPDX-License-Identifier: MIT */
/* Which local certificates are made, when, and in what order they are written. */
#include "net/cert.h"

#include <errno.h>
#include <fcntl.h>
#include <mbedtls/psa_util.h>
#include <psa/crypto.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "net/cert_make.h"
#include "net/file.h"
#include "net/pem.h"
#include "net/tls_context.h"

enum { KEY_MODE = 0600, CERT_MODE = 0644, DAY_S = 86400, LOCK_MS = 2000, LOCK_POLL_MS = 10, NAME_ROOM = 512 };

/* What is being done, and where: shared by all steps. */
struct works {
	struct cert_files files;
	const struct cert_names *names;
	struct arena *arena;
	struct str *said;
};

/* The authority that signs, and all that ca.pem and ca-cross.pem have, the latest first. */
struct authority {
	struct cert_pair current;
	mbedtls_x509_crt bundle, crosses;
};

static void authority_init(struct authority *authority)
{
	cert_pair_init(&authority->current);
	mbedtls_x509_crt_init(&authority->bundle);
	mbedtls_x509_crt_init(&authority->crosses);
}

static void authority_free(struct authority *authority)
{
	cert_pair_free(&authority->current);
	mbedtls_x509_crt_free(&authority->bundle);
	mbedtls_x509_crt_free(&authority->crosses);
}

static int say_failed(const struct works *works, const char *what, int error)
{
	*works->said = arena_printf(works->arena, "%s: %.*s", what, STR_ARG(pem_error_text(error, works->arena)));
	return -1;
}

struct cert_files cert_files_in(const char *data_dir, struct arena *arena)
{
	return (struct cert_files){
		.dir = arena_printf(arena, "%s/tls", data_dir).at,
		.ca_cert = arena_printf(arena, "%s/tls/ca.pem", data_dir).at,
		.ca_key = arena_printf(arena, "%s/tls/ca-key.pem", data_dir).at,
		.ca_cross = arena_printf(arena, "%s/tls/ca-cross.pem", data_dir).at,
		.cert = arena_printf(arena, "%s/tls/server.pem", data_dir).at,
		.key = arena_printf(arena, "%s/tls/server-key.pem", data_dir).at,
		.next_key = arena_printf(arena, "%s/tls/server-key-next.pem", data_dir).at,
	};
}

/* ── Questions ── */

static bool is_there(const char *path)
{
	struct stat facts;
	return stat(path, &facts) == 0;
}

static bool same_bytes(const mbedtls_x509_buf *a, const mbedtls_x509_buf *b)
{
	return a->len == b->len && memcmp(a->p, b->p, a->len) == 0;
}

static bool same_key(const mbedtls_x509_crt *a, const mbedtls_x509_crt *b)
{
	return same_bytes(&a->pk_raw, &b->pk_raw);
}

static bool is_issued_by(const mbedtls_x509_crt *cert, const mbedtls_x509_crt *authority)
{
	return same_bytes(&cert->issuer_raw, &authority->subject_raw);
}

/* An empty chain of Mbed TLS's is one certificate without bytes. */
static const mbedtls_x509_crt *next_of(const mbedtls_x509_crt *cert)
{
	return cert->next && cert->next->raw.p ? cert->next : NULL;
}

static bool is_of_bundle(const mbedtls_x509_crt *cert, const mbedtls_x509_crt *bundle)
{
	for (const mbedtls_x509_crt *at = bundle; at; at = next_of(at))
		if (is_issued_by(cert, at))
			return true;
	return false;
}

static bool key_fits(const mbedtls_x509_crt *cert, const mbedtls_pk_context *key)
{
	return mbedtls_pk_check_pair(&cert->pk, key, mbedtls_psa_get_random, MBEDTLS_PSA_RANDOM_STATE) == 0;
}

/* Whether the leaf is of this authority, a former one included. An unreadable one is not. */
static bool leaf_is_local(const struct works *works, mbedtls_x509_crt *leaf, mbedtls_x509_crt *bundle)
{
	return pem_read_chain(works->files.ca_cert, works->arena, bundle, works->said) == TLS_OK &&
	       pem_read_chain(works->files.cert, works->arena, leaf, works->said) == TLS_OK &&
	       is_of_bundle(leaf, bundle);
}

/* A new one would last longer, and it is time for that. */
static bool ends_soon(const mbedtls_x509_crt *leaf, const mbedtls_x509_crt *authority)
{
	int64_t end = tls_time(&leaf->valid_to), now = clock_wall_ms() / 1000;
	return end - now < CERT_RENEW_DAYS * DAY_S && tls_time(&authority->valid_to) > end;
}

/* The authority itself may be gone: then it is known by its name. */
static bool leaf_is_orphan(const struct works *works)
{
	owned(cert_pair_free) struct cert_pair leaf;
	char issuer[NAME_ROOM];
	cert_pair_init(&leaf);
	return pem_read_chain(works->files.cert, works->arena, &leaf.cert, works->said) != TLS_OK ||
	       mbedtls_x509_dn_gets(issuer, sizeof(issuer), &leaf.cert.issuer) < 0 ||
	       str_starts(str_of(issuer), STR(CERT_CA_NAME));
}

/* Only what this authority has issued is replaced: a certificate that somebody put there himself is his to renew. */
static bool leaf_is_stale(const struct works *works)
{
	owned(authority_free) struct authority authority;
	owned(cert_pair_free) struct cert_pair leaf;
	authority_init(&authority);
	cert_pair_init(&leaf);
	if (!leaf_is_local(works, &leaf.cert, &authority.bundle))
		return false;
	return !is_issued_by(&leaf.cert, &authority.bundle) || ends_soon(&leaf.cert, &authority.bundle) ||
	       !cert_names_in(works->names, &leaf.cert) ||
	       pem_read_key(works->files.key, works->arena, &leaf.key, works->said) != TLS_OK ||
	       !key_fits(&leaf.cert, &leaf.key);
}

/* ── Files ── */

static int say_written(const struct works *works, const char *path, int error)
{
	if (!error)
		return 0;
	*works->said = arena_printf(works->arena, "%s cannot be written: %s", path, strerror(-error));
	return -1;
}

static int save(const struct works *works, const char *path, const struct buf *text, unsigned mode)
{
	return say_written(works, path, file_replace(path, buf_str(text), mode));
}

static int save_key(const struct works *works, const char *path, const mbedtls_pk_context *key)
{
	owned(buf_wipe) struct buf pem = buf_of(CERT_PEM_MAX);
	int error = cert_pem_add_key(&pem, key);
	return error ? say_failed(works, "the new key cannot be written down", error)
		     : save(works, path, &pem, KEY_MODE);
}

static int chain_add(struct buf *pem, const mbedtls_x509_crt *chain, size_t most)
{
	int error = 0;
	for (const mbedtls_x509_crt *at = chain->raw.p ? chain : NULL; at && most && !error; at = next_of(at)) {
		if (mbedtls_x509_time_is_past(&at->valid_to))
			continue;
		error = cert_pem_add(pem, at);
		most--;
	}
	return error;
}

/* `first`, if there is one, then what is in time of `rest`. */
static int save_chain(const struct works *works, const char *path, const mbedtls_x509_crt *first,
		      const mbedtls_x509_crt *rest, size_t most)
{
	owned(buf_free) struct buf pem = buf_of(CERT_PEM_MAX);
	int error = first ? cert_pem_add(&pem, first) : 0;
	error = error ?: chain_add(&pem, rest, most);
	return error ? say_failed(works, "the new certificate cannot be written down", error)
		     : save(works, path, &pem, CERT_MODE);
}

static int directories_make(const struct works *works, const char *data_dir)
{
	const char *dirs[] = { data_dir, works->files.dir };
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

static void lock_drop(int *lock)
{
	if (*lock >= 0)
		close(*lock);
	*lock = -1;
}

/* Descriptor of the locked directory, or negative. Others hold it for milliseconds. */
static int lock_take(const struct works *works)
{
	int lock = open(works->files.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (int waited = 0; lock >= 0; waited += LOCK_POLL_MS) {
		if (flock(lock, LOCK_EX | LOCK_NB) == 0)
			return lock;
		if (errno != EWOULDBLOCK || waited >= LOCK_MS)
			break;
		usleep(LOCK_POLL_MS * 1000);
	}
	*works->said = arena_printf(works->arena, "%s cannot be locked: %s", works->files.dir, strerror(errno));
	lock_drop(&lock);
	return -1;
}

/* ── The authority ── */

/*
 * Finds the certificate of the key we hold. It is the first, unless a change of authorities was interrupted between
 * ca.pem and its key: then what stands before it never signed anything and goes.
 */
static int authority_find(const struct works *works, struct authority *authority)
{
	const mbedtls_x509_crt *at = &authority->bundle;
	while (at && !key_fits(at, &authority->current.key))
		at = next_of(at);
	if (!at) {
		*works->said = arena_printf(works->arena, "the key in %s does not belong to the certificate in %s",
					    works->files.ca_key, works->files.ca_cert);
		return -1;
	}
	int error = mbedtls_x509_crt_parse_der(&authority->current.cert, at->raw.p, at->raw.len);
	if (error)
		return say_failed(works, "the local certificate authority cannot be read", error);
	return at == &authority->bundle ? 0 : save_chain(works, works->files.ca_cert, NULL, at, CERT_MAX_FORMER + 1);
}

static int authority_load(const struct works *works, struct authority *authority)
{
	if (pem_read_chain(works->files.ca_cert, works->arena, &authority->bundle, works->said) ||
	    pem_read_key(works->files.ca_key, works->arena, &authority->current.key, works->said) ||
	    (is_there(works->files.ca_cross) &&
	     pem_read_chain(works->files.ca_cross, works->arena, &authority->crosses, works->said)) ||
	    authority_find(works, authority))
		return -1;
	if (mbedtls_x509_time_is_past(&authority->current.cert.valid_to)) {
		*works->said = arena_printf(works->arena,
					    "the local certificate authority in %s has expired: move it away, "
					    "and a new one is made",
					    works->files.ca_cert);
		return -1;
	}
	return 0;
}

static int authority_make(const struct works *works, struct authority *authority)
{
	int error = cert_make_authority(&authority->current, works->arena);
	if (error)
		return say_failed(works, "the local certificate authority cannot be made", error);
	int failed = save_key(works, works->files.ca_key, &authority->current.key);
	return failed ?: save_chain(works, works->files.ca_cert, &authority->current.cert, &authority->crosses, 0);
}

/*
 * In an order that can be interrupted anywhere: the bundle knows both before the key changes (authority_find), and the
 * cross certificate is used only with the key it is for. The former key is gone with this: nothing more can be issued
 * by it.
 */
static int authority_succeed(const struct works *works, struct authority *authority)
{
	owned(authority_free) struct authority fresh;
	authority_init(&fresh);
	int error = cert_make_authority(&fresh.current, works->arena);
	error = error ?: cert_make_cross(&fresh.crosses, &fresh.current, &authority->current);
	if (error)
		return say_failed(works, "the new certificate authority cannot be made", error);
	if (save_chain(works, works->files.ca_cross, &fresh.crosses, &authority->crosses, CERT_MAX_FORMER - 1) ||
	    save_chain(works, works->files.ca_cert, &fresh.current.cert, &authority->bundle, CERT_MAX_FORMER) ||
	    save_key(works, works->files.ca_key, &fresh.current.key))
		return -1;
	authority_free(authority);
	authority_init(authority);
	return authority_load(works, authority);
}

/* ── The leaf ── */

/* The last step of a new pair: its key was saved as next_key, its chain is in place. */
static int next_key_moves(const struct works *works)
{
	return say_written(works, works->files.key, file_move(works->files.next_key, works->files.key));
}

/* A key that waits belongs to the chain that is there, or its own never came. */
static int pair_settle(const struct works *works)
{
	owned(cert_pair_free) struct cert_pair pair;
	struct str why;

	cert_pair_init(&pair);
	if (!is_there(works->files.next_key))
		return 0;
	if (pem_read_chain(works->files.cert, works->arena, &pair.cert, &why) == TLS_OK &&
	    pem_read_key(works->files.next_key, works->arena, &pair.key, &why) == TLS_OK &&
	    key_fits(&pair.cert, &pair.key))
		return next_key_moves(works);
	return say_written(works, works->files.next_key, unlink(works->files.next_key) ? -errno : 0);
}

/* A cross certificate belongs into the chain when it is for the authority's key and outlives the leaf. */
static const mbedtls_x509_crt *crosses_for(const struct authority *authority, const mbedtls_x509_crt *leaf)
{
	/* A rotation that was interrupted left one for a key that never came to be before those that count. */
	const mbedtls_x509_crt *at = authority->crosses.raw.p ? &authority->crosses : NULL;
	while (at && !same_key(at, &authority->current.cert))
		at = next_of(at);
	return at && tls_time(&at->valid_to) >= tls_time(&leaf->valid_to) ? at : NULL;
}

static int leaf_make(const struct works *works, struct authority *authority)
{
	owned(cert_pair_free) struct cert_pair leaf;
	mbedtls_x509_crt none = { 0 };
	cert_pair_init(&leaf);
	int error = cert_make_leaf(&leaf, &authority->current, works->names);
	if (error)
		return say_failed(works, "the certificate cannot be made", error);
	const mbedtls_x509_crt *crosses = crosses_for(authority, &leaf.cert) ?: &none;
	int failed = save_key(works, works->files.next_key, &leaf.key);
	failed = failed ?: save_chain(works, works->files.cert, &leaf.cert, crosses, CERT_MAX_FORMER);
	return failed ?: next_key_moves(works);
}

/* ── What the outside asks for ── */

static int works_begin(struct works *works, const char *data_dir, struct str_list extra)
{
	works->files = cert_files_in(data_dir, works->arena);
	if (psa_crypto_init()) {
		*works->said = STR("the TLS library cannot be initialised");
		return -1;
	}
	works->names = cert_names_of(extra, works->arena, works->said);
	int lock = works->names && directories_make(works, data_dir) == 0 ? lock_take(works) : -1;
	if (lock >= 0 && pair_settle(works))
		lock_drop(&lock);
	return lock;
}

int cert_settle(const char *data_dir, struct arena *arena, struct str *said)
{
	struct works works = { .arena = arena, .said = said };
	owned(lock_drop) int lock = works_begin(&works, data_dir, (struct str_list){ 0 });
	return lock < 0 ? -1 : 0;
}

int cert_init(const char *data_dir, struct str_list extra, struct arena *arena, struct str *said)
{
	struct works works = { .arena = arena, .said = said };
	owned(lock_drop) int lock = works_begin(&works, data_dir, extra);
	owned(authority_free) struct authority authority;

	authority_init(&authority);
	if (lock < 0)
		return -1;
	bool need_ca = !is_there(works.files.ca_cert);
	bool need_leaf = !is_there(works.files.cert) || !is_there(works.files.key) ||
			 (need_ca ? leaf_is_orphan(&works) : leaf_is_stale(&works));
	if (!need_ca && !need_leaf) {
		*said = arena_printf(arena, "nothing to do: %s is there", works.files.cert);
		return 0;
	}
	if ((need_ca ? authority_make(&works, &authority) : authority_load(&works, &authority)) ||
	    (need_leaf && leaf_make(&works, &authority)))
		return -1;
	*said = need_leaf
			? arena_printf(arena, "made %s%s for %.*s", need_ca ? "a local certificate authority and " : "",
				       works.files.cert, STR_ARG(works.names->text))
			: arena_printf(arena, "made a local certificate authority; %s stays", works.files.cert);
	return 0;
}

static bool leaf_is_foreign(const struct works *works)
{
	owned(authority_free) struct authority authority;
	owned(cert_pair_free) struct cert_pair leaf;
	authority_init(&authority);
	cert_pair_init(&leaf);
	if (!is_there(works->files.cert))
		return false;
	return is_there(works->files.ca_cert) ? !leaf_is_local(works, &leaf.cert, &authority.bundle)
					      : !leaf_is_orphan(works);
}

/* Who trusts only a former authority needs the new one if the former may not vouch for it. */
static bool is_vouched_for(const struct works *works)
{
	owned(authority_free) struct authority authority;
	owned(cert_pair_free) struct cert_pair leaf;
	uint32_t flags;
	authority_init(&authority);
	cert_pair_init(&leaf);
	if (!leaf_is_local(works, &leaf.cert, &authority.bundle) || !next_of(&authority.bundle))
		return false;
	return mbedtls_x509_crt_verify(&leaf.cert, authority.bundle.next, NULL, "localhost", &flags, NULL, NULL) == 0;
}

int cert_rotate(const char *data_dir, struct str_list extra, enum cert_rotation what, struct arena *arena,
		struct str *said)
{
	struct works works = { .arena = arena, .said = said };
	owned(lock_drop) int lock = works_begin(&works, data_dir, extra);
	owned(authority_free) struct authority authority;

	authority_init(&authority);
	if (lock < 0)
		return -1;
	bool need_ca = !is_there(works.files.ca_cert);
	if (leaf_is_foreign(&works)) {
		*said = arena_printf(arena,
				     "%s is not of the local authority: whoever issued it renews it; remove it and %s "
				     "to have a local one made",
				     works.files.cert, works.files.key);
		return -1;
	}
	if ((need_ca ? authority_make(&works, &authority) : authority_load(&works, &authority)) ||
	    (what == CERT_ROTATE_AUTHORITY && !need_ca && authority_succeed(&works, &authority)) ||
	    leaf_make(&works, &authority))
		return -1;
	bool changed = what == CERT_ROTATE_AUTHORITY && !need_ca;
	*said = arena_printf(arena, "made %s%s for %.*s%s",
			     changed || need_ca ? "a local certificate authority and " : "", works.files.cert,
			     STR_ARG(works.names->text),
			     !changed		      ? ""
			     : is_vouched_for(&works) ? "; clients that trust the former authority need do nothing"
						      : "; clients must be given the new ca.pem");
	return 0;
}

int cert_install(const char *data_dir, const char *chain, const char *key, struct arena *arena, struct str *said)
{
	struct works works = { .arena = arena, .said = said };
	const struct tls_pair_files files = { .cert = chain, .key = key };
	owned(lock_drop) int lock = works_begin(&works, data_dir, (struct str_list){ 0 });
	owned(tls_pair_free) struct tls_pair pair;

	tls_pair_init(&pair);
	if (lock < 0 || tls_pair_load(&pair, &files, arena, said) != TLS_OK)
		return -1;
	owned(buf_free) struct buf pem = buf_of(CERT_PEM_MAX);
	for (const mbedtls_x509_crt *at = &pair.chain; at; at = next_of(at)) {
		int error = cert_pem_add(&pem, at);
		if (error)
			return say_failed(&works, "the certificate cannot be written down", error);
	}
	if (save_key(&works, works.files.next_key, &pair.key) || save(&works, works.files.cert, &pem, CERT_MODE) ||
	    next_key_moves(&works))
		return -1;
	*said = arena_printf(arena, "installed %s and its key as %s", chain, works.files.cert);
	return 0;
}

bool cert_authority_read(const struct cert_files *files, struct arena *arena, struct cert_authority *out)
{
	struct str said;
	const struct works works = { .files = *files, .arena = arena, .said = &said };
	owned(authority_free) struct authority authority;
	owned(cert_pair_free) struct cert_pair leaf;
	owned(buf_free) struct buf pem = buf_of(CERT_PEM_MAX);

	authority_init(&authority);
	cert_pair_init(&leaf);
	if (!leaf_is_local(&works, &leaf.cert, &authority.bundle) ||
	    chain_add(&pem, &authority.bundle, CERT_MAX_FORMER + 1))
		return false;
	const mbedtls_x509_buf *raw = &authority.bundle.raw;
	out->der = arena_copy(arena, (struct str){ (const char *)raw->p, raw->len });
	out->pem = arena_copy(arena, buf_str(&pem));
	return str_present(out->der) && str_present(out->pem);
}
