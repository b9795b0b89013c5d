/* SPDX-License-Identifier: MIT */
/* The bytes of covers in a database that servers share. */
#include "app/cover_copies.h"

#include "codec/hex.h"
#include "db/sync.h"
#include "obs/log.h"
#include "store_statements.h"

enum { ARENA_BASE = 64 * 1024 };

static int fault(struct str said)
{
	log_error("cover not copied", LOG_TEXT("why", said));
	return COVER_FAULT;
}

static int run(struct str conninfo, const struct db_statement *statement, const struct db_params *params,
	       struct arena *arena, struct db_sync **sync)
{
	struct str said;

	*sync = db_sync_open(conninfo, "recordd covers", arena, &said);
	if (!*sync)
		return fault(said);
	return db_sync_run(*sync, statement, params) ? fault(db_sync_said(*sync)) : COVER_OK;
}

int cover_copy_keep(struct str conninfo, struct str id, struct str bytes)
{
	owned(arena_drop) struct arena *arena = arena_new(ARENA_BASE + 2 * bytes.len);
	owned(buf_free) struct buf hex = buf_of(2 * bytes.len + 2);
	owned(db_sync_drop) struct db_sync *sync = NULL;
	struct db_params params = { 0 };

	buf_add(&hex, STR("\\x"));
	hex_encode(&hex, bytes);
	if (!arena || buf_failed(&hex))
		return fault(STR("out of memory"));
	db_add_text(&params, arena, id);
	db_add_text(&params, arena, buf_str(&hex));
	return run(conninfo, &store_statement_covers_keep_content, &params, arena, &sync);
}

static int write_file(struct str dir, struct str id, struct str hex)
{
	size_t n = hex.len / 2 - 1; /* behind "\x" */
	owned(buf_free) struct buf bytes = buf_of(n);
	char *room = buf_reserve(&bytes, n);

	if (!room || !hex_decode(str_skip(hex, 2), room, n))
		return fault(STR("out of memory, or no bytes"));
	buf_commit(&bytes, n);
	return cover_file_write(dir, id, buf_str(&bytes));
}

int cover_copy_fetch(struct str conninfo, struct str dir, struct str id)
{
	owned(arena_drop) struct arena *arena = arena_new(ARENA_BASE);
	owned(db_sync_drop) struct db_sync *sync = NULL;
	struct db_params params = { 0 };

	if (!arena)
		return fault(STR("out of memory"));
	db_add_text(&params, arena, id);
	int outcome = run(conninfo, &store_statement_covers_content, &params, arena, &sync);
	if (outcome)
		return outcome;
	struct call answer = { .rows = db_sync_rows(sync) };
	if (db_n_rows(answer.rows) == 0)
		return COVER_OK; /* collected meanwhile: there is no file, which is answer enough */
	return write_file(dir, id, store_covers_content_row(&answer, 0).content);
}
