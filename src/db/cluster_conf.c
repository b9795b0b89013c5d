/* SPDX-License-Identifier: MIT */
/* The configuration files of the private cluster, written anew at each start. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/buf.h"
#include "db/cluster_files.h"

enum { CONF_MAX = 16 * 1024, MOST_WAL_BUFFERS_MB = 64 };

const char *const db_cluster_roles[] = { "postgres",	 "recordd_owner",   "recordd_app", "recordd_job",
					 "recordd_eval", "recordd_monitor", NULL };

struct conf {
	const struct db_cluster_paths *paths;
	struct buf settings, access, identities;
};

/* Four times PostgreSQL's own share, so that an import does not wait for room; an eighth of the buffers. */
static unsigned wal_buffers_mb(const struct db_cluster_settings *settings)
{
	unsigned share = settings->shared_buffers_mb / 8;
	return share < 1 ? 1 : share < MOST_WAL_BUFFERS_MB ? share : MOST_WAL_BUFFERS_MB;
}

static void render_settings(struct buf *to, const struct db_cluster_paths *paths,
			    const struct db_cluster_settings *settings, const struct db_binaries *binaries)
{
	buf_printf(to,
		   "# Written by recordd at each start. Put settings of your own into postgresql.auto.conf\n"
		   "# (ALTER SYSTEM), which is read after this file.\n"
		   "listen_addresses = ''\n"
		   "port = 5432\n"
		   "unix_socket_directories = '%s'\n"
		   "unix_socket_permissions = 0700\n"
		   "max_connections = %u\n"
		   "superuser_reserved_connections = 3\n"
		   "shared_buffers = %uMB\n"
		   "effective_cache_size = %uMB\n"
		   "wal_buffers = %uMB\n",
		   paths->run_root, settings->max_connections, settings->shared_buffers_mb,
		   4 * settings->shared_buffers_mb, wal_buffers_mb(settings));
	buf_add(to, STR("huge_pages = off\n"
			"work_mem = 8MB\n"
			"maintenance_work_mem = 64MB\n"
			"temp_file_limit = 2GB\n"
			"max_worker_processes = 4\n"
			"max_parallel_workers_per_gather = 0\n"
			"random_page_cost = 1.1\n"
			"jit = off\n"
			"synchronous_commit = on\n"
			"wal_level = replica\n"
			"max_wal_senders = 4\n"
			"min_wal_size = 80MB\n"
			"max_wal_size = 1GB\n"
			"checkpoint_timeout = 15min\n"
			"autovacuum = on\n"
			"client_connection_check_interval = 2s\n"
			"statement_timeout = 30s\n"
			"idle_in_transaction_session_timeout = 60s\n"));
	/* Standard error is the log file. The details of errors, which hold users' data, stay out of it. */
	buf_add(to, STR("logging_collector = off\n"
			"log_destination = stderr\n"
			"log_min_messages = warning\n"
			"log_min_error_statement = panic\n"
			"log_error_verbosity = terse\n"
			"log_checkpoints = off\n"
			"log_line_prefix = '%m [%p] %u/%a '\n"
			"log_timezone = UTC\n"
			"timezone = UTC\n"
			"lc_messages = 'C'\n"
			"default_text_search_config = 'pg_catalog.simple'\n"));
	if (binaries->prewarm)
		buf_add(to, STR("shared_preload_libraries = 'pg_prewarm'\n"));
}

static void render_access(struct buf *to)
{
	buf_add(to, STR("# Written by recordd at each start: the socket only, and whom pg_ident.conf names.\n"
			"local all all peer map=recordd\n"
			"local replication all peer map=recordd\n"));
}

static void render_identity(struct buf *to, struct str name)
{
	for (const char *const *role = db_cluster_roles; *role; role++)
		buf_printf(to, "recordd \"%.*s\" %s\n", STR_ARG(name), *role);
}

static bool write_file(int dir, const char *name, const struct buf *text)
{
	int file = openat(dir, "recordd.tmp", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (file < 0)
		return false;
	bool written = write(file, text->at, text->len) == (ssize_t)text->len && fsync(file) == 0;
	close(file);
	return written && renameat(dir, "recordd.tmp", dir, name) == 0;
}

/* initdb's own postgresql.conf stays, with what it found out about the machine. */
static bool include_ours(int dir)
{
	static const char line[] = "\ninclude 'recordd.conf'\n";
	char text[64 * 1024];
	int file = openat(dir, "postgresql.conf", O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW);
	ssize_t len = file >= 0 ? read(file, text, sizeof(text)) : -1;
	bool done = len >= 0 && str_find((struct str){ text, (size_t)len }, str_of(line)) != SIZE_MAX;

	if (!done && len >= 0)
		done = write(file, line, sizeof(line) - 1) == sizeof(line) - 1 && fsync(file) == 0;
	if (file >= 0)
		close(file);
	return done;
}

static int write_all(void *arg)
{
	struct conf *conf = arg;
	int dir = open(conf->paths->data, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return 1;
	bool written = write_file(dir, "recordd.conf", &conf->settings) &&
		       write_file(dir, "pg_hba.conf", &conf->access) &&
		       write_file(dir, "pg_ident.conf", &conf->identities) && include_ours(dir);
	close(dir);
	return !written;
}

bool db_cluster_write_conf(const struct db_cluster_paths *paths, const struct db_cluster_settings *settings,
			   const struct db_binaries *binaries, const struct db_user *user)
{
	struct conf conf = { paths, buf_of(CONF_MAX), buf_of(CONF_MAX), buf_of(CONF_MAX) };

	render_settings(&conf.settings, paths, settings, binaries);
	render_access(&conf.access);
	render_identity(&conf.identities, STR("root"));
	if (!str_equal(user->name, STR("root")))
		render_identity(&conf.identities, user->name);
	bool written = !buf_failed(&conf.settings) && !buf_failed(&conf.access) && !buf_failed(&conf.identities) &&
		       db_child_do(user, write_all, &conf) == 0;
	buf_free(&conf.settings);
	buf_free(&conf.access);
	buf_free(&conf.identities);
	return written;
}
