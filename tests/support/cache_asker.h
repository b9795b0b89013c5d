/* SPDX-License-Identifier: MIT */
/* A cache on a real loop, a fill that does as it is told, and those who ask. */
#ifndef TESTS_CACHE_ASKER_H
#define TESTS_CACHE_ASKER_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "cache/cache.h"
#include "cache/entries.h"
#include "obs/metrics.h"

enum { ARENA = 1 << 20, BOUND = 1 << 20 };

static struct loop loop;
static struct cache *cache;

/* ── The fill: waits a little, then gives "user-byte:text:generation", or a body as large as the text says. ── */

static unsigned n_fills, n_landed, generation, fill_ms;
static bool fill_fails, database_away;
static int64_t fill_version;

static struct turn fill_land(struct call *call)
{
	const struct cache_key *key = cache_key_of(call);
	int64_t size;

	n_landed++;
	if (fill_fails) {
		struct field_error field = { .field = arena_copy(call->arena, STR("q")),
					     .message = arena_copy(call->arena, STR("nonsense")) };
		struct problem problem = { .kind = PROBLEM_INVALID,
					   .error = arena_copy(call->arena, STR("the fill's own words")),
					   .fields = &field };
		return call_fail(call, &problem);
	}
	if (database_away)
		return call_fail_with(call, PROBLEM_UNAVAILABLE, "the database is away");
	cache_read_version(call, fill_version);
	if (str_to_int(key->text, 0, ARENA, &size)) {
		char *body = arena_alloc(call->arena, (size_t)size);
		return cache_land(call, (struct str){ body, (size_t)size });
	}
	return cache_land(call, arena_printf(call->arena, "%u:%.*s:%u", key->user.bytes[0], STR_ARG(key->text),
					     generation));
}

static struct turn fill(struct call *call)
{
	n_fills++;
	if (fill_ms)
		return call_sleep(call, fill_ms, STEP(fill_land));
	return call_next(call, STEP(fill_land));
}

static const struct cache_kind kind = { .name = "search", .ttl_ms = 60000, .short_ttl_ms = 10000, .fill = { fill, "fill" } };

/* ── Who asks ── */

struct asker {
	struct call call;
	struct cache_key key;
	bool over, answered, keep_open;
	struct cache_answer answer; /* body and entry are only valid for one who keeps open */
	char body[64];
	int failed_status;
	unsigned retry_after_s;
	char error[64], field[16];
};

static unsigned n_open;

static struct turn asker_waits(struct call *call)
{
	struct asker *asker = container_of(call, struct asker, call);
	return asker->keep_open ? call_sleep(call, 1, STEP(asker_waits)) : call_end(call);
}

static struct turn asker_got(struct call *call)
{
	struct asker *asker = container_of(call, struct asker, call);
	asker->answered = true;
	asker->answer = cache_answer_of(call);
	assert_ptr_equal(call->blob, asker->answer.body);
	struct str body = str_first(blob_str(asker->answer.body), sizeof(asker->body) - 1);
	memcpy(asker->body, body.at, body.len);
	return asker_waits(call);
}

static struct turn asker_asks(struct call *call)
{
	struct asker *asker = container_of(call, struct asker, call);
	return cache_fetch(call, cache, &asker->key, STEP(asker_got));
}

static struct turn asker_failed(struct call *call, const struct problem *problem)
{
	struct asker *asker = container_of(call, struct asker, call);
	asker->failed_status = problem_status(problem->kind);
	asker->retry_after_s = problem->retry_after_s;
	snprintf(asker->error, sizeof(asker->error), "%.*s", STR_ARG(problem->error));
	if (problem->fields)
		snprintf(asker->field, sizeof(asker->field), "%.*s", STR_ARG(problem->fields->field));
	return call_end(call);
}

static void asker_ended(struct call *call)
{
	container_of(call, struct asker, call)->over = true;
	arena_free(call->arena);
	n_open--;
}

static const struct call_kind asker_kind = { "asker", asker_failed, asker_ended };

static void ask(struct asker *asker, const struct cache_kind *of_kind, uint8_t user, struct str text)
{
	struct arena *arena = arena_new(ARENA);
	assert_non_null(arena);
	bool keep_open = asker->keep_open;
	*asker = (struct asker){ .key = { of_kind, { { user } }, text, false }, .keep_open = keep_open };
	call_init(&asker->call, &loop.calls, &asker_kind, arena);
	call_start(&asker->call, STEP(asker_asks));
	n_open++;
}

static inline void turn_loop(void)
{
	uv_run(&loop.uv, UV_RUN_NOWAIT);
	uv_run(&loop.uv, UV_RUN_NOWAIT);
}

static inline void wait_for_all(void)
{
	while (n_open)
		uv_run(&loop.uv, UV_RUN_ONCE);
}

static inline void wait_ms(uint64_t ms)
{
	uint64_t until = uv_hrtime() + ms * 1000000;
	while (uv_hrtime() < until) {
		uv_run(&loop.uv, UV_RUN_NOWAIT);
		uv_sleep(1);
	}
}

/* One question, answered; the asker is still in reach. */
static inline struct asker *ask_once(const struct cache_kind *of_kind, uint8_t user, struct str text)
{
	static struct asker asker;
	asker.keep_open = false;
	ask(&asker, of_kind, user, text);
	wait_for_all();
	return &asker;
}

static inline enum cache_status status_of(uint8_t user, struct str text)
{
	struct asker *asker = ask_once(&kind, user, text);
	assert_true(asker->answered);
	return asker->answer.status;
}

/* ── Set-up ── */

static struct cache_settings settings;

static inline void resize(size_t max_bytes)
{
	settings.max_bytes = max_bytes;
	cache_configure(cache, &settings);
}

static int set_up(void **state)
{
	(void)state;
	settings = (struct cache_settings){ .max_bytes = BOUND,
					    .max_entry_bytes = 64 << 10,
					    .max_flights = 50,
					    .flight_timeout_ms = 300,
					    .arena_budget = ARENA };
	n_fills = n_landed = generation = fill_ms = n_open = 0;
	fill_fails = database_away = false;
	fill_version = CACHE_VERSION_UNKNOWN;
	if (loop_init(&loop))
		return -1;
	cache = cache_new(&loop, &settings);
	return cache ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	while (loop.calls.n_running)
		uv_run(&loop.uv, UV_RUN_ONCE);
	cache_free(cache);
	loop_deinit(&loop);
	return 0;
}

#endif
