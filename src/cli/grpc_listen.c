/* SPDX-License-Identifier: MIT */
/* grpc.listen: gRPC in clear, for clients on this machine. */
#include <sysexits.h>

#include "cli/server.h"

enum { MAX_PORT = 65535 };

/* "127.0.0.1:50051", "[::1]:50051", "localhost:50051". */
static bool split(struct str text, struct str *address, int64_t *port)
{
	size_t colon = text.len;

	while (colon && text.at[colon - 1] != ':')
		colon--;
	if (!colon || !str_to_int(str_skip(text, colon), 0, MAX_PORT, port))
		return false;
	*address = str_first(text, colon - 1);
	if (str_starts(*address, STR("[")) && str_ends(*address, STR("]")))
		*address = str_first(str_skip(*address, 1), address->len - 2);
	if (str_equal(*address, STR("localhost")))
		*address = STR("127.0.0.1");
	return address->len > 0;
}

static bool is_loopback(struct str address)
{
	return str_starts(address, STR("127.")) || str_equal(address, STR("::1"));
}

int server_open_grpc(struct server *server, struct str *said)
{
	static const struct protocol *const protocols[] = { &grpc_protocol, NULL };
	struct arena *arena = server->run->arena;
	struct str text = str_trim(server->config.grpc_listen), address;
	struct listener_settings settings = wire_listeners(server, arena);
	int64_t port;

	if (!text.len)
		return EX_OK;
	if (!split(text, &address, &port)) {
		*said = arena_printf(arena,
				     "grpc.listen = %.*s: an address and a port are needed, such as 127.0.0.1:50051",
				     STR_ARG(text));
		return EX_CONFIG;
	}
	if (!is_loopback(address)) {
		*said = arena_printf(
			arena,
			"grpc.listen = %.*s: what is sent in clear, tokens too, must not leave this machine: only "
			"loopback addresses are allowed (other machines find gRPC on the HTTPS port)",
			STR_ARG(text));
		return EX_CONFIG;
	}
	settings.addresses = (struct str_list){ &address, 1 };
	settings.port = (int)port;
	settings.with_udp = false;
	settings.tls = NULL;
	settings.protocols = protocols;
	return listeners_open(&server->loop, &settings, arena, &server->grpc_listeners, said) ? EX_UNAVAILABLE : EX_OK;
}
