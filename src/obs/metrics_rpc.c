/* SPDX-License-Identifier: MIT */
/* Counts of gRPC's calls by method. */
#include "obs/metrics_rpc.h"

#include <string.h>

static struct metrics_rpc rows[METRICS_RPCS];
static size_t n_rows;

static void copy_name(char to[METRICS_RPC_NAME], struct str name)
{
	snprintf(to, METRICS_RPC_NAME, "%.*s", STR_ARG(name));
}

static bool is_row_of(const struct metrics_rpc *row, struct str service, struct str method)
{
	return str_equal(str_of(row->service), service) && str_equal(str_of(row->method), method);
}

struct metrics_rpc *metrics_rpc_row(const char *type, struct str service, struct str method,
				    const char *(*code_name)(size_t code))
{
	for (size_t i = 0; i < n_rows; i++)
		if (is_row_of(&rows[i], service, method))
			return &rows[i];
	if (n_rows == METRICS_RPCS)
		return &rows[n_rows - 1];
	struct metrics_rpc *row = &rows[n_rows++];
	row->type = type;
	row->code_name = code_name;
	copy_name(row->service, service);
	copy_name(row->method, method);
	return row;
}

static void render_labels(struct buf *to, const char *family, const struct metrics_rpc *row)
{
	buf_printf(to, "%s{grpc_type=\"%s\",grpc_service=\"%s\",grpc_method=\"%s\"", family, row->type, row->service,
		   row->method);
}

static void render_count(struct buf *to, const char *family, const char *help, size_t offset)
{
	buf_printf(to, "# HELP %s %s\n# TYPE %s counter\n", family, help, family);
	for (size_t i = 0; i < n_rows; i++) {
		uint64_t n;
		memcpy(&n, (const char *)&rows[i] + offset, sizeof(n));
		render_labels(to, family, &rows[i]);
		buf_printf(to, "} %llu\n", (unsigned long long)n);
	}
}

/* Codes that never happened are left out. */
static void render_handled(struct buf *to)
{
	static const char family[] = "grpc_server_handled_total";

	buf_printf(to, "# HELP %s RPCs completed, by status\n# TYPE %s counter\n", family, family);
	for (size_t i = 0; i < n_rows; i++) {
		for (size_t code = 0; code < METRICS_RPC_CODES; code++) {
			if (!rows[i].handled[code])
				continue;
			render_labels(to, family, &rows[i]);
			buf_printf(to, ",grpc_code=\"%s\"} %llu\n", rows[i].code_name(code),
				   (unsigned long long)rows[i].handled[code]);
		}
	}
}

void metrics_rpc_render(struct buf *to)
{
	if (n_rows == 0)
		return;
	render_count(to, "grpc_server_started_total", "RPCs begun", offsetof(struct metrics_rpc, started));
	render_handled(to);
	render_count(to, "grpc_server_msg_received_total", "Messages received by RPCs",
		     offsetof(struct metrics_rpc, received));
	render_count(to, "grpc_server_msg_sent_total", "Messages sent by RPCs", offsetof(struct metrics_rpc, sent));
}
