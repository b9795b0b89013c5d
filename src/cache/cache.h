/* SPDX-License-Identifier: MIT */
/*
 * Finished answers in memory: bounded in bytes, least recently used goes first, one fill at a time for a key.
 *
 * A key is (user, kind, text): never shared across users. The text holds everything the fill needs (normalised
 * query, limit, offset, …), because a fill is given nothing else: it is its own call (a *flight*), so that no
 * caller's hang-up or timeout hurts those that wait with it. A user's version moves on with each of that user's
 * writes; a fill that began under an older version is delivered to those who waited, and not stored.
 */
#ifndef CACHE_CACHE_H
#define CACHE_CACHE_H

#include "base/blob.h"
#include "base/uuid.h"
#include "loop/loop.h"

struct cache;

/* One kind of cached answer; a constant table row of the module that fills it. */
struct cache_kind {
	const char *name;
	uint32_t ttl_ms;       /* ±10 % jitter is added */
	uint32_t short_ttl_ms; /* for a text whose query part is short; 0: none */
	struct step fill;      /* first step of the flight: reads cache_key_of(call), ends with cache_land */
};

struct cache_key {
	const struct cache_kind *kind;
	struct uuid user;
	struct str text;
	bool brief; /* take short_ttl_ms */
};

enum cache_status { CACHE_HIT, CACHE_MISS_STORED, CACHE_MISS_COLLAPSED, CACHE_MISS_NOT_STORED };

enum cache_coding { CACHE_IDENTITY, CACHE_GZIP, CACHE_BROTLI, CACHE_ZSTD, N_CACHE_CODINGS };

/* What cache_fetch found; body and entry are kept until the call ends. */
struct cache_answer {
	enum cache_status status;
	int64_t ttl_ms; /* left, for a hit */
	struct blob *body;
	struct blob *note;	   /* what the fill said beside it (cache_land_noted), or NULL */
	struct cache_entry *entry; /* NULL when not stored */
};

struct cache_settings {
	size_t max_bytes;
	size_t max_entry_bytes;	  /* a larger body is delivered and not kept */
	unsigned max_flights;	  /* more at once: 503 */
	unsigned flight_timeout_ms;
	size_t arena_budget;	  /* of a flight */
};

/* NULL without memory. `settings` is copied. */
must_use struct cache *cache_new(struct loop *loop, const struct cache_settings *settings);
/* Once all flights are over (asserted); answers that calls still hold stay valid. NULL is allowed. */
void cache_free(struct cache *cache);
/* A smaller bound evicts at once (SIGHUP). */
void cache_resize(struct cache *cache, size_t max_bytes);

/*
 * Delivers the answer for the key to `next` (as call->blob too), from memory or by one flight for all who ask. Fails
 * as the fill failed; with 503 when too many flights are under way, 504 when this one takes too long. A flight begun
 * before the user's last write is not joined: a writer reads what it wrote. When the last who waits has gone, so has
 * the flight. `key` need not outlive this.
 */
must_use struct turn cache_fetch(struct call *call, struct cache *cache, const struct cache_key *key, struct step next);
/* For the step that cache_fetch went on with. */
struct cache_answer cache_answer_of(struct call *call);
/* For a flight: its key. The bytes live as long as the flight. */
const struct cache_key *cache_key_of(struct call *flight);
/* Ends a flight with its body, copied. */
must_use struct turn cache_land(struct call *flight, struct str body);
/* The same with a few words for the answer's headers, copied; absent for none. */
must_use struct turn cache_land_noted(struct call *flight, struct str body, struct str note);

/*
 * The answer's twin in a coding, made once by `encode` (which returns a reference of its own, or NULL if it is not
 * worth it), kept and accounted with the entry, valid as long as the answer. NULL, also when the answer was not
 * stored: send identity.
 */
struct blob *cache_twin(struct cache *cache, const struct cache_answer *answer, enum cache_coding coding,
			struct blob *(*encode)(enum cache_coding coding, struct str body));

/* The user's entries are invalid from now on, and fills under way will not be stored. */
void cache_invalidate(struct cache *cache, const struct uuid *user);
/*
 * The same for a committed write that gave the user's data this version: nothing happens when that or a newer one is
 * known, so that the notification of a node's own write, which comes a little later, costs no answer made meanwhile.
 */
void cache_invalidate_to(struct cache *cache, const struct uuid *user, int64_t version);
void cache_invalidate_all(struct cache *cache);
/*
 * Whether writes elsewhere are heard of. While they are not (listener lost), nothing is kept or answered from memory;
 * those who ask at the same time still share a flight. Each change makes all that is kept invalid.
 */
void cache_set_trusted(struct cache *cache, bool trusted);

/* RFC 9211 value for the answer: `recordd; hit; ttl=42`. */
struct str cache_status_text(const struct cache_answer *answer, struct arena *arena);

#endif
