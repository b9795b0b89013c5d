/* SPDX-License-Identifier: MIT */
/* Query parameters: rendered as PostgreSQL's text input, in the call's arena. */
#include "db/db.h"

#include "base/arena.h"
#include "codec/time.h"

enum { POISONED = DB_MAX_PARAMS + 1 };

static void add(struct db_params *params, const char *value)
{
	check(params->n < DB_MAX_PARAMS);
	params->values[params->n++] = value;
}

/* What the arena refused (or text cannot hold) must never reach the database as NULL. */
static void add_rendered(struct db_params *params, struct str rendered)
{
	if (params->n == POISONED)
		return;
	if (str_present(rendered))
		add(params, rendered.at);
	else
		params->n = POISONED;
}

void db_add_null(struct db_params *params)
{
	if (params->n != POISONED)
		add(params, NULL);
}

void db_add_text(struct db_params *params, struct arena *arena, struct str value)
{
	if (!str_present(value))
		db_add_null(params);
	else if (str_find_char(value, '\0') < value.len)
		params->n = POISONED; /* would be cut short silently */
	else
		add_rendered(params, arena_copy(arena, value));
}

void db_add_uuid(struct db_params *params, struct arena *arena, const struct uuid *value)
{
	char text[UUID_TEXT + 1];

	if (value)
		add_rendered(params, arena_copy(arena, uuid_format(value, text)));
	else
		db_add_null(params);
}

void db_add_int(struct db_params *params, struct arena *arena, int64_t value)
{
	add_rendered(params, arena_printf(arena, "%lld", (long long)value));
}

void db_add_bool(struct db_params *params, struct arena *arena, bool value)
{
	(void)arena;
	add_rendered(params, value ? STR("t") : STR("f"));
}

void db_add_time(struct db_params *params, struct arena *arena, int64_t ms)
{
	char text[TIME_TEXT + 1];

	if (ms == INT64_MIN)
		db_add_null(params);
	else
		add_rendered(params, arena_copy(arena, time_format(ms, text)));
}

static size_t array_room(struct str_list values)
{
	size_t room = sizeof("{}");
	for (size_t i = 0; i < values.n; i++)
		room += 2 * values.items[i].len + sizeof("NULL,");
	return room;
}

static char *add_element(char *to, struct str value)
{
	if (!str_present(value))
		return (char *)__builtin_mempcpy(to, "NULL", 4);
	*to++ = '"';
	for (size_t i = 0; i < value.len; i++) {
		if (value.at[i] == '"' || value.at[i] == '\\')
			*to++ = '\\';
		*to++ = value.at[i];
	}
	*to++ = '"';
	return to;
}

void db_add_text_array(struct db_params *params, struct arena *arena, struct str_list values)
{
	char *literal = arena_alloc(arena, array_room(values)), *to = literal;

	if (!literal) {
		params->n = POISONED;
		return;
	}
	*to++ = '{';
	for (size_t i = 0; i < values.n; i++) {
		if (i)
			*to++ = ',';
		to = add_element(to, values.items[i]);
	}
	*to++ = '}';
	*to = '\0';
	add_rendered(params, str_span(literal, to));
}

void db_add_int_array(struct db_params *params, struct arena *arena, struct db_ints values)
{
	enum { INT4_TEXT = sizeof("-2147483648") }; /* the comma in place of its NUL */
	char *literal = arena_alloc(arena, sizeof("{}") + values.n * INT4_TEXT), *to = literal, room[STR_INT];

	if (!literal) {
		params->n = POISONED;
		return;
	}
	*to++ = '{';
	for (size_t i = 0; i < values.n; i++) {
		struct str number = str_of_int(values.items[i], room);
		if (i)
			*to++ = ',';
		to = (char *)__builtin_mempcpy(to, number.at, number.len);
	}
	*to++ = '}';
	*to = '\0';
	add_rendered(params, str_span(literal, to));
}
