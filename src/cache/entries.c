/* SPDX-License-Identifier: MIT */
/* The table of entries, its two queues, and the bytes they take. */
#include "cache/entries.h"

#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "obs/metrics.h"

enum {
	FIRST_BUCKETS = 1024,
	NEWCOMERS_PART = 10,	   /* a tenth of the bytes */
	LARGE = 16 << 10,	   /* from here on, one use more to stay; */
	VERY_LARGE = 64 << 10, /* from here on, two */
};

static struct str uuid_bytes(const struct uuid *uuid)
{
	return (struct str){ (const char *)uuid->bytes, sizeof(uuid->bytes) };
}

/* Both halves are keyed hashes: whoever chooses the text cannot choose the bucket. Names of kinds are ours, and few. */
uint64_t cache_key_hash(const struct cache_key *key)
{
	uint64_t kind = 0;

	for (const char *at = key->kind->name; *at; at++)
		kind = kind * 31 + (unsigned char)*at;
	return hash_str(key->text) ^ (hash_str(uuid_bytes(&key->user)) + kind) * 0x9e3779b97f4a7c15;
}

bool cache_key_equal(const struct cache_key *a, const struct cache_key *b)
{
	return a->kind == b->kind && uuid_equal(&a->user, &b->user) && str_equal(a->text, b->text);
}

struct str cache_entry_kind(const struct cache_entry *entry)
{
	return (struct str){ entry->key, entry->kind_len };
}

struct str cache_entry_text(const struct cache_entry *entry)
{
	return (struct str){ entry->key + entry->kind_len, entry->text_len };
}

static bool entry_is(const struct cache_entry *entry, const struct cache_key *key, uint64_t hash)
{
	return entry->hash == hash && uuid_equal(&entry->user, &key->user) &&
	       str_equal(cache_entry_text(entry), key->text) &&
	       str_equal(cache_entry_kind(entry), str_of(key->kind->name));
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

/* ── The table ── */

static size_t table_weight(const struct cache_entries *entries)
{
	return memory_weight(entries->buckets) + memory_weight(entries->marks);
}

bool cache_entries_init(struct cache_entries *entries, size_t max_bytes, size_t overhead,
			bool (*lives)(const struct cache_entries *entries, const struct cache_entry *entry))
{
	*entries = (struct cache_entries){ .n_buckets = FIRST_BUCKETS, .max_bytes = max_bytes, .lives = lives };
	entries->buckets = calloc(FIRST_BUCKETS, sizeof(struct cache_entry *));
	entries->marks = calloc(FIRST_BUCKETS, sizeof(uint32_t));
	entries->bytes = overhead + table_weight(entries);
	list_init(&entries->newcomers.oldest_last);
	list_init(&entries->residents.oldest_last);
	tell(entries);
	return entries->buckets && entries->marks;
}

static void remove_all(struct cache_entries *entries, const struct cache_queue *queue)
{
	while (!list_empty(&queue->oldest_last))
		cache_entries_remove(entries, list_entry(queue->oldest_last.next, struct cache_entry, place));
}

void cache_entries_deinit(struct cache_entries *entries)
{
	/* A cache that could not be made has no queues yet. */
	if (entries->newcomers.oldest_last.next) {
		remove_all(entries, &entries->newcomers);
		remove_all(entries, &entries->residents);
	}
	check(entries->n == 0);
	free(take(entries->buckets));
	free(take(entries->marks));
}

static size_t bucket_of(const struct cache_entries *entries, uint64_t hash)
{
	return hash & (entries->n_buckets - 1);
}

struct cache_entry *cache_entries_find(const struct cache_entries *entries, const struct cache_key *key, uint64_t hash)
{
	for (struct cache_entry *entry = entries->buckets[bucket_of(entries, hash)]; entry; entry = entry->chain)
		if (entry_is(entry, key, hash))
			return entry;
	return NULL;
}

static void move_chains(struct cache_entries *entries, struct cache_entry **from, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		for (struct cache_entry *entry = from[i], *next; entry; entry = next) {
			struct cache_entry **bucket = &entries->buckets[bucket_of(entries, entry->hash)];
			next = entry->chain;
			entry->chain = *bucket;
			*bucket = entry;
		}
	}
}

/* Twice the buckets, if both tables fit for the moment of moving; longer chains do no harm. */
static void grow(struct cache_entries *entries)
{
	size_t old_n = entries->n_buckets, n = old_n * 2;
	size_t size = n * (sizeof(struct cache_entry *) + sizeof(uint32_t)), before = table_weight(entries);

	if (entries->bytes > entries->max_bytes || size > entries->max_bytes - entries->bytes)
		return;
	owned(memory_free) void *buckets = calloc(n, sizeof(struct cache_entry *)), *marks = malloc(n * sizeof(uint32_t));
	if (!buckets || !marks)
		return;
	struct cache_entry **old = entries->buckets;
	entries->buckets = take(buckets);
	entries->n_buckets = n;
	move_chains(entries, old, old_n);
	/* Which half a mark belongs to is not in it: it goes into both, and is told apart by what it holds. */
	memcpy(marks, entries->marks, old_n * sizeof(uint32_t));
	memcpy((uint32_t *)marks + old_n, entries->marks, old_n * sizeof(uint32_t));
	free(old);
	free(entries->marks);
	entries->marks = take(marks);
	entries->bytes += table_weight(entries) - before;
}

/* ── Marks ── */

static uint32_t mark_of(uint64_t hash)
{
	return (uint32_t)(hash >> 32) | 1;
}

static void leave_mark(struct cache_entries *entries, uint64_t hash)
{
	entries->marks[bucket_of(entries, hash)] = mark_of(hash);
}

static bool take_mark(struct cache_entries *entries, uint64_t hash)
{
	uint32_t *mark = &entries->marks[bucket_of(entries, hash)];

	if (*mark != mark_of(hash))
		return false;
	*mark = 0;
	return true;
}

/* ── Queues ── */

static struct cache_queue *queue_of(struct cache_entries *entries, const struct cache_entry *entry)
{
	return entry->resident ? &entries->residents : &entries->newcomers;
}

static void enqueue(struct cache_entries *entries, struct cache_entry *entry)
{
	struct cache_queue *queue = queue_of(entries, entry);

	list_push_front(&queue->oldest_last, &entry->place);
	queue->bytes += entry->weight;
}

static void dequeue(struct cache_entries *entries, struct cache_entry *entry)
{
	list_remove(&entry->place);
	queue_of(entries, entry)->bytes -= entry->weight;
}

void cache_entries_remove(struct cache_entries *entries, struct cache_entry *entry)
{
	struct cache_entry **at = &entries->buckets[bucket_of(entries, entry->hash)];

	while (*at != entry)
		at = &(*at)->chain;
	*at = entry->chain;
	dequeue(entries, entry);
	entry->listed = false;
	entries->bytes -= entry->weight;
	entries->n--;
	tell(entries);
	cache_entry_unref(entry);
}

static size_t newcomers_share(const struct cache_entries *entries)
{
	return entries->max_bytes / NEWCOMERS_PART;
}

static unsigned uses_to_stay(const struct cache_entry *entry)
{
	return entry->weight > VERY_LARGE ? 3 : entry->weight > LARGE ? 2 : 1;
}

/* The oldest newcomer stays or goes. */
static void judge_newcomer(struct cache_entries *entries, struct cache_entry *entry)
{
	if (!entries->lives(entries, entry)) {
		cache_entries_remove(entries, entry);
	} else if (entry->uses >= uses_to_stay(entry)) {
		dequeue(entries, entry);
		entry->resident = true;
		entry->uses = 0;
		enqueue(entries, entry);
	} else {
		leave_mark(entries, entry->hash);
		metric_add(METRIC_CACHE_EVICTIONS, 1);
		cache_entries_remove(entries, entry);
	}
}

/* The oldest resident has another round, or goes. */
static void judge_resident(struct cache_entries *entries, struct cache_entry *entry)
{
	if (entry->uses && entries->lives(entries, entry)) {
		dequeue(entries, entry);
		entry->uses--;
		enqueue(entries, entry);
		return;
	}
	metric_add(METRIC_CACHE_EVICTIONS, 1);
	cache_entries_remove(entries, entry);
}

static void judge_next(struct cache_entries *entries)
{
	struct cache_queue *newcomers = &entries->newcomers, *residents = &entries->residents;

	if (list_empty(&residents->oldest_last) ||
	    (newcomers->bytes > newcomers_share(entries) && !list_empty(&newcomers->oldest_last)))
		judge_newcomer(entries, list_entry(newcomers->oldest_last.prev, struct cache_entry, place));
	else
		judge_resident(entries, list_entry(residents->oldest_last.prev, struct cache_entry, place));
}

/* Evicts until `more` bytes fit; false, with nothing evicted for it, when even an empty table has no room for them. */
static bool make_room(struct cache_entries *entries, size_t more)
{
	size_t fixed = entries->bytes - entries->newcomers.bytes - entries->residents.bytes;

	if (more && (fixed > entries->max_bytes || more > entries->max_bytes - fixed))
		return false;
	while (more > entries->max_bytes || entries->bytes > entries->max_bytes - more) {
		if (entries->n == 0)
			return false; /* resized to less than an empty table */
		judge_next(entries);
	}
	return true;
}

void cache_entries_resize(struct cache_entries *entries, size_t max_bytes)
{
	entries->max_bytes = max_bytes;
	(void)make_room(entries, 0); /* with nothing left to evict, nothing is kept */
}

/* ── Adding ── */

static struct cache_entry *entry_new(const struct cache_key *key, uint64_t hash, const struct cache_fresh *fresh)
{
	size_t kind_len = strlen(key->kind->name);
	struct cache_entry *entry = malloc(sizeof(*entry) + kind_len + key->text.len);

	if (!entry)
		return NULL;
	*entry = (struct cache_entry){ .hash = hash,
				       .user = key->user,
				       .stamp = fresh->stamp,
				       .version = fresh->version,
				       .expires_ms = fresh->expires_ms,
				       .refresh_at_ms = fresh->refresh_at_ms,
				       .tag = fresh->tag,
				       .body = blob_ref(fresh->body),
				       .note = fresh->note ? blob_ref(fresh->note) : NULL,
				       .refs = 1,
				       .kind_len = (uint32_t)kind_len,
				       .text_len = (uint32_t)key->text.len };
	memcpy(entry->key, key->kind->name, kind_len);
	if (key->text.len)
		memcpy(entry->key + kind_len, key->text.at, key->text.len);
	entry->weight = memory_weight(entry) + blob_weight(entry->body) + (entry->note ? blob_weight(entry->note) : 0);
	return entry;
}

/* Its place is made. */
static void insert(struct cache_entries *entries, struct cache_entry *entry)
{
	struct cache_entry **bucket = &entries->buckets[bucket_of(entries, entry->hash)];

	entry->chain = *bucket;
	*bucket = entry;
	entry->listed = true;
	enqueue(entries, entry);
	entries->bytes += entry->weight;
	entries->n++;
	if (entries->n > entries->n_buckets)
		grow(entries);
	tell(entries);
}

/* What the key had goes; its standing is inherited. */
static bool replace(struct cache_entries *entries, const struct cache_key *key, uint64_t hash)
{
	struct cache_entry *old = cache_entries_find(entries, key, hash);
	bool resident = old && old->resident;

	if (old)
		cache_entries_remove(entries, old);
	return take_mark(entries, hash) || resident;
}

struct cache_entry *cache_entries_add(struct cache_entries *entries, const struct cache_key *key, uint64_t hash,
				      const struct cache_fresh *fresh)
{
	struct cache_entry *entry = entry_new(key, hash, fresh);

	if (!entry)
		return NULL;
	entry->resident = replace(entries, key, hash);
	bool admitted = entry->resident || entry->weight <= newcomers_share(entries);
	if (admitted && make_room(entries, entry->weight)) {
		insert(entries, entry);
		return entry;
	}
	leave_mark(entries, hash);
	metric_add(METRIC_CACHE_UNADMITTED, 1);
	cache_entry_unref(entry);
	return NULL;
}

void cache_entries_add_twin(struct cache_entries *entries, struct cache_entry *entry, enum cache_coding coding,
			    struct blob *twin)
{
	size_t weight = blob_weight(twin);

	check(!entry->twins[coding]);
	entry->twins[coding] = twin;
	if (!entry->listed)
		return;
	/* Without room for both, none of them stays. */
	bool fits = make_room(entries, weight);
	if (!fits && entry->listed)
		cache_entries_remove(entries, entry);
	if (!entry->listed)
		return;
	entry->weight += weight;
	queue_of(entries, entry)->bytes += weight;
	entries->bytes += weight;
	tell(entries);
}
