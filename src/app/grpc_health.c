/* SPDX-License-Identifier: MIT */
/* Health, as gRPC's clients and balancers ask it: grpc.health.v1, and each service's HealthCheck. */
#include "app/app.h"
#include "app/grpc_map.h"
#include "app/grpc_methods.h"
#include "auth.pb-c.h"
#include "grpc/health/v1/health.pb-c.h"
#include "records.pb-c.h"
#include "store_statements.h"

enum { LARGEST_ANSWER = 4096 };

enum health {
	SERVING = GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__SERVING_STATUS__SERVING,
	NOT_SERVING = GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__SERVING_STATUS__NOT_SERVING,
	SERVICE_UNKNOWN = GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__SERVING_STATUS__SERVICE_UNKNOWN,
};

/* ── HealthCheck of a service ── */

static struct turn tell_healthy(struct call *call, bool healthy)
{
	owned(buf_free) struct buf message = buf_of(LARGEST_ANSWER);

	if (healthy)
		wire_put_number(&message, records__health_check_response__descriptor.fields[0].id, true);
	wire_put_bytes(&message, records__health_check_response__descriptor.fields[1].id, app_of(call)->version);
	return grpc_reply(call, buf_str(&message));
}

static struct turn health_check_pinged(struct call *call)
{
	return tell_healthy(call, !call->failure);
}

static bool is_up(const struct app *app)
{
	return app->migrated && db_up(app->db) && !app->draining;
}

/* The two services' messages are alike. */
static struct turn check_service(struct call *call)
{
	struct app *app = app_of(call);

	if (!is_up(app))
		return tell_healthy(call, false);
	call_catch(call);
	return store_ping(call, app->db, STEP(health_check_pinged));
}

struct turn health_check_auth(struct call *call)
{
	return check_service(call);
}

struct turn health_check_records(struct call *call)
{
	return check_service(call);
}

/* ── grpc.health.v1 ── */

/* "records.RecordsService" of "/records.RecordsService/GetRecord" */
static struct str service_of(const struct grpc_method *method)
{
	struct str name;
	return str_cut(str_skip(method->path, 1), '/', &name);
}

static bool is_served(struct str service)
{
	for (size_t i = 0; i < n_grpc_methods; i++)
		if (str_equal(service_of(&grpc_methods[i]), service))
			return true;
	return str_blank(service);
}

static enum health health_of(const struct app *app, struct str service)
{
	if (!is_served(service))
		return SERVICE_UNKNOWN;
	return is_up(app) ? SERVING : NOT_SERVING;
}

static void put_status(struct buf *to, enum health health)
{
	wire_put_number(to, grpc__health__v1__health_check_response__descriptor.fields[0].id, (uint64_t)health);
}

/* Which service is asked for; NULL, or the problem. */
static const struct problem *read_service(struct call *call, struct str *service)
{
	struct proto_message message;
	const struct problem *problem = grpc_map_read(&grpc__health__v1__health_check_request__descriptor,
						      grpc_message(call), call->arena, NULL, &message);
	if (!problem)
		*service = proto_text(&message, 0);
	return problem;
}

struct turn health_check(struct call *call)
{
	owned(buf_free) struct buf message = buf_of(LARGEST_ANSWER);
	struct str service;
	const struct problem *problem = read_service(call, &service);

	if (problem)
		return call_fail(call, problem);
	enum health health = health_of(app_of(call), service);
	if (health == SERVICE_UNKNOWN)
		return call_fail_with(call, PROBLEM_NOT_FOUND, "no such service");
	put_status(&message, health);
	return grpc_reply(call, buf_str(&message));
}

static void put_service(struct buf *to, struct str service, enum health health)
{
	size_t entry = wire_open(to, grpc__health__v1__health_list_response__descriptor.fields[0].id);
	wire_put_bytes(to, 1, service);
	size_t value = wire_open(to, 2);
	put_status(to, health);
	wire_close(to, value);
	wire_close(to, entry);
}

/* A service's methods stand together in the table. */
struct turn health_list(struct call *call)
{
	owned(buf_free) struct buf message = buf_of(LARGEST_ANSWER);
	struct str last = STR("");

	put_service(&message, last, health_of(app_of(call), last));
	for (size_t i = 0; i < n_grpc_methods; i++) {
		struct str service = service_of(&grpc_methods[i]);
		if (!str_equal(service, last))
			put_service(&message, service, health_of(app_of(call), service));
		last = service;
	}
	return grpc_reply(call, buf_str(&message));
}

/* ── Watching ── */

struct watch {
	struct watcher watcher;
	struct str service;
	enum health told;
};

static struct turn health_watch_look(struct call *call);

/* Nobody is kept waiting by who only wants to know when it is over. */
static struct turn health_watch_sent(struct call *call)
{
	struct watch *watch = call->state;
	if (app_of(call)->draining)
		return grpc_end(call);
	return watcher_wait(&watch->watcher, STEP(health_watch_look));
}

static struct turn health_watch_look(struct call *call)
{
	struct watch *watch = call->state;
	owned(buf_free) struct buf message = buf_of(LARGEST_ANSWER);
	enum health health = health_of(app_of(call), watch->service);

	if (health == watch->told)
		return health_watch_sent(call);
	watch->told = health;
	put_status(&message, health);
	return grpc_send(call, buf_str(&message), STEP(health_watch_sent));
}

struct turn health_watch(struct call *call)
{
	struct watch *watch = arena_new_of(call->arena, struct watch);
	const struct problem *problem;

	if (!watch || !watcher_begin(&watch->watcher, &app_of(call)->watchers, call, &(struct uuid){ 0 }))
		return call_fail_with(call, PROBLEM_INTERNAL, "out of memory");
	if ((problem = read_service(call, &watch->service)))
		return call_fail(call, problem);
	watch->service = arena_copy(call->arena, watch->service);
	call->state = watch;
	return health_watch_look(call);
}
