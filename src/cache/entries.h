/* SPDX-License-Identifier: MIT */
/*
 * What the cache holds: a hash table of entries, bounded in bytes, and which of them go when room is needed.
 *
 * The policy is S3-FIFO (Yang et al., SOSP 2023; measured in docs/performance.md). An entry begins among the
 * *newcomers*, who have a tenth of the bytes; used again, it becomes a *resident*, and stays for as many rounds as it
 * was used. What goes unused leaves a mark: asked for again soon, it is a resident at once. So answers that are asked
 * for once, however many, push out nothing but each other. Large ones have to be used more often to stay.
 *
 * Counted is what the allocator gave: for the table, each entry with its key, its body and its twins. An entry that
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
	struct link place;	   /* in its queue */
	uint64_t hash;
	struct uuid user;
	struct cache_stamp stamp;
	int64_t version;	/* of the user's data, at least; CACHE_VERSION_UNKNOWN */
	uint64_t expires_ms;	/* on the loop's clock, as the next */
	uint64_t refresh_at_ms; /* from then on, a hot one is made anew */
	uint64_t tag;		/* names the bytes of body and note */
	struct blob *body;
	struct blob *note; /* or NULL */
	struct blob *twins[N_CACHE_CODINGS];
	bool tried[N_CACHE_CODINGS]; /* a twin that is NULL was not worth it */
	bool listed;		     /* in the table, and counted */
	bool resident;
	bool refreshing; /* once in its life */
	uint8_t uses;	 /* rounds it will stay; a few at most */
	uint32_t hits;
	uint32_t refs;
	uint32_t kind_len, text_len;
	size_t weight;
	char key[]; /* the kind's name, then the text */
};

/* What an entry begins with. */
struct cache_fresh {
	struct blob *body, *note; /* references are taken; note may be NULL */
	struct cache_stamp stamp;
	int64_t version;
	uint64_t expires_ms, refresh_at_ms, tag;
};

struct cache_queue {
	struct link oldest_last;
	size_t bytes;
};

struct cache_entries {
	struct cache_entry **buckets;
	uint32_t *marks; /* of what went unused, by bucket */
	size_t n_buckets; /* a power of two */
	size_t n;
	struct cache_queue newcomers, residents;
	size_t bytes, max_bytes;
	/* Whether an entry could still be an answer; what could not goes first. */
	bool (*lives)(const struct cache_entries *entries, const struct cache_entry *entry);
};

uint64_t cache_key_hash(const struct cache_key *key);
bool cache_key_equal(const struct cache_key *a, const struct cache_key *b);
struct str cache_entry_kind(const struct cache_entry *entry);
struct str cache_entry_text(const struct cache_entry *entry);

/* `overhead` is counted from the start. False without memory. */
must_use bool cache_entries_init(struct cache_entries *entries, size_t max_bytes, size_t overhead,
				 bool (*lives)(const struct cache_entries *entries, const struct cache_entry *entry));
void cache_entries_deinit(struct cache_entries *entries);
/* A smaller bound evicts at once. */
void cache_entries_resize(struct cache_entries *entries, size_t max_bytes);

struct cache_entry *cache_entries_find(const struct cache_entries *entries, const struct cache_key *key, uint64_t hash);
/* It was used just now. */
static inline void cache_entry_used(struct cache_entry *entry)
{
	enum { MOST_ROUNDS = 3 };

	entry->hits++;
	if (entry->uses < MOST_ROUNDS)
		entry->uses++;
}
/*
 * Keeps a new answer in the place of what the key had. NULL when it does not fit, or is not let in: one that would
 * fill the newcomers' share by itself has to be asked for twice. The entry is the table's.
 */
struct cache_entry *cache_entries_add(struct cache_entries *entries, const struct cache_key *key, uint64_t hash,
				      const struct cache_fresh *fresh);
/*
 * Gives the entry a twin (the reference is taken over); others go if room is needed, the entry itself in the end: then
 * both are theirs who hold the entry.
 */
void cache_entries_add_twin(struct cache_entries *entries, struct cache_entry *entry, enum cache_coding coding,
			    struct blob *twin);
void cache_entries_remove(struct cache_entries *entries, struct cache_entry *entry);

struct cache_entry *cache_entry_ref(struct cache_entry *entry);
void cache_entry_unref(struct cache_entry *entry);

#endif
