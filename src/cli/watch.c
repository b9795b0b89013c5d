/* SPDX-License-Identifier: MIT */
/* What the running server watches: signals, the disk, its PostgreSQL, its own memory. */
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/statvfs.h>

#include "app/records.h"
#include "base/clock.h"
#include "cli/server.h"
#include "obs/log.h"
#include "obs/metrics.h"

enum { DISK_EVERY_MS = 2000, FEW_MOVED = 8, MANY_MOVED = 64, FIRST_RESTART_MS = 50, LONGEST_RESTART_MS = 2000 };

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
 * Many connections leave holes behind: of their handshakes, some 44 KB each, when they have come, and of themselves when
 * they have gone. When few have come or gone for a while the holes go back to the kernel; of a thousand, in some 3 ms.
 */
static void tidy_memory(struct server *server)
{
	struct traffic *traffic = &server->traffic;
	int64_t came = metric_get(METRIC_CONNECTIONS_ACCEPTED) + metric_get(METRIC_QUIC_HANDSHAKES);
	int64_t open = metric_get(METRIC_CONNECTIONS) + metric_get(METRIC_QUIC_CONNECTIONS);
	int64_t moved = came - traffic->came + llabs(open - traffic->open);

	traffic->came = came;
	traffic->open = open;
	traffic->untidied += moved;
	if (moved > FEW_MOVED || traffic->untidied < MANY_MOVED)
		return;
	int64_t began = clock_monotonic_us();
	malloc_trim(0);
	log_debug("memory given back", LOG_INT("came_or_gone", traffic->untidied),
		  LOG_INT("us", clock_monotonic_us() - began));
	traffic->untidied = 0;
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
