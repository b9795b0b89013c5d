/* SPDX-License-Identifier: MIT */
/*
 * The running server: its parts in the order they come up. serve.c opens and closes it; the files beside it each do
 * one thing to it (wiring.c settings, startup.c the road to ready, watch.c what is watched, stopping.c the way down).
 */
#ifndef CLI_SERVER_H
#define CLI_SERVER_H

#include "app/app.h"
#include "cli/command.h"
#include "cli/workspace.h"
#include "db/listen.h"
#include "http/server.h"
#include "net/cert.h"
#include "net/file_watch.h"
#include "net/listener.h"

enum { N_SIGNALS = 4 };

/* The certificate in service, and what is known of its files. certificate.c's own. */
struct certificate {
	struct cert_files files;      /* the first pair that is served; in the server's config_arena, as the next two */
	struct tls_settings settings; /* all of them */
	struct str unfit;	      /* what is wrong with the settings; absent: nothing */
	struct file_watch watch;
	struct timer patience, age;
	struct cert_reminder reminder, unrenewed;
	bool local;   /* it is of the local authority, which clients can download */
	bool refused; /* what is on the disk cannot be served, and that has been told */
};

struct server;

/* What is known of the other servers on the same database. nodes.c's own. */
struct nodes {
	struct db_listener *listener;
	void (*left)(struct server *server);
	struct timer uncertain; /* while it is not known what the others change */
	bool leads;	  /* this is the notifier */
	bool outbox;	  /* changes are left to the notifier; else each write notifies */
	bool wants_outbox; /* what it finds better */
	char low[24];	  /* all changes by transactions before this one have been told; "": not known */
	int64_t low_us, second_us; /* monotonic: since when `low` counts, and the second in which changes are counted */
	int64_t n_changes;	   /* in that second */
	unsigned n_beats, n_crowded; /* in that second: all, and those at which writes waited for each other to notify */
	int64_t most;		   /* changes a second by notifying writes */
	unsigned n_calm;	   /* seconds with few changes, in a row */
	int64_t beat_us;	   /* monotonic, of the beat under way */
};

/* Of connections, when last looked. watch.c's own. */
struct traffic {
	int64_t came, open;
	int64_t untidied; /* came or gone since memory was tidied */
};

struct server {
	struct invocation *run;
	struct workspace work;
	struct config config;	     /* in effect */
	struct arena *config_arena;  /* its texts */
	struct loop loop;
	struct app app;
	struct tls_context *tls;
	struct certificate certificate;
	struct http_server *http, *redirect;
	struct listeners *https_listeners, *http_listeners;
	struct listeners *grpc_listeners; /* NULL: no gRPC in clear */
	struct quic_endpoint *quic; /* NULL: no HTTP/3 */
	struct nodes nodes;
	struct call *startup; /* while it runs */
	uv_signal_t signals[N_SIGNALS];
	struct timer disk, restart, drain;
	unsigned restart_ms; /* next pause before the cluster is started again */
	uint64_t drain_began_ms;     /* the loop's clock */
	struct traffic traffic;
	bool stopping, hurried;
	int exit_code;
};

/* ── wiring.c: settings in the words of each module ── */
struct http_settings wire_http(const struct server *server);
/*
 * The certificates configured, or the local authority's when there are none. EX_OK; or EX_CONFIG with *said, and as many
 * pairs as are whole, or the local one. Texts are in the arena.
 */
must_use int wire_tls(const struct config *config, const struct cert_files *local, struct arena *arena,
		      struct tls_settings *out, struct str *said);
struct listener_settings wire_listeners(const struct server *server, struct arena *arena);
struct quic_settings wire_quic(const struct server *server, struct arena *arena);
struct db_settings wire_db(const struct server *server);
/* The replica's. */
struct db_settings wire_replica(const struct server *server);
struct cache_settings wire_cache(const struct server *server);
void wire_app(struct server *server);

/* ── reload.c ── */
/* Reads the settings again; a bad file changes nothing and is logged. */
void server_reload(struct server *server);

/* ── certificate.c: one certificate for all that listen; see there for how it changes ── */
/* The configured pair, before anything is started for it; nothing when none is configured. EX_OK, or a code with *said. */
must_use int server_open_own_tls(struct server *server, struct str *said);
/* Else the one of the data directory, made if need be. */
must_use int server_open_local_tls(struct server *server, struct str *said);
/* Takes a changed pair into service from now on, renews the local one, warns before the end. 0 or a negative uv error. */
must_use int server_watch_certificate(struct server *server);
/* After a change of settings: looks at the files that are named now, at once. */
void server_reload_certificate(struct server *server);
void server_unwatch_certificate(struct server *server);

/* ── grpc_listen.c ── */
/* Opens grpc.listen, if it is set. EX_OK, or a code with *said. */
must_use int server_open_grpc(struct server *server, struct str *said);

/* ── startup.c ── */
/* Begins the call that migrates, loads what must be in memory, and prints the ready line; retries while the database is away. */
void server_begin_startup(struct server *server);

/* ── privileges.c ── */
/* Root becomes server.user, who is given the data directory; EX_OK, or a code with *said. Nothing to do: EX_OK. */
must_use int server_drop_privileges(const struct server *server, struct str *said);

/* ── watch.c ── */
/* Signals, disk space, the cluster's process, other nodes. 0 or a negative uv error. */
must_use int server_watch(struct server *server);

/* ── nodes.c ── */
/* Begins to hear what other nodes change, and to do this one's part in telling. 0 or a negative uv error. */
must_use int server_join_nodes(struct server *server);
/* `left` runs when the listening connection is gone. */
void server_leave_nodes(struct server *server, void (*left)(struct server *server));

/* ── warm.c ── */
/* Writes the cache's answers to the data directory, and reads them at the next start; failures are logged. */
void server_save_cache(const struct server *server);
void server_load_cache(struct server *server);
/* Once the schema is current and changes are heard of: finds out which answers of before are still true. */
void server_warm_cache(struct server *server);

/* ── stopping.c ── */
/* First time: drain. Second time: at once. */
void server_stop(struct server *server, int exit_code);

#endif
