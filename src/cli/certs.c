/* SPDX-License-Identifier: MIT */
/* recordd cert: the local certificate authority and certificate. */
#include <sysexits.h>
#include <time.h>

#include "cli/command.h"
#include "cli/datadir.h"
#include "cli/lists.h"
#include "codec/json_out.h"
#include "net/cert.h"

enum { LARGEST_TEXT = 1 << 16 };

int cmd_cert_init(struct invocation *run)
{
	struct datadir dir;
	struct str said = STR_ABSENT;
	struct str path = config_data_dir(&run->config, run->arena);

	int outcome = datadir_open(&dir, path, run->arena, &said);
	if (outcome != DATADIR_OK && outcome != DATADIR_IN_USE)
		return command_failed(EX_CANTCREAT, said);
	int error = cert_init(path.at, list_of(run->config.tls_names, run->arena), run->arena, &said);
	datadir_close(&dir);
	if (error)
		return command_failed(EX_CANTCREAT, said);
	printf("%.*s\n", STR_ARG(said));
	return EX_OK;
}

static void print_day(const char *label, int64_t seconds)
{
	time_t when = (time_t)seconds;
	struct tm parts;
	char text[64] = "";

	if (gmtime_r(&when, &parts))
		strftime(text, sizeof(text), "%Y-%m-%d %H:%M UTC", &parts);
	printf("  %-12s %s\n", label, text);
}

static void print_facts(const char *file, const struct cert_facts *facts)
{
	printf("%s\n  %-12s %.*s\n  %-12s %.*s\n", file, "subject", STR_ARG(facts->subject), "issuer", STR_ARG(facts->issuer));
	if (facts->names.len)
		printf("  %-12s %.*s\n", "names", STR_ARG(facts->names));
	print_day("from", facts->not_before);
	print_day("until", facts->not_after);
	printf("  %-12s %.*s\n", "SHA-256", STR_ARG(facts->sha256));
}

static void add_facts(struct json_out *out, const char *file, const struct cert_facts *facts)
{
	json_object(out);
	json_put_str(out, STR("file"), str_of(file));
	json_put_str(out, STR("subject"), facts->subject);
	json_put_str(out, STR("issuer"), facts->issuer);
	json_put_str(out, STR("names"), facts->names);
	json_put_str(out, STR("serial"), facts->serial);
	json_put_str(out, STR("sha256"), facts->sha256);
	json_put_time_ms(out, STR("notBefore"), facts->not_before * 1000);
	json_put_time_ms(out, STR("notAfter"), facts->not_after * 1000);
	json_object_end(out);
}

int cmd_cert_show(struct invocation *run)
{
	struct cert_files files = cert_files_in(config_data_dir(&run->config, run->arena).at, run->arena);
	const char *shown[] = { run->config.tls_cert.len ? run->config.tls_cert.at : files.cert,
				run->config.tls_cert.len ? NULL : files.ca_cert };
	owned(buf_free) struct buf text = buf_of(LARGEST_TEXT);
	struct json_out out = json_out_of(&text);
	struct str said = STR_ABSENT;
	struct cert_facts facts;

	json_array(&out);
	for (size_t i = 0; i < countof(shown) && shown[i]; i++) {
		if (cert_read(shown[i], run->arena, &facts, &said))
			return command_failed(EX_NOINPUT, said);
		if (run->options.json)
			add_facts(&out, shown[i], &facts);
		else
			print_facts(shown[i], &facts);
	}
	json_array_end(&out);
	if (run->options.json)
		printf("%.*s\n", STR_ARG(buf_str(&text)));
	return EX_OK;
}

int cmd_cert_trust(struct invocation *run)
{
	struct cert_files files = cert_files_in(config_data_dir(&run->config, run->arena).at, run->arena);
	struct cert_facts facts;
	struct str said = STR_ABSENT;

	if (cert_read(files.ca_cert, run->arena, &facts, &said))
		return command_failed(EX_NOINPUT, said);
	printf("The local certificate authority is\n  %s\n  SHA-256 %.*s\n\n"
	       "curl, for one call:      curl --cacert %s https://localhost:%lld/healthz\n"
	       "Debian, system-wide:     sudo cp %s /usr/local/share/ca-certificates/recordd.crt && sudo update-ca-certificates\n"
	       "Chromium on Linux:       certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n recordd -i %s\n"
	       "Firefox:                 Settings, Privacy & Security, View Certificates, Authorities, Import\n\n"
	       "Only this machine's recordd holds its key (%s, mode 0600). Remove the trust when you remove recordd.\n",
	       files.ca_cert, STR_ARG(facts.sha256), files.ca_cert, (long long)run->config.server_https_port, files.ca_cert, files.ca_cert,
	       files.ca_key);
	return EX_OK;
}
