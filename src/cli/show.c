/* SPDX-License-Identifier: MIT */
/* Commands that only show: settings and version. */
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "cli/server.h"
#include "codec/json_out.h"
#include "db/cluster.h"
#include "net/cert.h"
#include "net/gcm.h"
#include "vendor_licenses.h"
#include "version.h"

enum { LARGEST_TEXT = 1 << 20 };

/* What serve would read at once: its own certificates and keys, the authorities of clients', the pages. */
static int check_tls(const struct invocation *run, struct str *said)
{
	const struct config *config = &run->config;
	struct cert_files local = cert_files_in(config_data_dir(config, run->arena).at, run->arena);
	struct tls_settings settings;
	struct tls_context *tls = NULL;
	struct cert_facts *facts;
	size_t n;

	int error = wire_tls(config, &local, run->arena, &settings, said);
	if (error)
		return error;
	if (config->tls_cert.len) {
		error = tls_context_new(&settings, run->arena, &tls, said);
		tls_context_free(tls);
		return error ? EX_CONFIG : EX_OK;
	}
	/* The local certificate is made by the first start. */
	if (config->tls_client_ca.len)
		return cert_read_all(settings.client_ca, run->arena, &facts, &n, said) ? EX_CONFIG : EX_OK;
	if (!settings.client_required)
		return EX_OK;
	*said = STR("tls.client_cert = required takes tls.client_ca, a file of authorities");
	return EX_CONFIG;
}

static int check_pages(const struct invocation *run, struct str *said)
{
	struct str dir = run->config.server_web_dir;
	struct stat facts;

	if (!dir.len || (stat(dir.at, &facts) == 0 && S_ISDIR(facts.st_mode)))
		return EX_OK;
	*said = arena_printf(run->arena, "server.web_dir: %.*s is no directory", STR_ARG(dir));
	return EX_CONFIG;
}

int cmd_config_check(struct invocation *run)
{
	int (*const checks[])(const struct invocation *run, struct str *said) = { check_tls, check_pages };
	struct str said, file = run->config.file;
	int outcome = EX_OK;

	for (size_t i = 0; i < countof(checks); i++)
		if (checks[i](run, &said))
			outcome = command_failed(EX_CONFIG, said);
	if (outcome)
		return outcome;
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
