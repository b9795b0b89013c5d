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

/* Appends the whole exposition. */
void metrics_render(struct buf *to);

#endif
