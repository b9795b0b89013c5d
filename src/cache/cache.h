/* SPDX-License-Identifier: MIT */
/*
 * Finished answers in memory: bounded in bytes, the least useful go first, one fill at a time for a key.
 *
 * A key is (user, kind, text): never shared across users. The text holds everything the fill needs (normalised
 * query, limit, offset, …), because a fill is given nothing else: it is its own call (a *flight*), so that no
 * caller's hang-up or timeout hurts those that wait with it. A user's version moves on with each of that user's
 * writes; a fill that began under an older version is delivered to those who waited, and not stored.
 *
 * An answer that is asked for often is made anew shortly before it expires. One that has expired, or cannot be trusted
 * because writes elsewhere are not heard of, still answers when a fill fails for the database's sake, for a while, and
 * marked; but never once a write of its user is known.
 */
#ifndef CACHE_CACHE_H
#define CACHE_CACHE_H

#include "base/blob.h"
#include "base/buf.h"
#include "base/uuid.h"
#include "loop/loop.h"

struct cache;

enum { CACHE_VERSION_UNKNOWN = -1, CACHE_ETAG = 18 };

/* One kind of cached answer; a constant table row of the module that fills it. */
struct cache_kind {
	const char *name;
	uint32_t ttl_ms;       /* ±10 % jitter is added */
	uint32_t short_ttl_ms; /* for a text whose query part is short; 0: none */
	struct step fill;      /* first step of the flight: reads cache_key_of(call), ends with cache_land */
	bool never_stale;      /* no answer is better than one that may be old */
	unsigned max_times;    /* an answer may have so many times cache_settings.max_entry_bytes; 0: once */
};

struct cache_key {
	const struct cache_kind *kind;
	struct uuid user;
	struct str text;
	bool brief; /* take short_ttl_ms */
};

enum cache_status {
	CACHE_HIT,
	CACHE_MISS_STORED,
	CACHE_MISS_COLLAPSED,
	CACHE_MISS_NOT_STORED,
	CACHE_STALE, /* the fill failed, and what is kept had to do */
};

enum cache_coding { CACHE_IDENTITY, CACHE_GZIP, CACHE_BROTLI, CACHE_ZSTD, CACHE_MESSAGE, N_CACHE_CODINGS };

/* What cache_fetch found; body and entry are kept until the call ends. */
struct cache_answer {
	enum cache_status status;
	int64_t ttl_ms; /* left, for a hit; also for a stale one, below 0 when it has expired */
	uint64_t tag;	/* the same for the same body and note, on every node */
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
	unsigned stale_ms;	  /* how long after its time an answer may stand in for one that cannot be made; 0: not at all */
	unsigned stale_wait_ms;	  /* before it stands in, while writes are not heard of and the fill does not end */
	unsigned refresh_percent; /* the last part of its life, in which a hot answer is made anew; 0: never */
	unsigned max_refreshes;	  /* at the same time */
};

/* NULL without memory. `settings` is copied. */
must_use struct cache *cache_new(struct loop *loop, const struct cache_settings *settings);
/* Once all flights are over (asserted); answers that calls still hold stay valid. NULL is allowed. */
void cache_free(struct cache *cache);
/* Other settings from now on (SIGHUP): a smaller bound evicts at once. */
void cache_configure(struct cache *cache, const struct cache_settings *settings);

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
 * For a flight that has read from the database: its answer is of this version of the user's data, or of a later one.
 * Then it may outlive the process (cache_save), and what a lagging replica gave is not kept.
 */
void cache_read_version(struct call *flight, int64_t version);

/*
 * The answer's twin in a coding, made once by `encode` (which returns a reference of its own, or NULL if it is not
 * worth it), kept and accounted with the entry, valid as long as the answer. NULL, also when the answer was not
 * stored: send identity.
 */
struct blob *cache_twin(struct cache *cache, const struct cache_answer *answer, enum cache_coding coding,
			struct blob *(*encode)(enum cache_coding coding, struct str body));

/* The same, made by `make` of whatever `arg` is: what it is made of must be the answer's alone. */
struct blob *cache_twin_made(struct cache *cache, const struct cache_answer *answer, enum cache_coding coding,
			     struct blob *(*make)(void *arg), void *arg);

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
/* The answer's strong entity tag (RFC 9110 §8.8.3), quoted. Absent without memory. */
struct str cache_etag_text(const struct cache_answer *answer, struct arena *arena);

/* ── Across a restart ── */

/*
 * Appends a snapshot of the answers whose version is known, the most useful first, as many as the buffer has room for. `origin`
 * says where they come from and for whom they are written (database, build): only there they are taken back.
 */
void cache_save(const struct cache *cache, struct str origin, int64_t wall_ms, struct buf *to);
/*
 * Takes a snapshot's bytes over, for cache_warm_up. Absent; or what is wrong with them (static): then they are released and
 * nothing is taken. What has expired by now is left out.
 */
struct str cache_load(struct cache *cache, struct str origin, int64_t wall_ms, struct buf *bytes);
/* Whether a snapshot waits for its users' versions to be asked for, and writes are heard of. */
bool cache_waits(const struct cache *cache);
/*
 * Whose answers wait, each user once, in the arena; NULL without memory. What their versions are has to be asked after this
 * and while writes are heard of: a write that comes in between makes that user's answers void.
 */
const struct uuid *cache_waiting_users(struct cache *cache, struct arena *arena, size_t *n);
/* The user's answers of exactly this version become usable. */
void cache_admit_user(struct cache *cache, const struct uuid *user, int64_t version);
/* Whatever waits is dropped. */
void cache_waiting_over(struct cache *cache);

#endif
