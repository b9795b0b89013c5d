/* SPDX-License-Identifier: MIT */
/* Blocking queries. */
#include "db/sync_inside.h"

#include "db/target.h"
#include "obs/log.h"

static struct str first_line(const char *text)
{
	struct str rest;
	return str_trim(str_cut(str_trim(str_of(text)), '\n', &rest));
}

int db_sync_fail(struct db_sync *sync, const char *what)
{
	snprintf(sync->said, sizeof(sync->said), "%s: %.*s", what, STR_ARG(first_line(PQerrorMessage(sync->pg))));
	return -1;
}

struct str db_sync_said(const struct db_sync *sync)
{
	return str_of(sync->said);
}

static void notice(void *arg, const PGresult *result)
{
	const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
	(void)arg;
	log_debug("database notice", LOG_TEXT("message", str_of(message)));
}

struct db_sync *db_sync_open(struct str conninfo, const char *application_name, struct arena *arena, struct str *said)
{
	struct db_target target;
	struct db_target_settings settings = { .conninfo = conninfo,
					       .application_name = application_name,
					       .role_timeout = true };

	if (!db_target_make(&target, &settings, arena, said))
		return NULL;
	struct db_sync *sync = calloc(1, sizeof(*sync));
	*said = STR("out of memory");
	if (!sync)
		return NULL;
	sync->copy = buf_of(COPY_ROW_MAX);
	sync->pg = PQconnectdbParams(target.keywords, target.values, 1);
	if (PQstatus(sync->pg) == CONNECTION_OK) {
		PQsetNoticeReceiver(sync->pg, notice, NULL);
		return sync;
	}
	*said = arena_copy(arena, first_line(PQerrorMessage(sync->pg)));
	db_sync_close(sync);
	return NULL;
}

void db_sync_close(struct db_sync *sync)
{
	if (!sync)
		return;
	db_rows_clear(&sync->rows);
	db_statement_set_clear(&sync->prepared);
	buf_free(&sync->copy);
	PQfinish(sync->pg);
	free(sync);
}

void db_sync_drop(struct db_sync **sync)
{
	db_sync_close(take(*sync));
}

static bool succeeded(const PGresult *result)
{
	ExecStatusType status = PQresultStatus(result);
	return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_SINGLE_TUPLE;
}

static bool prepare(struct db_sync *sync, const struct db_statement *statement)
{
	if (db_statement_set_has(&sync->prepared, statement))
		return true;
	db_rows_fill(&sync->rows, PQprepare(sync->pg, statement->name, statement->sql, 0, NULL));
	return succeeded(sync->rows.result) && db_statement_set_add(&sync->prepared, statement);
}

/* False when the parameters were over the arena's budget, or the statement cannot be prepared. */
static bool ready(struct db_sync *sync, const struct db_statement *statement, const struct db_params *params)
{
	if (params && params->n > DB_MAX_PARAMS) {
		snprintf(sync->said, sizeof(sync->said), "%s: a parameter is over the memory budget or holds a NUL",
			 statement->name);
		return false;
	}
	check((params ? params->n : 0) == statement->n_params);
	return prepare(sync, statement) || db_sync_fail(sync, statement->name) == 0;
}

int db_sync_run(struct db_sync *sync, const struct db_statement *statement, const struct db_params *params)
{
	if (!ready(sync, statement, params))
		return -1;
	db_rows_fill(&sync->rows, PQexecPrepared(sync->pg, statement->name, (int)statement->n_params,
						 params ? params->values : NULL, NULL, NULL, 0));
	if (succeeded(sync->rows.result))
		return 0;
	if (db_expects(statement, db_result_sqlstate(sync->rows.result)))
		return 1;
	return db_sync_fail(sync, statement->name);
}

struct db_rows *db_sync_rows(struct db_sync *sync)
{
	return &sync->rows;
}

static void cancel(struct db_sync *sync)
{
	char why[256];
	PGcancel *request = PQgetCancel(sync->pg);
	if (request && !PQcancel(request, why, sizeof(why)))
		log_warn("query not cancelled", LOG_TEXT("why", str_of(why)));
	PQfreeCancel(request);
}

int db_sync_each(struct db_sync *sync, const struct db_statement *statement, const struct db_params *params,
		 bool (*row)(void *arg, struct db_rows *rows), void *arg)
{
	bool wanted = true, failed = false;
	PGresult *result;

	if (!ready(sync, statement, params))
		return -1;
	if (!PQsendQueryPrepared(sync->pg, statement->name, (int)statement->n_params, params ? params->values : NULL,
				 NULL, NULL, 0) ||
	    !PQsetSingleRowMode(sync->pg))
		return db_sync_fail(sync, statement->name);
	while ((result = PQgetResult(sync->pg))) {
		db_rows_fill(&sync->rows, result);
		if (!wanted)
			continue; /* what was on its way, or the cancellation's error */
		if (!succeeded(result)) {
			failed = true;
			db_sync_fail(sync, statement->name);
		} else if (db_n_rows(&sync->rows) && !row(arg, &sync->rows)) {
			wanted = false;
			cancel(sync);
		}
	}
	db_rows_clear(&sync->rows);
	return failed ? -1 : 0;
}

/* ---- transactions ---- */

static const struct db_statement statement_begin = { .name = "db_begin",
						     .sql = "BEGIN ISOLATION LEVEL READ COMMITTED",
						     .expects = "" };
static const struct db_statement statement_commit = { .name = "db_commit", .sql = "COMMIT", .expects = "" };
static const struct db_statement statement_rollback = { .name = "db_rollback", .sql = "ROLLBACK", .expects = "" };

int db_sync_begin(struct db_sync *sync)
{
	return db_sync_run(sync, &statement_begin, NULL);
}

int db_sync_commit(struct db_sync *sync)
{
	if (db_sync_run(sync, &statement_commit, NULL))
		return -1;
	if (str_equal(str_of(PQcmdStatus(sync->rows.result)), STR("COMMIT")))
		return 0;
	snprintf(sync->said, sizeof(sync->said), "the transaction had failed before its commit");
	return -1;
}

void db_sync_rollback(struct db_sync *sync)
{
	if (PQtransactionStatus(sync->pg) != PQTRANS_IDLE && db_sync_run(sync, &statement_rollback, NULL))
		log_warn("not rolled back", LOG_TEXT("why", db_sync_said(sync)));
}
