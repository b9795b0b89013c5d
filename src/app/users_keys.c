/* SPDX-License-Identifier: MIT */
/* Signing keys: from their file or their table into memory. */
#include "app/users_keys.h"

#include "app/task.h"
#include "auth/keys.h"
#include "auth/memo.h"
#include "base/clock.h"
#include "obs/log.h"
#include "store_statements.h"

struct load {
	struct step next;
	void *state; /* the longer call's own */
	struct auth_keys keys;
	char offer[AUTH_KEY_TEXT + 1];
	/* From the file: */
	const char *path;
	struct arena *arena;
	struct str said;
	int outcome;
};

static struct work_class reading = { .name = "reading of keys", .max_running = 1, .max_waiting = 4 };

static struct turn take_over(struct call *call)
{
	struct app *app = app_of(call);
	struct load *load = call->state;

	check(load->keys.n > 0);
	*app->keys = load->keys;
	auth_memo_clear(app->tokens);
	auth_keys_wipe(&load->keys);
	call->state = load->state;
	return call_next(call, load->next);
}

/* ── From the table ── */

static struct turn keys_listed(struct call *call)
{
	struct load *load = call->state;

	for (size_t i = 0; i < db_n_rows(call->rows); i++) {
		struct auth_key key;
		if (!auth_key_parse(store_signing_keys_list_row(call, i).key, &key) ||
		    !auth_keys_add(&load->keys, &key))
			return call_fail_with(call, PROBLEM_INTERNAL, "the signing keys in the database are damaged");
	}
	return take_over(call);
}

static struct turn keys_list(struct call *call)
{
	return store_signing_keys_list(call, app_of(call)->db, STEP(keys_listed));
}

/* ── From the file ── */

static void read_file(void *arg)
{
	struct load *load = arg;
	load->outcome = auth_keys_open(load->path, clock_wall_ms() / 1000, &load->keys, load->arena, &load->said);
}

static struct turn keys_read(struct call *call)
{
	const struct load *load = call->state;

	if (load->outcome < 0)
		return call_fail_with(call, PROBLEM_INTERNAL, "%.*s", STR_ARG(load->said));
	return take_over(call);
}

struct turn users_keys_load(struct call *call, struct step next)
{
	struct app *app = app_of(call);
	struct load *load = arena_new_of(call->arena, struct load);

	if (!load)
		return call_fail_with(call, PROBLEM_INTERNAL, "out of memory");
	load->next = next;
	load->state = call->state;
	call->state = load;
	if (app->settings.shared_keys)
		return store_signing_keys_first(call, app->db, auth_key_format(&app->keys->items[0], load->offer),
						STEP(keys_list));
	load->arena = call->arena;
	load->path = auth_keys_path(app->settings.data_dir, call->arena);
	if (!load->path)
		return call_fail_with(call, PROBLEM_INTERNAL, "out of memory");
	return work_run(call, &reading, read_file, load, STEP(keys_read));
}

static struct turn reloaded(struct call *call)
{
	log_info("signing keys read again");
	return call_end(call);
}

static struct turn reload(struct call *call)
{
	return users_keys_load(call, STEP(reloaded));
}

void users_keys_reload(struct app *app)
{
	if (!task_start(app, "reading the signing keys", STEP(reload)))
		log_error("signing keys not read: out of memory");
}
