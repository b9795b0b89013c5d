/* SPDX-License-Identifier: MIT */
/* A libpq connection on the loop. */
#include "db/link.h"

#include "obs/log.h"

struct db_watch {
	uv_poll_t poll;
	struct db_link *link; /* NULL: closing */
	struct db_drain *drain;
};

static void poll_ready(uv_poll_t *poll, int status, int events);

static void watch_closed(uv_handle_t *handle)
{
	struct db_watch *watch = container_of(handle, struct db_watch, poll);
	struct db_drain *drain = watch->drain;

	free(watch);
	db_drain_give(drain);
}

static void unwatch(struct db_link *link)
{
	struct db_watch *watch = take(link->watch);
	if (!watch)
		return;
	watch->link = NULL;
	uv_close((uv_handle_t *)&watch->poll, watch_closed);
}

static bool watch_for(struct db_link *link, int events)
{
	struct db_watch *watch = calloc(1, sizeof(*watch));
	if (!watch)
		return false;
	if (uv_poll_init(&link->loop->uv, &watch->poll, PQsocket(link->pg))) {
		free(watch);
		return false;
	}
	watch->link = link;
	watch->drain = link->drain;
	db_drain_take(link->drain);
	link->watch = watch;
	return uv_poll_start(&watch->poll, events, poll_ready) == 0;
}

/* libpq would print it. Among them is what a server says to an idle connection as it ends it. */
static void notice(void *arg, const PGresult *result)
{
	const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
	(void)arg;
	log_debug("database notice", LOG_TEXT("message", str_of(message)));
}

static void connected(struct db_link *link)
{
	link->connecting = false;
	if (PQsetnonblocking(link->pg, 1) == 0 && watch_for(link, UV_READABLE))
		link->events->up(link);
	else
		link->events->broken(link);
}

static void connect_on(struct db_link *link)
{
	bool watched = false;

	unwatch(link); /* while its socket still is what it was */
	switch (PQconnectPoll(link->pg)) {
	case PGRES_POLLING_OK:
		connected(link);
		return;
	case PGRES_POLLING_READING:
		watched = watch_for(link, UV_READABLE);
		break;
	case PGRES_POLLING_WRITING:
		watched = watch_for(link, UV_WRITABLE);
		break;
	case PGRES_POLLING_FAILED:
	case PGRES_POLLING_ACTIVE:
		break;
	}
	if (!watched)
		link->events->broken(link);
}

static void poll_ready(uv_poll_t *poll, int status, int events)
{
	struct db_watch *watch = container_of(poll, struct db_watch, poll);
	struct db_link *link = watch->link;

	if (!link)
		return;
	if (link->connecting) {
		connect_on(link);
		return;
	}
	if (status < 0) {
		link->events->broken(link);
		return;
	}
	if (events & UV_WRITABLE)
		link->events->writable(link);
	if ((events & UV_READABLE) && watch->link)
		link->events->readable(link);
}

void db_link_init(struct db_link *link, struct loop *loop, struct db_drain *drain, const struct db_link_events *events)
{
	*link = (struct db_link){ .loop = loop, .drain = drain, .events = events };
}

/* ---- starting ---- */

struct db_lookup {
	uv_getaddrinfo_t request;
	struct db_link *link; /* NULL: nobody wants to know any more */
	struct db_drain *drain;
	const struct db_target *target;
};

static bool start(struct db_link *link, const struct db_target *target, const char *address)
{
	struct db_target at = *target;

	if (address)
		db_target_add(&at, "hostaddr", address);
	link->pg = PQconnectStartParams(at.keywords, at.values, 1);
	PQsetNoticeReceiver(link->pg, notice, NULL);
	return link->pg && PQstatus(link->pg) != CONNECTION_BAD && watch_for(link, UV_WRITABLE);
}

/* Each attempt takes the next of a name's addresses. */
static bool start_at(struct db_link *link, const struct db_target *target, const struct addrinfo *first)
{
	char address[INET6_ADDRSTRLEN];
	const struct addrinfo *one = first;

	for (unsigned i = 0; i < link->n_attempts; i++)
		one = one->ai_next ? one->ai_next : first;
	link->n_attempts++;
	int error =
		one->ai_family == AF_INET6
			? uv_ip6_name((const struct sockaddr_in6 *)(const void *)one->ai_addr, address, sizeof(address))
			: uv_ip4_name((const struct sockaddr_in *)(const void *)one->ai_addr, address, sizeof(address));
	return !error && start(link, target, address);
}

static void looked_up(uv_getaddrinfo_t *request, int status, struct addrinfo *found)
{
	struct db_lookup *lookup = container_of(request, struct db_lookup, request);
	struct db_link *link = lookup->link;
	struct db_drain *drain = lookup->drain;

	if (link) {
		link->lookup = NULL;
		link->failure = status ? uv_strerror(status) : NULL;
		if (status || !start_at(link, lookup->target, found))
			link->events->broken(link);
	}
	uv_freeaddrinfo(found);
	free(lookup);
	db_drain_give(drain);
}

static bool look_up(struct db_link *link, const struct db_target *target)
{
	static const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct db_lookup *lookup = calloc(1, sizeof(*lookup));

	if (!lookup)
		return false;
	lookup->link = link;
	lookup->drain = link->drain;
	lookup->target = target;
	if (uv_getaddrinfo(&link->loop->uv, &lookup->request, looked_up, target->host, NULL, &hints)) {
		free(lookup);
		return false;
	}
	db_drain_take(link->drain);
	link->lookup = lookup;
	return true;
}

bool db_link_connect(struct db_link *link, const struct db_target *target)
{
	check(!link->pg && !link->connecting);
	link->connecting = true;
	link->want_write = false;
	link->failure = NULL;
	return target->host ? look_up(link, target) : start(link, target, NULL);
}

void db_link_want_write(struct db_link *link, bool want)
{
	if (want == link->want_write || !link->watch)
		return;
	link->want_write = want;
	if (uv_poll_start(&link->watch->poll, want ? UV_READABLE | UV_WRITABLE : UV_READABLE, poll_ready))
		link->events->broken(link);
}

void db_link_close(struct db_link *link)
{
	struct db_lookup *lookup = take(link->lookup);

	if (lookup)
		lookup->link = NULL;
	unwatch(link);
	PQfinish(take(link->pg));
	link->connecting = false;
}

struct str db_link_why(const struct db_link *link, char *to, size_t room)
{
	const char *failure = link->failure ? link->failure : "out of memory";
	struct str rest, line = str_cut(str_trim(str_of(link->pg ? PQerrorMessage(link->pg) : failure)), '\n', &rest);

	snprintf(to, room, "%.*s", STR_ARG(line));
	return str_of(to);
}
