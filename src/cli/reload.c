/* SPDX-License-Identifier: MIT */
/* SIGHUP: the settings read again, all or nothing; and the certificate with them. */
#include "app/indexes.h"
#include "cli/config_value.h"
#include "cli/server.h"
#include "obs/log.h"

enum { CONFIG_BUDGET = 4 << 20 };

static int load_again(struct server *server, struct arena *arena, struct config *config, struct str *said)
{
	const struct options *options = &server->run->options;
	struct config_sources sources = { .file = options->config, .data = options->data,
					  .web_dir = options->web_dir, .sets = options->sets,
					  .n_sets = options->n_sets };
	struct str warning;

	return config_load(config, &sources, arena, said, &warning);
}

/* The listeners stay as they were bound: only at the start is it known that nobody else can reach them. */
static int refuse_late_fake_auth(const struct config *old, const struct config *fresh, struct str *said)
{
	*said = STR("auth.debug_fake_auth can be switched on at the start only");
	return fresh->auth_debug_fake_auth && !old->auth_debug_fake_auth;
}

/* What is read at the start only stays as it is in effect. Negative without memory. */
static int keep_what_is_of_the_start(struct config *fresh, const struct config *old, struct arena *arena)
{
	static const struct {
		struct str section, key;
	} of_the_start[] = {
#define AT_START(section, key) { STR(#section), STR(#key) },
#include "cli/at_start.def"
#undef AT_START
	};
	int changed = 0;

	for (size_t i = 0; i < countof(of_the_start) && changed >= 0; i++) {
		const struct setting *setting = setting_find(of_the_start[i].section, of_the_start[i].key);
		changed = setting_keep(setting, fresh, old, arena);
		if (changed > 0)
			log_warn("a changed setting takes a restart", LOG_TEXT("section", of_the_start[i].section),
				 LOG_TEXT("key", of_the_start[i].key));
	}
	return changed < 0 ? changed : 0;
}

/* For connections to come. */
static void limit_connections(struct server *server)
{
	struct listener_settings limits = wire_listeners(server, server->config_arena);
	struct listeners *const all[] = { server->https_listeners, server->http_listeners, server->grpc_listeners };

	for (size_t i = 0; i < countof(all); i++)
		if (all[i])
			listeners_set_limits(all[i], &limits);
	if (!server->quic)
		return;
	struct quic_settings quic = wire_quic(server, server->config_arena);
	quic_endpoint_set_limits(server->quic, &quic);
}

void server_reload(struct server *server)
{
	struct arena *arena = arena_new(CONFIG_BUDGET), *old_arena = server->config_arena;
	struct config old = server->config, fresh;
	struct str said = STR("out of memory");

	if (server->stopping || !arena || load_again(server, arena, &fresh, &said) ||
	    refuse_late_fake_auth(&old, &fresh, &said) || keep_what_is_of_the_start(&fresh, &old, arena)) {
		log_error("settings not reloaded", LOG_TEXT("why", server->stopping ? STR("stopping") : said));
		arena_free(arena);
		return;
	}
	server->config = fresh;
	server->config_arena = arena;
	struct http_settings http = wire_http(server);
	if (http_server_configure(server->http, &http, arena, &said)) {
		log_error("settings not reloaded", LOG_TEXT("why", said));
		server->config = old;
		server->config_arena = old_arena;
		arena_free(arena);
		return;
	}
	wire_app(server);
	struct cache_settings cache = wire_cache(server);
	cache_configure(server->app.cache, &cache);
	limit_connections(server);
	indexes_resize(server->app.indexes, (size_t)server->config.search_memory);
	log_setup((enum log_format)server->config.log_format, (enum log_level)server->config.log_level);
	server_reload_certificate(server);
	arena_free(old_arena);
	log_info("settings reloaded");
}
