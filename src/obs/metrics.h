/* SPDX-License-Identifier: MIT */
/*
 * The metrics registry: every metric without varying labels is a row of metrics.def; the requests' own (by route,
 * method, status and protocol) are a family. Belongs to the loop's thread. Rendered as Prometheus text 0.0.4.
 */
#ifndef OBS_METRICS_H
#define OBS_METRICS_H

#include "base/buf.h"

enum metric {
#define COUNTER(name, exposed, help) METRIC_##name,
#define GAUGE(name, exposed, help) METRIC_##name,
#include "obs/metrics.def"
#undef COUNTER
#undef GAUGE
	N_METRICS
};

void metric_add(enum metric metric, int64_t by);
void metric_set(enum metric metric, int64_t value);
int64_t metric_get(enum metric metric);

/* Request latency in microseconds, into a log-linear histogram by route and a counter by (route, method, status, protocol). */
void metrics_request(const char *route, struct str method, int status, const char *protocol, int64_t us);
/* Time to wait for a database result, in microseconds, by statement. */
void metrics_query(const char *statement, int64_t us);

/*
 * What happened to a gRPC method's calls, by the names that the ecosystem's dashboards expect (grpc_server_…). Rows are
 * made once and live as long as the program; past METRICS_RPCS of them, the last one counts for all that come.
 */
enum { METRICS_RPCS = 128, METRICS_RPC_CODES = 17, METRICS_RPC_NAME = 64 };
struct metrics_rpc {
	const char *type;
	char service[METRICS_RPC_NAME], method[METRICS_RPC_NAME];
	const char *(*code_name)(size_t code);
	uint64_t started, received, sent, handled[METRICS_RPC_CODES];
};
/* The row of that service and method, whose names are copied. `type` is a literal. */
struct metrics_rpc *metrics_rpc_row(const char *type, struct str service, struct str method,
				    const char *(*code_name)(size_t code));

/* Appends the whole exposition. */
void metrics_render(struct buf *to);

#endif
