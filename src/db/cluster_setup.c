/* SPDX-License-Identifier: MIT */
/* Roles and the database of the private cluster. */
#include "db/cluster_setup.h"

/* What a marker of this number says is complete. Raise it when a step below changes; every step can be repeated. */
#define SETUP_DONE "recordd setup 1"

static const char *const is_done = "SELECT 1 FROM pg_catalog.pg_database WHERE datname = 'recordd' AND "
				   "pg_catalog.shobj_description(oid, 'pg_database') = '" SETUP_DONE "'";
static const char *const has_database = "SELECT 1 FROM pg_catalog.pg_database WHERE datname = 'recordd'";

/* One transaction. */
static const char *const make_roles =
	"DO $$ DECLARE name text; BEGIN\n"
	"  FOREACH name IN ARRAY '{recordd_owner,recordd_app,recordd_job,recordd_eval,recordd_monitor}'::text[] LOOP\n"
	"    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = name) THEN\n"
	"      EXECUTE format('CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE', name);\n"
	"    END IF;\n"
	"  END LOOP;\n"
	"END $$;\n"
	"ALTER ROLE recordd_owner SET statement_timeout = 0;\n"
	"ALTER ROLE recordd_app SET statement_timeout = '30s';\n"
	"ALTER ROLE recordd_job SET statement_timeout = '25s';\n"
	"ALTER ROLE recordd_job SET work_mem = '32MB';\n"
	"ALTER ROLE recordd_eval SET statement_timeout = '20s';\n"
	"ALTER ROLE recordd_eval SET work_mem = '32MB';\n"
	"ALTER ROLE recordd_monitor SET default_transaction_read_only = on;\n"
	"ALTER ROLE recordd_monitor SET statement_timeout = '10s';\n"
	"GRANT pg_monitor TO recordd_monitor;\n";

static const char *const make_database = "CREATE DATABASE recordd OWNER recordd_owner";

/* Some builds of PostgreSQL come without lz4. */
static const char *const has_lz4 = "SELECT 1 FROM pg_catalog.pg_settings WHERE name = 'wal_compression' AND "
				   "'lz4' = ANY (enumvals)";
static const char *const use_lz4 = "ALTER SYSTEM SET wal_compression = 'lz4'";

static const char *const close_database =
	"REVOKE ALL ON DATABASE recordd FROM PUBLIC;\n"
	"GRANT CONNECT, TEMPORARY ON DATABASE recordd TO recordd_app, recordd_job, recordd_eval;\n"
	"GRANT CONNECT ON DATABASE recordd TO recordd_monitor;\n"
	"SELECT pg_catalog.pg_reload_conf();\n"
	"COMMENT ON DATABASE recordd IS '" SETUP_DONE "'";

static bool yields_row(PGconn *pg, const char *sql)
{
	PGresult *result = PQexec(pg, sql);
	bool found = PQresultStatus(result) == PGRES_TUPLES_OK && PQntuples(result) > 0;
	PQclear(result);
	return found;
}

static bool run(PGconn *pg, const char *sql)
{
	PGresult *result = PQexec(pg, sql);
	ExecStatusType status = PQresultStatus(result);
	PQclear(result);
	return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

static bool make(PGconn *pg)
{
	if (!run(pg, make_roles))
		return false;
	if (!yields_row(pg, has_database) && !run(pg, make_database))
		return false;
	if (yields_row(pg, has_lz4) && !run(pg, use_lz4))
		return false;
	return run(pg, close_database);
}

bool db_cluster_setup(PGconn *pg, struct arena *arena, struct str *said)
{
	if (yields_row(pg, is_done) || make(pg))
		return true;
	*said = arena_printf(arena, "the database cannot be set up: %.*s",
			     STR_ARG(str_trim(str_of(PQerrorMessage(pg)))));
	return false;
}
