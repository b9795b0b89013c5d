/* SPDX-License-Identifier: MIT */
/*
 * What the cache holds: a hash table of entries in the order of their last use, bounded in bytes.
 *
 * Counted are the table, each entry with its key, its body and its twins, and the allocator's heads. An entry that
 * was taken out lives on for those who hold a reference, no longer counted: it is theirs.
 */
#ifndef CACHE_ENTRIES_H
#define CACHE_ENTRIES_H

#include "cache/cache.h"

/* When something was made, in the user's and in everybody's writes (cache/versions.h). */
struct cache_stamp {
	uint32_t user, all;
};

struct cache_entry {
	struct cache_entry *chain; /* next in the bucket */
	struct link recent;
	uint64_t hash;
	const struct cache_kind *kind;
	struct uuid user;
	struct cache_stamp stamp;
	uint64_t expires_ms; /* on the loop's clock */
	struct blob *body;
	struct blob *note; /* or NULL */
	struct blob *twins[N_CACHE_CODINGS];
	bool tried[N_CACHE_CODINGS]; /* a twin that is NULL was not worth it */
	bool listed;		     /* in the table, and counted */
	unsigned refs;
	size_t weight;
	size_t text_len;
	char text[];
};

struct cache_entries {
	struct cache_entry **buckets;
	size_t n_buckets; /* a power of two */
	size_t n;
	struct link recent; /* most recently used first */
	size_t bytes, max_bytes;
};

uint64_t cache_key_hash(const struct cache_key *key);
bool cache_key_equal(const struct cache_key *a, const struct cache_key *b);

/* `overhead` is counted from the start. False without memory. */
must_use bool cache_entries_init(struct cache_entries *entries, size_t max_bytes, size_t overhead);
void cache_entries_deinit(struct cache_entries *entries);
/* A smaller bound evicts at once. */
void cache_entries_resize(struct cache_entries *entries, size_t max_bytes);

struct cache_entry *cache_entries_find(const struct cache_entries *entries, const struct cache_key *key, uint64_t hash);
/* It was used just now. */
void cache_entries_touch(struct cache_entries *entries, struct cache_entry *entry);
/* Keeps the body and the note, if any (taking references), in the place of what the key had. NULL when it does not fit; the entry is the table's. */
struct cache_entry *cache_entries_add(struct cache_entries *entries, const struct cache_key *key, uint64_t hash,
				      struct blob *body, struct blob *note, struct cache_stamp stamp, uint64_t expires_ms);
/* Gives the entry a twin (the reference is taken over); others go if room is needed, the entry itself in the end. */
void cache_entries_add_twin(struct cache_entries *entries, struct cache_entry *entry, enum cache_coding coding,
			    struct blob *twin);
void cache_entries_remove(struct cache_entries *entries, struct cache_entry *entry);

struct cache_entry *cache_entry_ref(struct cache_entry *entry);
void cache_entry_unref(struct cache_entry *entry);

#endif
