/* SPDX-License-Identifier: MIT */
/*
 * Answers across a restart. What is taken back waits until the database has said what version each user's data has:
 * an answer of that very version is as true as it was.
 */
#include <string.h>

#include "base/hash.h"
#include "cache/inside.h"
#include "cache/snapshot_format.h"
#include "obs/metrics.h"

struct waiting_answer {
	struct snapshot_answer said; /* slices of the snapshot's bytes */
	uint64_t expires_ms;	     /* on the loop's clock */
	struct cache_stamp stamp;    /* when versions were asked for */
};

/* ── Saving ── */

static bool save_one(const struct cache *cache, const struct cache_entry *entry, int64_t wall_ms, struct buf *to)
{
	const struct snapshot_answer answer = {
		.kind = cache_entry_kind(entry),
		.text = cache_entry_text(entry),
		.body = blob_str(entry->body),
		.note = entry->note ? blob_str(entry->note) : STR_ABSENT,
		.user = entry->user,
		.version = entry->version,
		.expires_ms = wall_ms + (int64_t)(entry->expires_ms - cache_now_ms(cache)),
		.resident = entry->resident,
	};
	return snapshot_add(to, &answer);
}

/* Newest first; a large one that does not fit any more leaves room for smaller ones. */
static void save_queue(const struct cache *cache, const struct cache_queue *queue, int64_t wall_ms, struct buf *to)
{
	struct cache_entry *entry;

	list_each(entry, &queue->oldest_last, place)
		if (entry->version != CACHE_VERSION_UNKNOWN && cache_is_fresh(cache, entry))
			(void)!save_one(cache, entry, wall_ms, to);
}

void cache_save(const struct cache *cache, struct str origin, int64_t wall_ms, struct buf *to)
{
	snapshot_begin(to, origin);
	save_queue(cache, &cache->entries.residents, wall_ms, to);
	save_queue(cache, &cache->entries.newcomers, wall_ms, to);
	snapshot_end(to);
}

/* ── Loading ── */

static void waiting_free(struct cache_waiting *waiting)
{
	free(take(waiting->answers));
	buf_free(&waiting->bytes);
	*waiting = (struct cache_waiting){ 0 };
}

static int by_user(const void *a, const void *b)
{
	const struct waiting_answer *left = a, *right = b;
	return memcmp(left->said.user.bytes, right->said.user.bytes, sizeof(left->said.user.bytes));
}

/* How many there are; negative when there is something that is none. */
static int64_t count_answers(struct snapshot_reader reader)
{
	struct snapshot_answer answer;
	int64_t n = 0;
	int outcome;

	while ((outcome = snapshot_next(&reader, &answer)) == 1)
		n++;
	return outcome ? outcome : n;
}

static void list_answers(const struct cache *cache, struct cache_waiting *waiting, struct snapshot_reader reader,
			 int64_t wall_ms)
{
	struct snapshot_answer said;

	while (snapshot_next(&reader, &said) == 1) {
		int64_t left = said.expires_ms - wall_ms;
		/* A clock that was set back must not make anything live long. */
		if (left <= 0 || left > INT32_MAX)
			continue;
		waiting->answers[waiting->n++] =
			(struct waiting_answer){ .said = said, .expires_ms = cache_now_ms(cache) + (uint64_t)left };
	}
	if (waiting->n)
		qsort(waiting->answers, waiting->n, sizeof(*waiting->answers), by_user);
}

struct str cache_load(struct cache *cache, struct str origin, int64_t wall_ms, struct buf *bytes)
{
	struct cache_waiting waiting = { .bytes = *bytes };
	struct snapshot_reader reader;
	struct str wrong = snapshot_open(&reader, buf_str(bytes), origin);
	int64_t n = str_present(wrong) ? 0 : count_answers(reader);

	*bytes = buf_of(bytes->max);
	if (n < 0)
		wrong = STR("it is malformed");
	else if (n && !(waiting.answers = calloc((size_t)n, sizeof(*waiting.answers))))
		wrong = STR("out of memory");
	if (str_present(wrong)) {
		waiting_free(&waiting);
		return wrong;
	}
	cache_waiting_over(cache);
	list_answers(cache, &waiting, reader, wall_ms);
	cache->waiting = waiting;
	return STR_ABSENT;
}

bool cache_waits(const struct cache *cache)
{
	return cache->waiting.n > 0 && cache->trusted && !cache->waiting.asked;
}

void cache_waiting_over(struct cache *cache)
{
	waiting_free(&cache->waiting);
}

/* ── Admitting ── */

const struct uuid *cache_waiting_users(struct cache *cache, struct arena *arena, size_t *n)
{
	struct cache_waiting *waiting = &cache->waiting;
	struct uuid *users = arena_alloc(arena, waiting->n * sizeof(*users));

	*n = 0;
	for (size_t i = 0; users && i < waiting->n; i++) {
		struct waiting_answer *answer = &waiting->answers[i];
		answer->stamp = cache_versions_now(&cache->versions, &answer->said.user);
		if (*n == 0 || !uuid_equal(&users[*n - 1], &answer->said.user))
			users[(*n)++] = answer->said.user;
	}
	waiting->asked = true;
	return users;
}

static void admit(struct cache *cache, const struct waiting_answer *answer)
{
	const struct snapshot_answer *said = &answer->said;
	char name[80];
	const struct cache_kind kind = { .name = name };
	const struct cache_key key = { .kind = &kind, .user = said->user, .text = said->text };
	owned(blob_drop) struct blob *body = blob_copy(said->body);
	owned(blob_drop) struct blob *note = str_present(said->note) ? blob_copy(said->note) : NULL;

	snprintf(name, sizeof(name), "%.*s", STR_ARG(said->kind));
	uint64_t hash = cache_key_hash(&key);
	if (!body || (str_present(said->note) && !note) || cache_entries_find(&cache->entries, &key, hash))
		return;
	const struct cache_fresh fresh = { .body = body,
					   .note = note,
					   .stamp = answer->stamp,
					   .version = said->version,
					   .expires_ms = answer->expires_ms,
					   .refresh_at_ms = answer->expires_ms,
					   .tag = cache_tag_of(said->body, said->note) };
	struct cache_entry *entry = cache_entries_add(&cache->entries, &key, hash, &fresh);
	if (!entry)
		return;
	entry->uses = said->resident;
	metric_add(METRIC_CACHE_WARMED, 1);
}

void cache_admit_user(struct cache *cache, const struct uuid *user, int64_t version)
{
	const struct waiting_answer wanted = { .said.user = *user };
	const struct cache_waiting *waiting = &cache->waiting;
	struct cache_stamp now = cache_versions_now(&cache->versions, user);
	const struct waiting_answer *found =
		waiting->n ? bsearch(&wanted, waiting->answers, waiting->n, sizeof(wanted), by_user) : NULL;

	if (!found || !waiting->asked || !cache->trusted)
		return;
	while (found > waiting->answers && by_user(found - 1, &wanted) == 0)
		found--;
	for (; found < waiting->answers + waiting->n && by_user(found, &wanted) == 0; found++)
		if (found->said.version == version && cache_stamp_equal(found->stamp, now) &&
		    found->expires_ms > cache_now_ms(cache))
			admit(cache, found);
}
