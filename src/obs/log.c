/* SPDX-License-Identifier: MIT */
/* The log: one line built on the stack, one write. */
#include "obs/log.h"

#include <stdatomic.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

/* One write(2) of at most PIPE_BUF bytes is atomic on a pipe too; what does not fit is cut, visibly. */
enum { LINE_MAX_BYTES = 4096, TAIL_ROOM = 8 };

struct line {
	char at[LINE_MAX_BYTES];
	size_t len;
	bool cut;
};

static const struct level_row {
	const char *name, *colour;
} levels[] = {
	[LOG_LEVEL_DEBUG] = { "debug", "\033[2m" },
	[LOG_LEVEL_INFO] = { "info", "\033[32m" },
	[LOG_LEVEL_WARN] = { "warn", "\033[33m" },
	[LOG_LEVEL_ERROR] = { "error", "\033[31m" },
};

static atomic_int lowest = LOG_LEVEL_INFO;
static atomic_int shape = LOG_FORMAT_AUTO;

void log_setup(enum log_format format, enum log_level level)
{
	if (format == LOG_FORMAT_AUTO)
		format = isatty(STDERR_FILENO) ? LOG_FORMAT_TEXT : LOG_FORMAT_JSON;
	atomic_store(&shape, (int)format);
	atomic_store(&lowest, (int)level);
}

bool log_enabled(enum log_level level)
{
	return (int)level >= atomic_load_explicit(&lowest, memory_order_relaxed);
}

static void put(struct line *line, struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (line->len >= sizeof(line->at) - TAIL_ROOM) {
			line->cut = true;
			return;
		}
		line->at[line->len++] = s.at[i];
	}
}

static void put_int(struct line *line, int64_t value)
{
	char digits[24];
	int len = snprintf(digits, sizeof(digits), "%lld", (long long)value);
	put(line, (struct str){ digits, (size_t)len });
}

/* The same escapes serve JSON and text: a value can neither end its quotes nor forge a line or a terminal's escape. */
static void put_quoted(struct line *line, struct str s)
{
	put(line, STR("\""));
	for (size_t i = 0; i < s.len && !line->cut; i++) {
		unsigned char c = (unsigned char)s.at[i];
		if (c == '"' || c == '\\') {
			put(line, (struct str){ (char[]){ '\\', (char)c }, 2 });
		} else if (c < 0x20 || c == 0x7f) {
			char escape[8];
			snprintf(escape, sizeof(escape), "\\u%04x", c);
			put(line, (struct str){ escape, 6 });
		} else {
			put(line, (struct str){ &s.at[i], 1 });
		}
	}
	put(line, STR("\""));
}

static bool is_word(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.at[i] <= ' ' || s.at[i] == '"' || s.at[i] == '\\' || s.at[i] == '=' || s.at[i] >= 0x7f)
			return false;
	return s.len > 0;
}

static void put_time(struct line *line)
{
	int64_t now = clock_wall_ms();
	time_t seconds = (time_t)(now / 1000);
	struct tm utc;
	char text[64];

	gmtime_r(&seconds, &utc);
	int len = snprintf(text, sizeof(text), "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", utc.tm_year + 1900,
			   utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, (int)(now % 1000));
	put(line, (struct str){ text, (size_t)len });
}

static struct str id_text(const struct log_field *field, char to[UUID_TEXT + 1])
{
	return field->id ? uuid_format(field->id, to) : STR_ABSENT;
}

static void put_json_value(struct line *line, const struct log_field *field)
{
	char id[UUID_TEXT + 1];
	struct str text = field->kind == LOG_FIELD_ID ? id_text(field, id) : field->text;

	if (field->kind == LOG_FIELD_INT)
		put_int(line, field->number);
	else if (str_present(text))
		put_quoted(line, text);
	else
		put(line, STR("null"));
}

static void write_json(struct line *line, enum log_level level, const char *event, const struct log_field *fields)
{
	put(line, STR("{\"time\":\""));
	put_time(line);
	put(line, STR("\",\"level\":"));
	put_quoted(line, str_of(levels[level].name));
	put(line, STR(",\"event\":"));
	put_quoted(line, str_of(event));
	for (const struct log_field *field = fields; field->kind != LOG_FIELD_END; field++) {
		size_t before = line->len;
		put(line, STR(","));
		put_quoted(line, str_of(field->key));
		put(line, STR(":"));
		put_json_value(line, field);
		if (line->cut) {
			line->len = before; /* half a field would break the line's JSON */
			break;
		}
	}
	line->at[line->len++] = '}';
}

static void write_text(struct line *line, enum log_level level, const char *event, const struct log_field *fields)
{
	static const struct str plain = { "\033[0m", 4 };

	put_time(line);
	put(line, STR(" "));
	put(line, str_of(levels[level].colour));
	put(line, str_of(levels[level].name));
	put(line, plain);
	put(line, STR(" "));
	put(line, str_of(event));
	for (const struct log_field *field = fields; field->kind != LOG_FIELD_END; field++) {
		put(line, STR(" "));
		put(line, str_of(field->key));
		put(line, STR("="));
		if (field->kind == LOG_FIELD_TEXT && is_word(field->text))
			put(line, field->text);
		else
			put_json_value(line, field);
	}
	if (line->cut)
		line->len = (size_t)(stpcpy(line->at + line->len, "…") - line->at);
}

void log_write(enum log_level level, const char *event, const struct log_field *fields)
{
	struct line line;
	line.len = 0;
	line.cut = false;

	if (atomic_load(&shape) == LOG_FORMAT_TEXT)
		write_text(&line, level, event, fields);
	else
		write_json(&line, level, event, fields);
	line.at[line.len++] = '\n';
	/* A log that cannot be written must not stop the server; a short write to a full disk is lost. */
	ssize_t written = write(STDERR_FILENO, line.at, line.len);
	(void)written;
}
