/* SPDX-License-Identifier: MIT */
/* What operators ask: alive, ready, metrics, who. */
#include <unistd.h>

#include "app/app.h"
#include "app/handlers.h"
#include "base/clock.h"
#include "codec/json_out.h"
#include "http/http.h"
#include "obs/metrics.h"
#include "store_statements.h"

enum { LARGEST_METRICS = 4 << 20 };

struct turn edge_healthz(struct call *call)
{
	return reply_json(call, 200, STR("{\"ok\":true}"));
}

static struct turn readiness(struct call *call, struct str database)
{
	const struct app *app = app_of(call);
	owned(buf_free) struct buf body = buf_of(1024);
	struct json_out out = json_out_of(&body);
	bool ready = str_equal(database, STR("up")) && app->migrated && !app->draining;

	json_object(&out);
	json_put_bool(&out, STR("ok"), ready);
	json_key(&out, STR("checks"));
	json_object(&out);
	json_put_str(&out, STR("database"), database);
	json_put_str(&out, STR("migrations"), app->migrated ? STR("current") : STR("pending"));
	json_put_str(&out, STR("server"), app->draining ? STR("stopping") : STR("serving"));
	json_object_end(&out);
	json_object_end(&out);
	if (!ready)
		reply_header(call, STR("retry-after"), STR("1"));
	return reply_json(call, ready ? 200 : 503, buf_str(&body));
}

static struct turn edge_readyz_answer(struct call *call)
{
	return readiness(call, call->failure ? STR("away") : STR("up"));
}

struct turn edge_readyz(struct call *call)
{
	struct app *app = app_of(call);

	if (!app->migrated || !db_up(app->db))
		return readiness(call, app->db && db_up(app->db) ? STR("up") : STR("away"));
	call_catch(call);
	return store_ping(call, app->db, STEP(edge_readyz_answer));
}

struct turn edge_metrics(struct call *call)
{
	owned(buf_free) struct buf body = buf_of(LARGEST_METRICS);

	metric_set(METRIC_CALLS_RUNNING, (int64_t)call->engine->n_running);
	metrics_render(&body);
	return reply_text(call, 200, STR("text/plain; version=0.0.4; charset=utf-8"), buf_str(&body));
}

struct turn edge_whoami(struct call *call)
{
	const struct app *app = app_of(call);
	owned(buf_free) struct buf body = buf_of(2048);
	struct json_out out = json_out_of(&body);
	char host[256] = "";

	gethostname(host, sizeof(host) - 1);
	json_object(&out);
	json_put_str(&out, STR("name"), str_of(host));
	json_put_str(&out, STR("version"), app->version);
	json_put_int(&out, STR("uptimeSeconds"), (clock_wall_ms() - app->started_ms) / 1000);
	json_put_str(&out, STR("registration"), app->settings.registration_open ? STR("open") : STR("closed"));
	json_object_end(&out);
	return reply_json(call, 200, buf_str(&body));
}
