/* SPDX-License-Identifier: MIT */
/* Certificates with their keys: loaded from files, checked, and chosen by the server's name. */
#ifndef NET_TLS_PAIRS_H
#define NET_TLS_PAIRS_H

#include <mbedtls/pk.h>
#include <mbedtls/x509_crt.h>

#include "base/arena.h"
#include "net/tls.h"

struct tls_pair {
	mbedtls_x509_crt chain; /* the leaf first */
	mbedtls_pk_context key;
};

void tls_pair_init(struct tls_pair *pair);
void tls_pair_free(struct tls_pair *pair);
/*
 * An enum tls_outcome; *said names the file and the cause. A leaf is refused that is out of its time, that is not its
 * key's, that is not for servers, or that no client of ours could verify: keys are RSA of 2048 bits and more, P-256 or
 * P-384. psa_crypto_init must have run.
 */
must_use int tls_pair_load(struct tls_pair *pair, const struct tls_pair_files *files, struct arena *arena,
			   struct str *said);
/* Whether the leaf is for this host name, wildcards included; by its alternative names only (RFC 9525). */
bool tls_pair_is_for(const struct tls_pair *pair, struct str server_name);
/* Whether both leaves have a name or an address in common, or neither has any. */
bool tls_pairs_share_name(const struct tls_pair *a, const struct tls_pair *b);

#endif
