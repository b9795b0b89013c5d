/* SPDX-License-Identifier: MIT */
/* Showing the settings: as INI, as JSON, and as a commented example file. */
#include "cli/config_value.h"
#include "codec/json_out.h"

static bool begins_section(size_t i)
{
	return i == 0 || !str_equal(str_of(settings[i].section), str_of(settings[i - 1].section));
}

void config_print_text(const struct config *config, struct buf *to)
{
	for (size_t i = 0; i < settings_count; i++) {
		if (begins_section(i))
			buf_printf(to, "%s[%s]\n", i ? "\n" : "", settings[i].section);
		buf_printf(to, "%s = ", settings[i].key);
		setting_show(&settings[i], config, to);
		buf_add_char(to, '\n');
	}
}

void config_print_json(const struct config *config, struct str socket_dir, struct buf *to)
{
	struct json_out out = json_out_of(to);

	json_object(&out);
	for (size_t i = 0; i < settings_count; i++) {
		owned(buf_free) struct buf value = buf_of(4096);
		if (begins_section(i)) {
			json_key(&out, str_of(settings[i].section));
			json_object(&out);
		}
		setting_show(&settings[i], config, &value);
		json_key(&out, str_of(settings[i].key));
		json_str(&out, buf_str(&value));
		if (i + 1 < settings_count && !begins_section(i + 1))
			continue;
		if (str_equal(str_of(settings[i].section), STR("database"))) {
			json_key(&out, STR("socket_dir"));
			json_str(&out, socket_dir);
		}
		json_object_end(&out);
	}
	json_object_end(&out);
}

static void add_bounds(const struct setting *setting, struct buf *to)
{
	if (setting->choices[0])
		buf_printf(to, " (%s)", setting->choices);
	if (setting->unit[0])
		buf_printf(to, " (%s, %lld to %lld)", setting->unit, (long long)setting->min, (long long)setting->max);
}

void config_print_example(struct buf *to)
{
	buf_add(to, STR("; recordd's settings, each with its default. Remove the ';' of a line to change it.\n"
			"; Also: RECORDD_SECTION_KEY in the environment, --set section.key=value on the command line.\n"));
	for (size_t i = 0; i < settings_count; i++) {
		const struct setting *setting = &settings[i];
		if (begins_section(i))
			buf_printf(to, "\n[%s]\n", setting->section);
		buf_printf(to, "; %s", setting->sentence);
		add_bounds(setting, to);
		buf_printf(to, "\n;%s =%s%s\n", setting->key, setting->standard[0] ? " " : "", setting->standard);
	}
}
