/* SPDX-License-Identifier: MIT */
/* From config.def's words to each module's settings. */
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "cli/lists.h"
#include "auth/keys.h"
#include "cli/server.h"
#include "version.h"

enum { JOBS_RUNNING = 2, JOBS_WAITING = 200, CHALLENGES_WAITING = 64, COVERS_WAITING = 2000, ALT_SVC_S = 86400 };
enum { OTHER_THREADS = 4 * JOBS_RUNNING + 6 }; /* beside hashing: jobs, uploads, covers, indexes, files, cancelling */
enum { MAX_FLIGHTS = 1024, FLIGHT_BUDGET = 16 << 20 };

static struct guard_limits guard_limits_of(const struct config *config)
{
	return (struct guard_limits){ .most = {
#define RATE(NAME, word, section, key, ...) [GUARD_##NAME] = (unsigned)config->section##_##key,
#define LIMIT RATE
#define PACE(NAME, word)
#include "http/guard.def"
#undef RATE
#undef LIMIT
#undef PACE
				      } };
}

/* Where HTTP/3 is to be found (RFC 7838). */
static struct str alt_svc_of(const struct server *server)
{
	if (!server->quic)
		return STR("");
	return arena_printf(server->config_arena, "h3=\":%d\"; ma=%d", quic_endpoint_port(server->quic), ALT_SVC_S);
}

struct http_settings wire_http(const struct server *server)
{
	const struct config *config = &server->config;
	struct http_settings settings = http_settings_default();

	settings.head.head_bytes = (size_t)config->server_max_header;
	settings.head_ms = (unsigned)config->server_head_timeout;
	settings.body_ms = (unsigned)config->server_body_timeout;
	settings.idle_ms = (unsigned)config->server_idle_timeout;
	settings.stall_ms = (unsigned)config->server_write_timeout;
	settings.answer_ms = (unsigned)config->server_request_timeout;
	settings.max_queued = (size_t)config->server_max_queued;
	settings.min_rate = (size_t)config->server_min_rate;
	settings.guards = guard_limits_of(config);
	settings.arena_budget = (size_t)config->server_request_memory;
	settings.h2.max_streams = (uint32_t)config->server_max_streams;
	settings.h3.table_bytes = (size_t)config->http3_qpack_table;
	settings.h3.blocked_streams = (unsigned)config->http3_blocked_streams;
	settings.grpc.max_message = (size_t)config->grpc_max_message;
	settings.spool_dir = server->app.settings.spool_dir.at;
	settings.spool_bytes = (size_t)config->import_max_file;
	settings.image_bytes = (size_t)config->covers_max_file;
	settings.trusted_proxies = list_of(config->server_trusted_proxies, server->config_arena);
	settings.cors_origins = list_of(config->server_cors_origins, server->config_arena);
	settings.debug_fake_auth = config->auth_debug_fake_auth;
	settings.local_token = config->metrics_token;
	settings.requests_per_minute = (unsigned)config->ratelimit_requests_per_minute;
	settings.logins_per_minute = (unsigned)config->ratelimit_logins_per_minute;
	settings.hsts = server->certificate.local ? STR("") : STR("max-age=31536000");
	settings.alt_svc = alt_svc_of(server);
	return settings;
}

int wire_tls(const struct config *config, const struct cert_files *local, struct arena *arena, struct tls_settings *out,
	     struct str *said)
{
	struct str_list certs = list_of(config->tls_cert, arena), keys = list_of(config->tls_key, arena);

	*out = (struct tls_settings){
		.pairs = { { local->cert, local->key } },
		.n_pairs = 1,
		.client_ca = config->tls_client_ca.at,
		.client_required = config->tls_client_cert == 1,
		.ticket_rotation_s = (unsigned)(config->tls_ticket_rotation / 1000),
		.max_hello = (unsigned)config->tls_max_hello,
	};
	size_t n = certs.n < keys.n ? certs.n : keys.n;
	for (size_t i = 0; i < n && i < TLS_PAIRS_MAX; i++) {
		out->pairs[i].cert = arena_copy(arena, certs.items[i]).at;
		out->pairs[i].key = arena_copy(arena, keys.items[i]).at;
		out->n_pairs = i + 1;
	}
	if (certs.n == keys.n && n <= TLS_PAIRS_MAX)
		return EX_OK;
	*said = arena_printf(arena,
			     "tls.cert and tls.key go together: %zu and %zu files are set, and at most %d may be",
			     certs.n, keys.n, TLS_PAIRS_MAX);
	return EX_CONFIG;
}

struct listener_settings wire_listeners(const struct server *server, struct arena *arena)
{
	static const struct protocol *const protocols[] = { &http2_protocol, &http1_protocol, NULL };
	const struct config *config = &server->config;

	return (struct listener_settings){
		.addresses = list_of(config->server_listen, arena),
		.port = config->server_https_port == CONFIG_PORT_AUTO ? 0 : (int)config->server_https_port,
		.with_udp = config->server_http3,
		.tls = server->tls,
		.protocols = protocols,
		.server = server->http,
		.max_connections = (unsigned)config->server_max_connections,
		.max_per_peer = (unsigned)config->server_max_connections_per_address,
		.max_handshakes = (unsigned)config->server_max_handshakes,
		.handshake_ms = (unsigned)config->server_handshake_timeout,
		.keepalive_ms = (unsigned)config->server_keepalive,
		.write_stall_ms = (unsigned)config->server_write_timeout,
		.write_min_rate = (size_t)config->server_min_rate,
		.output_high_water = (size_t)config->server_output_buffer,
	};
}

struct quic_settings wire_quic(const struct server *server, struct arena *arena)
{
	static const struct quic_protocol *const protocols[] = { &http3_protocol, NULL };
	const struct config *config = &server->config;
	const struct auth_key *key = &server->app.keys->items[0];

	return (struct quic_settings){
		.addresses = list_of(config->server_listen, arena),
		.port = listeners_port(server->https_listeners),
		.tls = server->tls,
		.protocols = protocols,
		.server = server->http,
		.peers = listeners_peers(server->https_listeners),
		.congestion = (enum quic_congestion)config->http3_congestion,
		.max_connections = (unsigned)config->server_max_connections,
		.max_half_open = (unsigned)config->http3_max_half_open,
		.max_per_peer = (unsigned)config->server_max_connections_per_address,
		.retry_threshold = (unsigned)config->http3_retry_threshold,
		.handshake_ms = (unsigned)config->server_handshake_timeout,
		.idle_ms = (unsigned)config->server_idle_timeout,
		.max_streams = (unsigned)config->server_max_streams,
		.receive_memory = (size_t)config->http3_receive_memory,
		.reset_secret = { (const char *)key->secret, sizeof(key->secret) },
	};
}

struct db_settings wire_db(const struct server *server)
{
	const struct config *config = &server->config;
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	int64_t twice = processors > 0 ? 2 * processors : 4;

	return (struct db_settings){
		.conninfo = server->work.app,
		.pool_size = (unsigned)(config->database_pool_size ? config->database_pool_size : twice),
		.max_waiting = (unsigned)config->database_max_waiting,
		.max_depth = (unsigned)config->database_pipeline_depth,
		.statement_timeout_ms = (unsigned)config->database_statement_timeout,
		.cancel_after_ms = (unsigned)config->database_cancel_after,
		.application_name = "recordd",
	};
}

struct db_settings wire_replica(const struct server *server)
{
	struct db_settings settings = wire_db(server);

	settings.conninfo = server->config.database_read_url;
	settings.application_name = "recordd read";
	/* One that hangs for longer than it may be behind is of no use: the primary is asked instead. */
	if (settings.statement_timeout_ms > server->config.database_read_lag)
		settings.statement_timeout_ms = (unsigned)server->config.database_read_lag;
	return settings;
}

struct cache_settings wire_cache(const struct server *server)
{
	const struct config *config = &server->config;

	return (struct cache_settings){
		.max_bytes = (size_t)config->cache_size,
		.max_entry_bytes = (size_t)config->cache_max_entry,
		.max_flights = MAX_FLIGHTS,
		.flight_timeout_ms = (unsigned)config->server_request_timeout,
		.arena_budget = FLIGHT_BUDGET,
		.stale_ms = (unsigned)config->cache_stale_if_error,
		.stale_wait_ms = (unsigned)config->cache_stale_wait,
		.refresh_percent = (unsigned)config->cache_refresh,
		.max_refreshes = (unsigned)config->cache_max_refreshes,
	};
}

/* A thread for each job that may run at once: libuv's four would have one class of work wait for another. */
static void size_pool(const struct config *config)
{
	char n[16];

	snprintf(n, sizeof(n), "%d", OTHER_THREADS + (int)config->auth_hashes_running);
	setenv("UV_THREADPOOL_SIZE", n, 0);
}

void wire_app(struct server *server)
{
	const struct config *config = &server->config;
	struct app *app = &server->app;
	struct app_settings *settings = &app->settings;

	settings->data_dir = server->work.dir.path;
	settings->spool_dir = arena_printf(server->run->arena, "%.*s/spool", STR_ARG(server->work.dir.path));
	settings->job_conninfo = server->work.job;
	settings->access_ttl_s = config->auth_access_ttl / 1000;
	settings->refresh_ttl_s = config->auth_refresh_ttl / 1000;
	settings->refresh_grace_ms = config->auth_refresh_grace;
	settings->max_api_tokens = config->auth_max_api_tokens;
	settings->registration_open = config->auth_registration == 0;
	settings->shared_keys = server->work.external;
	settings->debug_fake_auth = config->auth_debug_fake_auth;
	settings->argon2_memory_kib = (unsigned)(config->auth_argon2_memory >> 10);
	settings->argon2_passes = (unsigned)config->auth_argon2_passes;
	settings->min_free_bytes = config->data_min_free;
	settings->metrics_token = config->metrics_token;
	settings->events_heartbeat_ms = config->events_heartbeat;
	settings->events_pace_ms = config->events_pace;
	settings->events_retry_ms = config->events_retry;
	settings->events_max_per_user = (size_t)config->events_max_per_user;
	settings->events_max_streams = (size_t)config->events_max_streams;
	settings->covers_dir = arena_printf(server->run->arena, "%.*s/covers", STR_ARG(server->work.dir.path));
	settings->cover_bytes = (size_t)config->covers_max_file;
	settings->cover_side = (unsigned)config->covers_max_side;
	settings->covers_quota = config->covers_quota;
	settings->covers_keep_ms = config->covers_keep;
	settings->max_shares = config->shares_max;
	settings->acme_dir = config->tls_acme_webroot.len
				     ? config->tls_acme_webroot
				     : arena_printf(server->config_arena, "%.*s/acme", STR_ARG(server->work.dir.path));
	app->hashing.name = "password hashing";
	app->hashing.max_running = (unsigned)config->auth_hashes_running;
	app->hashing.max_waiting = (unsigned)config->auth_hashes_waiting;
	app->jobs.name = "importing";
	app->jobs.max_running = JOBS_RUNNING;
	app->jobs.max_waiting = JOBS_WAITING;
	app->uploads.name = "uploading";
	app->uploads.max_running = JOBS_RUNNING;
	app->uploads.max_waiting = JOBS_WAITING;
	app->covers.name = "reading of covers";
	app->covers.max_running = JOBS_RUNNING;
	app->covers.max_waiting = COVERS_WAITING;
	app->cover_copies.name = "fetching of covers";
	app->cover_copies.max_running = JOBS_RUNNING;
	app->cover_copies.max_waiting = JOBS_WAITING;
	app->challenges.name = "ACME challenges";
	app->challenges.max_running = 1;
	app->challenges.max_waiting = CHALLENGES_WAITING;
	app->version = STR(RECORDD_VERSION);
	size_pool(config);
}
