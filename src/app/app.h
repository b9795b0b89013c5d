/* SPDX-License-Identifier: MIT */
/* What every handler works with: the program's parts and settings, found from a call by app_of. */
#ifndef APP_APP_H
#define APP_APP_H

#include "app/watchers.h"
#include "base/blob.h"
#include "base/str.h"
#include "base/uuid.h"
#include "cache/cache.h"
#include "db/db.h"
#include "loop/call.h"
#include "loop/work.h"

struct indexes;
struct route;

/* Settings of the handlers, in config.def's words; filled by serve, changed by a reload where marked (r). */
struct app_settings {
	struct str data_dir;	      /* absolute */
	struct str spool_dir;	      /* for uploads; in data_dir */
	struct str job_conninfo;      /* blocking background work connects with this */
	int64_t access_ttl_s;	      /* (r) life of an access token */
	int64_t refresh_ttl_s;	      /* (r) life of a refresh token */
	int64_t refresh_grace_ms;     /* (r) a token spent more recently yields another pair */
	int64_t max_api_tokens;	      /* (r) of one account */
	bool registration_open;	      /* (r) */
	bool shared_keys;	      /* an external database: the signing keys are kept there, for all nodes */
	bool debug_fake_auth;
	unsigned argon2_memory_kib, argon2_passes;
	int64_t min_free_bytes;	      /* (r) less on the data directory's disk: writes are refused with 507 */
	struct str metrics_token;     /* or absent */
	int64_t events_heartbeat_ms;  /* (r) */
	int64_t events_pace_ms;	      /* (r) least time between two looks of a stream */
	int64_t events_retry_ms;      /* (r) what clients wait before they come again */
	size_t events_max_per_user, events_max_streams; /* (r) */
	struct str covers_dir;	      /* in data_dir */
	size_t cover_bytes;	      /* (r) of one that is uploaded */
	unsigned cover_side;	      /* (r) pixels */
	int64_t covers_quota;	      /* (r) bytes of one user's */
	int64_t covers_keep_ms;	      /* (r) that no record shows */
	int64_t max_shares;	      /* (r) of one user */
	struct str acme_dir;	      /* (r) where ACME clients put the answers to http-01 */
};

struct app {
	struct loop *loop;
	struct db *db;
	struct reads *reads;	      /* who may be read from a replica; NULL: there is none */
	struct cache *cache;
	struct indexes *indexes;      /* for searching */
	struct watchers watchers;     /* who waits for changes */
	struct link event_streams;    /* see events.c */
	size_t n_event_streams;
	struct auth_keys *keys;	      /* signing keys; also key the cursors */
	struct auth_revoked *revoked; /* what log-outs ended before its time */
	struct auth_memo *tokens;     /* verified lately */
	struct app_settings settings;
	struct work_class hashing;    /* Argon2id */
	struct work_class jobs;	      /* imports and exports */
	struct work_class uploads;    /* putting uploaded files into place */
	struct work_class covers;     /* reading and sweeping their files */
	struct work_class cover_copies; /* fetching them from the database that servers share */
	struct work_class challenges; /* reading answers to ACME's */
	struct link running_jobs;     /* see jobs.h */
	unsigned cover_folder;	      /* how far the sweep of covers' files has come */
	int64_t housekept_ms;	      /* wall clock, of the last records_housekeep */
	const struct route *routes;   /* the whole API, for its own description */
	size_t n_routes;
	struct blob *authority_der, *authority_pem; /* the local CA for clients to trust; NULL when it is not served */
	struct str version;
	int64_t started_ms;	      /* wall clock */
	bool migrated;		      /* the schema is current */
	bool gate_ready;	      /* revocations and shared keys are in memory: tokens can be judged */
	int64_t pruned_ms;	      /* wall clock, of the last time that what had expired was removed */
	bool draining;
};

static inline struct app *app_of(struct call *call)
{
	return call->engine->program;
}

#endif
