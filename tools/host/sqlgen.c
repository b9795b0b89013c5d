/* SPDX-License-Identifier: MIT */
/*
 * Host tool: compiles the SQL of src/store into C.
 *
 *	sqlgen OUT_DIR FILE.sql…
 *
 * A file under a directory named `migrations` (NNNN_name.sql) goes whole, with its SHA-256, into store_migrations.[hc].
 * Any other file is a list of statements, which go into store_statements.[hc]: a typed query function, a row reader
 * and a registry row each. A statement is a header of comment lines, then SQL up to a line that ends in `;`:
 *
 *	-- name: records_get  params: owner uuid, id uuid  rows: doc text, version int8
 *	-- expects: 23505
 *	-- reads: replica
 *	-- Words for the reader.
 *	SELECT …;
 *
 * `params:`, `rows:`, `expects:` and `reads:` may stand on comment lines of their own, in that order. What reads from a
 * replica has the user whose data it reads as its first parameter.
 */
#include <ctype.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_FIELDS = 48, MAX_STATEMENTS = 512, MAX_MIGRATIONS = 512, MAX_FILE = 4 << 20 };

/* How the C side of a SQL type looks: its parameter, its member of a row, and who converts. */
enum shape { SHAPE_UUID, SHAPE_TEXT, SHAPE_INT, SHAPE_BOOL, SHAPE_TIME, SHAPE_ARRAY, SHAPE_INTS };

static const struct sql_type {
	const char *name;
	enum shape shape;
} sql_types[] = {
	{ "uuid", SHAPE_UUID },
	{ "text", SHAPE_TEXT },
	{ "varchar", SHAPE_TEXT },
	{ "numeric", SHAPE_TEXT },
	{ "date", SHAPE_TEXT },
	{ "json", SHAPE_TEXT },
	{ "jsonb", SHAPE_TEXT },
	{ "bytea", SHAPE_TEXT },
	{ "int2", SHAPE_INT },
	{ "int4", SHAPE_INT },
	{ "int8", SHAPE_INT },
	{ "bool", SHAPE_BOOL },
	{ "timestamptz", SHAPE_TIME },
	{ "text[]", SHAPE_ARRAY },
	{ "int2[]", SHAPE_ARRAY },
	{ "int4[]", SHAPE_INTS },
	{ "int8[]", SHAPE_ARRAY },
	{ "uuid[]", SHAPE_ARRAY },
};

struct field {
	char *name;
	const struct sql_type *type;
};

struct fields {
	struct field items[MAX_FIELDS];
	unsigned n;
};

struct statement {
	const char *file;
	int line;
	char *name, *expects, *words, *sql;
	bool replica;
	struct fields params, rows;
};

struct migration {
	const char *file;
	int number;
	char *name, *sql;
	char checksum[65];
};

static struct statement *statements[MAX_STATEMENTS];
static size_t n_statements;
static struct migration *migrations[MAX_MIGRATIONS];
static size_t n_migrations;

/* ── Small things ── */

static _Noreturn void fail(const char *file, int line, const char *format, ...)
{
	va_list args;

	fprintf(stderr, "%s:%d: ", file, line);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

static void *allocate(size_t size)
{
	void *memory = calloc(1, size);

	if (!memory) {
		fputs("sqlgen: out of memory\n", stderr);
		exit(1);
	}
	return memory;
}

static char *copy(const char *at, size_t len)
{
	char *text = allocate(len + 1);

	memcpy(text, at, len);
	return text;
}

/* A copy without white space at both ends. */
static char *copy_trimmed(const char *at, const char *end)
{
	while (at < end && isspace((unsigned char)*at))
		at++;
	while (end > at && isspace((unsigned char)end[-1]))
		end--;
	return copy(at, (size_t)(end - at));
}

static void append(char **text, const char *at, size_t len)
{
	size_t had = *text ? strlen(*text) : 0;
	char *grown = allocate(had + len + 2);

	if (had)
		memcpy(grown, *text, had);
	memcpy(grown + had, at, len);
	grown[had + len] = '\n';
	free(*text);
	*text = grown;
}

static char *read_file(const char *path, size_t *len)
{
	FILE *in = fopen(path, "rb");
	char *bytes = allocate(MAX_FILE);

	if (!in)
		fail(path, 0, "cannot be opened");
	*len = fread(bytes, 1, MAX_FILE - 1, in);
	if (ferror(in) || !feof(in))
		fail(path, 0, "cannot be read, or is over %d bytes", MAX_FILE - 1);
	fclose(in);
	if (memchr(bytes, 0, *len))
		fail(path, 0, "has a NUL byte");
	return bytes;
}

/* ── SHA-256 (FIPS 180-4) ── */

static const uint32_t sha256_k[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
	0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
	0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
	0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
	0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t rotate(uint32_t x, int n)
{
	return x >> n | x << (32 - n);
}

static void sha256_block(uint32_t state[8], const uint8_t block[64])
{
	uint32_t w[64], s[8];

	for (int i = 0; i < 16; i++)
		w[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 |
		       (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3];
	for (int i = 16; i < 64; i++) {
		uint32_t a = w[i - 15], b = w[i - 2];
		w[i] = w[i - 16] + (rotate(a, 7) ^ rotate(a, 18) ^ a >> 3) + w[i - 7] +
		       (rotate(b, 17) ^ rotate(b, 19) ^ b >> 10);
	}
	memcpy(s, state, sizeof(s));
	for (int i = 0; i < 64; i++) {
		uint32_t e = s[4], a = s[0];
		uint32_t t1 = s[7] + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + ((e & s[5]) ^ (~e & s[6])) +
			      sha256_k[i] + w[i];
		uint32_t t2 = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & s[1]) ^ (a & s[2]) ^ (s[1] & s[2]));
		memmove(s + 1, s, 7 * sizeof(*s));
		s[4] += t1;
		s[0] = t1 + t2;
	}
	for (int i = 0; i < 8; i++)
		state[i] += s[i];
}

static void sha256_hex(const char *bytes, size_t len, char hex[65])
{
	uint32_t state[8] = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
			      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 };
	uint8_t last[128] = { 0 };
	size_t whole = len / 64 * 64, rest = len - whole, padded = rest < 56 ? 64 : 128;

	for (size_t at = 0; at < whole; at += 64)
		sha256_block(state, (const uint8_t *)bytes + at);
	memcpy(last, bytes + whole, rest);
	last[rest] = 0x80;
	for (int i = 0; i < 8; i++)
		last[padded - 1 - (size_t)i] = (uint8_t)((uint64_t)len * 8 >> (8 * i));
	for (size_t at = 0; at < padded; at += 64)
		sha256_block(state, last + at);
	for (int i = 0; i < 8; i++)
		snprintf(hex + 8 * i, 9, "%08x", state[i]);
}

/* ── Reading ── */

static bool is_name(const char *text)
{
	if (!islower((unsigned char)*text))
		return false;
	for (; *text; text++)
		if (!islower((unsigned char)*text) && !isdigit((unsigned char)*text) && *text != '_')
			return false;
	return true;
}

static const struct sql_type *type_of(const char *name)
{
	for (size_t i = 0; i < sizeof(sql_types) / sizeof(*sql_types); i++)
		if (!strcmp(sql_types[i].name, name))
			return &sql_types[i];
	return NULL;
}

/* "owner uuid, id uuid". */
static void read_fields(struct statement *s, int line, const char *at, const char *end, struct fields *fields)
{
	static const char *const reserved[] = { "call", "db", "next", "params", "row", "default", "int", "register" };

	while (at + strspn(at, " \t") < end) {
		const char *comma = memchr(at, ',', (size_t)(end - at));
		char *both = copy_trimmed(at, comma ? comma : end);
		char *blank = strpbrk(both, " \t");

		if (!blank)
			fail(s->file, line, "%s: '%s' should be a name and a type", s->name, both);
		*blank = 0;
		struct field field = { both, type_of(copy_trimmed(blank + 1, blank + 1 + strlen(blank + 1))) };
		if (!is_name(field.name))
			fail(s->file, line, "%s: '%s' is no lower-case name", s->name, field.name);
		for (size_t i = 0; i < sizeof(reserved) / sizeof(*reserved); i++)
			if (!strcmp(reserved[i], field.name))
				fail(s->file, line, "%s: the name '%s' is taken", s->name, field.name);
		if (!field.type)
			fail(s->file, line, "%s: unknown type '%s'", s->name, blank + 1);
		if (fields->n == MAX_FIELDS)
			fail(s->file, line, "%s: more than %d names", s->name, MAX_FIELDS);
		fields->items[fields->n++] = field;
		at = comma ? comma + 1 : end;
	}
}

/* Where the part `key` of a header line begins, behind the key; *end where the next part begins. */
static const char *part_of(const char *line, const char *key, const char **end)
{
	static const char *const keys[] = { "name:", "params:", "rows:", "expects:", "reads:" };
	const char *at = strstr(line, key);

	if (!at)
		return NULL;
	at += strlen(key);
	*end = line + strlen(line);
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		const char *next = strstr(at, keys[i]);
		if (next && next < *end)
			*end = next;
	}
	return at;
}

/* A comment line before the SQL: parts of the header, or words for the reader. */
static void read_header(struct statement *s, int line_number, const char *line)
{
	const char *at, *end;
	bool any = !strncmp(line, "name:", 5) || !strncmp(line, "params:", 7) || !strncmp(line, "rows:", 5) ||
		   !strncmp(line, "expects:", 8) || !strncmp(line, "reads:", 6);

	if (!any) {
		append(&s->words, line, strlen(line));
		return;
	}
	if ((at = part_of(line, "params:", &end)))
		read_fields(s, line_number, at, end, &s->params);
	if ((at = part_of(line, "rows:", &end)))
		read_fields(s, line_number, at, end, &s->rows);
	if ((at = part_of(line, "expects:", &end)))
		s->expects = copy_trimmed(at, end);
	if ((at = part_of(line, "reads:", &end))) {
		s->replica = !strcmp(copy_trimmed(at, end), "replica");
		if (!s->replica || !s->params.n || s->params.items[0].type->shape != SHAPE_UUID)
			fail(s->file, line_number, "%s: 'reads: replica' is for what has the user as its first parameter", s->name);
	}
}

static struct statement *begin_statement(const char *file, int line, const char *header)
{
	struct statement *s = allocate(sizeof(*s));
	const char *end = header, *at = part_of(header, "name:", &end);

	s->file = file;
	s->line = line;
	s->name = copy_trimmed(at, end);
	s->expects = copy("", 0);
	if (!is_name(s->name))
		fail(file, line, "'%s' is no lower-case name", s->name);
	for (size_t i = 0; i < n_statements; i++)
		if (!strcmp(statements[i]->name, s->name))
			fail(file, line, "%s is also at %s:%d", s->name, statements[i]->file, statements[i]->line);
	if (n_statements == MAX_STATEMENTS)
		fail(file, line, "more than %d statements", MAX_STATEMENTS);
	read_header(s, line, header);
	return statements[n_statements++] = s;
}

/* Every $n up to the number of parameters is used, none beyond. */
static void check_placeholders(const struct statement *s)
{
	bool used[MAX_FIELDS + 1] = { false };

	for (const char *at = s->sql; (at = strchr(at, '$')); at++) {
		if (!isdigit((unsigned char)at[1]))
			continue;
		long n = strtol(at + 1, NULL, 10);
		if (n < 1 || n > (long)s->params.n)
			fail(s->file, s->line, "%s: $%ld has no parameter", s->name, n);
		used[n] = true;
	}
	for (unsigned i = 0; i < s->params.n; i++)
		if (!used[i + 1])
			fail(s->file, s->line, "%s: parameter %s ($%u) is not used", s->name,
			     s->params.items[i].name, i + 1);
}

static void end_statement(struct statement *s)
{
	char *semicolon = strrchr(s->sql, ';');

	*semicolon = 0;
	for (unsigned i = 0; i < s->rows.n; i++)
		if (s->rows.items[i].type->shape >= SHAPE_ARRAY)
			fail(s->file, s->line, "%s: column %s: arrays are for parameters only", s->name,
			     s->rows.items[i].name);
	check_placeholders(s);
}

static void read_statements(const char *file)
{
	size_t len;
	int number = 0;
	struct statement *open = NULL;

	for (char *at = read_file(file, &len), *newline; *at; at = newline + 1) {
		newline = strchr(at, '\n');
		number++;
		if (!newline)
			fail(file, number, "the last line does not end");
		char *line = copy_trimmed(at, newline);
		if (!strncmp(line, "-- name:", 8)) {
			if (open)
				fail(file, number, "%s does not end in ';'", open->name);
			open = begin_statement(file, number, line + 3);
		} else if (open && !open->sql && !strncmp(line, "--", 2)) {
			read_header(open, number, line + 2 + strspn(line + 2, " "));
		} else if (open && (open->sql || *line)) {
			append(&open->sql, at, (size_t)(newline - at));
			if (*line && line[strlen(line) - 1] == ';') {
				end_statement(open);
				open = NULL;
			}
		} else if (!open && *line && strncmp(line, "--", 2)) {
			fail(file, number, "SQL without a '-- name:' line");
		}
		free(line);
	}
	if (open)
		fail(file, number, "%s does not end in ';'", open->name);
}

static void read_migration(const char *file)
{
	struct migration *m = allocate(sizeof(*m));
	const char *base = strrchr(file, '/') + 1;
	size_t len;

	if (strspn(base, "0123456789") != 4 || base[4] != '_' || n_migrations == MAX_MIGRATIONS)
		fail(file, 0, "should be named NNNN_name.sql");
	m->file = file;
	m->number = (int)strtol(base, NULL, 10);
	m->name = copy(base, strcspn(base, "."));
	m->sql = read_file(file, &len);
	sha256_hex(m->sql, len, m->checksum);
	migrations[n_migrations++] = m;
}

/* In the order of their numbers, none of which comes twice. */
static void sort_migrations(void)
{
	for (size_t i = 0; i < n_migrations; i++) {
		for (size_t j = i + 1; j < n_migrations; j++) {
			if (migrations[j]->number < migrations[i]->number) {
				struct migration *swap = migrations[i];
				migrations[i] = migrations[j];
				migrations[j] = swap;
			}
		}
		if (i && migrations[i]->number == migrations[i - 1]->number)
			fail(migrations[i]->file, 0, "has the same number as %s", migrations[i - 1]->file);
	}
}

/* ── Writing ── */

static FILE *open_output(const char *dir, const char *name)
{
	char path[4096];
	FILE *out;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	out = fopen(path, "w");
	if (!out)
		fail(path, 0, "cannot be written");
	fputs("/* Generated from src/store by sqlgen; not to be edited. */\n", out);
	return out;
}

static void close_output(FILE *out)
{
	if (ferror(out) | fclose(out)) {
		fputs("sqlgen: writing failed\n", stderr);
		exit(1);
	}
}

/* A C string literal, a line of it for each line of the text. */
static void write_literal(FILE *out, const char *text)
{
	fputs("\n\t\"", out);
	for (; *text; text++) {
		if (*text == '\n')
			fputs(text[1] ? "\\n\"\n\t\"" : "\\n", out);
		else if (*text == '\t')
			fputs("\\t", out);
		else if (*text == '"' || *text == '\\')
			fprintf(out, "\\%c", *text);
		else if (*text == '?')
			fputs("\\?", out);
		else
			fputc(*text, out);
	}
	fputc('"', out);
}

static const char *param_type(enum shape shape)
{
	switch (shape) {
	case SHAPE_UUID: return "const struct uuid *";
	case SHAPE_TEXT: return "struct str ";
	case SHAPE_BOOL: return "bool ";
	case SHAPE_ARRAY: return "struct str_list ";
	case SHAPE_INTS: return "struct db_ints ";
	default: return "int64_t ";
	}
}

static const char *member_type(enum shape shape)
{
	return shape == SHAPE_UUID ? "struct uuid " : param_type(shape);
}

static void write_signature(FILE *out, const struct statement *s)
{
	fprintf(out, "struct turn store_%s(struct call *call, struct db *db", s->name);
	for (unsigned i = 0; i < s->params.n; i++)
		fprintf(out, ", %s%s", param_type(s->params.items[i].type->shape), s->params.items[i].name);
	fputs(", struct step next)", out);
}

static void write_words(FILE *out, const struct statement *s)
{
	fprintf(out, "\n/*\n * %s", s->name);
	for (const char *at = s->words; at && *at; at = strchr(at, '\n') + 1)
		fprintf(out, "\n * %.*s", (int)strcspn(at, "\n"), at);
	fputs("\n */\n", out);
}

static void write_declarations(FILE *out, const struct statement *s)
{
	write_words(out, s);
	fprintf(out, "extern const struct db_statement store_statement_%s;\nmust_use ", s->name);
	write_signature(out, s);
	fputs(";\n", out);
	if (!s->rows.n)
		return;
	fprintf(out, "struct store_%s_row {\n", s->name);
	for (unsigned i = 0; i < s->rows.n; i++)
		fprintf(out, "\t%s%s;\n", member_type(s->rows.items[i].type->shape), s->rows.items[i].name);
	fprintf(out, "};\nstruct store_%s_row store_%s_row(const struct call *call, size_t row);\n", s->name, s->name);
}

static void write_names(FILE *out, const struct fields *fields, bool types, const char *suffix, const char *name)
{
	if (!fields->n)
		return;
	fprintf(out, "static const char *const %s_%s[] = { ", name, suffix);
	for (unsigned i = 0; i < fields->n; i++)
		fprintf(out, "%s\"%s\"", i ? ", " : "", types ? fields->items[i].type->name : fields->items[i].name);
	fputs(" };\n", out);
}

static void write_registry_row(FILE *out, const struct statement *s)
{
	write_names(out, &s->params, true, "param_types", s->name);
	write_names(out, &s->rows, false, "column_names", s->name);
	write_names(out, &s->rows, true, "column_types", s->name);
	fprintf(out, "const struct db_statement store_statement_%s = {\n\t.name = \"%s\",\n\t.sql =", s->name, s->name);
	write_literal(out, s->sql);
	fprintf(out, ",\n\t.expects = \"%s\",\n\t.replica = %d,\n\t.n_params = %u,\n\t.n_columns = %u,\n", s->expects, s->replica,
		s->params.n, s->rows.n);
	if (s->params.n)
		fprintf(out, "\t.param_types = %s_param_types,\n", s->name);
	if (s->rows.n)
		fprintf(out, "\t.column_names = %s_column_names,\n\t.column_types = %s_column_types,\n", s->name,
			s->name);
	fputs("};\n", out);
}

static void write_query(FILE *out, const struct statement *s)
{
	static const char *const add[] = { "db_add_uuid", "db_add_text", "add_int", "db_add_bool",
					   "db_add_time", "db_add_text_array", "db_add_int_array" };

	write_signature(out, s);
	fputs("\n{\n\tstruct db_params params = { 0 };\n\n", out);
	for (unsigned i = 0; i < s->params.n; i++)
		fprintf(out, "\t%s(&params, call->arena, %s);\n", add[s->params.items[i].type->shape],
			s->params.items[i].name);
	fprintf(out, "\treturn db_query(call, db, &store_statement_%s, &params, next);\n}\n\n", s->name);
}

static void write_row_reader(FILE *out, const struct statement *s)
{
	static const char *const get[] = { "get_uuid", "db_text", "get_int", "db_bool", "db_time" };

	if (!s->rows.n)
		return;
	fprintf(out, "struct store_%s_row store_%s_row(const struct call *call, size_t row)\n{\n", s->name, s->name);
	fprintf(out, "\treturn (struct store_%s_row){\n", s->name);
	for (unsigned i = 0; i < s->rows.n; i++)
		fprintf(out, "\t\t.%s = %s(call->rows, row, %u),\n", s->rows.items[i].name,
			get[s->rows.items[i].type->shape], i);
	fputs("\t};\n}\n\n", out);
}

static const char statements_preamble[] =
	"#include \"store_statements.h\"\n\n"
	"__attribute__((unused)) static void add_int(struct db_params *params, struct arena *arena, int64_t value)\n{\n"
	"\tif (value == INT64_MIN)\n\t\tdb_add_null(params);\n\telse\n\t\tdb_add_int(params, arena, value);\n}\n\n"
	"__attribute__((unused)) static int64_t get_int(const struct db_rows *rows, size_t row, unsigned column)\n{\n"
	"\treturn db_is_null(rows, row, column) ? INT64_MIN : db_int(rows, row, column);\n}\n\n"
	"__attribute__((unused)) static struct uuid get_uuid(const struct db_rows *rows, size_t row, unsigned column)\n{\n"
	"\tstruct uuid uuid = { 0 };\n\n"
	"\t(void)db_uuid(rows, row, column, &uuid);\n\treturn uuid;\n}\n\n";

static void write_statements(const char *dir)
{
	FILE *h = open_output(dir, "store_statements.h"), *c = open_output(dir, "store_statements.c");

	fputs("#ifndef STORE_STATEMENTS_H\n#define STORE_STATEMENTS_H\n\n#include \"db/db.h\"\n\n"
	      "/* Parameters: an absent text, a NULL uuid or INT64_MIN is NULL. Rows: the same the other way round\n"
	      " * (a nil uuid for NULL); texts are valid until the step that got the rows returns. */\n\n"
	      "/* All of them, for the test that prepares each against a migrated schema. */\n"
	      "extern const struct db_statement *const store_statements[];\n"
	      "extern const size_t store_statements_count;\n", h);
	fputs(statements_preamble, c);
	for (size_t i = 0; i < n_statements; i++) {
		write_declarations(h, statements[i]);
		write_registry_row(c, statements[i]);
		write_query(c, statements[i]);
		write_row_reader(c, statements[i]);
	}
	fputs("const struct db_statement *const store_statements[] = {\n", c);
	for (size_t i = 0; i < n_statements; i++)
		fprintf(c, "\t&store_statement_%s,\n", statements[i]->name);
	fprintf(c, "\tNULL,\n};\nconst size_t store_statements_count = %zu;\n", n_statements);
	fputs("\n#endif\n", h);
	close_output(h);
	close_output(c);
}

static void write_migrations(const char *dir)
{
	FILE *h = open_output(dir, "store_migrations.h"), *c = open_output(dir, "store_migrations.c");

	fputs("#ifndef STORE_MIGRATIONS_H\n#define STORE_MIGRATIONS_H\n\n#include \"db/migrate.h\"\n\n"
	      "/* In order. */\nextern const struct db_migration store_migrations[];\n"
	      "extern const size_t store_migrations_count;\n\n#endif\n", h);
	fputs("#include \"store_migrations.h\"\n\nconst struct db_migration store_migrations[] = {\n", c);
	for (size_t i = 0; i < n_migrations; i++) {
		fprintf(c, "\t{ .number = %d, .name = \"%s\", .checksum = \"%s\", .sql =", migrations[i]->number,
			migrations[i]->name, migrations[i]->checksum);
		write_literal(c, migrations[i]->sql);
		fputs(" },\n", c);
	}
	fprintf(c, "\t{ 0 },\n};\nconst size_t store_migrations_count = %zu;\n", n_migrations);
	close_output(h);
	close_output(c);
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		fputs("usage: sqlgen OUT_DIR FILE.sql...\n", stderr);
		return 64;
	}
	for (int i = 2; i < argc; i++) {
		if (strstr(argv[i], "/migrations/"))
			read_migration(argv[i]);
		else
			read_statements(argv[i]);
	}
	sort_migrations();
	write_statements(argv[1]);
	write_migrations(argv[1]);
	return 0;
}
