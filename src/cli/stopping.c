/* SPDX-License-Identifier: MIT */
/* The way down: drain, abort what is left, close the database, leave the loop. */
#include "app/jobs.h"
#include "app/reads.h"
#include "cli/server.h"
#include "obs/log.h"

enum { LOOK_EVERY_MS = 20 };

/* The last handles: the loop ends. */
static void stop_watching(struct server *server)
{
	for (int i = 0; i < N_SIGNALS; i++)
		uv_close((uv_handle_t *)&server->signals[i], NULL);
	server_unwatch_certificate(server);
	timer_close(&server->disk);
	timer_close(&server->restart);
}

static void database_closed(void *arg)
{
	stop_watching(arg);
}

static void replica_closed(void *arg)
{
	struct server *server = arg;
	db_close(server->app.db, database_closed, server);
}

static void nodes_left(struct server *server)
{
	if (server->app.reads)
		reads_close(server->app.reads, replica_closed, server);
	else
		replica_closed(server);
}

static void connections_closed(void *arg)
{
	struct server *server = arg;

	if (server->https_listeners || server->http_listeners || server->grpc_listeners || server->quic)
		return;
	server_save_cache(server);
	server_leave_nodes(server, nodes_left);
}

static void https_closed(void *arg)
{
	struct server *server = arg;

	server->https_listeners = NULL;
	connections_closed(server);
}

static void http_closed(void *arg)
{
	struct server *server = arg;

	server->http_listeners = NULL;
	connections_closed(server);
}

static void grpc_closed(void *arg)
{
	struct server *server = arg;

	server->grpc_listeners = NULL;
	connections_closed(server);
}

static void quic_closed(void *arg)
{
	struct server *server = arg;

	server->quic = NULL;
	connections_closed(server);
}

/* QUIC first: it counts its clients in the listeners' table. */
static void close_connections(struct server *server)
{
	timer_close(&server->drain);
	if (server->quic)
		quic_endpoint_close(server->quic, quic_closed, server);
	if (server->http_listeners)
		listeners_close(server->http_listeners, http_closed, server);
	if (server->grpc_listeners)
		listeners_close(server->grpc_listeners, grpc_closed, server);
	listeners_close(server->https_listeners, https_closed, server);
}

static void drain_tick(struct timer *timer)
{
	struct server *server = container_of(timer, struct server, drain);
	int64_t waited_ms = (int64_t)(uv_now(&server->loop.uv) - server->drain_began_ms);
	size_t left = listeners_n_connections(server->https_listeners);

	if (server->http_listeners)
		left += listeners_n_connections(server->http_listeners);
	if (server->grpc_listeners)
		left += listeners_n_connections(server->grpc_listeners);
	if (server->quic)
		left += quic_endpoint_n_connections(server->quic);
	if (left == 0 || waited_ms >= server->config.server_drain_timeout)
		close_connections(server);
}

void server_stop(struct server *server, int exit_code)
{
	if (server->hurried)
		return;
	if (server->stopping) {
		server->hurried = true;
		log_warn("stopping at once");
		if (timer_running(&server->drain))
			close_connections(server);
		return;
	}
	server->stopping = server->app.draining = true;
	server->exit_code = exit_code;
	log_info("stopping; running requests may finish (again: at once)", LOG_INT("within_ms", server->config.server_drain_timeout));
	watchers_look(&server->app.watchers);
	if (server->startup)
		call_gone(server->startup);
	jobs_stop(&server->app);
	if (server->http_listeners)
		listeners_drain(server->http_listeners);
	if (server->grpc_listeners)
		listeners_drain(server->grpc_listeners);
	listeners_drain(server->https_listeners);
	if (server->quic)
		quic_endpoint_drain(server->quic);
	server->drain_began_ms = uv_now(&server->loop.uv);
	if (timer_open(&server->drain, &server->loop, drain_tick))
		close_connections(server);
	else
		timer_start(&server->drain, LOOK_EVERY_MS, LOOK_EVERY_MS);
}
