/* SPDX-License-Identifier: MIT */
/* The cache across a restart: its snapshot in the data directory, and the question what has been written meanwhile. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/server.h"
#include "net/file.h"
#include "obs/log.h"
#include "store_statements.h"
#include "version.h"

enum { OWNER_ONLY = 0600, FIXED_BUDGET = 1 << 20 };

static const char *snapshot_path(const struct server *server)
{
	return arena_printf(server->run->arena, "%.*s/cache.snapshot", STR_ARG(server->work.dir.path)).at;
}

/* Another build may render answers in another way, another database has other users' data. */
static struct str snapshot_origin(const struct server *server)
{
	return arena_printf(server->run->arena, "%s %s %.*s", RECORDD_VERSION, RECORDD_GIT_REV, STR_ARG(server->work.app));
}

void server_save_cache(const struct server *server)
{
	owned(buf_free) struct buf bytes = buf_of((size_t)server->config.cache_snapshot);
	const char *path = snapshot_path(server);

	if (!server->config.cache_snapshot || !path)
		return;
	cache_save(server->app.cache, snapshot_origin(server), clock_wall_ms(), &bytes);
	int error = buf_failed(&bytes) ? -ENOMEM : file_replace(path, buf_str(&bytes), OWNER_ONLY);
	if (error)
		log_warn("cached answers not written", LOG_TEXT("why", str_of(strerror(-error))));
}

/* It is read once: what a later start would find has been overtaken by then. */
void server_load_cache(struct server *server)
{
	owned(buf_free) struct buf bytes = buf_of((size_t)server->config.cache_snapshot);
	const char *path = snapshot_path(server);

	if (!path)
		return;
	int error = server->config.cache_snapshot ? file_read(path, &bytes) : 0;
	if (unlink(path) && errno != ENOENT)
		log_warn("cached answers not removed", LOG_TEXT("why", str_of(strerror(errno))));
	if (error == -ENOENT || !server->config.cache_snapshot)
		return;
	struct str wrong = error ? str_of(strerror(-error)) :
				   cache_load(server->app.cache, snapshot_origin(server), clock_wall_ms(), &bytes);
	if (str_present(wrong))
		log_warn("cached answers of before ignored", LOG_TEXT("file", str_of(path)), LOG_TEXT("why", wrong));
}

/* ── Asking for versions ── */

struct warm_up {
	struct call call;
	struct server *server;
};

static struct warm_up *warm_up_of(struct call *call)
{
	return container_of(call, struct warm_up, call);
}

static struct turn warm_up_failed(struct call *call, const struct problem *problem)
{
	log_warn("cached answers of before dropped", LOG_TEXT("why", problem->error));
	return call_end(call);
}

static void warm_up_ended(struct call *call)
{
	struct arena *arena = call->arena;

	cache_waiting_over(warm_up_of(call)->server->app.cache);
	arena_free(arena);
}

static const struct call_kind warm_up_kind = { .name = "warm-up", .failed = warm_up_failed, .ended = warm_up_ended };

static struct turn warm_up_admit(struct call *call)
{
	struct cache *cache = warm_up_of(call)->server->app.cache;

	for (size_t i = 0; i < db_n_rows(call->rows); i++) {
		struct store_records_versions_row row = store_records_versions_row(call, i);
		cache_admit_user(cache, &row.owner, row.version);
	}
	return call_end(call);
}

static struct turn warm_up_ask(struct call *call)
{
	struct server *server = warm_up_of(call)->server;
	size_t n;
	const struct uuid *users = cache_waiting_users(server->app.cache, call->arena, &n);
	struct str *texts = arena_alloc(call->arena, n * sizeof(*texts));
	char *room = arena_alloc(call->arena, n * (UUID_TEXT + 1));

	if (!users || !texts || !room)
		return call_fail_with(call, PROBLEM_INTERNAL, "out of memory");
	for (size_t i = 0; i < n; i++)
		texts[i] = uuid_format(&users[i], room + i * (UUID_TEXT + 1));
	return store_records_versions(call, server->app.db, (struct str_list){ texts, n }, STEP(warm_up_admit));
}

void server_warm_cache(struct server *server)
{
	if (server->stopping || !server->app.migrated || !cache_waits(server->app.cache))
		return;
	/* At most one user for each answer, and no answer is smaller than its head. */
	struct arena *arena = arena_new(FIXED_BUDGET + 4 * (size_t)server->config.cache_snapshot);
	struct warm_up *warm_up = arena ? arena_new_of(arena, struct warm_up) : NULL;

	if (!warm_up) {
		arena_free(arena);
		cache_waiting_over(server->app.cache);
		return;
	}
	warm_up->server = server;
	call_init(&warm_up->call, &server->loop.calls, &warm_up_kind, arena);
	call_start(&warm_up->call, STEP(warm_up_ask));
}
