/* SPDX-License-Identifier: MIT */
/* What the running server watches: signals, the disk, its PostgreSQL, what other nodes changed. */
#include <signal.h>
#include <sys/statvfs.h>

#include "app/indexes.h"
#include "app/records.h"
#include "app/users.h"
#include "cli/server.h"
#include "obs/log.h"
#include "obs/metrics.h"

enum { DISK_EVERY_MS = 2000, FIRST_RESTART_MS = 50, LONGEST_RESTART_MS = 2000 };

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

static void look_around(struct timer *timer)
{
	struct server *server = container_of(timer, struct server, disk);
	struct statvfs disk;

	if (db_up(server->app.db))
		server->restart_ms = FIRST_RESTART_MS;
	if (server->app.migrated && db_up(server->app.db) && !server->stopping)
		records_housekeep(&server->app);
	if (server->work.cluster)
		db_cluster_tend(server->work.cluster);
	if (statvfs(server->work.dir.path.at, &disk))
		return;
	int64_t free_bytes = (int64_t)disk.f_bavail * (int64_t)disk.f_frsize;
	metric_set(METRIC_DISK_FREE, free_bytes);
	http_server_set_no_space(server->http, free_bytes < server->config.data_min_free);
}

/* "u<user>:<version>" */
static void collection_changed(struct server *server, struct str payload)
{
	struct str version, user_text = str_cut(payload, ':', &version);
	struct uuid user;
	int64_t number;

	if (str_starts(user_text, STR("u")) && uuid_parse(str_skip(user_text, 1), &user) && str_to_int(version, 0, INT64_MAX, &number))
		records_changed(&server->app, &user, number);
}

static void notified(void *arg, struct str channel, struct str payload)
{
	struct server *server = arg;

	if (str_equal(channel, STR("recordd_changed")))
		collection_changed(server, payload);
	else if (str_equal(channel, STR("recordd_revoked")))
		users_revocation_notified(&server->app, payload);
}

/* What was told while we did not listen is lost: nothing kept from before may be trusted. */
static void listening_changed(void *arg, bool up)
{
	struct server *server = arg;

	cache_set_trusted(server->app.cache, up);
	if (!up)
		return;
	cache_invalidate_all(server->app.cache);
	indexes_doubt_all(server->app.indexes);
	if (server->app.migrated)
		users_revocations_load(&server->app);
}

int server_watch(struct server *server)
{
	static const int numbers[N_SIGNALS] = { SIGINT, SIGTERM, SIGHUP, SIGCHLD };
	static const char *const channels[] = { "recordd_changed", "recordd_revoked", NULL };
	struct db_listener_events events = { .notified = notified, .changed = listening_changed, .arg = server };
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
	server->changes = db_listen(&server->loop, server->work.app, channels, &events);
	return server->changes ? 0 : UV_ENOMEM;
}
