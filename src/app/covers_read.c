/* SPDX-License-Identifier: MIT */
/* Serving covers, by files; one that this server has no file of yet is fetched from the database that it shares. */
#include "app/app.h"
#include "app/cover_copies.h"
#include "app/handlers.h"
#include "codec/hex.h"
#include "codec/image.h"
#include "http/file_send.h"
#include "obs/metrics.h"
#include "store_statements.h"

struct viewing {
	struct file_send file;
	struct str id;
	/* What the worker is given and brings. */
	struct str conninfo, dir;
	int outcome;
};

static struct turn no_such_cover(struct call *call)
{
	return call_fail_with(call, PROBLEM_NOT_FOUND, "no such cover");
}

static struct str type_of(struct str beginning)
{
	return image_media_type(image_type_of(beginning));
}

static struct turn covers_get_fetched(struct call *call)
{
	struct viewing *viewing = call->state;

	if (viewing->outcome == COVER_NO_SPACE)
		return call_fail(call, problem_new(call->arena, PROBLEM_NO_SPACE, STR_ABSENT));
	if (viewing->outcome)
		return call_fail_with(call, PROBLEM_UNAVAILABLE, "the cover could not be fetched");
	metric_add(METRIC_COVERS_FETCHED, 1);
	viewing->file.missing = STEP(no_such_cover);
	return file_send(call, &viewing->file);
}

static void fetch(void *arg)
{
	struct viewing *viewing = arg;
	viewing->outcome = cover_copy_fetch(viewing->conninfo, viewing->dir, viewing->id);
}

static struct turn covers_get_known(struct call *call)
{
	if (db_n_rows(call->rows) == 0)
		return no_such_cover(call);
	return work_run(call, &app_of(call)->cover_copies, fetch, call->state, STEP(covers_get_fetched));
}

/* Only for a cover that there is does a worker connect to the database: anybody may ask for any. */
static struct turn covers_get_missing(struct call *call)
{
	const struct app *app = app_of(call);
	struct viewing *viewing = call->state;

	if (!app->settings.shared_keys)
		return no_such_cover(call);
	viewing->conninfo = app->settings.job_conninfo;
	viewing->dir = app->settings.covers_dir;
	return store_covers_get(call, app->db, viewing->id, STEP(covers_get_known));
}

static bool is_id(struct str text)
{
	char bytes[RECORD_COVER_ID / 2];

	for (size_t i = 0; i < text.len; i++)
		if (text.at[i] >= 'A' && text.at[i] <= 'F')
			return false;
	return hex_decode(text, bytes, sizeof(bytes));
}

struct turn covers_get(struct call *call)
{
	struct app *app = app_of(call);
	struct str id = call->request->path_params[0];
	struct viewing *viewing = arena_new_of(call->arena, struct viewing);

	if (!viewing || !is_id(id))
		return no_such_cover(call);
	struct str path = cover_path(app->settings.covers_dir, id, call->arena);
	viewing->id = id;
	viewing->file = (struct file_send){
		.path = path.at,
		.workers = &app->covers,
		.etag = arena_printf(call->arena, "\"%.*s\"", STR_ARG(id)),
		.cache_control = STR("public, max-age=31536000, immutable"),
		.type_of = type_of,
		.missing = STEP(covers_get_missing),
	};
	if (!path.at || !viewing->file.etag.at)
		return call_fail_with(call, PROBLEM_UNAVAILABLE, "out of memory");
	call->state = viewing;
	return file_send(call, &viewing->file);
}
