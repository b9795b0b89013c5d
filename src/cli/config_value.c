/* SPDX-License-Identifier: MIT */
/* Settings one by one: the table, parsing a value, showing it. */
#include "cli/config_value.h"

#include <errno.h>
#include <string.h>

#define ROW(section, key, kind, standard, min, max, choices, unit, sentence) \
	{ #section, #key, kind, standard, min, max, choices, unit, sentence, offsetof(struct config, section##_##key) },

const struct setting settings[] = {
#define TEXT(section, key, standard, sentence) ROW(section, key, SETTING_TEXT, standard, 0, 0, "", "", sentence)
#define SECRET(section, key, standard, sentence) ROW(section, key, SETTING_SECRET, standard, 0, 0, "", "", sentence)
#define CHOICE(section, key, standard, choices, sentence) ROW(section, key, SETTING_CHOICE, standard, 0, 0, choices, "", sentence)
#define BOOL(section, key, standard, sentence) ROW(section, key, SETTING_BOOL, standard, 0, 0, "", "", sentence)
#define INT(section, key, standard, min, max, unit, sentence) ROW(section, key, SETTING_INT, standard, min, max, "", unit, sentence)
#define SIZE(section, key, standard, min, max, sentence) ROW(section, key, SETTING_SIZE, standard, min, max, "", "", sentence)
#define TIME(section, key, standard, min, max, sentence) ROW(section, key, SETTING_TIME, standard, min, max, "", "", sentence)
#define PORT(section, key, standard, sentence) ROW(section, key, SETTING_PORT, standard, 0, 65535, "", "", sentence)
#include "config.def"
#undef TEXT
#undef SECRET
#undef CHOICE
#undef BOOL
#undef INT
#undef SIZE
#undef TIME
#undef PORT
};
const size_t settings_count = countof(settings);

/* Units, largest first, so that showing takes the largest that divides. */
struct unit {
	struct str name;
	int64_t worth;
};

static const struct unit sizes[] = {
	{ { "TB", 2 }, 1LL << 40 }, { { "GB", 2 }, 1 << 30 }, { { "MB", 2 }, 1 << 20 }, { { "KB", 2 }, 1 << 10 }, { { "B", 1 }, 1 },
};
static const struct unit times[] = {
	{ { "d", 1 }, 86400000 }, { { "h", 1 }, 3600000 }, { { "m", 1 }, 60000 }, { { "s", 1 }, 1000 }, { { "ms", 2 }, 1 },
};

static void *place_of(const struct setting *setting, const struct config *config)
{
	return (char *)(uintptr_t)config + setting->offset;
}

const struct setting *setting_find(struct str section, struct str key)
{
	for (size_t i = 0; i < settings_count; i++)
		if (str_equal(section, str_of(settings[i].section)) && str_equal(key, str_of(settings[i].key)))
			return &settings[i];
	return NULL;
}

/* Levenshtein distance, one row at a time; names are cut at 63 bytes, which only a typo of a novel would notice. */
static unsigned distance(struct str a, struct str b)
{
	unsigned row[64];
	a = str_first(a, 63);
	b = str_first(b, 63);
	for (unsigned j = 0; j <= b.len; j++)
		row[j] = j;
	for (unsigned i = 1; i <= a.len; i++) {
		unsigned diagonal = row[0];
		row[0] = i;
		for (unsigned j = 1; j <= b.len; j++) {
			unsigned change = diagonal + (char_lower(a.at[i - 1]) != char_lower(b.at[j - 1]));
			unsigned step = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;
			diagonal = row[j];
			row[j] = change < step ? change : step;
		}
	}
	return row[b.len];
}

const struct setting *setting_nearest(struct str section, struct str key)
{
	const struct setting *nearest = NULL;
	unsigned least = 0;

	for (size_t i = 0; i < settings_count; i++) {
		unsigned far = distance(section, str_of(settings[i].section)) + distance(key, str_of(settings[i].key));
		if (!nearest || far < least) {
			nearest = &settings[i];
			least = far;
		}
	}
	return nearest;
}

static bool parse_with_unit(struct str value, const struct unit *units, size_t n, int64_t plain, int64_t *out)
{
	size_t digits = 0;
	int64_t number, worth = plain;

	while (digits < value.len && char_is_digit(value.at[digits]))
		digits++;
	struct str unit = str_trim(str_skip(value, digits));
	if (!str_to_int(str_first(value, digits), 0, INT64_MAX, &number))
		return false;
	if (unit.len) {
		worth = 0;
		for (size_t i = 0; i < n; i++)
			if (str_equal_nocase(unit, units[i].name))
				worth = units[i].worth;
	}
	return worth && !__builtin_mul_overflow(number, worth, out);
}

static bool parse_bool(struct str value, bool *out)
{
	static const char *const yes[] = { "true", "yes", "on", "1" }, *const no[] = { "false", "no", "off", "0" };

	for (size_t i = 0; i < countof(yes); i++) {
		if (str_equal_nocase(value, str_of(yes[i])))
			return *out = true;
		if (str_equal_nocase(value, str_of(no[i]))) {
			*out = false;
			return true;
		}
	}
	return false;
}

static bool parse_choice(const char *choices, struct str value, int64_t *out)
{
	struct str rest = str_of(choices);

	for (int64_t index = 0; str_present(rest); index++)
		if (str_equal(str_cut(rest, '|', &rest), value)) {
			*out = index;
			return true;
		}
	return false;
}

static bool parse_number(const struct setting *setting, struct str value, int64_t *out)
{
	switch (setting->kind) {
	case SETTING_SIZE:
		return parse_with_unit(value, sizes, countof(sizes), 1, out);
	case SETTING_TIME:
		return parse_with_unit(value, times, countof(times), 1000, out);
	default:
		return str_to_int(value, INT64_MIN, INT64_MAX, out);
	}
}

static void add_number(const struct setting *setting, int64_t value, struct buf *to)
{
	const struct unit *units = setting->kind == SETTING_SIZE ? sizes : times;
	size_t i = 0;

	if (setting->kind != SETTING_SIZE && setting->kind != SETTING_TIME) {
		buf_add_int(to, value);
		return;
	}
	while (value % units[i].worth || (value == 0 && units[i].worth > 1))
		i++;
	buf_add_int(to, value / units[i].worth);
	buf_add(to, units[i].name);
}

static bool store_number(const struct setting *setting, int64_t *place, struct str value, struct arena *arena, struct str *why)
{
	owned(buf_free) struct buf range = buf_of(256);
	int64_t number;

	if (setting->kind == SETTING_PORT && str_equal_nocase(value, STR("auto"))) {
		*place = CONFIG_PORT_AUTO;
		return true;
	}
	if (parse_number(setting, value, &number) && number >= setting->min && number <= setting->max) {
		*place = number;
		return true;
	}
	add_number(setting, setting->min, &range);
	buf_add(&range, STR(" to "));
	add_number(setting, setting->max, &range);
	*why = arena_printf(arena, "%s.%s: '%.*s' is not %s from %.*s%s", setting->section, setting->key, STR_ARG(value),
			    setting->kind == SETTING_TIME   ? "a time"
			    : setting->kind == SETTING_SIZE ? "a size"
							    : "a whole number",
			    STR_ARG(buf_str(&range)), setting->kind == SETTING_PORT ? ", or auto" : "");
	return false;
}

bool setting_store(const struct setting *setting, struct config *config, struct str value, struct arena *arena, struct str *why)
{
	void *place = place_of(setting, config);

	switch (setting->kind) {
	case SETTING_TEXT:
	case SETTING_SECRET:
		*(struct str *)place = value;
		return true;
	case SETTING_BOOL:
		if (parse_bool(value, place))
			return true;
		*why = arena_printf(arena, "%s.%s: '%.*s' is neither true nor false", setting->section, setting->key, STR_ARG(value));
		return false;
	case SETTING_CHOICE:
		if (parse_choice(setting->choices, value, place))
			return true;
		*why = arena_printf(arena, "%s.%s: '%.*s' is none of %s", setting->section, setting->key, STR_ARG(value),
				    setting->choices);
		return false;
	default:
		return store_number(setting, place, value, arena, why);
	}
}

static struct str choice_at(const char *choices, int64_t index)
{
	struct str rest = str_of(choices), word = str_cut(rest, '|', &rest);
	while (index--)
		word = str_cut(rest, '|', &rest);
	return word;
}

static int text_keep(struct str *text, struct str other, struct arena *arena)
{
	if (str_equal(*text, other))
		return 0;
	*text = arena_copy(arena, other);
	return text->at ? 1 : -ENOMEM;
}

int setting_keep(const struct setting *setting, struct config *config, const struct config *other, struct arena *arena)
{
	void *place = place_of(setting, config);
	const void *from = place_of(setting, other);
	int changed;

	switch (setting->kind) {
	case SETTING_TEXT:
	case SETTING_SECRET:
		return text_keep(place, *(const struct str *)from, arena);
	case SETTING_BOOL:
		changed = *(bool *)place != *(const bool *)from;
		*(bool *)place = *(const bool *)from;
		return changed;
	default:
		changed = *(int64_t *)place != *(const int64_t *)from;
		*(int64_t *)place = *(const int64_t *)from;
		return changed;
	}
}

void setting_show(const struct setting *setting, const struct config *config, struct buf *to)
{
	const void *place = place_of(setting, config);

	switch (setting->kind) {
	case SETTING_TEXT:
		buf_add(to, *(const struct str *)place);
		return;
	case SETTING_SECRET:
		buf_add(to, ((const struct str *)place)->len ? STR("(set, not shown)") : STR(""));
		return;
	case SETTING_BOOL:
		buf_add(to, *(const bool *)place ? STR("true") : STR("false"));
		return;
	case SETTING_CHOICE:
		buf_add(to, choice_at(setting->choices, *(const int64_t *)place));
		return;
	case SETTING_PORT:
		if (*(const int64_t *)place == CONFIG_PORT_AUTO) {
			buf_add(to, STR("auto"));
			return;
		}
		/* fall through */
	default:
		add_number(setting, *(const int64_t *)place, to);
	}
}
