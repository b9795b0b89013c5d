/* SPDX-License-Identifier: MIT */
/* COPY in: rows in PostgreSQL's binary format, which neither side has to parse, sent in large chunks. */
#include <endian.h>
#include <string.h>

#include "db/sync_inside.h"

/* In place of a length, of a row's number of columns; of jsonb; digits of numeric. */
enum { NULL_LENGTH = -1, NO_MORE_ROWS = -1, JSONB_VERSION = 1, NUMERIC_BASE = 10000 };
enum { NUMERIC_NEGATIVE = 0x4000, MONEY_SCALE = 2, MONEY_DIGITS = 5 + 1 }; /* five hold the units of any int64 */

static const char header[19] = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0"; /* no flags, no extension */

/* Timestamps are in microseconds since 2000-01-01. */
#define EPOCH_MS INT64_C(946684800000)
#define MOST_MS (INT64_MAX / 1000 - EPOCH_MS)

/* ── Numbers, the highest byte first ── */

static void add_bytes(struct buf *to, const void *bytes, size_t n)
{
	buf_add(to, (struct str){ bytes, n });
}

static void add_int2(struct buf *to, int16_t value)
{
	uint16_t wire = htobe16((uint16_t)value);
	add_bytes(to, &wire, sizeof(wire));
}

static void add_int4(struct buf *to, int32_t value)
{
	uint32_t wire = htobe32((uint32_t)value);
	add_bytes(to, &wire, sizeof(wire));
}

static void add_int8(struct buf *to, int64_t value)
{
	uint64_t wire = htobe64((uint64_t)value);
	add_bytes(to, &wire, sizeof(wire));
}

/* What is too long for its length fails the buffer next. */
static void add_sized(struct buf *to, struct str value)
{
	add_int4(to, str_present(value) ? (int32_t)value.len : NULL_LENGTH);
	if (str_present(value))
		buf_add(to, value);
}

/* ── Columns: a length and so many bytes ── */

/* A row begins with the number of its columns, known when it ends. */
static struct buf *begin_column(struct db_sync *sync)
{
	if (sync->n_columns++ == 0) {
		sync->row = sync->copy.len;
		add_int2(&sync->copy, 0);
	}
	return &sync->copy;
}

void db_copy_null(struct db_sync *sync)
{
	add_int4(begin_column(sync), NULL_LENGTH);
}

void db_copy_text(struct db_sync *sync, struct str value)
{
	add_sized(begin_column(sync), value);
}

void db_copy_json(struct db_sync *sync, struct str value)
{
	struct buf *to = begin_column(sync);
	add_int4(to, (int32_t)value.len + 1);
	buf_add_char(to, JSONB_VERSION);
	buf_add(to, value);
}

void db_copy_uuid(struct db_sync *sync, const struct uuid *value)
{
	add_sized(begin_column(sync),
		  value ? (struct str){ (const char *)value->bytes, sizeof(value->bytes) } : STR_ABSENT);
}

static bool fits(struct db_sync *sync, int64_t value, int64_t min, int64_t max)
{
	if (value >= min && value <= max)
		return true;
	if (!sync->copy_failed)
		snprintf(sync->said, sizeof(sync->said), "copying rows: %lld is out of range", (long long)value);
	sync->copy_failed = true;
	return false;
}

void db_copy_int2(struct db_sync *sync, int64_t value)
{
	struct buf *to = begin_column(sync);
	add_int4(to, sizeof(int16_t));
	add_int2(to, fits(sync, value, INT16_MIN, INT16_MAX) ? (int16_t)value : 0);
}

void db_copy_int4(struct db_sync *sync, int64_t value)
{
	struct buf *to = begin_column(sync);
	add_int4(to, sizeof(int32_t));
	add_int4(to, fits(sync, value, INT32_MIN, INT32_MAX) ? (int32_t)value : 0);
}

void db_copy_int8(struct db_sync *sync, int64_t value)
{
	struct buf *to = begin_column(sync);
	add_int4(to, sizeof(int64_t));
	add_int8(to, value);
}

void db_copy_bool(struct db_sync *sync, bool value)
{
	struct buf *to = begin_column(sync);
	add_int4(to, sizeof(char));
	buf_add_char(to, value);
}

void db_copy_time(struct db_sync *sync, int64_t ms)
{
	db_copy_int8(sync, fits(sync, ms, -MOST_MS, MOST_MS) ? (ms - EPOCH_MS) * 1000 : 0);
}

/* Digits to the base of 10,000: the units, the highest first, and one for the hundredths. */
void db_copy_money(struct db_sync *sync, int64_t cents)
{
	struct buf *to = begin_column(sync);
	uint64_t amount = cents < 0 ? -(uint64_t)cents : (uint64_t)cents, units = amount / 100;
	int16_t digits[MONEY_DIGITS] = { 0 };
	int16_t n = 1;

	digits[MONEY_DIGITS - 1] = (int16_t)(amount % 100 * (NUMERIC_BASE / 100));
	for (; units; units /= NUMERIC_BASE)
		digits[MONEY_DIGITS - 1 - n++] = (int16_t)(units % NUMERIC_BASE);
	add_int4(to, (4 + n) * (int32_t)sizeof(int16_t));
	add_int2(to, n);
	add_int2(to, (int16_t)(n - 2)); /* the first one's power */
	add_int2(to, cents < 0 ? NUMERIC_NEGATIVE : 0);
	add_int2(to, MONEY_SCALE);
	for (size_t i = MONEY_DIGITS - (size_t)n; i < MONEY_DIGITS; i++)
		add_int2(to, digits[i]);
}

/* ── Rows ── */

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
	uint16_t wire = htobe16((uint16_t)sync->n_columns);

	if (!buf_failed(&sync->copy))
		memcpy(sync->copy.at + sync->row, &wire, sizeof(wire));
	sync->n_columns = 0;
	if (sync->copy.len >= COPY_CHUNK || buf_failed(&sync->copy))
		send_rows(sync);
}

int db_copy_begin(struct db_sync *sync, const struct db_statement *statement)
{
	sync->copy_failed = false;
	sync->n_columns = 0;
	buf_clear(&sync->copy);
	add_bytes(&sync->copy, header, sizeof(header));
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
	check(sync->n_columns == 0);
	add_int2(&sync->copy, NO_MORE_ROWS);
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

	sync->n_columns = 0;
	buf_clear(&sync->copy);
	if (PQtransactionStatus(sync->pg) == PQTRANS_ACTIVE)
		end_copy(sync, "given up", &n_rows);
}
