/* SPDX-License-Identifier: MIT */
/* COPY in: rows rendered in PostgreSQL's text format and sent in large chunks. */
#include <string.h>

#include "db/sync_inside.h"

/* What stands for a byte behind a backslash; 0: the byte stands for itself. */
static const char escapes[256] = { ['\\'] = '\\', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't' };

static void add_escaped(struct buf *to, struct str value)
{
	char *at = buf_reserve(to, 2 * value.len), *begin = at;

	if (!at)
		return;
	for (const char *from = value.at, *end = value.at + value.len; from < end; from++) {
		char escape = escapes[(unsigned char)*from];
		if (escape)
			*at++ = '\\';
		*at++ = escape ? escape : *from;
	}
	buf_commit(to, (size_t)(at - begin));
}

static void begin_column(struct db_sync *sync)
{
	if (sync->mid_row)
		buf_add_char(&sync->copy, '\t');
	sync->mid_row = true;
}

static void add_null(struct db_sync *sync)
{
	buf_add(&sync->copy, STR("\\N"));
}

void db_copy_text(struct db_sync *sync, struct str value)
{
	begin_column(sync);
	if (str_present(value))
		add_escaped(&sync->copy, value);
	else
		add_null(sync);
}

void db_copy_uuid(struct db_sync *sync, const struct uuid *value)
{
	char text[UUID_TEXT + 1];

	begin_column(sync);
	if (value)
		buf_add(&sync->copy, uuid_format(value, text));
	else
		add_null(sync);
}

void db_copy_int(struct db_sync *sync, int64_t value)
{
	begin_column(sync);
	buf_add_int(&sync->copy, value);
}

void db_copy_bool(struct db_sync *sync, bool value)
{
	begin_column(sync);
	buf_add_char(&sync->copy, value ? 't' : 'f');
}

/* An element's own quotes and backslashes are escaped for the array, and each such backslash for COPY. */
static void add_element(struct buf *to, struct str value)
{
	if (!str_present(value)) {
		buf_add(to, STR("NULL"));
		return;
	}
	buf_add_char(to, '"');
	while (value.len) {
		size_t plain = 0;
		while (plain < value.len && value.at[plain] != '"' && value.at[plain] != '\\')
			plain++;
		add_escaped(to, str_first(value, plain));
		value = str_skip(value, plain);
		if (value.len) {
			buf_add(to, value.at[0] == '"' ? STR("\\\\\"") : STR("\\\\\\\\"));
			value = str_skip(value, 1);
		}
	}
	buf_add_char(to, '"');
}

void db_copy_text_array(struct db_sync *sync, struct str_list values)
{
	begin_column(sync);
	buf_add_char(&sync->copy, '{');
	for (size_t i = 0; i < values.n; i++) {
		if (i)
			buf_add_char(&sync->copy, ',');
		add_element(&sync->copy, values.items[i]);
	}
	buf_add_char(&sync->copy, '}');
}

static void send_rows(struct db_sync *sync)
{
	if (!sync->copy_failed && buf_failed(&sync->copy)) {
		snprintf(sync->said, sizeof(sync->said), "a row is larger than %d bytes", COPY_ROW_MAX);
		sync->copy_failed = true;
	}
	if (!sync->copy_failed && PQputCopyData(sync->pg, sync->copy.at, (int)sync->copy.len) != 1)
		sync->copy_failed = db_sync_fail(sync, "copying rows");
	buf_clear(&sync->copy);
}

void db_copy_end_row(struct db_sync *sync)
{
	buf_add_char(&sync->copy, '\n');
	sync->mid_row = false;
	if (sync->copy.len >= COPY_CHUNK || buf_failed(&sync->copy))
		send_rows(sync);
}

int db_copy_begin(struct db_sync *sync, const struct db_statement *statement)
{
	sync->copy_failed = sync->mid_row = false;
	buf_clear(&sync->copy);
	db_rows_fill(&sync->rows, PQexec(sync->pg, statement->sql));
	return PQresultStatus(sync->rows.result) == PGRES_COPY_IN ? 0 : db_sync_fail(sync, statement->name);
}

static int end_copy(struct db_sync *sync, const char *error, size_t *n_rows)
{
	bool ended = PQputCopyEnd(sync->pg, error) == 1;
	PGresult *result;

	*n_rows = 0;
	while ((result = PQgetResult(sync->pg))) {
		if (!error && PQresultStatus(result) != PGRES_COMMAND_OK)
			ended = db_sync_fail(sync, "copying rows") == 0;
		db_rows_fill(&sync->rows, result);
		if (PQresultStatus(result) == PGRES_COPY_IN)
			break; /* the connection is gone, libpq says so forever */
	}
	*n_rows = db_affected(&sync->rows);
	return ended ? 0 : -1;
}

int db_copy_finish(struct db_sync *sync, size_t *n_rows)
{
	check(!sync->mid_row);
	if (sync->copy.len)
		send_rows(sync);
	if (!sync->copy_failed)
		return end_copy(sync, NULL, n_rows);
	db_copy_abort(sync);
	*n_rows = 0;
	return -1;
}

void db_copy_abort(struct db_sync *sync)
{
	size_t n_rows;

	sync->mid_row = false;
	buf_clear(&sync->copy);
	if (PQtransactionStatus(sync->pg) == PQTRANS_ACTIVE)
		end_copy(sync, "given up", &n_rows);
}
