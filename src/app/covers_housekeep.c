/* SPDX-License-Identifier: MIT */
/* What no record has shown for covers.keep ends: first the cover, then, on each server, its file. */
#include <string.h>

#include "app/cover_files.h"
#include "app/covers.h"
#include "app/task.h"
#include "base/clock.h"
#include "obs/log.h"
#include "obs/metrics.h"
#include "store_statements.h"

enum { COLLECT_BATCH = 500 /* covers */ };

struct sweeping {
	struct cover_sweep files;
	size_t n_removed;
};

/* ── Files ── */

static struct turn sweep_begin(struct call *call);

static void remove_files(void *arg)
{
	struct sweeping *sweeping = arg;
	sweeping->n_removed = cover_sweep_remove(&sweeping->files);
}

/* Each lot is a task of its own: what it needed of memory is gone with it. */
static struct turn sweep_removed(struct call *call)
{
	struct app *app = app_of(call);
	const struct sweeping *sweeping = call->state;

	metric_add(METRIC_COVERS_COLLECTED, (int64_t)sweeping->n_removed);
	if (sweeping->n_removed)
		log_info("covers collected", LOG_INT("files", (int64_t)sweeping->n_removed));
	app->cover_folder = sweeping->files.folder;
	task_start(app, "sweeping covers", STEP(sweep_begin));
	return call_end(call);
}

static struct turn sweep_unknown(struct call *call)
{
	struct sweeping *sweeping = call->state;

	sweeping->files.n = db_n_rows(call->rows);
	for (size_t i = 0; i < sweeping->files.n; i++)
		memcpy(sweeping->files.ids[i], store_covers_unknown_row(call, i).id.at, RECORD_COVER_ID);
	return work_run(call, &app_of(call)->covers, remove_files, sweeping, STEP(sweep_removed));
}

static struct turn sweep_looked(struct call *call)
{
	struct sweeping *sweeping = call->state;
	struct str_list ids = { arena_array(call->arena, sweeping->files.n, sizeof(struct str)), sweeping->files.n };

	if (!ids.items)
		return call_fail_with(call, PROBLEM_UNAVAILABLE, "out of memory");
	if (!ids.n)
		return call_end(call);
	for (size_t i = 0; i < ids.n; i++)
		ids.items[i] = (struct str){ sweeping->files.ids[i], RECORD_COVER_ID };
	return store_covers_unknown(call, app_of(call)->db, ids, STEP(sweep_unknown));
}

static void look(void *arg)
{
	cover_sweep_next(&((struct sweeping *)arg)->files);
}

static struct turn sweep_begin(struct call *call)
{
	struct app *app = app_of(call);
	struct sweeping *sweeping = arena_new_of(call->arena, struct sweeping);

	if (!sweeping)
		return call_fail_with(call, PROBLEM_UNAVAILABLE, "out of memory");
	sweeping->files.dir = app->settings.covers_dir;
	sweeping->files.folder = app->cover_folder;
	call->state = sweeping;
	return work_run(call, &app->covers, look, sweeping, STEP(sweep_looked));
}

/* ── Covers ── */

static struct turn collect_done(struct call *call);

static struct turn collect(struct call *call)
{
	const struct app *app = app_of(call);
	return store_covers_collect(call, app->db, clock_wall_ms() - app->settings.covers_keep_ms, COLLECT_BATCH,
				    STEP(collect_done));
}

static struct turn collect_done(struct call *call)
{
	struct app *app = app_of(call);

	if (store_covers_collect_row(call, 0).n == COLLECT_BATCH)
		return collect(call);
	app->cover_folder = 0;
	return sweep_begin(call);
}

void covers_housekeep(struct app *app)
{
	task_start(app, "collecting covers", STEP(collect));
}
