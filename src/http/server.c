/* SPDX-License-Identifier: MIT */
/* The server object: settings checked and taken, everything requests share. */
#include "http/grpc_inside.h"

enum { MAX_REPLY_HEAD = 64 * 1024 };

struct http_settings http_settings_default(void)
{
	return (struct http_settings){
		.head = { .head_bytes = 32 * 1024, .headers = 100 },
		.target_bytes = 8 * 1024,
		.head_ms = 10000,
		.body_ms = 20000,
		.idle_ms = 60000,
		.stall_ms = 30000,
		.answer_ms = 60000,
		.arena_budget = 4 * 1024 * 1024,
		.reply_mark = 64 * 1024,
		.max_queued = 1024 * 1024,
		.unread_body = 64 * 1024,
		.min_rate = 256,
		.guards = guard_limits_default(),
		.h2 = { .max_streams = 128, .stream_window = 256 * 1024, .connection_window = 1024 * 1024 },
		.h3 = { .table_bytes = 4096, .blocked_streams = 16 },
		.grpc = { .max_message = 4 * 1024 * 1024 },
		.spool_dir = "/tmp",
		.spool_bytes = 256 << 20,
		.image_bytes = 2 << 20,
		.requests_per_minute = 300,
		.logins_per_minute = 10,
		.max_callers = 65536,
	};
}

static struct network *parse_networks(const struct str_list *texts, struct arena *arena, struct str *said)
{
	struct network *networks = calloc(texts->n + 1, sizeof(*networks));
	for (size_t i = 0; networks && i < texts->n; i++) {
		if (network_parse(texts->items[i], &networks[i]))
			continue;
		*said = arena_printf(arena, "\"%.*s\" is neither an address nor a network", STR_ARG(texts->items[i]));
		free(networks);
		return NULL;
	}
	if (!networks)
		*said = STR("out of memory");
	return networks;
}

/* They were made with the settings of their time. */
static void drop_spare(struct http_server *server)
{
	for (struct link *link; (link = list_pop_front(&server->spare));) {
		struct exchange *exchange = list_entry(link, struct exchange, link);
		arena_free(exchange->arena);
		free(exchange);
	}
	server->n_spare = 0;
}

int http_server_configure(struct http_server *server, const struct http_settings *settings, struct arena *arena,
			  struct str *said)
{
	struct network *trusted = parse_networks(&settings->trusted_proxies, arena, said);
	if (!trusted)
		return 1;
	free(server->trusted);
	server->trusted = trusted;
	server->n_trusted = settings->trusted_proxies.n;
	server->settings = *settings;
	drop_spare(server);
	return 0;
}

struct http_server *http_server_new(struct loop *loop, const struct http_settings *settings,
				    const struct http_hooks *hooks, const struct route *routes, size_t n_routes,
				    struct arena *arena, struct str *said)
{
	struct http_server *server = calloc(1, sizeof(*server));

	*said = STR("out of memory");
	if (!server)
		return NULL;
	list_init(&server->spare);
	server->scratch = buf_of(MAX_REPLY_HEAD);
	server->loop = loop;
	if (overdue_init(server)) {
		free(server);
		return NULL;
	}
	server->hooks = *hooks;
	server->router = router_new(routes, n_routes);
	server->rates = rate_table_new(settings->max_callers);
	if (hooks->n_rpcs)
		server->grpc = grpc_server_new(loop, hooks->rpcs, hooks->n_rpcs, routes, n_routes);
	if (!server->router || !server->rates || (hooks->n_rpcs && !server->grpc) ||
	    http_server_configure(server, settings, arena, said)) {
		http_server_free(server);
		return NULL;
	}
	return server;
}

void http_server_set_no_space(struct http_server *server, bool no_space)
{
	server->no_space = no_space;
}

void http_server_free(struct http_server *server)
{
	if (!server)
		return;
	check(server->n_live == 0);
	overdue_deinit(server);
	drop_spare(server);
	router_free(server->router);
	rate_table_free(server->rates);
	grpc_server_free(server->grpc);
	free(server->trusted);
	buf_free(&server->scratch);
	free(server);
}
