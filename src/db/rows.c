/* SPDX-License-Identifier: MIT */
/* Reading results: PostgreSQL's text output as values. */
#include "db/rows.h"

#include "codec/time.h"
#include "loop/call.h"

static void release(void *arg)
{
	db_rows_clear(arg);
}

struct db_rows *db_rows_of_call(struct call *call)
{
	if (call->rows) {
		db_rows_clear(call->rows);
		return call->rows;
	}
	struct db_rows *rows = arena_new_of(call->arena, struct db_rows);
	if (!rows || !call_defer(call, release, rows))
		return NULL;
	return call->rows = rows;
}

void db_rows_fill(struct db_rows *rows, PGresult *result)
{
	db_rows_clear(rows);
	rows->result = result;
}

void db_rows_clear(struct db_rows *rows)
{
	PQclear(take(rows->result));
}

struct str db_result_sqlstate(const PGresult *result)
{
	const char *sqlstate = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
	return sqlstate ? str_of(sqlstate) : STR("");
}

bool db_expects(const struct db_statement *statement, struct str sqlstate)
{
	struct str rest = str_of(statement->expects);

	while (str_present(rest))
		if (str_equal(str_cut(rest, ' ', &rest), sqlstate))
			return sqlstate.len > 0;
	return false;
}

size_t db_n_rows(const struct db_rows *rows)
{
	return rows && rows->result ? (size_t)PQntuples(rows->result) : 0;
}

size_t db_affected(const struct db_rows *rows)
{
	int64_t n = 0;
	struct str said = rows && rows->result ? str_of(PQcmdTuples(rows->result)) : STR("");
	return str_to_int(said, 0, INT64_MAX, &n) ? (size_t)n : 0;
}

const char *db_sqlstate(const struct db_rows *rows)
{
	return db_result_sqlstate(rows->result).at;
}

static void check_bounds(const struct db_rows *rows, size_t row, unsigned column)
{
	check(row < db_n_rows(rows) && column < (unsigned)PQnfields(rows->result));
}

bool db_is_null(const struct db_rows *rows, size_t row, unsigned column)
{
	check_bounds(rows, row, column);
	return PQgetisnull(rows->result, (int)row, (int)column);
}

struct str db_text(const struct db_rows *rows, size_t row, unsigned column)
{
	if (db_is_null(rows, row, column))
		return STR_ABSENT;
	return (struct str){ PQgetvalue(rows->result, (int)row, (int)column),
			     (size_t)PQgetlength(rows->result, (int)row, (int)column) };
}

int64_t db_int(const struct db_rows *rows, size_t row, unsigned column)
{
	int64_t value = 0;
	struct str text = db_text(rows, row, column);

	if (str_present(text))
		check(str_to_int(text, INT64_MIN, INT64_MAX, &value)); /* the statement's types are checked by a test */
	return value;
}

bool db_bool(const struct db_rows *rows, size_t row, unsigned column)
{
	return str_equal(db_text(rows, row, column), STR("t"));
}

bool db_uuid(const struct db_rows *rows, size_t row, unsigned column, struct uuid *out)
{
	return uuid_parse(db_text(rows, row, column), out);
}

/* PostgreSQL prints "2026-11-20 12:34:56.789012+00" (DateStyle ISO, TimeZone UTC): RFC 3339 but for its end. */
int64_t db_time(const struct db_rows *rows, size_t row, unsigned column)
{
	struct str text = db_text(rows, row, column);
	char utc[40];
	int64_t ms;

	if (!str_ends(text, STR("+00")) || text.len >= sizeof(utc))
		return INT64_MIN; /* NULL, "infinity", or a year that no clock of ours shows */
	text.len -= 3;
	snprintf(utc, sizeof(utc), "%.*sZ", STR_ARG(text));
	return time_parse((struct str){ utc, text.len + 1 }, &ms) ? ms : INT64_MIN;
}
