/* SPDX-License-Identifier: MIT */
/*
 * The certificate in service, and how it changes.
 *
 * A changed file, SIGHUP and `recordd cert rotate` (which changes files) all end in take_into_service: what is on the
 * disk becomes a TLS context, and all that listen get it for the handshakes to come. Live connections keep the context
 * they began with. Reading and checking takes less than a millisecond, on the loop. A pair that cannot be served changes
 * nothing. Found by watching, it may be half written: it is told of only when it stays so for PATIENCE_MS.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/lists.h"
#include "cli/server.h"
#include "obs/log.h"
#include "obs/metrics.h"

enum {
	ATTEMPT_BUDGET = 2 << 20,
	PATIENCE_MS = 2000,
	AGE_EVERY_MS = 60000,
	SOON_MS = 1,
	MATCH_TRIES = 20, /* at the start, while somebody exchanges the pair */
	MATCH_PAUSE_US = 50000,
	DAY_S = 86400,
};

static struct certificate *certificate_of(struct server *server)
{
	return &server->certificate;
}

static bool is_configured(const struct server *server)
{
	return server->config.tls_cert.len > 0 || server->config.tls_key.len > 0;
}

/* The files that are to be served by the settings in effect. */
static void find_files(struct server *server)
{
	struct certificate *certificate = certificate_of(server);
	struct arena *arena = server->config_arena;

	certificate->files = cert_files_in(config_data_dir(&server->config, arena).at, arena);
	certificate->unfit = STR_ABSENT;
	(void)!wire_tls(&server->config, &certificate->files, arena, &certificate->settings, &certificate->unfit);
	certificate->files.cert = certificate->settings.pairs[0].cert;
	certificate->files.key = certificate->settings.pairs[0].key;
}

static int load(const struct server *server, struct arena *arena, struct tls_context **out, struct str *said)
{
	const struct certificate *certificate = &server->certificate;

	*said = certificate->unfit;
	return str_present(*said) ? TLS_BROKEN : tls_context_new(&certificate->settings, arena, out, said);
}

/* ── Into service ── */

/* The one place that knows all that listen. */
static void hand_over(struct server *server, struct tls_context *fresh)
{
	if (server->https_listeners)
		listeners_set_tls(server->https_listeners, fresh);
	if (server->quic && quic_endpoint_set_tls(server->quic, fresh))
		log_error("HTTP/3 keeps the former certificate", LOG_TEXT("why", STR("out of memory")));
	tls_context_free(server->tls);
	server->tls = fresh;
	metric_set(METRIC_TLS_CERT_NOT_AFTER, tls_context_not_after(fresh));
}

/* What clients can download in order to trust us. */
static void publish_authority(struct server *server, struct arena *arena)
{
	struct app *app = &server->app;
	struct cert_authority authority;
	bool local = !is_configured(server) && cert_authority_read(&server->certificate.files, arena, &authority);

	blob_unref(app->authority_der);
	blob_unref(app->authority_pem);
	app->authority_der = local ? blob_copy(authority.der) : NULL;
	app->authority_pem = local ? blob_copy(authority.pem) : NULL;
	server->certificate.local = local;
}

/* Strict transport security is only for certificates that others than us have issued. */
static void take_security(struct server *server, bool was_local, struct arena *arena)
{
	struct http_settings settings = wire_http(server);
	struct str said;

	if (server->http && was_local != server->certificate.local &&
	    http_server_configure(server->http, &settings, arena, &said))
		log_error("settings not changed for the new certificate", LOG_TEXT("why", said));
}

static void log_taken(const struct server *server, struct arena *arena)
{
	const char *file = server->certificate.files.cert;
	struct cert_facts facts;
	struct str said;

	metric_add(METRIC_TLS_CERT_ROTATIONS, 1);
	if (cert_read(file, arena, &facts, &said) == 0)
		log_info("certificate taken into service", LOG_TEXT("file", str_of(file)), LOG_TEXT("serial", facts.serial),
			 LOG_INT("days", (facts.not_after - clock_wall_ms() / 1000) / DAY_S));
}

/* 0; or an outcome of tls_context_new with *said, and nothing changed. */
static int take_into_service(struct server *server, struct arena *arena, struct str *said)
{
	struct certificate *certificate = certificate_of(server);
	bool was_local = certificate->local;
	struct tls_context *fresh;
	int outcome = load(server, arena, &fresh, said);

	if (outcome)
		return outcome;
	hand_over(server, fresh);
	publish_authority(server, arena);
	take_security(server, was_local, arena);
	log_taken(server, arena);
	certificate->reminder = (struct cert_reminder){ 0 };
	certificate->refused = false;
	metric_set(METRIC_TLS_CERT_STALE, 0);
	timer_stop(&certificate->patience);
	timer_start(&certificate->age, SOON_MS, AGE_EVERY_MS);
	return 0;
}

static void tell_refused(struct server *server, struct str said)
{
	log_error("certificate refused; the one before stays", LOG_TEXT("why", said));
	metric_add(METRIC_TLS_CERT_REFUSED, 1);
	metric_set(METRIC_TLS_CERT_STALE, 1);
	server->certificate.refused = true;
}

/* ── Changed files ── */

static void files_changed(struct file_watch *watch)
{
	struct server *server = container_of(watch, struct server, certificate.watch);
	owned(arena_drop) struct arena *arena = arena_new(ATTEMPT_BUDGET);
	struct str said;

	if (arena && take_into_service(server, arena, &said) && !timer_running(&server->certificate.patience))
		timer_start(&server->certificate.patience, PATIENCE_MS, 0);
}

static void patience_over(struct timer *timer)
{
	struct server *server = container_of(timer, struct server, certificate.patience);
	owned(arena_drop) struct arena *arena = arena_new(ATTEMPT_BUDGET);
	struct str said;

	if (!arena)
		return;
	/* Whoever wrote it may have died half-way. */
	if (!is_configured(server) && cert_settle(server->work.dir.path.at, arena, &said))
		log_error("the local certificate cannot be completed", LOG_TEXT("why", said));
	if (take_into_service(server, arena, &said))
		tell_refused(server, said);
}

/* ── Age ── */

/* Makes a new local leaf in time; the watch sees it. False: what is on the disk lasts no longer than `end`. */
static bool renew(struct server *server, int64_t end, struct arena *arena)
{
	struct certificate *certificate = certificate_of(server);
	struct str_list names = list_of(server->config.tls_names, arena);
	struct cert_facts facts;
	struct str said;

	if (!certificate->local)
		return false;
	if (cert_init(server->work.dir.path.at, names, arena, &said)) {
		if (cert_reminder_due(&certificate->unrenewed, 0, clock_wall_ms() / 1000)) /* once a day */
			log_error("the local certificate cannot be renewed", LOG_TEXT("why", said));
		return false;
	}
	return cert_read(certificate->files.cert, arena, &facts, &said) == 0 && facts.not_after > end;
}

static struct str first_to_end(const struct server *server, int64_t end, struct arena *arena)
{
	const struct tls_settings *settings = &server->certificate.settings;
	struct cert_facts facts;
	struct str said;

	for (size_t i = 0; i < settings->n_pairs; i++)
		if (cert_read(settings->pairs[i].cert, arena, &facts, &said) == 0 && facts.not_after == end)
			return str_of(settings->pairs[i].cert);
	return str_of(server->certificate.files.cert);
}

static void warn_of_end(struct server *server, int64_t end, int64_t now, struct arena *arena)
{
	enum cert_warning warning = cert_reminder_due(&server->certificate.reminder, end, now);

	if (warning == CERT_HAS_ENDED)
		log_error("the certificate has expired", LOG_TEXT("file", first_to_end(server, end, arena)));
	else if (warning != CERT_NO_WARNING)
		log_warn("the certificate ends soon", LOG_TEXT("file", first_to_end(server, end, arena)),
			 LOG_INT("days", (end - now) / DAY_S));
}

static void look_at_age(struct timer *timer)
{
	struct server *server = container_of(timer, struct server, certificate.age);
	owned(arena_drop) struct arena *arena = arena_new(ATTEMPT_BUDGET);
	int64_t end = tls_context_not_after(server->tls), now = clock_wall_ms() / 1000;
	struct str said;

	if (!arena || server->stopping)
		return;
	if (server->certificate.refused && take_into_service(server, arena, &said) == 0)
		return; /* it was not valid yet, and is by now */
	if (end - now >= CERT_RENEW_DAYS * DAY_S || !renew(server, end, arena))
		warn_of_end(server, end, now, arena);
}

/* ── From outside ── */

/* Somebody may be exchanging the pair at this moment. */
static int load_matching(struct server *server, struct str *said)
{
	int outcome = TLS_MISMATCH;

	for (int i = 0; i < MATCH_TRIES && outcome == TLS_MISMATCH; i++) {
		if (i)
			usleep(MATCH_PAUSE_US);
		outcome = load(server, server->run->arena, &server->tls, said);
	}
	return outcome;
}

int server_open_own_tls(struct server *server, struct str *said)
{
	find_files(server);
	if (!is_configured(server))
		return EX_OK;
	return load_matching(server, said) ? EX_CONFIG : EX_OK;
}

/* A leaf that cannot be renewed serves on while it lasts. */
int server_open_local_tls(struct server *server, struct str *said)
{
	struct arena *arena = server->run->arena;
	struct str why, acme = server->app.settings.acme_dir;

	if (!server->tls) {
		int failed = cert_init(server->work.dir.path.at, list_of(server->config.tls_names, arena), arena, &why);
		*said = why;
		if (load_matching(server, failed ? &why : said))
			return EX_CANTCREAT;
		if (failed)
			log_error("the local certificate cannot be renewed", LOG_TEXT("why", *said));
	}
	if (server->config.server_http_port && server->config.tls_acme_webroot.len == 0 && mkdir(acme.at, 0755) && errno != EEXIST)
		log_warn("no directory for ACME challenges", LOG_TEXT("dir", acme), LOG_TEXT("why", str_of(strerror(errno))));
	publish_authority(server, arena);
	metric_set(METRIC_TLS_CERT_NOT_AFTER, tls_context_not_after(server->tls));
	return EX_OK;
}

static int watch_files(struct server *server)
{
	struct file_watch *watch = &server->certificate.watch;
	const struct tls_settings *settings = &server->certificate.settings;

	*watch = (struct file_watch){ .changed = files_changed };
	for (size_t i = 0; i < settings->n_pairs; i++) {
		watch->paths[watch->n_paths++] = settings->pairs[i].cert;
		watch->paths[watch->n_paths++] = settings->pairs[i].key;
	}
	if (!is_configured(server))
		watch->paths[watch->n_paths++] = server->certificate.files.ca_cert;
	if (settings->client_ca && *settings->client_ca)
		watch->paths[watch->n_paths++] = settings->client_ca;
	return file_watch_open(watch, &server->loop);
}

int server_watch_certificate(struct server *server)
{
	struct certificate *certificate = certificate_of(server);
	int error;

	if ((error = watch_files(server)) || (error = timer_open(&certificate->patience, &server->loop, patience_over)) ||
	    (error = timer_open(&certificate->age, &server->loop, look_at_age)))
		return error;
	timer_start(&certificate->age, SOON_MS, AGE_EVERY_MS);
	return 0;
}

void server_reload_certificate(struct server *server)
{
	owned(arena_drop) struct arena *arena = arena_new(ATTEMPT_BUDGET);
	struct str said = STR("out of memory");

	file_watch_close(&server->certificate.watch);
	find_files(server);
	if (watch_files(server))
		log_error("the certificate's files are not watched");
	if (arena && server->certificate.local && !is_configured(server))
		(void)renew(server, INT64_MAX, arena);
	if (!arena || take_into_service(server, arena, &said))
		tell_refused(server, said);
}

void server_unwatch_certificate(struct server *server)
{
	file_watch_close(&server->certificate.watch);
	timer_close(&server->certificate.patience);
	timer_close(&server->certificate.age);
}
