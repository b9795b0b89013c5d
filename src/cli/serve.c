/* SPDX-License-Identifier: MIT */
/* recordd serve: brings the server's parts up in order, runs the loop, takes them down again. */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "app/grpc_methods.h"
#include "app/idempotency.h"
#include "app/indexes.h"
#include "app/reads.h"
#include "app/users.h"
#include "auth/keys.h"
#include "auth/memo.h"
#include "auth/revoked.h"
#include "base/clock.h"
#include "cli/lists.h"
#include "cli/routes.h"
#include "cli/server.h"
#include "net/gcm.h"
#include "obs/log.h"
#include "web/page.h"

enum {
	MAX_REVOKED = 100000,
	REMEMBERED_TOKENS = 2048,
	CONFIG_BUDGET = 4 << 20,
	PORT_TRIES = 20,
};

static bool is_loopback(struct str address)
{
	return str_starts(address, STR("127.")) || str_equal(address, STR("::1")) || str_equal(address, STR("localhost"));
}

static int refuse_public_fake_auth(const struct server *server, struct str *said)
{
	struct str_list addresses = list_of(server->config.server_listen, server->config_arena);

	for (size_t i = 0; server->config.auth_debug_fake_auth && i < addresses.n; i++) {
		if (is_loopback(addresses.items[i]))
			continue;
		*said = arena_printf(server->run->arena,
				     "auth.debug_fake_auth believes whatever a client says; it is refused while server.listen has %.*s",
				     STR_ARG(addresses.items[i]));
		return EX_CONFIG;
	}
	return EX_OK;
}

static int open_keys(struct server *server, struct str *said)
{
	struct arena *arena = server->run->arena;
	const char *path = auth_keys_path(server->work.dir.path, arena);

	server->app.keys = calloc(1, sizeof(*server->app.keys));
	server->app.revoked = auth_revoked_new(MAX_REVOKED);
	server->app.tokens = auth_memo_new(REMEMBERED_TOKENS);
	if (!server->app.keys || !server->app.revoked || !server->app.tokens)
		return EX_OSERR;
	return auth_keys_open(path, clock_wall_ms() / 1000, server->app.keys, arena, said) < 0 ? EX_CANTCREAT : EX_OK;
}

static int open_pages(const struct server *server, struct str *said)
{
	struct str directory = server->config.server_web_dir;
	int error = directory.len ? page_set_directory(directory) : 0;

	if (!error)
		return EX_OK;
	*said = arena_printf(server->run->arena, "server.web_dir: %.*s: %s", STR_ARG(directory), strerror(-error));
	return EX_NOINPUT;
}

/* The setting's words are numbered as the ways are. */
static int choose_gcm(const struct server *server, struct str *said)
{
	if (net_gcm_choose((unsigned)server->config.tls_aes_gcm)) {
		*said = STR("tls.aes_gcm asks for instructions that this processor or build does not have; set it to auto");
		return EX_CONFIG;
	}
	log_info("AES-GCM", LOG_TEXT("by", str_of(net_gcm_in_use())));
	return EX_OK;
}

static int open_replica(struct server *server)
{
	struct app *app = &server->app;
	struct db_settings settings = wire_replica(server);

	if (!server->config.database_read_url.len)
		return EX_OK;
	struct db *replica = db_open(&server->loop, &settings);
	if (!replica)
		return EX_CONFIG;
	app->reads = reads_open(app, replica, server->config.database_read_lag);
	return app->reads ? EX_OK : EX_OSERR;
}

static int open_parts(struct server *server, struct str *said)
{
	struct app *app = &server->app;
	struct db_settings db = wire_db(server);
	struct cache_settings cache = wire_cache(server);
	struct indexes_settings indexes = { .max_bytes = (size_t)server->config.search_memory,
					    .max_loading = (unsigned)server->config.search_loads };

	app->loop = &server->loop;
	watchers_init(&app->watchers);
	list_init(&app->event_streams);
	app->routes = routes;
	app->n_routes = routes_count;
	app->started_ms = clock_wall_ms();
	server->loop.calls.program = app;
	app->db = db_open(&server->loop, &db);
	app->cache = cache_new(&server->loop, &cache);
	app->indexes = indexes_new(&server->loop, app->db, &indexes);
	if (!app->db || !app->cache || !app->indexes)
		return EX_OSERR;
	cache_set_trusted(app->cache, false); /* nobody listens yet */
	server_load_cache(server);
	int error = open_replica(server);
	if (error == EX_CONFIG)
		*said = STR("database.read_url is no connection string that can be understood");
	return error;
}

/* What a server that was killed had received of bodies. Nobody else writes there: the data directory is ours alone. */
static void empty_spool(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	unsigned n = 0;

	while (dir && (entry = readdir(dir)))
		n += str_starts(str_of(entry->d_name), STR("body-")) && unlinkat(dirfd(dir), entry->d_name, 0) == 0;
	if (n)
		log_info("bodies left over removed", LOG_INT("files", n));
	if (dir)
		closedir(dir);
}

static struct step pages_of(const struct config *config)
{
	return config->server_web_dir.len ? STEP(page_get_from_directory) : STEP(page_get);
}

static int open_http(struct server *server, struct str *said)
{
	struct http_settings settings = wire_http(server);
	struct http_hooks hooks = { .arg = &server->app, .identify = app_identify, .ask = STEP(users_token_ask),
				    .once = STEP(idempotency_begin),
				    .fallback = pages_of(&server->config), .rpcs = grpc_methods, .n_rpcs = n_grpc_methods };

	if (mkdir(settings.spool_dir, 0700) && access(settings.spool_dir, W_OK)) {
		*said = arena_printf(server->run->arena, "%s cannot be made or written", settings.spool_dir);
		return EX_CANTCREAT;
	}
	empty_spool(settings.spool_dir);
	server->http = http_server_new(&server->loop, &settings, &hooks, routes, routes_count, server->run->arena, said);
	return server->http ? EX_OK : EX_CONFIG;
}

static int open_redirect(struct server *server, struct str *said)
{
	struct arena *arena = server->run->arena;
	struct http_settings settings = wire_http(server);
	struct http_hooks hooks = { .arg = &server->app, .identify = app_identify };
	struct listener_settings listeners = wire_listeners(server, arena);

	if (server->config.server_http_port == 0)
		return EX_OK;
	settings.redirect_port = listeners_port(server->https_listeners);
	/* It is not configured again: it may keep no text of the settings, and needs none. */
	settings.cors_origins = settings.trusted_proxies = (struct str_list){ 0 };
	settings.local_token = settings.alt_svc = STR("");
	server->redirect = http_server_new(&server->loop, &settings, &hooks, routes, routes_count, arena, said);
	if (!server->redirect)
		return EX_CONFIG;
	listeners.tls = NULL;
	listeners.server = server->redirect;
	listeners.port = server->config.server_http_port == CONFIG_PORT_AUTO ? 0 : (int)server->config.server_http_port;
	return listeners_open(&server->loop, &listeners, arena, &server->http_listeners, said) ? EX_UNAVAILABLE : EX_OK;
}

/* HTTP/3, and telling of it on the other protocols. */
static int open_http3(struct server *server, struct str *said)
{
	struct arena *arena = server->run->arena;
	struct quic_settings settings = wire_quic(server, arena);

	if (!server->config.server_http3)
		return EX_OK;
	if (quic_endpoint_open(&server->loop, &settings, arena, &server->quic, said))
		return EX_UNAVAILABLE;
	struct http_settings http = wire_http(server);
	return http_server_configure(server->http, &http, arena, said) ? EX_CONFIG : EX_OK;
}

static int open_https(struct server *server, struct str *said)
{
	struct listener_settings settings = wire_listeners(server, server->run->arena);

	if (listeners_open(&server->loop, &settings, server->run->arena, &server->https_listeners, said))
		return EX_UNAVAILABLE;
	return open_http3(server, said);
}

static void nobody_waits(void *arg)
{
	(void)arg;
}

/* A free port of TCP may be taken on UDP: when any port will do, another one is tried. */
static int open_listeners(struct server *server, struct str *said)
{
	bool any = server->config.server_https_port == CONFIG_PORT_AUTO;
	int error = open_https(server, said);

	for (int tries = 1; error == EX_UNAVAILABLE && any && server->https_listeners && tries < PORT_TRIES; tries++) {
		listeners_close(take(server->https_listeners), nobody_waits, NULL);
		error = open_https(server, said);
	}
	if (!error)
		error = open_redirect(server, said);
	return error ? error : server_open_grpc(server, said);
}

/* In the order of dependence; each step leaves the server such that close_all can take it down. */
static int open_all(struct server *server, struct str *said)
{
	int error;

	if ((error = refuse_public_fake_auth(server, said)) || (error = choose_gcm(server, said)) ||
	    (error = open_pages(server, said)) || (error = server_open_own_tls(server, said)) ||
	    (error = workspace_open(&server->work, &server->config, true, server->run->arena, said)))
		return error;
	wire_app(server);
	if ((error = open_keys(server, said)) || (error = server_open_local_tls(server, said)) || (error = open_parts(server, said)) ||
	    (error = open_http(server, said)) || (error = open_listeners(server, said)))
		return error;
	return server_drop_privileges(server, said);
}

static void close_all(struct server *server)
{
	if (server->app.cache)
		cache_free(server->app.cache);
	indexes_free(server->app.indexes);
	db_free(server->app.db);
	if (server->http)
		http_server_free(server->http);
	if (server->redirect)
		http_server_free(server->redirect);
	tls_context_free(server->tls);
	loop_deinit(&server->loop);
	/* Nobody watches signals any more; one more Ctrl-C must not cut PostgreSQL's own stop short. */
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	workspace_close(&server->work);
	if (server->app.keys)
		auth_keys_wipe(server->app.keys);
	free(server->app.keys);
	auth_revoked_free(server->app.revoked);
	auth_memo_free(server->app.tokens);
	blob_unref(server->app.authority_der);
	blob_unref(server->app.authority_pem);
	arena_free(server->config_arena);
}

int cmd_serve(struct invocation *run)
{
	static struct server server;
	struct str said = STR("out of memory");

	server.run = run;
	server.config = run->config;
	server.config_arena = arena_new(CONFIG_BUDGET);
	log_setup((enum log_format)run->config.log_format, (enum log_level)run->config.log_level);
	if (!server.config_arena || loop_init(&server.loop))
		return command_failed(EX_OSERR, said);
	int error = open_all(&server, &said);
	if (!error && server_watch(&server))
		error = EX_OSERR;
	if (error) {
		workspace_close(&server.work);
		return command_failed(error, said);
	}
	server_begin_startup(&server);
	loop_run(&server.loop);
	close_all(&server);
	return server.exit_code;
}
