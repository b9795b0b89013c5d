/* SPDX-License-Identifier: MIT */
/*
 * Whom a connection id belongs to. Also used for stateless reset tokens, which are names of the same kind.
 *
 * Strangers choose some of the keys, so the hash is keyed.
 */
#ifndef NET_QUIC_CIDS_H
#define NET_QUIC_CIDS_H

#include "base/list.h"
#include "base/str.h"

enum {
	QUIC_CID_BYTES = 10,   /* of the ids we give out */
	QUIC_CID_KEY_MAX = 20, /* of any (RFC 9000, 17.2) */
};

/* Who is found: embedded in what has ids. */
struct quic_owner {
	enum quic_owner_kind { QUIC_OWNER_CONN, QUIC_OWNER_ENDING } kind;
	struct link cids; /* its entries, of any table */
};

struct quic_cid;

struct quic_cids {
	struct quic_cid **buckets;
	size_t n_buckets; /* a power of two */
	size_t n;
};

/* 0, or negative without memory. */
must_use int quic_cids_init(struct quic_cids *cids);
/* Asserts that it is empty. Harmless on a zeroed one. */
void quic_cids_deinit(struct quic_cids *cids);

struct quic_owner *quic_cids_find(const struct quic_cids *cids, struct str key);
/* The key is the owner's from now on. 0, 1 when it is somebody's already, negative without memory. */
must_use int quic_cids_add(struct quic_cids *cids, struct str key, struct quic_owner *owner);
/* Harmless when it is not there, or another's. */
void quic_cids_remove(struct quic_cids *cids, struct str key, const struct quic_owner *owner);

void quic_owner_init(struct quic_owner *owner, enum quic_owner_kind kind);
/* All that the one had belongs to the other, which had nothing. */
void quic_owner_succeed(struct quic_owner *heir, struct quic_owner *owner);
/* All its entries go. */
void quic_owner_forget(struct quic_owner *owner);

#endif
