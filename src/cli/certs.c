/* SPDX-License-Identifier: MIT */
/* recordd cert: the local certificate authority and certificate. */
#include <errno.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/datadir.h"
#include "cli/lists.h"
#include "codec/json_out.h"
#include "net/cert.h"

enum { LARGEST_TEXT = 1 << 16 };

/* Of the data directory, which is the wrong one if it has none: those of a running server are always there. */
static bool has_none(const struct cert_files *files)
{
	return access(files->cert, F_OK) && errno == ENOENT && access(files->ca_key, F_OK) && errno == ENOENT;
}

static int refuse_none(struct invocation *run)
{
	struct str path = config_data_dir(&run->config, run->arena);

	return command_failed(EX_NOINPUT,
			      arena_printf(run->arena,
					   "there is no certificate in %.*s: name the server's data directory by --data, or make one "
					   "by recordd cert init",
					   STR_ARG(path)));
}

static struct cert_files local_files(struct invocation *run)
{
	return cert_files_in(config_data_dir(&run->config, run->arena).at, run->arena);
}

/* Makes or changes certificates in the data directory, which may be a running server's. */
static int change(struct invocation *run, int (*how)(struct invocation *run, const char *dir, struct str *said))
{
	struct datadir dir;
	struct str said = STR_ABSENT;
	struct str path = config_data_dir(&run->config, run->arena);

	int outcome = datadir_open(&dir, path, run->arena, &said);
	if (outcome == DATADIR_NEWER)
		return command_failed(EX_DATAERR, said);
	if (outcome != DATADIR_OK && outcome != DATADIR_IN_USE)
		return command_failed(EX_CANTCREAT, said);
	int error = how(run, path.at, &said);
	datadir_close(&dir);
	if (error)
		return command_failed(EX_CANTCREAT, said);
	printf("%.*s\n", STR_ARG(said));
	return EX_OK;
}

static int init(struct invocation *run, const char *dir, struct str *said)
{
	return cert_init(dir, list_of(run->config.tls_names, run->arena), run->arena, said);
}

int cmd_cert_init(struct invocation *run)
{
	return change(run, init);
}

static bool is_configured(const struct invocation *run)
{
	return run->config.tls_cert.len > 0;
}

static int refuse_configured(struct invocation *run)
{
	return command_failed(EX_CONFIG, arena_printf(run->arena,
						      "tls.cert is set: %.*s is served, and a running server takes it when it changes",
						      STR_ARG(run->config.tls_cert)));
}

static int rotate(struct invocation *run, const char *dir, struct str *said)
{
	return cert_rotate(dir, list_of(run->config.tls_names, run->arena), run->options.ca ? CERT_ROTATE_AUTHORITY : CERT_ROTATE_LEAF,
			   run->arena, said);
}

int cmd_cert_rotate(struct invocation *run)
{
	struct cert_files files = local_files(run);

	if (is_configured(run))
		return refuse_configured(run);
	return has_none(&files) ? refuse_none(run) : change(run, rotate);
}

static int install(struct invocation *run, const char *dir, struct str *said)
{
	return cert_install(dir, run->argument, run->second, run->arena, said);
}

/* Where ACME clients tell their deploy hooks what they have obtained. False: this is no deploy hook. */
static bool obtained(struct invocation *run)
{
	static const char *const pairs[][2] = { { "LEGO_HOOK_CERT_PATH", "LEGO_HOOK_CERT_KEY_PATH" },
						{ "LEGO_CERT_PATH", "LEGO_CERT_KEY_PATH" } };
	const char *lineage = getenv("RENEWED_LINEAGE"); /* certbot's directory */

	if (lineage) {
		run->argument = arena_printf(run->arena, "%s/fullchain.pem", lineage).at;
		run->second = arena_printf(run->arena, "%s/privkey.pem", lineage).at;
	}
	for (size_t i = 0; !run->argument && i < countof(pairs); i++) {
		run->argument = getenv(pairs[i][0]);
		run->second = getenv(pairs[i][1]);
	}
	return run->argument && run->second;
}

int cmd_cert_install(struct invocation *run)
{
	if (is_configured(run))
		return refuse_configured(run);
	if (!run->argument && !obtained(run))
		return command_failed(EX_USAGE, STR("name the chain and the key, or run this as a deploy hook of certbot or lego"));
	return change(run, install);
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

/* Everything in one file, or its leaf only. */
static int show_file(struct invocation *run, const char *file, bool all, struct json_out *out)
{
	struct str said = STR_ABSENT;
	struct cert_facts *facts;
	size_t n;

	if (cert_read_all(file, run->arena, &facts, &n, &said))
		return command_failed(EX_NOINPUT, said);
	for (size_t i = 0; i < (all ? n : 1); i++)
		if (run->options.json)
			add_facts(out, file, &facts[i]);
		else
			print_facts(file, &facts[i]);
	return EX_OK;
}

/* As far as the settings know: any free one is told of by the server itself, when it is ready. */
static struct str https_port(const struct invocation *run)
{
	long long port = run->config.server_https_port;

	return port > 0 ? arena_printf(run->arena, "%lld", port) : STR("PORT");
}

/* Where a phone gets the authority from; in clear if there is such a port, as it does not trust the other yet. */
static struct str download(const struct invocation *run)
{
	const struct config *config = &run->config;
	bool clear = config->server_http_port > 0;

	if (clear)
		return arena_printf(run->arena, "http://HOST:%lld/ca.crt", (long long)config->server_http_port);
	return arena_printf(run->arena, "https://HOST:%.*s/ca.crt", STR_ARG(https_port(run)));
}

int cmd_cert_show(struct invocation *run)
{
	struct cert_files files = local_files(run);
	owned(buf_free) struct buf text = buf_of(LARGEST_TEXT);
	struct json_out out = json_out_of(&text);
	struct cert_authority authority;
	struct str_list configured = list_of(run->config.tls_cert, run->arena);
	int error = EX_OK;

	if (!is_configured(run) && has_none(&files))
		return refuse_none(run);
	json_array(&out);
	for (size_t i = 0; !error && i < configured.n; i++)
		error = show_file(run, arena_copy(run->arena, configured.items[i]).at, false, &out);
	if (!is_configured(run)) {
		error = show_file(run, files.cert, false, &out);
		if (!error && cert_authority_read(&files, run->arena, &authority)) {
			error = show_file(run, files.ca_cert, true, &out);
			if (!error && !run->options.json)
				printf("The running server gives its authority to phones at %.*s (compare the SHA-256)\n",
				       STR_ARG(download(run)));
		}
	}
	json_array_end(&out);
	if (!error && run->options.json)
		printf("%.*s\n", STR_ARG(buf_str(&text)));
	return error;
}

/* Most programs take the first certificate of a file only, which is the current authority; some refuse a second one. */
int cmd_cert_trust(struct invocation *run)
{
	struct cert_files files = local_files(run);
	struct cert_facts *facts;
	struct str said = STR_ABSENT;
	size_t n;

	if (has_none(&files))
		return refuse_none(run);
	if (cert_read_all(files.ca_cert, run->arena, &facts, &n, &said))
		return command_failed(EX_NOINPUT, said);
	printf("The local certificate authority is\n  %s\n  SHA-256 %.*s\n\n"
	       "curl, for one call:      curl --cacert %s https://localhost:%.*s/healthz\n"
	       "Debian, system-wide:     sudo openssl x509 -in %s -out /usr/local/share/ca-certificates/recordd.crt && "
	       "sudo update-ca-certificates\n"
	       "Chromium on Linux:       openssl x509 -in %s | certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n \"recordd %.8s\"\n"
	       "                         (certutil: apt install libnss3-tools)\n"
	       "Firefox:                 Settings, Privacy & Security, View Certificates, Authorities, Import\n"
	       "Phones:                  open %.*s, compare the SHA-256, install it as a CA certificate\n\n",
	       files.ca_cert, STR_ARG(facts[0].sha256), files.ca_cert, STR_ARG(https_port(run)), files.ca_cert,
	       files.ca_cert, facts[0].serial.at, STR_ARG(download(run)));
	if (n > 1)
		printf("It replaces %zu former one%s, which vouch%s for it: who trusts one of those need not change anything.\n", n - 1,
		       n > 2 ? "s" : "", n > 2 ? "" : "es");
	printf("Only this machine's recordd holds its key (%s, mode 0600). Remove the trust when you remove recordd.\n", files.ca_key);
	return EX_OK;
}
