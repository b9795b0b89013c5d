/* SPDX-License-Identifier: MIT */
/* recordd call: a method of gRPC, by what the server tells of it. */
#include <errno.h>
#include <string.h>
#include <sysexits.h>

#include "app/proto_files.h"
#include "cli/call_schema.h"
#include "cli/command.h"
#include "grpc/reflection/v1/reflection.pb-c.h"
#include "http/rpc_client.h"

enum { LARGEST_INPUT = 64 << 20, SCRATCH = 128 << 20, DEFAULT_TLS_PORT = 443, DEFAULT_CLEAR_PORT = 80 };

/* Where gRPC's codes go among the exit codes of commands. */
static const int exit_codes[N_GRPC_CODES] = {
	[GRPC_OK] = EX_OK,
	[GRPC_CANCELLED] = EX_TEMPFAIL,
	[GRPC_UNKNOWN] = EX_PROTOCOL,
	[GRPC_INVALID_ARGUMENT] = EX_DATAERR,
	[GRPC_DEADLINE_EXCEEDED] = EX_TEMPFAIL,
	[GRPC_NOT_FOUND] = EX_NOINPUT,
	[GRPC_ALREADY_EXISTS] = EX_CANTCREAT,
	[GRPC_PERMISSION_DENIED] = EX_NOPERM,
	[GRPC_RESOURCE_EXHAUSTED] = EX_TEMPFAIL,
	[GRPC_FAILED_PRECONDITION] = EX_DATAERR,
	[GRPC_ABORTED] = EX_TEMPFAIL,
	[GRPC_OUT_OF_RANGE] = EX_DATAERR,
	[GRPC_UNIMPLEMENTED] = EX_USAGE,
	[GRPC_INTERNAL] = EX_SOFTWARE,
	[GRPC_UNAVAILABLE] = EX_UNAVAILABLE,
	[GRPC_DATA_LOSS] = EX_SOFTWARE,
	[GRPC_UNAUTHENTICATED] = EX_NOPERM,
};

struct calling {
	struct arena *arena;
	struct rpc_client *client;
	struct str service, method, token;
	struct schema *schema;
	struct schema_method found;
	struct str said; /* what is wrong, here or there */
};

/* ── Where to ── */

static bool read_address(struct str text, struct arena *arena, struct dial_settings *out)
{
	struct str port = STR_ABSENT, host = text;
	int64_t number;

	out->clear = str_starts(text, STR("http://"));
	if (out->clear || str_starts(text, STR("https://")))
		host = str_skip(text, out->clear ? 7 : 8);
	host = str_cut(host, '/', &port);
	size_t colon = host.len;
	while (colon && host.at[colon - 1] != ':')
		colon--;
	if (colon && str_find_char(str_skip(host, colon), ']') == host.len - colon) {
		port = str_skip(host, colon);
		host = str_first(host, colon - 1);
	} else {
		port = STR_ABSENT;
	}
	if (str_starts(host, STR("[")) && str_ends(host, STR("]")))
		host = str_first(str_skip(host, 1), host.len - 2);
	number = out->clear ? DEFAULT_CLEAR_PORT : DEFAULT_TLS_PORT;
	out->host = arena_copy(arena, host);
	if (str_present(port) && !str_to_int(port, 1, UINT16_MAX, &number))
		return false;
	out->port = (int)number;
	return host.len > 0;
}

/* The server of this data directory, unless another is named. EX_OK, or a code with *said. */
static int find_server(const struct invocation *run, struct dial_settings *out, struct str *said)
{
	struct arena *arena = run->arena;
	struct str dir = config_data_dir(&run->config, arena);
	struct str address = str_of(run->options.address);

	if (!str_present(address) && run->config.server_https_port == CONFIG_PORT_AUTO) {
		*said = STR("server.https_port is auto: --address must say where the server is");
		return EX_USAGE;
	}
	if (!str_present(address))
		address = arena_printf(arena, "localhost:%lld", (long long)run->config.server_https_port);
	out->ca_file = arena_printf(arena, "%.*s/tls/ca.pem", STR_ARG(dir)).at;
	if (read_address(address, arena, out))
		return EX_OK;
	*said = arena_printf(arena, "%.*s is no address, such as localhost:8443 or http://127.0.0.1:50051",
			     STR_ARG(address));
	return EX_USAGE;
}

/* ── What the server tells of the method ── */

static bool take_files(void *arg, struct str message)
{
	struct calling *calling = arg;
	struct proto_message answer, files, error;
	struct str part, rest;

	if (proto_read(&answer, &grpc__reflection__v1__server_reflection_response__descriptor, message, calling->arena,
		       &calling->said))
		return false;
	int at = proto_field_at(answer.type, STR("file_descriptor_response"));
	int error_at = proto_field_at(answer.type, STR("error_response"));
	if (proto_is_set(&answer, error_at)) {
		const ProtobufCMessageDescriptor *type = answer.type->fields[error_at].descriptor;
		if (!proto_read(&error, type, proto_part(&answer, error_at, calling->arena), calling->arena,
				&calling->said))
			calling->said =
				arena_printf(calling->arena, "there is no service %.*s", STR_ARG(calling->service));
		return false;
	}
	struct str bytes = arena_copy(calling->arena, proto_part(&answer, at, calling->arena));
	if (proto_read(&files, answer.type->fields[at].descriptor, bytes, calling->arena, &calling->said))
		return false;
	for (rest = files.bytes; proto_each(&files, 0, &rest, &part);)
		if (!schema_add(calling->schema, part))
			return false;
	return true;
}

/* EX_OK when calling->found is the method. */
static int reflect(struct calling *calling)
{
	owned(buf_free) struct buf question = buf_of(4096);
	struct str said;

	wire_put_bytes(&question, 4, calling->service); /* file_containing_symbol */
	struct str message = arena_copy(calling->arena, buf_str(&question));
	struct rpc_call call = { .path = STR("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"),
				 .token = calling->token,
				 .messages = { &message, 1 },
				 .received = take_files,
				 .arg = calling };
	if (!rpc_client_call(calling->client, &call, &said)) {
		calling->said = said;
		return EX_UNAVAILABLE;
	}
	if (calling->said.len)
		return EX_USAGE;
	if (call.code) {
		calling->said = arena_printf(calling->arena, "no reflection: %s: %.*s", grpc_code_name(call.code),
					     STR_ARG(call.said));
		return exit_codes[call.code];
	}
	if (schema_find(calling->schema, calling->service, calling->method, &calling->found))
		return EX_OK;
	calling->said = arena_printf(calling->arena, "%.*s has no method %.*s", STR_ARG(calling->service),
				     STR_ARG(calling->method));
	return EX_USAGE;
}

/* ── What is sent ── */

static bool write_message(struct calling *calling, struct str json, struct str *message)
{
	owned(buf_free) struct buf bytes = buf_of(LARGEST_INPUT);
	struct proto_writer writer = { .strict = true };
	struct str said = STR("is too large");

	if (proto_write(&writer, calling->found.request, json, &bytes, &said) && !buf_failed(&bytes)) {
		*message = arena_copy(calling->arena, buf_str(&bytes));
		return str_present(*message);
	}
	calling->said =
		arena_printf(calling->arena, "%s %.*s", writer.where ? writer.where : "the message", STR_ARG(said));
	return false;
}

static struct str read_input(struct arena *arena)
{
	owned(buf_free) struct buf text = buf_of(LARGEST_INPUT);
	size_t n;

	do {
		char *room = buf_reserve(&text, 4096);
		n = room ? fread(room, 1, 4096, stdin) : 0;
		if (n)
			buf_commit(&text, n);
	} while (n);
	return arena_copy(arena, buf_str(&text));
}

/* The argument is the message; of '-' each line of standard input is one. */
static bool read_messages(struct calling *calling, const char *argument, struct str_list *out)
{
	bool lines = str_equal(str_of(argument), STR("-"));
	struct str text = lines ? read_input(calling->arena) : str_of(argument);
	size_t n = 1;

	for (size_t i = 0; lines && i < text.len; i++)
		n += text.at[i] == '\n';
	*out = (struct str_list){ arena_array(calling->arena, n, sizeof(struct str)), 0 };
	while (out->items && str_present(text)) {
		struct str line = lines ? str_cut(text, '\n', &text) : text;
		if (!str_blank(str_trim(line)) && !write_message(calling, line, &out->items[out->n++]))
			return false;
		if (!lines)
			break;
	}
	calling->said = STR("this method takes one message");
	return out->items && (calling->found.client_streams || out->n == 1);
}

/* ── What comes ── */

static bool print_message(void *arg, struct str bytes)
{
	struct calling *calling = arg;
	owned(arena_drop) struct arena *scratch = arena_new(SCRATCH);
	owned(buf_free) struct buf text = buf_of(SCRATCH);
	struct json_out out = json_out_of(&text);
	struct proto_message message;

	if (!scratch || proto_read(&message, calling->found.response, bytes, scratch, &calling->said)) {
		calling->said = STR("the answer is not what reflection told of");
		return false;
	}
	proto_put_message(&out, &message, scratch);
	printf("%.*s\n", STR_ARG(buf_str(&text)));
	return !fflush(stdout);
}

/* The fields of a google.rpc.BadRequest within a google.rpc.Status, a line each. */
static void print_details(struct str status)
{
	struct str any, bad, row;

	while (str_present(any = proto_files_next(&status, 3))) {
		struct str url = any, value = any;
		url = proto_files_next(&url, 1);
		bad = proto_files_next(&value, 2);
		if (!str_present(url) || !str_ends(url, STR("/google.rpc.BadRequest")) || !str_present(bad))
			continue;
		while (str_present(row = proto_files_next(&bad, 1))) {
			struct str name = row, what = row;
			name = proto_files_next(&name, 1);
			what = proto_files_next(&what, 2);
			fprintf(stderr, "  %.*s: %.*s\n", STR_ARG(name), STR_ARG(what));
		}
	}
}

static int call_method(struct calling *calling, const char *json)
{
	struct rpc_call call = { .token = calling->token, .received = print_message, .arg = calling };
	struct str said;

	if (!read_messages(calling, json, &call.messages))
		return command_failed(EX_DATAERR, calling->said);
	calling->said = STR("");
	call.path = arena_concat(calling->arena,
				 (struct str[]){ STR("/"), calling->service, STR("/"), calling->method }, 4);
	if (!rpc_client_call(calling->client, &call, &said))
		return command_failed(EX_UNAVAILABLE, said);
	if (calling->said.len)
		return command_failed(EX_PROTOCOL, calling->said);
	if (call.code == GRPC_OK)
		return EX_OK;
	int code = command_failed(exit_codes[call.code], arena_printf(calling->arena, "%s: %.*s",
								      grpc_code_name(call.code), STR_ARG(call.said)));
	if (str_present(call.details))
		print_details(call.details);
	return code;
}

static int call_over(struct invocation *run, struct dial *dial, struct str authority)
{
	const char *token = run->options.token ? run->options.token : getenv("RECORDD_TOKEN");
	struct arena *arena = arena_new(SCRATCH);
	struct calling calling = { .arena = arena, .token = str_of(token), .said = STR("") };
	int code = EX_OSERR;

	calling.service = str_cut(str_of(run->argument), '/', &calling.method);
	calling.client = arena ? rpc_client_new(dial, authority, arena) : NULL;
	calling.schema = arena ? schema_new(arena) : NULL;
	if (calling.client && calling.schema) {
		code = reflect(&calling);
		code = code ? command_failed(code, calling.said) : call_method(&calling, run->second);
	}
	rpc_client_free(calling.client);
	arena_free(arena);
	return code;
}

int cmd_call(struct invocation *run)
{
	struct dial_settings settings = { 0 };
	struct str method, said = STR_ABSENT;

	(void)str_cut(str_of(run->argument), '/', &method);
	if (!str_present(method))
		return command_failed(EX_USAGE, STR("a method is named as in records.RecordsService/GetRecord"));
	int error = find_server(run, &settings, &said);
	if (error)
		return command_failed(error, said);
	struct dial *dial = dial_open(&settings, run->arena, &said);
	if (!dial)
		return command_failed(EX_UNAVAILABLE, said);
	int code = call_over(run, dial, arena_printf(run->arena, "%.*s:%d", STR_ARG(settings.host), settings.port));
	dial_close(dial);
	return code;
}
