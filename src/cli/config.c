/* SPDX-License-Identifier: MIT */
/* Loading the settings: one table made from config.def, one setter, four sources. */
#include "cli/config.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "cli/config_value.h"
#include "codec/ini.h"

enum { LARGEST_FILE = 1 << 20, MOST_MISTAKES = 50 };

struct loading {
	struct config *config;
	struct arena *arena;
	struct str *said;
	struct str origin; /* "recordd.conf:12", "RECORDD_CACHE_SIZE", "--set" */
	bool database_in_file;
	size_t n_mistakes;
};

/* Notes a mistake, a line each; what comes after it is read all the same, so that all of them are told at once. */
static void refuse(struct loading *loading, struct str why)
{
	struct str *said = loading->said;

	loading->n_mistakes++;
	if (loading->n_mistakes == MOST_MISTAKES + 1)
		*said = arena_printf(loading->arena, "%.*s\nand more", STR_ARG(*said));
	if (loading->n_mistakes > MOST_MISTAKES)
		return;
	*said = arena_printf(loading->arena, "%.*s%s%.*s: %.*s", STR_ARG(*said), said->len ? "\n" : "",
			     STR_ARG(loading->origin), STR_ARG(why));
}

static void unknown(struct loading *loading, struct str section, struct str key)
{
	const struct setting *nearest = setting_nearest(section, key);
	refuse(loading,
	       arena_printf(loading->arena, "unknown setting '%.*s.%.*s'; did you mean '%s.%s'? (recordd config example lists all)",
			    STR_ARG(section), STR_ARG(key), nearest->section, nearest->key));
}

static void apply(struct loading *loading, struct str section, struct str key, struct str value)
{
	const struct setting *setting = setting_find(section, key);
	struct str why = STR_ABSENT;

	if (!setting)
		unknown(loading, section, key);
	else if (!setting_store(setting, loading->config, arena_copy(loading->arena, str_trim(value)), loading->arena, &why))
		refuse(loading, why);
}

static void apply_defaults(struct loading *loading)
{
	loading->origin = STR("config.def");
	for (size_t i = 0; i < settings_count; i++)
		apply(loading, str_of(settings[i].section), str_of(settings[i].key), str_of(settings[i].standard));
}

static void apply_file_row(void *arg, const struct ini_row *row)
{
	struct loading *loading = arg;

	loading->origin = arena_printf(loading->arena, "%.*s:%u", STR_ARG(loading->config->file), row->line);
	if (row->fault)
		refuse(loading, str_of(row->fault));
	if (row->fault || !str_present(row->section)) /* the section's own mistake is told already */
		return;
	if (str_equal(row->section, STR("database")) && str_equal(row->key, STR("url")))
		loading->database_in_file = row->value.len > 0;
	apply(loading, row->section, row->key, row->value);
}

static void file_close(FILE **file)
{
	if (*file)
		fclose(*file);
}

static int read_whole(const char *path, struct buf *to)
{
	owned(file_close) FILE *file = fopen(path, "re");
	size_t got;

	if (!file)
		return errno;
	do {
		char *room = buf_reserve(to, 4096);
		if (!room)
			return EFBIG;
		got = fread(room, 1, 4096, file);
		buf_commit(to, got);
	} while (got);
	return ferror(file) ? EIO : 0;
}

static int apply_file(struct loading *loading, const char *path, bool must_exist)
{
	owned(buf_free) struct buf text = buf_of(LARGEST_FILE);
	int error = read_whole(path, &text);

	if (error == ENOENT && !must_exist)
		return CONFIG_OK;
	if (error) {
		*loading->said = arena_printf(loading->arena, "configuration file %s cannot be read: %s", path, strerror(error));
		return CONFIG_UNREADABLE;
	}
	loading->config->file = arena_copy(loading->arena, str_of(path));
	ini_read(buf_str(&text), apply_file_row, loading);
	return CONFIG_OK;
}

static int apply_files(struct loading *loading, const char *named)
{
	if (named)
		return apply_file(loading, named, true);
	if (access("recordd.conf", F_OK) == 0)
		return apply_file(loading, "recordd.conf", false);
	return apply_file(loading, "/etc/recordd/recordd.conf", false);
}

static struct str environment_name(const struct setting *setting, struct arena *arena)
{
	struct str name = arena_printf(arena, "RECORDD_%s_%s", setting->section, setting->key);
	for (char *c = (char *)(uintptr_t)name.at; c && *c; c++)
		if (*c >= 'a' && *c <= 'z')
			*c = (char)(*c - 'a' + 'A');
	return name;
}

static void apply_environment(struct loading *loading)
{
	for (size_t i = 0; i < settings_count; i++) {
		loading->origin = environment_name(&settings[i], loading->arena);
		const char *value = loading->origin.at ? getenv(loading->origin.at) : NULL;
		if (value)
			apply(loading, str_of(settings[i].section), str_of(settings[i].key), str_of(value));
	}
}

/* DATABASE_URL and POSTGRES_DSN are what hosting platforms set; recordd's own name wins over them, they over the file. */
static void apply_platform_database(struct loading *loading)
{
	static const char *const names[] = { "DATABASE_URL", "POSTGRES_DSN" };

	for (size_t i = 0; i < countof(names); i++) {
		const char *value = getenv(names[i]);
		if (!value || !*value)
			continue;
		loading->origin = str_of(names[i]);
		apply(loading, STR("database"), STR("url"), str_of(value));
		return;
	}
}

static void warn_of_two_databases(struct loading *loading, struct str from_file, struct str *warning)
{
	const char *values[] = { from_file.at, getenv("RECORDD_DATABASE_URL"), getenv("DATABASE_URL"), getenv("POSTGRES_DSN") };
	struct str in_effect = loading->config->database_url;

	for (size_t i = 0; i < countof(values); i++)
		if (values[i] && *values[i] && !str_equal(str_of(values[i]), in_effect))
			*warning = STR("more than one database is configured and they differ; the order is --set, RECORDD_DATABASE_URL, "
				       "DATABASE_URL, POSTGRES_DSN, the file");
}

static void apply_sets(struct loading *loading, const struct config_sources *sources)
{
	loading->origin = STR("--set");
	for (size_t i = 0; i < sources->n_sets; i++) {
		struct str value, key, section;
		struct str name = str_cut(str_of(sources->sets[i]), '=', &value);
		section = str_cut(name, '.', &key);
		if (str_present(value) && str_present(key))
			apply(loading, section, key, value);
		else
			refuse(loading, arena_printf(loading->arena, "'%s' is not section.key=value", sources->sets[i]));
	}
	loading->origin = STR("--data");
	if (sources->data)
		apply(loading, STR("data"), STR("dir"), str_of(sources->data));
	loading->origin = STR("--web-dir");
	if (sources->web_dir)
		apply(loading, STR("server"), STR("web_dir"), str_of(sources->web_dir));
}

int config_load(struct config *config, const struct config_sources *sources, struct arena *arena, struct str *said,
		struct str *warning)
{
	struct loading loading = { .config = config, .arena = arena, .said = said };

	*config = (struct config){ 0 };
	*said = *warning = STR_ABSENT;
	apply_defaults(&loading);
	if (apply_files(&loading, sources->file))
		return CONFIG_UNREADABLE;
	struct str from_file = loading.database_in_file ? config->database_url : STR_ABSENT;
	apply_platform_database(&loading);
	apply_environment(&loading);
	apply_sets(&loading, sources);
	if (loading.n_mistakes)
		return CONFIG_BAD;
	warn_of_two_databases(&loading, from_file, warning);
	return CONFIG_OK;
}

struct str config_data_dir(const struct config *config, struct arena *arena)
{
	char here[PATH_MAX];
	struct str dir = config->data_dir;

	if (dir.len == 0) {
		const char *data_home = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
		if (geteuid() == 0)
			return STR("/var/lib/recordd");
		if (data_home && *data_home == '/')
			return arena_printf(arena, "%s/recordd", data_home);
		return arena_printf(arena, "%s/.local/share/recordd", home && *home ? home : ".");
	}
	if (dir.at[0] == '/' || !getcwd(here, sizeof(here)))
		return dir;
	return arena_printf(arena, "%s/%.*s", here, STR_ARG(dir));
}
