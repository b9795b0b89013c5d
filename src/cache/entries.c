/* SPDX-License-Identifier: MIT */
/* The table of entries, their order of use, and the bytes they take. */
#include "cache/entries.h"

#include <string.h>

#include "base/hash.h"
#include "obs/metrics.h"

enum { FIRST_BUCKETS = 1024, ALLOCATION_HEAD = 16 };

static struct str uuid_bytes(const struct uuid *uuid)
{
	return (struct str){ (const char *)uuid->bytes, sizeof(uuid->bytes) };
}

/* Both halves are keyed hashes: whoever chooses the text cannot choose the bucket. */
uint64_t cache_key_hash(const struct cache_key *key)
{
	uint64_t owner = hash_str(uuid_bytes(&key->user)) + (uintptr_t)key->kind;
	return hash_str(key->text) ^ owner * 0x9e3779b97f4a7c15;
}

bool cache_key_equal(const struct cache_key *a, const struct cache_key *b)
{
	return a->kind == b->kind && uuid_equal(&a->user, &b->user) && str_equal(a->text, b->text);
}

static bool entry_is(const struct cache_entry *entry, const struct cache_key *key, uint64_t hash)
{
	return entry->hash == hash && entry->kind == key->kind && uuid_equal(&entry->user, &key->user) &&
	       str_equal((struct str){ entry->text, entry->text_len }, key->text);
}

struct cache_entry *cache_entry_ref(struct cache_entry *entry)
{
	entry->refs++;
	return entry;
}

void cache_entry_unref(struct cache_entry *entry)
{
	check(entry->refs > 0);
	if (--entry->refs)
		return;
	check(!entry->listed);
	blob_unref(entry->body);
	blob_unref(entry->note);
	for (size_t i = 0; i < N_CACHE_CODINGS; i++)
		blob_unref(entry->twins[i]);
	free(entry);
}

static void tell(const struct cache_entries *entries)
{
	metric_set(METRIC_CACHE_BYTES, (int64_t)entries->bytes);
	metric_set(METRIC_CACHE_ENTRIES, (int64_t)entries->n);
}

bool cache_entries_init(struct cache_entries *entries, size_t max_bytes, size_t overhead)
{
	*entries = (struct cache_entries){ .n_buckets = FIRST_BUCKETS, .max_bytes = max_bytes };
	entries->buckets = calloc(FIRST_BUCKETS, sizeof(struct cache_entry *));
	entries->bytes = overhead + FIRST_BUCKETS * sizeof(struct cache_entry *);
	list_init(&entries->recent);
	tell(entries);
	return entries->buckets != NULL;
}

void cache_entries_deinit(struct cache_entries *entries)
{
	while (!list_empty(&entries->recent))
		cache_entries_remove(entries, list_entry(entries->recent.next, struct cache_entry, recent));
	check(entries->n == 0);
	free(take(entries->buckets));
}

static struct cache_entry **bucket_of(const struct cache_entries *entries, uint64_t hash)
{
	return &entries->buckets[hash & (entries->n_buckets - 1)];
}

struct cache_entry *cache_entries_find(const struct cache_entries *entries, const struct cache_key *key, uint64_t hash)
{
	for (struct cache_entry *entry = *bucket_of(entries, hash); entry; entry = entry->chain)
		if (entry_is(entry, key, hash))
			return entry;
	return NULL;
}

void cache_entries_touch(struct cache_entries *entries, struct cache_entry *entry)
{
	list_remove(&entry->recent);
	list_push_front(&entries->recent, &entry->recent);
}

void cache_entries_remove(struct cache_entries *entries, struct cache_entry *entry)
{
	struct cache_entry **at = bucket_of(entries, entry->hash);

	while (*at != entry)
		at = &(*at)->chain;
	*at = entry->chain;
	list_remove(&entry->recent);
	entry->listed = false;
	entries->bytes -= entry->weight;
	entries->n--;
	tell(entries);
	cache_entry_unref(entry);
}

/* Evicts from the least recently used until `more` bytes fit; false when even an empty table has no room for them. */
static bool make_room(struct cache_entries *entries, size_t more)
{
	while (more > entries->max_bytes || entries->bytes > entries->max_bytes - more) {
		if (list_empty(&entries->recent))
			return false;
		metric_add(METRIC_CACHE_EVICTIONS, 1);
		cache_entries_remove(entries, list_entry(entries->recent.prev, struct cache_entry, recent));
	}
	return true;
}

void cache_entries_resize(struct cache_entries *entries, size_t max_bytes)
{
	entries->max_bytes = max_bytes;
	(void)make_room(entries, 0); /* with nothing left to evict, nothing is kept */
}

/* Twice the buckets, if both tables fit for the moment of moving; longer chains do no harm. */
static void grow(struct cache_entries *entries)
{
	size_t n = entries->n_buckets * 2, size = n * sizeof(struct cache_entry *);
	struct cache_entry **old = entries->buckets;

	if (entries->bytes > entries->max_bytes || size > entries->max_bytes - entries->bytes)
		return;
	struct cache_entry **buckets = calloc(n, sizeof(struct cache_entry *));
	if (!buckets)
		return;
	entries->buckets = buckets;
	entries->n_buckets = n;
	entries->bytes += size / 2;
	for (size_t i = 0; i < n / 2; i++) {
		for (struct cache_entry *entry = old[i], *next; entry; entry = next) {
			struct cache_entry **bucket = bucket_of(entries, entry->hash);
			next = entry->chain;
			entry->chain = *bucket;
			*bucket = entry;
		}
	}
	free(old);
}

static void list_entry_first(struct cache_entries *entries, struct cache_entry *entry)
{
	struct cache_entry **bucket = bucket_of(entries, entry->hash);

	entry->chain = *bucket;
	*bucket = entry;
	list_push_front(&entries->recent, &entry->recent);
	entry->listed = true;
	entries->bytes += entry->weight;
	entries->n++;
}

struct cache_entry *cache_entries_add(struct cache_entries *entries, const struct cache_key *key, uint64_t hash,
				      struct blob *body, struct blob *note, struct cache_stamp stamp, uint64_t expires_ms)
{
	struct cache_entry *old = cache_entries_find(entries, key, hash);
	size_t size = sizeof(*old) + key->text.len;
	size_t weight = size + blob_weight(body) + 2 * ALLOCATION_HEAD;

	if (note)
		weight += blob_weight(note) + ALLOCATION_HEAD;

	if (old)
		cache_entries_remove(entries, old);
	struct cache_entry *entry = make_room(entries, weight) ? malloc(size) : NULL;
	if (!entry)
		return NULL;
	*entry = (struct cache_entry){ .hash = hash,
				       .kind = key->kind,
				       .user = key->user,
				       .stamp = stamp,
				       .expires_ms = expires_ms,
				       .body = blob_ref(body),
				       .note = note ? blob_ref(note) : NULL,
				       .refs = 1,
				       .weight = weight,
				       .text_len = key->text.len };
	if (key->text.len)
		memcpy(entry->text, key->text.at, key->text.len);
	list_entry_first(entries, entry);
	if (entries->n > entries->n_buckets)
		grow(entries);
	tell(entries);
	return entry;
}

void cache_entries_add_twin(struct cache_entries *entries, struct cache_entry *entry, enum cache_coding coding,
			    struct blob *twin)
{
	size_t weight = blob_weight(twin) + ALLOCATION_HEAD;

	check(!entry->twins[coding]);
	entry->twins[coding] = twin;
	if (!entry->listed)
		return;
	cache_entries_touch(entries, entry);
	if (!make_room(entries, weight) || !entry->listed)
		return;
	entry->weight += weight;
	entries->bytes += weight;
	tell(entries);
}
