/* SPDX-License-Identifier: MIT */
/* Migrations: what is applied is read and compared first, then what is missing is applied. */
#include "db/migrate.h"

#include <libpq-fe.h>

#include "db/target.h"

/* Any number, the same for all of us: who migrates is alone. */
#define LOCK "SELECT pg_catalog.pg_advisory_lock(7238451103)"

static const char *const bootstrap = "CREATE SCHEMA IF NOT EXISTS ops;\n"
				     "CREATE TABLE IF NOT EXISTS ops.migration (\n"
				     "  number int4 PRIMARY KEY,\n"
				     "  name text NOT NULL,\n"
				     "  checksum text NOT NULL,\n"
				     "  applied_at timestamptz NOT NULL DEFAULT pg_catalog.now()\n"
				     ")";
static const char *const is_there = "SELECT 1 WHERE pg_catalog.to_regclass('ops.migration') IS NOT NULL";
static const char *const read_applied = "SELECT number, name, checksum FROM ops.migration ORDER BY number DESC";
static const char *const note_applied = "INSERT INTO ops.migration (number, name, checksum) VALUES ($1, $2, $3)";

struct work {
	PGconn *pg;
	const struct db_migration *migrations;
	size_t n;
	struct arena *arena;
	struct str *said;
	bool *applied; /* by index */
};

static void ignore_notice(void *arg, const PGresult *result)
{
	(void)arg, (void)result;
}

static struct str error_of(PGconn *pg, struct arena *arena)
{
	struct str rest;
	return arena_copy(arena, str_trim(str_cut(str_trim(str_of(PQerrorMessage(pg))), '\n', &rest)));
}

static int failed(struct work *work, const char *what)
{
	bool away = PQstatus(work->pg) != CONNECTION_OK;
	*work->said = arena_printf(work->arena, "%s: %.*s", what, STR_ARG(error_of(work->pg, work->arena)));
	return away ? DB_MIGRATE_AWAY : DB_MIGRATE_FAILED;
}

static bool run(PGconn *pg, const char *sql)
{
	PGresult *result = PQexec(pg, sql);
	ExecStatusType status = PQresultStatus(result);
	PQclear(result);
	return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

/* ---- comparing ---- */

static const struct db_migration *find(const struct work *work, int64_t number)
{
	for (size_t i = 0; i < work->n; i++)
		if (work->migrations[i].number == number)
			return &work->migrations[i];
	return NULL;
}

static int compare_row(struct work *work, int64_t number, const char *name, const char *checksum)
{
	const struct db_migration *known = find(work, number);
	int last = work->n ? work->migrations[work->n - 1].number : 0;

	if (!known && number > last) {
		*work->said =
			arena_printf(work->arena,
				     "the database's schema is newer than this recordd: it is at migration %s, "
				     "known are those up to %04d; run a newer recordd. Nothing was touched",
				     name, last);
		return DB_MIGRATE_NEWER;
	}
	if (!known || !str_equal(str_of(known->checksum), str_of(checksum))) {
		*work->said = arena_printf(
			work->arena,
			"migration %s was applied to the database in another form than this recordd "
			"has it. Nothing was touched",
			name);
		return DB_MIGRATE_CHANGED;
	}
	work->applied[known - work->migrations] = true;
	return DB_MIGRATED;
}

static int compare(struct work *work, const PGresult *rows)
{
	int outcome = DB_MIGRATED;

	for (int row = 0; row < PQntuples(rows) && !outcome; row++) {
		int64_t number = 0;
		check(str_to_int(str_of(PQgetvalue(rows, row, 0)), INT32_MIN, INT32_MAX, &number));
		outcome = compare_row(work, number, PQgetvalue(rows, row, 1), PQgetvalue(rows, row, 2));
	}
	return outcome;
}

/* Newest first, so that a newer schema is told before an unknown form. */
static int compare_applied(struct work *work)
{
	PGresult *there = PQexec(work->pg, is_there);
	bool asked = PQresultStatus(there) == PGRES_TUPLES_OK, exists = asked && PQntuples(there) > 0;
	PQclear(there);
	if (!asked)
		return failed(work, "the list of migrations cannot be read");
	if (!exists)
		return run(work->pg, bootstrap) ? DB_MIGRATED : failed(work, "the list of migrations cannot be made");
	PGresult *rows = PQexec(work->pg, read_applied);
	int outcome = PQresultStatus(rows) == PGRES_TUPLES_OK ? compare(work, rows)
							      : failed(work, "the list of migrations cannot be read");
	PQclear(rows);
	return outcome;
}

/* ---- applying ---- */

static bool note(PGconn *pg, const struct db_migration *migration)
{
	char number[16];
	snprintf(number, sizeof(number), "%d", migration->number);
	const char *values[] = { number, migration->name, migration->checksum };
	PGresult *result = PQexecParams(pg, note_applied, 3, NULL, values, NULL, NULL, 0);
	bool noted = PQresultStatus(result) == PGRES_COMMAND_OK;
	PQclear(result);
	return noted;
}

static int apply(struct work *work, const struct db_migration *migration)
{
	struct str what = arena_printf(work->arena, "migration %s", migration->name);

	if (run(work->pg, "BEGIN") && run(work->pg, migration->sql) && note(work->pg, migration) &&
	    run(work->pg, "COMMIT"))
		return DB_MIGRATED;
	int outcome = failed(work, str_present(what) ? what.at : "migration");
	(void)run(work->pg, "ROLLBACK"); /* after the message was taken; a lost connection has done it itself */
	return outcome;
}

static int migrate(struct work *work, int *n_applied)
{
	if (!run(work->pg, LOCK))
		return failed(work, "the migrations' lock cannot be had");
	int outcome = compare_applied(work);
	for (size_t i = 0; i < work->n && !outcome; i++) {
		if (work->applied[i])
			continue;
		outcome = apply(work, &work->migrations[i]);
		*n_applied += !outcome;
	}
	return outcome;
}

int db_migrate(struct str conninfo, const struct db_migration *migrations, size_t n, struct arena *arena,
	       struct str *said, int *n_applied)
{
	struct db_target target;
	struct db_target_settings settings = { .conninfo = conninfo, .application_name = "recordd migrate" };
	struct work work = { .migrations = migrations, .n = n, .arena = arena, .said = said };

	*n_applied = 0;
	*said = STR("out of memory");
	work.applied = arena_array(arena, n, sizeof(*work.applied));
	if (!work.applied)
		return DB_MIGRATE_FAILED;
	if (!db_target_make(&target, &settings, arena, said))
		return DB_MIGRATE_AWAY;
	work.pg = PQconnectdbParams(target.keywords, target.values, 1);
	PQsetNoticeReceiver(work.pg, ignore_notice, NULL);
	int outcome = PQstatus(work.pg) == CONNECTION_OK ? migrate(&work, n_applied)
							 : failed(&work, "the database cannot be reached");
	if (outcome == DB_MIGRATED)
		*said = *n_applied ? arena_printf(arena, "%d migrations were applied", *n_applied)
				   : STR("the schema is up to date");
	PQfinish(work.pg);
	return outcome;
}
