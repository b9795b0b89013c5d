/* SPDX-License-Identifier: MIT */
/* The road to ready, as a call: migrate, load what must be in memory, say so. */
#include <sysexits.h>
#include <unistd.h>

#include "app/jobs.h"
#include "app/records.h"
#include "app/users.h"
#include "cli/lists.h"
#include "cli/server.h"
#include "obs/log.h"

enum { STARTUP_BUDGET = 1 << 20, RETRY_MS = 500 };

struct startup {
	struct call call;
	struct server *server;
	struct work_class work;
	struct users_setup setup;
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
	startup_of(call)->server->startup = NULL;
	arena_free(call->arena);
}

static const struct call_kind startup_kind = { .name = "startup", .failed = startup_failed, .ended = startup_ended };

static void migrate(void *arg)
{
	struct startup *startup = arg;

	startup->outcome = workspace_migrate(&startup->server->work, startup->call.arena, &startup->said, &startup->n_applied);
}

static struct turn startup_migrate(struct call *call);

static struct str base_url(const struct server *server, struct arena *arena)
{
	struct str_list addresses = list_of(server->config.server_listen, arena);
	struct str host = addresses.n ? addresses.items[0] : STR("localhost");
	bool v6 = str_find_char(host, ':') < host.len;

	return arena_printf(arena, "https://%s%.*s%s:%d", v6 ? "[" : "", STR_ARG(host), v6 ? "]" : "",
			    listeners_port(server->https_listeners));
}

/* Where gRPC is to be found in clear, if anywhere. */
static struct str grpc_word(const struct server *server, struct arena *arena)
{
	struct str listen = str_trim(server->config.grpc_listen);
	size_t colon = listen.len;

	if (!server->grpc_listeners)
		return STR("");
	while (listen.at[colon - 1] != ':')
		colon--;
	return arena_printf(arena, " grpc=%.*s%d", STR_ARG(str_first(listen, colon)), listeners_port(server->grpc_listeners));
}

static struct turn startup_ready(struct call *call)
{
	struct startup *startup = startup_of(call);
	const struct server *server = startup->server;
	struct str url = base_url(server, call->arena);

	if (str_present(startup->setup.token))
		printf("Make the first account within 30 minutes: https://localhost:%d/#setup=%.*s\n",
		       listeners_port(server->https_listeners), STR_ARG(startup->setup.token));
	printf("recordd ready %.*s data=%.*s pid=%d http3=%s%.*s\n", STR_ARG(url), STR_ARG(server->work.dir.path),
	       getpid(), server->quic ? "on" : "off", STR_ARG(grpc_word(server, call->arena)));
	fflush(stdout);
	jobs_resume(&startup->server->app);
	records_housekeep(&startup->server->app);
	server_warm_cache(startup->server);
	return call_end(call);
}

static struct turn startup_loaded(struct call *call)
{
	return users_setup_begin(call, &startup_of(call)->setup, STEP(startup_ready));
}

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
	return users_load(call, STEP(startup_loaded));
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
	server->startup = &startup->call;
	call_init(&startup->call, &server->loop.calls, &startup_kind, arena);
	call_start(&startup->call, STEP(startup_migrate));
}
