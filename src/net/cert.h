/* SPDX-License-Identifier: MIT */
/*
 * The certificates in data_dir/tls: a local authority and leaf made with Mbed TLS (ECDSA P-256), or a pair that an ACME
 * client installed. Keys have mode 0600.
 *
 *	ca.pem          the authority that clients trust, then the former ones     ca-key.pem      its key
 *	ca-cross.pem    it, signed by the former ones                              server-key.pem  the leaf's key
 *	server.pem      the leaf, then what of ca-cross.pem leads to it
 *
 * Every file is replaced by a rename. Of a new leaf the key comes first, under a name of its own (server-key-next.pem),
 * then the chain, and then the key takes its place: whoever reads the pair in between sees that the two do not match,
 * and must wait. Was it cut short, the next of the functions below that writes completes it, or drops the key whose
 * chain never came. Writers exclude each other by a lock on the directory. All of it blocks.
 */
#ifndef NET_CERT_H
#define NET_CERT_H

#include "base/arena.h"

struct cert_files {
	const char *dir;
	const char *ca_cert, *ca_key, *ca_cross, *cert, *key, *next_key; /* absolute paths */
};

/* The paths in a data directory; in the arena. */
struct cert_files cert_files_in(const char *data_dir, struct arena *arena);
/*
 * Makes what is missing (idempotent): CA for 10 years, leaf for localhost, 127.0.0.1, ::1, the host name and `extra`
 * names or addresses, 397 days. A leaf of this CA that ends within CERT_RENEW_DAYS, lacks one of these names, is of a
 * former CA or has lost its key is replaced; one of any other issuer is left alone. 0 or negative; *said says what was
 * made or what failed.
 */
must_use int cert_init(const char *data_dir, struct str_list extra, struct arena *arena, struct str *said);
enum { CERT_RENEW_DAYS = 30 };

enum cert_rotation {
	CERT_ROTATE_LEAF,
	/*
	 * A new authority too. ca.pem keeps up to CERT_MAX_FORMER former ones, and the leaf's chain leads to them as
	 * well, so that clients which trust only a former one see nothing of it.
	 */
	CERT_ROTATE_AUTHORITY,
};
/* A new leaf, whether or not there is one; refused when the present one is not of the local authority. As cert_init. */
must_use int cert_rotate(const char *data_dir, struct str_list extra, enum cert_rotation what, struct arena *arena,
			 struct str *said);
/* Puts a copy of the pair in the leaf's place if it matches and is in time. As cert_init; on failure nothing changed. */
must_use int cert_install(const char *data_dir, const char *chain, const char *key, struct arena *arena,
			  struct str *said);

/* Completes or drops what was cut short, and nothing else. As cert_init. */
must_use int cert_settle(const char *data_dir, struct arena *arena, struct str *said);

struct cert_facts {
	struct str subject, issuer, names, serial, sha256; /* sha256: fingerprint, colon-separated hex */
	int64_t not_before, not_after;			   /* seconds since 1970 */
};
/* The first certificate of a PEM file. 0, or negative with *said. */
must_use int cert_read(const char *file, struct arena *arena, struct cert_facts *out, struct str *said);
/* All of them, in the arena. */
must_use int cert_read_all(const char *file, struct arena *arena, struct cert_facts **out, size_t *n, struct str *said);

/* What is due to be told about a certificate's end. */
enum cert_warning { CERT_NO_WARNING, CERT_ENDS_IN_A_MONTH, CERT_ENDS_IN_A_WEEK, CERT_HAS_ENDED };
struct cert_reminder {
	enum cert_warning told; /* zero-initialised by the owner; zeroed again for another certificate */
	int64_t told_s;
};
/* Each warning when its time comes (30 days, 7 days, the end) and once a day from then on. Times in seconds. */
enum cert_warning cert_reminder_due(struct cert_reminder *reminder, int64_t not_after, int64_t now);

/* What clients may be given to trust: only certificates, never a key. In the arena. */
struct cert_authority {
	struct str der; /* the current authority */
	struct str pem; /* with the former ones */
};
/* False when the leaf in `files` is not of the local authority, or one of them cannot be read. */
bool cert_authority_read(const struct cert_files *files, struct arena *arena, struct cert_authority *out);

#endif
