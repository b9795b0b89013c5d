/* SPDX-License-Identifier: MIT */
/* Commands that only show: settings and version. */
#include <sysexits.h>
#include <unistd.h>

#include "cli/command.h"
#include "codec/json_out.h"
#include "db/cluster.h"
#include "net/gcm.h"
#include "vendor_licenses.h"
#include "version.h"

enum { LARGEST_TEXT = 1 << 20 };

int cmd_config_check(struct invocation *run)
{
	struct str file = run->config.file;
	printf("The settings are good (%.*s).\n", STR_ARG(str_present(file) ? file : STR("no configuration file")));
	return EX_OK;
}

int cmd_config_print(struct invocation *run)
{
	owned(buf_free) struct buf text = buf_of(LARGEST_TEXT);
	struct str dir = config_data_dir(&run->config, run->arena);

	if (run->options.json)
		config_print_json(&run->config, db_cluster_socket_dir(dir.at, run->arena), &text);
	else
		config_print_text(&run->config, &text);
	printf("%.*s%s", STR_ARG(buf_str(&text)), run->options.json ? "\n" : "");
	return EX_OK;
}

int cmd_config_example(struct invocation *run)
{
	owned(buf_free) struct buf text = buf_of(LARGEST_TEXT);

	(void)run;
	config_print_example(&text);
	printf("%.*s", STR_ARG(buf_str(&text)));
	return EX_OK;
}

static void add_licenses(struct json_out *out)
{
	json_key(out, STR("linked"));
	json_array(out);
	for (size_t i = 0; i < vendor_licenses_count; i++) {
		json_object(out);
		json_put_str(out, STR("name"), str_of(vendor_licenses[i].name));
		json_put_str(out, STR("version"), str_of(vendor_licenses[i].version));
		json_put_str(out, STR("license"), str_of(vendor_licenses[i].license));
		json_object_end(out);
	}
	json_array_end(out);
}

static void print_version_json(bool licenses)
{
	owned(buf_free) struct buf text = buf_of(LARGEST_TEXT);
	struct json_out out = json_out_of(&text);

	json_object(&out);
	json_put_str(&out, STR("version"), STR(RECORDD_VERSION));
	json_put_str(&out, STR("revision"), STR(RECORDD_GIT_REV));
	json_put_str(&out, STR("aesGcm"), str_of(net_gcm_in_use()));
	if (licenses)
		add_licenses(&out);
	json_object_end(&out);
	printf("%.*s\n", STR_ARG(buf_str(&text)));
}

int cmd_version(struct invocation *run)
{
	if (run->options.json) {
		print_version_json(run->options.licenses);
		return EX_OK;
	}
	printf("recordd " RECORDD_VERSION " (" RECORDD_GIT_REV "), AES-GCM here: %s\n", net_gcm_in_use());
	for (size_t i = 0; run->options.licenses && i < vendor_licenses_count; i++)
		printf("  %-14s %-24s %s\n", vendor_licenses[i].name, vendor_licenses[i].version, vendor_licenses[i].license);
	return EX_OK;
}
