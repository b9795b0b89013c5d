/* SPDX-License-Identifier: MIT */
/* Compares declared types with PostgreSQL's own. */
#include "db/check_statements.h"

#include <libpq-fe.h>

#include "base/arena.h"
#include "db/target.h"

enum { MEMORY = 64 * 1024 };

static const char *const type_of_name = "SELECT pg_catalog.to_regtype($1)::pg_catalog.oid::text";
static const char *const name_of_type = "SELECT pg_catalog.format_type($1::pg_catalog.oid, NULL)";

/* One text answer to a question with one text parameter; the caller's to clear with PQclear. */
static PGresult *ask(PGconn *pg, const char *sql, const char *value)
{
	return PQexecParams(pg, sql, 1, NULL, &value, NULL, NULL, 0);
}

static Oid oid_of(PGconn *pg, const char *type)
{
	PGresult *result = ask(pg, type_of_name, type);
	int64_t oid = 0;
	bool known = PQntuples(result) == 1 && str_to_int(str_of(PQgetvalue(result, 0, 0)), 1, UINT32_MAX, &oid);
	PQclear(result);
	return known ? (Oid)oid : InvalidOid;
}

static void compare_type(PGconn *pg, const char *statement, const char *what, unsigned at, const char *declared,
			 Oid actual, struct buf *differences)
{
	char oid[16];

	if (oid_of(pg, declared) == actual)
		return;
	snprintf(oid, sizeof(oid), "%u", actual);
	PGresult *name = ask(pg, name_of_type, oid);
	buf_printf(differences, "%s: %s %u is declared as %s, PostgreSQL says %s\n", statement, what, at + 1, declared,
		   PQntuples(name) == 1 ? PQgetvalue(name, 0, 0) : "nothing");
	PQclear(name);
}

static void compare_params(PGconn *pg, const struct db_statement *statement, const PGresult *found,
			   struct buf *differences)
{
	unsigned n = (unsigned)PQnparams(found);

	if (n != statement->n_params) {
		buf_printf(differences, "%s: %u parameters are declared, PostgreSQL says %u\n", statement->name,
			   statement->n_params, n);
		return;
	}
	for (unsigned i = 0; i < n; i++)
		compare_type(pg, statement->name, "parameter", i, statement->param_types[i], PQparamtype(found, (int)i),
			     differences);
}

/* Columns are read by position: a name that stands at another one was declared in the wrong order. */
static void compare_place(const struct db_statement *statement, const PGresult *found, unsigned at,
			  struct buf *differences)
{
	int place = PQfnumber(found, statement->column_names[at]);
	bool at_home = str_equal(str_of(PQfname(found, (int)at)), str_of(statement->column_names[at]));

	if (place >= 0 && !at_home)
		buf_printf(differences, "%s: %s is declared as column %u, in PostgreSQL's answer it is column %d\n",
			   statement->name, statement->column_names[at], at + 1, place + 1);
}

static void compare_columns(PGconn *pg, const struct db_statement *statement, const PGresult *found,
			    struct buf *differences)
{
	unsigned n = (unsigned)PQnfields(found);

	if (n != statement->n_columns) {
		buf_printf(differences, "%s: %u columns are declared, PostgreSQL says %u\n", statement->name,
			   statement->n_columns, n);
		return;
	}
	for (unsigned i = 0; i < n; i++) {
		compare_place(statement, found, i, differences);
		compare_type(pg, statement->name, "column", i, statement->column_types[i], PQftype(found, (int)i),
			     differences);
	}
}

static void check_one(PGconn *pg, const struct db_statement *statement, struct buf *differences)
{
	PGresult *prepared = PQprepare(pg, statement->name, statement->sql, 0, NULL);

	if (PQresultStatus(prepared) == PGRES_COMMAND_OK) {
		PGresult *found = PQdescribePrepared(pg, statement->name);
		compare_params(pg, statement, found, differences);
		compare_columns(pg, statement, found, differences);
		PQclear(found);
	} else {
		buf_printf(differences, "%s: %s", statement->name, PQresultErrorMessage(prepared));
	}
	PQclear(prepared);
}

int db_check_statements(struct str conninfo, const struct db_statement *const *all, size_t n, struct buf *differences)
{
	owned(arena_drop) struct arena *arena = arena_new(MEMORY);
	struct db_target_settings settings = { .conninfo = conninfo, .application_name = "recordd check" };
	struct db_target target;
	struct str said = STR("out of memory");

	if (!arena || !db_target_make(&target, &settings, arena, &said)) {
		buf_add(differences, said);
		return -1;
	}
	PGconn *pg = PQconnectdbParams(target.keywords, target.values, 1);
	bool reached = PQstatus(pg) == CONNECTION_OK;
	for (size_t i = 0; reached && i < n; i++)
		check_one(pg, all[i], differences);
	if (!reached)
		buf_add(differences, str_of(PQerrorMessage(pg)));
	PQfinish(pg);
	if (!reached)
		return -1;
	return differences->len || buf_failed(differences);
}
