/* SPDX-License-Identifier: MIT */
/* The part of the metrics that counts gRPC's calls, for metrics.c. */
#ifndef OBS_METRICS_RPC_H
#define OBS_METRICS_RPC_H

#include "obs/metrics.h"

/* Appends the families grpc_server_…; nothing while there are no rows. */
void metrics_rpc_render(struct buf *to);

#endif
