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
#include "net/listener.h"

enum { N_SIGNALS = 4 };

struct server {
	struct invocation *run;
	struct workspace work;
	struct config config;	     /* in effect */
	struct arena *config_arena;  /* its texts */
	struct loop loop;
	struct app app;
	struct tls_context *tls;
	struct http_server *http, *redirect;
	struct listeners *https_listeners, *http_listeners;
	struct db_listener *changes;
	struct call *startup; /* while it runs */
	uv_signal_t signals[N_SIGNALS];
	struct timer disk, restart, drain;
	unsigned restart_ms; /* next pause before the cluster is started again */
	uint64_t drain_began_ms;     /* the loop's clock */
	bool stopping, hurried;
	int exit_code;
};

/* ── wiring.c: settings in the words of each module ── */
struct http_settings wire_http(const struct server *server);
struct listener_settings wire_listeners(const struct server *server, struct arena *arena);
struct db_settings wire_db(const struct server *server);
void wire_app(struct server *server);

/* ── reload.c ── */
/* Reads the settings again; a bad file changes nothing and is logged. */
void server_reload(struct server *server);

/* ── startup.c ── */
/* Begins the call that migrates, loads what must be in memory, and prints the ready line; retries while the database is away. */
void server_begin_startup(struct server *server);

/* ── privileges.c ── */
/* Root becomes server.user, who is given the data directory; EX_OK, or a code with *said. Nothing to do: EX_OK. */
must_use int server_drop_privileges(const struct server *server, struct str *said);

/* ── watch.c ── */
/* Signals, disk space, the cluster's process, changes from other nodes. 0 or a negative uv error. */
must_use int server_watch(struct server *server);

/* ── stopping.c ── */
/* First time: drain. Second time: at once. */
void server_stop(struct server *server, int exit_code);

#endif
