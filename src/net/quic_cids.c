/* SPDX-License-Identifier: MIT */
/* A chained hash table of connection ids that grows with its entries. */
#include "net/quic_cids.h"

#include <string.h>

#include "base/hash.h"

enum { FEWEST_BUCKETS = 256 };

struct quic_cid {
	struct quic_cid *next;
	struct link link; /* in owner->cids */
	struct quic_owner *owner;
	struct quic_cids *table;
	uint8_t len;
	char key[QUIC_CID_KEY_MAX];
};

static struct str key_of(const struct quic_cid *cid)
{
	return (struct str){ cid->key, cid->len };
}

int quic_cids_init(struct quic_cids *cids)
{
	*cids = (struct quic_cids){ .buckets = calloc(FEWEST_BUCKETS, sizeof(struct quic_cid *)),
				    .n_buckets = FEWEST_BUCKETS };
	return cids->buckets ? 0 : -1;
}

void quic_cids_deinit(struct quic_cids *cids)
{
	check(cids->n == 0);
	free(take(cids->buckets));
}

static struct quic_cid **slot_of(const struct quic_cids *cids, struct str key)
{
	struct quic_cid **slot = &cids->buckets[hash_str(key) & (cids->n_buckets - 1)];
	while (*slot && !str_equal(key_of(*slot), key))
		slot = &(*slot)->next;
	return slot;
}

struct quic_owner *quic_cids_find(const struct quic_cids *cids, struct str key)
{
	struct quic_cid *cid = *slot_of(cids, key);
	return cid ? cid->owner : NULL;
}

/* Without memory for more buckets, the chains just grow longer. */
static void grow(struct quic_cids *cids)
{
	struct quic_cids wide = { .n_buckets = cids->n_buckets * 2, .n = cids->n };
	wide.buckets = calloc(wide.n_buckets, sizeof(struct quic_cid *));
	if (!wide.buckets)
		return;
	for (size_t i = 0; i < cids->n_buckets; i++) {
		for (struct quic_cid *cid = cids->buckets[i], *next; cid; cid = next) {
			struct quic_cid **slot = &wide.buckets[hash_str(key_of(cid)) & (wide.n_buckets - 1)];
			next = cid->next;
			cid->next = *slot;
			*slot = cid;
		}
	}
	free(cids->buckets);
	*cids = wide;
}

int quic_cids_add(struct quic_cids *cids, struct str key, struct quic_owner *owner)
{
	check(key.len <= QUIC_CID_KEY_MAX);
	if (cids->n >= cids->n_buckets)
		grow(cids);
	struct quic_cid **slot = slot_of(cids, key);
	if (*slot)
		return 1;
	struct quic_cid *cid = malloc(sizeof(*cid));
	if (!cid)
		return -1;
	*cid = (struct quic_cid){ .owner = owner, .table = cids, .len = (uint8_t)key.len };
	memcpy(cid->key, key.at, key.len);
	*slot = cid;
	list_push_back(&owner->cids, &cid->link);
	cids->n++;
	return 0;
}

static void drop(struct quic_cid **slot)
{
	struct quic_cid *cid = *slot;
	*slot = cid->next;
	list_remove(&cid->link);
	cid->table->n--;
	free(cid);
}

void quic_cids_remove(struct quic_cids *cids, struct str key, const struct quic_owner *owner)
{
	struct quic_cid **slot = slot_of(cids, key);
	if (*slot && (*slot)->owner == owner)
		drop(slot);
}

void quic_owner_init(struct quic_owner *owner, enum quic_owner_kind kind)
{
	owner->kind = kind;
	list_init(&owner->cids);
}

void quic_owner_succeed(struct quic_owner *heir, struct quic_owner *owner)
{
	for (struct link *link; (link = list_pop_front(&owner->cids));) {
		list_entry(link, struct quic_cid, link)->owner = heir;
		list_push_back(&heir->cids, link);
	}
}

void quic_owner_forget(struct quic_owner *owner)
{
	while (!list_empty(&owner->cids)) {
		struct quic_cid *cid = list_entry(owner->cids.next, struct quic_cid, link);
		drop(slot_of(cid->table, key_of(cid)));
	}
}
