/* SPDX-License-Identifier: MIT */
/* What the running server watches: signals, the disk, its PostgreSQL, its own memory. */
#include <malloc.h>
#include <signal.h>
#include <sys/statvfs.h>

#include "app/records.h"
#include "cli/server.h"
#include "obs/log.h"
#include "obs/metrics.h"

enum { DISK_EVERY_MS = 2000, MANY_ARRIVALS = 64, FIRST_RESTART_MS = 50, LONGEST_RESTART_MS = 2000 };

static void on_signal(uv_signal_t *handle, int number)
{
	struct server *server = handle->data;

	switch (number) {
	case SIGHUP:
		server_reload(server);
		return;
	case SIGCHLD:
		if (server->work.cluster && db_cluster_child_lost(server->work.cluster) && !server->stopping) {
			log_error("PostgreSQL ended; starting it again", LOG_INT("in_ms", server->restart_ms));
			timer_start(&server->restart, server->restart_ms, 0);
		}
		return;
	default:
		server_stop(server, 0);
	}
}

static void restart_cluster(struct timer *timer)
{
	struct server *server = container_of(timer, struct server, restart);

	if (server->stopping)
		return;
	db_cluster_restart(server->work.cluster);
	server->restart_ms = server->restart_ms * 2 < LONGEST_RESTART_MS ? server->restart_ms * 2 : LONGEST_RESTART_MS;
}

/*
 * Many handshakes at once, some 44 KB each, leave holes between what their connections keep. When nobody new has come
 * for a while they go back to the kernel.
 */
static void tidy_memory(struct server *server)
{
	int64_t arrivals = metric_get(METRIC_CONNECTIONS_ACCEPTED) + metric_get(METRIC_QUIC_HANDSHAKES);
	bool calm = arrivals == server->arrivals;

	server->arrivals = arrivals;
	if (!calm || arrivals - server->arrivals_tidied < MANY_ARRIVALS)
		return;
	server->arrivals_tidied = arrivals;
	malloc_trim(0);
	log_debug("memory given back", LOG_INT("connections", arrivals));
}

static void look_around(struct timer *timer)
{
	struct server *server = container_of(timer, struct server, disk);
	struct statvfs disk;

	if (db_up(server->app.db))
		server->restart_ms = FIRST_RESTART_MS;
	if (server->app.migrated && db_up(server->app.db) && !server->stopping)
		records_housekeep(&server->app);
	watchers_health(&server->app.watchers);
	if (server->work.cluster)
		db_cluster_tend(server->work.cluster);
	tidy_memory(server);
	if (statvfs(server->work.dir.path.at, &disk))
		return;
	int64_t free_bytes = (int64_t)disk.f_bavail * (int64_t)disk.f_frsize;
	metric_set(METRIC_DISK_FREE, free_bytes);
	http_server_set_no_space(server->http, free_bytes < server->config.data_min_free);
}

int server_watch(struct server *server)
{
	static const int numbers[N_SIGNALS] = { SIGINT, SIGTERM, SIGHUP, SIGCHLD };
	int error;

	server->restart_ms = FIRST_RESTART_MS;
	for (int i = 0; i < N_SIGNALS; i++) {
		uv_signal_init(&server->loop.uv, &server->signals[i]);
		server->signals[i].data = server;
		uv_signal_start(&server->signals[i], on_signal, numbers[i]);
	}
	if ((error = server_watch_certificate(server)) ||
	    (error = timer_open(&server->disk, &server->loop, look_around)) ||
	    (error = timer_open(&server->restart, &server->loop, restart_cluster)))
		return error;
	look_around(&server->disk);
	timer_start(&server->disk, DISK_EVERY_MS, DISK_EVERY_MS);
	return server_join_nodes(server);
}
