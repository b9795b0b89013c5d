/* SPDX-License-Identifier: MIT */
/* The local certificate authority: an ECDSA P-256 CA and leaf made with Mbed TLS, files in data_dir/tls, keys mode 0600. */
#ifndef NET_CERT_H
#define NET_CERT_H

#include "base/arena.h"

struct cert_files {
	const char *ca_cert, *ca_key, *cert, *key; /* absolute paths */
};

/* The paths in a data directory; in the arena. */
struct cert_files cert_files_in(const char *data_dir, struct arena *arena);
/*
 * Makes what is missing (idempotent): CA for 10 years, leaf for localhost, 127.0.0.1, ::1, the host name and `extra`
 * names or addresses, 397 days. A leaf of this CA that ends within 30 days, or lacks one of these names, is replaced.
 * 0 or negative; *said says what was made or what failed. Written atomically.
 */
must_use int cert_init(const char *data_dir, struct str_list extra, struct arena *arena, struct str *said);
/* A new leaf from the same CA, whether or not there is one. */
must_use int cert_renew(const char *data_dir, struct str_list extra, struct arena *arena, struct str *said);

struct cert_facts {
	struct str subject, issuer, names, serial, sha256; /* sha256: fingerprint, colon-separated hex */
	int64_t not_before, not_after;			   /* seconds since 1970 */
};
/* The first certificate of a PEM file. 0, or negative with *said. */
must_use int cert_read(const char *file, struct arena *arena, struct cert_facts *out, struct str *said);

#endif
