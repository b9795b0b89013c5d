/* SPDX-License-Identifier: MIT */
/*
 * Structured log: one event a line, text with colour on a terminal, JSON lines otherwise.
 *
 *	log_info("record saved", LOG_ID("user", &user), LOG_INT("version", 7));
 *
 * An event is a constant short phrase; what varies goes into fields, texts in UTF-8. Never a secret, never a whole body.
 * Safe from any thread; a line is written by one write(2) to standard error.
 */
#ifndef OBS_LOG_H
#define OBS_LOG_H

#include "base/str.h"
#include "base/uuid.h"

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARN, LOG_LEVEL_ERROR };
enum log_format { LOG_FORMAT_AUTO, LOG_FORMAT_TEXT, LOG_FORMAT_JSON };

struct log_field {
	const char *key;
	enum { LOG_FIELD_END, LOG_FIELD_TEXT, LOG_FIELD_INT, LOG_FIELD_ID } kind;
	struct str text;
	int64_t number;
	const struct uuid *id;
};

#define LOG_TEXT(name, value) ((struct log_field){ .key = (name), .kind = LOG_FIELD_TEXT, .text = (value) })
#define LOG_INT(name, value) ((struct log_field){ .key = (name), .kind = LOG_FIELD_INT, .number = (int64_t)(value) })
#define LOG_ID(name, value) ((struct log_field){ .key = (name), .kind = LOG_FIELD_ID, .id = (value) })

/* Before any thread is started; may be called again (SIGHUP) for the level. */
void log_setup(enum log_format format, enum log_level level);
bool log_enabled(enum log_level level);
/* `fields` ends with a LOG_FIELD_END row. Use the macros. */
void log_write(enum log_level level, const char *event, const struct log_field *fields);

#define log_at(level, event, ...)                                                                    \
	do {                                                                                         \
		if (log_enabled(level))                                                              \
			log_write(level, event, (const struct log_field[]){ __VA_ARGS__ __VA_OPT__(, ) { 0 } }); \
	} while (0)
#define log_debug(event, ...) log_at(LOG_LEVEL_DEBUG, event __VA_OPT__(, ) __VA_ARGS__)
#define log_info(event, ...) log_at(LOG_LEVEL_INFO, event __VA_OPT__(, ) __VA_ARGS__)
#define log_warn(event, ...) log_at(LOG_LEVEL_WARN, event __VA_OPT__(, ) __VA_ARGS__)
#define log_error(event, ...) log_at(LOG_LEVEL_ERROR, event __VA_OPT__(, ) __VA_ARGS__)

#endif
