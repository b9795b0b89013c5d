/* SPDX-License-Identifier: MIT */
/* The road to ready, as a call: migrate, load what must be in memory, say so. */
#include <sysexits.h>
#include <unistd.h>

#include "app/users.h"
#include "cli/server.h"
#include "obs/log.h"

enum { STARTUP_BUDGET = 1 << 20, RETRY_MS = 500 };

struct startup {
	struct call call;
	struct server *server;
	struct work_class work;
	int outcome, n_applied;
	struct str said;
	bool told;
};

static struct startup *startup_of(struct call *call)
{
	return container_of(call, struct startup, call);
}

static struct turn startup_failed(struct call *call, const struct problem *problem)
{
	struct startup *startup = startup_of(call);

	log_error("start-up failed", LOG_TEXT("why", problem->error));
	server_stop(startup->server, EX_SOFTWARE);
	return call_end(call);
}

static void startup_ended(struct call *call)
{
	arena_free(call->arena);
}

static const struct call_kind startup_kind = { .name = "startup", .failed = startup_failed, .ended = startup_ended };

static void migrate(void *arg)
{
	struct startup *startup = arg;

	startup->outcome = workspace_migrate(&startup->server->work, startup->call.arena, &startup->said, &startup->n_applied);
}

static struct turn startup_migrate(struct call *call);

static struct turn startup_migrated(struct call *call)
{
	struct startup *startup = startup_of(call);
	struct server *server = startup->server;

	if (startup->outcome == EX_UNAVAILABLE) {
		if (!startup->told)
			log_warn("waiting for the database", LOG_TEXT("why", startup->said));
		startup->told = true;
		return call_sleep(call, RETRY_MS, STEP(startup_migrate));
	}
	if (startup->outcome) {
		command_failed(startup->outcome, startup->said);
		server_stop(server, startup->outcome);
		return call_end(call);
	}
	if (startup->n_applied)
		log_info("schema brought up to date", LOG_INT("migrations", startup->n_applied));
	server->app.migrated = true;
	return users_startup(call, &server->app);
}

static struct turn startup_migrate(struct call *call)
{
	struct startup *startup = startup_of(call);

	return work_run(call, &startup->work, migrate, startup, STEP(startup_migrated));
}

void server_begin_startup(struct server *server)
{
	struct arena *arena = arena_new(STARTUP_BUDGET);
	struct startup *startup = arena ? arena_new_of(arena, struct startup) : NULL;

	check(startup);
	startup->server = server;
	startup->work = (struct work_class){ .name = "start-up", .max_running = 1 };
	call_init(&startup->call, &server->loop.calls, &startup_kind, arena);
	call_start(&startup->call, STEP(startup_migrate));
}
