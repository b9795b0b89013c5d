/* SPDX-License-Identifier: MIT */
/* What to evict, in outline: policies that were weighed against the one that src/cache/entries.c has. */
#ifndef PERF_CACHE_POLICIES_H
#define PERF_CACHE_POLICIES_H

#include <stdbool.h>
#include <stdint.h>

enum policy_kind { POLICY_LRU, POLICY_SIEVE, POLICY_S3_FIFO, N_POLICIES };

struct object {
	struct object *next, *previous; /* towards the newest, and the oldest */
	uint64_t key, expires_ms;
	uint64_t remembered_until; /* by a count of what was forgotten */
	unsigned user, stamp, bytes, uses, queue;
	bool kept;
};

struct policy {
	enum policy_kind kind;
	uint64_t max_bytes, bytes[2], n_kept, n_forgotten;
	struct object queues[2], *hand;
	bool (*lives)(const struct object *object); /* could still be an answer */
};

void policy_init(struct policy *policy, enum policy_kind kind, uint64_t max_bytes, bool (*lives)(const struct object *));
/* A kept object was the answer. */
void policy_used(struct policy *policy, struct object *object);
/* It is no answer any more. */
void policy_forget(struct policy *policy, struct object *object);
/* Keeps an object that is not kept; others go. It must fit. */
void policy_keep(struct policy *policy, struct object *object);

#endif
