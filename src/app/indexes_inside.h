/* SPDX-License-Identifier: MIT */
/* Shared by indexes.c, which keeps them, and indexes_load.c, which makes them and catches up. */
#ifndef APP_INDEXES_INSIDE_H
#define APP_INDEXES_INSIDE_H

#include "app/indexes.h"
#include "base/list.h"
#include "loop/work.h"

enum { INDEX_BUCKETS = 1024 };

struct indexes {
	struct loop *loop;
	struct db *db;
	struct indexes_settings settings;
	struct link buckets[INDEX_BUCKETS];
	struct link recent; /* most recently asked for first */
	struct link queue;  /* to be loaded when others are done */
	unsigned n_loading;
	size_t n, bytes;
	struct work_class building;
};

/* A user's. */
struct held {
	struct link bucket, recent, queued;
	struct uuid user;
	struct search_index *index; /* NULL before the first load is over */
	int64_t version;	    /* of the index */
	int64_t known;		    /* the newest that was heard of */
	size_t bytes;		    /* as counted in indexes.bytes */
	size_t loading_bytes;	    /* of what is being made for it */
	unsigned pins;		    /* calls that need it in memory, loading and merging included */
	uint64_t n_made;	    /* how often it was made from nothing */
	uint64_t n_reads;	    /* how often the database was asked for changes */
	bool loading, merging;
	bool doubtful;	    /* to be made anew */
	int64_t refused_us; /* until then it is too large, without looking again (monotonic) */
	struct link waiters;
};

static inline bool held_is_current(const struct held *held, int64_t version)
{
	return held->index && !held->doubtful && held->version >= version && held->version >= held->known;
}

/* What those get whose index is larger than the bound. */
extern const struct problem held_too_large;

/* Begins to catch up; harmless when that is under way. */
void held_load(struct indexes *indexes, struct held *held);
/* Merges its segments beside everything else if that is due. */
void held_merge(struct indexes *indexes, struct held *held);

/* The index, or what is being made for it, has grown or shrunk: counts it anew, and makes room. */
void held_weigh(struct indexes *indexes, struct held *held);
void held_unpin(struct indexes *indexes, struct held *held);
/* Those go on who waited for no more than this. True when others still wait. */
bool held_wake(struct held *held);
void held_fail(struct held *held, const struct problem *problem);

#endif
