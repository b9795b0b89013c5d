/* SPDX-License-Identifier: MIT */
/* LRU, SIEVE and S3-FIFO in outline: an object is a key that was ever asked for; those kept are in queues, oldest first. */
#include "cache_policies.h"

static void append(struct policy *policy, struct object *object, unsigned queue)
{
	struct object *end = &policy->queues[queue];

	object->next = end;
	object->previous = end->previous;
	end->previous->next = object;
	end->previous = object;
	object->queue = queue;
	policy->bytes[queue] += object->bytes;
}

static void detach(struct policy *policy, struct object *object)
{
	object->next->previous = object->previous;
	object->previous->next = object->next;
	policy->bytes[object->queue] -= object->bytes;
	if (policy->hand == object)
		policy->hand = object->next;
}

static void drop(struct policy *policy, struct object *object)
{
	detach(policy, object);
	object->kept = false;
	policy->n_kept--;
}

static bool worth_keeping(const struct policy *policy, const struct object *object, unsigned uses)
{
	return object->uses >= uses && policy->lives(object);
}

static void evict_lru(struct policy *policy)
{
	drop(policy, policy->queues[0].next);
}

/* The hand goes from the oldest to the newest, and spares once what was used (Zhang et al. 2024). */
static void evict_sieve(struct policy *policy)
{
	struct object *end = &policy->queues[0], *at = policy->hand ? policy->hand : end;

	for (;; at = at->next) {
		if (at == end)
			continue;
		if (!worth_keeping(policy, at, 1))
			break;
		at->uses = 0;
	}
	policy->hand = at;
	drop(policy, at);
}

/* Newcomers have a tenth. Of them stays what is used; what is not is remembered for a while (Yang et al. 2023). */
static void evict_newcomer(struct policy *policy)
{
	struct object *at = policy->queues[0].next;

	if (worth_keeping(policy, at, 1)) {
		at->uses = 0;
		detach(policy, at);
		append(policy, at, 1);
		return;
	}
	drop(policy, at);
	at->remembered_until = ++policy->n_forgotten + policy->n_kept;
}

static void evict_s3_fifo(struct policy *policy)
{
	if (policy->bytes[0] * 10 > policy->max_bytes || !policy->bytes[1]) {
		evict_newcomer(policy);
		return;
	}
	struct object *at = policy->queues[1].next;
	if (!worth_keeping(policy, at, 1)) {
		drop(policy, at);
		return;
	}
	at->uses--;
	detach(policy, at);
	append(policy, at, 1);
}

void policy_init(struct policy *policy, enum policy_kind kind, uint64_t max_bytes, bool (*lives)(const struct object *))
{
	*policy = (struct policy){ .kind = kind, .max_bytes = max_bytes, .lives = lives };
	for (int i = 0; i < 2; i++)
		policy->queues[i].next = policy->queues[i].previous = &policy->queues[i];
}

void policy_used(struct policy *policy, struct object *object)
{
	if (policy->kind == POLICY_LRU) {
		detach(policy, object);
		append(policy, object, 0);
	} else if (object->uses < 3) {
		object->uses++;
	}
}

void policy_forget(struct policy *policy, struct object *object)
{
	if (object->kept)
		drop(policy, object);
	object->uses = 0;
}

void policy_keep(struct policy *policy, struct object *object)
{
	static void (*const evict[])(struct policy *) = { evict_lru, evict_sieve, evict_s3_fifo };
	unsigned queue = policy->kind == POLICY_S3_FIFO && object->remembered_until > policy->n_forgotten;

	while (policy->bytes[0] + policy->bytes[1] + object->bytes > policy->max_bytes)
		evict[policy->kind](policy);
	object->kept = true;
	policy->n_kept++;
	append(policy, object, queue);
}
