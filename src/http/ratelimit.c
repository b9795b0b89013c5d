/* SPDX-License-Identifier: MIT */
/* Rate limits: the generic cell rate algorithm over a hash table that is also a list by last use. */
#include "http/ratelimit.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/hash.h"

enum { MINUTE_US = 60 * 1000 * 1000, SECOND_US = 1000 * 1000, NONE = 0 };
enum { KIND_USER = 1, KIND_ADDRESS = 2, KINDS = 4 };

/* Links are indexes; 0 is no entry, so that zeroed memory is an empty table. */
struct bucket {
	struct rate_key key;
	uint32_t next;	       /* in the hash chain */
	uint32_t newer, older; /* by last use */
	int64_t full_at_us;    /* when the caller will have its whole burst again */
};

struct rate_table {
	size_t n, max;
	size_t mask;
	uint32_t newest, oldest;
	uint32_t *heads;
	struct bucket *buckets; /* 1 … max */
};

struct rate_table *rate_table_new(size_t max_callers)
{
	size_t n_heads = 64;
	while (n_heads < max_callers)
		n_heads *= 2;
	struct rate_table *table = calloc(1, sizeof(*table));
	if (!table)
		return NULL;
	*table = (struct rate_table){ .max = max_callers ? max_callers : 1, .mask = n_heads - 1 };
	table->heads = calloc(n_heads, sizeof(*table->heads));
	table->buckets = calloc(table->max + 1, sizeof(*table->buckets));
	if (!table->heads || !table->buckets) {
		rate_table_free(table);
		return NULL;
	}
	return table;
}

void rate_table_free(struct rate_table *table)
{
	if (!table)
		return;
	free(table->heads);
	free(table->buckets);
	free(table);
}

static uint32_t *head_of(struct rate_table *table, const struct rate_key *key)
{
	return &table->heads[hash_str((struct str){ (const char *)key, sizeof(*key) }) & table->mask];
}

static bool same(const struct rate_key *a, const struct rate_key *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

static void unlink_use(struct rate_table *table, uint32_t at)
{
	struct bucket *bucket = &table->buckets[at];
	*(bucket->newer ? &table->buckets[bucket->newer].older : &table->newest) = bucket->older;
	*(bucket->older ? &table->buckets[bucket->older].newer : &table->oldest) = bucket->newer;
}

static void link_newest(struct rate_table *table, uint32_t at)
{
	struct bucket *bucket = &table->buckets[at];
	bucket->newer = NONE;
	bucket->older = table->newest;
	*(table->newest ? &table->buckets[table->newest].newer : &table->oldest) = at;
	table->newest = at;
}

/* The one unused for longest, taken out of its chain. */
static uint32_t evict(struct rate_table *table)
{
	uint32_t at = table->oldest;
	uint32_t *link = head_of(table, &table->buckets[at].key);
	while (*link != at)
		link = &table->buckets[*link].next;
	*link = table->buckets[at].next;
	unlink_use(table, at);
	return at;
}

static struct bucket *find_or_add(struct rate_table *table, const struct rate_key *key)
{
	uint32_t at = *head_of(table, key);
	while (at && !same(&table->buckets[at].key, key))
		at = table->buckets[at].next;
	if (at) {
		unlink_use(table, at);
	} else {
		at = table->n < table->max ? (uint32_t)++table->n : evict(table);
		uint32_t *head = head_of(table, key);
		table->buckets[at] = (struct bucket){ .key = *key, .next = *head };
		*head = at;
	}
	link_newest(table, at);
	return &table->buckets[at];
}

static unsigned seconds_up(int64_t us)
{
	return us <= 0 ? 0 : (unsigned)((us + SECOND_US - 1) / SECOND_US);
}

struct rate_verdict rate_count(struct rate_table *table, const struct rate_key *key, unsigned per_minute,
			       int64_t now_us)
{
	struct bucket *bucket = find_or_add(table, key);
	int64_t interval = MINUTE_US / (int64_t)per_minute; /* settings keep it far below a million */
	int64_t burst = interval * (int64_t)per_minute;
	int64_t full_at = bucket->full_at_us > now_us ? bucket->full_at_us : now_us;
	struct rate_verdict verdict = { .limit = per_minute };

	/* A lowered limit must not lock out those who were far ahead under the old one. */
	if (full_at > now_us + burst)
		full_at = now_us + burst;
	if (full_at + interval <= now_us + burst) {
		verdict.allowed = true;
		full_at += interval;
	} else {
		unsigned wait = seconds_up(full_at + interval - now_us - burst);
		verdict.retry_after_s = wait ? wait : 1;
	}
	bucket->full_at_us = full_at;
	verdict.remaining = (unsigned)((now_us + burst - full_at) / interval);
	verdict.reset_s = seconds_up(full_at - now_us);
	return verdict;
}

static struct rate_key key_of(const void *bytes, size_t n, unsigned kind, uint8_t class)
{
	struct rate_key key = { .kind = (uint8_t)(kind + class * KINDS) };
	memcpy(key.bytes, bytes, n);
	return key;
}

struct rate_key rate_key_of_user(const uint8_t user[16], uint8_t class)
{
	return key_of(user, 16, KIND_USER, class);
}

struct rate_key rate_key_of_address(struct str address, uint8_t class)
{
	char text[INET6_ADDRSTRLEN] = "";
	uint8_t bytes[16] = { 0 };

	if (address.len < sizeof(text) && address.len)
		memcpy(text, address.at, address.len);
	if (inet_pton(AF_INET, text, bytes) == 1)
		return key_of(bytes, 4, KIND_ADDRESS, class);
	if (inet_pton(AF_INET6, text, bytes) == 1 && IN6_IS_ADDR_V4MAPPED((const struct in6_addr *)(const void *)bytes))
		return key_of(bytes + 12, 4, KIND_ADDRESS, class);
	if (inet_pton(AF_INET6, text, bytes) == 1)
		return key_of(bytes, 8, KIND_ADDRESS, class);
	uint64_t hash = hash_str(address);
	return key_of(&hash, sizeof(hash), KIND_ADDRESS + 1, class);
}
